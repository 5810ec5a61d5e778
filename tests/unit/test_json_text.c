/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/json_text: RFC 3629, \u pairs and NUL, in pieces of every size. */

#include "tests/unit/support.h"

#include "spec/json_text.h"

/* Where a text is refused, and why; len and NULL when it is not. */
struct answer {
	size_t offset;
	const char *why;
};

static struct answer check_pieces(const char *bytes, size_t len, size_t first, size_t piece)
{
	struct json_text text = { 0 };
	size_t done = 0;

	while (done < len) {
		size_t n = done == 0 && first != 0 ? first : piece;
		struct answer answer;
		char *copy;
		int r;

		n = n < len - done ? n : len - done;
		copy = exact_bytes(bytes + done, n);
		r = json_text_check(&text, copy, n, &answer.offset, &answer.why);
		free(copy);
		if (r != 0) {
			assert_int_equal(r, -EINVAL);
			assert_true(answer.offset < n);
			answer.offset += done;
			return answer;
		}
		done += n;
	}
	return (struct answer){ len, NULL };
}

static void expect_answer(const char *bytes, size_t len, struct answer got, struct answer want)
{
	if (got.offset == want.offset && (got.why == NULL) == (want.why == NULL) &&
	    (got.why == NULL || strcmp(got.why, want.why) == 0))
		return;
	for (size_t i = 0; i < len; i++)
		print_error("%02x ", (unsigned)(unsigned char)bytes[i]);
	fail_msg("got %zu %s, want %zu %s", got.offset, got.why ? got.why : "good", want.offset,
		 want.why ? want.why : "good");
}

/* Whole, cut in two at each place, and in pieces of each size: always the same answer. */
static void expect_everywhere(const char *bytes, size_t len, struct answer want)
{
	expect_answer(bytes, len, check_pieces(bytes, len, 0, len + 1), want);
	for (size_t i = 1; i < len; i++) {
		expect_answer(bytes, len, check_pieces(bytes, len, i, len), want);
		expect_answer(bytes, len, check_pieces(bytes, len, 0, i), want);
	}
}

#define NOT_UTF8  "a byte that is not UTF-8"
#define HALF	  "half of a \\u surrogate pair"
#define NUL	  "a NUL"
#define CONTROL	  "a control byte"
#define NO_DIGITS "a \\u escape without four hexadecimal digits"

