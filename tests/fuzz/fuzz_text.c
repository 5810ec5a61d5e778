/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge of a JSON text's bytes, which stands before the parser.
 *
 * Promises: it answers alike whole and in pieces; it refuses at the very byte, and for the very
 * reason, that a second opinion names, which decodes whole characters and whole escapes.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "spec/json_text.h"

enum { REASON_NONE, REASON_NUL, REASON_UTF8, REASON_HALF, REASON_DIGITS };

struct answer {
	size_t offset;
	int reason;
};

static int reason_of(const char *why)
{
	if (strcmp(why, "a NUL") == 0)
		return REASON_NUL;
	if (strcmp(why, "a byte that is not UTF-8") == 0)
		return REASON_UTF8;
	return strcmp(why, "half of a \\u surrogate pair") == 0 ? REASON_HALF : REASON_DIGITS;
}

static struct answer judge(const char *bytes, size_t size, size_t piece)
{
	struct json_text text = { 0 };

	for (size_t done = 0; done < size;) {
		size_t len = size - done < piece ? size - done : piece;
		const char *why = NULL;
		size_t offset = 0;

		if (json_text_check(&text, bytes + done, len, &offset, &why) < 0)
			return (struct answer){ done + offset, reason_of(why) };
		done += len;
	}
	return (struct answer){ size, REASON_NONE };
}

/* ---- the second opinion ---- */

static bool continues(const uint8_t *data, size_t size, size_t i, unsigned lo, unsigned hi)
{
	return i < size && data[i] >= lo && data[i] <= hi;
}

/*
 * The bytes of the character at i that can begin or go on with a character of RFC 3629, and, in
 * *ret_len, how many it has. What the text's end cuts short counts as good.
 */
static size_t good_bytes(const uint8_t *data, size_t size, size_t i, size_t *ret_len)
{
	unsigned lead = data[i], lo = 0x80, hi = 0xbf;
	size_t good = 1;

	*ret_len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4)
		return 0;
	if (lead == 0xe0)
		lo = 0xa0; /* below it would fit in two bytes */
	if (lead == 0xed)
		hi = 0x9f; /* above it are the surrogates */
	if (lead == 0xf0)
		lo = 0x90; /* below it would fit in three bytes */
	if (lead == 0xf4)
		hi = 0x8f; /* above it is beyond U+10FFFF */
	for (; good < *ret_len; good++, lo = 0x80, hi = 0xbf)
		if (!continues(data, size, i + good, lo, hi))
			break;
	return i + good >= size ? *ret_len : good;
}

/* The value of \uXXXX's digits at i, or -1 with *ret_bad at the first that is none. */
static long unit_at(const uint8_t *data, size_t size, size_t i, size_t *ret_bad)
{
	static const char digits[] = "0123456789abcdef";
	long unit = 0;

	for (size_t k = 0; k < 4; k++) {
		uint8_t byte = i + k < size ? data[i + k] : 0;
		const char *digit;

		*ret_bad = i + k;
		if (byte >= 'A' && byte <= 'F')
			byte = (uint8_t)(byte + 'a' - 'A');
		digit = byte != 0 ? strchr(digits, byte) : NULL;
		if (digit == NULL)
			return -1;
		unit = unit * 16 + (digit - digits);
	}
	return unit;
}

/* A byte that is not what it had to be: a NUL is told as such, and no byte at all is no defect. */
static struct answer not_this(const uint8_t *data, size_t size, size_t i, int reason)
{
	if (i >= size)
		return (struct answer){ size, REASON_NONE };
	return (struct answer){ i, data[i] == 0 ? REASON_NUL : reason };
}

/* The escape whose backslash is at *i; moves *i behind it. */
static struct answer second_opinion_escape(const uint8_t *data, size_t size, size_t *i)
{
	const struct answer good = { size, REASON_NONE };
	size_t bad = 0, at = *i;
	long unit;

	if (at + 1 >= size || data[at + 1] == 0)
		return not_this(data, size, at + 1, REASON_NUL);
	*i = at + 2;
	if (data[at + 1] != 'u')
		return good;
	unit = unit_at(data, size, at + 2, &bad);
	if (unit < 0)
		return not_this(data, size, bad, REASON_DIGITS);
	if (unit == 0)
		return (struct answer){ bad, REASON_NUL };
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return (struct answer){ bad, REASON_HALF };
	*i = at + 6;
	if (unit < 0xd800 || unit > 0xdfff)
		return good;
	for (size_t k = 0; k < 2; k++)
		if (at + 6 + k >= size || data[at + 6 + k] != (uint8_t) "\\u"[k])
			return not_this(data, size, at + 6 + k, REASON_HALF);
	unit = unit_at(data, size, at + 8, &bad);
	if (unit < 0)
		return not_this(data, size, bad, REASON_DIGITS);
	if (unit == 0)
		return (struct answer){ bad, REASON_NUL };
	*i = at + 12;
	return unit >= 0xdc00 && unit <= 0xdfff ? good : (struct answer){ bad, REASON_HALF };
}

static struct answer second_opinion(const uint8_t *data, size_t size)
{
	struct answer answer = { size, REASON_NONE };
	size_t len, good, i = 0;

	while (i < size && answer.reason == REASON_NONE) {
		if (data[i] == 0)
			return (struct answer){ i, REASON_NUL };
		if (data[i] == '\\') {
			size_t at = i;

			answer = second_opinion_escape(data, size, &i);
			if (i == at)
				break; /* the end cut it short */
			continue;
		}
		good = good_bytes(data, size, i, &len);
		if (good < len)
			return not_this(data, size, i + good, REASON_UTF8);
		i += len;
	}
	return answer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct answer whole = judge(bytes, size, size), other = second_opinion(data, size);
	struct answer pieces = judge(bytes, size, piece_size(data, size));

	promise(whole.offset == pieces.offset && whole.reason == pieces.reason,
		"judged alike, whole and in pieces", "");
	promise(whole.reason == other.reason && whole.offset == other.offset,
		"a second opinion agrees", "");
	return 0;
}
