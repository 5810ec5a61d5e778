/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: the needs as data, a CDI specification, a profile of the policy. */
#include "cmd/bpftoken/needs/format.h"

#include <string.h>

#include "cmd/bpftoken/base/cdi.h"
#include "hook/request.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/json_gen.h"

#include "spec/base/poison.h"

static void print_gen(FILE *to, struct json_gen *gen)
{
	size_t len;
	const char *text = json_gen_text(gen, &len);

	fwrite(text, 1, len, to);
}

static void add_member(struct json_gen *gen, const char *name, const char *value)
{
	json_gen_name(gen, name);
	json_gen_string(gen, value);
}

static void add_lists(struct json_gen *gen, const struct delegation *delegation)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		uint64_t mask = delegation->masks[list];

		json_gen_name(gen, names_key(list));
		json_gen_array(gen);
		for (unsigned bit = 0; bit < 64; bit++) {
			const char *name = names_of_bit(list, bit);
			char number[24];

			if ((mask & UINT64_C(1) << bit) == 0)
				continue;
			snprintf(number, sizeof(number), "0x%llx",
				 (unsigned long long)(UINT64_C(1) << bit));
			json_gen_string(gen, name != NULL ? name : number);
		}
		json_gen_array_end(gen);
	}
}

static void add_capabilities(struct json_gen *gen, uint64_t capabilities)
{
	json_gen_name(gen, "capabilities");
	json_gen_array(gen);
	for (size_t i = 0; i < NEEDS_CAPABILITIES; i++)
		if ((capabilities & UINT64_C(1) << needs_capabilities[i].bit) != 0)
			json_gen_string(gen, needs_capabilities[i].name);
	json_gen_array_end(gen);
}

void format_json_object(struct json_gen *gen, const char *file, const char *libbpf,
			const struct needs *needs)
{
	char kernel[24];

	snprintf(kernel, sizeof(kernel), "%u.%u", NEEDS_KERNEL_MAJOR(needs->kernel),
		 NEEDS_KERNEL_MINOR(needs->kernel));
	json_gen_object(gen);
	if (file != NULL)
		add_member(gen, "file", file);
	add_lists(gen, &needs->own);
	json_gen_name(gen, "libbpfProbes");
	json_gen_object(gen);
	add_lists(gen, &needs->libbpf);
	json_gen_object_end(gen);
	add_capabilities(gen, needs->capabilities);
	add_member(gen, "kernel", kernel);
	json_gen_name(gen, "warnings");
	json_gen_array(gen);
	for (size_t i = 0; i < needs->n_warnings; i++)
		json_gen_string(gen, needs->warnings[i].text);
	json_gen_array_end(gen);
	if (libbpf != NULL)
		add_member(gen, "libbpf", libbpf);
	json_gen_object_end(gen);
}

void format_json(FILE *to, const struct needs *needs, const struct format_source *source)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	(void)source;
	format_json_object(gen, NULL, NULL, needs);
	print_gen(to, gen);
}

void format_cdi(FILE *to, const struct needs *needs, const struct format_source *source)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);
	struct delegation delegation = needs_delegation(needs, source->only_own);
	struct format_label label = format_label(source->name);
	char name[sizeof(label.text) + 8];
	struct text text;

	cdi_begin(gen, "bpftoken.io/bpf");
	text_init(&text, name, sizeof(name));
	text_add(&text, "%s%s", cdi_is_device_name(label.text) ? "" : "bpf-", label.text);
	cdi_device(gen, name);
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct format_words words = format_words(&delegation, list, ",");

		if (words.text[0] != '\0')
			cdi_option(gen, names_key(list), words.text);
	}
	cdi_device_end(gen);
	cdi_end(gen);
	print_gen(to, gen);
}

void format_policy(FILE *to, const struct needs *needs, const struct format_source *source)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);
	struct delegation delegation = needs_delegation(needs, source->only_own);
	struct format_label label = format_label(source->name);
	bool good = request_is_profile_name(source->name, strlen(source->name));
	const char *name = good ? source->name : label.text;
	char description[300];
	struct text text;

	text_init(&text, description, sizeof(description));
	text_add(&text, "%s, as %s finds", name, source->origin);
	json_gen_object(gen);
	json_gen_name(gen, "version");
	json_gen_number(gen, 1);
	json_gen_name(gen, "profiles");
	json_gen_object(gen);
	json_gen_name(gen, name);
	json_gen_object(gen);
	add_member(gen, "description", description);
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct format_words words = format_words(&delegation, list, ",");

		if (words.text[0] != '\0')
			add_member(gen, names_key(list), words.text);
	}
	json_gen_object_end(gen);
	json_gen_object_end(gen);
	json_gen_object_end(gen);
	print_gen(to, gen);
}
