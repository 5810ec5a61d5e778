/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

static int void_rule(struct policy_rule *rule, const char *profile, const char *why,
		     struct err *err)
{
	struct err text = { 0 };

	if (rule->void_because != NULL)
		return 0;
	err_set(&text, EX_CONFIG, 0, "profile %s %s", quote(profile).text, why);
	rule->void_because = strdup(text.msg);
	return rule->void_because != NULL ? 0 : err_memory(err);
}

int policy_link(struct policy *policy, struct err *err)
{
	for (size_t i = 0; i < policy->n_rules; i++) {
		struct policy_rule *rule = &policy->rules[i];

		for (size_t j = 0; j < rule->n_profiles; j++) {
			const struct policy_profile *profile =
				policy_profile(policy, rule->profiles[j]);
			int r = 0;

			if (profile == NULL)
				r = void_rule(rule, rule->profiles[j], "is not defined", err);
			else if (profile->void_because != NULL)
				r = void_rule(rule, rule->profiles[j], "is void", err);
			else
				delegation_unite(&rule->ceiling, &profile->delegation);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

const struct policy_profile *policy_profile(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_profiles; i++)
		if (strcmp(policy->profiles[i].name, name) == 0)
			return &policy->profiles[i];
	return NULL;
}

bool policy_trusts(const struct policy *policy, const char *key)
{
	for (size_t i = 0; i < policy->n_trusted; i++)
		if (strcmp(policy->trusted[i], key) == 0)
			return true;
	return false;
}

void policy_profile_done(struct policy_profile *profile)
{
	free(profile->name);
	free(profile->void_because);
}

static void globs_done(struct policy_glob *globs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(globs[i].key);
		free(globs[i].glob);
	}
	free(globs);
}

static void strings_done(char **strings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(strings[i]);
	free(strings);
}

static void rule_done(struct policy_rule *rule)
{
	globs_done(rule->annotations, rule->n_annotations);
	globs_done(rule->paths, rule->n_paths);
	strings_done(rule->profiles, rule->n_profiles);
	free(rule->host_uids);
	free(rule->void_because);
	free(rule->name);
}

void policy_done(struct policy *policy)
{
	for (size_t i = 0; i < policy->n_profiles; i++)
		policy_profile_done(&policy->profiles[i]);
	for (size_t i = 0; i < policy->n_rules; i++)
		rule_done(&policy->rules[i]);
	free(policy->profiles);
	free(policy->rules);
	strings_done(policy->trusted, policy->n_trusted);
	*policy = (struct policy){ 0 };
}
