/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/base/caps.h"

#include <string.h>
#include <sys/capability.h>

#include "spec/delegation.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

#define NAME_MAX_BYTES 48

/* The name of a capability in capitals, or a number where libcap has none. */
static void name_of(unsigned cap, char *ret_name)
{
	char *name = cap_to_name((cap_value_t)cap);
	struct text text;

	text_init(&text, ret_name, NAME_MAX_BYTES);
	for (const char *c = name != NULL ? name : ""; *c != '\0'; c++)
		text_add(&text, "%c", *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	cap_free(name);
}

void caps_add_words(struct text *text, uint64_t set)
{
	const char *separator = "";

	for (unsigned cap = 0; cap < 64; cap++) {
		char name[NAME_MAX_BYTES];

		if ((set & BIT(cap)) == 0)
			continue;
		name_of(cap, name);
		text_add(text, "%s%s", separator, name);
		separator = " ";
	}
}

void caps_json(struct json_gen *gen, uint64_t set)
{
	json_gen_array(gen);
	for (unsigned cap = 0; cap < 64; cap++) {
		char name[NAME_MAX_BYTES];

		if ((set & BIT(cap)) == 0)
			continue;
		name_of(cap, name);
		json_gen_string(gen, name);
	}
	json_gen_array_end(gen);
}

int caps_parse(const char *list, uint64_t *ret_set, struct err *err)
{
	const char *cursor = list, *item;
	uint64_t set = 0;
	size_t len;
	int r;

	while ((r = delegation_next_item(&cursor, EX_USAGE, &item, &len, err)) > 0) {
		const bool prefixed = len > 4 && text_same_word(item, "cap_", 4);
		char name[NAME_MAX_BYTES];
		struct text text;
		cap_value_t cap;

		text_init(&text, name, sizeof(name));
		text_add(&text, "%s%.*s", prefixed ? "" : "cap_", (int)len, item);
		if (cap_from_name(name, &cap) < 0 || cap < 0 || cap > 63)
			return err_set(err, EX_USAGE, 0,
				       "%s is no capability; write names such as CAP_BPF",
				       quote_bytes(item, len).text);
		set |= BIT(cap);
	}
	*ret_set = set;
	return r;
}
