/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/seccomp: whether a profile lets bpf(2) through at all. */

#include "tests/unit/support.h"

#define PROFILE(action, syscalls)                                                                  \
	"{\"root\":{\"path\":\"r\"},\"linux\":{\"seccomp\":{\"defaultAction\":\"" action           \
	"\",\"syscalls\":[" syscalls "]}}}"
#define RULE(names, action) "{\"names\":[" names "],\"action\":\"" action "\"}"
#define RULE_ARGS(names, action, args)                                                             \
	"{\"names\":[" names "],\"action\":\"" action "\",\"args\":" args "}"

#define ERRNO  "SCMP_ACT_ERRNO"
#define ALLOW  "SCMP_ACT_ALLOW"
#define ARG    "[{\"index\":0,\"value\":36,\"op\":\"SCMP_CMP_EQ\"}]"
#define OTHERS RULE("\"read\",\"write\"", ALLOW)
#define BPF    "\"perf_event_open\",\"bpf\""

static const struct {
	const char *json;
	bool blocks;
} profiles[] = {
	/* no profile, and profiles that say nothing of bpf */
	{ "{\"root\":{\"path\":\"r\"}}", false },
	{ "{\"root\":{\"path\":\"r\"},\"linux\":{\"seccomp\":null}}", false },
	{ PROFILE(ALLOW, ""), false },
	{ PROFILE("SCMP_ACT_LOG", OTHERS), false },
	{ PROFILE("SCMP_ACT_TRACE", ""), false },
	{ PROFILE("SCMP_ACT_NOTIFY", ""), false },
	{ PROFILE(ERRNO, ""), true },
	{ PROFILE(ERRNO, OTHERS), true },
	{ PROFILE("SCMP_ACT_KILL", OTHERS), true },
	{ PROFILE("SCMP_ACT_KILL_PROCESS", ""), true },
	{ PROFILE("SCMP_ACT_KILL_THREAD", ""), true },
	{ PROFILE("SCMP_ACT_TRAP", ""), true },
	/* rules that name it */
	{ PROFILE(ERRNO, RULE(BPF, ALLOW)), false },
	{ PROFILE(ERRNO, OTHERS "," RULE(BPF, ALLOW) "," OTHERS), false },
	{ PROFILE(ERRNO, RULE("\"bpf\",\"read\"", ALLOW)), false },
	{ PROFILE(ERRNO, RULE(BPF, "SCMP_ACT_LOG")), false },
	{ PROFILE(ERRNO, RULE(BPF, ERRNO)), true },
	{ PROFILE(ERRNO, RULE("\"bpfx\",\"BPF\",\"xbpf\",\"\"", ALLOW)), true },
	{ PROFILE(ALLOW, RULE(BPF, ERRNO)), true },
	{ PROFILE(ALLOW, RULE(BPF, ALLOW)), false },
	{ PROFILE(ALLOW, RULE("\"bpfx\"", ERRNO)), false },
	/* a rule with conditions lets something through, or stops something only */
	{ PROFILE(ERRNO, RULE_ARGS(BPF, ALLOW, ARG)), false },
	{ PROFILE(ALLOW, RULE_ARGS(BPF, ERRNO, ARG)), false },
	{ PROFILE(ALLOW, RULE_ARGS(BPF, ERRNO, "[]")), true },
	{ PROFILE(ALLOW, RULE_ARGS(BPF, ERRNO, "null")), true },
	/* two rules for it: what passes the one, or is stopped by it, the other does not undo */
	{ PROFILE(ERRNO, RULE(BPF, ALLOW) "," RULE(BPF, ERRNO)), false },
	{ PROFILE(ALLOW, RULE(BPF, ERRNO) "," RULE(BPF, ALLOW)), true },
	/* what one rule says is not the next one's */
	{ PROFILE(ALLOW, RULE(BPF, ALLOW) "," RULE("\"read\"", ERRNO)), false },
	{ PROFILE(ERRNO, RULE(BPF, ERRNO) "," OTHERS), true },
	{ PROFILE(ALLOW, RULE_ARGS("\"read\"", ERRNO, ARG) "," RULE(BPF, ERRNO)), true },
	/* members in another order */
	{ PROFILE(ERRNO, "{\"action\":\"" ALLOW "\",\"names\":[\"bpf\"]}"), false },
	{ PROFILE(ALLOW, "{\"args\":" ARG ",\"action\":\"" ERRNO "\",\"names\":[\"bpf\"]}"),
	  false },
	{ "{\"root\":{\"path\":\"r\"},\"linux\":{\"seccomp\":{\"syscalls\":[" RULE(
		  BPF, ALLOW) "],\"defaultAction\":\"" ERRNO "\"}}}",
	  false },
};

static void test_profiles(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(profiles); i++) {
		struct config config = config_of(profiles[i].json);

		if (seccomp_blocks_bpf(&config.seccomp) != profiles[i].blocks)
			fail_msg("%s", profiles[i].json);
		config_done(&config);
	}
}

static const struct {
	const char *json, *want;
} refused[] = {
	{ "{\"linux\":{\"seccomp\":[]}}",
	  "line 1, column 21: linux.seccomp.defaultAction: is an array; it must be an object" },
	{ "{\"linux\":{\"seccomp\":{\"defaultAction\":1}}}",
	  "line 1, column 38: linux.seccomp.defaultAction: is a number; it must be a string" },
	{ "{\"linux\":{\"seccomp\":{\"syscalls\":{}}}}",
	  "line 1, column 33: linux.seccomp.syscalls[]: is an object; it must be an array" },
	{ "{\"linux\":{\"seccomp\":{\"syscalls\":[{\"names\":\"bpf\"}]}}}",
	  "line 1, column 47: linux.seccomp.syscalls[].names[]: is a string; it must be an array" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		struct config config = { 0 };
		struct err err = { 0 };

		expect_refusal(refused[i].json,
			       parse_config(refused[i].json, strlen(refused[i].json), 0, &config,
					    &err),
			       &err, EX_DATAERR, refused[i].want);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
