/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hook's whole run is measured against: the same mount by the fewest system calls.
 *
 * Nothing is read, checked, logged or given up. Every value stands here, but for the two that only
 * exist at run time: the container's process and the destination below its root directory. The
 * benchmark compares the mount that comes of it with the hook's.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	int pidfd;
	int fs_fd;
};

/* The file system's context has to be opened with the container's own credentials. */
static int open_context(void *arg)
{
	struct shared *shared = arg;

	if (syscall(SYS_setns, shared->pidfd, CLONE_NEWUSER) == 0)
		shared->fs_fd = (int)syscall(SYS_fsopen, "bpf", FSOPEN_CLOEXEC);
	syscall(SYS_exit, 0);
	return 0;
}

static int run_child(struct shared *shared)
{
	_Alignas(16) static char stack[4096];
	pid_t pid = clone(open_context, stack + sizeof(stack),
			  CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, shared);

	return pid < 0 || syscall(SYS_wait4, pid, NULL, 0, NULL) < 0 || shared->fs_fd < 0 ? -1 : 0;
}

static long set(int fs_fd, const char *key, const char *value)
{
	return syscall(SYS_fsconfig, fs_fd, FSCONFIG_SET_STRING, key, value, 0);
}

/* The lists that the hook is asked for by name: delegations of fixture.c. */
static int configure(int fs_fd)
{
	if (set(fs_fd, "uid", "1600000000") < 0 || set(fs_fd, "gid", "1600000000") < 0 ||
	    set(fs_fd, "mode", "0700") < 0 || set(fs_fd, "delegate_cmds", "0x40021") < 0 ||
	    set(fs_fd, "delegate_maps", "0x8014a6e") < 0 ||
	    set(fs_fd, "delegate_progs", "0x42") < 0 ||
	    set(fs_fd, "delegate_attachs", "0x2a00000001") < 0)
		return -1;
	return (int)syscall(SYS_fsconfig, fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int attach(int fs_fd, int target_fd)
{
	const unsigned attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	int mount_fd = (int)syscall(SYS_fsmount, fs_fd, FSMOUNT_CLOEXEC, attributes);

	if (mount_fd < 0)
		return -1;
	return (int)syscall(SYS_move_mount, mount_fd, "", target_fd, "",
			    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static pid_t parse_pid(const char *text)
{
	pid_t pid = 0;

	while (*text != '\0')
		pid = pid * 10 + (*text++ - '0');
	return pid;
}

/* yardstick PID DESTINATION. The exit code says which step failed. */
int main(int argc, char **argv)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	struct shared shared = { -1, -1 };
	int target_fd;

	if (argc != 3 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		_exit(1);
	shared.pidfd = (int)syscall(SYS_pidfd_open, parse_pid(argv[1]), 0);
	if (shared.pidfd < 0 || syscall(SYS_setns, shared.pidfd, CLONE_NEWNS) < 0)
		_exit(2);
	target_fd = (int)syscall(SYS_openat2, AT_FDCWD, argv[2], &how, sizeof(how));
	if (target_fd < 0)
		_exit(3);
	if (run_child(&shared) < 0)
		_exit(4);
	if (configure(shared.fs_fd) < 0)
		_exit(5);
	if (attach(shared.fs_fd, target_fd) < 0)
		_exit(6);
	_exit(0);
}
