/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of hook/policy: two layers, and unknown names, which void a part. */

#include "tests/unit/support.h"

#include <linux/bpf.h>

#define BIT(n) (UINT64_C(1) << (n))
#define V      "\"version\":1"

/* ---- two layers ---- */

static void test_the_vendors_layer(void **state)
{
	struct policy policy =
		policy_of("{" V ",\"profiles\":{\"both\":{\"cmds\":\"prog_load\"},\"mine\":{"
			  "\"maps\":\"hash\"}},"
			  "\"rules\":[{\"match\":{},\"allow\":{\"profiles\":\"both,theirs\"}}]}",
			  "{" V
			  ",\"profiles\":{\"both\":{\"cmds\":\"any\",\"progs\":\"no_such_name\"},"
			  "\"theirs\":{\"progs\":\"xdp\"},\"a\":{\"maps\":\"array\"}}}");
	const struct policy_profile *both = policy_profile(&policy, "both");

	(void)state;
	assert_int_equal(policy.n_profiles, 4);
	assert_int_equal(both->layer, POLICY_ADMINISTRATOR);
	assert_null(both->void_because);
	assert_true(both->delegation.masks[NAMES_CMDS] == BIT(BPF_PROG_LOAD));
	assert_int_equal(policy_profile(&policy, "theirs")->layer, POLICY_VENDOR);
	assert_int_equal(policy_profile(&policy, "mine")->layer, POLICY_ADMINISTRATOR);
	assert_true(policy.rules[0].ceiling.masks[NAMES_CMDS] == BIT(BPF_PROG_LOAD));
	assert_true(policy.rules[0].ceiling.masks[NAMES_PROGS] == BIT(BPF_PROG_TYPE_XDP));
	policy_done(&policy);
}

static void test_defects_of_the_vendors_layer(void **state)
{
	static const struct {
		const char *json, *want;
	} cases[] = {
		{ "{" V ",\"rules\":[{\"match\":{},\"deny\":true}]}",
		  "line 1, column 23: rules[]: the vendor's file defines profiles only; move the "
		  "rules to the administrator's" },
		/* a rule may match only on what the administrator trusts, so advice must, too */
		{ "{" V ",\"trustedAnnotations\":[\"x\"]}",
		  "line 1, column 38: trustedAnnotations[]: the vendor's file defines profiles "
		  "only; @@" },
		{ "{" V ",\"profiles\":{\"mine\":{}}}",
		  "line 1, column 34: profiles.*: the profile delegates nothing; @@" },
		{ "{}", "line 1, column 2: \"version\" is missing; write \"version\": 1" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct policy policy =
			policy_of("{" V ",\"profiles\":{\"mine\":{\"cmds\":\"any\"}}}", NULL);
		struct err err = { 0 };

		expect_refusal(cases[i].json,
			       parse_policy(cases[i].json, strlen(cases[i].json), 0, POLICY_VENDOR,
					    &policy, &err),
			       &err, EX_CONFIG, cases[i].want);
		policy_done(&policy);
	}
}

/* ---- unknown names void their profile or rule, and nothing else ---- */

static void expect_void(const char *label, const char *got, const char *want)
{
	if (want == NULL) {
		if (got != NULL)
			fail_msg("%s: %s", label, got);
		return;
	}
	assert_non_null(got);
	expect_shown(label, got);
	expect_like(label, got, want);
}

static void test_unknown_names_in_profiles(void **state)
{
	static const struct {
		const char *members, *want;
	} cases[] = {
		{ "\"cmds\":\"prog_load\"", NULL },
		{ "\"cmds\":\"prog_load,frobnicate\"",
		  "cmds: unknown name \"frobnicate\"; \"bpftoken names cmds\" lists all there "
		  "are" },
		{ "\"progs\":\"xpd\",\"cmds\":\"any\"",
		  "progs: unknown name \"xpd\"; did you mean \"xdp\"? @@" },
		{ "\"maps\":\"xdp\"", "maps: \"xdp\" belongs to progs; @@" },
		{ "\"attachs\":\"\xc3\xa9\"", "attachs: unknown name \"\\xc3\\xa9\"; @@" },
		{ "\"cmds\":\"frobnicate\",\"maps\":\"bogus_map\"",
		  "maps: unknown name \"bogus_map\"; @@" },
		{ "\"cmds\":\"0x8000000000000000\"", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char json[300];
		struct policy policy;

		snprintf(json, sizeof(json),
			 "{" V ",\"profiles\":{\"p\":{%s},\"good\":{\"maps\":\"hash\"}},\"rules\":["
			 "{\"match\":{},\"allow\":{\"profiles\":\"good\"}},"
			 "{\"match\":{},\"allow\":{\"profiles\":\"good,p\"}}]}",
			 cases[i].members);
		policy = policy_of(json, NULL);
		expect_void(json, policy.profiles[0].void_because, cases[i].want);
		assert_null(policy.profiles[1].void_because);
		assert_null(policy.rules[0].void_because);
		if (cases[i].want != NULL)
			expect_void(json, policy.rules[1].void_because, "profile \"p\" is void@@");
		else
			assert_null(policy.rules[1].void_because);
		policy_done(&policy);
	}
}

static void test_unknown_names_in_rules(void **state)
{
	static const struct {
		const char *members, *want;
	} cases[] = {
		{ "\"cmds\":\"any\"", NULL },
		{ "\"cmds\":\"frobnicate\"", "cmds: unknown name \"frobnicate\"; @@" },
		{ "\"progs\":\"xdp,tc\"", "progs: unknown name \"tc\"; @@" },
		{ "\"profiles\":\"p\"", "profile \"p\" is not defined" },
		{ "\"profiles\":\"good,p,q\"", "profile \"p\" is not defined" },
		{ "\"cmds\":\"frobnicate\",\"profiles\":\"p\"",
		  "cmds: unknown name \"frobnicate\"; @@" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char json[300];
		struct policy policy;

		snprintf(json, sizeof(json),
			 "{" V ",\"profiles\":{\"good\":{\"maps\":\"hash\"}},\"rules\":["
			 "{\"match\":{},\"allow\":{%s}},{\"match\":{},\"allow\":{\"maps\":\"hash\"}"
			 "}]}",
			 cases[i].members);
		policy = policy_of(json, NULL);
		expect_void(json, policy.rules[0].void_because, cases[i].want);
		assert_null(policy.rules[1].void_because);
		policy_done(&policy);
	}
}

/* A void profile of the vendor's that the administrator redefines is not missed. */
static void test_a_redefined_void_profile(void **state)
{
	struct policy policy =
		policy_of("{" V ",\"profiles\":{\"p\":{\"cmds\":\"prog_load\"}},\"rules\":["
			  "{\"match\":{},\"allow\":{\"profiles\":\"p,q\"}}]}",
			  "{" V ",\"profiles\":{\"p\":{\"cmds\":\"frobnicate\"},"
			  "\"q\":{\"maps\":\"frobnicate\"}}}");

	(void)state;
	assert_null(policy_profile(&policy, "p")->void_because);
	expect_void("q", policy_profile(&policy, "q")->void_because, "maps: unknown name @@");
	expect_void("rule", policy.rules[0].void_because, "profile \"q\" is void@@");
	policy_done(&policy);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_vendors_layer),
		cmocka_unit_test(test_defects_of_the_vendors_layer),
		cmocka_unit_test(test_unknown_names_in_profiles),
		cmocka_unit_test(test_unknown_names_in_rules),
		cmocka_unit_test(test_a_redefined_void_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
