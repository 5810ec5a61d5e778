/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of hook/policy: what a policy says, and every defect of its form. */

#include "tests/unit/support.h"

#include <linux/bpf.h>

#define BIT(n) (UINT64_C(1) << (n))
#define V      "\"version\":1"

/* ---- a whole policy ---- */

static const char whole[] =
	"{ \"version\": 1,\n"
	"  \"trustedAnnotations\": [\"io.kubernetes.cri.sandbox-namespace\", \"x\"],\n"
	"  \"profiles\": {\n"
	"    \"xdp\": { \"description\": \"XDP \\u00e9\",\n"
	"             \"cmds\": \"map_create,prog_load,btf_load\", \"maps\": \"array,hash\",\n"
	"             \"progs\": \"socket_filter,xdp\", \"attachs\": \"xdp\" },\n"
	"    \"newer\": { \"progs\": \"0x8000000000000000\" },\n"
	"    \"all\": { \"cmds\": \"any\" } },\n"
	"  \"rules\": [\n"
	"    { \"name\": \"network team\",\n"
	"      \"match\": { \"annotations\": { \"x\": \"net-*\",\n"
	"                                \"io.kubernetes.cri.sandbox-namespace\": \"a\" },\n"
	"                 \"hostUids\": \"0, 100000-4294967294\", \"hostNetwork\": false },\n"
	"      \"allow\": { \"profiles\": \"xdp newer\", \"maps\": \"lpm_trie\",\n"
	"                 \"paths\": \"/sys/fs/bpf,/run/bpf/*\", \"hostReach\": true } },\n"
	"    { \"match\": { \"hostNetwork\": true }, \"allow\": {} },\n"
	"    { \"name\": \"everyone else\", \"match\": {}, \"deny\": true } ] }\n";

static void expect_first_rule(const struct policy_rule *rule)
{
	expect_text("name", rule->name, "network team");
	assert_int_equal(rule->line, 10);
	assert_int_equal(rule->number, 1);
	assert_null(rule->void_because);
	assert_int_equal(rule->n_annotations, 2);
	expect_text("key", rule->annotations[0].key, "x");
	expect_text("glob", rule->annotations[0].glob, "net-*");
	expect_text("key", rule->annotations[1].key, "io.kubernetes.cri.sandbox-namespace");
	expect_text("glob", rule->annotations[1].glob, "a");
	assert_int_equal(rule->n_host_uids, 2);
	assert_true(rule->host_uids[0].first == 0 && rule->host_uids[0].last == 0);
	assert_true(rule->host_uids[1].first == 100000 && rule->host_uids[1].last == 4294967294);
	assert_int_equal(rule->host_network, POLICY_NO);
	assert_true(rule->has_allow && !rule->deny && rule->host_reach);
	assert_int_equal(rule->n_paths, 2);
	expect_text("path", rule->paths[1].glob, "/run/bpf/*");
	/* the ceiling is the union of the lists and the profiles */
	assert_true(rule->ceiling.masks[NAMES_CMDS] ==
		    (BIT(BPF_MAP_CREATE) | BIT(BPF_PROG_LOAD) | BIT(BPF_BTF_LOAD)));
	assert_true(
		rule->ceiling.masks[NAMES_MAPS] ==
		(BIT(BPF_MAP_TYPE_ARRAY) | BIT(BPF_MAP_TYPE_HASH) | BIT(BPF_MAP_TYPE_LPM_TRIE)));
	assert_true(rule->ceiling.masks[NAMES_PROGS] ==
		    (BIT(BPF_PROG_TYPE_SOCKET_FILTER) | BIT(BPF_PROG_TYPE_XDP) | BIT(63)));
	assert_true(rule->ceiling.masks[NAMES_ATTACHS] == BIT(BPF_XDP));
}

