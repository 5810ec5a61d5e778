/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/names: what a mistyped name is taken for, and at what cost. */

#include "tests/unit/support.h"

#include <time.h>

#include "spec/names.h"

static const char *nearest_to(enum names_list list, const char *word)
{
	size_t len = strlen(word);
	char *copy = exact_bytes(word, len);
	const char *nearest = names_nearest(list, copy, len);

	free(copy);
	return nearest;
}

static void expect_nearest(enum names_list list, const char *word, const char *want)
{
	const char *got = nearest_to(list, word);

	if (want != NULL && got != NULL)
		expect_text(word, got, want);
	else if (want != got)
		fail_msg("nearest to \"%s\": %s, want %s", word, got ? got : "none",
			 want ? want : "none");
}

static void test_nearest(void **state)
{
	static const struct {
		enum names_list list;
		const char *word, *want;
	} cases[] = {
		{ NAMES_CMDS, "prog_lod", "prog_load" },
		{ NAMES_CMDS, "prog_laod", "prog_load" },
		{ NAMES_CMDS, "PROG_LOAAD", "prog_load" },
		{ NAMES_CMDS, "BPF_PROG_LOD", "prog_load" },
		{ NAMES_CMDS, "BPFProgLod", "prog_load" },
		{ NAMES_CMDS, "progload", "prog_load" },
		{ NAMES_CMDS, "map__create", "map_create" },
		{ NAMES_CMDS, "map-create", "map_create" },
		{ NAMES_CMDS, "map_creates", "map_create" },
		{ NAMES_CMDS, "prog_rum", "prog_run" },
		{ NAMES_CMDS, "map_get_next_ids", "map_get_next_id" },
		{ NAMES_MAPS, "hsh", "hash" },
		{ NAMES_MAPS, "ahsh", "hash" },
		{ NAMES_MAPS, "hasg", "hash" },
		{ NAMES_MAPS, "ring_buf", "ringbuf" },
		{ NAMES_MAPS, "ringbuffer", "ringbuf" },
		{ NAMES_MAPS, "lpmtree", "lpm_trie" },
		{ NAMES_MAPS, "bpfmaptypehash", "hash" },
		{ NAMES_PROGS, "_xdp", "xdp" },
		{ NAMES_PROGS, "xpd", "xdp" },
		{ NAMES_PROGS, "xd", "xdp" },
		{ NAMES_PROGS, "BPF_PROG_TYPE_XPD", "xdp" },
		{ NAMES_PROGS, "sockt_fliter", "socket_filter" },
		{ NAMES_ATTACHS, "cgroup_inet_ingres", "cgroup_inet_ingress" },
		{ NAMES_ATTACHS, "cgroup_inet7_bind", "cgroup_inet4_bind" }, /* first of equals */
		{ NAMES_ATTACHS, "cgroup_inet_ixxxess", "cgroup_inet_ingress" },
		{ NAMES_ATTACHS, "cgroup_inet_ixxxxss", NULL }, /* three slips at most */
		{ NAMES_CMDS, "", NULL },
		{ NAMES_CMDS, "_", NULL },
		{ NAMES_CMDS, "____________", NULL },
		{ NAMES_CMDS, "x", NULL },
		{ NAMES_CMDS, "BPF_", NULL },
		{ NAMES_CMDS, "xdp", NULL },
		{ NAMES_CMDS, "nonsense", NULL },
		{ NAMES_MAPS, "nonsense", NULL },
		{ NAMES_PROGS, "nonsense", NULL },
		{ NAMES_ATTACHS, "nonsense", NULL },
		{ NAMES_PROGS, "\xff\xfe\x01", NULL },
		{ NAMES_MAPS, "ha", NULL },
		{ NAMES_MAPS, "uqeue", "queue" },
		{ NAMES_MAPS, "uqeeu", NULL }, /* two swaps are two slips */
		{ NAMES_MAPS, "the quick brown fox", NULL },
		{ NAMES_PROGS, "BPF_MAP_TYPE_XDP", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		expect_nearest(cases[i].list, cases[i].word, cases[i].want);
}

/* A megabyte costs what a word costs: no call may walk all of it. */
static void test_bounded_work(void **state)
{
	enum { HUGE_LEN = 1 << 20, CALLS = 1000 };
	static const char *const starts[] = { "a", "BPF_MAP_TYPE_", "BPFMapType", "hash", "_" };
	char *word = malloc(HUGE_LEN);
	clock_t began = clock();

	(void)state;
	assert_non_null(word);
	for (size_t s = 0; s < LENGTH(starts); s++) {
		for (size_t i = 0; i < HUGE_LEN; i++)
			word[i] = starts[s][i % strlen(starts[s])];
		for (int i = 0; i < CALLS; i++) {
			assert_int_equal(names_bit(NAMES_MAPS, word, HUGE_LEN), -ENOENT);
			assert_null(names_nearest(NAMES_MAPS, word, HUGE_LEN));
			assert_int_equal(names_other_list(NAMES_PROGS, word, HUGE_LEN), -ENOENT);
		}
	}
	/* Walking each megabyte is 15,000 MB: seconds on any machine. Else it is milliseconds. */
	assert_true((clock() - began) / CLOCKS_PER_SEC < 3);
	free(word);
}

/* Just at the length where nearness ends, and each one short of it, in exact memory. */
static void test_nearest_at_limit(void **state)
{
	char word[80];

	(void)state;
	for (size_t len = 0; len < sizeof(word); len++) {
		memset(word, 'q', sizeof(word));
		word[len] = '\0';
		for (enum names_list list = 0; list < NAMES_LISTS; list++)
			assert_null(nearest_to(list, word));
	}
	/* 64 bytes of which all but three are underscores are still a word, 65 are not. */
	memset(word, '_', sizeof(word));
	memcpy(word + 30, "xdp", 3);
	assert_string_equal(names_nearest(NAMES_PROGS, word, 64), "xdp");
	assert_null(names_nearest(NAMES_PROGS, word, 65));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_bounded_work),
		cmocka_unit_test(test_nearest_at_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
