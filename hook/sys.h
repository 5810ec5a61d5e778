/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_SYS_H
#define HOOK_SYS_H

/*
 * The system calls of the hook's job, each once, with negative errno results.
 *
 * All of them pass through sys_call, so that a test can make the n-th one fail, and so that the
 * child of errand_run, which shares the hook's memory, makes them without libc's help. (What
 * confines the process, and clone, which needs libc's hand for the stack, do not.) What each needs
 * in privilege and namespace stands where it is used. 64-bit kernels only: there libc's structures
 * are the kernel's.
 */

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct mount_attr;
struct open_how;

/* One system call. Yields its result, or a negative errno. */
long sys_call(long number, long a, long b, long c, long d, long e);

/* Files. Descriptors are always close-on-exec. flags of sys_stat: AT_EMPTY_PATH and its like. */
int sys_open(int dir_fd, const char *path, int flags, mode_t mode);
int sys_openat2(int dir_fd, const char *path, const struct open_how *how);
ssize_t sys_read(int fd, void *buf, size_t len);
ssize_t sys_readlink(int dir_fd, const char *path, char *buf, size_t cap);
int sys_stat(int dir_fd, const char *path, int flags, struct statx *ret_stx);
int sys_fs_type(int fd, int64_t *ret_type);
int sys_mkdir(int dir_fd, const char *name, mode_t mode);
int sys_rmdir(int dir_fd, const char *name);

/* Processes and namespaces. Signal 0 asks whether the process is alive. timeout in ms. */
int sys_pidfd_open(pid_t pid);
int sys_pidfd_signal(int pidfd, int signal);
int sys_pidfd_reap(int pidfd);
int sys_setns(int fd, int types);
int sys_ns_parent(int user_ns_fd);		  /* a descriptor of the parent; 4.9 */
int sys_ns_owner(int user_ns_fd, uid_t *ret_uid); /* 4.11 */
void sys_stay_on_cpu(void);			  /* the one it is on; where that fails, any */
int sys_poll(struct pollfd *fds, nfds_t n, int timeout);

/* Ids for making directories. setfsuid(2) reports no failure, so these look whether it took. */
int sys_setgroups_none(void);
int sys_setfsuid(uid_t uid);
int sys_setfsgid(gid_t gid);

/* Leaves this task's capabilities, one bit each, permitted and effective, and no others. */
int sys_capset(uint64_t capabilities);

/* Mounts (5.2; mount_setattr 5.12) and tokens (6.9). */
int sys_fsopen(const char *type);
int sys_fsconfig(int fs_fd, unsigned command, const char *key, const char *value);
int sys_fsmount(int fs_fd, unsigned attributes);
int sys_move_mount(int mount_fd, int target_fd);
int sys_mount_setattr(int fd, const struct mount_attr *attr);
int sys_fchdir(int fd);
int sys_umount_here(void); /* the mount whose root is the working directory */
int sys_bpf_token_create(int bpffs_fd);

#endif
