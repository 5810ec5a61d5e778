/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/support.h"

/* The rest of want behind "@@": its first piece must occur, then the rest behind that. */
static bool is_like(const char *got, const char *want)
{
	const char *any = strstr(want, "@@");
	size_t len = any != NULL ? (size_t)(any - want) : strlen(want);

	if (strncmp(got, want, len) != 0)
		return false;
	if (any == NULL)
		return got[len] == '\0';
	for (got += len;; got++) {
		if (is_like(got, any + 2))
			return true;
		if (*got == '\0')
			return false;
	}
}

void expect_like(const char *label, const char *got, const char *want)
{
	if (!is_like(got, want))
		fail_msg("%s:\n  got  %s\n  want %s", label, got, want);
}

void expect_text(const char *label, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s:\n  got  %s\n  want %s", label, got, want);
}

void expect_shown(const char *label, const char *message)
{
	size_t len = strlen(message);

	if (len == 0 || len >= 1900)
		fail_msg("%s: a message of %zu bytes", label, len);
	for (size_t i = 0; i < len; i++)
		if (message[i] < 0x20 || message[i] > 0x7e)
			fail_msg("%s: byte 0x%02x at %zu of \"%s\"", label,
				 (unsigned)(unsigned char)message[i], i, message);
	if (message[0] == ' ' || message[len - 1] == ' ' || message[len - 1] == '\n')
		fail_msg("%s: blanks around \"%s\"", label, message);
	if (message[len - 1] == '.' && (len < 3 || strcmp(message + len - 3, "...") != 0))
		fail_msg("%s: a full stop ends \"%s\"", label, message);
}

void expect_refusal(const char *label, int r, const struct err *err, int code, const char *want)
{
	if (r >= 0)
		fail_msg("%s: accepted, want %s", label, want);
	if (err->code != code)
		fail_msg("%s: code %d, want %d: %s", label, err->code, code, err->msg);
	expect_shown(label, err->msg);
	expect_like(label, err->msg, want);
}

void expect_success(const char *label, int r, const struct err *err)
{
	if (r != 0)
		fail_msg("%s: refused with %d: %s", label, r, err->msg);
}

char *exact_bytes(const char *bytes, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	for (size_t i = 0; i < len; i++)
		copy[i] = bytes[i];
	return copy;
}

/* xorshift64 */
uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}
