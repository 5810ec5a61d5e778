/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_ERRAND_H
#define HOOK_ERRAND_H

/*
 * What is done by a child that never comes back: with the container's credentials, in its namespaces,
 * opening the bpffs context and everything that touches a file system of the container's; and what
 * touches a log file of the host's.
 *
 * The child shares memory and descriptors with this process (CLONE_VM, CLONE_FILES), so what it
 * opens is ours: 27 us instead of 96 us with SCM_RIGHTS (measured, kernel.md 1.3). It lives in the
 * container's reach: a container root that sees its pid may stop or kill it, and a file system of
 * the container's may keep it waiting for ever (FUSE: no signal ends that). So it is waited for with
 * a bound, its result is an error until it has written another, and one that does not even die is
 * given up: its stack is never used again, and it has no way back to its program. It cannot be read:
 * this process is not dumpable, and the child shares that.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "spec/base/err.h"

/*
 * In ms: how long all children of a run may take, what each of them may take however late it comes,
 * how long one that cleans up may take, and how long to be dead once killed, twice.
 */
#define ERRAND_PATIENCE	       2000
#define ERRAND_PATIENCE_LEAST  500
#define ERRAND_PATIENCE_UNDO   250
#define ERRAND_PATIENCE_KILLED 250

enum errand_step {
	ERRAND_AT_CLONE,
	ERRAND_AT_IDS,
	ERRAND_AT_MOUNT_NS,
	ERRAND_AT_USER_NS,
	ERRAND_AT_WORK, /* what the errand is about */
};

/* A step before the work, as messages name it. */
const char *errand_step_name(enum errand_step step);

/*
 * What the child does in the container's namespaces: a descriptor, 0, or a negative errno. It makes
 * calls through sys.h alone and allocates nothing, for it may be killed anywhere; whatever the
 * kernel writes for it lies on its stack, and it writes to ctx by itself.
 */
typedef int errand_work(void *ctx);

struct errand {
	int pidfd;    /* whose user and mount namespace; -1: this process's, as it is */
	bool as_root; /* with the ids of the container's root, no groups and its file access */
	uid_t uid;    /* these ids, as the host has them */
	gid_t gid;
	int patience; /* ms until the child is killed */
	errand_work *work;
	void *ctx;
};

/*
 * Binds this process to the CPU it is on, where its children are started cheapest (half the time of
 * a whole run on a busy machine, measured), and yields memory for them, one after the other. NULL
 * with err filled (71). It is never unmapped: who is given up still stands on it, and this process
 * ends soon.
 */
void *errand_prepare(struct err *err);

/*
 * Runs an errand on that stack. The caller is single-threaded, not dumpable and has CAP_SYS_ADMIN and
 * CAP_SYS_CHROOT; with as_root CAP_SETUID and CAP_SETGID, too. Returns what the work returned, or a
 * negative errno: the failing call's, -ETIMEDOUT when the child did not end in time, -ECHILD when it
 * was killed, -ETIME when it did not end even then: no other errand may follow that one. *ret_step is
 * the step it failed at.
 */
int errand_run(const struct errand *errand, void *stack, enum errand_step *ret_step);

#endif
