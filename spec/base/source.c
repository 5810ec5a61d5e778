/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/base/source.h"

#include <string.h>

#include "spec/base/poison.h"

static int memory_read(struct source *self, char *buf, size_t cap, size_t *ret_len, struct err *err)
{
	struct source_memory *memory = (struct source_memory *)self;
	size_t n = memory->len < cap ? memory->len : cap;

	(void)err;
	if (memory->chunk != 0 && n > memory->chunk)
		n = memory->chunk;
	if (n != 0)
		memcpy(buf, memory->bytes, n);
	memory->bytes += n;
	memory->len -= n;
	*ret_len = n;
	return 0;
}

struct source_memory source_memory(const char *bytes, size_t len, size_t chunk)
{
	return (struct source_memory){ { memory_read }, bytes, len, chunk };
}
