/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/idmap: id maps as the kernel writes them. */

#include "tests/unit/support.h"

#include "spec/idmap.h"

#define LINE(inside, outside, count) inside " " outside " " count "\n"

static const struct {
	const char *text;
	int want;
	size_t n_extents;
} maps[] = {
	{ "", 0, 0 },
	{ "         0          0 4294967295\n", 0, 1 },
	{ "         0    1000000      65536\n", 0, 1 },
	{ "         0       1000          1\n         1     100000      65536\n", 0, 2 },
	{ LINE("0", "1", "1"), 0, 1 },
	{ "0 1 1", -EINVAL, 0 },
	{ "0 1\n", -EINVAL, 0 },
	{ "0 1 \n", -EINVAL, 0 },
	{ "0 1 1 1\n", -EINVAL, 0 },
	{ "0 1 1 \n", -EINVAL, 0 },
	{ "\n", -EINVAL, 0 },
	{ " ", -EINVAL, 0 },
	{ "0 1 1\n\n", -EINVAL, 0 },
	{ "0 1 1\n0", -EINVAL, 0 },
	{ "0\t1\t1\n", -EINVAL, 0 },
	{ "0 -1 1\n", -EINVAL, 0 },
	{ "0 0x1 1\n", -EINVAL, 0 },
	{ "0 01 1\n", -EINVAL, 0 },
	{ "0 1 4294967296\n", -EINVAL, 0 },
	{ "a b c\n", -EINVAL, 0 },
};

static void test_maps(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(maps); i++) {
		struct idmap map = { 0 };
		size_t len = strlen(maps[i].text);
		char *text = exact_bytes(maps[i].text, len);
		int r = idmap_parse(text, len, &map);

		if (r != maps[i].want || (r == 0 && map.n_extents != maps[i].n_extents))
			fail_msg("\"%s\": %d, %zu extents", maps[i].text, r, map.n_extents);
		idmap_done(&map);
		free(text);
	}
}

static void test_as_many_extents_as_the_kernel_has(void **state)
{
	struct idmap map;
	static char text[(IDMAP_EXTENTS_MAX + 1) * 40];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < IDMAP_EXTENTS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%10d %10d %10d\n", i,
					1000 + 2 * i, 1);
	assert_int_equal(idmap_parse(text, len, &map), 0);
	assert_int_equal(map.n_extents, IDMAP_EXTENTS_MAX);
	assert_int_equal(map.extents[IDMAP_EXTENTS_MAX - 1].outside,
			 1000 + 2 * (IDMAP_EXTENTS_MAX - 1));
	idmap_done(&map);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "500 500 1\n");
	assert_int_equal(idmap_parse(text, len, &map), -EINVAL);
}

static const struct {
	const char *map;
	uint32_t inside;
	int want;
	uint32_t outside;
} ids[] = {
	{ "", 0, -ENOENT, 0 },
	{ LINE("0", "0", "4294967295"), 0, 0, 0 },
	{ LINE("0", "0", "4294967295"), 4294967294, 0, 4294967294 },
	{ LINE("0", "0", "4294967295"), 4294967295, -ENOENT, 0 },
	{ LINE("0", "1000000", "65536"), 0, 0, 1000000 },
	{ LINE("0", "1000000", "65536"), 65535, 0, 1065535 },
	{ LINE("0", "1000000", "65536"), 65536, -ENOENT, 0 },
	{ LINE("1", "1000000", "65536"), 0, -ENOENT, 0 },
	{ LINE("1000", "7", "1"), 1000, 0, 7 },
	{ LINE("1000", "7", "1"), 999, -ENOENT, 0 },
	{ LINE("1000", "7", "1"), 1001, -ENOENT, 0 },
	{ LINE("5", "7", "0"), 5, -ENOENT, 0 },
	{ LINE("0", "1000", "1") LINE("1", "100000", "65536"), 0, 0, 1000 },
	{ LINE("0", "1000", "1") LINE("1", "100000", "65536"), 1, 0, 100000 },
	{ LINE("0", "1000", "1") LINE("1", "100000", "65536"), 65536, 0, 165535 },
	{ LINE("0", "1000", "1") LINE("1", "100000", "65536"), 65537, -ENOENT, 0 },
	{ LINE("4294967290", "100", "5"), 4294967294, 0, 104 },
	{ LINE("0", "4294967290", "5"), 4, 0, 4294967294 },
};

static void test_ids(void **state)
{
	struct idmap map;

	(void)state;
	for (size_t i = 0; i < LENGTH(ids); i++) {
		uint32_t outside = 4242, want = ids[i].want == 0 ? ids[i].outside : 4242;

		assert_int_equal(idmap_parse(ids[i].map, strlen(ids[i].map), &map), 0);
		if (idmap_outside(&map, ids[i].inside, &outside) != ids[i].want || outside != want)
			fail_msg("%u in %s is %u", ids[i].inside, ids[i].map, outside);
		idmap_done(&map);
	}
}

/* The way back: what is mapped comes back to itself, and what nobody has to nobody. */
static void test_way_back(void **state)
{
	static const struct {
		const char *map;
		uint32_t outside;
		int want;
		uint32_t inside;
	} cases[] = {
		{ "", 0, -ENOENT, 0 },
		{ LINE("0", "1000000", "65536"), 1000000, 0, 0 },
		{ LINE("0", "1000000", "65536"), 1065535, 0, 65535 },
		{ LINE("0", "1000000", "65536"), 1065536, -ENOENT, 0 },
		{ LINE("0", "1000000", "65536"), 0, -ENOENT, 0 },
		{ LINE("5", "7", "0"), 7, -ENOENT, 0 },
		{ LINE("0", "1000", "1") LINE("1", "100000", "65536"), 165535, 0, 65536 },
		{ LINE("4294967290", "100", "5"), 104, 0, 4294967294 },
	};
	static struct idmap map;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		uint32_t inside = 4242, want = cases[i].want == 0 ? cases[i].inside : 4242;

		assert_int_equal(idmap_parse(cases[i].map, strlen(cases[i].map), &map), 0);
		if (idmap_inside(&map, cases[i].outside, &inside) != cases[i].want ||
		    inside != want)
			fail_msg("%u in %s is %u", cases[i].outside, cases[i].map, inside);
		idmap_done(&map);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_as_many_extents_as_the_kernel_has),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_way_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
