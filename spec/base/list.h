/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_BASE_LIST_H
#define SPEC_BASE_LIST_H

/*
 * Growable arrays of structs: a pointer and a count, both zero when empty. The room for elements is
 * the next power of two from 8 on, so the count alone tells when to grow.
 */

#include <stddef.h>

/*
 * Adds one zeroed element of size bytes to the array at *array (the address of a pointer to the
 * element type) with *count elements. Yields the element, or NULL when memory is short, with the
 * array as it was. The array is freed with free(3).
 */
void *list_add(void *array, size_t *count, size_t size);

#endif
