/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_ADVICE_H
#define HOOK_ADVICE_H

/*
 * What a refusal tells an administrator to do: the very rule that would allow the request, ready to
 * be pasted into the policy, or the later rule that an earlier one hides.
 */

#include "hook/decision.h"

/* What a refusal is about. */
struct advice {
	const char *policy_path;
	const struct request *request;
	const struct delegation *want;
	const struct subject *subject;
};

/* Fills err (77): no rule matches. Always -EINVAL. */
int advice_no_rule(const struct advice *advice, const struct policy *policy, struct err *err);

/* Fills err (77): rule decided against it; hidden is the later rule that would allow it, or NULL. */
int advice_refused(const struct advice *advice, const struct policy *policy,
		   const struct policy_rule *rule, const char *why,
		   const struct policy_rule *hidden, struct err *err);

/* Fills err with code: the request names a profile that the policy lacks; names those it has. */
int advice_unknown_profile(const struct policy *policy, const char *policy_path, const char *name,
			   int code, struct err *err);

/* Adds the rule that would allow it, as one line of JSON. */
void advice_add_rule(const struct advice *advice, const struct policy *policy, struct text *text);

#endif