static void test_a_whole_policy(void **state)
{
	(void)state;
	for (size_t chunk = 0; chunk <= sizeof(whole); chunk++) {
		struct policy policy = { 0 };
		struct err err = { 0 };

		expect_success("whole",
			       parse_policy(whole, strlen(whole), chunk, POLICY_ADMINISTRATOR,
					    &policy, &err),
			       &err);
		expect_success("link", policy_link(&policy, &err), &err);
		assert_int_equal(policy.n_trusted, 2);
		assert_int_equal(policy.n_profiles, 3);
		assert_int_equal(policy.n_rules, 3);
		assert_true(policy_profile(&policy, "all")->delegation.masks[NAMES_CMDS] ==
			    DELEGATION_ANY);
		assert_true(policy_profile(&policy, "newer")->delegation.masks[NAMES_PROGS] ==
			    BIT(63));
		assert_null(policy_profile(&policy, "XDP"));
		assert_true(policy_trusts(&policy, "x") && !policy_trusts(&policy, "X"));
		expect_first_rule(&policy.rules[0]);
		assert_null(policy.rules[1].name);
		assert_int_equal(policy.rules[1].line, 16);
		assert_int_equal(policy.rules[1].host_network, POLICY_YES);
		assert_true(delegation_is_empty(&policy.rules[1].ceiling));
		assert_true(policy.rules[2].deny && !policy.rules[2].has_allow);
		assert_int_equal(policy.rules[2].host_network, POLICY_ANY);
		policy_done(&policy);
		policy_done(&policy); /* an empty policy */
	}
}

static void test_small_policies(void **state)
{
	static const char *const texts[] = {
		"{" V "}",
		"{" V ",\"rules\":[],\"profiles\":{},\"trustedAnnotations\":[]}",
		"{\"rules\":[{\"match\":{},\"deny\":true}]," V "}",
		"{" V ",\"rules\":[{\"deny\":true,\"match\":{\"annotations\":{}}}]}",
		"{" V
		",\"rules\":[{\"match\":{\"hostUids\":\"0-0\"},\"allow\":{\"profiles\":\"p\"}}],"
		"\"profiles\":{\"p\":{\"maps\":\"hash\"}}}",
		"{" V ",\"rules\":[{\"match\":{\"annotations\":{\"a\":\"*\"}},\"deny\":true}],"
		"\"trustedAnnotations\":[\"a\",\"io.bpftoken\",\"\"]}",
		"{" V ",\"rules\":[{\"name\":\"\",\"match\":{},\"allow\":{\"hostReach\":false,"
		"\"cmds\":\"0xffffffffffffffff\"}}]}",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct policy policy = policy_of(texts[i], NULL);

		assert_int_equal(policy.n_rules, i < 2 ? 0 : 1);
		policy_done(&policy);
	}
}

/* ---- defects of form: nothing of such a policy counts ---- */

#define RULE(members)	 "{" V ",\"rules\":[{" members "}]}"
#define MATCH(members)	 "{" V ",\"rules\":[{\"match\":{" members "},\"deny\":true}]}"
#define ALLOW(members)	 "{" V ",\"rules\":[{\"match\":{},\"allow\":{" members "}}]}"
#define PROFILE(members) "{" V ",\"profiles\":{\"p\":{" members "}}}"
#define NO_UIDS(item)	 "\"" item "\" is no range of user ids; write it as 100000-165535"
#define EMPTY_LIST	 "the list is empty; leave the member out instead"

