/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/delegation: lists in every spelling, everything that is no list, and masks. */

#include "tests/unit/support.h"

#include <linux/bpf.h>

#include "spec/delegation.h"

#define BIT(n) (UINT64_C(1) << (n))
#define LOADS  (BIT(BPF_MAP_CREATE) | BIT(BPF_PROG_LOAD) | BIT(BPF_BTF_LOAD))

enum { WORDS_MAX = 4096 };

static int parse(enum names_list list, const char *value, enum delegation_numbers numbers,
		 uint64_t *ret_mask, struct err *err)
{
	char *copy = exact_bytes(value, strlen(value) + 1);
	int r = delegation_parse(list, copy, numbers, EX_DATAERR, ret_mask, err);

	free(copy);
	return r;
}

/* ---- accepted ---- */

static const struct {
	enum names_list list;
	const char *value;
	uint64_t want;
} accepted[] = {
	/* separators: commas, colons and blanks, and blanks around the others */
	{ NAMES_CMDS, "prog_load", BIT(BPF_PROG_LOAD) },
	{ NAMES_CMDS, "map_create,prog_load,btf_load", LOADS },
	{ NAMES_CMDS, "map_create:prog_load:btf_load", LOADS },
	{ NAMES_CMDS, "map_create prog_load btf_load", LOADS },
	{ NAMES_CMDS, "map_create\tprog_load\nbtf_load", LOADS },
	{ NAMES_CMDS, "map_create,prog_load:btf_load", LOADS },
	{ NAMES_CMDS, "map_create , prog_load\t:\n btf_load", LOADS },
	{ NAMES_CMDS, "  map_create   prog_load,btf_load\n", LOADS },
	{ NAMES_CMDS, "\n\t map_create\nprog_load\nbtf_load\n\n", LOADS },
	{ NAMES_CMDS, "prog_load prog_load,PROG_LOAD", BIT(BPF_PROG_LOAD) },
	/* spellings */
	{ NAMES_CMDS, "BPF_MAP_CREATE,bpf_prog_load,BPFBtfLoad", LOADS },
	{ NAMES_CMDS, "Map_Create,BPFProgLoad,Btf_Load", LOADS },
	{ NAMES_CMDS, "prog_run,prog_test_run", BIT(BPF_PROG_RUN) },
	{ NAMES_MAPS, "hash,BPF_MAP_TYPE_ARRAY,BPFMapTypeRingbuf",
	  BIT(BPF_MAP_TYPE_HASH) | BIT(BPF_MAP_TYPE_ARRAY) | BIT(BPF_MAP_TYPE_RINGBUF) },
	{ NAMES_PROGS, "xdp,BPF_PROG_TYPE_XDP,BPFProgTypeXdp,Xdp", BIT(BPF_PROG_TYPE_XDP) },
	{ NAMES_PROGS, "socket_filter", BIT(BPF_PROG_TYPE_SOCKET_FILTER) },
	{ NAMES_ATTACHS, "cgroup_inet_ingress,BPF_XDP,BPFCgroupInetEgress",
	  BIT(BPF_CGROUP_INET_INGRESS) | BIT(BPF_XDP) | BIT(BPF_CGROUP_INET_EGRESS) },
	{ NAMES_MAPS, "unspec", BIT(0) },
	/* any and numbers, alone */
	{ NAMES_CMDS, "any", DELEGATION_ANY },
	{ NAMES_MAPS, " ANY\n", DELEGATION_ANY },
	{ NAMES_PROGS, "aNy", DELEGATION_ANY },
	{ NAMES_CMDS, "0x20", BIT(BPF_PROG_LOAD) },
	{ NAMES_CMDS, "0X40021", LOADS },
	{ NAMES_CMDS, "0x0000000000000000040021", LOADS },
	{ NAMES_CMDS, " 262177 ", LOADS },
	{ NAMES_CMDS, "1", BIT(0) },
	{ NAMES_CMDS, "9", BIT(0) | BIT(3) },
	{ NAMES_MAPS, "0xfF", 0xff },
};

