/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of hook/decision: which rule decides, and what lies beyond it. */

#include "tests/unit/support_decision.h"

#include <linux/bpf.h>

/* ---- which rule decides ---- */

static const struct row first_match[] = {
	/* default deny */
	{ "{" V "}", { ASKS_LOAD, UID }, NO_RULE(LOAD) },
	{ RULES(""), { ASKS_LOAD, UID }, NO_RULE(LOAD) },
	{ RULES(ALLOW("\"hostUids\":\"5\"", LOAD)), { ASKS_LOAD, UID }, NO_RULE(LOAD) },
	/* the first that matches */
	{ RULES(ALLOW("", LOAD)), { ASKS_LOAD, UID }, NULL },
	{ RULES(DENY("\"hostUids\":\"5\"") "," ALLOW("", LOAD) "," DENY("")),
	  { ASKS_LOAD, UID },
	  NULL },
	{ RULES(ALLOW("", LOAD) "," DENY("")), { ASKS_LOAD, UID }, NULL },
	{ RULES(DENY("")), { ASKS_LOAD, UID }, REFUSED("rule 1 (line 1) denies it", LOAD) },
	{ RULES("\n" NAMED("no \\u001b[2J\\\"one\\\"", "\"match\":{},\"deny\":true}")),
	  { ASKS_LOAD, UID },
	  REFUSED("rule \"no \\x1b[2J\\\"one\\\"\" (line 2) denies it", LOAD) },
	{ RULES(NAMED("", "\"match\":{},\"deny\":true}")),
	  { ASKS_LOAD, UID },
	  REFUSED("rule \"\" (line 1) denies it", LOAD) },
	/* one that it hides */
	{ RULES(DENY("") ",\n" ALLOW("", LOAD)),
	  { ASKS_LOAD, UID },
	  HIDDEN("rule 1 (line 1) denies it", "rule 2 (line 2)") },
	{ RULES(ALLOW("", "\"maps\":\"hash\"") ",\n" DENY("") ",\n" ALLOW(
		  "", "\"cmds\":\"btf_load\"") ",\n" NAMED("good",
							   "\"match\":{},\"allow\":{" LOAD "}}")),
	  { ASKS_LOAD, UID },
	  HIDDEN("rule 1 (line 1) does not allow cmds prog_load", "rule \"good\" (line 4)") },
	/* not one that would not match, or not allow it either */
	{ RULES(DENY("") "," ALLOW("\"hostUids\":\"5\"", LOAD) "," ALLOW("", "\"maps\":\"hash\"")),
	  { ASKS_LOAD, UID },
	  REFUSED("rule 1 (line 1) denies it", LOAD) },
	{ RULES(DENY("") "," ALLOW("", LOAD ",\"profiles\":\"none\"")),
	  { ASKS_LOAD, UID },
	  REFUSED("rule 1 (line 1) denies it", LOAD) },
	/* an earlier rule that does not allow it is not passed over */
	{ RULES(ALLOW("", "") "," ALLOW("", LOAD)),
	  { ASKS_LOAD, UID },
	  HIDDEN("rule 1 (line 1) does not allow cmds prog_load", "rule 2 (line 1)") },
	/* a void rule decides, too, and says why it cannot */
	{ RULES(ALLOW("", "\"cmds\":\"prog_load,frobnicate\"") "," DENY("")),
	  { ASKS_LOAD, UID },
	  REFUSED("rule 1 (line 1) is void: cmds: unknown name \"frobnicate\"; \"bpftoken names "
		  "cmds\" lists all there are",
		  LOAD) },
	{ RULES(ALLOW("", LOAD ",\"profiles\":\"xdp\"")),
	  { ASKS_LOAD, UID },
	  REFUSED("rule 1 (line 1) is void: profile \"xdp\" is not defined", LOAD) },
};

static void test_the_first_match_decides(void **state)
{
	(void)state;
	expect_rows(first_match, LENGTH(first_match));
}

/* ---- matching ---- */

