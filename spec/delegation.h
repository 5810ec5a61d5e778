/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_DELEGATION_H
#define SPEC_DELEGATION_H

/*
 * A delegation: four masks, one bit per command, map type, program type and attach type, as the
 * kernel's delegate_cmds, _maps, _progs and _attachs take them.
 *
 * Words become masks here, all of them, because the kernel's own parser answers a bad word with a
 * bare EINVAL, lets a number replace the names before it, and from 7.2 on reads a word
 * (common_attrs) as an undefined shift.
 */

#include <stdbool.h>

#include "spec/base/err.h"
#include "spec/base/text.h"
#include "spec/names.h"

/* "any": every bit that the running kernel has, also the ones that a newer kernel brings. */
#define DELEGATION_ANY UINT64_MAX

struct delegation {
	uint64_t masks[NAMES_LISTS];
};

/* Whether a number may have bits that this build has no name for. */
enum delegation_numbers { DELEGATION_KNOWN_BITS, DELEGATION_ALL_BITS };

/*
 * Reads a list: names in any accepted spelling (names_bit) split at ',', ':' or blanks, or "any"
 * alone, or one number alone. code is the exit code that a defect gets. Returns 0, -ENOENT when a
 * word or bit is unknown to this build, or -EINVAL for any other defect, with err filled (without a
 * subject). *ret_mask is never 0. Pure.
 */
int delegation_parse(enum names_list list, const char *text, enum delegation_numbers numbers,
		     int code, uint64_t *ret_mask, struct err *err);

void delegation_unite(struct delegation *into, const struct delegation *other);

bool delegation_is_empty(const struct delegation *delegation);

/* The bits of want that ceiling lacks. "any" lies only in a ceiling of "any". */
uint64_t delegation_excess(const struct delegation *want, const struct delegation *ceiling,
			   enum names_list list);

/*
 * Adds a mask as words with separator between them: "any", or names and, for what this build has no
 * name for, one hexadecimal number at the end.
 */
void delegation_add_words(struct text *text, enum names_list list, uint64_t mask,
			  const char *separator);

/*
 * Walks the items of a list as delegation_parse cuts them. *cursor starts at the text and moves on.
 * Returns 1 with an item, 0 at the end, or -EINVAL with err filled: an empty item, a control byte.
 */
int delegation_next_item(const char **cursor, int code, const char **ret_item, size_t *ret_len,
			 struct err *err);

#endif