static const struct {
	const char *json, *want;
} defects[] = {
	/* the file */
	{ "", "it is empty" },
	{ "[]", "line 1, column 1: the text is not a JSON object" },
	{ "{" V "", "line 1, column 12: not JSON: parse error: premature EOF" },
	{ "{" V "}x", "line 1, column 14: not JSON: parse error: trailing garbage" },
	{ "{\n// mine\n" V "}", "line 2, column @@: not JSON: lexical error: probable comment @@" },
	{ "{" V ",}",
	  "line 1, column 14: not JSON: parse error: invalid object key (must be a string)" },
	{ "{" V ",\"trustedAnnotations\":[\"\xff\"]}",
	  "line 1, column 37: a byte that is not UTF-8" },
	{ "{" V ",\n" V "}", "line 2, column 9: member \"version\" stands twice in one object" },
	{ "{" V ",\"Rules\":[]}",
	  "line 1, column 20: member \"Rules\" differs from \"rules\" only in case, @@" },
	{ "{" V ",\"rule\":[]}", "line 1, column 19: unknown member \"rule\"" },
	{ "{" V ",\"rules\":{}}", "line 1, column 22: rules[]: is an object; it must be an array" },
	{ "{" V ",\"rules\":null}", "line 1, column 25: rules[]: is null; it must be an array" },
	{ "{" V ",\"profiles\":[]}",
	  "line 1, column 25: profiles.*: is an array; it must be an object" },
	{ "{" V ",\"a\":{\"b\":{}}}", "line 1, column 16: unknown member \"a\"" },
	/* its version */
	{ "{}", "line 1, column 2: \"version\" is missing; write \"version\": 1" },
	{ "{\"rules\":[]\n}", "line 2, column 1: \"version\" is missing; write \"version\": 1" },
	{ "{\"version\":2}",
	  "line 1, column 12: version: \"2\" is no version this build reads; write 1" },
	{ "{\"version\":1.0}",
	  "line 1, column 14: version: \"1.0\" is no version this build reads; write 1" },
	{ "{\"version\":10}",
	  "line 1, column 13: version: \"10\" is no version this build reads; write 1" },
	{ "{\"version\":-1}",
	  "line 1, column 13: version: \"-1\" is no version this build reads; write 1" },
	{ "{\"version\":\"1\"}", "line 1, column 14: version: is a string; it must be a number" },
	/* trusted annotations */
	{ "{" V ",\"trustedAnnotations\":\"x\"}",
	  "line 1, column 37: trustedAnnotations[]: is a string; it must be an array" },
	{ "{" V ",\"trustedAnnotations\":[1]}",
	  "line 1, column 36: trustedAnnotations[]: is a number; it must be a string" },
	{ "{" V ",\"trustedAnnotations\":[null]}",
	  "line 1, column 39: trustedAnnotations[]: is null; it must be a string" },
	/* what containers ask with is theirs to write */
	{ "{" V ",\"trustedAnnotations\":[\"io.bpftoken.cmds\"]}",
	  "line 1, column 53: trustedAnnotations[]: \"io.bpftoken.cmds\" is what containers ask "
	  "with; list only keys that the engine sets" },
	{ "{" V ",\"trustedAnnotations\":[\"io.bpftoken.\"]}",
	  "line 1, column 49: trustedAnnotations[]: \"io.bpftoken.\" is what @@" },
	/* twice in the list would stand twice in the rule that a refusal prints */
	{ "{" V ",\"trustedAnnotations\":[\"x\",\"x\"]}",
	  "line 1, column 42: trustedAnnotations[]: \"x\" stands twice in the list" },
	/* profiles */
	{ "{" V ",\"profiles\":{\"a b\":{\"cmds\":\"any\"}}}",
	  "line 1, column 32: profiles.*: \"a b\" is no profile name; use up to 63 letters, "
	  "digits, '.', '_' and '-'" },
	{ "{" V ",\"profiles\":{\"\":{\"cmds\":\"any\"}}}",
	  "line 1, column 29: profiles.*: \"\" is no profile name; @@" },
	{ "{" V ",\"profiles\":{\"p\":1}}",
	  "line 1, column 30: profiles.*: is a number; it must be an object" },
	{ "{" V ",\"profiles\":{\"p\":{\"cmds\":\"any\"},\"p\":{}}}",
	  "line 1, column 47: member \"p\" stands twice in one object" },
	{ PROFILE(""),
	  "line 1, column 31: profiles.*: the profile delegates nothing; add cmds, maps, progs "
	  "or attachs" },
	{ PROFILE("\"description\":\"x\""),
	  "line 1, column 48: profiles.*: the profile delegates nothing; @@" },
	{ PROFILE("\"description\":1"),
	  "line 1, column 45: profiles.*.description: is a number; it must be a string" },
	{ PROFILE("\"description\":null"),
	  "line 1, column 48: profiles.*.description: is null; it must be a string" },
	{ PROFILE("\"cmd\":\"any\""), "line 1, column 35: unknown member \"cmd\"" },
	{ PROFILE("\"paths\":\"/x\""), "line 1, column 37: unknown member \"paths\"" },
	{ PROFILE("\"cmds\":[\"any\"]"),
	  "line 1, column 38: profiles.*.cmds: is an array; it must be a string" },
	{ PROFILE("\"cmds\":\"\""),
	  "line 1, column 39: profiles.*.cmds: the list is empty; leave cmds out instead" },
	{ PROFILE("\"maps\":\"hash,,array\""),
	  "line 1, column 50: profiles.*.maps: an item of the list is "
	  "empty; remove the extra \",\"" },
	{ PROFILE("\"progs\":\"xdp,\""),
	  "line 1, column 44: profiles.*.progs: the list ends in \",\"; remove it" },
	{ PROFILE("\"attachs\":\"any,xdp\""), "line 1, column 49: profiles.*.attachs: \"any\" or a "
					      "number stands alone in a list; \"any,xdp\" has "
					      "more in it" },
	{ PROFILE("\"cmds\":\"0xg\""),
	  "line 1, column 42: profiles.*.cmds: \"0xg\" is not a mask; @@" },
	{ PROFILE("\"cmds\":\"0\""),
	  "line 1, column 40: profiles.*.cmds: 0 delegates nothing; @@" },
	{ PROFILE("\"cmds\":\"a\\u0007\""), "line 1, column 46: profiles.*.cmds: a control byte "
					    "(0x07) stands in the list; remove it" },
	/* rules */
	{ "{" V ",\"rules\":[7]}",
	  "line 1, column 23: rules[]: is a number; it must be an object" },
	{ "{" V ",\"rules\":[null]}", "line 1, column 26: rules[]: is null; it must be an object" },
	{ RULE(""),
	  "line 1, column 24: rules[]: the rule has no \"match\"; write \"match\": {} for every "
	  "container" },
	{ RULE("\"deny\":true"), "line 1, column 35: rules[]: the rule has no \"match\"; @@" },
	{ RULE("\"match\":{}"),
	  "line 1, column 34: rules[]: a rule has either \"allow\" or \"deny\": true; this "
	  "one has neither" },
	{ RULE("\"match\":{},\"deny\":true,\"allow\":{}"),
	  "line 1, column 57: rules[]: a rule has either \"allow\" or \"deny\": true; this one has "
	  "both" },
	{ RULE("\"match\":{},\"deny\":false"),
	  "line 1, column 46: rules[].deny: is false; write true, or \"allow\" instead" },
	{ RULE("\"match\":{},\"deny\":1"),
	  "line 1, column 42: rules[].deny: is a number; it must be true or false" },
	{ RULE("\"match\":{},\"allow\":true"),
	  "line 1, column 46: rules[].allow: is true or false; it must be an object" },
	{ RULE("\"match\":[]"),
	  "line 1, column 32: rules[].match: is an array; it must be an object" },
	{ RULE("\"match\":null"),
	  "line 1, column 35: rules[].match: is null; it must be an object" },
	{ RULE("\"name\":1"), "line 1, column 31: rules[].name: is a number; it must be a string" },
	{ RULE("\"nmae\":\"x\""), "line 1, column 29: unknown member \"nmae\"" },
	{ RULE("\"match\":{},\"match\":{}"),
	  "line 1, column 41: member \"match\" stands twice in one object" },
	/* what a rule matches */
	{ MATCH("\"namespace\":\"x\""), "line 1, column 43: unknown member \"namespace\"" },
	{ MATCH("\"annotations\":[]"),
	  "line 1, column 47: rules[].match.annotations.*: is an array; it must be an object" },
	{ MATCH("\"annotations\":{\"a\":1}"),
	  "line 1, column 52: rules[].match.annotations.*: is a number; it must be a string" },
	{ MATCH("\"annotations\":{\"a\\n\":\"1\"}"),
	  "line 1, column 23: the rule matches on annotation \"a\\n\", which a tenant could write; "
	  "list it in \"trustedAnnotations\" only if the engine always sets it itself" },
	{ MATCH("\"hostUids\":1000"),
	  "line 1, column 47: rules[].match.hostUids: is a number; it must be a string" },
	{ MATCH("\"hostUids\":\"\""), "line 1, column 45: rules[].match.hostUids: " EMPTY_LIST },
	{ MATCH("\"hostUids\":\"1,,2\""), "line 1, column 49: rules[].match.hostUids: an item of "
					  "the list is empty; remove the extra \",\"" },
	{ MATCH("\"hostUids\":\"x\""), "line 1, column 46: rules[].match.hostUids: " NO_UIDS("x") },
	{ MATCH("\"hostUids\":\"-1\""),
	  "line 1, column 47: rules[].match.hostUids: " NO_UIDS("-1") },
	{ MATCH("\"hostUids\":\"1-\""),
	  "line 1, column 47: rules[].match.hostUids: " NO_UIDS("1-") },
	{ MATCH("\"hostUids\":\"2-1\""),
	  "line 1, column 48: rules[].match.hostUids: " NO_UIDS("2-1") },
	{ MATCH("\"hostUids\":\"1-2-3\""),
	  "line 1, column 50: rules[].match.hostUids: " NO_UIDS("1-2-3") },
	{ MATCH("\"hostUids\":\"1 - 2\""),
	  "line 1, column 50: rules[].match.hostUids: " NO_UIDS("-") },
	{ MATCH("\"hostUids\":\"01\""),
	  "line 1, column 47: rules[].match.hostUids: " NO_UIDS("01") },
	{ MATCH("\"hostUids\":\"any\""),
	  "line 1, column 48: rules[].match.hostUids: " NO_UIDS("any") },
	{ MATCH("\"hostUids\":\"4294967295\""),
	  "line 1, column 55: rules[].match.hostUids: " NO_UIDS("4294967295") },
	{ MATCH("\"hostUids\":\"0-4294967295\""),
	  "line 1, column 57: rules[].match.hostUids: " NO_UIDS("0-4294967295") },
	{ MATCH("\"hostNetwork\":\"false\""),
	  "line 1, column 53: rules[].match.hostNetwork: is a string; it must be true or false" },
	/* what a rule allows */
	{ ALLOW("\"path\":\"/x\""), "line 1, column 49: unknown member \"path\"" },
	{ ALLOW("\"paths\":\"\""), "line 1, column 53: rules[].allow.paths: " EMPTY_LIST },
	{ ALLOW("\"paths\":\"run/*\""),
	  "line 1, column 58: rules[].allow.paths: \"run/*\" is not absolute; "
	  "begin it with a slash" },
	{ ALLOW("\"paths\":\"/a,*\""),
	  "line 1, column 57: rules[].allow.paths: \"*\" is not absolute; @@" },
	/* fnmatch(3) lets POSIXLY_CORRECT say what that means */
	{ ALLOW("\"paths\":\"/a,/[^b]\""),
	  "line 1, column 61: rules[].allow.paths: \"/[^b]\" holds \"[^\", "
	  "which is read in two ways; write \"[!\"" },
	{ "{" V ",\"trustedAnnotations\":[\"a\"],\"rules\":[{\"match\":{\"annotations\":{\"a\":\"[^"
	  "b]\"}},\"deny\":true}]}",
	  "line 1, column 84: rules[].match.annotations.*: \"[^b]\" holds \"[^\", which is read in "
	  "two ways; write \"[!\"" },
	{ ALLOW("\"paths\":[\"/a\"]"),
	  "line 1, column 52: rules[].allow.paths: is an array; it must be a string" },
	{ ALLOW("\"profiles\":\" \""), "line 1, column 57: rules[].allow.profiles: " EMPTY_LIST },
	{ ALLOW("\"profiles\":\"a/b\""),
	  "line 1, column 59: rules[].allow.profiles: \"a/b\" is no profile name" },
	{ ALLOW("\"hostReach\":\"true\""),
	  "line 1, column 61: rules[].allow.hostReach: is a string; it must be true or false" },
	{ ALLOW("\"cmds\":\"map_create,\""),
	  "line 1, column 63: rules[].allow.cmds: the list ends in \",\"; remove it" },
	{ ALLOW("\"maps\":null"),
	  "line 1, column 54: rules[].allow.maps: is null; it must be a string" },
	{ ALLOW("\"progs\":{}"),
	  "line 1, column 52: rules[].allow.progs: is an object; it must be a string" },
	{ ALLOW("\"attachs\":\"any,any\""),
	  "line 1, column 62: rules[].allow.attachs: \"any\" or a number stands alone @@" },
};

