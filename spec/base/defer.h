/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_BASE_DEFER_H
#define SPEC_BASE_DEFER_H

/*
 * Resources released when their variable goes out of scope.
 *
 * Every variable with one of these attributes is initialised on its line. Destructors accept the
 * empty value (-1, NULL) and keep errno, so that a failure is reported with its own reason.
 */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static inline void defer_close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd); /* never retried: Linux frees the descriptor even on EINTR */
	errno = saved;
}

static inline void defer_free_ptr(void *ptr)
{
	int saved = errno;

	free(*(void **)ptr);
	errno = saved;
}

#define defer_close	       __attribute__((cleanup(defer_close_fd)))
#define defer_free	       __attribute__((cleanup(defer_free_ptr)))
#define defer_with(destructor) __attribute__((cleanup(destructor)))

/* Moves a descriptor out of a defer_close variable: the caller owns it from here. */
static inline int take_fd(int *fd)
{
	int out = *fd;

	*fd = -1;
	return out;
}

#endif
