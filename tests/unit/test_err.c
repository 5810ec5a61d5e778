/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/base/err: what a recorded failure says and where it is cut. */

#include "tests/unit/support.h"

#include "spec/base/text.h"

static void test_a_failure_is_recorded(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(&err, EX_DATAERR, 0, "path %s: is %d", "\"/x\"", 5), -EINVAL);
	assert_int_equal(err.code, EX_DATAERR);
	expect_text("no errno", err.msg, "path \"/x\": is 5");
	assert_int_equal(err_set(&err, EX_OSERR, EFBIG, "state"), -EFBIG);
	assert_int_equal(err.code, EX_OSERR);
	expect_text("errno text at the end", err.msg, "state: File too large");
	assert_int_equal(err_set(&err, EX_OSERR, 5999, "state"), -5999);
	expect_text("an errno without text", err.msg, "state: unknown error");
}

static void test_a_prefix_keeps_what_was_found(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, EX_NOPERM, EPERM, "rule 2");
	err_prefix(&err, "line %u", 3u);
	expect_text("one prefix", err.msg, "line 3: rule 2: Operation not permitted");
	err_prefix(&err, "%s", "policy /etc/p");
	expect_text("two", err.msg, "policy /etc/p: line 3: rule 2: Operation not permitted");
	assert_int_equal(err.code, EX_NOPERM);
}

/* A value that looks like a format is text. */
static void test_a_message_is_never_a_format(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, EX_DATAERR, 0, "%s", "%s%n%d");
	err_prefix(&err, "%s", "%n");
	expect_text("percent signs", err.msg, "%n: %s%n%d");
}

static char *long_text(size_t len)
{
	char *value = malloc(len + 1);

	assert_non_null(value);
	memset(value, 'x', len);
	value[len] = '\0';
	return value;
}

/* The longest message that is whole, and what is cut behind it. */
static void test_a_message_is_cut_at_its_limit(void **state)
{
	const size_t room = ERR_MSG_MAX - 1;

	(void)state;
	for (size_t len = room - 5; len < room + 5; len++) {
		char *value = long_text(len);
		struct err err = { 0 };

		err_set(&err, EX_DATAERR, 0, "%s", value);
		assert_int_equal(strlen(err.msg), len < room ? len : room);
		if (len <= room)
			expect_text("whole", err.msg, value);
		else
			expect_like("cut", err.msg, "xxx@@x...");
		expect_shown("long message", err.msg);
		free(value);
	}
}

static void test_a_prefix_before_a_full_message_cuts_its_end(void **state)
{
	char *value = long_text(ERR_MSG_MAX - 1);
	struct err err = { 0 };

	(void)state;
	err_set(&err, EX_DATAERR, ENOMEM, "%s", value);
	expect_like("the errno text gave way", err.msg, "xxx@@x...");
	err_prefix(&err, "state");
	expect_like("the prefix is there", err.msg, "state: xxx@@x...");
	assert_int_equal(strlen(err.msg), ERR_MSG_MAX - 1);
	err_prefix(&err, "%s", value);
	expect_like("a prefix over the limit", err.msg, "xxx@@x...");
	assert_int_equal(strlen(err.msg), ERR_MSG_MAX - 1);
	free(value);
}

static void test_short_memory(void **state)
{
	struct err err = { 0 };

	(void)state;
	expect_refusal("memory", err_memory(&err), &err, EX_OSERR,
		       "memory: an allocation failed; free some memory: Cannot allocate memory");
	assert_int_equal(err_memory(&err), -ENOMEM);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_failure_is_recorded),
		cmocka_unit_test(test_a_prefix_keeps_what_was_found),
		cmocka_unit_test(test_a_message_is_never_a_format),
		cmocka_unit_test(test_a_message_is_cut_at_its_limit),
		cmocka_unit_test(test_a_prefix_before_a_full_message_cuts_its_end),
		cmocka_unit_test(test_short_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
