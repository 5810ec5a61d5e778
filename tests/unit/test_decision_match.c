/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of hook/decision: the words for why a rule is not about a container. */

#include "tests/unit/support.h"

#include "hook/decision.h"

static const struct {
	const char *match;
	const char *annotations; /* of the state */
	uid_t host_uid;
	bool host_network;
	enum decision_result result;
	const char *words;
} rows[] = {
	{ "", "", 100000, false, DECISION_MATCHES, "it matches" },
	{ "\"hostNetwork\":true,\"annotations\":{\"ns\":\"a*\"}", "\"ns\":\"ab\"", 1, true,
	  DECISION_MATCHES, "it matches" },
	/* host uids */
	{ "", "", 0, false, DECISION_OTHER_UID,
	  "its root is the host's root, which takes a rule with 0 in \"hostUids\"" },
	{ "\"hostUids\":\"5\"", "", 0, false, DECISION_OTHER_UID,
	  "its root is host uid 0, and \"hostUids\" is 5" },
	{ "\"hostUids\":\"5 7-9,100000-4294967294\"", "", 6, false, DECISION_OTHER_UID,
	  "its root is host uid 6, and \"hostUids\" is 5,7-9,100000-4294967294" },
	/* the network */
	{ "\"hostNetwork\":true", "", 1, false, DECISION_OTHER_NETWORK,
	  "it has a network of its own, and \"hostNetwork\" is true" },
	{ "\"hostNetwork\":false", "", 1, true, DECISION_OTHER_NETWORK,
	  "it shares the host's network, and \"hostNetwork\" is false" },
	/* annotations: the first that fails, of all the rule has */
	{ "\"annotations\":{\"ns\":\"*\"}", "", 1, false, DECISION_NO_ANNOTATION,
	  "it has no annotation \"ns\"" },
	{ "\"annotations\":{\"ns\":\"*\",\"pod\":\"p\"}", "\"ns\":\"a\"", 1, false,
	  DECISION_NO_ANNOTATION, "it has no annotation \"pod\"" },
	{ "\"annotations\":{\"ns\":\"b*\",\"pod\":\"p\"}", "\"ns\":\"a\"", 1, false,
	  DECISION_OTHER_ANNOTATION, "annotation \"ns\" is \"a\", which \"b*\" does not match" },
	{ "\"annotations\":{\"ns\":\"a\",\"pod\":\"p\"}", "\"ns\":\"a\",\"pod\":\"\\u001b[2J\"", 1,
	  false, DECISION_OTHER_ANNOTATION,
	  "annotation \"pod\" is \"\\x1b[2J\", which \"p\" does not match" },
	/* of several reasons, one: in the order in which they are looked at */
	{ "\"hostUids\":\"5\",\"hostNetwork\":true,\"annotations\":{\"ns\":\"a\"}", "", 1, false,
	  DECISION_OTHER_UID, "its root is host uid 1, and \"hostUids\" is 5" },
	{ "\"hostUids\":\"1\",\"hostNetwork\":true,\"annotations\":{\"ns\":\"a\"}", "", 1, false,
	  DECISION_OTHER_NETWORK, "it has a network of its own, and \"hostNetwork\" is true" },
};

static void check_row(size_t i)
{
	char json[600], words[300];
	struct text text;
	struct policy policy;
	struct state state;
	struct decision_match match;
	struct subject subject = { .host_uid = rows[i].host_uid,
				   .host_network = rows[i].host_network };

	snprintf(json, sizeof(json),
		 "{\"version\":1,\"trustedAnnotations\":[\"ns\",\"pod\"],\"rules\":["
		 "{\"match\":{%s},\"deny\":true}]}",
		 rows[i].match);
	policy = policy_of(json, NULL);
	snprintf(json, sizeof(json), "{\"id\":\"i\",\"bundle\":\"/b\",\"annotations\":{%s}}",
		 rows[i].annotations);
	state = state_of(json);
	subject.state = &state;
	match = decision_match(&policy.rules[0], &subject);
	assert_int_equal(match.result, rows[i].result);
	text_init(&text, words, sizeof(words));
	decision_add_match(&policy.rules[0], &subject, match, &text);
	expect_text(rows[i].match, words, rows[i].words);
	expect_shown(rows[i].match, words);
	policy_done(&policy);
	state_done(&state);
}

static void test_reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		check_row(i);
}

/* A list of any length is cut, and shown to be. */
static void test_many_ranges(void **state)
{
	struct policy_range ranges[100];
	const struct policy_rule rule = { .host_uids = ranges, .n_host_uids = LENGTH(ranges) };
	const struct subject subject = { .host_uid = 7 };
	const struct decision_match match = { DECISION_OTHER_UID, 0 };
	char words[120];
	struct text text;

	(void)state;
	for (uint32_t i = 0; i < LENGTH(ranges); i++)
		ranges[i] = (struct policy_range){ 1000 + 10 * i, 1005 + 10 * i };
	text_init(&text, words, sizeof(words));
	decision_add_match(&rule, &subject, match, &text);
	assert_true(text.cut);
	expect_like("cut", words,
		    "its root is host uid 7, and \"hostUids\" is 1000-1005,1010-1015,@@...");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_many_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
