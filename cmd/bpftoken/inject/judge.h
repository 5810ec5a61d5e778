/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_INJECT_JUDGE_H
#define CMD_BPFTOKEN_INJECT_JUDGE_H

/*
 * Whether the hook will take a config.json, told by the hook's own code, and what will keep the
 * container from being of use. Pure, but for getopt's own variables.
 */

#include "cmd/bpftoken/inject/edit.h"
#include "spec/base/err.h"
#include "spec/json_edit.h"

#define INJECT_NOTES_MAX 24

struct inject_notes {
	char text[INJECT_NOTES_MAX][400];
	size_t n;
};

/*
 * Judges a text that inject_add has edited. Returns 0 with notes on what the hook or the runtime
 * would stumble over later, or a negative errno with err filled: 65 when the hook would refuse the
 * text or its request, 64 when it would refuse its command line.
 */
int inject_judge(const struct json_doc *doc, const struct inject_wish *wish,
		 struct inject_notes *ret_notes, struct err *err);

#endif
