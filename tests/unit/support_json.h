/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SUPPORT_JSON_H
#define TESTS_UNIT_SUPPORT_JSON_H

/* A format with rules of every kind, and what its handlers were given. */

#include "tests/unit/support.h"

#include "spec/base/text.h"
#include "spec/json.h"

#define ANY_TYPE (JSON_NULL | JSON_BOOL | JSON_NUMBER | JSON_STRING | JSON_OBJECT | JSON_ARRAY)

enum { EVENTS_MAX = 4096 };

/* What handlers were given, written down. */
struct events {
	char buf[EVENTS_MAX];
	struct text text;
	const char *refuse; /* a string value that the handler refuses */
};

extern const struct json_format lenient;

/* The same, with members refused that have no rule, and another exit code. */
struct json_format strict_format(void);

/* Parses len bytes in pieces of chunk (0: all at once), and writes down what handlers are given. */
int parse_events(const struct json_format *format, const char *json, size_t len, size_t chunk,
		 struct events *events, struct err *err);

#endif
