/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/json_memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "spec/base/poison.h"

static void *need(void *memory)
{
	if (memory == NULL) {
		fprintf(stderr, "%s: memory: an allocation failed; free some memory\n",
			program_invocation_short_name);
		_Exit(EX_OSERR);
	}
	return memory;
}

void *json_memory_new(void *ctx, size_t size)
{
	(void)ctx;
	return need(malloc(size));
}

void *json_memory_resize(void *ctx, void *memory, size_t size)
{
	(void)ctx;
	return need(realloc(memory, size));
}

void json_memory_free(void *ctx, void *memory)
{
	(void)ctx;
	free(memory);
}
