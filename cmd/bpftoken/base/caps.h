/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_BASE_CAPS_H
#define CMD_BPFTOKEN_BASE_CAPS_H

/*
 * Capability sets in words, as config.json and people write them: "CAP_BPF".
 */

#include <stdint.h>

#include "spec/base/err.h"
#include "spec/base/text.h"
#include "spec/json_gen.h"

/* Adds the names of a set, in the order of their bits, with blanks between them. */
void caps_add_words(struct text *text, uint64_t set);

/* Adds the same as an array of strings. */
void caps_json(struct json_gen *gen, uint64_t set);

/*
 * Reads names split at ',' or blanks, in any case, with or without "CAP_". Returns 0, or -EINVAL
 * with err filled (64).
 */
int caps_parse(const char *list, uint64_t *ret_set, struct err *err);

#endif
