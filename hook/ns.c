/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <unistd.h>

#include "hook/confine.h"
#include "hook/sys.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

/* include/linux/proc_ns.h: the initial user namespace has this inode on every kernel. */
#define INITIAL_USER_NS 0xEFFFFFFDu

/* 340 lines of three ten-digit numbers and the blanks between them. */
#define MAP_BYTES_MAX (IDMAP_EXTENTS_MAX * 36)

int ns_check_pid(pid_t pid, struct err *err)
{
	if (pid > 1)
		return 0;
	return err_set(err, EX_DATAERR, 0,
		       "state on standard input: pid is %s; use this program as a createRuntime or "
		       "prestart hook (createContainer and startContainer hooks run inside the "
		       "container and get no usable pid)",
		       pid == 1 ? "1" : "0 or missing");
}

int ns_check_caller(struct err *err)
{
	struct statx stx;
	int r = sys_stat(AT_FDCWD, "/proc/self/ns/user", 0, &stx);

	if (r < 0)
		return err_set(err, EX_OSERR, -r, "/proc/self/ns/user");
	if (stx.stx_ino != INITIAL_USER_NS)
		return err_set(
			err, EX_UNAVAILABLE, 0,
			"host: this engine runs in a user namespace itself (rootless), and the "
			"kernel lets only the host's root delegate BPF; run the container with a "
			"rootful engine, for example sudo podman run --userns=auto");
	if (!confine_is_privileged())
		return err_set(err, EX_UNAVAILABLE, 0,
			       "host: this hook runs without CAP_SYS_ADMIN; run the container with "
			       "a rootful engine");
	return 0;
}

int ns_refuse_user(struct err *err)
{
	return err_set(err, EX_UNAVAILABLE, 0,
		       "container: it has no user namespace of its own, and BPF tokens exist "
		       "nowhere else; start it with one (podman --userns=auto, Kubernetes "
		       "hostUsers: false)");
}

int ns_refuse_mount(struct err *err)
{
	return err_set(err, EX_UNAVAILABLE, 0,
		       "container: it shares the host's mount namespace, so the bpffs would land "
		       "on the host; give it a mount namespace of its own");
}

int ns_root_uid(const struct idmap *uids, uid_t *ret_uid, struct err *err)
{
	if (idmap_outside(uids, 0, ret_uid) == 0)
		return 0;
	return err_set(err, EX_UNAVAILABLE, 0,
		       "container: its root (user 0) has no id on the host; map user 0 in the "
		       "container's user namespace");
}

void ns_target_done(struct ns_target *target)
{
	defer_close_fd(&target->pidfd);
	defer_close_fd(&target->process_fd);
	defer_close_fd(&target->proc_fd);
	idmap_done(&target->uids);
	idmap_done(&target->gids);
}

/* The host's procfs, and of this process's own pid namespace: the numbers must mean the same. */
static int open_proc(int *ret_fd, struct err *err)
{
	defer_close int fd = sys_open(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY, 0);
	char self[16], own[16];
	struct text text;
	int64_t type = 0;
	ssize_t n = fd < 0 ? fd : sys_readlink(fd, "self", self, sizeof(self) - 1);

	if (n >= 0)
		n = sys_fs_type(fd, &type) < 0 ? -EIO : n;
	if (n < 0)
		return err_set(err, EX_OSERR, (int)-n, "/proc");
	self[n] = '\0';
	text_init(&text, own, sizeof(own));
	text_add(&text, "%d", (int)getpid());
	if (type != PROC_SUPER_MAGIC || strcmp(self, own) != 0)
		return err_set(err, EX_OSERR, 0,
			       "/proc: it is not the procfs of this pid namespace; mount one "
			       "there");
	*ret_fd = take_fd(&fd);
	return 0;
}

/*
 * True when dir (a process's directory) and this process have the same namespace of that type: their
 * links then have one text, "net:[4026531840]". Following them would make inodes of them first.
 */
static int is_shared(const struct ns_target *target, int dir, const char *type, bool *ret_shared,
		     struct err *err)
{
	char theirs[16], ours[24], a[40], b[40];
	struct text text;
	ssize_t n, m;

	text_init(&text, theirs, sizeof(theirs));
	text_add(&text, "ns/%s", type);
	text_init(&text, ours, sizeof(ours));
	text_add(&text, "self/ns/%s", type);
	n = sys_readlink(dir, theirs, a, sizeof(a));
	m = n < 0 ? n : sys_readlink(target->proc_fd, ours, b, sizeof(b));
	if (m < 0)
		return err_set(err, EX_OSERR, (int)-m, "container: its %s namespace", type);
	*ret_shared = n == m && memcmp(a, b, (size_t)n) == 0;
	return 0;
}