static const struct {
	const char *bytes;
	size_t len;
	struct answer want;
} texts[] = {
	/* the first and last of each form of RFC 3629 section 4 */
	{ "", 0, { 0, NULL } },
	{ "\x01\x7f", 2, { 2, NULL } },
	{ "\xc2\x80\xdf\xbf", 4, { 4, NULL } },
	{ "\xe0\xa0\x80\xe0\xbf\xbf", 6, { 6, NULL } },
	{ "\xe1\x80\x80\xec\xbf\xbf", 6, { 6, NULL } },
	{ "\xed\x80\x80\xed\x9f\xbf", 6, { 6, NULL } },
	{ "\xee\x80\x80\xef\xbf\xbf", 6, { 6, NULL } },
	{ "\xf0\x90\x80\x80\xf0\xbf\xbf\xbf", 8, { 8, NULL } },
	{ "\xf1\x80\x80\x80\xf3\xbf\xbf\xbf", 8, { 8, NULL } },
	{ "\xf4\x80\x80\x80\xf4\x8f\xbf\xbf", 8, { 8, NULL } },
	/* a continuation byte without a first byte */
	{ "\x80", 1, { 0, NOT_UTF8 } },
	{ "ab\xbf", 3, { 2, NOT_UTF8 } },
	{ "\xc2\x80\x80", 3, { 2, NOT_UTF8 } },
	/* overlong */
	{ "\xc0\x80", 2, { 0, NOT_UTF8 } },
	{ "\xc1\xbf", 2, { 0, NOT_UTF8 } },
	{ "\xe0\x80\x80", 3, { 1, NOT_UTF8 } },
	{ "\xe0\x9f\xbf", 3, { 1, NOT_UTF8 } },
	{ "\xf0\x80\x80\x80", 4, { 1, NOT_UTF8 } },
	{ "\xf0\x8f\xbf\xbf", 4, { 1, NOT_UTF8 } },
	/* surrogates */
	{ "\xed\xa0\x80", 3, { 1, NOT_UTF8 } },
	{ "\xed\xbf\xbf", 3, { 1, NOT_UTF8 } },
	{ "\xed\xa0\xbd\xed\xb8\x80", 6, { 1, NOT_UTF8 } },
	/* beyond U+10FFFF, and bytes that stand nowhere */
	{ "\xf4\x90\x80\x80", 4, { 1, NOT_UTF8 } },
	{ "\xf5\x80\x80\x80", 4, { 0, NOT_UTF8 } },
	{ "\xf8\x88\x80\x80\x80", 5, { 0, NOT_UTF8 } },
	{ "\xfe", 1, { 0, NOT_UTF8 } },
	{ "a\xff", 2, { 1, NOT_UTF8 } },
	/* cut short by another character */
	{ "\xc2"
	  "a",
	  2,
	  { 1, NOT_UTF8 } },
	{ "\xe2\x82\"", 3, { 2, NOT_UTF8 } },
	{ "\xe2\xe2\x82\xac", 4, { 1, NOT_UTF8 } },
	{ "\xf0\x9f\x98\\", 4, { 3, NOT_UTF8 } },
	{ "\xc3\0", 2, { 1, NUL } },
	/* what the end of the text cuts is the parser's to see: no string is closed there */
	{ "\xf0\x9f\x98", 3, { 3, NULL } },
	{ "\\ud83d", 6, { 6, NULL } },
	{ "\\", 1, { 1, NULL } },
	/* NUL, raw and escaped */
	{ "\0", 1, { 0, NUL } },
	{ "12345678\0", 9, { 8, NUL } },
	{ "\\u0000", 6, { 5, NUL } },
	{ "x\\u0000x", 8, { 6, NUL } },
	{ "\\\0", 2, { 1, NUL } },
	{ "\\u00\0", 5, { 4, NUL } },
	{ "\\\\u0000", 7, { 7, NULL } }, /* a backslash and the word u0000 */
	{ "\\\\\\u0000", 8, { 7, NUL } },
	/* blanks to yajl, and to no RFC */
	{ "{\v}", 3, { 1, CONTROL } },
	{ "\t\n\r\f", 4, { 3, CONTROL } },
	{ "0123456789abcdef0123456789abcde\v", 32, { 31, CONTROL } },
	/* \u pairs */
	{ "\\u0001\\u00e9\\uffff", 18, { 18, NULL } },
	{ "\\uABCD\\uabcd", 12, { 12, NULL } },
	{ "\\ud800\\udc00", 12, { 12, NULL } },
	{ "\\uDBFF\\uDFFF", 12, { 12, NULL } },
	{ "\\ud7ff\\ue000", 12, { 12, NULL } },
	{ "\\ud83d\\ude00\\ud83d\\ude00", 24, { 24, NULL } },
	{ "\\ud800", 6, { 6, NULL } },
	{ "\\ud800x", 7, { 6, HALF } },
	{ "\\ud800\"", 7, { 6, HALF } },
	{ "\\ud800\\n", 8, { 7, HALF } },
	{ "\\ud800\\\\", 8, { 7, HALF } },
	{ "\\ud800\\u0041", 12, { 11, HALF } },
	{ "\\ud800\\ud800", 12, { 11, HALF } },
	{ "\\ud800\\u0000", 12, { 11, NUL } },
	{ "\\ud800\xed\xb0\x80", 9, { 6, HALF } },
	{ "\\udc00", 6, { 5, HALF } },
	{ "\\udfff\\ud800", 12, { 5, HALF } },
	{ "\\ud83d\\ude00\\ude00", 18, { 17, HALF } },
	/* digits */
	{ "\\u12g4", 6, { 4, NO_DIGITS } },
	{ "\\u\"", 3, { 2, NO_DIGITS } },
	{ "\\u123\\", 6, { 5, NO_DIGITS } },
	{ "\\u-123", 6, { 2, NO_DIGITS } },
	{ "\\u004\xc3\xa9", 7, { 5, NO_DIGITS } },
	{ "\\u@@@@", 6, { 2, NO_DIGITS } },
	{ "\\u`000", 6, { 2, NO_DIGITS } },
	{ "\\u00:0", 6, { 4, NO_DIGITS } },
	/* other escapes are the parser's */
	{ "\\n\\t\\/\\\\\\\"\\x\\U0000", 18, { 18, NULL } },
};

static void test_texts_in_all_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		expect_everywhere(texts[i].bytes, texts[i].len, texts[i].want);
}

/* ---- every sequence of up to three bytes, against a decoder of another make ---- */

/* The code point of a sequence by arithmetic, or -1: shortest form, no surrogate, in range. */
static long decode(const unsigned char *bytes, size_t len)
{
	static const long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	long point = len == 1 ? bytes[0] : bytes[0] & (0xff >> (len + 1));

	for (size_t i = 1; i < len; i++) {
		if (bytes[i] >> 6 != 2)
			return -1;
		point = point * 64 + bytes[i] % 64;
	}
	if (point < least[len] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return -1;
	return point;
}

static bool is_utf8(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = bytes[i] < 0x80 ? 1 : bytes[i] < 0xe0 ? 2 : bytes[i] < 0xf0 ? 3 : 4;

		if ((bytes[i] & 0xc0) == 0x80 || bytes[i] >= 0xf8 || n > len - i ||
		    decode(bytes + i, n) < 0)
			return false;
		i += n;
	}
	return true;
}