static void test_defects(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(defects); i++) {
		size_t len = strlen(defects[i].json);

		for (size_t chunk = 0; chunk <= len + 1; chunk++) {
			struct policy policy = { 0 };
			struct err err = { 0 };
			int r = parse_policy(defects[i].json, len, chunk, POLICY_ADMINISTRATOR,
					     &policy, &err);

			expect_refusal(defects[i].json, r, &err, EX_CONFIG, defects[i].want);
			policy_done(&policy);
		}
	}
}

/* The line of a rule that stands further down. */
static void test_the_line_of_an_untrusted_match(void **state)
{
	static const char json[] =
		"{" V ",\"trustedAnnotations\":[\"a\"],\n\"rules\":[\n{\"match\":"
		"{\"annotations\":{\"a\":\"1\"}},\"deny\":true},\n\n{\"match\":"
		"{\"annotations\":{\"a\":\"1\",\"b\":\"1\"}},\"deny\":true}]}";
	struct policy policy = { 0 };
	struct err err = { 0 };

	(void)state;
	expect_refusal(json,
		       parse_policy(json, strlen(json), 0, POLICY_ADMINISTRATOR, &policy, &err),
		       &err, EX_CONFIG,
		       "line 5, column 1: the rule matches on annotation \"b\", which @@");
	policy_done(&policy);
}

