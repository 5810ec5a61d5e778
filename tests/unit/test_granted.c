/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/granted: mount options of a bpffs and fdinfo of a token. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/host/granted.h"

static void expect_words(const char *label, const struct granted *granted, const char *want)
{
	char words[2048];
	struct text text;

	text_init(&text, words, sizeof(words));
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		char one[1024];
		struct text part;

		text_init(&part, one, sizeof(one));
		granted_add_words(granted, list, ",", &part);
		text_add(&text, "%s%s", list > 0 ? " | " : "", one);
	}
	expect_text(label, words, want);
}

static void test_options(void **state)
{
	static const struct {
		const char *options;
		unsigned uid, gid, mode;
		const char *words;
	} cases[] = {
		{ "rw,uid=100000,gid=200000,mode=700,delegate_cmds=map_create:prog_load,"
		  "delegate_maps=array,delegate_progs=xdp,delegate_attachs=any",
		  100000, 200000, 0700, "map_create,prog_load | array | xdp | any" },
		{ "rw,delegate_cmds=any", 0, 0, 0777, "any |  |  | " },
		/* a kernel without type information, and one that is newer than this build */
		{ "rw,delegate_cmds=0x21", 0, 0, 0777, "map_create,prog_load |  |  | " },
		{ "rw,delegate_cmds=map_create:0x8000000000000000", 0, 0, 0777,
		  "map_create,0x8000000000000000 |  |  | " },
		{ "delegate_progs=xdp:quantum:flux", 0, 0, 0777, " |  | xdp,quantum,flux | " },
		{ "delegate_progs=quantum", 0, 0, 0777, " |  | quantum | " },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char *options = exact_bytes(cases[i].options, strlen(cases[i].options) + 1);
		struct granted granted;

		assert_true(granted_parse(options, &granted));
		assert_int_equal(granted.uid, cases[i].uid);
		assert_int_equal(granted.gid, cases[i].gid);
		assert_int_equal(granted.mode, cases[i].mode);
		expect_words(cases[i].options, &granted, cases[i].words);
		free(options);
	}
}

static void test_nothing_delegated(void **state)
{
	static const char *const cases[] = {
		"",
		"rw",
		"rw,mode=700,uid=1",
		"delegate_cmds",
		"delegate_cmds=",
		"delegate_=any",
		"delegate_cmdsx=any",
		"xdelegate_cmds=any",
		"delegate_cmd=any",
		",,,",
		"=any",
	};
	struct granted granted;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		print_message("%s\n", cases[i]);
		assert_false(granted_parse(cases[i], &granted));
	}
}

/* More words than there is room for: cut, not written beyond. */
static void test_many_unknown_words(void **state)
{
	char options[4096] = "delegate_maps=";
	struct granted granted;

	(void)state;
	for (size_t len = strlen(options); len + 8 < sizeof(options); len += 7)
		memcpy(options + len, "qqqqqq:", 8);
	assert_true(granted_parse(options, &granted));
	assert_true(strlen(granted.unknown[NAMES_MAPS]) < sizeof(granted.unknown[NAMES_MAPS]));
}

static void test_fdinfo(void **state)
{
	static const char fdinfo[] = "pos:\t0\nflags:\t02000002\nmnt_id:\t16\nino:\t1\n"
				     "allowed_cmds:\t0x40021\nallowed_maps:\tany\n"
				     "allowed_progs:\t0x42\nallowed_attachs:\t0x0\n";
	struct granted granted, other;

	(void)state;
	assert_true(granted_parse_token(fdinfo, &granted));
	expect_words("fdinfo", &granted,
		     "map_create,prog_load,btf_load | any | socket_filter,xdp | ");
	assert_true(granted_parse("delegate_cmds=map_create:prog_load:btf_load,delegate_maps=any,"
				  "delegate_progs=socket_filter:xdp",
				  &other));
	assert_true(granted_same_lists(&granted, &other));
	other.delegation.masks[NAMES_ATTACHS] = 1;
	assert_false(granted_same_lists(&granted, &other));
}

/* A file that a tenant has named like a token has no such lines. */
static void test_no_token(void **state)
{
	struct granted granted;

	(void)state;
	assert_false(granted_parse_token("pos:\t0\nflags:\t02\n", &granted));
	assert_false(granted_parse_token("pos:\t0\nallowed_cmds:\t0x1\nallowed_maps:\t0x1\n"
					 "allowed_progs:\t0x1\n",
					 &granted));
	assert_false(granted_parse_token("", &granted));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_nothing_delegated),
		cmocka_unit_test(test_many_unknown_words),
		cmocka_unit_test(test_fdinfo),
		cmocka_unit_test(test_no_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
