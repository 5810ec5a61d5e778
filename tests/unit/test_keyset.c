/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/base/keyset: no duplicate is missed, no crowd makes it slow. */

#include "tests/unit/support.h"

#include "spec/base/keyset.h"

enum { NAMES = 100000 };

static const struct {
	uint64_t object;
	const char *name;
	size_t len;
	int want;
} names[] = {
	{ 1, "id", 2, 0 },
	{ 1, "id", 2, -EEXIST },
	{ 2, "id", 2, 0 },
	{ 1, "ID", 2, 0 },
	{ 1, "i", 1, 0 },
	{ 1, "", 0, 0 },
	{ 1, "", 0, -EEXIST },
	{ 2, "", 0, 0 },
	{ 1, "a\0b", 3, 0 },
	{ 1, "a\0c", 3, 0 },
	{ 1, "a", 1, 0 },
	{ 1, "a\0b", 3, -EEXIST },
	{ 1, "\xc3\xa9", 2, 0 },
	{ 1, "e\xcc\x81", 3, 0 },
	{ 1, "\xc3\xa9", 2, -EEXIST },
	{ 0, "id", 2, 0 },
	{ UINT64_MAX, "id", 2, 0 },
	{ 2, "id", 2, -EEXIST },
};

static void test_names(void **state)
{
	struct keyset set = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++) {
		char *name = exact_bytes(names[i].name, names[i].len);

		if (keyset_add(&set, names[i].object, name, names[i].len) != names[i].want)
			fail_msg("row %zu: \"%s\" of object %llu", i, names[i].name,
				 (unsigned long long)names[i].object);
		free(name);
	}
	keyset_done(&set);
	assert_null(set.slots);
	keyset_done(&set); /* an empty set */
}

static size_t number_name(char name[32], int number)
{
	return (size_t)snprintf(name, 32, "member-%d", number);
}

/* As many as a large config.json has: none is taken for another, each is known again. */
static void test_many_names(void **state)
{
	struct keyset set = { 0 };
	char name[32];

	(void)state;
	for (int i = 0; i < NAMES; i++)
		assert_int_equal(keyset_add(&set, 7, name, number_name(name, i)), 0);
	assert_true(set.used == NAMES && set.used * 2 <= set.n_slots);
	for (int i = 0; i < NAMES; i++)
		assert_int_equal(keyset_add(&set, 7, name, number_name(name, i)), -EEXIST);
	assert_int_equal(set.used, NAMES);
	keyset_done(&set);
}

/* The fingerprint of a name, as it stands in a set of its own. */
static uint64_t fingerprint_of(struct keyset *scratch, const char *name, size_t len)
{
	uint64_t print = 0;

	assert_int_equal(keyset_add(scratch, 1, name, len), 0);
	for (size_t i = 0; print == 0 && i < scratch->n_slots; i++)
		print = scratch->slots[i];
	keyset_cut(scratch, 0);
	return print;
}

/* Names made to crowd together are refused after a bounded search, and the set stays sound. */
static void test_names_made_to_collide_are_refused(void **state)
{
	struct keyset set = { 0 }, scratch = { 0 };
	int r = 0, crowd = 0;
	char name[32];

	(void)state;
	for (int i = 0; r == 0 && i < 3000000; i++) {
		size_t len = number_name(name, i);

		if ((fingerprint_of(&scratch, name, len) & 0xfff) != 0)
			continue;
		r = keyset_add(&set, 1, name, len);
		crowd++;
	}
	assert_int_equal(r, -E2BIG);
	assert_true(crowd > KEYSET_PROBES && crowd <= KEYSET_PROBES + 1);
	assert_int_equal(keyset_add(&set, 1, "another", 7), 0);
	assert_int_equal(keyset_add(&set, 1, "another", 7), -EEXIST);
	keyset_done(&set);
	keyset_done(&scratch);
}

/*
 * Names taken back, the last ones first, as objects end: what is known is just what a plain list
 * knows. Over several sizes of the set, with names that come again.
 */
static void test_names_taken_back(void **state)
{
	static int stack[8192];
	static bool known[8192];
	struct keyset set = { 0 };
	uint64_t seed = 77;
	size_t depth = 0;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		int number = (int)(next_random(&seed) % LENGTH(known));
		size_t len;
		char name[32];

		if (next_random(&seed) % 64 == 0) { /* an object ends */
			size_t left = depth - next_random(&seed) % (depth / 8 + 1);

			while (depth > left)
				known[stack[--depth]] = false;
			keyset_cut(&set, left);
			assert_int_equal(set.used, left);
		}
		len = number_name(name, number);
		assert_int_equal(keyset_add(&set, 3, name, len), known[number] ? -EEXIST : 0);
		if (!known[number])
			stack[depth++] = number;
		known[number] = true;
	}
	assert_true(set.n_slots >= 1024);
	keyset_cut(&set, 0);
	for (size_t i = 0; i < set.n_slots; i++)
		assert_true(set.slots[i] == 0);
	keyset_cut(&set, 0);
	keyset_done(&set);
	keyset_cut(&set, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_names_taken_back),
		cmocka_unit_test(test_names_made_to_collide_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