static void test_limits(void **state)
{
	char *json = malloc(POLICY_MAX_BYTES + 1);
	struct policy policy = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_non_null(json);
	memset(json, ' ', POLICY_MAX_BYTES + 1);
	memcpy(json, "{" V "}", 13);
	expect_success("1 MiB",
		       parse_policy(json, POLICY_MAX_BYTES, 0, POLICY_ADMINISTRATOR, &policy, &err),
		       &err);
	policy_done(&policy);
	expect_refusal("one more",
		       parse_policy(json, POLICY_MAX_BYTES + 1, 0, POLICY_ADMINISTRATOR, &policy,
				    &err),
		       &err, EX_CONFIG, "it is longer than 1048576 bytes: File too large");
	policy_done(&policy);
	free(json);
}

/* ---- the policy that is shipped ---- */

static void test_the_shipped_policy(void **state)
{
	static char json[65536];
	FILE *file = fopen(SHIPPED_POLICY, "r");
	struct policy policy;
	size_t len;

	(void)state;
	if (file == NULL)
		fail_msg("%s cannot be opened", SHIPPED_POLICY);
	len = fread(json, 1, sizeof(json) - 1, file);
	fclose(file);
	assert_true(len > 0 && len < sizeof(json) - 1);
	policy = policy_of("{" V "}", json);
	assert_true(policy.n_profiles > 0);
	for (size_t i = 0; i < policy.n_profiles; i++) {
		const struct policy_profile *profile = &policy.profiles[i];
		uint64_t loads = BIT(BPF_MAP_CREATE) | BIT(BPF_PROG_LOAD) | BIT(BPF_BTF_LOAD);

		if (profile->void_because != NULL)
			fail_msg("%s: %s", profile->name, profile->void_because);
		assert_true((profile->delegation.masks[NAMES_CMDS] & loads) == loads);
		for (enum names_list list = 0; list < NAMES_LISTS; list++)
			assert_true((profile->delegation.masks[list] & ~names_known(list)) == 0);
	}
	policy_done(&policy);
}

