/* SPDX-License-Identifier: Apache-2.0 */
/* What a build without clang or bpftool says when it is asked to watch bpf(2). */
#include "cmd/bpftoken/observe/observe.h"

#include "tests/unit/support.h"

static void ignore(void *ctx, const struct observe_event *event)
{
	(void)ctx, (void)event;
}

static void test_none(void **state)
{
	const struct observe_filter filter = { 0 };
	struct observer *observer = NULL;
	struct err err = { 0 };
	int r = observe_open(&filter, &observer, &err);

	(void)state;
	expect_refusal("open", r, &err, EX_UNAVAILABLE,
		       "this build of bpftoken cannot watch bpf(2); build it where clang and "
		       "bpftool are (-DOBSERVER=ON)");
	assert_null(observer);
	assert_int_equal(observe_read(observer, ignore, NULL), -ENOSYS);
	assert_int_equal(observe_fd(observer), -1);
	assert_int_equal(observe_dropped(observer), 0);
	expect_text("cost", observe_cost(observer), "");
	observe_close(observer);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_none) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
