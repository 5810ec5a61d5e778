/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/base/keyset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec/base/poison.h"

#define FIRST_SLOTS 256

/* Eight bytes at a time, then the finaliser of MurmurHash3 to spread it over the low bits. Never 0. */
static uint64_t fingerprint(uint64_t object, const char *name, size_t len)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = (object * odd) ^ len, word;

	for (; len >= sizeof(word); name += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, name, sizeof(word));
		h = (h ^ word) * odd;
		h ^= h >> 32;
	}
	for (word = 0; len > 0; len--)
		word = word << 8 | (unsigned char)name[len - 1];
	h = (h ^ word) * odd;
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	h ^= h >> 33;
	return h != 0 ? h : 1;
}

static int insert(struct keyset *set, uint64_t print)
{
	for (size_t probe = 0; probe < KEYSET_PROBES; probe++) {
		size_t i = (print + probe) & (set->n_slots - 1);

		if (set->slots[i] == print)
			return -EEXIST;
		if (set->slots[i] == 0) {
			set->slots[i] = print;
			set->order[set->used++] = (uint32_t)i;
			return 0;
		}
	}
	return -E2BIG;
}

static int grow(struct keyset *set)
{
	struct keyset bigger = { .n_slots = set->n_slots != 0 ? set->n_slots * 2 : FIRST_SLOTS };

	bigger.slots = calloc(bigger.n_slots, sizeof(*bigger.slots));
	bigger.order = calloc(bigger.n_slots / 2, sizeof(*bigger.order));
	if (bigger.slots == NULL || bigger.order == NULL) {
		keyset_done(&bigger);
		return -ENOMEM;
	}
	/* in their order, so that the last can be taken back first */
	for (size_t i = 0; i < set->used; i++) {
		if (insert(&bigger, set->slots[set->order[i]]) == -E2BIG) {
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

void keyset_cut(struct keyset *set, size_t used)
{
	/* a slot was free before its name came, so all that a search crosses is older than it */
	while (set->used > used)
		set->slots[set->order[--set->used]] = 0;
}

void keyset_done(struct keyset *set)
{
	free(set->slots);
	free(set->order);
	*set = (struct keyset){ 0 };
}