/* Many of everything, over each growth of the lists, with hidden profiles in between. */
static void test_many_profiles_and_rules(void **state)
{
	char *admin = malloc(300000), *vendor = malloc(300000);
	struct policy policy;
	size_t a, v;

	(void)state;
	assert_true(admin != NULL && vendor != NULL);
	a = (size_t)sprintf(admin, "{" V ",\"profiles\":{\"p0\":{\"cmds\":\"any\"}");
	v = (size_t)sprintf(vendor, "{" V ",\"profiles\":{\"p0\":{\"cmds\":\"any\"}");
	for (int i = 1; i < 1000; i++) {
		if (i % 3 != 0)
			a += (size_t)sprintf(admin + a, ",\"p%d\":{\"maps\":\"hash\"}", i);
		v += (size_t)sprintf(vendor + v, ",\"p%d\":{\"maps\":\"array\"}", i);
	}
	a += (size_t)sprintf(admin + a, "},\"rules\":[{\"match\":{},\"deny\":true}");
	for (int i = 1; i < 1000; i++)
		a += (size_t)sprintf(admin + a, ",{\"match\":{},\"allow\":{\"profiles\":\"p%d\"}}",
				     i);
	sprintf(admin + a, "]}");
	sprintf(vendor + v, "}}");
	policy = policy_of(admin, vendor);
	assert_int_equal(policy.n_profiles, 1000);
	assert_int_equal(policy.n_rules, 1000);
	for (unsigned i = 1; i < 1000; i++) {
		assert_int_equal(policy.rules[i].number, i + 1);
		assert_true(policy.rules[i].ceiling.masks[NAMES_MAPS] ==
			    BIT(i % 3 != 0 ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_ARRAY));
	}
	policy_done(&policy);
	free(admin);
	free(vendor);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_policy),
		cmocka_unit_test(test_small_policies),
		cmocka_unit_test(test_defects),
		cmocka_unit_test(test_the_line_of_an_untrusted_match),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_the_shipped_policy),
		cmocka_unit_test(test_many_profiles_and_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
