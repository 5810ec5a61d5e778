/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/proc_file: the status and stat of a process that chose its own name. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/host/proc_file.h"

static void test_status(void **state)
{
	static const char text[] = "Name:\tnginx\nUmask:\t0022\nState:\tS (sleeping)\n"
				   "Uid:\t1000033\t1000034\t1000033\t1000033\n"
				   "CapEff:\t0000008000000000\nCapBnd:\t00000080a80425fb\n"
				   "Seccomp:\t2\nSeccomp_filters:\t1\n";
	struct proc_status status;

	(void)state;
	assert_true(proc_status_parse(text, &status));
	expect_text("name", status.name, "nginx");
	assert_int_equal(status.uid, 1000033);
	assert_true(status.effective == 0x8000000000);
	assert_true(status.bounding == 0x80a80425fb);
	assert_int_equal(status.seccomp, 2);
	assert_false(proc_status_parse("Name:\tx\n", &status));
	assert_false(proc_status_parse("", &status));
}

/* The kernel escapes what would end the line; the rest of a name is free. */
static void test_forged_name(void **state)
{
	struct proc_status status;

	(void)state;
	assert_true(
		proc_status_parse("Name:\ta\\nCapBnd:\\t\\\\\nCapEff:\t0\nCapBnd:\t1\n", &status));
	expect_text("name", status.name, "a\nCapBnd:\\t\\");
	assert_int_equal(status.bounding, 1);
}

static void test_start(void **state)
{
	static const struct {
		const char *text;
		uint64_t start;
	} cases[] = {
		{ "7 (sh) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 2 3", 4711 },
		{ "7 (a) R 1) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 2 3", 4711 },
		{ "7 (sh) S 1", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_int_equal(proc_stat_start(cases[i].text), cases[i].start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_forged_name),
		cmocka_unit_test(test_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
