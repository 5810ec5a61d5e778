/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_POLICY_RULES_H
#define CMD_BPFTOKEN_POLICY_RULES_H

/*
 * What each rule of a policy says to one request, in the order in which the hook asks them.
 */

#include "hook/decision.h"
#include "spec/json_gen.h"

struct rules_view {
	const struct policy *policy;
	const struct request *request;
	const struct subject *subject;
	const struct decision *decision;
};

/* Prints one line for each rule: passed over and why, the one that decides, those not reached. */
void rules_print(const struct rules_view *view);

/* The same as an array of objects: number, name, line, result ("passed over", ...) and why. */
void rules_json(const struct rules_view *view, struct json_gen *gen);

/*
 * Prints the lists that are not empty, a line or more for each: the prefix, "cmds" or the like, and
 * from a column on "any" or names.
 */
void rules_print_lists(const struct delegation *delegation, const char *prefix, unsigned column);

/* Adds all four as members of the open object: arrays of names. */
void rules_json_lists(const struct delegation *delegation, struct json_gen *gen);

#endif