static void test_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(accepted); i++) {
		for (int numbers = DELEGATION_KNOWN_BITS; numbers <= DELEGATION_ALL_BITS;
		     numbers++) {
			struct err err = { 0 };
			uint64_t mask = 0;

			expect_success(accepted[i].value,
				       parse(accepted[i].list, accepted[i].value,
					     (enum delegation_numbers)numbers, &mask, &err),
				       &err);
			if (mask != accepted[i].want)
				fail_msg("%s: 0x%llx", accepted[i].value, (unsigned long long)mask);
		}
	}
}

/* Bits that this build has no name for are an administrator's alone. */
static void test_bits_newer_than_the_build(void **state)
{
	static const char *const all[] = { "18446744073709551615", "0xffffffffffffffff",
					   "0xFFFFFFFFFFFFFFFF", "0x00ffffffffffffffff" };

	(void)state;
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		uint64_t known = names_known(list), newer = known + 1, mask;
		char value[32], want[200];
		struct err err = { 0 };

		assert_true((known & newer) == 0 && newer != 0); /* the lists have no gaps */
		snprintf(want, sizeof(want),
			 "bit %d is newer than this build; an administrator can put the number in "
			 "a profile of the policy",
			 __builtin_ctzll(newer));
		for (int form = 0; form < 3; form++) {
			int r;

			snprintf(value, sizeof(value), form == 1 ? "%llu" : "0x%llx",
				 (unsigned long long)(form == 2 ? newer | 1 : newer));
			r = parse(list, value, DELEGATION_KNOWN_BITS, &mask, &err);
			expect_refusal(value, r, &err, EX_DATAERR, want);
			assert_int_equal(r, -ENOENT);
			expect_success(value, parse(list, value, DELEGATION_ALL_BITS, &mask, &err),
				       &err);
			assert_true(mask == (form == 2 ? newer | 1 : newer));
		}
		snprintf(value, sizeof(value), "0x%llx", (unsigned long long)known);
		expect_success(value, parse(list, value, DELEGATION_KNOWN_BITS, &mask, &err), &err);
		assert_true(mask == known);
	}
	for (size_t i = 0; i < LENGTH(all); i++) {
		struct err err = { 0 };
		uint64_t mask;

		expect_refusal(all[i],
			       parse(NAMES_CMDS, all[i], DELEGATION_KNOWN_BITS, &mask, &err), &err,
			       EX_DATAERR, "bit @@ is newer than this build; @@");
		expect_success(all[i], parse(NAMES_CMDS, all[i], DELEGATION_ALL_BITS, &mask, &err),
			       &err);
		assert_true(mask == DELEGATION_ANY);
	}
}

/* ---- refused ---- */

#define LISTS(key) "\"bpftoken names " key "\" lists all there are"
#define EXTRA(c)   "an item of the list is empty; remove the extra \"" c "\""
#define ENDS(c)	   "the list ends in \"" c "\"; remove it"
#define NO_MASK(value)                                                                             \
	"\"" value "\" is not a mask; write it as 0x and hexadecimal digits, or decimal "          \
	"without leading zeros"
#define CONTROL(byte) "a control byte (" byte ") stands in the list; remove it"
#define ALONE(value)  "\"any\" or a number stands alone in a list; \"" value "\" has more in it"