static const struct {
	const char *match;
	struct question question;
	bool want;
} matches[] = {
	/* host ids: without a word of them, all but 0 */
	{ "", { ASKS_LOAD, .host_uid = 1 }, true },
	{ "", { ASKS_LOAD, .host_uid = 4294967294 }, true },
	{ "", { ASKS_LOAD, .host_uid = 0 }, false },
	{ "\"hostUids\":\"0\"", { ASKS_LOAD, .host_uid = 0 }, true },
	{ "\"hostUids\":\"0\"", { ASKS_LOAD, .host_uid = 1 }, false },
	{ "\"hostUids\":\"0-4294967294\"", { ASKS_LOAD, .host_uid = 0 }, true },
	{ "\"hostUids\":\"1-4294967294\"", { ASKS_LOAD, .host_uid = 0 }, false },
	{ "\"hostUids\":\"100000-165535\"", { ASKS_LOAD, .host_uid = 99999 }, false },
	{ "\"hostUids\":\"100000-165535\"", { ASKS_LOAD, .host_uid = 100000 }, true },
	{ "\"hostUids\":\"100000-165535\"", { ASKS_LOAD, .host_uid = 165535 }, true },
	{ "\"hostUids\":\"100000-165535\"", { ASKS_LOAD, .host_uid = 165536 }, false },
	{ "\"hostUids\":\"5, 7-9\"", { ASKS_LOAD, .host_uid = 5 }, true },
	{ "\"hostUids\":\"5, 7-9\"", { ASKS_LOAD, .host_uid = 6 }, false },
	{ "\"hostUids\":\"5, 7-9\"", { ASKS_LOAD, .host_uid = 8 }, true },
	/* the network namespace */
	{ "", { ASKS_LOAD, UID, .host_network = true }, true },
	{ "\"hostNetwork\":true", { ASKS_LOAD, UID, .host_network = true }, true },
	{ "\"hostNetwork\":true", { ASKS_LOAD, UID }, false },
	{ "\"hostNetwork\":false", { ASKS_LOAD, UID, .host_network = true }, false },
	{ "\"hostNetwork\":false", { ASKS_LOAD, UID }, true },
	{ "\"hostNetwork\":false,\"hostUids\":\"5\"", { ASKS_LOAD, UID }, false },
	/* annotations, all of them, as whole globs */
	{ "\"annotations\":{}", { ASKS_LOAD, UID }, true },
	{ "\"annotations\":{\"ns\":\"a\"}", { ASKS_LOAD, UID }, false },
	{ "\"annotations\":{\"ns\":\"*\"}", { ASKS_LOAD, UID }, false },
	{ "\"annotations\":{\"ns\":\"a\"}", { ASKS_LOAD, "\"ns\":\"a\"", UID }, true },
	{ "\"annotations\":{\"ns\":\"a\"}", { ASKS_LOAD, "\"ns\":\"ab\"", UID }, false },
	{ "\"annotations\":{\"ns\":\"a\"}", { ASKS_LOAD, "\"ns\":\"A\"", UID }, false },
	{ "\"annotations\":{\"ns\":\"a\"}", { ASKS_LOAD, "\"NS\":\"a\"", UID }, false },
	{ "\"annotations\":{\"ns\":\"\"}", { ASKS_LOAD, "\"ns\":\"\"", UID }, true },
	{ "\"annotations\":{\"ns\":\"net-*\"}", { ASKS_LOAD, "\"ns\":\"net-\"", UID }, true },
	{ "\"annotations\":{\"ns\":\"net-*\"}", { ASKS_LOAD, "\"ns\":\"net-a/b\"", UID }, true },
	{ "\"annotations\":{\"ns\":\"net-*\"}", { ASKS_LOAD, "\"ns\":\"xnet-a\"", UID }, false },
	{ "\"annotations\":{\"ns\":\"[ab]?\"}", { ASKS_LOAD, "\"ns\":\"b2\"", UID }, true },
	{ "\"annotations\":{\"ns\":\"[!ab]\"}", { ASKS_LOAD, "\"ns\":\"c\"", UID }, true },
	{ "\"annotations\":{\"ns\":\"[!ab]\"}", { ASKS_LOAD, "\"ns\":\"a\"", UID }, false },
	{ "\"annotations\":{\"ns\":\"[[:digit:]]\"}", { ASKS_LOAD, "\"ns\":\"7\"", UID }, true },
	{ "\"annotations\":{\"ns\":\"[a-c]\"}", { ASKS_LOAD, "\"ns\":\"B\"", UID }, false },
	{ "\"annotations\":{\"ns\":\"a\\\\*\"}", { ASKS_LOAD, "\"ns\":\"a*\"", UID }, true },
	{ "\"annotations\":{\"ns\":\"a\\\\*\"}", { ASKS_LOAD, "\"ns\":\"ab\"", UID }, false },
	{ "\"annotations\":{\"ns\":\"*\",\"pod\":\"p\"}",
	  { ASKS_LOAD, "\"ns\":\"a\"", UID },
	  false },
	{ "\"annotations\":{\"ns\":\"*\",\"pod\":\"p\"}",
	  { ASKS_LOAD, "\"ns\":\"a\",\"pod\":\"p\"", UID },
	  true },
	{ "\"annotations\":{\"ns\":\"*\"},\"hostNetwork\":true",
	  { ASKS_LOAD, "\"ns\":\"a\"", UID },
	  false },
};

