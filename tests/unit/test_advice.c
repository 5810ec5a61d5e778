/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of hook/advice: whoever does what a refusal says gets what was refused. The rule is cut out
 * of the message, put first in the policy, and the very same request is asked again.
 */

#include "tests/unit/support.h"

#include <linux/bpf.h>
#include <linux/capability.h>

#include "hook/advice.h"

#define BIT(n) (UINT64_C(1) << (n))

enum { POLICY_MAX = 16384, RULES_MAX = 4 };

/* A policy in parts, so that a rule can be put before the others or moved. */
struct parts {
	const char *trusted;  /* elements of the array */
	const char *profiles; /* members of the object */
	const char *rules[RULES_MAX];
};

/* Who asks for what. */
struct question {
	struct request_words words;
	const char *annotations; /* members of the state's */
	struct subject subject;
};

static void write_policy(const struct parts *parts, const char *first, char buf[POLICY_MAX])
{
	struct text text;

	text_init(&text, buf, POLICY_MAX);
	text_add(&text,
		 "{\"version\":1,\"trustedAnnotations\":[%s],\"profiles\":{%s},\"rules\":[%s",
		 parts->trusted, parts->profiles, first != NULL ? first : "");
	for (size_t i = 0; i < RULES_MAX && parts->rules[i] != NULL; i++)
		text_add(&text, "%s\n%s", i != 0 || first != NULL ? "," : "", parts->rules[i]);
	text_add(&text, "]}");
	assert_false(text.cut);
}

/* A policy with the question put to it. */
struct hearing {
	char json[POLICY_MAX];
	struct policy policy;
	struct request request;
	struct state state;
	struct decision decision;
};

static void hear(const struct parts *parts, const char *first, const struct question *question,
		 struct hearing *hearing)
{
	char json[8192];
	struct err err = { 0 };
	struct subject subject = question->subject;

	write_policy(parts, first, hearing->json);
	hearing->policy = policy_of(hearing->json, NULL);
	snprintf(json, sizeof(json), "{\"id\":\"i\",\"bundle\":\"/b\",\"annotations\":{%s}}",
		 question->annotations);
	hearing->state = state_of(json);
	subject.state = &hearing->state;
	expect_success("request",
		       request_make(&question->words, REQUEST_FROM_ANNOTATIONS, &hearing->request,
				    &err),
		       &err);
	policy_decide(&hearing->policy, "/etc/p.json", &hearing->request, &subject,
		      &hearing->decision);
}

static void hearing_done(struct hearing *hearing)
{
	policy_done(&hearing->policy);
	request_done(&hearing->request);
	state_done(&hearing->state);
}

/* The rule that a refusal prints; it stands at the end. NULL when there is none. */
static const char *rule_in(const char *message)
{
	const char *rule = strstr(message, ": {\"match\":{");

	return rule != NULL ? rule + 2 : NULL;
}

#define TOO_LONG "(a rule for it is too long to be shown)"

/* The printed rule, put first, grants the same question, and no other container's. */
static void expect_rule_helps(const struct parts *parts, const struct question *question,
			      const char *message)
{
	static struct hearing again;
	const char *rule = rule_in(message);
	struct question other = *question;

	if (rule == NULL)
		fail_msg("no rule in: %s", message);
	hear(parts, rule, question, &again);
	if (!again.decision.granted)
		fail_msg("advised: %s\n  in policy %s\n  and refused again: %s", message,
			 again.json, again.decision.refusal.msg);
	assert_ptr_equal(again.decision.rule, &again.policy.rules[0]);
	hearing_done(&again);

	other.subject.host_uid = question->subject.host_uid == 7 ? 8 : 7;
	hear(parts, rule, &other, &again);
	assert_ptr_not_equal(again.decision.rule, &again.policy.rules[0]);
	hearing_done(&again);
}

