/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/record/wait.h"

#include <errno.h>
#include <stdlib.h>

#include "cmd/bpftoken/observe/target.h"

#include "spec/base/poison.h"

/* The container is known: what it has called so far is learned. */
static int settle(struct wait_for *wait, uint64_t mount_ns, struct learn *learn)
{
	size_t first = wait->n_kept > WAIT_KEPT ? wait->n_kept - WAIT_KEPT : 0;
	int r = 0;

	wait->mount_ns = mount_ns;
	for (size_t i = first; r == 0 && i < wait->n_kept; i++)
		if (wait->kept[i % WAIT_KEPT].mount_ns == mount_ns)
			r = learn_add(learn, &wait->kept[i % WAIT_KEPT]);
	wait->n_kept = 0;
	return r;
}

static int keep(struct wait_for *wait, const struct observe_event *event)
{
	if (wait->kept == NULL)
		wait->kept = calloc(WAIT_KEPT, sizeof(*wait->kept));
	if (wait->kept == NULL)
		return -ENOMEM;
	wait->kept[wait->n_kept++ % WAIT_KEPT] = *event;
	return 0;
}

int wait_take(struct wait_for *wait, const struct observe_event *event, struct learn *learn)
{
	struct cgroup_name container;
	int r;

	if (wait->mount_ns != 0)
		return event->mount_ns == wait->mount_ns ? learn_add(learn, event) : 0;
	r = keep(wait, event);
	/* what a runtime does for the container it does from the host's mount namespace */
	if (r == 0 && event->mount_ns != target_own_mount_ns() &&
	    target_container_of((pid_t)event->pid, &container) &&
	    target_is_meant(wait->word, &container))
		r = settle(wait, event->mount_ns, learn);
	return r;
}

uint64_t wait_look(struct wait_for *wait, struct learn *learn)
{
	struct observe_filter filter;
	struct err err;

	if (wait->mount_ns == 0 && target_container(wait->word, &filter, &err) == 0)
		settle(wait, filter.value, learn);
	return wait->mount_ns;
}

void wait_done(struct wait_for *wait)
{
	free(wait->kept);
	wait->kept = NULL;
}
