/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who does what, where, and why there (kernel.md 1.1 and 9, measured on 6.12, 6.18 and 7.2). The
 * hook never enters the container and touches no file system of its but its root directory; each
 * child (errand.h) enters its mount namespace and then its user namespace.
 *
 *  step               by       credentials  mount ns     because
 *  open root          hook     host         host         its path is the runtime's, below directories
 *                                                        that the container may not pass
 *  fsopen             child 1  container    container    the context remembers its opener's userns
 *  delegate_*, CREATE hook     host         host         both need CAP_SYS_ADMIN of the host
 *  fsmount            hook     host         host         detached: closing it dissolves it
 *  find destination   child 2  container    container    it sees no more than the container's root,
 *                                                        and what never answers holds up a child
 *  make directories   child 2  container    container    not what the tenant could not make itself
 *  slave, move_mount  child 2  container    container    last: what fails before leaves nothing;
 *                                                        one attaches to one's own namespace only
 *  verify             child 2  container    container    the path leads there, or it is taken away
 */
#include "hook/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>

#include "hook/errand.h"
#include "hook/input.h"
#include "hook/place.h"
#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

static const char *const delegate_key[NAMES_LISTS] = {
	[NAMES_CMDS] = "delegate_cmds",
	[NAMES_MAPS] = "delegate_maps",
	[NAMES_PROGS] = "delegate_progs",
	[NAMES_ATTACHS] = "delegate_attachs",
};

/* ---- the hook injected twice ---- */

/* One "allowed_cmds:\t0x30" or "...\tany" of a token's fdinfo. */
static bool parse_allowed(const char *fdinfo, const char *key, uint64_t *ret_mask)
{
	const char *line = strstr(fdinfo, key);
	uint64_t mask = 0;

	if (line == NULL)
		return false;
	line += strlen(key);
	if (strncmp(line, "any", 3) == 0) {
		*ret_mask = DELEGATION_ANY; /* the kernel's word for: every bit that it knows */
		return true;
	}
	if (strncmp(line, "0x", 2) != 0)
		return false;
	for (line += 2; *line != '\n' && *line != '\0'; line++)
		mask = mask << 4 | (uint64_t)(*line <= '9' ? *line - '0' : *line - 'a' + 10);
	*ret_mask = mask;
	return true;
}

/* What a token may do is what its bpffs delegates; its fdinfo says it in numbers. */
static int read_token(const struct ns_target *target, int token_fd, struct delegation *ret_have)
{
	static const char *const keys[NAMES_LISTS] = { "allowed_cmds:\t", "allowed_maps:\t",
						       "allowed_progs:\t", "allowed_attachs:\t" };
	char path[40], fdinfo[1024];
	struct text text;
	ssize_t n;

	text_init(&text, path, sizeof(path));
	text_add(&text, "self/fdinfo/%d", token_fd);
	defer_close int fd = sys_open(target->proc_fd, path, O_RDONLY, 0);

	n = fd < 0 ? fd : sys_read(fd, fdinfo, sizeof(fdinfo) - 1);
	if (n < 0)
		return (int)n;
	fdinfo[n] = '\0';
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		if (!parse_allowed(fdinfo, keys[list], &ret_have->masks[list]))
			return -EIO;
	return 0;
}

static void add_delegation(struct text *text, const struct delegation *delegation, uid_t uid,
			   gid_t gid, unsigned mode)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		text_add(text, "%s=0x%llx,", names_key(list),
			 (unsigned long long)delegation->masks[list]);
	text_add(text, "owner=%u:%u,mode=%04o", uid, gid, mode & 0777u);
}

/* A kernel shows "any" for a mask that has every bit it knows, and any other mask as it is. */
static bool same_delegation(const struct delegation *want, const struct delegation *have)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		uint64_t known = names_known(list), mask = want->masks[list];

		if (have->masks[list] == DELEGATION_ANY ? (mask & known) != known :
							  mask != have->masks[list])
			return false;
	}
	return true;
}

static int compare(const struct plan *plan, const struct delegation *have, const struct statx *stx,
		   struct err *err)
{
	const struct delegation *want = &plan->delegation;
	char there[256], asked[256];
	struct text text;

