/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_JSON_PATH_H
#define SPEC_JSON_PATH_H

/*
 * Which rules of a format a value can still belong to, told step by step from the top.
 *
 * A set of rules is a mask with one bit per rule. The set of a value is the part of its parent's
 * set whose next step is this member or element; an empty set means that nobody asks for what lies
 * below, however deep it goes.
 */

#include "spec/json.h"

#define JSON_STEPS_MAX 8

enum json_step_kind { JSON_STEP_END, JSON_STEP_MEMBER, JSON_STEP_ANY_MEMBER, JSON_STEP_ELEMENT };

struct json_step {
	const char *name; /* of a member; not terminated */
	uint16_t len;
	uint8_t kind; /* of enum json_step_kind */
};

struct json_paths {
	const struct json_format *format;
	uint64_t any; /* the rules with a '*' */
	/* of each rule; they end in JSON_STEP_END. As many as there are rules: room for all that there
	 * may be would be four pages of stack in each parse. */
	struct json_step (*steps)[JSON_STEPS_MAX + 1];
};

/*
 * Cuts the format's paths into steps. They are the program's own: a malformed one aborts. Returns 0
 * or -ENOMEM. The caller ends *paths with json_paths_done.
 */
int json_paths_init(struct json_paths *paths, const struct json_format *format);

void json_paths_done(struct json_paths *paths);

/* The part of set that goes on with this member; *ret_any tells that a '*' stood for it. */
uint64_t json_paths_member(const struct json_paths *paths, uint64_t set, unsigned depth,
			   const char *name, size_t len, bool *ret_any);

/*
 * The name in set that this member would be but for its case, or NULL. Go's encoding/json, which runc
 * reads config.json with, takes the one for the other: it folds ASCII case and, with it, U+017F to s
 * and U+212A to k.
 */
const struct json_step *json_paths_lookalike(const struct json_paths *paths, uint64_t set,
					     unsigned depth, const char *name, size_t len);

/* The part of set that goes on with the elements of an array. */
uint64_t json_paths_element(const struct json_paths *paths, uint64_t set, unsigned depth);

/* The rule of set that ends at depth, or NULL. */
const struct json_rule *json_paths_end(const struct json_paths *paths, uint64_t set,
				       unsigned depth);

/* True for a rule with a '*' in its path. */
bool json_paths_has_any(const struct json_paths *paths, const struct json_rule *rule);

/* The types that a value at depth may have by the rules of set. */
unsigned json_paths_types(const struct json_paths *paths, uint64_t set, unsigned depth);

#endif
