/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/base/text: bounded text, values made fit to print, paths and numbers. */

#include "tests/unit/support.h"

#include <limits.h>

#include "spec/base/text.h"

enum { LINE_MAX_BYTES = 256 };

/* ---- the buffer ---- */

static void test_text_that_fits_is_whole(void **state)
{
	char buf[11];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof(buf));
	expect_text("empty", buf, "");
	text_add(&text, "%s", "");
	text_add(&text, "%s%d", "abcd", 5678);
	text_add(&text, "90");
	expect_text("ten bytes in eleven", buf, "abcd567890");
	assert_int_equal(text.len, 10);
	assert_false(text.cut);
	text_add(&text, "%s", "");
	assert_false(text.cut);
}

/* For each room and each length, in one addition and byte by byte. */
static void check_cut(size_t cap, size_t len, bool bytewise)
{
	char value[32] = { 0 }, want[32] = { 0 };
	char *buf = malloc(cap);
	struct text text;

	assert_non_null(buf);
	memset(value, 'x', len);
	memset(want, 'x', len < cap ? len : cap - 1);
	if (len >= cap)
		memcpy(want + cap - 4, "...", 3);
	text_init(&text, buf, cap);
	if (bytewise)
		for (size_t i = 0; i < len; i++)
			text_add(&text, "x");
	else
		text_add(&text, "%s", value);
	expect_text("cut text", buf, want);
	assert_int_equal(text.cut, len >= cap);
	assert_int_equal(text.len, strlen(buf));
	text_add(&text, "%s", len >= cap ? "more" : "");
	expect_text("an addition to cut text", buf, want);
	free(buf);
}

static void test_text_that_does_not_fit_shows_it(void **state)
{
	(void)state;
	for (size_t cap = 4; cap < 20; cap++) {
		for (size_t len = 0; len < 30; len++) {
			check_cut(cap, len, false);
			check_cut(cap, len, true);
		}
	}
}

/* ---- values in messages ---- */

#define TEN	       "0123456789"
#define FORTY	       TEN TEN TEN TEN
#define HUNDRED_TWENTY FORTY FORTY FORTY

static const struct {
	const char *value;
	size_t len;
	const char *want;
} quotes[] = {
	{ "", 0, "\"\"" },
	{ "xdp", 3, "\"xdp\"" },
	{ "a b~", 4, "\"a b~\"" },
	{ "say \"no\"", 8, "\"say \\\"no\\\"\"" },
	{ "C:\\x", 4, "\"C:\\\\x\"" },
	{ "two\nlines", 9, "\"two\\nlines\"" },
	{ "\r\t\x1b[31m", 7, "\"\\x0d\\x09\\x1b[31m\"" },
	{ "\x7f\x80\xff", 3, "\"\\x7f\\x80\\xff\"" },
	{ "\xc3\xa9", 2, "\"\\xc3\\xa9\"" },
	{ "a\0b", 3, "\"a\\x00b\"" },
	{ HUNDRED_TWENTY, 120, "\"" HUNDRED_TWENTY "\"" },
	{ HUNDRED_TWENTY "1", 121, "\"" HUNDRED_TWENTY "\"..." },
	{ HUNDRED_TWENTY "\n", 121, "\"" HUNDRED_TWENTY "\"..." },
};

static void test_quote(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(quotes); i++) {
		char *value = exact_bytes(quotes[i].value, quotes[i].len);
		struct quoted got = quote_bytes(value, quotes[i].len);

		expect_text(quotes[i].want, got.text, quotes[i].want);
		if (strlen(quotes[i].value) == quotes[i].len)
			expect_text("quote", quote(quotes[i].value).text, quotes[i].want);
		free(value);
	}
}

/* No value makes a quoted one that is not closed, not printable or longer than its room. */
static void test_quote_of_any_bytes(void **state)
{
	uint64_t seed = 20;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		char value[200];
		size_t len = next_random(&seed) % sizeof(value);
		struct quoted got;

		for (size_t i = 0; i < len; i++)
			value[i] = (char)(next_random(&seed) >> 20);
		got = quote_bytes(value, len);
		expect_shown("quoted bytes", got.text);
		if (len > 120)
			expect_like("cut", got.text, "\"@@\"...");
		else
			expect_like("quoted", got.text, "\"@@\"@@");
	}
}

/* ---- JSON strings ---- */

