/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "spec/base/poison.h"

_Static_assert(sizeof(long) == 8, "64-bit kernels only");

/* Of libc's sys/mount.h, which the kernel's excludes. */
#define MNT_DETACH 2

/* linux/bpf.h has it since 6.9. */
#define TOKEN_CREATE 36

int sys_open(int dir_fd, const char *path, int flags, mode_t mode)
{
	return (int)sys_call(SYS_openat, dir_fd, (long)path, flags | O_CLOEXEC, (long)mode, 0);
}

int sys_openat2(int dir_fd, const char *path, const struct open_how *how)
{
	return (int)sys_call(SYS_openat2, dir_fd, (long)path, (long)how, sizeof(*how), 0);
}

ssize_t sys_read(int fd, void *buf, size_t len)
{
	return sys_call(SYS_read, fd, (long)buf, (long)len, 0, 0);
}

ssize_t sys_readlink(int dir_fd, const char *path, char *buf, size_t cap)
{
	return sys_call(SYS_readlinkat, dir_fd, (long)path, (long)buf, (long)cap, 0);
}

int sys_stat(int dir_fd, const char *path, int flags, struct statx *ret_stx)
{
	return (int)sys_call(SYS_statx, dir_fd, (long)path, flags, STATX_BASIC_STATS | STATX_MNT_ID,
			     (long)ret_stx);
}

int sys_fs_type(int fd, int64_t *ret_type)
{
	struct statfs st;
	long r = sys_call(SYS_fstatfs, fd, (long)&st, 0, 0, 0);

	if (r < 0)
		return (int)r;
	*ret_type = st.f_type;
	return 0;
}

int sys_mkdir(int dir_fd, const char *name, mode_t mode)
{
	return (int)sys_call(SYS_mkdirat, dir_fd, (long)name, (long)mode, 0, 0);
}

int sys_rmdir(int dir_fd, const char *name)
{
	return (int)sys_call(SYS_unlinkat, dir_fd, (long)name, AT_REMOVEDIR, 0, 0);
}

int sys_pidfd_open(pid_t pid)
{
	return (int)sys_call(SYS_pidfd_open, pid, 0, 0, 0, 0);
}

int sys_pidfd_signal(int pidfd, int signal)
{
	return (int)sys_call(SYS_pidfd_send_signal, pidfd, signal, 0, 0, 0);
}

int sys_pidfd_reap(int pidfd)
{
	siginfo_t info;

	return (int)sys_call(SYS_waitid, P_PIDFD, pidfd, (long)&info, WEXITED, 0);
}

int sys_setns(int fd, int types)
{
	return (int)sys_call(SYS_setns, fd, types, 0, 0, 0);
}

int sys_ns_parent(int user_ns_fd)
{
	return (int)sys_call(SYS_ioctl, user_ns_fd, NS_GET_PARENT, 0, 0, 0);
}

int sys_ns_owner(int user_ns_fd, uid_t *ret_uid)
{
	return (int)sys_call(SYS_ioctl, user_ns_fd, NS_GET_OWNER_UID, (long)ret_uid, 0, 0);
}

int sys_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct timespec wait = { timeout / 1000, (long)(timeout % 1000) * 1000000 };

	return (int)sys_call(SYS_ppoll, (long)fds, (long)n, (long)&wait, 0, 0);
}

void sys_stay_on_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set); /* -1 is no CPU, and the call then fails */
	sys_call(SYS_sched_setaffinity, 0, sizeof(set), (long)&set, 0, 0);
}

int sys_setgroups_none(void)
{
	return (int)sys_call(SYS_setgroups, 0, 0, 0, 0, 0);
}

/* Both calls answer with the id that was in force; -1 is no id, so it only asks. */
static int set_fs_id(long number, uint32_t id)
{
	sys_call(number, (long)id, 0, 0, 0, 0);
	return (uint32_t)sys_call(number, -1, 0, 0, 0, 0) == id ? 0 : -EPERM;
}

int sys_setfsuid(uid_t uid)
{
	return set_fs_id(SYS_setfsuid, uid);
}

int sys_setfsgid(gid_t gid)
{
	return set_fs_id(SYS_setfsgid, gid);
}

int sys_capset(uint64_t capabilities)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)capabilities, (uint32_t)capabilities, 0 },
		{ (uint32_t)(capabilities >> 32), (uint32_t)(capabilities >> 32), 0 },
	};

	return (int)sys_call(SYS_capset, (long)&header, (long)data, 0, 0, 0);
}

int sys_fsopen(const char *type)
{
	return (int)sys_call(SYS_fsopen, (long)type, FSOPEN_CLOEXEC, 0, 0, 0);
}

int sys_fsconfig(int fs_fd, unsigned command, const char *key, const char *value)
{
	return (int)sys_call(SYS_fsconfig, fs_fd, command, (long)key, (long)value, 0);
}

int sys_fsmount(int fs_fd, unsigned attributes)
{
	return (int)sys_call(SYS_fsmount, fs_fd, FSMOUNT_CLOEXEC, attributes, 0, 0);
}

int sys_move_mount(int mount_fd, int target_fd)
{
	return (int)sys_call(SYS_move_mount, mount_fd, (long)"", target_fd, (long)"",
			     MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int sys_mount_setattr(int fd, const struct mount_attr *attr)
{
	return (int)sys_call(SYS_mount_setattr, fd, (long)"", AT_EMPTY_PATH, (long)attr,
			     sizeof(*attr));
}

int sys_fchdir(int fd)
{
	return (int)sys_call(SYS_fchdir, fd, 0, 0, 0, 0);
}

int sys_umount_here(void)
{
	return (int)sys_call(SYS_umount2, (long)".", MNT_DETACH, 0, 0, 0);
}

int sys_bpf_token_create(int bpffs_fd)
{
	struct { /* the token_create part of union bpf_attr */
		uint32_t flags;
		uint32_t bpffs_fd;
	} attr = { 0, (uint32_t)bpffs_fd };

	return (int)sys_call(SYS_bpf, TOKEN_CREATE, (long)&attr, sizeof(attr), 0, 0);
}
