/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/explain/lookalike.h"

#include <string.h>

#include "hook/request.h"

#include "spec/base/poison.h"

#define LETTERS_MAX 40
#define SLIPS_MAX   2

static const char own[] = "iobpftoken";

/* Letters and digits of a text, in lower case; what is beyond LETTERS_MAX of them is cut. */
static void letters_of(const char *text, size_t len, char *ret_letters)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < LETTERS_MAX; i++) {
		char c = text_lower(text[i]);

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			ret_letters[n++] = c;
	}
	ret_letters[n] = '\0';
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * How many letters have to be put in, left out, changed or swapped with their neighbour to make one
 * word of the other; both are at most LETTERS_MAX long.
 */
static size_t slips(const char *a, const char *b)
{
	size_t cost[LETTERS_MAX + 1][LETTERS_MAX + 1];
	const size_t m = strlen(a), n = strlen(b);

	for (size_t i = 0; i <= m; i++)
		for (size_t j = 0; j <= n; j++) {
			if (i == 0 || j == 0) {
				cost[i][j] = i + j;
				continue;
			}
			cost[i][j] = least(cost[i - 1][j] + 1, cost[i][j - 1] + 1);
			cost[i][j] = least(cost[i][j], cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
		}
	return cost[m][n];
}

/* The key of ours whose name is nearest to the letters, or NULL. */
static const char *nearest_key(const char *letters)
{
	const char *nearest = NULL;
	size_t best = SLIPS_MAX + 1;

	for (enum request_key key = 0; key < REQUEST_KEYS; key++) {
		const char *name = request_key_name(key);
		char want[LETTERS_MAX + 1];
		size_t distance;

		letters_of(name, strlen(name), want);
		distance = slips(letters, want);
		if (distance < best && 2 * distance < strlen(want)) {
			best = distance;
			nearest = name;
		}
	}
	return nearest;
}

/* A key's last word, in front of "/CONTAINER": where the name of what is asked stands. */
static const char *last_word(const char *key, size_t len)
{
	const char *word = key;

	for (size_t i = 0; i < len; i++)
		if (key[i] == '.' || key[i] == '_' || key[i] == '-' || key[i] == '/')
			word = key + i + 1;
	return word;
}

/* Cuts a key into prefix and name, in each way that a slip could have left; true when one fits. */
static bool cut(const char *key, size_t len, char *ret_name)
{
	const char *name = last_word(key, len);
	char prefix[LETTERS_MAX + 1];

	letters_of(name, len - (size_t)(name - key), ret_name);
	letters_of(key, (size_t)(name - key), prefix);
	return slips(prefix, own) <= SLIPS_MAX || strstr(prefix, "bpftoken") != NULL;
}

bool lookalike_find(const char *key, struct lookalike *ret_lookalike)
{
	const char *slash = strrchr(key, '/'), *nearest;
	char name[LETTERS_MAX + 1], all[LETTERS_MAX + 1];
	struct text text;
	bool found;

	if (strncmp(key, REQUEST_PREFIX, strlen(REQUEST_PREFIX)) == 0)
		return false;
	found = cut(key, strlen(key), name);
	if (!found || (slash != NULL && nearest_key(name) == NULL))
		found |= slash != NULL && cut(key, (size_t)(slash - key), name);
	letters_of(key, strlen(key), all);
	if (!found && strstr(all, "bpftoken") == NULL)
		return false;
	nearest = nearest_key(name);
	text_init(&text, ret_lookalike->meant, sizeof(ret_lookalike->meant));
	text_add(&text, REQUEST_PREFIX "%s", nearest != NULL ? nearest : "KEY");
	return true;
}
