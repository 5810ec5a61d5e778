/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_OBSERVE_TARGET_H
#define CMD_BPFTOKEN_OBSERVE_TARGET_H

/*
 * Whom to watch, in the kernel's terms.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmd/bpftoken/host/cgroup_name.h"
#include "cmd/bpftoken/observe/event.h"
#include "spec/base/err.h"

/* The whole host but this process. */
struct observe_filter target_all(void);

/*
 * Each fills *ret_filter. Returns 0, or a negative errno with err filled: 64 for a word that names
 * nothing of that kind, 65 for what is not there or not alone, 71 for failing calls.
 */
int target_process(const char *pid, struct observe_filter *ret_filter, struct err *err);
int target_cgroup(const char *path, struct observe_filter *ret_filter, struct err *err);

/* A running container by the beginning of its id, or by its whole name. */
int target_container(const char *id, struct observe_filter *ret_filter, struct err *err);

/* True when a container is meant by a word: the beginning of its id, or a part of its cgroup's path. */
bool target_is_meant(const char *word, const struct cgroup_name *container);

/* The container of a process; false when the process is gone. */
bool target_container_of(pid_t pid, struct cgroup_name *ret_name);

/* The inode of this process's mount namespace, which engines and runtimes share with it. */
uint64_t target_own_mount_ns(void);

/* True while some process is in a mount namespace, given by its inode. */
bool target_lives(uint64_t mount_ns);

#endif