static const struct {
	enum names_list list;
	const char *value;
	int result;
	const char *want;
} refused[] = {
	/* nothing in it */
	{ NAMES_CMDS, "", -EINVAL, "the list is empty; leave cmds out instead" },
	{ NAMES_MAPS, " \t\n", -EINVAL, "the list is empty; leave maps out instead" },
	{ NAMES_PROGS, ",", -EINVAL, EXTRA(",") },
	{ NAMES_PROGS, ":", -EINVAL, EXTRA(":") },
	{ NAMES_PROGS, ",xdp", -EINVAL, EXTRA(",") },
	{ NAMES_PROGS, " \n:xdp", -EINVAL, EXTRA(":") },
	{ NAMES_PROGS, "xdp,,xdp", -EINVAL, EXTRA(",") },
	{ NAMES_PROGS, "xdp,:xdp", -EINVAL, EXTRA(":") },
	{ NAMES_PROGS, "xdp , , xdp", -EINVAL, EXTRA(",") },
	{ NAMES_PROGS, "xdp,", -EINVAL, ENDS(",") },
	{ NAMES_PROGS, "xdp:", -EINVAL, ENDS(":") },
	{ NAMES_PROGS, "xdp , \n", -EINVAL, ENDS(",") },
	/* bytes */
	{ NAMES_PROGS, "xdp\rtc", -EINVAL, CONTROL("0x0d") },
	{ NAMES_PROGS, "xdp\r\n", -EINVAL, CONTROL("0x0d") },
	{ NAMES_PROGS, "\x01", -EINVAL, CONTROL("0x01") },
	{ NAMES_PROGS, "xdp \x1b[2J", -EINVAL, CONTROL("0x1b") },
	{ NAMES_PROGS, "xdp\x7f", -EINVAL, CONTROL("0x7f") },
	{ NAMES_PROGS, "xdp,\v", -EINVAL, CONTROL("0x0b") },
	{ NAMES_PROGS, "any\f", -EINVAL, CONTROL("0x0c") },
	/* more than one where one stands alone */
	{ NAMES_PROGS, "any,any", -EINVAL, ALONE("any,any") },
	{ NAMES_PROGS, "any,xdp", -EINVAL, ALONE("any,xdp") },
	{ NAMES_PROGS, "xdp,any", -EINVAL, ALONE("xdp,any") },
	{ NAMES_PROGS, "0x1,0x2", -EINVAL, ALONE("0x1,0x2") },
	{ NAMES_PROGS, "xdp 64", -EINVAL, ALONE("xdp 64") },
	{ NAMES_PROGS, "64\nxdp", -EINVAL, ALONE("64\\nxdp") },
	{ NAMES_PROGS, "any,64", -EINVAL, ALONE("any,64") },
	/* numbers that are none */
	{ NAMES_PROGS, "0", -EINVAL, "0 delegates nothing; leave progs out instead" },
	{ NAMES_ATTACHS, "0x0", -EINVAL, "0 delegates nothing; leave attachs out instead" },
	{ NAMES_PROGS, "0x", -EINVAL, NO_MASK("0x") },
	{ NAMES_PROGS, "0xg", -EINVAL, NO_MASK("0xg") },
	{ NAMES_PROGS, "0x1 2", -EINVAL, ALONE("0x1 2") },
	{ NAMES_PROGS, "0x1_0", -EINVAL, NO_MASK("0x1_0") },
	{ NAMES_PROGS, "64xdp", -EINVAL, NO_MASK("64xdp") },
	{ NAMES_PROGS, "064", -EINVAL, NO_MASK("064") },
	{ NAMES_PROGS, "00", -EINVAL, NO_MASK("00") },
	{ NAMES_PROGS, "1e3", -EINVAL, NO_MASK("1e3") },
	{ NAMES_PROGS, "6.4", -EINVAL, NO_MASK("6.4") },
	{ NAMES_PROGS, "64\xff", -EINVAL, NO_MASK("64\\xff") },
	{ NAMES_PROGS, "0x10000000000000000", -EINVAL, "\"0x10000000000000000\" is over 64 bits" },
	{ NAMES_PROGS, "18446744073709551616", -EINVAL,
	  "\"18446744073709551616\" is over 64 bits" },
	/* words of no list, of another list, and near misses */
	{ NAMES_CMDS, "frobnicate", -ENOENT, "unknown name \"frobnicate\"; " LISTS("cmds") },
	{ NAMES_MAPS, "-1", -ENOENT, "unknown name \"-1\"; " LISTS("maps") },
	{ NAMES_PROGS, "+64", -ENOENT, "unknown name \"+64\"; " LISTS("progs") },
	{ NAMES_PROGS, "*", -ENOENT, "unknown name \"*\"; " LISTS("progs") },
	{ NAMES_PROGS, "xdp;tc", -ENOENT, "unknown name \"xdp;tc\"; " LISTS("progs") },
	{ NAMES_ATTACHS, "\xc3\xa9\xff", -ENOENT,
	  "unknown name \"\\xc3\\xa9\\xff\"; " LISTS("attachs") },
	{ NAMES_CMDS, "prog_lod", -ENOENT,
	  "unknown name \"prog_lod\"; did you mean \"prog_load\"? " LISTS("cmds") },
	{ NAMES_CMDS, "map_create,BPF_PROG_LAOD", -ENOENT,
	  "unknown name \"BPF_PROG_LAOD\"; did you mean \"prog_load\"? " LISTS("cmds") },
	{ NAMES_MAPS, "rignbuf", -ENOENT,
	  "unknown name \"rignbuf\"; did you mean \"ringbuf\"? " LISTS("maps") },
	{ NAMES_PROGS, "xpd", -ENOENT,
	  "unknown name \"xpd\"; did you mean \"xdp\"? " LISTS("progs") },
	{ NAMES_CMDS, "xdp", -ENOENT, "\"xdp\" belongs to progs; " LISTS("cmds") },
	{ NAMES_MAPS, "prog_load", -ENOENT, "\"prog_load\" belongs to cmds; " LISTS("maps") },
	{ NAMES_PROGS, "BPF_MAP_TYPE_HASH", -ENOENT,
	  "\"BPF_MAP_TYPE_HASH\" belongs to maps; " LISTS("progs") },
	{ NAMES_PROGS, "cgroup_inet_ingress", -ENOENT,
	  "\"cgroup_inet_ingress\" belongs to attachs; " LISTS("progs") },
	{ NAMES_CMDS, "BPFProgTypeXdp", -ENOENT,
	  "\"BPFProgTypeXdp\" belongs to progs; " LISTS("cmds") },
	/* common_attrs: a kernel from 7.2 on reads the word as an undefined shift */
	{ NAMES_CMDS, "common_attrs", -ENOENT, "unknown name \"common_attrs\"; @@" LISTS("cmds") },
	{ NAMES_CMDS, "BPF_COMMON_ATTRS", -ENOENT,
	  "unknown name \"BPF_COMMON_ATTRS\"; @@" LISTS("cmds") },
	/* the first defect counts */
	{ NAMES_PROGS, "xpd,,", -ENOENT, "unknown name \"xpd\"; @@" },
	{ NAMES_PROGS, ",,xpd", -EINVAL, EXTRA(",") },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		for (int numbers = DELEGATION_KNOWN_BITS; numbers <= DELEGATION_ALL_BITS;
		     numbers++) {
			struct err err = { 0 };
			uint64_t mask = 4711;
			int r = parse(refused[i].list, refused[i].value,
				      (enum delegation_numbers)numbers, &mask, &err);

			expect_refusal(refused[i].value, r, &err, EX_DATAERR, refused[i].want);
			if (r != refused[i].result || mask != 4711)
				fail_msg("%s: %d", refused[i].value, r);
		}
	}
}

