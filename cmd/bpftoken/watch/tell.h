/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_WATCH_TELL_H
#define CMD_BPFTOKEN_WATCH_TELL_H

/*
 * Refusals as lines, for people or programs, each once: what comes again is counted and told later.
 */

#include "cmd/bpftoken/host/cgroup_name.h"
#include "cmd/bpftoken/watch/reason.h"

struct refusal {
	const struct observe_event *event;
	const struct call *call;
	const struct cgroup_name *container;
	const struct reason *reason;
};

/* So many different refusals are kept apart; the oldest give way. */
#define TELL_KEPT 256

struct tell_kept {
	bool used;
	uint32_t mount_ns, cmd, map_type, prog_type, attach;
	enum reason_kind kind;
	struct delegation missing;
	char comm[OBSERVE_NAME_MAX];
	char id[256];
	size_t again; /* since it was told last */
};

/* Begins all zero but for json. */
struct tell {
	bool json;
	struct tell_kept kept[TELL_KEPT];
	size_t n_kept; /* ever */
};

/* Prints a refusal unless one like it was printed. */
void tell_refusal(struct tell *tell, const struct refusal *refusal);

/* Prints how often refusals have come again. */
void tell_again(struct tell *tell);

/* Prints that so many events were lost. */
void tell_dropped(const struct tell *tell, uint64_t n);

#endif