/* "rule 3 (line 5) would allow it: move that one before it": moved, it does. */
static void expect_move_helps(const struct parts *parts, const struct question *question,
			      const char *message)
{
	static struct hearing again;
	size_t line, by_line;
	struct parts moved = *parts;
	const char *hidden = strstr(message, "; rule ");

	assert_non_null(hidden);
	assert_int_equal(sscanf(strstr(message, "(line "), "(line %zu)", &by_line), 1);
	assert_int_equal(sscanf(strstr(hidden, "(line "), "(line %zu)", &line), 1);
	assert_true(line > by_line && by_line >= 2 && line < RULES_MAX + 2);
	moved.rules[by_line - 2] = parts->rules[line - 2]; /* the first rule stands on line 2 */
	hear(&moved, NULL, question, &again);
	if (!again.decision.granted)
		fail_msg("advised: %s\n  and refused again: %s", message,
			 again.decision.refusal.msg);
	hearing_done(&again);
}

/* How many questions were granted at once, and how many refusals gave which advice. */
struct tally {
	unsigned granted, rules, numbers, moves, too_long;
};

static void ask(const struct parts *parts, const struct question *question, bool may_be_long,
		struct tally *tally)
{
	static struct hearing first;
	const char *message = first.decision.refusal.msg;

	hear(parts, NULL, question, &first);
	if (first.decision.granted) {
		tally->granted++;
		hearing_done(&first);
		return;
	}
	expect_refusal("advice", -1, &first.decision.refusal, EX_NOPERM, "policy: @@");
	if (strstr(message, "move that one before it") != NULL) {
		expect_move_helps(parts, question, message);
		tally->moves++;
	} else if (may_be_long && strstr(message, TOO_LONG) != NULL) {
		tally->too_long++;
	} else {
		expect_rule_helps(parts, question, message);
		tally->rules++;
		tally->numbers += strstr(rule_in(message), ":\"0x") != NULL;
	}
	hearing_done(&first);
}

/* ---- the table: every policy, every request, every container ---- */

#define DENY	  "{\"match\":{},\"deny\":true}"
#define XS	  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LONG_NAME XS XS XS XS
#define QUOTES	  "\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\""

static const struct parts policies[] = {
	{ "", "", { NULL } },
	{ "", "", { DENY } },
	{ "\"ns\"", "", { "{\"match\":{\"annotations\":{\"ns\":\"never\"}},\"allow\":{}}", DENY } },
	{ "\"ns\",\"pod\",\"k\\u00e9y\\\"\"",
	  "\"xdp\":{\"cmds\":\"prog_load\",\"progs\":\"xdp\"}",
	  { "{\"match\":{},\"allow\":{\"profiles\":\"xdp\"}}" } },
	{ "\"pod\"",
	  "\"xdp\":{\"cmds\":\"any\",\"progs\":\"any\",\"maps\":\"0x8000000000000000\"}",
	  { "{\"match\":{\"hostUids\":\"0-4294967294\"},\"allow\":{\"cmds\":\"frobnicate\"}}" } },
	{ "\"ns\"",
	  "\"xdp\":{\"cmds\":\"map_create\"}",
	  { "{\"name\":\"" LONG_NAME "\",\"match\":{},\"allow\":{}}" } },
	{ "\"ns\"",
	  "\"xdp\":{\"cmds\":\"map_create\"}",
	  { "{\"name\":\"" QUOTES QUOTES QUOTES QUOTES "\",\"match\":{},\"deny\":true}" } },
	{ "",
	  "\"xdp\":{\"cmds\":\"map_create,prog_load\",\"progs\":\"xdp\"}",
	  { "{\"match\":{},\"allow\":{\"cmds\":\"map_create\"}}", DENY,
	    "{\"match\":{\"hostUids\":\"0-4294967294\"},\"allow\":{\"cmds\":\"any\",\"maps\":"
	    "\"any\","
	    "\"progs\":\"any\",\"attachs\":\"any\",\"paths\":\"/sys/fs/bpf,/run/"
	    "*\",\"hostReach\":true}}" } },
	{ "",
	  "\"xdp\":{\"cmds\":\"map_create\"}",
	  { "{\"match\":{\"hostNetwork\":false},\"allow\":{\"cmds\":\"any\",\"maps\":\"any\","
	    "\"progs\":\"any\",\"attachs\":\"any\",\"paths\":\"/sys/fs/bpf,/*,/*/*,/*/*/*\"}}" } },
};

