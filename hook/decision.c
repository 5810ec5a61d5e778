/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/decision.h"

#include <errno.h>
#include <fnmatch.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <string.h>

#include "hook/advice.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

/* btf_get_fd_by_id takes a token since 6.15; Debian 12's header already knows the number. */
#define HOST_CMDS BIT(BPF_BTF_GET_FD_BY_ID)
#define HOST_MAPS BIT(BPF_MAP_TYPE_STRUCT_OPS)

struct quoted decision_rule_name(const struct policy_rule *rule)
{
	struct quoted out = { "" };
	struct text text;

	text_init(&text, out.text, sizeof(out.text));
	if (rule->name != NULL)
		text_add(&text, "rule %s", quote(rule->name).text);
	else
		text_add(&text, "rule %u", rule->number);
	return out;
}

/* ---- host reach ---- */

static uint64_t progs_of_class(uint64_t progs, enum names_class class)
{
	uint64_t out = 0;

	for (unsigned bit = 0; bit < 64; bit++) {
		enum names_class has = names_prog_class(bit);

		if (has == NAMES_CLASS_NONE)
			has = NAMES_CLASS_HOST;
		if ((progs & BIT(bit)) != 0 && has == class)
			out |= BIT(bit);
	}
	return out;
}

static void add_reach(struct text *why, enum names_list list, uint64_t mask, uint64_t reaching,
		      const char *because)
{
	if (reaching == 0)
		return;
	text_add(why, "%s%s ", why->len != 0 ? ", and " : "", names_key(list));
	delegation_add_words(why, list, mask == DELEGATION_ANY ? mask : reaching, ",");
	text_add(why, " %s", because);
}

static uint64_t newer_bits(const struct delegation *delegation, enum names_list list)
{
	return delegation->masks[list] & ~names_known(list);
}

bool decision_host_reach(const struct delegation *delegation, const struct subject *subject,
			 struct text *why)
{
	static const char whole[] = "can reach the whole host";
	uint64_t cmds = delegation->masks[NAMES_CMDS], maps = delegation->masks[NAMES_MAPS];
	uint64_t progs = delegation->masks[NAMES_PROGS];
	const uint64_t sees_kernel = BIT(CAP_PERFMON) | BIT(CAP_SYS_ADMIN);

	add_reach(why, NAMES_CMDS, cmds, (cmds & HOST_CMDS) | newer_bits(delegation, NAMES_CMDS),
		  whole);
	add_reach(why, NAMES_MAPS, maps, (maps & HOST_MAPS) | newer_bits(delegation, NAMES_MAPS),
		  whole);
	add_reach(why, NAMES_PROGS, progs, progs_of_class(progs, NAMES_CLASS_HOST), whole);
	if (subject->host_network && progs != DELEGATION_ANY)
		add_reach(why, NAMES_PROGS, progs, progs_of_class(progs, NAMES_CLASS_NET),
			  "can reach the host's network, which the container shares");
	if (subject->host_cgroup && progs != DELEGATION_ANY)
		add_reach(why, NAMES_PROGS, progs, progs_of_class(progs, NAMES_CLASS_CGROUP),
			  "can reach the host's cgroups, whose namespace the container shares");
	if ((subject->bounding & sees_kernel) != 0)
		add_reach(why, NAMES_CMDS, cmds, cmds & BIT(BPF_PROG_LOAD),
			  "with CAP_PERFMON or CAP_SYS_ADMIN in the container's bounding set can "
			  "read the host's kernel memory");
	return why->len != 0;
}

/* ---- matching ---- */

static bool in_ranges(const struct policy_rule *rule, uid_t uid)
{
	if (rule->n_host_uids == 0)
		return uid != 0; /* container root that is host root takes a rule naming 0 */
	for (size_t i = 0; i < rule->n_host_uids; i++)
		if (uid >= rule->host_uids[i].first && uid <= rule->host_uids[i].last)
			return true;
	return false;
}

static bool network_fits(const struct policy_rule *rule, const struct subject *subject)
{
	return rule->host_network == POLICY_ANY ||
	       (rule->host_network == POLICY_YES) == subject->host_network;
}

