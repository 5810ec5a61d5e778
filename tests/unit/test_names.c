/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/names: spellings, and the generated table's own invariants. */

#include "tests/unit/support.h"

#include <limits.h>

#include "spec/names.h"
#include "spec/names_table.h"

enum { TEXT_MAX = 128 };

/* Written down a second time: a slip in names.c must not be able to agree with itself. */
static const struct {
	enum names_list list;
	const char *key, *kernel, *systemd;
} lists[] = {
	{ NAMES_CMDS, "cmds", "BPF_", "BPF" },
	{ NAMES_MAPS, "maps", "BPF_MAP_TYPE_", "BPFMapType" },
	{ NAMES_PROGS, "progs", "BPF_PROG_TYPE_", "BPFProgType" },
	{ NAMES_ATTACHS, "attachs", "BPF_", "BPF" },
};

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void convert(char *text, char (*letter)(char))
{
	for (; *text != '\0'; text++)
		*text = letter(*text);
}

/* "map_create" -> "MapCreate" */
static void camel(const char *name, char ret_text[TEXT_MAX])
{
	size_t n = 0;
	bool start = true;

	for (; *name != '\0'; name++) {
		if (*name != '_')
			ret_text[n++] = start ? upper(*name) : *name;
		start = *name == '_';
	}
	ret_text[n] = '\0';
}

static int bit_of(enum names_list list, const char *word)
{
	size_t len = strlen(word);
	char *copy = exact_bytes(word, len);
	int bit = names_bit(list, copy, len);

	free(copy);
	return bit;
}

static void expect_bit(enum names_list list, const char *word, int want)
{
	int bit = bit_of(list, word);

	if (bit != want)
		fail_msg("%s \"%s\": %d, want %d", names_key(list), word, bit, want);
}

static void test_keys(void **state)
{
	(void)state;
	assert_int_equal(LENGTH(lists), NAMES_LISTS);
	for (size_t i = 0; i < LENGTH(lists); i++)
		assert_string_equal(names_key(lists[i].list), lists[i].key);
}

static void test_no_list(void **state)
{
	static const enum names_list none[] = { NAMES_LISTS, (enum names_list)99,
						(enum names_list)UINT_MAX };

	(void)state;
	for (size_t i = 0; i < LENGTH(none); i++) {
		assert_null(names_key(none[i]));
		assert_true(names_known(none[i]) == 0);
		assert_null(names_of_bit(none[i], 0));
		assert_int_equal(names_bit(none[i], "xdp", 3), -ENOENT);
		assert_null(names_nearest(none[i], "xdp", 3));
	}
}