static void test_matching(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(matches); i++) {
		char json[400];

		snprintf(json, sizeof(json),
			 "{" V ",\"trustedAnnotations\":[\"ns\",\"pod\"],\"rules\":["
			 "{\"match\":{%s},\"allow\":{" LOAD "}}]}",
			 matches[i].match);
		expect_decision(json, &matches[i].question, EX_NOPERM,
				matches[i].want ? NULL : "policy: no rule matches @@");
	}
}

/* ---- the ceiling ---- */

#define FOUR                                                                                       \
	"\"cmds\":\"map_create,prog_load\",\"maps\":\"array,hash\",\"progs\":\"xdp\",\"attachs\":" \
	"\"xdp\""

static const struct row ceilings[] = {
	{ RULES(ALLOW("", FOUR)),
	  { ASKS("map_create,prog_load", "array,hash", "xdp", "xdp"), UID },
	  NULL },
	{ RULES(ALLOW("", FOUR)), { ASKS("prog_load", NULL, NULL, NULL), UID }, NULL },
	/* one bit over, in each list; granted whole or refused whole */
	{ RULES(ALLOW("", FOUR)),
	  { ASKS("prog_load,btf_load", "array", "xdp", "xdp"), UID },
	  BEYOND("cmds btf_load") },
	{ RULES(ALLOW("", FOUR)),
	  { ASKS("prog_load", "array,ringbuf", "xdp", "xdp"), UID },
	  BEYOND("maps ringbuf") },
	{ RULES(ALLOW("", FOUR)),
	  { ASKS("prog_load", "array", "xdp,sched_cls", "xdp"), UID },
	  BEYOND("progs sched_cls") },
	{ RULES(ALLOW("", FOUR)),
	  { ASKS("prog_load", "array", "xdp", "xdp,xdp_devmap"), UID },
	  BEYOND("attachs xdp_devmap") },
	{ RULES(ALLOW("", FOUR)),
	  { ASKS("btf_load,prog_load", "ringbuf,lpm_trie", "sched_cls", "tcx_ingress"), UID },
	  BEYOND("cmds btf_load; maps lpm_trie,ringbuf; progs sched_cls; attachs tcx_ingress") },
	/* a list that the rule does not have */
	{ RULES(ALLOW("", LOAD)),
	  { ASKS("prog_load", "array", NULL, NULL), UID },
	  BEYOND("maps array") },
	{ RULES(ALLOW("", "")),
	  { ASKS("prog_load", NULL, NULL, NULL), UID },
	  BEYOND("cmds prog_load") },
	/* any lies in a ceiling of any alone, however much the other names */
	{ RULES(ALLOW("", LOAD ",\"attachs\":\"any\"")),
	  { ASKS("prog_load", NULL, NULL, "any"), UID },
	  NULL },
	{ RULES(ALLOW("", LOAD ",\"attachs\":\"any\"")),
	  { ASKS("prog_load", NULL, NULL, "xdp"), UID },
	  NULL },
	{ RULES(ALLOW("", LOAD ",\"attachs\":\"0xffffffffffffffff\"")),
	  { ASKS("prog_load", NULL, NULL, "any"), UID },
	  NULL },
	{ RULES(ALLOW("", LOAD ",\"attachs\":\"0x7fffffffffffffff\"")),
	  { ASKS("prog_load", NULL, NULL, "any"), UID },
	  BEYOND("attachs any") },
	{ RULES(ALLOW("", LOAD ",\"attachs\":\"xdp\"")),
	  { ASKS("prog_load", NULL, NULL, "any"), UID },
	  BEYOND("attachs any") },
};

