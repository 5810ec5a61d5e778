/* SPDX-License-Identifier: Apache-2.0 */
/* Where a build has no observer: each user of it says so. */
#include "cmd/bpftoken/observe/observe.h"

#include <errno.h>
#include <stddef.h>

#include "spec/base/poison.h"

int observe_open(const struct observe_filter *filter, struct observer **ret_observer,
		 struct err *err)
{
	(void)filter;
	*ret_observer = NULL;
	return err_set(err, EX_UNAVAILABLE, 0,
		       "this build of bpftoken cannot watch bpf(2); build it where clang and "
		       "bpftool are (-DOBSERVER=ON)");
}

const char *observe_cost(const struct observer *observer)
{
	(void)observer;
	return "";
}

int observe_fd(const struct observer *observer)
{
	(void)observer;
	return -1;
}

int observe_read(struct observer *observer, observe_handler *handler, void *ctx)
{
	(void)observer, (void)handler, (void)ctx;
	return -ENOSYS;
}

uint64_t observe_dropped(const struct observer *observer)
{
	(void)observer;
	return 0;
}

void observe_close(struct observer *observer)
{
	(void)observer;
}
