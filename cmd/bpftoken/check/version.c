/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/check/version.h"

#include "spec/base/poison.h"

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Reads a number that fits; a longer one is no version's. */
static bool parse_number(const char **p, unsigned *ret_number)
{
	unsigned number = 0;

	if (!is_digit(**p))
		return false;
	for (unsigned digits = 0; is_digit(**p); ++*p)
		if (++digits > 8)
			return false;
		else
			number = number * 10 + (unsigned)(**p - '0');
	*ret_number = number;
	return true;
}

static bool begins_word(const char *text, const char *p)
{
	if (p > text && p[-1] == 'v')
		p--;
	return p == text || p[-1] == ' ' || p[-1] == '\t' || p[-1] == '\n' || p[-1] == '"';
}

bool version_parse(const char *text, struct version *ret_version)
{
	for (const char *p = text; *p != '\0'; p++) {
		struct version version = { 0 };
		const char *end = p;

		if (!is_digit(*p) || !begins_word(text, p) || !parse_number(&end, &version.major) ||
		    *end++ != '.' || !parse_number(&end, &version.minor))
			continue;
		if (*end++ == '.')
			parse_number(&end, &version.patch);
		*ret_version = version;
		return true;
	}
	return false;
}

int version_compare(struct version a, struct version b)
{
	if (a.major != b.major)
		return a.major < b.major ? -1 : 1;
	if (a.minor != b.minor)
		return a.minor < b.minor ? -1 : 1;
	return (a.patch > b.patch) - (a.patch < b.patch);
}
