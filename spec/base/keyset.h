/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_BASE_KEYSET_H
#define SPEC_BASE_KEYSET_H

/*
 * The member names seen in a JSON text, as 64-bit fingerprints, to refuse one that comes twice.
 *
 * Equal names always have equal fingerprints, so no duplicate is missed. Two different names share
 * one by chance less often than 1 in 2^24 even for a million members, and by design only to the
 * harm of their author, whose own text is refused. Invariants: at most half of the slots are used;
 * a slot is 0 when free; a search looks at no more than KEYSET_PROBES slots, so that names made to
 * collide cannot make it slow (they are refused as a full set).
 */

#include <stddef.h>
#include <stdint.h>

#define KEYSET_PROBES 256

struct keyset {
	uint64_t *slots;
	uint32_t *order; /* the slots of the names, in the order in which they came */
	size_t n_slots;	 /* 0 or a power of two */
	size_t used;
};

/*
 * Adds a name of an object (told apart by a number of the caller's). Returns 0, -EEXIST when it is
 * there already, -ENOMEM, or -E2BIG when the names crowd together. An all-zero set is empty.
 */
int keyset_add(struct keyset *set, uint64_t object, const char *name, size_t len);

/* Takes back the last names: those that came when there were used already. */
void keyset_cut(struct keyset *set, size_t used);

void keyset_done(struct keyset *set);

#endif
