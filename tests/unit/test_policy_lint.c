/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/policy_lint: what is well-formed in a policy and hardly meant. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/policy/lint.h"
#include "spec/base/text.h"

#define RULES(rules)	    "{\"version\":1,\"trustedAnnotations\":[\"ns\",\"pod\"],\"rules\":[" rules "]}"
#define ALLOW(match, allow) "{\"match\":{" match "},\"allow\":{" allow "}}"
#define DENY(match)	    "{\"match\":{" match "},\"deny\":true}"

/* ---- which rule hides which ---- */

static const struct {
	const char *earlier, *later;
	bool covers;
} pairs[] = {
	{ "", "", true },
	{ "", "\"hostUids\":\"5\"", true },
	{ "", "\"hostNetwork\":true", true },
	{ "", "\"annotations\":{\"ns\":\"a\"}", true },
	/* the host's root takes a rule that names it */
	{ "", "\"hostUids\":\"0\"", false },
	{ "", "\"hostUids\":\"0-5\"", false },
	{ "\"hostUids\":\"0-4294967294\"", "", true },
	{ "\"hostUids\":\"0-4294967294\"", "\"hostUids\":\"0\"", true },
	{ "\"hostUids\":\"1-4294967294\"", "", true },
	{ "\"hostUids\":\"2-4294967294\"", "", false },
	{ "\"hostUids\":\"1-4294967293\"", "", false },
	/* ranges, also such as only several together cover */
	{ "\"hostUids\":\"5\"", "\"hostUids\":\"5\"", true },
	{ "\"hostUids\":\"5\"", "\"hostUids\":\"5-6\"", false },
	{ "\"hostUids\":\"5-9,10-20\"", "\"hostUids\":\"7-15\"", true },
	{ "\"hostUids\":\"10-20,5-9\"", "\"hostUids\":\"7-15\"", true },
	{ "\"hostUids\":\"5-9,11-20\"", "\"hostUids\":\"7-15\"", false },
	{ "\"hostUids\":\"5-9\"", "\"hostUids\":\"6,8,12\"", false },
	/* the network */
	{ "\"hostNetwork\":true", "", false },
	{ "\"hostNetwork\":true", "\"hostNetwork\":true", true },
	{ "\"hostNetwork\":true", "\"hostNetwork\":false", false },
	/* annotations */
	{ "\"annotations\":{\"ns\":\"a\"}", "", false },
	{ "\"annotations\":{\"ns\":\"*\"}", "", false },
	{ "\"annotations\":{\"ns\":\"*\"}", "\"annotations\":{\"ns\":\"a-*\"}", true },
	{ "\"annotations\":{\"ns\":\"*\"}", "\"annotations\":{\"pod\":\"a\"}", false },
	{ "\"annotations\":{\"ns\":\"a\"}", "\"annotations\":{\"ns\":\"a\"}", true },
	{ "\"annotations\":{\"ns\":\"a\"}", "\"annotations\":{\"ns\":\"b\"}", false },
	{ "\"annotations\":{\"ns\":\"a\"}", "\"annotations\":{\"pod\":\"p\",\"ns\":\"a\"}", true },
	{ "\"annotations\":{\"pod\":\"p\",\"ns\":\"a\"}", "\"annotations\":{\"ns\":\"a\"}", false },
	/* one that takes more may look narrower: it is not told, and nothing wrong is said */
	{ "\"annotations\":{\"ns\":\"a*\"}", "\"annotations\":{\"ns\":\"ab\"}", false },
};

static void test_covers(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(pairs); i++) {
		char json[600];
		struct policy policy;

		snprintf(json, sizeof(json),
			 RULES("{\"match\":{%s},\"deny\":true},{\"match\":{%s},\"deny\":true}"),
			 pairs[i].earlier, pairs[i].later);
		policy = policy_of(json, NULL);
		if (policy_lint_covers(&policy.rules[0], &policy.rules[1]) != pairs[i].covers)
			print_error("%s\n", json);
		assert_int_equal(policy_lint_covers(&policy.rules[0], &policy.rules[1]),
				 pairs[i].covers);
		policy_done(&policy);
	}
}

/* ---- what is said ---- */

#define GOOD   "\"cmds\":\"prog_load\",\"progs\":\"xdp\""
#define NARROW "\"hostUids\":\"5\""
#define UNUSED2                                                                                    \
	"trustedAnnotations: no rule matches on \"ns\"\ntrustedAnnotations: no rule matches on "   \
	"\"pod\"\n"

