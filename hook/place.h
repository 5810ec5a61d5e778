/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_PLACE_H
#define HOOK_PLACE_H

/*
 * The second errand: finding the destination, and attaching a detached mount there.
 */

#include "hook/dest.h"
#include "hook/errand.h"
#include "hook/ground.h"

enum place_step {
	PLACE_FIND,
	PLACE_SURVEY,	/* looking at what the way there leads over */
	PLACE_EXISTING, /* looking for a delegation that is there already */
	PLACE_MAKE,
	PLACE_SLAVE,
	PLACE_ATTACH,
	PLACE_VERIFY,
};

enum place_outcome {
	PLACE_DONE,
	PLACE_EXISTS,	 /* a bpffs that tokens can be made of is there: token_fd is one */
	PLACE_ABANDONED, /* the helper lives on, where no signal reaches it */
};

/* What the helper is told, and where it writes how far it came. */
struct place {
	const struct plan *plan;
	int mount_fd;

	enum place_step step;
	enum dest_fault fault; /* where PLACE_FIND failed, and the part of the path that is why */
	size_t blamed;
	struct ground ground;
	int bpffs_fd, token_fd;
	struct dest dest;
};

/*
 * Attaches mount_fd at the plan's path below root_fd, unless a delegated bpffs of the container's user
 * namespace is there. On a failure nothing is left, but what a helper that was killed or given up had
 * done at that moment: directories that the container's root could have made, a slave, or all.
 * Returns 0, or a negative errno with err filled (65, 71). The caller ends *place with place_done
 * in either case. patience is the helper's, in ms. *ret_outcome is set for a failure, too. For
 * privileges see errand_run.
 */
int place_mount(const struct plan *plan, const struct ns_target *target, int root_fd, int mount_fd,
		void *stack, int patience, struct place *place, enum place_outcome *ret_outcome,
		struct err *err);

void place_done(struct place *place);

#endif
