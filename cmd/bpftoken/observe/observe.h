/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_OBSERVE_OBSERVE_H
#define CMD_BPFTOKEN_OBSERVE_OBSERVE_H

/*
 * Watching bpf(2) as it is called, by a program in the kernel (observer.bpf.c). It is there as long as
 * this process has it open, however that ends.
 */

#include <stdint.h>

#include "cmd/bpftoken/observe/event.h"
#include "spec/base/err.h"

struct observer;

/*
 * Starts to watch. Returns 0, or a negative errno with err filled: 69 where this build has no observer
 * or the host does not let one be loaded, 71 for failing calls. Needs CAP_BPF and CAP_PERFMON (and
 * CAP_SYS_ADMIN before 6.9's tokens tell otherwise) in the host's user namespace. On success the caller
 * ends *ret_observer with observe_close.
 */
int observe_open(const struct observe_filter *filter, struct observer **ret_observer,
		 struct err *err);

/* What it costs the host while it is open, for people; a static string. */
const char *observe_cost(const struct observer *observer);

typedef void observe_handler(void *ctx, const struct observe_event *event);

/* A descriptor to poll for events; the observer's. */
int observe_fd(const struct observer *observer);

/* Hands the events that there are to handler. Returns how many, or a negative errno. */
int observe_read(struct observer *observer, observe_handler *handler, void *ctx);

/* Events that were lost because they came faster than they were read. */
uint64_t observe_dropped(const struct observer *observer);

void observe_close(struct observer *observer);

#endif
