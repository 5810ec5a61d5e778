/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_POLICY_LINT_H
#define CMD_BPFTOKEN_POLICY_LINT_H

/*
 * What is well-formed in a policy and yet unlikely to be meant, and what deserves a second look.
 */

#include "hook/policy.h"

enum lint_level {
	LINT_NOTE,    /* as it stands it does what it says; it reaches far */
	LINT_WARNING, /* some of it has no effect */
};

struct lint {
	enum lint_level level;
	unsigned line; /* of the rule it is about; 0: none */
	char text[500];
};

#define LINTS_MAX 100

/* Invariant: all zero at the start; what is beyond LINTS_MAX is counted in dropped. */
struct lints {
	struct lint items[LINTS_MAX];
	size_t n;
	size_t dropped;
};

/* Looks at a linked policy. Pure. */
void policy_lint(const struct policy *policy, struct lints *lints);

/* True when every container that rule matches is matched by earlier as well. Pure. */
bool policy_lint_covers(const struct policy_rule *earlier, const struct policy_rule *rule);

#endif
