/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_MOUNT_H
#define HOOK_MOUNT_H

/*
 * Carries out a plan: a delegated bpffs, made detached and attached as the last step.
 */

#include "hook/ns.h"
#include "hook/plan.h"

enum mount_outcome {
	MOUNT_DONE,
	MOUNT_ALREADY, /* the very delegation was there: the hook was injected twice */
	/*
	 * A failure that leaves a helper where no signal reaches it, in a file system of the
	 * container's that does not answer. It shares this process's descriptors: a reader of its
	 * standard ones waits until they are closed.
	 */
	MOUNT_ABANDONED,
};

/*
 * Mounts the plan's bpffs. The calling process stays in its own namespaces. It is single-threaded and
 * not dumpable, and the capabilities of the job are effective. Takes three seconds at most where
 * the container's file systems or its root hold it up. Returns 0, or a negative errno with err filled:
 * 65 (destination), 69 (kernel without tokens), 71; then nothing is left behind but what
 * place_mount says. *ret_outcome is set on success, and for MOUNT_ABANDONED. Linux 6.9.
 */
int mount_make(const struct plan *plan, const struct ns_target *target,
	       enum mount_outcome *ret_outcome, struct err *err);

#endif
