/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who does what, where, and why there (kernel.md 1.1 and 9, measured on 6.12, 6.18 and 7.2):
 *
 *  step               by       credentials  mount ns     because
 *  identify root      parent   host         host         its path is the runtime's
 *  setns(mount)       parent   host         host         keeps the host's capabilities
 *  find destination   parent   host         container    mounts attach to one's own namespace only
 *  fsopen             child    container    container    the context remembers its opener's userns
 *  delegate_*, CREATE parent   host         container    both need CAP_SYS_ADMIN of the host
 *  fsmount            parent   host         container
 *  make directories   parent   container's  container    not what the tenant could not make itself
 *                              file ids
 *  slave, move_mount  parent   host         container    last: what fails before leaves nothing
 */
#include "hook/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sched.h>
#include <string.h>

#include "hook/dest.h"
#include "hook/errand.h"
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
		       "%s); "
		       "ask in one place only, annotations or a CDI device",
		       quote(plan->path).text, there, asked);
}

/*
 * Tells whether the destination is a delegated bpffs of this container's user namespace, by making a
 * token of it: the kernel refuses that for any other bpffs, and the new one then goes on top.
 * Returns 1 when it is there as planned, 0 when there is none, or a negative errno with err filled.
 */
static int find_existing(const struct plan *plan, const struct ns_target *target,
			 const struct dest *dest, struct err *err)
{
	struct delegation have;
	struct statx stx = { 0 };
	enum errand_step step = ERRAND_AT_CLONE;
	int64_t type;
	int r;

	if (dest->fd < 0)
		return 0;
	r = sys_fs_type(dest->fd, &type);
	if (r < 0)
		return err_set(err, EX_OSERR, -r, "path %s", quote(plan->path).text);
	if (type != BPF_FS_MAGIC)
		return 0;
	defer_close int fd = sys_open(dest->fd, ".", O_RDONLY | O_DIRECTORY, 0);
	defer_close int token_fd = fd < 0 ? fd : errand_run(ERRAND_TOKEN, target->pidfd, fd, &step);

	if (step == ERRAND_AT_WORK &&
	    (token_fd == -EPERM || token_fd == -ENOENT || token_fd == -EINVAL))
		return 0;
	r = token_fd < 0 ? token_fd : read_token(target, token_fd, &have);
	if (r == 0)
		r = sys_stat(fd, "", AT_EMPTY_PATH, &stx);
	if (r < 0)
		return err_set(err, EX_OSERR, -r, "path %s: reading the bpffs that is there",
			       quote(plan->path).text);
	r = compare(plan, &have, &stx, err);
	return r < 0 ? r : 1;
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

static int open_context(const struct ns_target *target, int *ret_fd, struct err *err)
{
	enum errand_step step;
	int fd = errand_run(ERRAND_FSOPEN, target->pidfd, -1, &step);

	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	if (step == ERRAND_AT_WORK && (fd == -ENODEV || fd == -ENOSYS))
		return err_set(err, EX_UNAVAILABLE, -fd,
			       "kernel: it has no bpffs; use one with CONFIG_BPF_SYSCALL, Linux "
			       "6.9 or "
			       "later");
	if (fd == -ETIMEDOUT || fd == -ECHILD)
		return err_set(err, EX_OSERR, 0,
			       "container: the helper in its user namespace was %s; nothing was "
			       "mounted, do not let the container's root see the host's processes",
			       fd == -ETIMEDOUT ? "stopped" : "killed");
	if (fd == -EPERM && step == ERRAND_AT_WORK)
		return err_set(err, EX_UNAVAILABLE, EPERM,
			       "container: its mount namespace does not belong to its user "
			       "namespace; "
			       "have the runtime make both for the container");
	return err_set(err, EX_OSERR, -fd, "container: %s", errand_step_name(ERRAND_FSOPEN, step));
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
			       "Linux "
			       "6.9 or later, or look for a security module's refusal in its log");
	return r < 0 ? fail_with_log(fs_fd, EX_OSERR, -r, "creating it", err) : 0;
}

/* Yields a detached mount: closing it dissolves it. */
static int build(const struct plan *plan, const struct ns_target *target, int *ret_mount_fd,
		 struct err *err)
{
	const unsigned attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	defer_close int fs_fd = -1;
	int mount_fd, r = open_context(target, &fs_fd, err);

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

static int attach(int mount_fd, const struct plan *plan, struct dest *dest, struct err *err)
{
	int r = dest->fd < 0 ? dest_make(dest, plan, err) : 0;

	if (r == 0)
		r = dest_stop_propagation(dest, err);
	if (r == 0) {
		r = sys_move_mount(mount_fd, dest->fd);
		if (r < 0)
			err_set(err, EX_OSERR, -r, "path %s: attaching the bpffs",
				quote(plan->path).text);
	}
	if (r < 0)
		dest_unmake(dest, plan);
	return r;
}

int mount_make(const struct plan *plan, const struct ns_target *target,
	       enum mount_outcome *ret_outcome, struct err *err)
{
	struct dest_identity identity;
	defer_with(dest_done) struct dest dest = { .root_fd = -1, .fd = -1 };
	defer_close int mount_fd = -1;
	int r = dest_identify(plan->root, &identity, err);

	if (r < 0)
		return r;
	r = sys_setns(target->pidfd, CLONE_NEWNS);
	if (r < 0)
		return err_set(err, EX_OSERR, -r, "container: entering its mount namespace");
	r = dest_find(plan, &identity, &dest, err);
	if (r == 0)
		r = find_existing(plan, target, &dest, err);
	if (r < 0)
		return r;
	if (r > 0) {
		*ret_outcome = MOUNT_ALREADY;
		return 0;
	}
	r = build(plan, target, &mount_fd, err);
	if (r == 0)
		r = attach(mount_fd, plan, &dest, err);
	if (r == 0)
		*ret_outcome = MOUNT_DONE;
	return r;
}
