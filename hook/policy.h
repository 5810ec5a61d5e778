/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_POLICY_H
#define HOOK_POLICY_H

/*
 * The policy: who may have which delegation. JSON, written by root (DESIGN.md section 3).
 *
 * Two layers make one policy: the administrator's file, with rules, and the vendor's, with profiles
 * only, which the administrator's may redefine by name. A defect of form refuses the whole file. A
 * name that this build does not know voids only the profile or rule that holds it, because fleets
 * are mixed: the text in void_because then says which name, and using it is a refusal.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/base/err.h"
#include "spec/base/source.h"
#include "spec/delegation.h"

#define POLICY_MAX_BYTES (1 << 20)

enum policy_layer { POLICY_ADMINISTRATOR, POLICY_VENDOR };

struct policy_profile {
	char *name;
	struct delegation delegation;
	char *void_because; /* NULL when the profile is good */
	enum policy_layer layer;
};

struct policy_range {
	uint32_t first, last;
};

struct policy_glob {
	char *key; /* an annotation's; NULL in lists of paths */
	char *glob;
};

enum policy_answer { POLICY_ANY, POLICY_YES, POLICY_NO };

/* Invariant after policy_parse: a rule either denies or allows. */
struct policy_rule {
	char *name; /* NULL when it has none */
	unsigned line, column;
	unsigned number; /* from 1 */
	char *void_because;

	bool has_match;
	struct policy_glob *annotations;
	size_t n_annotations;
	struct policy_range *host_uids;
	size_t n_host_uids;
	enum policy_answer host_network;

	bool has_allow;
	bool deny;
	char **profiles;
	size_t n_profiles;
	struct delegation ceiling; /* the lists; with the profiles' once policy_link was called */
	struct policy_glob *paths;
	size_t n_paths;
	bool host_reach;
};

struct policy {
	char **trusted; /* annotation keys that rules may match on */
	size_t n_trusted;
	struct policy_profile *profiles;
	size_t n_profiles;
	struct policy_rule *rules;
	size_t n_rules;
};

/*
 * Adds a layer to an all-zero policy or to one that has the administrator's layer. Returns 0, or a
 * negative errno with err filled (78, with line and column). The caller ends *policy with
 * policy_done in either case. Pure.
 */
int policy_parse(struct source *source, enum policy_layer layer, struct policy *policy,
		 struct err *err);

/*
 * Unites each rule's ceiling with its profiles', once all layers are there. A profile that nobody
 * defines, or that is void, voids the rule. Returns 0 or -ENOMEM with err filled.
 */
int policy_link(struct policy *policy, struct err *err);

void policy_done(struct policy *policy);
void policy_profile_done(struct policy_profile *profile);

/* The profile of that name, or NULL. */
const struct policy_profile *policy_profile(const struct policy *policy, const char *name);

/* True for an annotation key in trustedAnnotations. */
bool policy_trusts(const struct policy *policy, const char *key);

#endif
