/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/advice.h"

#include <string.h>

#include "spec/base/poison.h"

/*
 * A whole refusal is under 1,900 bytes: 200 for the policy's path, 500 for what is wrong, and a rule
 * of more than this names its lists as numbers.
 */
#define RULE_MAX 1000

static void add_member(struct text *text, const char *name)
{
	bool first = text->len == 0 || text->buf[text->len - 1] == '{';

	text_add(text, "%s\"%s\":", first ? "" : ",", name);
}

/*
 * A value as a glob that matches it, fit for a list: what is special to globs, lists or terminals
 * stands as '?', which matches any one byte.
 */
static void add_glob(struct text *text, const char *value)
{
	text_add(text, "\"");
	for (; *value != '\0'; value++)
		text_add(text, "%c",
			 text_is_printable(*value) && strchr("*?[\\,: \"", *value) == NULL ?
				 *value :
				 '?');
	text_add(text, "\"");
}

/* The container as the rules see it: its host uid and what the engine says of it. */
static void add_match(const struct advice *advice, const struct policy *policy, struct text *text)
{
	bool any = false;

	add_member(text, "match");
	text_add(text, "{");
	for (size_t i = 0; i < policy->n_trusted; i++) {
		const char *value = state_annotation(advice->subject->state, policy->trusted[i]);

		if (value == NULL || strlen(value) > 100 || strlen(policy->trusted[i]) > 100)
			continue;
		if (!any)
			add_member(text, "annotations");
		text_add(text, any ? "," : "{");
		text_add_json(text, policy->trusted[i], strlen(policy->trusted[i]));
		text_add(text, ":");
		add_glob(text, value);
		any = true;
	}
	if (any)
		text_add(text, "}");
	add_member(text, "hostUids");
	text_add(text, "\"%u\"}", advice->subject->host_uid);
}

static void add_lists(const struct advice *advice, bool numbers, struct text *text)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		uint64_t mask = advice->request->lists.masks[list];

		if (mask == 0)
			continue;
		add_member(text, names_key(list));
		text_add(text, "\"");
		if (numbers && mask != DELEGATION_ANY)
			text_add(text, "0x%llx", (unsigned long long)mask);
		else
			delegation_add_words(text, list, mask, ",");
		text_add(text, "\"");
	}
}

static void add_allow(const struct advice *advice, bool numbers, struct text *text)
{
	const struct request *request = advice->request;
	char scratch[64];
	struct text reach;

	add_member(text, "allow");
	text_add(text, "{");
	for (size_t i = 0; i < request->n_profiles; i++) {
		if (i == 0)
			add_member(text, "profiles");
		text_add(text, "%s%s", i == 0 ? "\"" : ",", request->profiles[i]);
	}
	if (request->n_profiles != 0)
		text_add(text, "\"");
	add_lists(advice, numbers, text);
	if (strcmp(request->path, REQUEST_DEFAULT_PATH) != 0) {
		add_member(text, "paths");
		add_glob(text, request->path);
	}
	text_init(&reach, scratch, sizeof(scratch));
	if (decision_host_reach(advice->want, advice->subject, &reach)) {
		add_member(text, "hostReach");
		text_add(text, "true");
	}
	text_add(text, "}");
}

void advice_add_rule(const struct advice *advice, const struct policy *policy, struct text *text)
{
	char rule[RULE_MAX];
	struct text out;

	for (int numbers = 0; numbers < 2; numbers++) {
		text_init(&out, rule, sizeof(rule));
		text_add(&out, "{");
		add_match(advice, policy, &out);
		add_allow(advice, numbers != 0, &out);
		text_add(&out, "}");
		if (!out.cut)
			break;
	}
	text_add(text, "%s", out.cut ? "(a rule for it is too long to be shown)" : rule);
}

int advice_no_rule(const struct advice *advice, const struct policy *policy, struct err *err)
{
	char rule[RULE_MAX];
	struct text text;

	text_init(&text, rule, sizeof(rule));
	advice_add_rule(advice, policy, &text);
	return err_set(err, EX_NOPERM, 0,
		       "policy: no rule matches this container (its root is host uid %u); to allow "
		       "it, add to \"rules\" in %.200s: %s",
		       advice->subject->host_uid, advice->policy_path, rule);
}

int advice_refused(const struct advice *advice, const struct policy *policy,
		   const struct policy_rule *rule, const char *why,
		   const struct policy_rule *hidden, struct err *err)
{
	char text_buf[RULE_MAX];
	struct text text;

	if (hidden != NULL)
		return err_set(err, EX_NOPERM, 0,
			       "policy: %s (line %u) %s; %s (line %u) would allow it: move that "
			       "one before it in %.200s",
			       decision_rule_name(rule).text, rule->line, why,
			       decision_rule_name(hidden).text, hidden->line, advice->policy_path);
	text_init(&text, text_buf, sizeof(text_buf));
	advice_add_rule(advice, policy, &text);
	return err_set(err, EX_NOPERM, 0,
		       "policy: %s (line %u) %s; to allow it, put before that rule in %.200s: %s",
		       decision_rule_name(rule).text, rule->line, why, advice->policy_path,
		       text_buf);
}

int advice_unknown_profile(const struct policy *policy, const char *policy_path, const char *name,
			   int code, struct err *err)
{
	char known[600];
	struct text text;

	text_init(&text, known, sizeof(known));
	for (size_t i = 0; i < policy->n_profiles; i++)
		text_add(&text, "%s%s", i == 0 ? " or use one of: " : ", ",
			 policy->profiles[i].name);
	return err_set(err, code, 0, "request: profile %s is not defined; define it in %.200s%s",
		       quote(name).text, policy_path, known);
}
