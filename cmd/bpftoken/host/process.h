/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_HOST_PROCESS_H
#define CMD_BPFTOKEN_HOST_PROCESS_H

/*
 * What /proc says of one process. dir_fd is its directory there, so that all answers are of the same
 * process or fail with -ESRCH.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmd/bpftoken/host/cgroup_name.h"
#include "cmd/bpftoken/host/proc_file.h"

/* The directory of a process, which the caller closes, or a negative errno. */
int process_open(int proc_fd, pid_t pid);

/* The inode of the namespace behind a link as "ns/mnt". Returns 0 or a negative errno. */
int process_namespace(int dir_fd, const char *name, uint64_t *ret_inode);

void process_container(int dir_fd, struct cgroup_name *ret_name);

/* False when the process is gone. */
bool process_status(int dir_fd, struct proc_status *ret_status);

/* The start time of a process in clock ticks; UINT64_MAX when it is gone. */
uint64_t process_start(int proc_fd, pid_t pid);

/* The inside id of a host's, by "uid_map" or "gid_map". False when none inside stands for it. */
bool process_inside(int dir_fd, const char *name, uint32_t outside, uint32_t *ret_inside);

/* True when its user namespace, by inode, is not the one that owns its mount namespace. */
bool process_has_other_user_namespace(int dir_fd, uint64_t user);

#endif