static void test_ceilings(void **state)
{
	(void)state;
	expect_rows(ceilings, LENGTH(ceilings));
}

/* Each single bit of each list: inside a ceiling that has it, outside of one that lacks it. */
static void check_single_bit(enum names_list list, unsigned bit)
{
	uint64_t rest = names_known(list) & ~BIT(bit);
	struct question question = { ASKS_LOAD, UID };
	char policy[300], want[200];

	question.word[REQUEST_CMDS + (int)list] = names_of_bit(list, bit);
	snprintf(policy, sizeof(policy), RULES(ALLOW("", "%s\"%s\":\"0x%llx\",\"hostReach\":true")),
		 list == NAMES_CMDS ? "" : LOAD ",", names_key(list), (unsigned long long)BIT(bit));
	expect_decision(policy, &question, EX_NOPERM, NULL);
	snprintf(policy, sizeof(policy), RULES(ALLOW("", "%s\"%s\":\"0x%llx\",\"hostReach\":true")),
		 list == NAMES_CMDS ? "" : LOAD ",", names_key(list), (unsigned long long)rest);
	snprintf(want, sizeof(want), BEYOND("%s %s"), names_key(list), names_of_bit(list, bit));
	expect_decision(policy, &question, EX_NOPERM, want);
}

static void test_each_bit_of_each_list(void **state)
{
	(void)state;
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		for (unsigned bit = 0; bit < 64; bit++)
			if ((names_known(list) & BIT(bit)) != 0)
				check_single_bit(list, bit);
}

/* ---- profiles ---- */

static const struct row profiles[] = {
	{ WITH(XDP, ALLOW("", "\"profiles\":\"xdp\"")), { PROFILE("xdp"), UID }, NULL },
	{ WITH(XDP, ALLOW("", "\"profiles\":\"xdp\"")), { ASKS_LOAD, UID }, NULL },
	{ WITH(XDP, ALLOW("", "\"cmds\":\"any\",\"progs\":\"xdp\",\"hostReach\":true")),
	  { PROFILE("xdp"), UID },
	  NULL },
	{ WITH(XDP, ALLOW("", "\"progs\":\"xdp\"")),
	  { PROFILE("xdp"), UID },
	  BEYOND("cmds prog_load") },
	{ WITH(XDP ",\"m\":{\"maps\":\"hash\"}", ALLOW("", "\"profiles\":\"xdp,m\"")),
	  { PROFILE("m xdp"), UID },
	  NULL },
	{ WITH(XDP ",\"m\":{\"maps\":\"hash\"}", ALLOW("", "\"profiles\":\"xdp\"")),
	  { PROFILE("m,xdp"), UID },
	  BEYOND("maps hash") },
	{ WITH(XDP, ALLOW("", "\"profiles\":\"xdp\"")),
	  { .word = { [REQUEST_PROFILE] = "xdp", [REQUEST_MAPS] = "array" }, UID },
	  BEYOND("maps array") },
	{ WITH(XDP, ALLOW("", "\"profiles\":\"xdp\",\"maps\":\"array\"")),
	  { .word = { [REQUEST_PROFILE] = "xdp", [REQUEST_MAPS] = "array" }, UID },
	  NULL },
	/* a void profile refuses whoever names it, and nobody else */
	{ WITH("\"v\":{\"cmds\":\"frobnicate\"}," XDP, ALLOW("", "\"profiles\":\"xdp\"")),
	  { PROFILE("v"), UID },
	  "policy: profile \"v\" is void: cmds: unknown name \"frobnicate\"; \"bpftoken names "
	  "cmds\" lists all there are" },
	{ WITH("\"v\":{\"cmds\":\"frobnicate\"}," XDP, ALLOW("", "\"profiles\":\"xdp\"")),
	  { PROFILE("xdp"), UID },
	  NULL },
};

