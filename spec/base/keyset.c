/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/base/keyset.h"

#include <errno.h>
#include <stdlib.h>

#include "spec/base/poison.h"

#define FIRST_SLOTS 512

/* FNV-1a, then the finaliser of MurmurHash3 to spread it over the low bits. Never 0. */
static uint64_t fingerprint(uint64_t object, const char *name, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (object * UINT64_C(0x9e3779b97f4a7c15));

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * UINT64_C(0x100000001b3);
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	h ^= h >> 33;
	return h != 0 ? h : 1;
}

static int insert(struct keyset *set, uint64_t print)
{
	for (size_t probe = 0; probe < KEYSET_PROBES; probe++) {
		uint64_t *slot = &set->slots[(print + probe) & (set->n_slots - 1)];

		if (*slot == print)
			return -EEXIST;
		if (*slot == 0) {
			*slot = print;
			set->used++;
			return 0;
		}
	}
	return -E2BIG;
}

static int grow(struct keyset *set)
{
	struct keyset bigger = { .n_slots = set->n_slots != 0 ? set->n_slots * 2 : FIRST_SLOTS };

	bigger.slots = calloc(bigger.n_slots, sizeof(*bigger.slots));
	if (bigger.slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < set->n_slots; i++) {
		if (set->slots[i] != 0 && insert(&bigger, set->slots[i]) == -E2BIG) {
			keyset_done(&bigger);
			return -E2BIG;
		}
	}
	keyset_done(set);
	*set = bigger;
	return 0;
}

int keyset_add(struct keyset *set, uint64_t object, const char *name, size_t len)
{
	if (set->used * 2 >= set->n_slots) {
		int r = grow(set);

		if (r < 0)
			return r;
	}
	return insert(set, fingerprint(object, name, len));
}

void keyset_done(struct keyset *set)
{
	free(set->slots);
	*set = (struct keyset){ 0 };
}