/*
 * The kernel gives a namespace's powers to its owner and to whoever has them in its parent. A child
 * of another container's namespace would hand that container what this one is given.
 */
static int check_user_namespace(int dir, struct err *err)
{
	defer_close int fd = sys_open(dir, "ns/user", O_RDONLY, 0);
	struct statx stx = { 0 };
	uid_t owner = 0;
	int r = fd < 0 ? fd : sys_stat(fd, "", AT_EMPTY_PATH, &stx);

	if (r == 0 && stx.stx_ino == INITIAL_USER_NS) /* the caller's, by ns_check_caller */
		return ns_refuse_user(err);
	defer_close int parent = r < 0 ? r : sys_ns_parent(fd);

	r = parent < 0 ? parent : sys_stat(parent, "", AT_EMPTY_PATH, &stx);
	if (r == 0)
		r = sys_ns_owner(fd, &owner);
	if (r < 0 && r != -EPERM) /* EPERM: the parent is beyond what this process may see */
		return err_set(err, EX_OSERR, -r, "container: its user namespace");
	if (r == -EPERM || stx.stx_ino != INITIAL_USER_NS)
		return err_set(err, EX_UNAVAILABLE, 0,
			       "container: its user namespace is a child of another container's; "
			       "start it from the host");
	if (owner != 0)
		return err_set(err, EX_UNAVAILABLE, 0,
			       "container: its user namespace belongs to user %u of the host; have "
			       "the engine make it as root",
			       owner);
	return 0;
}

static int check_namespaces(struct ns_target *target, int dir, struct err *err)
{
	bool mount;
	int r = is_shared(target, dir, "mnt", &mount, err);

	if (r < 0)
		return r;
	if (mount)
		return ns_refuse_mount(err);
	r = check_user_namespace(dir, err);
	if (r == 0)
		r = is_shared(target, dir, "net", &target->host_network, err);
	return r < 0 ? r : is_shared(target, dir, "cgroup", &target->host_cgroup, err);
}

static int read_map(int dir, const char *name, struct idmap *ret_map, struct err *err)
{
	defer_close int fd = sys_open(dir, name, O_RDONLY, 0);
	__attribute__((uninitialized)) char text[MAP_BYTES_MAX];
	size_t len = 0;
	ssize_t n = fd;
	int r;

	while (n >= 0 && len < sizeof(text)) {
		n = sys_read(fd, text + len, sizeof(text) - len);
		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
	}
	if (n < 0)
		return err_set(err, EX_OSERR, (int)-n, "container: its %s", name);
	r = idmap_parse(text, len, ret_map);
	if (r == -ENOMEM)
		return err_memory(err);
	if (r < 0)
		return err_set(err, EX_OSERR, 0, "container: its %s is not as kernels write it",
			       name);
	return 0;
}

/* Everything that is read by number, so before pidfd has the last word. */
static int read_process(struct ns_target *target, pid_t pid, struct err *err)
{
	char name[16];
	struct text text;
	int r;

	text_init(&text, name, sizeof(name));
	text_add(&text, "%d", (int)pid);
	int dir = sys_open(target->proc_fd, name, O_PATH | O_DIRECTORY, 0);

	if (dir < 0)
		return err_set(err, EX_OSERR, -dir, "container: process %d", (int)pid);
	target->process_fd = dir;
	r = check_namespaces(target, dir, err);
	if (r == -ENOENT) /* it has ended, and its parent has not looked yet */
		return err_set(err, EX_OSERR, ESRCH, "container: process %d ended meanwhile",
			       (int)pid);
	if (r == 0)
		r = read_map(dir, "uid_map", &target->uids, err);
	if (r == 0)
		r = read_map(dir, "gid_map", &target->gids, err);
	return r;
}

int ns_open(pid_t pid, struct ns_target *ret_target, struct err *err)
{
	defer_with(ns_target_done) struct ns_target target = { .pidfd = -1,
							       .process_fd = -1,
							       .proc_fd = -1 };
	int r, alive;

	target.pidfd = sys_pidfd_open(pid);
	if (target.pidfd < 0)
		return err_set(err, EX_OSERR, -target.pidfd,
			       "container: process %d (did its runtime end it?)", (int)pid);
	r = open_proc(&target.proc_fd, err);
	if (r == 0)
		r = read_process(&target, pid, err);
	/* The number may have gone to another process in between: then what was read is not its. */
	alive = sys_pidfd_signal(target.pidfd, 0);
	if (alive < 0 && alive != -EPERM) /* EPERM: alive, and not ours to signal */
		return err_set(err, EX_OSERR, -alive, "container: process %d ended meanwhile",
			       (int)pid);
	if (r < 0)
		return r;
	*ret_target = target;
	target = (struct ns_target){ .pidfd = -1, .process_fd = -1, .proc_fd = -1 };
	return 0;
}
