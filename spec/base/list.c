/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/base/list.h"

#include <stdlib.h>
#include <string.h>

#include "spec/base/poison.h"

#define FIRST_ROOM 8

void *list_add(void *array, size_t *count, size_t size)
{
	void *elements, *grown;
	char *slot;

	memcpy(&elements, array, sizeof(elements));
	/* full: empty, or a power of two that is no less than the first room */
	if (*count == 0 || (*count >= FIRST_ROOM && (*count & (*count - 1)) == 0)) {
		size_t room = *count == 0 ? FIRST_ROOM : *count * 2;

		grown = reallocarray(elements, room, size);
		if (grown == NULL)
			return NULL;
		elements = grown;
		memcpy(array, &elements, sizeof(elements));
	}
	slot = (char *)elements + *count * size;
	memset(slot, 0, size);
	++*count;
	return slot;
}
