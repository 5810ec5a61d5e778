/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/base/cdi.h"

#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

#define CDI_VERSION "0.3.0"
#define TIMEOUT	    30 /* seconds; the hook ends within ten */

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_letter_or_digit(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

bool cdi_is_device_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || !is_letter(name[0]) || !is_letter_or_digit(name[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_letter_or_digit(name[i]) && strchr("_.-", name[i]) == NULL)
			return false;
	return true;
}

static void add_member(struct json_gen *gen, const char *name, const char *value)
{
	json_gen_name(gen, name);
	json_gen_string(gen, value);
}

void cdi_begin(struct json_gen *gen, const char *kind)
{
	json_gen_object(gen);
	add_member(gen, "cdiVersion", CDI_VERSION);
	add_member(gen, "kind", kind);
	json_gen_name(gen, "devices");
	json_gen_array(gen);
}

void cdi_end(struct json_gen *gen)
{
	json_gen_array_end(gen);
	json_gen_object_end(gen);
}

void cdi_device(struct json_gen *gen, const char *name)
{
	json_gen_object(gen);
	add_member(gen, "name", name);
	json_gen_name(gen, "containerEdits");
	json_gen_object(gen);
	json_gen_name(gen, "hooks");
	json_gen_array(gen);
	json_gen_object(gen);
	add_member(gen, "hookName", "createRuntime");
	add_member(gen, "path", HOOK_PATH);
	json_gen_name(gen, "args");
	json_gen_array(gen);
	json_gen_string(gen, "oci-bpf-token-hook");
}

void cdi_option(struct json_gen *gen, const char *key, const char *value)
{
	char option[2100];
	struct text text;

	text_init(&text, option, sizeof(option));
	text_add(&text, "--%s=%s", key, value);
	json_gen_string(gen, option);
}

void cdi_device_end(struct json_gen *gen)
{
	json_gen_string(gen, "createRuntime");
	json_gen_array_end(gen);
	json_gen_name(gen, "env");
	json_gen_array(gen);
	json_gen_string(gen, "LC_ALL=C"); /* Go engines drop an empty list and pass their own */
	json_gen_array_end(gen);
	json_gen_name(gen, "timeout");
	json_gen_number(gen, TIMEOUT);
	json_gen_object_end(gen); /* the hook */
	json_gen_array_end(gen);
	json_gen_object_end(gen); /* containerEdits */
	json_gen_object_end(gen);
}