static void test_profiles(void **state)
{
	(void)state;
	expect_rows(profiles, LENGTH(profiles));
}

/* What a request itself has wrong, told before any rule is asked. */
static void test_requests_that_cannot_be(void **state)
{
	static const struct row rows[] = {
		{ WITH(XDP ",\"tc\":{\"maps\":\"hash\"}", ""),
		  { PROFILE("xpd"), UID },
		  "request: profile \"xpd\" is not defined; define it in " FILE_NAME
		  " or use one of: xdp, tc" },
		{ "{" V "}",
		  { PROFILE("xdp"), UID },
		  "request: profile \"xdp\" is not defined; define it in " FILE_NAME },
		{ WITH("\"m\":{\"maps\":\"hash\"}", ALLOW("", "\"maps\":\"any\"")),
		  { PROFILE("m"), UID },
		  "request: no command is asked for, so a token would serve nothing; add cmds, for "
		  "example map_create,prog_load" },
		{ RULES(ALLOW("", "\"attachs\":\"any\"")),
		  { ASKS(NULL, NULL, NULL, "any"), UID },
		  "request: no command is asked for, @@" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		static struct answer answer;

		expect_decision(rows[i].policy, &rows[i].question, EX_DATAERR, rows[i].want);
		decide(rows[i].policy, NULL, &rows[i].question, REQUEST_FROM_COMMAND_LINE, &answer);
		expect_refusal(rows[i].policy, answer.decision.granted ? 0 : -1,
			       &answer.decision.refusal, EX_USAGE, rows[i].want);
		answer_done(&answer);
	}
}

/* The names that there are, in a message that stays short. */
static void test_many_profile_names(void **state)
{
	char *policy = malloc(100000);
	struct question question = { PROFILE("none"), UID };
	size_t len;

	(void)state;
	assert_non_null(policy);
	len = (size_t)sprintf(policy, "{" V ",\"profiles\":{" XDP);
	for (int i = 0; i < 1000; i++)
		len += (size_t)sprintf(policy + len, ",\"profile-number-%d\":{\"maps\":\"hash\"}",
				       i);
	sprintf(policy + len, "}}");
	expect_decision(policy, &question, EX_DATAERR,
			"request: profile \"none\" is not defined; define it in " FILE_NAME
			" or use one of: xdp, profile-number-0, @@...");
	free(policy);
}

/* ---- paths ---- */

static const struct {
	const char *paths, *path;
	bool want;
} paths[] = {
	{ NULL, NULL, true },
	{ NULL, "/sys/fs/bpf", true },
	{ NULL, "/sys/fs/bpf/x", false },
	{ NULL, "/run/bpf", false },
	{ "/run/bpf", NULL, false },
	{ "/run/bpf", "/run/bpf", true },
	{ "/run/bpf", "/run/bpf/x", false },
	{ "/run/bpf /sys/fs/bpf", NULL, true },
	{ "/run/bpf/*", "/run/bpf/x", true },
	{ "/run/bpf/*", "/run/bpf", false },
	/* FNM_PATHNAME: no wildcard takes a slash */
	{ "/run/bpf/*", "/run/bpf/x/y", false },
	{ "/run/*", "/run/a/b", false },
	{ "/*", "/run/bpf", false },
	{ "/*/*", "/run/bpf", true },
	{ "/run?bpf", "/run/bpf", false },
	{ "/run[/]bpf", "/run/bpf", false },
	/* FNM_PERIOD: none takes a leading period */
	{ "/run/*", "/run/.x", false },
	{ "/run/?x", "/run/.x", false },
	{ "/run/[.]x", "/run/.x", false },
	{ "/run/.*", "/run/.x", true },
	{ "/run/*", "/run/x.y", true },
	{ "/run/[ab]?", "/run/b1", true },
	{ "/run/\\\\*", "/run/*", true },
	{ "/run/\\\\*", "/run/x", false },
	{ "/run/a?b", "/run/a b", true },
	{ "/Run", "/run", false },
	/* bytes, whatever the locale */
	{ "/run/??", "/run/\xc3\xa9", true },
	{ "/run/?", "/run/\xc3\xa9", false },
};

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(paths); i++) {
		struct question question = { ASKS_LOAD, UID };
		char policy[200], want[200];

		question.word[REQUEST_PATH] = paths[i].path;
		snprintf(policy, sizeof(policy), RULES(ALLOW("", LOAD "%s%s%s")),
			 paths[i].paths ? ",\"paths\":\"" : "",
			 paths[i].paths ? paths[i].paths : "", paths[i].paths ? "\"" : "");
		snprintf(want, sizeof(want), BEYOND("path \"%s\""),
			 paths[i].path != NULL && strchr(paths[i].path, '\xc3') == NULL ?
				 paths[i].path :
			 paths[i].path != NULL ? "@@" :
						 "/sys/fs/bpf");
		expect_decision(policy, &question, EX_NOPERM, paths[i].want ? NULL : want);
	}
}

