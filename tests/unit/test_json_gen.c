/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/json_gen: JSON that is written, whatever bytes it is made of. */

#include "tests/unit/support.h"

#include "spec/base/defer.h"
#include "spec/json_gen.h"

static void expect_gen(const char *label, struct json_gen *gen, const char *want)
{
	size_t len;
	const char *text = json_gen_text(gen, &len);
	char *copy = exact_bytes(text, len + 1);

	copy[len] = '\0';
	expect_text(label, copy, want);
	free(copy);
}

static void test_every_kind_of_value(void **state)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_LINE);

	(void)state;
	json_gen_object(gen);
	json_gen_name(gen, "least");
	json_gen_number(gen, INT64_MIN);
	json_gen_name(gen, "most");
	json_gen_unsigned(gen, UINT64_MAX);
	json_gen_name(gen, "list");
	json_gen_array(gen);
	json_gen_bool(gen, true);
	json_gen_bool(gen, false);
	json_gen_string(gen, NULL);
	json_gen_string(gen, "");
	json_gen_array_end(gen);
	json_gen_object_end(gen);
	expect_gen("all kinds", gen,
		   "{\"least\":-9223372036854775808,\"most\":18446744073709551615,"
		   "\"list\":[true,false,null,\"\"]}");
}

static void test_indentation(void **state)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	(void)state;
	json_gen_object(gen);
	json_gen_name(gen, "a");
	json_gen_number(gen, 1);
	json_gen_object_end(gen);
	expect_gen("indented", gen, "{\n  \"a\": 1\n}\n");
}

static void test_strings_of_any_bytes(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *want;
	} cases[] = {
		{ "a\"\\/\n\x01", 6, "\"a\\\"\\\\/\\n\\u0001\"" },
		{ "\0", 1, "\"\\u0000\"" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x9d", 9,
		  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x9d\"" },
		{ "\xff", 1, "\"\xc3\xbf\"" },			       /* no UTF-8 at all */
		{ "\xc0\xaf", 2, "\"\xc3\x80\xc2\xaf\"" },	       /* overlong */
		{ "\xed\xa0\x80", 3, "\"\xc3\xad\xc2\xa0\xc2\x80\"" }, /* half a pair */
		{ "\xe2\x82", 2, "\"\xc3\xa2\xc2\x82\"" },	       /* cut short */
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_LINE);
		char *bytes = exact_bytes(cases[i].bytes, cases[i].len);

		json_gen_bytes(gen, bytes, cases[i].len);
		expect_gen(cases[i].want, gen, cases[i].want);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_value),
		cmocka_unit_test(test_indentation),
		cmocka_unit_test(test_strings_of_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
