/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hook/request.h"
#include "spec/base/defer.h"
#include "spec/base/list.h"
#include "spec/json.h"

#include "spec/base/poison.h"

/* One layer while it is read. The profile and rule being read are the last of their lists. */
struct reading {
	struct policy *policy;
	enum policy_layer layer;
	bool hidden; /* the profile being read is redefined by the administrator's layer */
	bool has_version;
};

static struct policy_profile *last_profile(struct reading *reading)
{
	return &reading->policy->profiles[reading->policy->n_profiles - 1];
}

static struct policy_rule *last_rule(struct reading *reading)
{
	return &reading->policy->rules[reading->policy->n_rules - 1];
}

static int copy_string(char **slot, const struct json_value *value, struct err *err)
{
	if (slot == NULL)
		return err_memory(err);
	*slot = json_copy(value);
	return *slot != NULL ? 0 : err_memory(err);
}

static int on_version(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;

	if (value->len != 1 || value->text[0] != '1')
		return err_set(err, EX_CONFIG, 0, "%s is no version this build reads; write 1",
			       quote_bytes(value->text, value->len).text);
	reading->has_version = true;
	return 0;
}

static int on_trusted(void *ctx, const struct json_value *value, struct err *err)
{
	const struct reading *reading = ctx;
	struct policy *policy = reading->policy;

	if (reading->layer == POLICY_VENDOR)
		return err_set(err, EX_CONFIG, 0,
			       "the vendor's file defines profiles only; move this to the "
			       "administrator's");
	if (value->len >= strlen(REQUEST_PREFIX) &&
	    memcmp(value->text, REQUEST_PREFIX, strlen(REQUEST_PREFIX)) == 0)
		return err_set(err, EX_CONFIG, 0,
			       "%s is what containers ask with; list only keys that the engine "
			       "sets",
			       quote_bytes(value->text, value->len).text);
	for (size_t i = 0; i < policy->n_trusted; i++)
		if (json_is(value, policy->trusted[i]))
			return err_set(err, EX_CONFIG, 0, "%s stands twice in the list",
				       quote(policy->trusted[i]).text);
	return copy_string(list_add(&policy->trusted, &policy->n_trusted, sizeof(char *)), value,
			   err);
}

/* ---- lists of names ---- */

/*
 * Reads one of the four lists. An unknown name is no defect of form: it voids the profile or rule,
 * whose *void_because then says why.
 */
static int read_list(const struct json_value *value, struct delegation *delegation,
		     char **void_because, struct err *err)
{
	enum names_list list = (enum names_list)value->arg;
	defer_free char *text = json_copy(value);
	struct err why = { 0 };
	int r;

	if (text == NULL)
		return err_memory(err);
	r = delegation_parse(list, text, DELEGATION_ALL_BITS, EX_CONFIG, &delegation->masks[list],
			     &why);
	if (r == -ENOENT) {
		err_prefix(&why, "%s", names_key(list));
		free(*void_because);
		*void_because = strdup(why.msg);
		return *void_because != NULL ? 0 : err_memory(err);
	}
	if (r < 0)
		*err = why;
	return r;
}

/* ---- profiles ---- */

static int profile_begin(struct reading *reading, const struct json_value *value, struct err *err)
{
	struct policy *policy = reading->policy;
	struct policy_profile *slot;

	if (!request_is_profile_name(value->name, strlen(value->name)))
		return err_set(err, EX_CONFIG, 0,
			       "%s is no profile name; use up to 63 letters, digits, '.', '_' and "
			       "'-'",
			       quote(value->name).text);
	reading->hidden = policy_profile(policy, value->name) != NULL;
	slot = list_add(&policy->profiles, &policy->n_profiles, sizeof(*slot));
	if (slot == NULL)
		return err_memory(err);
	slot->layer = reading->layer;
	slot->name = strdup(value->name);
	return slot->name != NULL ? 0 : err_memory(err);
}

static int on_profile(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;

	if (value->type == JSON_OBJECT)
		return profile_begin(reading, value, err);
	if (last_profile(reading)->void_because == NULL &&
	    delegation_is_empty(&last_profile(reading)->delegation))
		return err_set(err, EX_CONFIG, 0,
			       "the profile delegates nothing; add cmds, maps, progs or attachs");
	if (reading->hidden) {
		policy_profile_done(last_profile(reading));
		reading->policy->n_profiles--;
	}
	return 0;
}

static int on_profile_list(void *ctx, const struct json_value *value, struct err *err)
{
	struct policy_profile *profile = last_profile(ctx);

	return read_list(value, &profile->delegation, &profile->void_because, err);
}

/* ---- rules ---- */

static int rule_begin(struct reading *reading, const struct json_value *value, struct err *err)
{
	struct policy *policy = reading->policy;
	struct policy_rule *slot;

	if (reading->layer == POLICY_VENDOR)
		return err_set(err, EX_CONFIG, 0,
			       "the vendor's file defines profiles only; move the rules to the "
			       "administrator's");
	slot = list_add(&policy->rules, &policy->n_rules, sizeof(*slot));
	if (slot == NULL)
		return err_memory(err);
	slot->line = value->line;
	slot->column = value->column;
	slot->number = (unsigned)policy->n_rules;
	return 0;
}