static const struct {
	const char *value;
	size_t len;
	const char *want;
} strings[] = {
	{ "", 0, "\"\"" },
	{ "a b~", 4, "\"a b~\"" },
	{ "\"\\/", 3, "\"\\\"\\\\/\"" },
	{ "\n\t\x1f\x7f", 4, "\"\\u000a\\u0009\\u001f\\u007f\"" },
	{ "\xc2\x80\xc3\xa9\xdf\xbf", 6, "\"\\u0080\\u00e9\\u07ff\"" },
	{ "\xe0\xa0\x80\xe2\x82\xac", 6, "\"\\u0800\\u20ac\"" },
	{ "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 9, "\"\\ud7ff\\ue000\\uffff\"" },
	{ "\xf0\x90\x80\x80", 4, "\"\\ud800\\udc00\"" },
	{ "\xf0\x9f\x98\x80", 4, "\"\\ud83d\\ude00\"" },
	{ "\xf4\x8f\xbf\xbf", 4, "\"\\udbff\\udfff\"" },
	{ "\x80"
	  "a",
	  2, "\"\\u0080a\"" },
	{ "a\xe2\x82", 3, "\"a\\u00e2\\u0082\"" },
};

static void test_json_strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(strings); i++) {
		char *value = exact_bytes(strings[i].value, strings[i].len);
		char buf[LINE_MAX_BYTES];
		struct text text;

		text_init(&text, buf, sizeof(buf));
		text_add_json(&text, value, strings[i].len);
		expect_text(strings[i].want, buf, strings[i].want);
		free(value);
	}
}

/* Whatever a value is, what is written of it is one JSON string to the strict parser. */
static void expect_json_string(const char *value, size_t len)
{
	char buf[LINE_MAX_BYTES];
	struct text text;
	struct state parsed = { 0 };
	struct err err = { 0 };

	text_init(&text, buf, sizeof(buf));
	text_add(&text, "{\"bundle\":\"/b\",\"id\":\"i\",\"x\":");
	text_add_json(&text, value, len);
	text_add(&text, "}");
	assert_false(text.cut);
	expect_shown("a JSON string", buf);
	expect_success(buf, parse_state(buf, strlen(buf), 0, &parsed, &err), &err);
	state_done(&parsed);
}

static void test_json_strings_of_bytes_that_are_no_utf8(void **state)
{
	static const char *const values[] = {
		"\xff",
		"\xff\xbf\xbf\xbf",
		"\xf8\x88\x80\x80",
		"\xf7\xbf\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xc0\x80",
		"\xe0\x80\x80",
		"\xf0\x80\x80\x80",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xc3\"",
		"\xe2\"\"",
		"\xf0\\\\\\",
	};
	uint64_t seed = 31;

	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++)
		expect_json_string(values[i], strlen(values[i]));
	for (int round = 0; round < 20000; round++) {
		char value[8];

		for (size_t i = 0; i < sizeof(value); i++)
			value[i] = (char)(1 + next_random(&seed) % 255);
		expect_json_string(value, next_random(&seed) % sizeof(value));
	}
}

/* ---- bytes, words, paths ---- */

static void test_printable_is_ascii_without_controls(void **state)
{
	(void)state;
	for (int byte = CHAR_MIN; byte <= CHAR_MAX; byte++)
		assert_int_equal(text_is_printable((char)byte), byte >= ' ' && byte <= '~');
}

