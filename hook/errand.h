/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_ERRAND_H
#define HOOK_ERRAND_H

/*
 * The one step that must run with the container's credentials, done by a child that enters the
 * container's user namespace and never comes back.
 *
 * The child shares memory and descriptors with this process (CLONE_VM, CLONE_FILES), so what it
 * opens is ours: 27 us instead of 96 us with SCM_RIGHTS (measured, kernel.md 1.3). It lives in the
 * container's reach: a container root that sees its pid may stop or kill it, so it is waited for with
 * a bound and its result is an error until it has written another. It cannot read it: this process
 * is not dumpable, and the child shares that.
 */

#include "spec/base/err.h"

/* How long a child may take before it is killed, in ms. */
#define ERRAND_PATIENCE 2000

enum errand_kind {
	ERRAND_FSOPEN, /* open a bpffs context that belongs to the container's user namespace */
	ERRAND_TOKEN, /* make a token of an existing bpffs, which works for that namespace's only */
};

enum errand_step {
	ERRAND_AT_CLONE,
	ERRAND_AT_SETNS,
	ERRAND_AT_WORK, /* what the errand is about */
};

/* A step as messages name it. */
const char *errand_step_name(enum errand_kind kind, enum errand_step step);

/*
 * Runs an errand in the user namespace of pidfd. The caller is single-threaded, not dumpable, in
 * the mount namespace of pidfd and has CAP_SYS_ADMIN over both namespaces. bpffs_fd is the bpffs of
 * ERRAND_TOKEN. Returns a descriptor that the caller closes, or a negative errno: the failing
 * call's, -ETIMEDOUT when the child did not end in time, -ECHILD when it was killed. *ret_step is
 * the step it failed at.
 */
int errand_run(enum errand_kind kind, int pidfd, int bpffs_fd, enum errand_step *ret_step);

#endif
