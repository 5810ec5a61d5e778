/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/seccomp_default: whether an engine's profile lets CAP_BPF's owner call. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/check/seccomp_default.h"

#define PROFILE(rules)	   "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" rules "]}"
#define RULE(action, caps) "{\"names\": [\"bpf\"], \"action\": \"" action "\"" caps "}"
#define INCLUDES(caps)	   ", \"includes\": {\"caps\": [" caps "]}"
#define EXCLUDES(caps)	   ", \"excludes\": {\"caps\": [" caps "]}"

static void test_profiles(void **state)
{
	static const struct {
		const char *json;
		bool allows;
	} cases[] = {
		/* as containers-common had it up to 0.59, and has it since */
		{ PROFILE(RULE("SCMP_ACT_ALLOW", INCLUDES("\"CAP_SYS_ADMIN\"")) "," RULE(
			  "SCMP_ACT_ERRNO", EXCLUDES("\"CAP_SYS_ADMIN\""))),
		  false },
		{ PROFILE(RULE("SCMP_ACT_ALLOW", INCLUDES("\"CAP_SYS_ADMIN\"")) "," RULE(
			  "SCMP_ACT_ALLOW",
			  INCLUDES(
				  "\"CAP_BPF\"")) "," RULE("SCMP_ACT_ERRNO",
							   EXCLUDES(
								   "\"CAP_SYS_ADMIN\", \"CAP_BPF\""))),
		  true },
		{ PROFILE(""), false },
		{ PROFILE(RULE("SCMP_ACT_ALLOW", "")), true },
		{ PROFILE(RULE("SCMP_ACT_LOG", "")), true },
		{ PROFILE(RULE("SCMP_ACT_ALLOW", INCLUDES("\"CAP_BPF\", \"CAP_SYS_ADMIN\""))),
		  false },
		{ PROFILE(RULE("SCMP_ACT_ALLOW", EXCLUDES("\"CAP_BPF\""))), false },
		{ PROFILE("{\"name\": \"bpf\", \"action\": \"SCMP_ACT_ALLOW\"}"), true },
		{ PROFILE("{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"}"), false },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}", true },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" RULE("SCMP_ACT_ERRNO",
										 "") "]}",
		  false },
		{ "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" RULE(
			  "SCMP_ACT_ERRNO", EXCLUDES("\"CAP_BPF\"")) "]}",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct source_memory source =
			source_memory(cases[i].json, strlen(cases[i].json), 0);
		struct err err = { 0 };
		bool got = !cases[i].allows;

		expect_success(cases[i].json, seccomp_default_parse(&source.source, &got, &err),
			       &err);
		if (got != cases[i].allows)
			fail_msg("%s: %s", cases[i].json, got ? "allows" : "blocks");
	}
}

static void test_broken(void **state)
{
	static const char *const cases[] = { "", "[]", "{", "{\"syscalls\": 1}" };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct source_memory source = source_memory(cases[i], strlen(cases[i]), 0);
		struct err err = { 0 };
		bool allows;

		assert_true(seccomp_default_parse(&source.source, &allows, &err) < 0);
		assert_int_equal(err.code, EX_DATAERR);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
