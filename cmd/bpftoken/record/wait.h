/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_RECORD_WAIT_H
#define CMD_BPFTOKEN_RECORD_WAIT_H

/*
 * Calls of a container that is yet to start. Until it is known which mount namespace is its, calls of
 * all the host are kept, so that its first one is not missed.
 */

#include "cmd/bpftoken/record/learn.h"

/* Calls of others that are kept; the oldest give way. */
#define WAIT_KEPT 2048

struct wait_for {
	const char *word;	    /* whom is waited for, as target_is_meant has it */
	uint64_t mount_ns;	    /* of that container; 0: not yet known */
	struct observe_event *kept; /* a ring of WAIT_KEPT */
	size_t n_kept;		    /* ever */
};

/* Takes a call: learned where it is the container's, else kept. Returns 0 or -ENOMEM. */
int wait_take(struct wait_for *wait, const struct observe_event *event, struct learn *learn);

/* Looks whether the container has appeared. Returns its mount namespace, or 0. */
uint64_t wait_look(struct wait_for *wait, struct learn *learn);

void wait_done(struct wait_for *wait);

#endif
