/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "spec/base/poison.h"

#define QUOTED_VALUE_MAX 120

void text_init(struct text *text, char *buf, size_t cap)
{
	*text = (struct text){ .buf = buf, .cap = cap };
	buf[0] = '\0';
}

void text_vadd(struct text *text, const char *fmt, va_list args)
{
	size_t room = text->cap - text->len;
	int n;

	if (text->cut)
		return;
	n = vsnprintf(text->buf + text->len, room, fmt, args);
	if (n >= 0 && (size_t)n < room) {
		text->len += (size_t)n;
		return;
	}
	text->len = text->cap - 1;
	memcpy(text->buf + text->cap - 4, "...", 4);
	text->cut = true;
}

void text_add(struct text *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_vadd(text, fmt, args);
	va_end(args);
}

bool text_is_printable(char byte)
{
	return byte >= 0x20 && byte < 0x7f;
}

size_t text_utf8_decode(const char *value, size_t len, uint32_t *ret_point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)value[0];
	size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	uint32_t point = lead & (0x7fu >> n);

	*ret_point = lead;
	if (n == 1 || n > len || lead > 0xf4)
		return 1;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)value[i] & 0xc0) != 0x80)
			return 1;
		point = point << 6 | ((unsigned char)value[i] & 0x3fu);
	}
	if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 1;
	*ret_point = point;
	return n;
}

/* How many bytes from value on stand in a JSON string as they are. */
static size_t plain_length(const char *value, size_t len)
{
	size_t n = 0;

	while (n < len && text_is_printable(value[n]) && value[n] != '"' && value[n] != '\\')
		n++;
	return n;
}

void text_add_json(struct text *text, const char *value, size_t len)
{
	uint32_t point;
	size_t n;

	text_add(text, "\"");
	for (size_t i = 0; i < len; i += n) {
		n = plain_length(value + i, len - i);
		if (n != 0) {
			text_add(text, "%.*s", (int)n, value + i);
			continue;
		}
		n = text_utf8_decode(value + i, len - i, &point);
		if (point == '"' || point == '\\')
			text_add(text, "\\%c", (char)point);
		else if (point < 0x10000)
			text_add(text, "\\u%04x", point);
		else
			text_add(text, "\\u%04x\\u%04x", 0xd7c0 + (point >> 10),
				 0xdc00 + (point & 0x3ff));
	}
	text_add(text, "\"");
}

struct quoted quote_bytes(const char *value, size_t len)
{
	struct quoted out = { "" };
	struct text text;
	size_t i;

	text_init(&text, out.text, sizeof(out.text));
	text_add(&text, "\"");
	for (i = 0; i < len && text.len <= QUOTED_VALUE_MAX; i++) {
		char c = value[i];

		if (c == '"' || c == '\\')
			text_add(&text, "\\%c", c);
		else if (c == '\n')
			text_add(&text, "\\n");
		else if (text_is_printable(c))
			text_add(&text, "%c", c);
		else
			text_add(&text, "\\x%02x", (unsigned char)c);
	}
	text_add(&text, i < len ? "\"..." : "\"");
	return out;
}

struct quoted quote(const char *value)
{
	return quote_bytes(value, strlen(value));
}

char text_lower(char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return (char)(byte - 'A' + 'a');
	return byte;
}

bool text_same_word(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text_lower(a[i]) != text_lower(b[i]))
			return false;
	return true;
}

bool text_path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	while (len > 0 && dir[len - 1] == '/')
		len--;
	return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

int text_parse_u64(const char *value, size_t len, uint64_t max, uint64_t *ret_value)
{
	uint64_t v = 0;

	if (len == 0 || (value[0] == '0' && len > 1))
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)value[i] - '0';

		if (digit > 9)
			return -EINVAL;
		if (v > max / 10 || digit > max - v * 10)
			return -ERANGE;
		v = v * 10 + digit;
	}
	*ret_value = v;
	return 0;
}