/* Filled in by main: every known name of a list, one after the other. */
static char all_names[NAMES_LISTS][4096];

#define WORDS(...)                                                                                 \
	{                                                                                          \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

static const struct request_words requests[] = {
	WORDS([REQUEST_CMDS] = "prog_load"),
	WORDS([REQUEST_CMDS] = "map_create,prog_load,btf_load",
	      [REQUEST_MAPS] = "array,hash,ringbuf", [REQUEST_PROGS] = "socket_filter,xdp",
	      [REQUEST_ATTACHS] = "cgroup_inet_ingress,xdp"),
	WORDS([REQUEST_CMDS] = "any", [REQUEST_MAPS] = "any", [REQUEST_PROGS] = "any",
	      [REQUEST_ATTACHS] = "any"),
	WORDS([REQUEST_CMDS] = "0x20", [REQUEST_PROGS] = "any"),
	WORDS([REQUEST_CMDS] = "btf_get_fd_by_id", [REQUEST_MAPS] = "struct_ops",
	      [REQUEST_PROGS] = "syscall,cgroup_skb,kprobe"),
	WORDS([REQUEST_CMDS] = all_names[NAMES_CMDS]),
	WORDS([REQUEST_CMDS] = all_names[NAMES_CMDS], [REQUEST_MAPS] = all_names[NAMES_MAPS]),
	WORDS([REQUEST_CMDS] = all_names[NAMES_CMDS], [REQUEST_MAPS] = all_names[NAMES_MAPS],
	      [REQUEST_PROGS] = all_names[NAMES_PROGS],
	      [REQUEST_ATTACHS] = all_names[NAMES_ATTACHS]),
	WORDS([REQUEST_CMDS] = "prog_load", [REQUEST_ATTACHS] = all_names[NAMES_ATTACHS]),
	WORDS([REQUEST_CMDS] = "prog_load", [REQUEST_PATH] = "/run/bpf"),
	WORDS([REQUEST_CMDS] = "prog_load", [REQUEST_PATH] = "/run/.hidden/..x/a*b?c[d]e\\f"),
	WORDS([REQUEST_CMDS] = "prog_load", [REQUEST_PATH] = "/run/a b,c:d\"e'f{g}h!i^j~k"),
	WORDS([REQUEST_CMDS] = "prog_load", [REQUEST_PATH] = "/\xc3\xa9/\xff\x80/-]["),
	WORDS([REQUEST_CMDS] = "prog_load", [REQUEST_PATH] = "/ / /.a"),
	WORDS([REQUEST_CMDS] = "prog_load", [REQUEST_PATH] = "/" XS XS XS "/" XS XS XS),
	WORDS([REQUEST_CMDS] = "prog_load", [REQUEST_MODE] = "0777", [REQUEST_OWNER] = "1:1"),
};

/* The profile of some policies, asked by name. */
static const struct request_words by_profile[] = {
	WORDS([REQUEST_PROFILE] = "xdp"),
	WORDS([REQUEST_PROFILE] = "xdp xdp", [REQUEST_MAPS] = "lpm_trie",
	      [REQUEST_PATH] = "/run/bpf"),
};

static const struct subject subjects[] = {
	{ .host_uid = 0 },
	{ .host_uid = 1 },
	{ .host_uid = 100000 },
	{ .host_uid = 4294967294, .host_network = true },
	{ .host_uid = 5, .host_network = true, .host_cgroup = true, .bounding = UINT64_MAX },
	{ .host_uid = 5, .host_cgroup = true },
	{ .host_uid = 5, .bounding = BIT(CAP_PERFMON) },
};

static const char *const annotations[] = {
	"",
	"\"ns\":\"net-a\"",
	"\"ns\":\"\",\"pod\":\"web-1\"",
	"\"ns\":\"*\",\"pod\":\"[a]\\\\\",\"k\\u00e9y\\\"\":\"a,b:c d\\\"e\\n\\t\\u001b\"",
	"\"ns\":\"\\u00e9\\u20ac\\ud83d\\ude00\",\"pod\":\".hidden/-!^]\"",
	"\"ns\":\"" XS XS "\",\"pod\":\"" XS XS "\",\"k\\u00e9y\\\"\":\"" XS XS "\"",
	"\"ns\":\"" LONG_NAME "\",\"untrusted\":\"x\"",
};

static void ask_everybody(const struct parts *parts, const struct request_words *words,
			  struct tally *tally)
{
	for (size_t i = 0; i < LENGTH(subjects); i++) {
		for (size_t j = 0; j < LENGTH(annotations); j++) {
			const struct question question = { *words, annotations[j], subjects[i] };

			ask(parts, &question, false, tally);
		}
	}
}

static void test_doing_what_a_refusal_says(void **state)
{
	struct tally tally = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(policies); i++) {
		for (size_t j = 0; j < LENGTH(requests); j++)
			ask_everybody(&policies[i], &requests[j], &tally);
		for (size_t j = 0; policies[i].profiles[0] != '\0' && j < LENGTH(by_profile); j++)
			ask_everybody(&policies[i], &by_profile[j], &tally);
	}
	/* each kind of answer came up */
	assert_true(tally.granted > 100 && tally.rules > 1000 && tally.numbers > 100 &&
		    tally.moves > 100);
	assert_int_equal(tally.too_long, 0);
}

