/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/policy/lint.h"

#include <stdarg.h>
#include <string.h>

#include "hook/decision.h"
#include "hook/request.h"

#include "spec/base/poison.h"

__attribute__((format(printf, 4, 5))) static void add(struct lints *lints, enum lint_level level,
						      unsigned line, const char *format, ...)
{
	struct text text;
	va_list args;
	struct lint *lint;

	if (lints->n == LINTS_MAX) {
		lints->dropped++;
		return;
	}
	lint = &lints->items[lints->n++];
	lint->level = level;
	lint->line = line;
	text_init(&text, lint->text, sizeof(lint->text));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
}

/* ---- rules that another hides ---- */

/* The range of ranges that holds id, or NULL. */
static const struct policy_range *range_of(const struct policy_range *ranges, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ranges[i].first <= id && id <= ranges[i].last)
			return &ranges[i];
	return NULL;
}

static bool covers_range(const struct policy_range *ranges, size_t n, struct policy_range range)
{
	for (uint32_t id = range.first;;) {
		const struct policy_range *at = range_of(ranges, n, id);

		if (at == NULL || at->last >= range.last)
			return at != NULL;
		id = at->last + 1;
	}
}

/* A rule without host uids means all but the host's root. */
static const struct policy_range *uids_of(const struct policy_rule *rule, size_t *ret_n)
{
	static const struct policy_range all = { 1, UINT32_MAX - 1 };

	*ret_n = rule->n_host_uids != 0 ? rule->n_host_uids : 1;
	return rule->n_host_uids != 0 ? rule->host_uids : &all;
}

static bool covers_uids(const struct policy_rule *earlier, const struct policy_rule *rule)
{
	size_t n, m;
	const struct policy_range *theirs = uids_of(earlier, &n), *ours = uids_of(rule, &m);

	for (size_t i = 0; i < m; i++)
		if (!covers_range(theirs, n, ours[i]))
			return false;
	return true;
}

/* A glob implies another when it is the same, or when that one takes any value. */
static bool implies(const struct policy_rule *rule, const struct policy_glob *wanted)
{
	for (size_t i = 0; i < rule->n_annotations; i++) {
		const struct policy_glob *has = &rule->annotations[i];

		if (strcmp(has->key, wanted->key) == 0 &&
		    (strcmp(has->glob, wanted->glob) == 0 || strcmp(wanted->glob, "*") == 0))
			return true;
	}
	return false;
}

bool policy_lint_covers(const struct policy_rule *earlier, const struct policy_rule *rule)
{
	for (size_t i = 0; i < earlier->n_annotations; i++)
		if (!implies(rule, &earlier->annotations[i]))
			return false;
	return (earlier->host_network == POLICY_ANY ||
		earlier->host_network == rule->host_network) &&
	       covers_uids(earlier, rule);
}

static void check_hidden(const struct policy *policy, size_t i, struct lints *lints)
{
	const struct policy_rule *rule = &policy->rules[i];

	for (size_t j = 0; j < i; j++) {
		const struct policy_rule *earlier = &policy->rules[j];

		if (!policy_lint_covers(earlier, rule))
			continue;
		add(lints, LINT_WARNING, rule->line,
		    "%s can never match: %s (line %u) takes every container that it would; move it "
		    "up or remove it",
		    decision_rule_name(rule).text, decision_rule_name(earlier).text, earlier->line);
		return;
	}
}

/* ---- what a rule allows ---- */

static void check_paths(const struct policy_rule *rule, struct lints *lints)
{
	for (size_t i = 0; i < rule->n_paths; i++) {
		const char *glob = rule->paths[i].glob;
		const bool plain = strpbrk(glob, "*?[\\") == NULL;
		const char *defect = plain ? request_path_defect(glob) : NULL;

		if (defect != NULL)
			add(lints, LINT_WARNING, rule->line,
			    "%s allows path %s, which no request can have: it %s",
			    decision_rule_name(rule).text, quote(glob).text, defect);
		else if (text_path_below(glob, "/proc") || text_path_below(glob, "/dev"))
			add(lints, LINT_WARNING, rule->line,
			    "%s allows path %s, where the hook never mounts: runtimes use it after "
			    "the hooks",
			    decision_rule_name(rule).text, quote(glob).text);
	}
}

static void check_reach(const struct policy_rule *rule, struct lints *lints)
{
	const struct subject apart = { .host_uid = 1 };
	char reach[300];
	struct text text;

	text_init(&text, reach, sizeof(reach));
	if (rule->host_reach)
		add(lints, LINT_NOTE, rule->line,
		    "%s has \"hostReach\": what it allows may see and change the whole host",
		    decision_rule_name(rule).text);
	else if (decision_host_reach(&rule->ceiling, &apart, &text))
		add(lints, LINT_WARNING, rule->line,
		    "%s has no \"hostReach\", so it refuses some of what it lists: %s",
		    decision_rule_name(rule).text, reach);
}

static void check_allow(const struct policy_rule *rule, struct lints *lints)
{
	if (rule->ceiling.masks[NAMES_CMDS] == 0)
		add(lints, LINT_WARNING, rule->line,
		    "%s allows no cmds, so it refuses each request that it matches",
		    decision_rule_name(rule).text);
	check_paths(rule, lints);
	check_reach(rule, lints);
	if (rule->n_annotations == 0 && rule->n_host_uids == 0)
		add(lints, LINT_NOTE, rule->line,
		    "%s looks at no annotation and no host uid: whoever may write annotations may "
		    "have what it allows",
		    decision_rule_name(rule).text);
	if (range_of(rule->host_uids, rule->n_host_uids, 0) != NULL)
		add(lints, LINT_NOTE, rule->line,
		    "%s takes host uid 0: such a container's root is the host's root",
		    decision_rule_name(rule).text);
}

static void check_rule(const struct policy *policy, size_t i, struct lints *lints)
{
	const struct policy_rule *rule = &policy->rules[i];

	check_hidden(policy, i, lints);
	if (rule->void_because != NULL)
		add(lints, LINT_WARNING, rule->line,
		    "%s is void, so it refuses each request that it matches: %s",
		    decision_rule_name(rule).text, rule->void_because);
	else if (!rule->deny)
		check_allow(rule, lints);
}

/* ---- the rest ---- */

static bool matches_on(const struct policy *policy, const char *key)
{
	for (size_t i = 0; i < policy->n_rules; i++)
		for (size_t j = 0; j < policy->rules[i].n_annotations; j++)
			if (strcmp(policy->rules[i].annotations[j].key, key) == 0)
				return true;
	return false;
}

void policy_lint(const struct policy *policy, struct lints *lints)
{
	for (size_t i = 0; i < policy->n_profiles; i++)
		if (policy->profiles[i].void_because != NULL)
			add(lints, LINT_WARNING, 0,
			    "profile %s is void, so who asks for it is refused: %s",
			    quote(policy->profiles[i].name).text, policy->profiles[i].void_because);
	for (size_t i = 0; i < policy->n_trusted; i++)
		if (!matches_on(policy, policy->trusted[i]))
			add(lints, LINT_NOTE, 0, "trustedAnnotations: no rule matches on %s",
			    quote(policy->trusted[i]).text);
	for (size_t i = 0; i < policy->n_rules; i++)
		check_rule(policy, i, lints);
}
