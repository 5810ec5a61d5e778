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
};

/*
 * Mounts the plan's bpffs. The calling process enters the container's mount namespace and stays
 * there. It is single-threaded and not dumpable, and the capabilities of the job are effective.
 * Returns 0, or a negative errno with err filled: 65 (destination), 69 (kernel without tokens), 71;
 * then nothing is left behind. Linux 6.9.
 */
int mount_make(const struct plan *plan, const struct ns_target *target,
	       enum mount_outcome *ret_outcome, struct err *err);

#endif
