/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_INJECT_EDIT_H
#define CMD_BPFTOKEN_INJECT_EDIT_H

/*
 * What "bpftoken inject" does to a config.json. Pure. A text that an error leaves behind is half
 * edited and for nothing but json_doc_done.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/bpftoken/inject/config.h"
#include "spec/base/err.h"
#include "spec/json_edit.h"

#define INJECT_CAPS_MAX	       64
#define INJECT_ARGS_MAX	       64
#define INJECT_ANNOTATIONS_MAX 64

#define INJECT_HOOK_NAME "oci-bpf-token-hook"

struct inject_annotation {
	const char *key, *value;
};

/* What is to be in a config.json, or is to go from it. Not owned. */
struct inject_wish {
	const char *hook; /* its path */
	enum inject_place stage;
	char *args[INJECT_ARGS_MAX]; /* of the hook's command line, between name and stage */
	size_t n_args;
	bool userns;
	bool ids_given; /* the mapping is to be this one, and no other will do */
	uint32_t host_id, size;
	const char *caps[INJECT_CAPS_MAX];
	size_t n_caps;
	struct inject_annotation annotations[INJECT_ANNOTATIONS_MAX];
	size_t n_annotations;
};

/*
 * Puts in what is wished for and not there yet; a second time changes nothing. The hook stands
 * once, at its stage, and one that already stands there with the same path and parameters stays as
 * it is.
 * Returns 0, or a negative errno with err filled (65).
 */
int inject_add(struct json_doc *doc, const struct inject_wish *wish, struct err *err);

/*
 * Takes out the hook, from every stage, each annotation of this project's, and what else the wish
 * names: its annotations, its capabilities, the user namespace. An object or array that this
 * leaves empty goes with it.
 */
int inject_remove(struct json_doc *doc, const struct inject_wish *wish, struct err *err);

#endif
