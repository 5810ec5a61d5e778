/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real objects with some bytes changed, put to libbpf as "bpftoken calc" does: each is described or
 * refused, whatever becomes of the process that opens it. Of libbpf 1.1 some of them make a corpse.
 */

#include "tests/unit/support.h"

#include <glob.h>
#include <signal.h>

#include "cmd/bpftoken/calc/child.h"
#include "cmd/bpftoken/needs/needs.h"

#define MUTANTS 40 /* of each object */

struct tally {
	unsigned good, refused, dead;
};

static size_t read_object(const char *path, uint8_t *bytes, size_t cap)
{
	FILE *file = fopen(path, "rb");
	size_t len;

	assert_non_null(file);
	len = fread(bytes, 1, cap, file);
	fclose(file);
	assert_true(len > 0 && len < cap);
	return len;
}

static void mutate(uint8_t *bytes, size_t len, uint64_t *seed)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };

	for (uint64_t n = next_random(seed) % 6 + 1; n > 0; n--) {
		size_t at = next_random(seed) % len;

		if (next_random(seed) % 2 == 0)
			bytes[at] = values[next_random(seed) % sizeof(values)];
		else
			bytes[at] ^= (uint8_t)(1u << next_random(seed) % 8);
	}
}

static void put_to_libbpf(const uint8_t *bytes, size_t len, struct tally *tally)
{
	struct embed_search search = { 0 };
	struct embed_image image;
	struct facts facts = { 0 };
	struct needs needs;
	struct err err = { 0 };

	if (embed_next(bytes, len, &search, &image) != 1)
		return;
	if (calc_child_describe(bytes, &image, 1, &facts, &err) < 0) {
		expect_refusal("mutant", -1, &err, EX_DATAERR, "malformed object@@");
		tally->dead++;
		return;
	}
	if (facts.refusal != 0) {
		tally->refused++;
	} else {
		needs_derive(&facts, "1.1", &needs);
		tally->good++;
	}
	facts_done(&facts);
}

static void test_mutants(void **state)
{
	static uint8_t object[1 << 20], mutant[1 << 20];
	struct tally tally = { 0 };
	uint64_t seed = 5;
	glob_t paths;

	(void)state;
	/* cmocka would go on with its tests in a child that crashes */
	signal(SIGSEGV, SIG_DFL);
	signal(SIGABRT, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	assert_int_equal(glob(OBJECTS "/*.bpf.o", 0, NULL, &paths), 0);
	for (size_t i = 0; i < paths.gl_pathc; i++) {
		size_t len = read_object(paths.gl_pathv[i], object, sizeof(object));

		for (int n = 0; n < MUTANTS; n++) {
			memcpy(mutant, object, len);
			mutate(mutant, len, &seed);
			put_to_libbpf(mutant, len, &tally);
		}
	}
	globfree(&paths);
	print_message("%u described, %u refused, %u deaths\n", tally.good, tally.refused,
		      tally.dead);
	assert_true(tally.good > 100);
	assert_true(tally.refused > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mutants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
