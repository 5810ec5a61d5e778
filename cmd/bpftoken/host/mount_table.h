/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_HOST_MOUNT_TABLE_H
#define CMD_BPFTOKEN_HOST_MOUNT_TABLE_H

/*
 * The mounts of a mount namespace, if there is a bpffs among them.
 *
 * listmount(2) and statmount(2) for other namespaces (Linux 6.11) show what is mounted there,
 * whatever the root of the process is; /proc/PID/mountinfo serves where they are missing.
 */

#include <sys/types.h>

#include "cmd/bpftoken/host/mount_entry.h"

/* Invariant: empty when no bpffs is among the mounts. */
struct mount_table {
	struct mount_entry *entries;
	size_t n;
	size_t n_bpffs;
	bool cut; /* there are more bpffs, which stand here without options */
};

/*
 * So many bpffs of a namespace are told apart: a tenant may bind its own a hundred thousand times, and
 * each costs the kernel a search. The engine's come first, as mounts are listed by age.
 */
#define MOUNT_TABLE_BPFFS_MAX 64

/*
 * Reads the mount namespace of a process. dir_fd is the directory of the process in /proc. Returns
 * 0, or a negative errno: -ENOENT or -ESRCH for a process that has ended, -EACCES or -EPERM for one
 * that this caller may not look at. The caller ends *ret_table with mount_table_done. Needs
 * CAP_SYS_PTRACE over the process and CAP_SYS_ADMIN over its mount namespace. Never waits for
 * anybody: both ways ask the kernel alone.
 */
int mount_table_read(int dir_fd, struct mount_table *ret_table);

/* The same by mountinfo alone: what kernels before 6.11 have. */
int mount_table_read_mountinfo(int dir_fd, struct mount_table *ret_table);

void mount_table_done(struct mount_table *table);

#endif
