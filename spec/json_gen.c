/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/json_gen.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/json_memory.h"

#include "spec/base/poison.h"

struct json_gen {
	yajl_gen yajl;
};

/* The order of calls is the program's own: a wrong one is a defect of it. */
static void expect(yajl_gen_status status)
{
	if (status != yajl_gen_status_ok && status != yajl_gen_generation_complete)
		abort();
}

struct json_gen *json_gen_new(enum json_gen_style style)
{
	const yajl_alloc_funcs memory = { json_memory_new, json_memory_resize, json_memory_free,
					  NULL };
	struct json_gen *gen = json_memory_new(NULL, sizeof(*gen));

	gen->yajl = yajl_gen_alloc(&memory);
	yajl_gen_config(gen->yajl, yajl_gen_beautify, style == JSON_GEN_INDENTED);
	yajl_gen_config(gen->yajl, yajl_gen_indent_string, "  ");
	return gen;
}

void json_gen_free(struct json_gen **gen)
{
	if (*gen != NULL)
		yajl_gen_free((*gen)->yajl);
	free(*gen);
	*gen = NULL;
}

void json_gen_object(struct json_gen *gen)
{
	expect(yajl_gen_map_open(gen->yajl));
}

void json_gen_object_end(struct json_gen *gen)
{
	expect(yajl_gen_map_close(gen->yajl));
}

void json_gen_array(struct json_gen *gen)
{
	expect(yajl_gen_array_open(gen->yajl));
}

void json_gen_array_end(struct json_gen *gen)
{
	expect(yajl_gen_array_close(gen->yajl));
}

void json_gen_name(struct json_gen *gen, const char *name)
{
	json_gen_string(gen, name);
}

void json_gen_string(struct json_gen *gen, const char *value)
{
	if (value == NULL)
		expect(yajl_gen_null(gen->yajl));
	else
		json_gen_bytes(gen, value, strlen(value));
}

/* A byte that is not UTF-8 is at least 0x80, and as a code point takes two bytes. */
void json_gen_bytes(struct json_gen *gen, const char *value, size_t len)
{
	defer_free char *clean = json_memory_new(NULL, 2 * len + 1);
	size_t used = 0, n;
	uint32_t point;

	for (size_t i = 0; i < len; i += n) {
		n = text_utf8_decode(value + i, len - i, &point);
		if (n == 1 && point >= 0x80) {
			clean[used++] = (char)(0xc0 | point >> 6);
			clean[used++] = (char)(0x80 | (point & 0x3f));
		} else {
			memcpy(clean + used, value + i, n);
			used += n;
		}
	}
	expect(yajl_gen_string(gen->yajl, (const unsigned char *)clean, used));
}

void json_gen_number(struct json_gen *gen, int64_t value)
{
	expect(yajl_gen_integer(gen->yajl, value));
}

/* yajl's integers are signed, and a mask has 64 bits. */
void json_gen_unsigned(struct json_gen *gen, uint64_t value)
{
	char digits[24];
	struct text text;

	text_init(&text, digits, sizeof(digits));
	text_add(&text, "%" PRIu64, value);
	expect(yajl_gen_number(gen->yajl, digits, text.len));
}

void json_gen_bool(struct json_gen *gen, bool value)
{
	expect(yajl_gen_bool(gen->yajl, value));
}

const char *json_gen_text(struct json_gen *gen, size_t *ret_len)
{
	const unsigned char *text = NULL;

	expect(yajl_gen_get_buf(gen->yajl, &text, ret_len));
	return (const char *)text;
}