	if (same_delegation(want, have) && stx->stx_uid == plan->uid && stx->stx_gid == plan->gid &&
	    (stx->stx_mode & 0777) == plan->mode)
		return 0;
	text_init(&text, there, sizeof(there));
	add_delegation(&text, have, stx->stx_uid, stx->stx_gid, stx->stx_mode);
	text_init(&text, asked, sizeof(asked));
	add_delegation(&text, want, plan->uid, plan->gid, plan->mode);
	return err_set(err, EX_DATAERR, 0,
		       "path %s: the container has another delegation there already (%s; asked: "
		       "%s); ask in one place only, annotations or a CDI device",
		       quote(plan->path).text, there, asked);
}

static int judge_existing(const struct plan *plan, const struct ns_target *target,
			  const struct place *place, struct err *err)
{
	struct delegation have;
	struct statx stx = { 0 };
	int r = read_token(target, place->token_fd, &have);

	if (r == 0)
		r = sys_stat(place->bpffs_fd, "", AT_EMPTY_PATH, &stx);
	if (r < 0)
		return err_set(err, EX_OSERR, -r, "path %s: reading the bpffs that is there",
			       quote(plan->path).text);
	return compare(plan, &have, &stx, err);
}

/* ---- the file system ---- */

/* The kernel's own words about a context, where it has any (it has none for bad masks). */
static int fail_with_log(int fs_fd, int code, int errnum, const char *step, struct err *err)
{
	char log[160];
	ssize_t n = sys_read(fs_fd, log, sizeof(log) - 1);

	if (n <= 2)
		return err_set(err, code, errnum, "bpffs: %s", step);
	log[n] = '\0';
	return err_set(err, code, errnum, "bpffs: %s (kernel: %s)", step,
		       quote_bytes(log, strcspn(log, "\n")).text);
}

static int open_bpffs(void *ctx)
{
	(void)ctx;
	return sys_fsopen("bpf");
}

static int open_context(const struct ns_target *target, void *stack, int *ret_fd, struct err *err)
{
	const struct errand errand = { .pidfd = target->pidfd,
				       .patience = ERRAND_PATIENCE,
				       .work = open_bpffs };
	enum errand_step step;
	int fd = errand_run(&errand, stack, &step);

	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	if (step == ERRAND_AT_WORK && (fd == -ENODEV || fd == -ENOSYS))
		return err_set(err, EX_UNAVAILABLE, -fd,
			       "kernel: it has no bpffs; use one with CONFIG_BPF_SYSCALL, Linux "
			       "6.9 or later");
	if (fd == -ETIMEDOUT || fd == -ECHILD || fd == -ETIME)
		return err_set(err, EX_OSERR, 0,
			       "container: the helper in its user namespace was %s; nothing was "
			       "mounted, do not let the container's root see the host's processes",
			       fd == -ECHILD ? "killed" : "stopped");
	if (fd == -EPERM && step == ERRAND_AT_WORK)
		return err_set(err, EX_UNAVAILABLE, EPERM,
			       "container: its mount namespace does not belong to its user "
			       "namespace; have the runtime make both for the container");
	if (step == ERRAND_AT_WORK)
		return err_set(err, EX_OSERR, -fd, "container: fsopen");
	return err_set(err, EX_OSERR, -fd, "container: %s", errand_step_name(step));
}

/*
 * Kernels before 6.9 take any option and ignore it, so ask for what a kernel with delegation must
 * refuse: an empty list is EINVAL there, and leaves the context as it was.
 */
static int probe(int fs_fd, struct err *err)
{
	int r = sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, delegate_key[NAMES_CMDS], "");
	char log[160];

	if (r == -EINVAL) {
		sys_read(fs_fd, log, sizeof(log)); /* what it says of this is not for later */
		return 0;
	}
	if (r < 0)
		return fail_with_log(fs_fd, EX_OSERR, -r, "the probe for delegation", err);
	return err_set(err, EX_UNAVAILABLE, 0,
		       "kernel: it cannot delegate BPF (no BPF tokens); use Linux 6.9 or later");
}

static int set_option(int fs_fd, const char *key, const char *value, struct err *err)
{
	char step[64];
	struct text text;
	int r = sys_fsconfig(fs_fd, FSCONFIG_SET_STRING, key, value);

	if (r == 0)
		return 0;
	text_init(&text, step, sizeof(step));
	text_add(&text, "option %s=%s", key, value);
	return fail_with_log(fs_fd, EX_OSERR, -r, step, err);
}

