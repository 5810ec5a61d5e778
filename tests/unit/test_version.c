/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/version: what programs print of themselves, and which is older. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/check/version.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		unsigned major, minor, patch;
	} cases[] = {
		{ "runc version 1.1.5+ds1\ncommit: 1.1.5\n", 1, 1, 5 },
		{ "crun version 1.21\n", 1, 21, 0 },
		{ "podman version 4.3.1", 4, 3, 1 },
		{ "crio version 1.30.0-dev\nVersion: 9.9.9", 1, 30, 0 },
		{ "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+b1", 1, 6,
		  20 },
		{ "containerd github.com/containerd/containerd/v2 v2.0.1 abc", 2, 0, 1 },
		{ "containerd github.com/containerd/containerd/v2 2.1.9 abc", 2, 1, 9 },
		{ "Docker version 28.2.2, build e6534b4", 28, 2, 2 },
		{ "nerdctl version 2.1.0", 2, 1, 0 },
		{ "youki 0.5.7", 0, 5, 7 },
		{ "1.2.", 1, 2, 0 },
		{ "1.2.x", 1, 2, 0 },
		{ "\"1.2.3\"", 1, 2, 3 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct version version = { 9, 9, 9 };

		print_message("%s\n", cases[i].text);
		assert_true(version_parse(cases[i].text, &version));
		assert_int_equal(version.major, cases[i].major);
		assert_int_equal(version.minor, cases[i].minor);
		assert_int_equal(version.patch, cases[i].patch);
	}
}

static void test_no_version(void **state)
{
	static const char *const cases[] = { "",       "runc", "version 12", "1.",
					     "a1.2.3", "-1.2", "1..2",	     "999999999.1" };
	struct version version;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		print_message("%s\n", cases[i]);
		assert_false(version_parse(cases[i], &version));
	}
}

static void test_order(void **state)
{
	/* each is older than the next */
	static const struct version order[] = { { 0, 5, 7 },  { 0, 6, 0 }, { 1, 0, 0 },
						{ 1, 8, 1 },  { 1, 9, 0 }, { 1, 21, 0 },
						{ 1, 21, 1 }, { 2, 0, 0 }, { 28, 2, 0 } };

	(void)state;
	for (size_t i = 0; i < LENGTH(order); i++)
		for (size_t j = 0; j < LENGTH(order); j++) {
			int r = version_compare(order[i], order[j]);

			assert_int_equal((r > 0) - (r < 0), (i > j) - (i < j));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_no_version),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