static int on_rule(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	struct policy_rule *rule;

	if (value->type == JSON_OBJECT)
		return rule_begin(reading, value, err);
	rule = last_rule(reading);
	if (!rule->has_match)
		return err_set(err, EX_CONFIG, 0,
			       "the rule has no \"match\"; write \"match\": {} for every "
			       "container");
	if (rule->has_allow == rule->deny)
		return err_set(err, EX_CONFIG, 0,
			       "a rule has either \"allow\" or \"deny\": true; this one has %s",
			       rule->deny ? "both" : "neither");
	return 0;
}

static int on_rule_name(void *ctx, const struct json_value *value, struct err *err)
{
	return copy_string(&last_rule(ctx)->name, value, err);
}

static int on_match(void *ctx, const struct json_value *value, struct err *err)
{
	(void)value;
	(void)err;
	last_rule(ctx)->has_match = true;
	return 0;
}

/* fnmatch(3) reads "[^" by the environment variable POSIXLY_CORRECT. */
static int check_glob(const char *glob, size_t len, struct err *err)
{
	if (memmem(glob, len, "[^", 2) == NULL)
		return 0;
	return err_set(err, EX_CONFIG, 0,
		       "%s holds \"[^\", which is read in two ways; write \"[!\"",
		       quote_bytes(glob, len).text);
}

static int on_match_annotation(void *ctx, const struct json_value *value, struct err *err)
{
	struct policy_rule *rule = last_rule(ctx);
	struct policy_glob *slot;

	if (check_glob(value->text, value->len, err) < 0)
		return -EINVAL;
	slot = list_add(&rule->annotations, &rule->n_annotations, sizeof(*slot));
	if (slot == NULL)
		return err_memory(err);
	slot->key = strdup(value->name);
	return slot->key != NULL ? copy_string(&slot->glob, value, err) : err_memory(err);
}

/* "5" or "100000-165535". 4294967295 is no id. */
static int parse_range(const char *item, size_t len, struct policy_range *ret_range)
{
	const char *dash = memchr(item, '-', len);
	size_t first_len = dash != NULL ? (size_t)(dash - item) : len;
	uint64_t first, last;

	if (text_parse_u64(item, first_len, UINT32_MAX - 1, &first) < 0)
		return -EINVAL;
	last = first;
	if (dash != NULL &&
	    text_parse_u64(dash + 1, len - first_len - 1, UINT32_MAX - 1, &last) < 0)
		return -EINVAL;
	*ret_range = (struct policy_range){ (uint32_t)first, (uint32_t)last };
	return first <= last ? 0 : -EINVAL;
}

/* Hands each item of a list to take; the list must have one. */
static int each_item(void *ctx, const struct json_value *value,
		     int (*take)(struct policy_rule *rule, const char *item, size_t len,
				 struct err *err),
		     struct err *err)
{
	defer_free char *text = json_copy(value);
	const char *cursor = text, *item;
	size_t len, items = 0;
	int r;

	if (text == NULL)
		return err_memory(err);
	while ((r = delegation_next_item(&cursor, EX_CONFIG, &item, &len, err)) > 0) {
		r = take(last_rule(ctx), item, len, err);
		if (r < 0)
			return r;
		items++;
	}
	if (r == 0 && items == 0)
		return err_set(err, EX_CONFIG, 0,
			       "the list is empty; leave the member out instead");
	return r;
}

static int take_range(struct policy_rule *rule, const char *item, size_t len, struct err *err)
{
	struct policy_range *slot = list_add(&rule->host_uids, &rule->n_host_uids, sizeof(*slot));

	if (slot == NULL)
		return err_memory(err);
	if (parse_range(item, len, slot) < 0)
		return err_set(err, EX_CONFIG, 0,
			       "%s is no range of user ids; write it as 100000-165535",
			       quote_bytes(item, len).text);
	return 0;
}

static int take_profile(struct policy_rule *rule, const char *item, size_t len, struct err *err)
{
	char **slot;

	if (!request_is_profile_name(item, len))
		return err_set(err, EX_CONFIG, 0, "%s is no profile name",
			       quote_bytes(item, len).text);
	slot = list_add(&rule->profiles, &rule->n_profiles, sizeof(*slot));
	if (slot != NULL)
		*slot = strndup(item, len);
	return slot != NULL && *slot != NULL ? 0 : err_memory(err);
}

static int take_path(struct policy_rule *rule, const char *item, size_t len, struct err *err)
{
	struct policy_glob *slot;

	if (item[0] != '/')
		return err_set(err, EX_CONFIG, 0, "%s is not absolute; begin it with a slash",
			       quote_bytes(item, len).text);
	if (check_glob(item, len, err) < 0)
		return -EINVAL;
	slot = list_add(&rule->paths, &rule->n_paths, sizeof(*slot));
	if (slot != NULL)
		slot->glob = strndup(item, len);
	return slot != NULL && slot->glob != NULL ? 0 : err_memory(err);
}