/* The code is the caller's; the message stays short however long the word is. */
static void test_the_code_and_the_length_of_a_message(void **state)
{
	static char word[100000];
	struct err err = { 0 };
	uint64_t mask;

	(void)state;
	memset(word, 'w', sizeof(word) - 1);
	expect_refusal("a long word",
		       delegation_parse(NAMES_CMDS, word, DELEGATION_KNOWN_BITS, EX_CONFIG, &mask,
					&err),
		       &err, EX_CONFIG, "unknown name \"www@@www\"...; " LISTS("cmds"));
	word[1000] = ',';
	memcpy(word, "0x1,", 4);
	expect_refusal("a long list",
		       delegation_parse(NAMES_CMDS, word, DELEGATION_KNOWN_BITS, EX_USAGE, &mask,
					&err),
		       &err, EX_USAGE, "@@");
}

/* ---- items, as profile and path lists are cut, too ---- */

static void test_items(void **state)
{
	static const char list[] = " a,b:c\td \n e.f/g ";
	static const char *const want[] = { "a", "b", "c", "d", "e.f/g" };
	const char *cursor = list, *item;
	struct err err = { 0 };
	size_t len;

	(void)state;
	for (size_t i = 0; i < LENGTH(want); i++) {
		assert_int_equal(delegation_next_item(&cursor, 1, &item, &len, &err), 1);
		assert_int_equal(len, strlen(want[i]));
		assert_memory_equal(item, want[i], len);
	}
	assert_int_equal(delegation_next_item(&cursor, 1, &item, &len, &err), 0);
	assert_int_equal(delegation_next_item(&cursor, 1, &item, &len, &err), 0);
	assert_ptr_equal(cursor, list + sizeof(list) - 1);
}

