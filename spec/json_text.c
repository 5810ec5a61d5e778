/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/json_text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "spec/base/poison.h"

enum { ESCAPE_NONE, ESCAPE_BACKSLASH, ESCAPE_DIGITS, ESCAPE_PAIR_BACKSLASH, ESCAPE_PAIR_U };

static const char not_utf8[] = "a byte that is not UTF-8";
static const char lone_half[] = "half of a \\u surrogate pair";
static const char nul[] = "a NUL";
static const char control[] = "a control byte";

/* RFC 3629 section 4: which first bytes there are, and what may follow each. */
static const char *lead_byte(struct json_text *text, uint8_t byte)
{
	if (byte < 0xc2 || byte > 0xf4)
		return not_utf8; /* a continuation, an overlong form, or beyond U+10FFFF */
	text->follow = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
	text->follow_lo = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
	text->follow_hi = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
	return NULL;
}

static const char *follow_byte(struct json_text *text, uint8_t byte)
{
	if (byte < text->follow_lo || byte > text->follow_hi)
		return not_utf8;
	text->follow--;
	text->follow_lo = 0x80;
	text->follow_hi = 0xbf;
	return NULL;
}

/* The four digits of \uXXXX are complete. */
static const char *unit_done(struct json_text *text)
{
	bool high = text->unit >= 0xd800 && text->unit <= 0xdbff;
	bool low = text->unit >= 0xdc00 && text->unit <= 0xdfff;

	if (text->unit == 0)
		return nul;
	if (low != (text->high != 0))
		return lone_half;
	text->high = high ? text->unit : 0;
	text->escape = high ? ESCAPE_PAIR_BACKSLASH : ESCAPE_NONE;
	return NULL;
}

static const char *digit_byte(struct json_text *text, uint8_t byte)
{
	uint8_t letter = byte | 0x20;
	uint8_t digit;

	if (byte >= '0' && byte <= '9')
		digit = (uint8_t)(byte - '0');
	else if (letter >= 'a' && letter <= 'f')
		digit = (uint8_t)(letter - 'a' + 10);
	else
		return "a \\u escape without four hexadecimal digits";
	text->unit = (uint16_t)(text->unit << 4 | digit);
	return ++text->digits == 4 ? unit_done(text) : NULL;
}

static const char *escape_byte(struct json_text *text, uint8_t byte)
{
	switch (text->escape) {
	case ESCAPE_DIGITS:
		return digit_byte(text, byte);
	case ESCAPE_PAIR_BACKSLASH:
		text->escape = ESCAPE_PAIR_U;
		return byte == '\\' ? NULL : lone_half;
	case ESCAPE_PAIR_U:
		if (byte != 'u')
			return lone_half;
		break;
	default:
		if (byte != 'u') { /* the parser judges the other escapes */
			text->escape = ESCAPE_NONE;
			return NULL;
		}
	}
	text->escape = ESCAPE_DIGITS;
	text->digits = 0;
	text->unit = 0;
	return NULL;
}

static const char *next_byte(struct json_text *text, uint8_t byte)
{
	if (byte == 0)
		return nul;
	if (byte == '\v' || byte == '\f') /* blanks to yajl, and to no RFC */
		return control;
	if (text->follow != 0)
		return follow_byte(text, byte);
	if (text->escape != ESCAPE_NONE)
		return escape_byte(text, byte);
	if (byte == '\\')
		text->escape = ESCAPE_BACKSLASH;
	return byte < 0x80 ? NULL : lead_byte(text, byte);
}

/*
 * How many bytes from the front are plain, none of them one that next_byte looks at, as far as that
 * can be told 32 at a time: nearly all of a container's config.json.
 */
static size_t plain_bytes(const char *bytes, size_t len)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	size_t i = 0;

	for (; len - i >= 32; i += 32) {
		uint64_t word[4], bad = 0;

		memcpy(word, bytes + i, sizeof(word));
		for (int k = 0; k < 4; k++) {
			uint64_t slash = word[k] ^ (ones * '\\');
			uint64_t tab = word[k] ^ (ones * '\v'), feed = word[k] ^ (ones * '\f');

			bad |= word[k] | (word[k] - ones) | (slash - ones) | (tab - ones) |
			       (feed - ones);
		}
		if ((bad & tops) != 0)
			break;
	}
	return i;
}

int json_text_check(struct json_text *text, const char *bytes, size_t len, size_t *ret_offset,
		    const char **ret_why)
{
	for (size_t i = 0; i < len;) {
		size_t end;

		if (text->follow == 0 && text->escape == ESCAPE_NONE)
			i += plain_bytes(bytes + i, len - i);
		/* what is not plain is looked at byte by byte, as far as it was looked at together */
		end = len - i > 32 ? i + 32 : len;
		for (; i < end; i++) {
			const char *why = next_byte(text, (uint8_t)bytes[i]);

			if (why != NULL) {
				*ret_offset = i;
				*ret_why = why;
				return -EINVAL;
			}
		}
	}
	return 0;
}