/* ---- root's own words ---- */

/* The command line is not held against rules; its profiles come from the policy all the same. */
static void test_the_command_line(void **state)
{
	static const struct question everything = {
		.word = { [REQUEST_PROFILE] = "xdp",
			  [REQUEST_CMDS] = "any",
			  [REQUEST_MAPS] = "any",
			  [REQUEST_PATH] = "/run/x" },
		.host_network = true,
		.bounding = UINT64_MAX,
	};
	static struct answer answer;

	(void)state;
	decide(WITH(XDP, DENY("")), NULL, &everything, REQUEST_FROM_COMMAND_LINE, &answer);
	expect_success("root", answer.decision.granted ? 0 : -1, &answer.decision.refusal);
	assert_null(answer.decision.rule);
	assert_true(answer.decision.delegation.masks[NAMES_CMDS] == DELEGATION_ANY);
	assert_true(answer.decision.delegation.masks[NAMES_PROGS] == BIT(BPF_PROG_TYPE_XDP));
	answer_done(&answer);
	decide(WITH("\"xdp\":{\"cmds\":\"frobnicate\"}", DENY("")), NULL, &everything,
	       REQUEST_FROM_COMMAND_LINE, &answer);
	expect_refusal("a void profile", answer.decision.granted ? 0 : -1, &answer.decision.refusal,
		       EX_NOPERM,
		       "policy: profile \"xdp\" is void: cmds: unknown name \"frobnicate\"; @@");
	answer_done(&answer);
}

/* What a decision says besides: the delegation, the rule, and the rule's name. */
static void test_what_a_decision_holds(void **state)
{
	const struct question question = {
		.word = { [REQUEST_PROFILE] = "xdp,m", [REQUEST_ATTACHS] = "xdp" }, UID
	};
	static struct answer answer;

	(void)state;
	decide(WITH(XDP ",\"m\":{\"maps\":\"hash\"}",
		    DENY("\"hostUids\":\"5\"") "," NAMED("a \\\"b\\\"",
							 "\"match\":{},\"allow\":{" ANY4 "}}")),
	       NULL, &question, REQUEST_FROM_ANNOTATIONS, &answer);
	assert_true(answer.decision.granted);
	assert_ptr_equal(answer.decision.rule, &answer.policy.rules[1]);
	expect_text("name", decision_rule_name(answer.decision.rule).text, "rule \"a \\\"b\\\"\"");
	expect_text("number", decision_rule_name(&answer.policy.rules[0]).text, "rule 1");
	assert_true(answer.decision.delegation.masks[NAMES_CMDS] == BIT(BPF_PROG_LOAD));
	assert_true(answer.decision.delegation.masks[NAMES_MAPS] == BIT(BPF_MAP_TYPE_HASH));
	assert_true(answer.decision.delegation.masks[NAMES_ATTACHS] == BIT(BPF_XDP));
	answer_done(&answer);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_match_decides),
		cmocka_unit_test(test_matching),
		cmocka_unit_test(test_ceilings),
		cmocka_unit_test(test_each_bit_of_each_list),
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_requests_that_cannot_be),
		cmocka_unit_test(test_many_profile_names),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_the_command_line),
		cmocka_unit_test(test_what_a_decision_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