/* Ids are the host's: the kernel reads them as the caller's user namespace has them. */
static int set_ownership(int fs_fd, const struct plan *plan, struct err *err)
{
	char uid[16], gid[16], mode[16];
	struct text text;
	int r;

	text_init(&text, uid, sizeof(uid));
	text_add(&text, "%u", plan->uid);
	text_init(&text, gid, sizeof(gid));
	text_add(&text, "%u", plan->gid);
	text_init(&text, mode, sizeof(mode));
	text_add(&text, "%04o", (unsigned)plan->mode);
	r = set_option(fs_fd, "uid", uid, err);
	if (r == 0)
		r = set_option(fs_fd, "gid", gid, err);
	return r < 0 ? r : set_option(fs_fd, "mode", mode, err);
}

/*
 * One call per list that is not empty: each costs a search through the kernel's type information
 * (155 us, kernel.md 1.4), and only a mask means the same to every kernel.
 */
static int set_delegation(int fs_fd, const struct delegation *delegation, struct err *err)
{
	int r = 0;

	for (enum names_list list = 0; r == 0 && list < NAMES_LISTS; list++) {
		uint64_t mask = delegation->masks[list];
		char value[24];
		struct text text;

		if (mask == 0)
			continue;
		text_init(&text, value, sizeof(value));
		if (mask == DELEGATION_ANY)
			text_add(&text, "any");
		else
			text_add(&text, "0x%llx", (unsigned long long)mask);
		r = set_option(fs_fd, delegate_key[list], value, err);
	}
	return r;
}

static int create(int fs_fd, struct err *err)
{
	int r = sys_fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL);

	if (r == -EPERM) /* Ubuntu's 6.8 takes the options and refuses here */
		return err_set(err, EX_UNAVAILABLE, EPERM,
			       "kernel: it takes the delegation and then refuses the bpffs; use "
			       "Linux 6.9 or later, or look for a security module's refusal in its "
			       "log");
	return r < 0 ? fail_with_log(fs_fd, EX_OSERR, -r, "creating it", err) : 0;
}

/* Yields a detached mount: closing it dissolves it. */
static int build(const struct plan *plan, const struct ns_target *target, void *stack,
		 int *ret_mount_fd, struct err *err)
{
	const unsigned attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	defer_close int fs_fd = -1;
	int mount_fd, r = open_context(target, stack, &fs_fd, err);

	if (r == 0)
		r = probe(fs_fd, err);
	if (r == 0)
		r = set_ownership(fs_fd, plan, err);
	if (r == 0)
		r = set_delegation(fs_fd, &plan->delegation, err);
	if (r == 0)
		r = create(fs_fd, err);
	if (r < 0)
		return r;
	mount_fd = sys_fsmount(fs_fd, attributes);
	if (mount_fd < 0)
		return fail_with_log(fs_fd, EX_OSERR, -mount_fd, "fsmount", err);
	*ret_mount_fd = mount_fd;
	return 0;
}

/* Of what the helpers may take together, in ms. */
static int patience_left(int64_t start)
{
	int64_t left = start + ERRAND_PATIENCE - input_clock();

	return left > ERRAND_PATIENCE_LEAST ? (int)left : ERRAND_PATIENCE_LEAST;
}

int mount_make(const struct plan *plan, const struct ns_target *target,
	       enum mount_outcome *ret_outcome, struct err *err)
{
	defer_with(place_done) struct place place = { .bpffs_fd = -1, .token_fd = -1 };
	defer_close int root_fd = -1, mount_fd = -1;
	enum place_outcome outcome = PLACE_DONE;
	int64_t start = input_clock();
	void *stack = errand_prepare(err);
	int r = stack == NULL ? -ENOMEM : dest_open_root(plan, target, &root_fd, err);

	place.dest.fd = -1;
	if (r == 0)
		r = build(plan, target, stack, &mount_fd, err);
	if (r == 0)
		r = place_mount(plan, target, root_fd, mount_fd, stack, patience_left(start),
				&place, &outcome, err);
	if (r == 0 && outcome == PLACE_EXISTS)
		r = judge_existing(plan, target, &place, err);
	if (outcome == PLACE_ABANDONED)
		*ret_outcome = MOUNT_ABANDONED;
	else if (r == 0)
		*ret_outcome = outcome == PLACE_EXISTS ? MOUNT_ALREADY : MOUNT_DONE;
	return r;
}
