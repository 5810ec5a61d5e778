/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_BASE_TEXT_H
#define SPEC_BASE_TEXT_H

/*
 * Bounded text: a string built in a buffer of the caller's, and values made fit to print.
 *
 * Invariants of struct text: buf[len] is always NUL; len < cap; once something did not fit, cut is
 * true, the last bytes are "..." and further additions are dropped.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *buf;
	size_t cap;
	size_t len;
	bool cut;
};

/* Starts an empty text in buf, which the caller owns and which is at least 4 bytes. */
void text_init(struct text *text, char *buf, size_t cap);

/* Adds formatted text. */
__attribute__((format(printf, 2, 3))) void text_add(struct text *text, const char *fmt, ...);
__attribute__((format(printf, 2, 0))) void text_vadd(struct text *text, const char *fmt,
						     va_list args);

/*
 * Adds a JSON string, quotes included. Every byte outside printable ASCII becomes an escape, so
 * that no value can end a record, forge a line or steer a terminal.
 */
void text_add_json(struct text *text, const char *value, size_t len);

/*
 * Decodes one code point of UTF-8 from the first of len bytes (at least one) and yields how many
 * bytes it takes; a byte that starts none, or a wrong one, stands for itself.
 */
size_t text_utf8_decode(const char *value, size_t len, uint32_t *ret_point);

/* A value as it stands in a message: in double quotes, escaped, cut after 120 bytes. */
struct quoted {
	char text[160];
};

struct quoted quote(const char *value);
struct quoted quote_bytes(const char *value, size_t len);

/* True for printable ASCII, the blank included: what a message shows as it is. */
bool text_is_printable(char byte);

/* The lower case of an ASCII letter, any other byte as it is; no locale. */
char text_lower(char byte);

/* Equality of two words of len bytes without regard to ASCII case; no locale. */
bool text_same_word(const char *a, const char *b, size_t len);

/* True when path is dir itself or lies below it, told at a '/' boundary. Both are absolute. */
bool text_path_below(const char *path, const char *dir);

/*
 * Parses a whole unsigned decimal number of at most max. One spelling per number: no sign, blank,
 * leading zero or base prefix. Returns 0, -EINVAL or -ERANGE; *ret_value is written on success.
 */
int text_parse_u64(const char *value, size_t len, uint64_t max, uint64_t *ret_value);

#endif
