/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/base/source: memory handed out in pieces. */

#include "tests/unit/support.h"

#include "spec/base/source.h"

/* Reads everything with this room and returns the number of reads that yielded bytes. */
static size_t read_pieces(const char *bytes, size_t len, size_t chunk, size_t cap)
{
	char *copy = exact_bytes(bytes, len), *buf = malloc(cap);
	struct source_memory memory = source_memory(copy, len, chunk);
	size_t seen = 0, pieces = 0, n;
	struct err err = { 0 };

	assert_non_null(buf);
	for (;;) {
		assert_int_equal(memory.source.read(&memory.source, buf, cap, &n, &err), 0);
		if (n == 0)
			break;
		assert_true(n <= cap && (chunk == 0 || n <= chunk) && seen + n <= len);
		assert_memory_equal(buf, bytes + seen, n);
		seen += n;
		pieces++;
	}
	assert_int_equal(seen, len);
	assert_int_equal(memory.source.read(&memory.source, buf, cap, &n, &err), 0);
	assert_int_equal(n, 0); /* the end stays the end */
	free(copy);
	free(buf);
	return pieces;
}

static void test_pieces(void **state)
{
	static const struct {
		size_t len, chunk, cap, pieces;
	} cases[] = {
		{ 0, 0, 8, 0 },	   { 0, 1, 8, 0 },   { 10, 0, 10, 1 },
		{ 10, 0, 64, 1 },  { 10, 0, 3, 4 },  { 10, 3, 64, 4 },
		{ 10, 1, 64, 10 }, { 10, 64, 5, 2 }, { 10, 10, 10, 1 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_int_equal(read_pieces("0123456789", cases[i].len, cases[i].chunk,
					     cases[i].cap),
				 cases[i].pieces);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