static void test_same_word(void **state)
{
	static const struct {
		const char *a, *b;
		size_t len;
		bool want;
	} cases[] = {
		{ "any", "any", 3, true },   { "any", "ANY", 3, true },
		{ "azAZ", "AZaz", 4, true }, { "Any", "aNy", 3, true },
		{ "any", "anx", 3, false },  { "anyx", "ANYy", 3, true },
		{ "a", "b", 0, true },	     { "[", "{", 1, false },
		{ "@", "`", 1, false },	     { "\xc3\xa9", "\xc3\x89", 2, false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (text_same_word(cases[i].a, cases[i].b, cases[i].len) != cases[i].want)
			fail_msg("%s, %s", cases[i].a, cases[i].b);
}

static const struct {
	const char *path, *dir;
	bool want;
} below[] = {
	{ "/sys/fs/bpf", "/sys/fs/bpf", true },
	{ "/sys/fs/bpf", "/sys/fs/bpf/", true },
	{ "/sys/fs/bpf", "/sys/fs", true },
	{ "/sys/fs/bpf", "/sys/fs//", true },
	{ "/sys/fs/bpf", "/sys", true },
	{ "/sys/fs/bpf", "/", true },
	{ "/sys/fs/bpf", "", true },
	{ "/sys/fs/bpf", "/sys/fs/bp", false },
	{ "/sys/fs/bpf", "/sys/fs/bpf2", false },
	{ "/sys/fs/bpf", "/sys/fs/bpf/x", false },
	{ "/sys/fs/bpf", "/proc", false },
	{ "/sysx", "/sys", false },
	{ "/proc", "/proc", true },
	{ "/procs", "/proc", false },
};

static void test_path_below(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(below); i++)
		if (text_path_below(below[i].path, below[i].dir) != below[i].want)
			fail_msg("%s below %s", below[i].path, below[i].dir);
}

/* ---- numbers ---- */

static const struct {
	const char *value;
	uint64_t max;
	int want;
	uint64_t number;
} numbers[] = {
	{ "0", UINT64_MAX, 0, 0 },
	{ "0", 0, 0, 0 },
	{ "1", 0, -ERANGE, 0 },
	{ "9", 9, 0, 9 },
	{ "10", 9, -ERANGE, 0 },
	{ "7", 42, 0, 7 },
	{ "42", 42, 0, 42 },
	{ "43", 42, -ERANGE, 0 },
	{ "50", 42, -ERANGE, 0 },
	{ "2147483647", INT_MAX, 0, INT_MAX },
	{ "2147483648", INT_MAX, -ERANGE, 0 },
	{ "4294967294", UINT32_MAX - 1, 0, UINT32_MAX - 1 },
	{ "4294967295", UINT32_MAX - 1, -ERANGE, 0 },
	{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
	{ "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
	{ "18446744073709551620", UINT64_MAX, -ERANGE, 0 },
	{ "99999999999999999999", UINT64_MAX, -ERANGE, 0 },
	{ "184467440737095516150", UINT64_MAX, -ERANGE, 0 },
	{ "", UINT64_MAX, -EINVAL, 0 },
	{ "00", UINT64_MAX, -EINVAL, 0 },
	{ "01", UINT64_MAX, -EINVAL, 0 },
	{ "+1", UINT64_MAX, -EINVAL, 0 },
	{ "-1", UINT64_MAX, -EINVAL, 0 },
	{ "-0", UINT64_MAX, -EINVAL, 0 },
	{ " 1", UINT64_MAX, -EINVAL, 0 },
	{ "1 ", UINT64_MAX, -EINVAL, 0 },
	{ "1\n", UINT64_MAX, -EINVAL, 0 },
	{ "0x10", UINT64_MAX, -EINVAL, 0 },
	{ "1e3", UINT64_MAX, -EINVAL, 0 },
	{ "1.0", UINT64_MAX, -EINVAL, 0 },
	{ "1:", UINT64_MAX, -EINVAL, 0 },
	{ "1/", UINT64_MAX, -EINVAL, 0 },
	{ "\xb2", UINT64_MAX, -EINVAL, 0 },
};

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(numbers); i++) {
		size_t len = strlen(numbers[i].value);
		char *value = exact_bytes(numbers[i].value, len);
		uint64_t number = 7777, want = numbers[i].want == 0 ? numbers[i].number : 7777;
		int r = text_parse_u64(value, len, numbers[i].max, &number);

		if (r != numbers[i].want || number != want)
			fail_msg("\"%s\": %d, %llu", numbers[i].value, r,
				 (unsigned long long)number);
		free(value);
	}
}

static void test_a_number_may_hold_a_nul_nowhere(void **state)
{
	uint64_t number;

	(void)state;
	assert_int_equal(text_parse_u64("1\0", 2, UINT64_MAX, &number), -EINVAL);
	assert_int_equal(text_parse_u64("\0", 1, UINT64_MAX, &number), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_that_fits_is_whole),
		cmocka_unit_test(test_text_that_does_not_fit_shows_it),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_quote_of_any_bytes),
		cmocka_unit_test(test_json_strings),
		cmocka_unit_test(test_json_strings_of_bytes_that_are_no_utf8),
		cmocka_unit_test(test_printable_is_ascii_without_controls),
		cmocka_unit_test(test_same_word),
		cmocka_unit_test(test_path_below),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_a_number_may_hold_a_nul_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
