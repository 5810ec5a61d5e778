/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_INPUT_H
#define HOOK_INPUT_H

/*
 * Descriptors as sources for the parsers, with bounds on what a file may be and how long a stream
 * may take.
 */

#include <stdint.h>

#include "spec/base/source.h"

struct input {
	struct source source;
	int fd;
	int seconds;	  /* how long the stream may take */
	int64_t deadline; /* of CLOCK_MONOTONIC in ms; 0: a regular file, which has none */
};

/* Standard input, which must end within this many seconds (65 otherwise). */
#define INPUT_STATE_SECONDS 10

/* A source over a stream that must end in time. The descriptor stays the caller's. */
struct input input_stream(int fd, int seconds);

/* A source over an open regular file. The descriptor stays the caller's. */
struct input input_file(int fd);

/*
 * Opens a regular file of at most max bytes without ever blocking. Returns 0 and a descriptor that
 * the caller closes, or a negative errno with err filled: -ENOENT when it is missing, code
 * otherwise for what is no regular file or too large, 71 for failing calls. Needs
 * CAP_DAC_READ_SEARCH for files of others.
 */
int input_open(int dir_fd, const char *path, int64_t max, int code, int *ret_fd, struct err *err);

/*
 * Takes what is still to come of a pipe or socket, for a second at most, so that who writes the state
 * does not fail by a reader that is gone: crun then tells of exit code -33 in place of the hook's.
 */
void input_drain(int fd);

/* CLOCK_MONOTONIC in ms. */
int64_t input_clock(void);

#endif
