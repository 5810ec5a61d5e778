/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_JSON_GEN_H
#define SPEC_JSON_GEN_H

/*
 * JSON written by yajl's generator, into memory. Strings may be any bytes: one that is not
 * UTF-8 is written as the code point of its number, so that the text always is JSON.
 *
 * Calls come in the order of the text; within an object each value is preceded by its name. An
 * allocation that fails ends the program (71), as in json.c. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_gen;

enum json_gen_style { JSON_GEN_LINE, JSON_GEN_INDENTED };

/* An empty text. The caller ends it with json_gen_free. */
struct json_gen *json_gen_new(enum json_gen_style style);
void json_gen_free(struct json_gen **gen);

void json_gen_object(struct json_gen *gen); /* begins one */
void json_gen_object_end(struct json_gen *gen);
void json_gen_array(struct json_gen *gen);
void json_gen_array_end(struct json_gen *gen);
void json_gen_name(struct json_gen *gen, const char *name);
void json_gen_string(struct json_gen *gen, const char *value); /* NULL: null */
void json_gen_bytes(struct json_gen *gen, const char *value, size_t len);
void json_gen_number(struct json_gen *gen, int64_t value);
void json_gen_unsigned(struct json_gen *gen, uint64_t value);
void json_gen_bool(struct json_gen *gen, bool value);

/*
 * The text so far; valid until the next call. A NUL stands behind its *ret_len bytes. An indented one
 * ends in a line end.
 */
const char *json_gen_text(struct json_gen *gen, size_t *ret_len);

#endif
