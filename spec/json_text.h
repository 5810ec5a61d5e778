/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_JSON_TEXT_H
#define SPEC_JSON_TEXT_H

/*
 * The bytes of a JSON text, judged before the parser sees them.
 *
 * yajl 2.1 lets through overlong, surrogate and out-of-range UTF-8, lone halves of \u pairs and
 * NUL (measured). Two texts that differ only in such forms could then become one value, here or in
 * an engine. So this refuses: anything that is not UTF-8 as RFC 3629 has it, a \u surrogate that
 * is not the first half followed by the second, and NUL as a byte or as \u0000.
 */

#include <stddef.h>
#include <stdint.h>

/* Invariant: all zero at the start of a text; carried from piece to piece. */
struct json_text {
	uint8_t follow;		      /* UTF-8 continuation bytes still owed */
	uint8_t follow_lo, follow_hi; /* what the next of them may be */
	uint8_t escape;		      /* where in an escape sequence the text stands */
	uint8_t digits;		      /* hexadecimal digits of \u seen */
	uint16_t unit;		      /* their value so far */
	uint16_t high;		      /* the first half of a pair that waits for the second, or 0 */
};

/*
 * Judges the next len bytes. Returns 0, or -EINVAL with the offset of the offending byte and a
 * static description of what is wrong with it.
 */
int json_text_check(struct json_text *text, const char *bytes, size_t len, size_t *ret_offset,
		    const char **ret_why);

#endif
