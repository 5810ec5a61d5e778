/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_EXPLAIN_LOOKALIKE_H
#define CMD_BPFTOKEN_EXPLAIN_LOOKALIKE_H

/*
 * Annotation keys that look like this project's and are not: the hook cannot tell them from all the
 * other annotations of a container, so a slip in the prefix asks for nothing in silence.
 */

#include <stdbool.h>

/* The key that was meant, as far as it can be told: "io.bpftoken.cmds", or "io.bpftoken.KEY". */
struct lookalike {
	char meant[64];
};

/*
 * True for a key that does not begin with "io.bpftoken." and differs from one that does by case,
 * punctuation or at most two slips of the pen, or has "bpftoken" in it.
 */
bool lookalike_find(const char *key, struct lookalike *ret_lookalike);

#endif