/* ---- random ones ---- */

static void random_list(uint64_t *seed, enum names_list list, char buf[4096])
{
	uint64_t mask = next_random(seed) & names_known(list);
	struct text text;

	for (uint64_t sparser = next_random(seed) % 4; sparser > 0; sparser--)
		mask &= next_random(seed);
	text_init(&text, buf, 4096);
	delegation_add_words(&text, list, mask, ",");
}

/* Bytes that a path may have, the odd ones more often than in life. */
static void random_path(uint64_t *seed, char buf[128])
{
	static const char odd[] = "*?[]\\,: \"'.-!^{}$%\xff\xc3\xa9/abc012";
	size_t len = 1 + next_random(seed) % 120;

	do {
		buf[0] = '/';
		for (size_t i = 1; i <= len; i++)
			buf[i] = odd[next_random(seed) % (sizeof(odd) - 1)];
		buf[len + 1] = '\0';
	} while (request_path_defect(buf) != NULL);
}

static void random_value(uint64_t *seed, char buf[512])
{
	char value[64];
	size_t len = next_random(seed) % sizeof(value);
	struct text text;

	for (size_t i = 0; i < len; i++)
		value[i] = (char)(1 + next_random(seed) % 0x7f);
	text_init(&text, buf, 512);
	text_add_json(&text, value, len);
}

static void test_random_questions(void **state)
{
	static char lists[NAMES_LISTS][4096];
	struct tally tally = { 0 };
	uint64_t seed = 2026;

	(void)state;
	for (int round = 0; round < 1500; round++) {
		char path[128], ns[512], pod[512], members[1100];
		struct question question = { .annotations = members };

		for (enum names_list list = 0; list < NAMES_LISTS; list++) {
			random_list(&seed, list, lists[list]);
			if (lists[list][0] != '\0')
				question.words.word[REQUEST_CMDS + (int)list] = lists[list];
		}
		if (lists[NAMES_CMDS][0] == '\0')
			question.words.word[REQUEST_CMDS] = "prog_load";
		random_path(&seed, path);
		if (round % 2 != 0)
			question.words.word[REQUEST_PATH] = path;
		random_value(&seed, ns);
		random_value(&seed, pod);
		snprintf(members, sizeof(members), "\"ns\":%s,\"pod\":%s", ns, pod);
		question.subject.host_uid = (uid_t)(next_random(&seed) % UINT32_MAX);
		question.subject.host_network = round % 3 == 0;
		question.subject.host_cgroup = round % 5 == 0;
		question.subject.bounding = round % 7 == 0 ? next_random(&seed) : 0;
		ask(&policies[next_random(&seed) % LENGTH(policies)], &question, false, &tally);
	}
	assert_true(tally.rules > 700 && tally.numbers > 150 && tally.moves > 20);
}

