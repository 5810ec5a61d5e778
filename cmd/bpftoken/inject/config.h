/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_INJECT_CONFIG_H
#define CMD_BPFTOKEN_INJECT_CONFIG_H

/*
 * A config.json as "bpftoken inject" sees it: where the objects and arrays stand that it adds to,
 * and what is in them. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/base/err.h"
#include "spec/json_edit.h"

/* The objects and arrays. The stages and the capability sets each stand together. */
enum inject_place {
	INJECT_ROOT,
	INJECT_ANNOTATIONS,
	INJECT_HOOKS,
	INJECT_CREATE_RUNTIME,
	INJECT_PRESTART,
	INJECT_CREATE_CONTAINER,
	INJECT_START_CONTAINER,
	INJECT_POSTSTART,
	INJECT_POSTSTOP,
	INJECT_PROCESS,
	INJECT_CAPABILITIES,
	INJECT_BOUNDING,
	INJECT_EFFECTIVE,
	INJECT_INHERITABLE,
	INJECT_PERMITTED,
	INJECT_AMBIENT,
	INJECT_LINUX,
	INJECT_NAMESPACES,
	INJECT_UID_MAPPINGS,
	INJECT_GID_MAPPINGS,
	INJECT_PLACES
};

/* Member, in which place, and whether it is an array. The root has no name. */
struct inject_place_info {
	const char *name;
	enum inject_place parent;
	bool array;
};

const struct inject_place_info *inject_place_info(enum inject_place place);

/* A place that is not there has the span 0 to 0. */
struct inject_found {
	struct json_span span;
	bool null; /* it is there, but null */
};

/*
 * One member or element of a place. key is an annotation's key, a hook's path, a namespace's type
 * or a capability's name; value an annotation's value or a namespace's path. NULL where it is
 * absent.
 */
struct inject_entry {
	enum inject_place in;
	struct json_span span;
	char *key;
	char *value;
	char **args; /* a hook's */
	size_t n_args;
	uint64_t container_id, host_id, size; /* a mapping's */
};

struct inject_config {
	struct inject_found places[INJECT_PLACES];
	struct inject_entry *entries; /* in the order of the text */
	size_t n_entries;
	char *oci_version; /* NULL when it is absent */
};

/*
 * Reads a text, as strictly as the hook does. Returns 0, or a negative errno with err filled (65).
 * The caller ends *ret_config with inject_config_done.
 */
int inject_config_read(const struct json_doc *doc, struct inject_config *ret_config,
		       struct err *err);
void inject_config_done(struct inject_config *config);

bool inject_has_place(const struct inject_config *config, enum inject_place place);

/* The first entry of a place with that key, or NULL. */
const struct inject_entry *inject_entry(const struct inject_config *config, enum inject_place in,
					const char *key);

#endif
