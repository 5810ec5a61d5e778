/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_JSON_MEMORY_H
#define SPEC_JSON_MEMORY_H

/*
 * Memory for yajl, as its yajl_alloc_funcs want it (ctx is not looked at). yajl takes no allocation
 * for failed, so one that fails ends the program with a message, as an error of the system (71).
 */

#include <stddef.h>

void *json_memory_new(void *ctx, size_t size);
void *json_memory_resize(void *ctx, void *memory, size_t size);
void json_memory_free(void *ctx, void *memory);

#endif
