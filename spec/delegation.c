/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/delegation.h"

#include <errno.h>
#include <string.h>

#include "spec/base/poison.h"

/* Blanks also stand around a separator and at the ends: YAML blocks end in a newline. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool is_separator(char c)
{
	return c == ',' || c == ':';
}

static const char *skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

int delegation_next_item(const char **cursor, int code, const char **ret_item, size_t *ret_len,
			 struct err *err)
{
	const char *p = skip_blanks(*cursor), *item = p;

	if (*p == '\0') {
		*cursor = p;
		return 0;
	}
	for (; *p != '\0' && !is_blank(*p) && !is_separator(*p); p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(err, code, 0,
				       "a control byte (0x%02x) stands in the list; remove it",
				       (unsigned char)*p);
	if (p == item)
		return err_set(err, code, 0,
			       "an item of the list is empty; remove the extra \"%c\"", *p);
	*ret_item = item;
	*ret_len = (size_t)(p - item);
	p = skip_blanks(p);
	if (is_separator(*p)) {
		char separator = *p;

		p = skip_blanks(p + 1);
		if (*p == '\0')
			return err_set(err, code, 0, "the list ends in \"%c\"; remove it",
				       separator);
	}
	*cursor = p;
	return 1;
}

/* A number by its look, so that "0xzz" is a bad number and not an unknown name. */
static bool looks_like_number(const char *item)
{
	return *item >= '0' && *item <= '9';
}

static int parse_hex(const char *digits, size_t len, uint64_t *ret_mask)
{
	uint64_t mask = 0;

	if (len == 0)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		char c = digits[i];
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (unsigned)((c | 0x20) - 'a') + 10;
		else
			return -EINVAL;
		if (mask >> 60 != 0)
			return -ERANGE;
		mask = mask << 4 | digit;
	}
	*ret_mask = mask;
	return 0;
}

static int parse_number(enum names_list list, const char *item, size_t len,
			enum delegation_numbers numbers, int code, uint64_t *ret_mask,
			struct err *err)
{
	bool hex = len > 1 && item[0] == '0' && (item[1] == 'x' || item[1] == 'X');
	uint64_t mask, newer;
	int r = hex ? parse_hex(item + 2, len - 2, &mask) :
		      text_parse_u64(item, len, UINT64_MAX, &mask);

	if (r == -ERANGE)
		return err_set(err, code, 0, "%s is over 64 bits", quote_bytes(item, len).text);
	if (r < 0)
		return err_set(err, code, 0,
			       "%s is not a mask; write it as 0x and hexadecimal digits, or "
			       "decimal without leading zeros",
			       quote_bytes(item, len).text);
	if (mask == 0)
		return err_set(err, code, 0, "0 delegates nothing; leave %s out instead",
			       names_key(list));
	newer = mask & ~names_known(list);
	if (newer != 0 && numbers == DELEGATION_KNOWN_BITS) {
		err_set(err, code, 0,
			"bit %d is newer than this build; an administrator can put the number in a "
			"profile of the policy",
			__builtin_ctzll(newer));
		return -ENOENT;
	}
	*ret_mask = mask;
	return 0;
}

static int unknown_word(enum names_list list, const char *item, size_t len, int code,
			struct err *err)
{
	struct quoted word = quote_bytes(item, len);
	const char *near = names_nearest(list, item, len);
	int other = names_other_list(list, item, len);

	if (other >= 0)
		err_set(err, code, 0, "%s belongs to %s; \"bpftoken names %s\" lists all there are",
			word.text, names_key((enum names_list)other), names_key(list));
	else if (near != NULL)
		err_set(err, code, 0,
			"unknown name %s; did you mean \"%s\"? \"bpftoken names %s\" lists all "
			"there are",
			word.text, near, names_key(list));
	else
		err_set(err, code, 0, "unknown name %s; \"bpftoken names %s\" lists all there are",
			word.text, names_key(list));
	return -ENOENT;
}

int delegation_parse(enum names_list list, const char *text, enum delegation_numbers numbers,
		     int code, uint64_t *ret_mask, struct err *err)
{
	const char *cursor = text, *item = text;
	size_t len = 0, items = 0;
	uint64_t mask = 0;
	bool alone = false; /* "any" or a number was seen */
	int r;

	while ((r = delegation_next_item(&cursor, code, &item, &len, err)) > 0) {
		uint64_t bits = DELEGATION_ANY;

		if (looks_like_number(item)) {
			r = parse_number(list, item, len, numbers, code, &bits, err);
			alone = true;
		} else if (len == 3 && text_same_word(item, "any", 3)) {
			alone = true;
		} else {
			r = names_bit(list, item, len);
			if (r == -ENOENT)
				r = unknown_word(list, item, len, code, err);
			else
				bits = UINT64_C(1) << r;
		}
		if (r < 0)
			return r;
		if (++items > 1 && alone)
			return err_set(err, code, 0,
				       "\"any\" or a number stands alone in a list; %s has more in "
				       "it",
				       quote(text).text);
		mask |= bits;
	}
	if (r < 0)
		return r;
	if (items == 0)
		return err_set(err, code, 0, "the list is empty; leave %s out instead",
			       names_key(list));
	*ret_mask = mask;
	return 0;
}

void delegation_unite(struct delegation *into, const struct delegation *other)
{
	for (size_t i = 0; i < NAMES_LISTS; i++)
		into->masks[i] |= other->masks[i];
}

bool delegation_is_empty(const struct delegation *delegation)
{
	uint64_t all = 0;

	for (size_t i = 0; i < NAMES_LISTS; i++)
		all |= delegation->masks[i];
	return all == 0;
}

uint64_t delegation_excess(const struct delegation *want, const struct delegation *ceiling,
			   enum names_list list)
{
	return want->masks[list] & ~ceiling->masks[list];
}

void delegation_add_words(struct text *text, enum names_list list, uint64_t mask,
			  const char *separator)
{
	const char *between = "";
	uint64_t known = mask & names_known(list), rest = mask & ~known;

	if (mask == DELEGATION_ANY) {
		text_add(text, "any");
		return;
	}
	for (; known != 0; known &= known - 1) {
		text_add(text, "%s%s", between,
			 names_of_bit(list, (unsigned)__builtin_ctzll(known)));
		between = separator;
	}
	if (rest != 0)
		text_add(text, "%s0x%llx", between, (unsigned long long)rest);
}
