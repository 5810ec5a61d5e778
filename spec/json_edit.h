/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_JSON_EDIT_H
#define SPEC_JSON_EDIT_H

/*
 * Edits of a JSON text that leave every byte alone which they are not about: order, indentation,
 * escapes and unknown members stay, and what is added is laid out as its surroundings are.
 *
 * A text is edited by its bytes, at the places that json_parse told a handler of: it must be one
 * that json_parse has accepted, and after each edit all spans are void until it is parsed again.
 * An allocation that fails ends the program (71), as in json_gen.c. Pure.
 */

#include <stddef.h>

#include "spec/json.h"

/* A text of len bytes, not terminated. The owner ends it with json_doc_done. */
struct json_doc {
	char *text;
	size_t len;
};

/* The bytes of a value: text[begin] to text[end - 1]. */
struct json_span {
	size_t begin;
	size_t end;
};

/* A copy of the bytes. */
struct json_doc json_doc_of(const char *bytes, size_t len);
void json_doc_done(struct json_doc *doc);

/*
 * Where a value stands that a handler was given (by a format with positions). Of an object or array
 * that begins only the begin is known; its JSON_END has the end.
 */
struct json_span json_edit_span(const struct json_doc *doc, const struct json_value *value);

/*
 * Adds a value behind the last one of an object (with a name) or of an array (name is NULL). value
 * is JSON as json_gen writes it in JSON_GEN_INDENTED style, or a text without line ends.
 */
void json_edit_add(struct json_doc *doc, struct json_span into, const char *name,
		   const char *value);

/* Puts another value in the place of one. */
void json_edit_replace(struct json_doc *doc, struct json_span span, const char *value);

/*
 * Takes out a member, name included, or an element; span is its value. What json_edit_add added to
 * an array or object, this takes out again to the byte; one that held blanks alone is left empty.
 */
void json_edit_remove(struct json_doc *doc, struct json_span span);

#endif