/* ---- rules too long to be shown ---- */

/* Half a rule is of no use: a message that cannot hold it says so. */
static void test_rules_that_no_message_holds(void **state)
{
	static const struct parts many_trusted = { "\"1" XS XS "\",\"2" XS XS "\",\"3" XS XS
						   "\",\"4" XS XS "\",\"5" XS XS "\",\"6" XS XS
						   "\"",
						   "",
						   { DENY } };
	static const char values[] = "\"1" XS XS "\":\"" XS XS "\",\"2" XS XS "\":\"" XS XS
				     "\",\"3" XS XS "\":\"" XS XS "\",\"4" XS XS "\":\"" XS XS
				     "\",\"5" XS XS "\":\"" XS XS "\",\"6" XS XS "\":\"" XS XS "\"";
	static const char long_path[] =
		"/" XS XS XS XS "/" XS XS XS XS "/" XS XS XS XS "/" XS XS XS XS "/" XS XS XS XS
		"/" XS XS XS XS "/" XS XS XS XS;
	const struct question questions[] = {
		{ WORDS([REQUEST_CMDS] = "prog_load", [REQUEST_PATH] = long_path),
		  "",
		  { .host_uid = 1 } },
		{ WORDS([REQUEST_CMDS] = "prog_load"), values, { .host_uid = 1 } },
	};
	struct tally tally = { 0 };

	(void)state;
	ask(&policies[0], &questions[0], true, &tally);
	ask(&policies[1], &questions[0], true, &tally);
	ask(&policies[5], &questions[0], true, &tally);
	ask(&many_trusted, &questions[1], true, &tally);
	assert_int_equal(tally.too_long, 4);
}

/* Over every length of rule and reason: a rule that is shown is whole. */
static void test_rules_of_every_length(void **state)
{
	struct request_words words =
		WORDS([REQUEST_CMDS] = all_names[NAMES_CMDS],
		      [REQUEST_MAPS] = "array,hash,lpm_trie,ringbuf,devmap,cpumap");
	struct tally tally = { 0 };
	char path[1000] = "/";

	(void)state;
	words.word[REQUEST_PATH] = path;
	for (size_t len = 1; len + 1 < sizeof(path); len++) {
		const struct question question = { words,
						   "\"ns\":\"net\"",
						   { .host_uid = 100000 } };

		path[len] = len % 20 == 0 && len + 2 < sizeof(path) ? '/' : 'x';
		if (path[len] == 'x') {
			ask(&policies[5], &question, true, &tally);
			ask(&policies[6], &question, true, &tally);
		}
	}
	assert_true(tally.rules > 1000 && tally.numbers > 100 && tally.too_long > 10);
}

/* The file's own name may be long as well: 4,095 bytes at most. */
static void test_a_policy_with_a_long_name(void **state)
{
	static char name[4096];
	static struct hearing hearing;
	const struct question question = { requests[7], annotations[5], subjects[4] };
	struct subject subject = subjects[4];

	(void)state;
	memset(name, 'p', sizeof(name) - 1);
	name[0] = '/';
	for (size_t i = 0; i < LENGTH(policies); i++) {
		for (size_t len = 100; len < sizeof(name); len += len < 260 ? 4 : 333) {
			struct decision decision;
			const char *rule;

			hear(&policies[i], NULL, &question, &hearing);
			subject.state = &hearing.state;
			name[len] = '\0';
			policy_decide(&hearing.policy, name, &hearing.request, &subject, &decision);
			name[len] = 'p';
			hearing_done(&hearing);
			if (decision.granted)
				continue;
			expect_refusal("a long name", -1, &decision.refusal, EX_NOPERM,
				       "policy: @@");
			rule = rule_in(decision.refusal.msg);
			if (rule != NULL)
				expect_rule_helps(&policies[i], &question, decision.refusal.msg);
		}
	}
}