/* ---- masks ---- */

static const struct {
	enum names_list list;
	uint64_t mask;
	const char *separator, *want;
} words[] = {
	{ NAMES_CMDS, 0, ",", "" },
	{ NAMES_CMDS, LOADS, ",", "map_create,prog_load,btf_load" },
	{ NAMES_CMDS, LOADS, ":", "map_create:prog_load:btf_load" },
	{ NAMES_PROGS, BIT(BPF_PROG_TYPE_XDP), ",", "xdp" },
	{ NAMES_PROGS, DELEGATION_ANY, ",", "any" },
	{ NAMES_PROGS, BIT(63), ",", "0x8000000000000000" },
	{ NAMES_PROGS, BIT(63) | BIT(62), ",", "0xc000000000000000" },
	{ NAMES_PROGS, BIT(63) | BIT(BPF_PROG_TYPE_XDP), ", ", "xdp, 0x8000000000000000" },
	{ NAMES_CMDS, BIT(BPF_PROG_RUN), ",", "prog_test_run" },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(words); i++) {
		char buf[256];
		struct text text;

		text_init(&text, buf, sizeof(buf));
		delegation_add_words(&text, words[i].list, words[i].mask, words[i].separator);
		expect_text(words[i].want, buf, words[i].want);
	}
}

/* A mask of known bits, written as words, is read as the same mask. */
static void expect_round_trip(enum names_list list, uint64_t mask, const char *separator)
{
	char buf[WORDS_MAX];
	struct text text;
	struct err err = { 0 };
	uint64_t again;

	text_init(&text, buf, sizeof(buf));
	delegation_add_words(&text, list, mask, separator);
	assert_false(text.cut);
	expect_success(buf, parse(list, buf, DELEGATION_KNOWN_BITS, &again, &err), &err);
	if (again != mask)
		fail_msg("%s: 0x%llx, want 0x%llx", buf, (unsigned long long)again,
			 (unsigned long long)mask);
}

static void test_words_are_read_as_what_they_came_from(void **state)
{
	uint64_t seed = 44;

	(void)state;
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		uint64_t known = names_known(list);

		expect_round_trip(list, DELEGATION_ANY, ",");
		expect_round_trip(list, known, ":");
		for (unsigned bit = 0; bit < 64; bit++)
			if ((known & BIT(bit)) != 0)
				expect_round_trip(list, BIT(bit), ",");
		for (int round = 0; round < 300; round++) {
			uint64_t mask = next_random(&seed) & next_random(&seed) & known;

			if (mask != 0)
				expect_round_trip(list, mask, round % 2 != 0 ? " " : ":");
		}
	}
}

static void test_sets(void **state)
{
	struct delegation a = { { 0 } }, b = { { 0 } };

	(void)state;
	assert_true(delegation_is_empty(&a));
	b.masks[NAMES_ATTACHS] = BIT(3);
	assert_false(delegation_is_empty(&b));
	a.masks[NAMES_CMDS] = 5;
	b.masks[NAMES_CMDS] = 6;
	assert_true(delegation_excess(&a, &b, NAMES_CMDS) == 1);
	assert_true(delegation_excess(&a, &b, NAMES_ATTACHS) == 0);
	assert_true(delegation_excess(&b, &a, NAMES_ATTACHS) == BIT(3));
	delegation_unite(&a, &b);
	assert_true(a.masks[NAMES_CMDS] == 7 && a.masks[NAMES_ATTACHS] == BIT(3));
	assert_true(a.masks[NAMES_MAPS] == 0 && b.masks[NAMES_CMDS] == 6);
	/* "any" lies only in a ceiling of "any" */
	a.masks[NAMES_CMDS] = DELEGATION_ANY;
	b.masks[NAMES_CMDS] = names_known(NAMES_CMDS);
	assert_true(delegation_excess(&a, &b, NAMES_CMDS) == ~names_known(NAMES_CMDS));
	assert_true(delegation_excess(&b, &a, NAMES_CMDS) == 0);
	assert_true(delegation_excess(&a, &a, NAMES_CMDS) == 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_bits_newer_than_the_build),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_the_code_and_the_length_of_a_message),
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_are_read_as_what_they_came_from),
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