struct decision_match decision_match(const struct policy_rule *rule, const struct subject *subject)
{
	if (!in_ranges(rule, subject->host_uid))
		return (struct decision_match){ DECISION_OTHER_UID, 0 };
	if (!network_fits(rule, subject))
		return (struct decision_match){ DECISION_OTHER_NETWORK, 0 };
	for (size_t i = 0; i < rule->n_annotations; i++) {
		const char *value = state_annotation(subject->state, rule->annotations[i].key);

		if (value == NULL)
			return (struct decision_match){ DECISION_NO_ANNOTATION, i };
		if (fnmatch(rule->annotations[i].glob, value, 0) != 0)
			return (struct decision_match){ DECISION_OTHER_ANNOTATION, i };
	}
	return (struct decision_match){ DECISION_MATCHES, 0 };
}

static bool rule_matches(const struct policy_rule *rule, const struct subject *subject)
{
	return decision_match(rule, subject).result == DECISION_MATCHES;
}

void decision_add_ranges(const struct policy_rule *rule, struct text *text)
{
	for (size_t i = 0; i < rule->n_host_uids; i++) {
		const struct policy_range *range = &rule->host_uids[i];

		text_add(text, "%s%u", i == 0 ? "" : ",", range->first);
		if (range->last != range->first)
			text_add(text, "-%u", range->last);
	}
}

static void add_other_uid(const struct policy_rule *rule, const struct subject *subject,
			  struct text *text)
{
	if (rule->n_host_uids == 0) {
		text_add(text, "its root is the host's root, which takes a rule with 0 in "
			       "\"hostUids\"");
		return;
	}
	text_add(text, "its root is host uid %u, and \"hostUids\" is ", subject->host_uid);
	decision_add_ranges(rule, text);
}

static void add_other_annotation(const struct policy_glob *glob, const struct subject *subject,
				 struct text *text)
{
	text_add(text, "annotation %s is %s, which %s does not match", quote(glob->key).text,
		 quote(state_annotation(subject->state, glob->key)).text, quote(glob->glob).text);
}

void decision_add_match(const struct policy_rule *rule, const struct subject *subject,
			struct decision_match match, struct text *text)
{
	switch (match.result) {
	case DECISION_MATCHES:
		text_add(text, "it matches");
		break;
	case DECISION_OTHER_UID:
		add_other_uid(rule, subject, text);
		break;
	case DECISION_OTHER_NETWORK:
		text_add(text,
			 subject->host_network ?
				 "it shares the host's network, and \"hostNetwork\" is false" :
				 "it has a network of its own, and \"hostNetwork\" is true");
		break;
	case DECISION_NO_ANNOTATION:
		text_add(text, "it has no annotation %s",
			 quote(rule->annotations[match.annotation].key).text);
		break;
	case DECISION_OTHER_ANNOTATION:
		add_other_annotation(&rule->annotations[match.annotation], subject, text);
		break;
	}
}

/* ---- what a matching rule allows ---- */

static bool path_allowed(const struct policy_rule *rule, const char *path)
{
	if (rule->n_paths == 0)
		return strcmp(path, REQUEST_DEFAULT_PATH) == 0;
	for (size_t i = 0; i < rule->n_paths; i++)
		if (fnmatch(rule->paths[i].glob, path, FNM_PATHNAME | FNM_PERIOD) == 0)
			return true;
	return false;
}

/* Adds what of the lists lies beyond the rule's ceiling; false when nothing does. */
static bool add_excess(const struct delegation *want, const struct policy_rule *rule,
		       struct text *why)
{
	size_t before = why->len;

	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		uint64_t excess = delegation_excess(want, &rule->ceiling, list);

		if (excess == 0)
			continue;
		text_add(why, "%s%s ", why->len != before ? "; " : "", names_key(list));
		delegation_add_words(why, list,
				     want->masks[list] == DELEGATION_ANY ? DELEGATION_ANY : excess,
				     ",");
	}
	return why->len != before;
}

/* Adds everything in which a rule does not cover the request; false when it does cover it. */
static bool add_objection(const struct policy_rule *rule, const struct request *request,
			  const struct delegation *want, const struct subject *subject,
			  struct text *why)
{
	char reach[400];
	struct text reach_text;
	bool objects;

