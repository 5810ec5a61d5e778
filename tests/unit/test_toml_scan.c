/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/toml_scan: keys in the TOML of engines. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/check/toml_scan.h"

/* All lists of a key as "section: item item;". */
static void expect_lists(const char *toml, const char *want)
{
	char *bytes = exact_bytes(toml, strlen(toml) + 1);
	struct toml_scan scan = toml_scan(bytes);
	struct toml_list list;
	char got[4096];
	struct text text;

	text_init(&text, got, sizeof(got));
	while (toml_next(&scan, "key", &list)) {
		text_add(&text, "%s:", list.section);
		for (size_t i = 0; i < list.n; i++)
			text_add(&text, " %s", list.items[i]);
		text_add(&text, ";");
	}
	expect_text(toml, got, want);
	free(bytes);
}

static void test_lists(void **state)
{
	static const struct {
		const char *toml, *want;
	} cases[] = {
		{ "", "" },
		{ "key = [\"a\", \"b\"]", ": a b;" },
		{ "key=['a','b']\n", ": a b;" },
		{ "key = \"a\"\n", ": a;" },
		{ "\"key\" = ['a']\n", ": a;" },
		{ "key = []\n", ":;" },
		{ "[a.b]\n  key = ['x']\n[c]\nkey = ['y']\n", "a.b: x;c: y;" },
		{ "[plugins.'io.containerd.cri.v1.runtime'.x] # why\nkey = ['a']",
		  "plugins.'io.containerd.cri.v1.runtime'.x: a;" },
		{ "[[a]]\nkey = 'x'\n", "a: x;" },
		{ "key = [\n  \"a\", # first\n  # none\n  'b',\n]\n[c]\nkey = 'd'\n",
		  ": a b;c: d;" },
		{ "key = [ \"#\", \"]\" ]\n", ": # ];" },
		{ "key = \"a\\\\b\\\"c\"", ": a\\b\"c;" },
		{ "# key = ['a']\n", "" },
		{ "keys = ['a']\n", "" },
		{ "my_key = ['a']\n", "" },
		{ "other = \"key = 'a'\"\n", "" },
		{ "key = 7\n", ":;" },
		{ "key = true\n", ":;" },
		{ "key = [\"a\n", ":;" },
		{ "key = [\"a", ":;" },
		{ "key", "" },
		{ "key =", ":;" },
		{ "[", "" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		expect_lists(cases[i].toml, cases[i].want);
}

static void test_bounds(void **state)
{
	char toml[8192] = "key = [";
	struct toml_scan scan;
	struct toml_list list;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		memcpy(toml + strlen(toml), "'aaaa',", 8);
	memcpy(toml + strlen(toml), "]\n", 3);
	scan = toml_scan(toml);
	assert_true(toml_next(&scan, "key", &list));
	assert_int_equal(list.n, TOML_ITEMS_MAX);
	memset(toml, 'x', sizeof(toml));
	memcpy(toml, "key = '", 7);
	toml[6000] = '\'';
	toml[6001] = '\0';
	scan = toml_scan(toml);
	assert_true(toml_next(&scan, "key", &list));
	assert_int_equal(strlen(list.items[0]), sizeof(list.items[0]) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