/* ---- the rule's own text ---- */

static void test_the_rule_in_full(void **unused)
{
	struct policy policy =
		policy_of("{\"version\":1,\"trustedAnnotations\":[\"ns\",\"n\\\"s\"],"
			  "\"profiles\":{\"xdp\":{\"cmds\":\"prog_load\"}}}",
			  NULL);
	struct state state =
		state_of("{\"id\":\"i\",\"bundle\":\"/b\",\"annotations\":{\"ns\":\"a*\","
			 "\"n\\\"s\":\"x\",\"other\":\"y\"}}");
	const struct request_words words =
		WORDS("xdp,xdp", "map_create", NULL, "kprobe", "any", "/run/a b");
	const struct subject subject = { .state = &state, .host_uid = 100000 };
	struct request request = { 0 };
	struct err err = { 0 };
	char buf[1024];
	struct text text;

	(void)unused;
	expect_success("request", request_make(&words, REQUEST_FROM_ANNOTATIONS, &request, &err),
		       &err);
	text_init(&text, buf, sizeof(buf));
	advice_add_rule(&(struct advice){ "/p", &request, &request.lists, &subject }, &policy,
			&text);
	expect_text("rule", buf,
		    "{\"match\":{\"annotations\":{\"ns\":\"a?\",\"n\\\"s\":\"x\"},\"hostUids\":"
		    "\"100000\"},"
		    "\"allow\":{\"profiles\":\"xdp,xdp\",\"cmds\":\"map_create\",\"progs\":"
		    "\"kprobe\",\"attachs\":\"any\",\"paths\":\"/run/a?b\",\"hostReach\":true}}");
	request_done(&request);
	state_done(&state);
	policy_done(&policy);
}

/* What the engine says of a container in more than 100 bytes is no part of the advice. */
static void test_long_annotations_are_left_out(void **state)
{
	static const struct {
		size_t key, value;
		bool shown;
	} cases[] = {
		{ 1, 1, true },
		{ 100, 100, true },
		{ 101, 1, false },
		{ 1, 101, false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char trusted[128], members[256];
		struct parts parts = { trusted, "", { DENY } };
		const struct question question = { WORDS([REQUEST_CMDS] = "prog_load"),
						   members,
						   { .host_uid = 5 } };
		static struct hearing hearing;

		snprintf(trusted, sizeof(trusted), "\"%0*d\"", (int)cases[i].key, 0);
		snprintf(members, sizeof(members), "\"%0*d\":\"%0*d\"", (int)cases[i].key, 0,
			 (int)cases[i].value, 0);
		hear(&parts, NULL, &question, &hearing);
		expect_rule_helps(&parts, &question, hearing.decision.refusal.msg);
		assert_int_equal(strstr(hearing.decision.refusal.msg, "annotations") != NULL,
				 cases[i].shown);
		hearing_done(&hearing);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doing_what_a_refusal_says),
		cmocka_unit_test(test_random_questions),
		cmocka_unit_test(test_rules_that_no_message_holds),
		cmocka_unit_test(test_rules_of_every_length),
		cmocka_unit_test(test_a_policy_with_a_long_name),
		cmocka_unit_test(test_the_rule_in_full),
		cmocka_unit_test(test_long_annotations_are_left_out),
	};

	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct text text;

		text_init(&text, all_names[list], sizeof(all_names[list]));
		delegation_add_words(&text, list, names_known(list), ",");
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
