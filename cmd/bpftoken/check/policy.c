/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "cmd/bpftoken/check/check.h"
#include "hook/decision.h"
#include "hook/policy_file.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

/* What this build cannot read refuses only those who ask for it. */
static void warn_of_void(struct check *check, const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_profiles; i++) {
		const struct policy_profile *profile = &policy->profiles[i];

		if (profile->void_because == NULL)
			continue;
		check_add(check, CHECK_WARNING, "policy", "profile %s refuses all: %s",
			  quote(profile->name).text, profile->void_because);
		check_fix(check, "correct the name, or use a newer version of the hook");
	}
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct policy_rule *rule = &policy->rules[i];

		if (rule->void_because == NULL)
			continue;
		check_add(check, CHECK_WARNING, "policy", "%s (line %u) refuses all: %s",
			  decision_rule_name(rule).text, rule->line, rule->void_because);
		check_fix(check, "correct the name, or use a newer version of the hook");
	}
}

static void judge_policy(struct check *check, const struct policy *policy, bool has_rules)
{
	size_t n_allow = 0;

	for (size_t i = 0; i < policy->n_rules; i++)
		n_allow += !policy->rules[i].deny && policy->rules[i].void_because == NULL;
	if (!has_rules) {
		check_add(check, CHECK_WARNING, "policy",
			  "%s is not there, so no annotation gets anything; %zu vendor profiles",
			  check->policy, policy->n_profiles);
		check_fix(check,
			  "write one, for example {\"version\": 1, \"rules\": [{\"match\": {}, "
			  "\"allow\": {\"profiles\": \"xdp\"}}]}, root's with mode 0644");
	} else if (n_allow == 0) {
		check_add(check, CHECK_WARNING, "policy",
			  "%s has no rule that allows, so no annotation gets anything",
			  check->policy);
		check_fix(check, "add a rule; a refusal of the hook prints the one it misses");
	} else {
		check_add(check, CHECK_OK, "policy", "%s: %zu rules, %zu profiles", check->policy,
			  policy->n_rules, policy->n_profiles);
	}
	warn_of_void(check, policy);
}

void check_policy(struct check *check)
{
	const struct policy_files files = { .administrator = check->policy,
					    .vendor = check->vendor };
	defer_with(policy_layers_close) struct policy_layers layers = { -1, -1 };
	defer_with(policy_done) struct policy policy = { 0 };
	struct err err = { 0 };
	int r = policy_layers_open(&files, &layers, &err);

	if (r == 0)
		r = policy_layers_read(&files, &layers, &policy, &err);
	if (r < 0) {
		check_add_err(check, CHECK_FAILURE, "policy", &err,
			      "correct the file; nothing is delegated until then");
		return;
	}
	judge_policy(check, &policy, layers.administrator >= 0);
}
