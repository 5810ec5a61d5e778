/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/host/granted.h"

#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

static bool parse_hex(const char *word, size_t len, uint64_t *ret_mask)
{
	uint64_t mask = 0;

	if (len < 3 || len > 18 || memcmp(word, "0x", 2) != 0)
		return false;
	for (size_t i = 2; i < len; i++) {
		char digit = text_lower(word[i]);

		if (!(digit >= '0' && digit <= '9') && !(digit >= 'a' && digit <= 'f'))
			return false;
		mask = mask << 4 | (uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
	}
	*ret_mask = mask;
	return true;
}

static void parse_word(enum names_list list, const char *word, size_t len, struct granted *granted)
{
	char *unknown = granted->unknown[list];
	int bit = names_bit(list, word, len);
	struct text text;
	uint64_t mask;

	if (bit >= 0) {
		granted->delegation.masks[list] |= 1ull << bit;
	} else if (len == 3 && memcmp(word, "any", 3) == 0) {
		granted->delegation.masks[list] = DELEGATION_ANY;
	} else if (parse_hex(word, len, &mask)) {
		granted->delegation.masks[list] |= mask;
	} else {
		size_t used = strlen(unknown);

		if (used + 8 > sizeof(granted->unknown[list]))
			return;
		text_init(&text, unknown + used, sizeof(granted->unknown[list]) - used);
		text_add(&text, "%s%.*s", used > 0 ? " " : "", (int)len, word);
	}
}

static void parse_list(enum names_list list, const char *value, size_t len, struct granted *granted)
{
	for (const char *end = value + len; value < end;) {
		const char *colon = memchr(value, ':', (size_t)(end - value));
		size_t word = colon != NULL ? (size_t)(colon - value) : (size_t)(end - value);

		if (word > 0)
			parse_word(list, value, word, granted);
		value += word + 1;
	}
}

static void parse_number(const char *value, size_t len, unsigned base, unsigned *ret_number)
{
	unsigned number = 0;

	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || (unsigned)(value[i] - '0') >= base)
			return;
		number = number * base + (unsigned)(value[i] - '0');
	}
	*ret_number = number;
}

static void parse_option(const char *option, size_t len, struct granted *granted)
{
	const char *equals = memchr(option, '=', len);
	size_t key = equals != NULL ? (size_t)(equals - option) : len, rest;

	if (equals == NULL)
		return;
	rest = len - key - 1;
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		if (key == strlen(names_key(list)) + 9 && memcmp(option, "delegate_", 9) == 0 &&
		    memcmp(option + 9, names_key(list), key - 9) == 0)
			parse_list(list, equals + 1, rest, granted);
	if (key == 3 && memcmp(option, "uid", 3) == 0)
		parse_number(equals + 1, rest, 10, &granted->uid);
	else if (key == 3 && memcmp(option, "gid", 3) == 0)
		parse_number(equals + 1, rest, 10, &granted->gid);
	else if (key == 4 && memcmp(option, "mode", 4) == 0)
		parse_number(equals + 1, rest, 8, &granted->mode);
}

bool granted_parse(const char *options, struct granted *ret_granted)
{
	struct granted granted = { .mode = 0777 };
	bool any = false;

	while (*options != '\0') {
		size_t len = strcspn(options, ",");

		parse_option(options, len, &granted);
		options += len + (options[len] == ',');
	}
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		any |= granted.delegation.masks[list] != 0 || granted.unknown[list][0] != '\0';
	*ret_granted = granted;
	return any;
}

bool granted_parse_token(const char *fdinfo, struct granted *ret_granted)
{
	struct granted granted = { 0 };

	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		char key[24];
		struct text text;
		const char *line;

		text_init(&text, key, sizeof(key));
		text_add(&text, "\nallowed_%s:\t", names_key(list));
		line = strstr(fdinfo, key);
		if (line == NULL)
			return false;
		line += text.len;
		parse_word(list, line, strcspn(line, "\n"), &granted);
	}
	*ret_granted = granted;
	return true;
}

bool granted_same_lists(const struct granted *a, const struct granted *b)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		if (a->delegation.masks[list] != b->delegation.masks[list])
			return false;
	return true;
}

void granted_add_words(const struct granted *granted, enum names_list list, const char *separator,
		       struct text *text)
{
	const char *unknown = granted->unknown[list];

	if (granted->delegation.masks[list] != 0)
		delegation_add_words(text, list, granted->delegation.masks[list], separator);
	for (size_t len; *unknown != '\0'; unknown += len + (unknown[len] == ' ')) {
		len = strcspn(unknown, " ");
		text_add(text, "%s%.*s", text->len > 0 ? separator : "", (int)len, unknown);
	}
}
