/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/names.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "spec/base/text.h"
#include "spec/names_table.h"

#include "spec/base/poison.h"

enum {
	NEAR_WORD_MAX = 64, /* bytes: nobody mistypes a name of 32 bytes into more */
	NEAR_SLIPS_MAX = 3,
};

static const struct {
	const char *key;
	const char *kernel;  /* prefix of the enumerators */
	const char *systemd; /* the same without underscores, as systemd writes it */
} spellings[NAMES_LISTS] = {
	[NAMES_CMDS] = { "cmds", "BPF_", "BPF" },
	[NAMES_MAPS] = { "maps", "BPF_MAP_TYPE_", "BPFMapType" },
	[NAMES_PROGS] = { "progs", "BPF_PROG_TYPE_", "BPFProgType" },
	[NAMES_ATTACHS] = { "attachs", "BPF_", "BPF" },
};

static bool has_prefix(const char *prefix, const char *word, size_t len)
{
	size_t n = strlen(prefix);

	return len >= n && memcmp(word, prefix, n) == 0;
}

static bool has_prefix_in_any_case(const char *prefix, const char *word, size_t len)
{
	size_t n = 0;

	while (n < len && prefix[n] != '\0' && text_lower(word[n]) == text_lower(prefix[n]))
		n++;
	return prefix[n] == '\0';
}

/* The word is the name, whatever its case. */
static bool is_name(const char *name, const char *word, size_t len)
{
	size_t n = 0;

	while (n < len && name[n] != '\0' && text_lower(word[n]) == name[n])
		n++;
	return name[n] == '\0' && n == len;
}

/* The word is the name with its underscores left out, whatever its case. */
static bool is_name_run_together(const char *name, const char *word, size_t len)
{
	size_t n = 0;

	for (; *name != '\0'; name++) {
		if (*name == '_')
			continue;
		if (n == len || text_lower(word[n]) != *name)
			return false;
		n++;
	}
	return n == len;
}

const char *names_key(enum names_list list)
{
	return (unsigned)list < NAMES_LISTS ? spellings[list].key : NULL;
}

uint64_t names_known(enum names_list list)
{
	const struct names_table *table = names_table(list);
	uint64_t mask = 0;

	for (size_t i = 0; i < table->n_entries; i++)
		mask |= UINT64_C(1) << table->entries[i].bit;
	return mask;
}

const char *names_of_bit(enum names_list list, unsigned bit)
{
	const struct names_table *table = names_table(list);

	for (size_t i = 0; i < table->n_entries; i++)
		if (table->entries[i].bit == bit)
			return table->entries[i].name;
	return NULL;
}

int names_bit(enum names_list list, const char *word, size_t len)
{
	const struct names_table *table = names_table(list);

	if (table->n_entries == 0) /* no list */
		return -ENOENT;

	const char *kernel = spellings[list].kernel, *systemd = spellings[list].systemd;
	size_t n_kernel = strlen(kernel), n_systemd = strlen(systemd);
	bool as_kernel = has_prefix_in_any_case(kernel, word, len);
	/* Exactly as systemd writes it: with a prefix of any case "bpfmap..." would be a spelling
	 * that nobody else reads. */
	bool as_systemd = has_prefix(systemd, word, len);

	for (size_t i = 0; i < table->n_entries; i++) {
		const char *name = table->entries[i].name;

		if (is_name(name, word, len) ||
		    (as_kernel && is_name(name, word + n_kernel, len - n_kernel)) ||
		    (as_systemd && is_name_run_together(name, word + n_systemd, len - n_systemd)))
			return (int)table->entries[i].bit;
	}
	return -ENOENT;
}

int names_other_list(enum names_list list, const char *word, size_t len)
{
	for (int other = 0; other < NAMES_LISTS; other++)
		if (other != (int)list && names_bit((enum names_list)other, word, len) >= 0)
			return other;
	return -ENOENT;
}

/* What all spellings of a name have in common: lower case, no underscore. Returns the length. */
static size_t squeeze(const char *word, size_t len, char ret_text[NEAR_WORD_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < NEAR_WORD_MAX; i++)
		if (word[i] != '_')
			ret_text[n++] = text_lower(word[i]);
	return n;
}

static uint8_t smaller(uint8_t a, uint8_t b)
{
	return a < b ? a : b;
}

/*
 * Slips of the pen between two texts of at most NEAR_WORD_MAX bytes: letters left out, added, wrong
 * or swapped with their neighbour (optimal string alignment; three rows of its matrix will do).
 */
static size_t count_slips(const char *a, size_t n_a, const char *b, size_t n_b)
{
	uint8_t rows[3][NEAR_WORD_MAX + 1] = { { 0 } };
	uint8_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= n_b; j++)
		row[j] = (uint8_t)j;
	for (size_t i = 1; i <= n_a; i++) {
		uint8_t *oldest = before;

		before = above;
		above = row;
		row = oldest;
		row[0] = (uint8_t)i;
		for (size_t j = 1; j <= n_b; j++) {
			uint8_t wrong = (uint8_t)(above[j - 1] + (a[i - 1] != b[j - 1]));

			row[j] = smaller(wrong, (uint8_t)(smaller(above[j], row[j - 1]) + 1));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smaller(row[j], (uint8_t)(before[j - 2] + 1));
		}
	}
	return row[n_b];
}

/* A short word is soon near to everything, so it may be less wrong. */
static size_t slips_allowed(size_t len)
{
	size_t third = len / 3;

	return third < 1 ? 1 : third > NEAR_SLIPS_MAX ? NEAR_SLIPS_MAX : third;
}

const char *names_nearest(enum names_list list, const char *word, size_t len)
{
	const struct names_table *table = names_table(list);
	const char *nearest = NULL;
	char text[NEAR_WORD_MAX] = { 0 }, name[NEAR_WORD_MAX] = { 0 };

	if (table->n_entries == 0 || len > NEAR_WORD_MAX)
		return NULL;

	size_t n_text = squeeze(word, len, text);
	size_t n_prefix = strlen(spellings[list].systemd);

	if (!has_prefix_in_any_case(spellings[list].systemd, text, n_text))
		n_prefix = 0;
	n_text -= n_prefix;

	size_t bound = slips_allowed(n_text) + 1; /* what a name must stay under */

	for (size_t i = 0; i < table->n_entries; i++) {
		const char *known = table->entries[i].name;
		size_t n_name = squeeze(known, strlen(known), name);

		/* Each byte of difference in length is a slip: most names need no closer look. */
		if (n_name + bound <= n_text || n_text + bound <= n_name)
			continue;

		size_t slips = count_slips(text + n_prefix, n_text, name, n_name);

		if (slips < bound) {
			bound = slips;
			nearest = known;
		}
	}
	return nearest;
}
