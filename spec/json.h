/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_JSON_H
#define SPEC_JSON_H

/*
 * Strict, streaming JSON: a format is a table of paths, each with the types it may have and who
 * takes its value. The only file of the program that knows yajl is json.c.
 *
 * Refused with line and column: bytes that are not JSON or not UTF-8 (json_text.h), comments,
 * trailing bytes, a member that stands twice in one object, a value of another type than its path
 * says, and more bytes, members or depth than the format allows. Nothing recurses, memory is
 * bounded by the longest string and the number of members.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/base/err.h"
#include "spec/base/source.h"

enum json_type {
	JSON_NULL = 1,
	JSON_BOOL = 2,
	JSON_NUMBER = 4,
	JSON_STRING = 8,
	JSON_OBJECT = 16,
	JSON_ARRAY = 32,
	JSON_END = 64, /* of the object or array that was announced with the same rule */
};

/* One value, valid during the call it is handed to. */
struct json_value {
	enum json_type type;
	const char *text; /* a string, decoded and free of NUL; a number as it is written */
	size_t len;
	bool boolean;
	const char *name; /* the member's name where the path has '*', else NULL; no NUL in it */
	int arg;	  /* the rule's, for a handler that serves several paths */
	unsigned line;	  /* where the value ends, from 1; with the format's positions only */
	unsigned column;
	size_t end; /* the same as an offset: bytes of the text up to and with its last */
};

/* Takes a value. Returns 0, or a negative errno with err filled; position and path are added. */
typedef int json_handler(void *ctx, const struct json_value *value, struct err *err);

/*
 * One line of a format. A path is made of member names with '.' between them, "[]" for the elements
 * of an array and '*' for any member: "process.env[]", "annotations.*". Objects and arrays on the
 * way to a deeper path need no line of their own; one that has a line is announced to its handler
 * before its members and, as JSON_END, after them.
 */
struct json_rule {
	const char *path;
	unsigned types; /* of enum json_type, ORed */
	json_handler *handler;
	int arg;
};

#define JSON_RULES_MAX 63

struct json_format {
	const struct json_rule *rules;
	size_t n_rules;		/* at most JSON_RULES_MAX */
	int code;		/* the exit code of a defect */
	const char *when_empty; /* what to do about an empty text: "" or "; do this" */
	bool strict;	/* members without a rule are refused; null is absence only elsewhere, and
		      * there only where no rule takes it */
	bool positions; /* values say where they stand, which costs a search for line ends */
	size_t max_bytes;
	size_t max_members;
	unsigned max_depth;
};

/*
 * Reads one JSON object from source and hands its values to the format's handlers with ctx.
 * Returns 0 when the whole text was read and nothing refused it, else a negative errno with err
 * filled ("line 3, column 7: <path>: <what>"). What handlers stored in ctx stays the caller's.
 * Rests on yajl 2.1.
 */
int json_parse(const struct json_format *format, void *ctx, struct source *source, struct err *err);

/* True for a string value that is this word. */
bool json_is(const struct json_value *value, const char *word);

/* Copies a string value; the caller frees it. NULL when memory is short. */
char *json_copy(const struct json_value *value);

#endif
