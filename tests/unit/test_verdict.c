/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/verdict: the words for what a seccomp filter answers. */

#include "tests/unit/support.h"

#include <linux/seccomp.h>

#include "cmd/bpftoken/explain/verdict.h"

static const struct {
	uint32_t action;
	bool depends;
	bool passes;
	const char *words;
} rows[] = {
	{ SECCOMP_RET_ALLOW, false, true, "allowed" },
	{ SECCOMP_RET_LOG, false, true, "allowed and logged" },
	{ SECCOMP_RET_ERRNO | EPERM, false, false, "EPERM" },
	{ SECCOMP_RET_ERRNO | ENOSYS, false, false, "ENOSYS" },
	{ SECCOMP_RET_ERRNO | 4095, false, false, "errno 4095" },
	{ SECCOMP_RET_KILL_PROCESS, false, false, "the process is killed" },
	{ SECCOMP_RET_KILL_THREAD, false, false, "the thread is killed" },
	{ SECCOMP_RET_TRAP, false, false, "SIGSYS" },
	{ SECCOMP_RET_TRACE | EPERM, false, false, "as a tracer says, else ENOSYS" },
	{ SECCOMP_RET_USER_NOTIF, false, false, "as the listener says" },
	{ SECCOMP_RET_ALLOW, true, false, "depends on the other arguments" },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct seccomp_verdict verdict = { .action = rows[i].action,
							 .depends = rows[i].depends };
		char words[64];

		verdict_action(&verdict, words, sizeof(words));
		expect_text(rows[i].words, words, rows[i].words);
		assert_int_equal(seccomp_verdict_passes(&verdict), rows[i].passes);
	}
}

static void test_sources(void **state)
{
	struct seccomp_entry entries[12] = { 0 };
	const struct seccomp_profile profile = { .entries = entries, .n_entries = 12 };
	struct seccomp_verdict verdict = { 0 };
	char words[64];

	(void)state;
	verdict_source(&profile, &verdict, words, sizeof(words));
	expect_text("none", words, "defaultAction");
	verdict.entry = &entries[11];
	verdict_source(&profile, &verdict, words, sizeof(words));
	expect_text("last", words, "syscalls[11]");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
