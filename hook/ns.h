/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_NS_H
#define HOOK_NS_H

/*
 * The container's process and its namespaces: one pidfd, told apart from every other process before
 * anything is taken from it.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "spec/base/err.h"
#include "spec/idmap.h"

/* Invariant: what stands here was read from the process that pidfd stands for. */
struct ns_target {
	int pidfd;
	int process_fd; /* its directory in procfs, which is no other process's once it has ended */
	int proc_fd;	/* the host's procfs */
	struct idmap uids;
	struct idmap gids;
	bool host_network; /* shares this process's network namespace */
	bool host_cgroup;  /* shares this process's cgroup namespace */
};

/*
 * Refuses pid 0 and 1 (65): what createContainer and startContainer hooks are given. runc's is 1
 * while /proc is still the host's, so that taking it at its word would enter the host's namespaces.
 */
int ns_check_pid(pid_t pid, struct err *err);

/*
 * Refuses a caller that is not in the initial user namespace or has no CAP_SYS_ADMIN there (69): the
 * kernel lets nobody else set delegate_*. Source: PROC_USER_INIT_INO in the kernel's proc_ns.h.
 */
int ns_check_caller(struct err *err);

/*
 * Opens the process of the state, whose pid ns_check_pid has judged. Refuses with a message of its
 * own: a container without a user or mount namespace of its own, or with one that is not root's and
 * a child of the host's (69); a process that is gone (71). Needs CAP_SYS_PTRACE. On success the
 * caller ends *ret_target with ns_target_done.
 */
int ns_open(pid_t pid, struct ns_target *ret_target, struct err *err);

void ns_target_done(struct ns_target *target);

/*
 * What is refused of a container's namespaces (69), also for who knows them from config.json alone:
 * none of its own for users, or for mounts. Always -EINVAL.
 */
int ns_refuse_user(struct err *err);
int ns_refuse_mount(struct err *err);

/* The host's id of the container's root. Returns 0, or -EINVAL with err filled (69). Pure. */
int ns_root_uid(const struct idmap *uids, uid_t *ret_uid, struct err *err);

#endif
