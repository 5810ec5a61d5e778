/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_RECORD_LEARN_H
#define CMD_BPFTOKEN_RECORD_LEARN_H

/*
 * What a workload needs, told from the calls of bpf(2) that it made. Pure.
 */

#include "cmd/bpftoken/needs/needs.h"
#include "cmd/bpftoken/observe/event.h"

/* Begins all zero. Invariant: no two programs of facts have both types alike, no two maps theirs. */
struct learn {
	struct facts facts;
	struct delegation probes; /* of libbpf's own probes, what it does not do without */
	uint64_t tried;		  /* program types that it tried beyond: it does without */
	bool by_libbpf;		  /* some probe of its was seen */
	bool btf;
	uint64_t
		extra_cmds; /* commands that a token serves, beyond maps, programs and their types */
	uint64_t host_cmds;  /* commands that no token serves */
	size_t n_calls;	     /* of all kinds */
	size_t n_refused;    /* of those that a token serves: EPERM */
	size_t n_with_token; /* of those: passed one */
	size_t n_failed;     /* of those: for another reason, and so not counted */
};

/* Takes a call into account. Returns 0 or -ENOMEM. */
int learn_add(struct learn *learn, const struct observe_event *event);

/* What follows from all of them. */
void learn_needs(const struct learn *learn, struct needs *ret_needs);

void learn_done(struct learn *learn);

#endif