static void test_spellings(void **state)
{
	static const struct {
		enum names_list list;
		const char *word;
		int want;
	} cases[] = {
		{ NAMES_CMDS, "map_create", 0 },
		{ NAMES_CMDS, "prog_load", 5 },
		{ NAMES_CMDS, "PROG_LOAD", 5 },
		{ NAMES_CMDS, "Prog_loaD", 5 },
		{ NAMES_CMDS, "BPF_PROG_LOAD", 5 },
		{ NAMES_CMDS, "bpf_prog_load", 5 },
		{ NAMES_CMDS, "BPFProgLoad", 5 },
		{ NAMES_CMDS, "BPFMapCreate", 0 },
		{ NAMES_CMDS, "BPFPROGLOAD", 5 },
		{ NAMES_CMDS, "BPFprogload", 5 },
		{ NAMES_CMDS, "prog_test_run", 10 },
		{ NAMES_CMDS, "prog_run", 10 },
		{ NAMES_CMDS, "BPF_PROG_RUN", 10 },
		{ NAMES_CMDS, "BPFProgRun", 10 },
		{ NAMES_CMDS, "btf_get_fd_by_id", 19 },
		{ NAMES_CMDS, "token_create", 36 },
		{ NAMES_CMDS, "prog_assoc_struct_ops", 38 },
		{ NAMES_MAPS, "hash", 1 },
		{ NAMES_MAPS, "BPF_MAP_TYPE_HASH", 1 },
		{ NAMES_MAPS, "Bpf_Map_Type_Hash", 1 },
		{ NAMES_MAPS, "BPFMapTypeRingbuf", 27 },
		{ NAMES_MAPS, "BPFMapTypeLpmTrie", 11 },
		{ NAMES_MAPS, "BPFMapTypeLPMTrie", 11 },
		{ NAMES_MAPS, "cgroup_storage", 19 },
		{ NAMES_MAPS, "cgroup_storage_deprecated", 19 },
		{ NAMES_MAPS, "percpu_cgroup_storage", 21 },
		{ NAMES_MAPS, "unspec", 0 },
		{ NAMES_MAPS, "arena", 33 },
		{ NAMES_MAPS, "insn_array", 34 },
		{ NAMES_MAPS, "rhash", 35 },
		{ NAMES_PROGS, "xdp", 6 },
		{ NAMES_PROGS, "XDP", 6 },
		{ NAMES_PROGS, "BPF_PROG_TYPE_XDP", 6 },
		{ NAMES_PROGS, "BPFProgTypeXdp", 6 },
		{ NAMES_PROGS, "BPFProgTypeXDP", 6 },
		{ NAMES_PROGS, "BPFProgTypeLwtSeg6local", 19 },
		{ NAMES_PROGS, "netfilter", 32 },
		{ NAMES_ATTACHS, "xdp", 37 },
		{ NAMES_ATTACHS, "BPF_XDP", 37 },
		{ NAMES_ATTACHS, "BPFXdp", 37 },
		{ NAMES_ATTACHS, "BPFCgroupInetIngress", 0 },
		{ NAMES_ATTACHS, "BPFCgroupInet4Bind", 8 },
		{ NAMES_ATTACHS, "cgroup_inet4_bind", 8 },
		{ NAMES_ATTACHS, "trace_fsession", 58 },
		{ NAMES_ATTACHS, "trace_fentry_multi", 59 },
		{ NAMES_ATTACHS, "trace_fexit_multi", 60 },
		{ NAMES_ATTACHS, "trace_fsession_multi", 61 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		expect_bit(cases[i].list, cases[i].word, cases[i].want);
}

static void test_unknown_words(void **state)
{
	static const struct {
		enum names_list list;
		const char *word;
	} cases[] = {
		{ NAMES_CMDS, "" },
		{ NAMES_CMDS, "_" },
		{ NAMES_CMDS, "bpf" },
		{ NAMES_CMDS, "BPF" },
		{ NAMES_CMDS, "BPF_" },
		{ NAMES_CMDS, "any" },
		{ NAMES_CMDS, "0x20" },
		{ NAMES_CMDS, "5" },
		{ NAMES_CMDS, "map__create" },
		{ NAMES_CMDS, "mapcreate" },
		{ NAMES_CMDS, "MapCreate" },
		{ NAMES_CMDS, "map-create" },
		{ NAMES_CMDS, "map_create_" },
		{ NAMES_CMDS, "_map_create" },
		{ NAMES_CMDS, " map_create" },
		{ NAMES_CMDS, "map_create\n" },
		{ NAMES_CMDS, "map_creat" },
		{ NAMES_CMDS, "map_createe" },
		{ NAMES_CMDS, "map_" },
		{ NAMES_CMDS, "BPF_BPF_MAP_CREATE" },
		{ NAMES_CMDS, "BPF__MAP_CREATE" },
		{ NAMES_CMDS, "BPF_mapcreate" },
		{ NAMES_CMDS, "BPFMap_Create" },
		{ NAMES_CMDS, "BPFMapCreateX" },
		{ NAMES_CMDS, "BPFMapCreat" },
		{ NAMES_CMDS, "BPFBPFMapCreate" },
		{ NAMES_CMDS, "BpfMapCreate" },
		{ NAMES_CMDS, "bpfmapcreate" },
		{ NAMES_CMDS, "BPF_CMD_MAP_CREATE" },
		{ NAMES_CMDS, "__max_bpf_cmd" },
		{ NAMES_CMDS, "common_attrs" },
		{ NAMES_CMDS, "BPF_COMMON_ATTRS" },
		{ NAMES_CMDS, "xdp" },
		{ NAMES_CMDS, "prog_load\xff" },
		{ NAMES_CMDS, "\xd0prog_load" },
		{ NAMES_MAPS, "MAP_TYPE_HASH" },
		{ NAMES_MAPS, "BPF_HASH" },
		{ NAMES_MAPS, "BPFHash" },
		{ NAMES_MAPS, "BPF_MAP_TYPE_" },
		{ NAMES_MAPS, "BPFMapType" },
		{ NAMES_MAPS, "BPFMAPTYPEHash" },
		{ NAMES_MAPS, "BPF_MAP_TYPEHASH" },
		{ NAMES_MAPS, "BPFMapType_Hash" },
		{ NAMES_MAPS, "BPF_PROG_TYPE_HASH" },
		{ NAMES_MAPS, "h\xe0sh" },
		{ NAMES_PROGS, "_xdp" },
		{ NAMES_PROGS, "xdp_" },
		{ NAMES_PROGS, "BPF_XDP" },
		{ NAMES_PROGS, "BPFXdp" },
		{ NAMES_PROGS, "BPF_MAP_TYPE_XDP" },
		{ NAMES_PROGS, "BPFMapTypeXdp" },
		{ NAMES_PROGS, "prog_type_xdp" },
		{ NAMES_PROGS, "socketfilter" },
		{ NAMES_ATTACHS, "BPF_PROG_TYPE_XDP" },
		{ NAMES_ATTACHS, "BPFProgTypeXdp" },
		{ NAMES_ATTACHS, "__max_bpf_attach_type" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		expect_bit(cases[i].list, cases[i].word, -ENOENT);
	/* The length counts, not a NUL. */
	assert_int_equal(names_bit(NAMES_PROGS, "xdp\0x", 5), -ENOENT);
	assert_int_equal(names_bit(NAMES_PROGS, "xdp\0", 4), -ENOENT);
	assert_int_equal(names_bit(NAMES_PROGS, "xdpx", 3), 6);
	assert_int_equal(names_bit(NAMES_PROGS, NULL, 0), -ENOENT);
	assert_null(names_nearest(NAMES_PROGS, NULL, 0));
	assert_int_equal(names_other_list(NAMES_PROGS, NULL, 0), -ENOENT);
}

/* A name is a word of its own: what lists, numbers and messages rely on. */
static void test_table_form(void **state)
{
	(void)state;
	for (size_t l = 0; l < LENGTH(lists); l++) {
		const struct names_table *table = names_table(lists[l].list);

		assert_true(table->n_entries > 30);
		for (size_t i = 0; i < table->n_entries; i++) {
			const char *name = table->entries[i].name;

			assert_true(table->entries[i].bit < 64);
			assert_true(strlen(name) >= 3 && strlen(name) <= 63);
			assert_true(name[0] >= 'a' && name[0] <= 'z');
			assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"),
					 strlen(name));
			assert_null(strstr(name, "__"));
			assert_true(name[strlen(name) - 1] != '_');
			assert_string_not_equal(name, "any");
		}
	}
}

/* What Linux 6.18 has must never go missing, whatever the table is generated from. */
static void test_known(void **state)
{
	static const unsigned last[NAMES_LISTS] = {
		[NAMES_CMDS] = 37, [NAMES_MAPS] = 33, [NAMES_PROGS] = 32, [NAMES_ATTACHS] = 57
	};

	(void)state;
	for (size_t l = 0; l < LENGTH(lists); l++) {
		uint64_t known = names_known(lists[l].list);
		uint64_t floor = (UINT64_C(2) << last[lists[l].list]) - 1;

		assert_true((known & floor) == floor);
		for (unsigned bit = 0; bit < 64; bit++)
			assert_true((names_of_bit(lists[l].list, bit) != NULL) ==
				    (known >> bit & 1));
		assert_null(names_of_bit(lists[l].list, 64));
		assert_null(names_of_bit(lists[l].list, UINT_MAX));
	}
}

static void test_of_bit(void **state)
{
	static const struct {
		enum names_list list;
		unsigned bit;
		const char *want;
	} cases[] = {
		{ NAMES_CMDS, 0, "map_create" },
		{ NAMES_CMDS, 10, "prog_test_run" },
		{ NAMES_CMDS, 16, "prog_query" },
		{ NAMES_MAPS, 19, "cgroup_storage_deprecated" },
		{ NAMES_MAPS, 21, "percpu_cgroup_storage_deprecated" },
		{ NAMES_PROGS, 6, "xdp" },
		{ NAMES_ATTACHS, 37, "xdp" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_string_equal(names_of_bit(cases[i].list, cases[i].bit), cases[i].want);
}

static void expect_round_trip(size_t l, const struct names_entry *entry)
{
	char text[TEXT_MAX], words[TEXT_MAX];
	int want = (int)entry->bit;

	expect_bit(lists[l].list, entry->name, want);
	snprintf(text, sizeof(text), "%s%s", lists[l].kernel, entry->name);
	expect_bit(lists[l].list, text, want);
	convert(text, upper);
	expect_bit(lists[l].list, text, want);
	expect_bit(lists[l].list, text + strlen(lists[l].kernel), want);
	convert(text, lower);
	expect_bit(lists[l].list, text, want);

	camel(entry->name, words);
	snprintf(text, sizeof(text), "%s%s", lists[l].systemd, words);
	expect_bit(lists[l].list, text, want);
	convert(text + strlen(lists[l].systemd), lower);
	expect_bit(lists[l].list, text, want);
	convert(text + strlen(lists[l].systemd), upper);
	expect_bit(lists[l].list, text, want);

	assert_string_equal(names_nearest(lists[l].list, entry->name, strlen(entry->name)),
			    entry->name);
}

static void test_round_trip(void **state)
{
	(void)state;
	for (size_t l = 0; l < LENGTH(lists); l++) {
		const struct names_table *table = names_table(lists[l].list);

		for (size_t i = 0; i < table->n_entries; i++)
			expect_round_trip(l, &table->entries[i]);
	}
}

/* The bit's own name is the first of the entries that share the bit. */
static void test_first_name(void **state)
{
	(void)state;
	for (size_t l = 0; l < LENGTH(lists); l++) {
		const struct names_table *table = names_table(lists[l].list);
		uint64_t seen = 0;

		for (size_t i = 0; i < table->n_entries; i++) {
			const struct names_entry *entry = &table->entries[i];

			if ((seen >> entry->bit & 1) == 0)
				assert_string_equal(names_of_bit(lists[l].list, entry->bit),
						    entry->name);
			seen |= UINT64_C(1) << entry->bit;
		}
		assert_true(seen == names_known(lists[l].list));
	}
}

enum { SPELLINGS = 3 };

/* In lower case throughout, which is stricter than the reader: it wants systemd's prefix exact. */
static void all_spellings(size_t l, const char *name, char ret_texts[SPELLINGS][TEXT_MAX])
{
	char words[TEXT_MAX];

	camel(name, words);
	snprintf(ret_texts[0], TEXT_MAX, "%s", name);
	snprintf(ret_texts[1], TEXT_MAX, "%s%s", lists[l].kernel, name);
	snprintf(ret_texts[2], TEXT_MAX, "%s%s", lists[l].systemd, words);
	for (size_t i = 0; i < SPELLINGS; i++)
		convert(ret_texts[i], lower);
}

static void expect_apart(size_t l, const char *one, const char *other)
{
	char a[SPELLINGS][TEXT_MAX], b[SPELLINGS][TEXT_MAX];

	all_spellings(l, one, a);
	all_spellings(l, other, b);
	for (size_t i = 0; i < SPELLINGS; i++)
		for (size_t j = 0; j < SPELLINGS; j++)
			if (strcmp(a[i], b[j]) == 0)
				fail_msg("%s: \"%s\" is a spelling of %s and of %s", lists[l].key,
					 a[i], one, other);
}

static void test_no_ambiguity(void **state)
{
	(void)state;
	for (size_t l = 0; l < LENGTH(lists); l++) {
		const struct names_table *table = names_table(lists[l].list);

		for (size_t i = 0; i < table->n_entries; i++)
			for (size_t j = i + 1; j < table->n_entries; j++)
				expect_apart(l, table->entries[i].name, table->entries[j].name);
	}
}

static void test_other_list(void **state)
{
	static const struct {
		enum names_list list;
		const char *word;
		int want;
	} cases[] = {
		{ NAMES_CMDS, "xdp", NAMES_PROGS },
		{ NAMES_CMDS, "BPF_XDP", NAMES_ATTACHS },
		{ NAMES_CMDS, "BPFProgTypeXdp", NAMES_PROGS },
		{ NAMES_CMDS, "hash", NAMES_MAPS },
		{ NAMES_CMDS, "struct_ops", NAMES_MAPS },
		{ NAMES_MAPS, "struct_ops", NAMES_PROGS },
		{ NAMES_PROGS, "struct_ops", NAMES_MAPS },
		{ NAMES_MAPS, "prog_load", NAMES_CMDS },
		{ NAMES_PROGS, "xdp", NAMES_ATTACHS }, /* known here, but that was not asked */
		{ NAMES_ATTACHS, "BPF_MAP_TYPE_HASH", NAMES_MAPS },
		{ NAMES_ATTACHS, "map_create", NAMES_CMDS },
		{ NAMES_PROGS, "cgroup_inet_ingress", NAMES_ATTACHS },
		{ NAMES_CMDS, "prog_load", -ENOENT }, /* known here alone */
		{ NAMES_CMDS, "nonsense", -ENOENT },
		{ NAMES_CMDS, "", -ENOENT },
		{ NAMES_PROGS, "BPF_MAP_TYPE_XDP", -ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		size_t len = strlen(cases[i].word);
		char *copy = exact_bytes(cases[i].word, len);
		int list = names_other_list(cases[i].list, copy, len);

		free(copy);
		if (list != cases[i].want)
			fail_msg("other list of %s \"%s\": %d, want %d", names_key(cases[i].list),
				 cases[i].word, list, cases[i].want);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),	   cmocka_unit_test(test_no_list),
		cmocka_unit_test(test_spellings),  cmocka_unit_test(test_unknown_words),
		cmocka_unit_test(test_table_form), cmocka_unit_test(test_known),
		cmocka_unit_test(test_of_bit),	   cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_first_name), cmocka_unit_test(test_no_ambiguity),
		cmocka_unit_test(test_other_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
