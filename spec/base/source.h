/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_BASE_SOURCE_H
#define SPEC_BASE_SOURCE_H

/*
 * Where a parser takes its bytes from. Parsers stay pure: they pull from a source and do not know
 * whether a descriptor or memory stands behind it.
 */

#include <stddef.h>

#include "spec/base/err.h"

struct source {
	/*
	 * Yields up to cap bytes; *ret_len is 0 at the end and only there. Returns 0, or a negative
	 * errno with err filled.
	 */
	int (*read)(struct source *self, char *buf, size_t cap, size_t *ret_len, struct err *err);
};

/* Bytes in memory, handed out in pieces of at most chunk bytes (0: as many as asked for). */
struct source_memory {
	struct source source;
	const char *bytes;
	size_t len;
	size_t chunk;
};

/* Makes a source of len bytes, which the caller keeps alive while it is read. */
struct source_memory source_memory(const char *bytes, size_t len, size_t chunk);

#endif