/* A sequence between letters, so that one cut short is an error and not the text's end. */
static void expect_as_decoded(const unsigned char *bytes, size_t len)
{
	char sequence[8] = { 0 };
	struct json_text text = { 0 };
	size_t offset;
	const char *why;
	int r;

	memcpy(sequence, bytes, len);
	sequence[len] = 'x';
	r = json_text_check(&text, sequence, len + 1, &offset, &why);
	if ((r == 0) != is_utf8(bytes, len))
		fail_msg("%02x %02x %02x %02x: %d", bytes[0], bytes[1], bytes[2], bytes[3], r);
}

static void test_all_short_sequences(void **state)
{
	(void)state;
	for (unsigned a = 0x80; a < 0x100; a++) {
		for (unsigned b = 1; b < 0x100; b++) {
			if (b == '\\')
				continue;
			expect_as_decoded((const unsigned char[4]){ (uint8_t)a, (uint8_t)b }, 2);
			for (unsigned c = 0x7e; a >= 0xe0 && c < 0xc4; c++)
				expect_as_decoded((const unsigned char[4]){ (uint8_t)a, (uint8_t)b,
									    (uint8_t)c },
						  3);
		}
	}
}

static void test_sequences_of_four(void **state)
{
	static const uint8_t edges[] = { 0x01, 0x7f, 0x80, 0xbf, 0xc0, 0xff };

	(void)state;
	for (unsigned a = 0xf0; a < 0x100; a++)
		for (unsigned b = 0x7f; b < 0xc1; b++)
			for (size_t c = 0; c < LENGTH(edges); c++)
				for (size_t d = 0; d < LENGTH(edges); d++)
					expect_as_decoded((const unsigned char[4]){ (uint8_t)a,
										    (uint8_t)b,
										    edges[c],
										    edges[d] },
							  4);
}

/* ---- many bytes at a time ---- */

enum { PLAIN = 150 };

/* Each special byte at each place of a plain text that begins at each alignment. */
static void test_the_fast_path_at_each_alignment(void **state)
{
	static const struct {
		const char *bytes;
		size_t len, offset;
		const char *why;
	} specials[] = {
		{ "\0", 1, 0, NUL },
		{ "\x80", 1, 0, NOT_UTF8 },
		{ "\xff", 1, 0, NOT_UTF8 },
		{ "\xc3\xa9", 2, 0, NULL },
		{ "\xe0\x80", 2, 1, NOT_UTF8 },
		{ "\\u0000", 6, 5, NUL },
		{ "\\n", 2, 0, NULL },
		{ "\\udc00", 6, 5, HALF },
		{ "\x01", 1, 0, NULL },
		{ "\x7f", 1, 0, NULL },
		{ "\xf0\x9f\x98\x80", 4, 0, NULL },
	};
	_Alignas(16) char buf[2 * PLAIN];

	(void)state;
	for (size_t align = 0; align < 16; align++) {
		for (size_t i = 0; i < LENGTH(specials); i++) {
			for (size_t at = 0; at + specials[i].len <= PLAIN; at++) {
				struct json_text text = { 0 };
				struct answer got = { PLAIN, NULL }, want = got;

				memset(buf, 'p', sizeof(buf));
				memcpy(buf + align + at, specials[i].bytes, specials[i].len);
				if (specials[i].why != NULL)
					want = (struct answer){ at + specials[i].offset,
								specials[i].why };
				json_text_check(&text, buf + align, PLAIN, &got.offset, &got.why);
				expect_answer(buf + align, PLAIN, got, want);
			}
		}
	}
}

/* The plain ones, in each lane, next to each neighbour that a carry could reach. */
static void test_each_plain_byte_in_each_lane(void **state)
{
	(void)state;
	for (unsigned byte = 1; byte < 0x80; byte++) {
		bool plain = byte != '\\' && byte != '\v' && byte != '\f';

		for (size_t lane = 0; plain && lane < 64; lane++) {
			for (unsigned fill = 1; fill < 0x80; fill += 21) {
				struct json_text text = { 0 };
				char words[64];
				size_t offset;
				const char *why;

				memset(words, (int)fill, sizeof(words));
				words[lane] = (char)byte;
				assert_int_equal(json_text_check(&text, words, sizeof(words),
								 &offset, &why),
						 0);
				assert_int_equal(text.escape, 0);
			}
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_in_all_pieces),
		cmocka_unit_test(test_all_short_sequences),
		cmocka_unit_test(test_sequences_of_four),
		cmocka_unit_test(test_the_fast_path_at_each_alignment),
		cmocka_unit_test(test_each_plain_byte_in_each_lane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
