/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_BASE_OUTPUT_H
#define CMD_BPFTOKEN_BASE_OUTPUT_H

/*
 * What people read on standard output: words in colour, and long lists that wrap.
 */

#include <stdio.h>

#include "spec/json_gen.h"

enum output_colour { OUTPUT_PLAIN, OUTPUT_GOOD, OUTPUT_WARNING, OUTPUT_BAD, OUTPUT_STRONG };

/*
 * The sequences that begin and end a colour on a stream: empty strings unless it is a terminal, TERM
 * is not "dumb" and NO_COLOR is unset or empty (no-color.org). Static strings.
 */
const char *output_colour(FILE *to, enum output_colour colour);
const char *output_plain(FILE *to);

/*
 * Prints a label and behind it words, split at blanks, from column indent to at most column 80; what
 * does not fit goes on below the first word, and a longer word has a line of its own.
 *
 *   output_wrapped(stdout, "  maps", 10, "array hash lru_hash ...");
 */
void output_wrapped(FILE *to, const char *label, unsigned indent, const char *words);

/*
 * Prints a line of a report: a result's word in its colour, a subject and words that wrap below
 * their first one, in columns of their own.
 */
void output_result(FILE *to, enum output_colour colour, const char *result, const char *subject,
		   const char *words);

/* Prints a complete JSON text on standard output, with one line end behind it. */
void output_json(struct json_gen *gen);

#endif