	if (rule->void_because != NULL) {
		text_add(why, "is void: %s", rule->void_because);
		return true;
	}
	if (rule->deny) {
		text_add(why, "denies it");
		return true;
	}
	text_add(why, "does not allow ");
	objects = add_excess(want, rule, why);
	if (!path_allowed(rule, request->path)) {
		text_add(why, "%spath %s", objects ? "; " : "", quote(request->path).text);
		objects = true;
	}
	text_init(&reach_text, reach, sizeof(reach));
	if (!rule->host_reach && decision_host_reach(want, subject, &reach_text)) {
		text_add(why, "%s\"hostReach\", and %s", objects ? "; " : "", reach);
		objects = true;
	}
	return objects;
}

/* The first rule after the deciding one that would have allowed it: the earlier one hides it. */
static const struct policy_rule *hidden_rule(const struct policy *policy,
					     const struct policy_rule *by,
					     const struct request *request,
					     const struct delegation *want,
					     const struct subject *subject)
{
	char scratch[64];
	struct text text;

	for (const struct policy_rule *rule = by + 1; rule < policy->rules + policy->n_rules;
	     rule++) {
		text_init(&text, scratch, sizeof(scratch));
		if (rule_matches(rule, subject) &&
		    !add_objection(rule, request, want, subject, &text))
			return rule;
	}
	return NULL;
}

/* ---- the answer ---- */

/* Unites the lists with the profiles'. A refusal of its own when a profile cannot be had. */
static int resolve_profiles(const struct policy *policy, const char *policy_path,
			    const struct request *request, struct delegation *want, struct err *err)
{
	int code = request->origin == REQUEST_FROM_COMMAND_LINE ? EX_USAGE : EX_DATAERR;

	*want = request->lists;
	for (size_t i = 0; i < request->n_profiles; i++) {
		const struct policy_profile *profile = policy_profile(policy, request->profiles[i]);

		if (profile == NULL)
			return advice_unknown_profile(policy, policy_path, request->profiles[i],
						      code, err);
		if (profile->void_because != NULL)
			return err_set(err, EX_NOPERM, 0, "policy: profile %s is void: %s",
				       quote(profile->name).text, profile->void_because);
		delegation_unite(want, &profile->delegation);
	}
	if (want->masks[NAMES_CMDS] == 0)
		return err_set(err, code, 0,
			       "request: no command is asked for, so a token would serve nothing; "
			       "add cmds, for example map_create,prog_load");
	return 0;
}

static void refuse(struct decision *decision, const struct policy *policy, const char *policy_path,
		   const struct request *request, const struct subject *subject)
{
	char why[500];
	struct text text;
	struct advice advice = { policy_path, request, &decision->delegation, subject };
	const struct policy_rule *hidden;

	text_init(&text, why, sizeof(why));
	if (decision->rule == NULL) {
		advice_no_rule(&advice, policy, &decision->refusal);
		return;
	}
	add_objection(decision->rule, request, &decision->delegation, subject, &text);
	hidden = hidden_rule(policy, decision->rule, request, &decision->delegation, subject);
	advice_refused(&advice, policy, decision->rule, why, hidden, &decision->refusal);
}

void policy_decide(const struct policy *policy, const char *policy_path,
		   const struct request *request, const struct subject *subject,
		   struct decision *ret_decision)
{
	struct decision decision = { .granted = false };
	char scratch[64];
	struct text text;

	if (resolve_profiles(policy, policy_path, request, &decision.delegation,
			     &decision.refusal) == 0) {
		for (size_t i = 0; request->origin == REQUEST_FROM_ANNOTATIONS &&
				   decision.rule == NULL && i < policy->n_rules;
		     i++)
			if (rule_matches(&policy->rules[i], subject))
				decision.rule = &policy->rules[i];
		text_init(&text, scratch, sizeof(scratch));
		if (request->origin == REQUEST_FROM_COMMAND_LINE)
			decision.granted = true;
		else if (decision.rule != NULL)
			decision.granted = !add_objection(decision.rule, request,
							  &decision.delegation, subject, &text);
		if (!decision.granted)
			refuse(&decision, policy, policy_path, request, subject);
	}
	*ret_decision = decision;
}
