/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/needs/format.h"

#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

static const struct format formats[] = {
	{ "text", format_text, true, true },
	{ "annotations", format_annotations, false, false },
	{ "podman", format_podman, true, false },
	{ "kubernetes", format_kubernetes, true, false },
	{ "cdi", format_cdi, false, false },
	{ "policy", format_policy, true, false },
	{ "systemd", format_systemd, true, false },
	{ "lxd", format_lxd, true, false },
	{ "incus", format_incus, true, false },
	{ "mount", format_mount, false, false },
	{ "json", format_json, true, true },
};

const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

const char *format_names(void)
{
	return "text, annotations, podman, kubernetes, cdi, policy, systemd, lxd, incus, mount, "
	       "json";
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

struct format_label format_label(const char *name)
{
	struct format_label label = { { 0 } };
	size_t len = 0;

	for (; *name != '\0' && len + 1 < sizeof(label.text); name++) {
		char c = text_lower(*name);

		if (is_letter_or_digit(c))
			label.text[len++] = c;
		else if (len > 0 && label.text[len - 1] != '-')
			label.text[len++] = '-';
	}
	while (len > 0 && label.text[len - 1] == '-')
		label.text[--len] = '\0';
	if (len == 0)
		return (struct format_label){ "bpf" };
	return label;
}

struct format_words format_words(const struct delegation *delegation, enum names_list list,
				 const char *separator)
{
	uint64_t mask = delegation->masks[list];
	struct format_words words = { { 0 } };
	struct text text;

	text_init(&text, words.text, sizeof(words.text));
	/* a list is names or one number: nobody reads both */
	if (mask != DELEGATION_ANY && (mask & ~names_known(list)) != 0)
		text_add(&text, "0x%llx", (unsigned long long)mask);
	else
		delegation_add_words(&text, list, mask, separator);
	return words;
}

struct format_words format_capabilities(const struct needs *needs, const char *separator)
{
	struct format_words words = { { 0 } };
	struct text text;

	text_init(&text, words.text, sizeof(words.text));
	for (size_t i = 0; i < NEEDS_CAPABILITIES; i++)
		if ((needs->capabilities & UINT64_C(1) << needs_capabilities[i].bit) != 0)
			text_add(&text, "%s%s", text.len > 0 ? separator : "",
				 needs_capabilities[i].name + strlen("CAP_"));
	return words;
}