static const struct {
	const char *policy;
	const char *said; /* a line for each, warnings with "! " in front and their line behind */
} rows[] = {
	{ RULES(ALLOW(NARROW, GOOD)), UNUSED2 },
	{ RULES(ALLOW("\"annotations\":{\"ns\":\"a\",\"pod\":\"b\"}", GOOD)), "" },
	{ RULES(ALLOW("", GOOD)), UNUSED2
	  "rule 1 looks at no annotation and no host uid: whoever may write annotations may "
	  "have what it allows (1)\n" },
	{ RULES(ALLOW("\"hostUids\":\"0\"", GOOD)),
	  UNUSED2 "rule 1 takes host uid 0: such a container's root is the host's root (1)\n" },
	/* hidden, by the first that does it */
	{ RULES(DENY("") ",\n" DENY("") ",\n" DENY(NARROW)),
	  UNUSED2 "! rule 2 can never match: rule 1 (line 1) takes every container that it would; "
		  "move it up or remove it (2)\n"
		  "! rule 3 can never match: rule 1 (line 1) takes every container that it would; "
		  "move it up or remove it (3)\n" },
	/* ceilings */
	{ RULES(ALLOW(NARROW, "\"maps\":\"hash\"")),
	  UNUSED2 "! rule 1 allows no cmds, so it refuses each request that it matches (1)\n" },
	{ RULES(ALLOW(NARROW, "\"cmds\":\"prog_load\",\"progs\":\"kprobe,xdp\"")), UNUSED2
	  "! rule 1 has no \"hostReach\", so it refuses some of what it lists: progs kprobe "
	  "can reach the whole host (1)\n" },
	{ RULES(ALLOW(NARROW, "\"cmds\":\"prog_load\",\"progs\":\"kprobe\",\"hostReach\":true")),
	  UNUSED2
	  "rule 1 has \"hostReach\": what it allows may see and change the whole host (1)\n" },
	/* paths */
	{ RULES(ALLOW(NARROW, GOOD ",\"paths\":\"/sys/fs/bpf/,/a//b,/x/*,/run/bpf\"")), UNUSED2
	  "! rule 1 allows path \"/sys/fs/bpf/\", which no request can have: it ends in a "
	  "slash (1)\n"
	  "! rule 1 allows path \"/a//b\", which no request can have: it holds \"//\" (1)\n" },
	{ RULES(ALLOW(NARROW, GOOD ",\"paths\":\"/proc/bpf,/dev/*,/device\"")), UNUSED2
	  "! rule 1 allows path \"/proc/bpf\", where the hook never mounts: runtimes use it "
	  "after the hooks (1)\n"
	  "! rule 1 allows path \"/dev/*\", where the hook never mounts: runtimes use it after "
	  "the hooks (1)\n" },
	/* names of another build */
	{ RULES(ALLOW(NARROW, "\"cmds\":\"frobnicate\"")), UNUSED2
	  "! rule 1 is void, so it refuses each request that it matches: cmds: unknown name "
	  "\"frobnicate\"; \"bpftoken names cmds\" lists all there are (1)\n" },
	{ "{\"version\":1,\"profiles\":{\"x\":{\"cmds\":\"frobnicate\"}}}",
	  "! profile \"x\" is void, so who asks for it is refused: cmds: unknown name "
	  "\"frobnicate\"; \"bpftoken names cmds\" lists all there are\n" },
	{ "{\"version\":1}", "" },
};

static void test_findings(void **state)
{
	static struct lints lints;

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct policy policy = policy_of(rows[i].policy, NULL);
		char said[2000];
		struct text text;

		memset(&lints, 0, sizeof(lints));
		policy_lint(&policy, &lints);
		text_init(&text, said, sizeof(said));
		for (size_t j = 0; j < lints.n; j++) {
			expect_shown(rows[i].policy, lints.items[j].text);
			text_add(&text, "%s%s", lints.items[j].level == LINT_WARNING ? "! " : "",
				 lints.items[j].text);
			if (lints.items[j].line != 0)
				text_add(&text, " (%u)", lints.items[j].line);
			text_add(&text, "\n");
		}
		expect_text(rows[i].policy, said, rows[i].said);
		policy_done(&policy);
	}
}

/* More than are kept are counted. */
static void test_many_findings(void **state)
{
	static struct policy_profile profiles[LINTS_MAX + 7];
	static struct lints lints;
	static char name[] = "x", why[] = "unknown";
	const struct policy policy = { .profiles = profiles, .n_profiles = LENGTH(profiles) };

	(void)state;
	for (size_t i = 0; i < LENGTH(profiles); i++)
		profiles[i] = (struct policy_profile){ .name = name, .void_because = why };
	policy_lint(&policy, &lints);
	assert_int_equal(lints.n, LINTS_MAX);
	assert_int_equal(lints.dropped, 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_many_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
