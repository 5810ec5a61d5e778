/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/base/list: arrays that grow keep what is in them. */

#include "tests/unit/support.h"

#include "spec/base/list.h"

struct wide {
	char name[37];
	uint64_t number;
};

static void test_elements_are_zero_and_stay(void **state)
{
	struct wide *array = NULL;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		struct wide *slot = list_add(&array, &count, sizeof(*slot));
		const struct wide zero = { 0 };

		assert_ptr_equal(slot, &array[i]);
		assert_int_equal(count, i + 1);
		assert_memory_equal(slot, &zero, sizeof(zero));
		memset(slot, 0xa5, sizeof(*slot));
		slot->number = i;
	}
	for (size_t i = 0; i < count; i++)
		assert_int_equal(array[i].number, i);
	free(array);
}

static void test_single_bytes(void **state)
{
	char *array = NULL;
	size_t count = 0;

	(void)state;
	for (int i = 0; i < 300; i++) {
		char *slot = list_add(&array, &count, 1);

		assert_non_null(slot);
		*slot = (char)i;
	}
	for (int i = 0; i < 300; i++)
		assert_int_equal(array[i], (char)i);
	free(array);
}

/* The policy takes a hidden profile back: the count goes down and up over each size of room. */
static void test_a_list_that_shrinks_by_one(void **state)
{
	int *array = NULL;
	size_t count = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		int *slot = list_add(&array, &count, sizeof(*slot));

		assert_non_null(slot);
		*slot = -1;
		count--;
		slot = list_add(&array, &count, sizeof(*slot));
		assert_non_null(slot);
		assert_int_equal(*slot, 0);
		*slot = i;
	}
	for (int i = 0; i < 200; i++)
		assert_int_equal(array[i], i);
	free(array);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elements_are_zero_and_stay),
		cmocka_unit_test(test_single_bytes),
		cmocka_unit_test(test_a_list_that_shrinks_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