static int on_match_host_uids(void *ctx, const struct json_value *value, struct err *err)
{
	return each_item(ctx, value, take_range, err);
}

static int on_match_host_network(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	last_rule(ctx)->host_network = value->boolean ? POLICY_YES : POLICY_NO;
	return 0;
}

static int on_allow(void *ctx, const struct json_value *value, struct err *err)
{
	(void)value;
	(void)err;
	last_rule(ctx)->has_allow = true;
	return 0;
}

static int on_allow_list(void *ctx, const struct json_value *value, struct err *err)
{
	struct policy_rule *rule = last_rule(ctx);

	return read_list(value, &rule->ceiling, &rule->void_because, err);
}

static int on_allow_profiles(void *ctx, const struct json_value *value, struct err *err)
{
	return each_item(ctx, value, take_profile, err);
}

static int on_allow_paths(void *ctx, const struct json_value *value, struct err *err)
{
	return each_item(ctx, value, take_path, err);
}

static int on_allow_host_reach(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	last_rule(ctx)->host_reach = value->boolean;
	return 0;
}

static int on_deny(void *ctx, const struct json_value *value, struct err *err)
{
	if (!value->boolean)
		return err_set(err, EX_CONFIG, 0, "is false; write true, or \"allow\" instead");
	last_rule(ctx)->deny = true;
	return 0;
}

static int on_policy(void *ctx, const struct json_value *value, struct err *err)
{
	if (value->type == JSON_END && !((struct reading *)ctx)->has_version)
		return err_set(err, EX_CONFIG, 0, "\"version\" is missing; write \"version\": 1");
	return 0;
}

static const struct json_rule rules[] = {
	{ "", JSON_OBJECT, on_policy, 0 },
	{ "version", JSON_NUMBER, on_version, 0 },
	{ "trustedAnnotations[]", JSON_STRING, on_trusted, 0 },
	{ "profiles.*", JSON_OBJECT, on_profile, 0 },
	{ "profiles.*.description", JSON_STRING, NULL, 0 },
	{ "profiles.*.cmds", JSON_STRING, on_profile_list, NAMES_CMDS },
	{ "profiles.*.maps", JSON_STRING, on_profile_list, NAMES_MAPS },
	{ "profiles.*.progs", JSON_STRING, on_profile_list, NAMES_PROGS },
	{ "profiles.*.attachs", JSON_STRING, on_profile_list, NAMES_ATTACHS },
	{ "rules[]", JSON_OBJECT, on_rule, 0 },
	{ "rules[].name", JSON_STRING, on_rule_name, 0 },
	{ "rules[].match", JSON_OBJECT, on_match, 0 },
	{ "rules[].match.annotations.*", JSON_STRING, on_match_annotation, 0 },
	{ "rules[].match.hostUids", JSON_STRING, on_match_host_uids, 0 },
	{ "rules[].match.hostNetwork", JSON_BOOL, on_match_host_network, 0 },
	{ "rules[].allow", JSON_OBJECT, on_allow, 0 },
	{ "rules[].allow.profiles", JSON_STRING, on_allow_profiles, 0 },
	{ "rules[].allow.cmds", JSON_STRING, on_allow_list, NAMES_CMDS },
	{ "rules[].allow.maps", JSON_STRING, on_allow_list, NAMES_MAPS },
	{ "rules[].allow.progs", JSON_STRING, on_allow_list, NAMES_PROGS },
	{ "rules[].allow.attachs", JSON_STRING, on_allow_list, NAMES_ATTACHS },
	{ "rules[].allow.paths", JSON_STRING, on_allow_paths, 0 },
	{ "rules[].allow.hostReach", JSON_BOOL, on_allow_host_reach, 0 },
	{ "rules[].deny", JSON_BOOL, on_deny, 0 },
};

static const struct json_format format = {
	.rules = rules,
	.n_rules = sizeof(rules) / sizeof(rules[0]),
	.code = EX_CONFIG,
	.when_empty = "",
	.strict = true,
	.positions = true,
	.max_bytes = POLICY_MAX_BYTES,
	.max_members = 32768,
	.max_depth = 8,
};

/* A rule that a tenant's own annotation could satisfy would be no rule. */
static int check_trust(const struct policy *policy, struct err *err)
{
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct policy_rule *rule = &policy->rules[i];

		for (size_t j = 0; j < rule->n_annotations; j++)
			if (!policy_trusts(policy, rule->annotations[j].key))
				return err_set(err, EX_CONFIG, 0,
					       "line %u, column %u: the rule matches on annotation "
					       "%s, which a tenant could write; list it in "
					       "\"trustedAnnotations\" only if the engine always "
					       "sets it itself",
					       rule->line, rule->column,
					       quote(rule->annotations[j].key).text);
	}
	return 0;
}

int policy_parse(struct source *source, enum policy_layer layer, struct policy *policy,
		 struct err *err)
{
	struct reading reading = { .policy = policy, .layer = layer };
	int r = json_parse(&format, &reading, source, err);

	return r == 0 ? check_trust(policy, err) : r;
}
