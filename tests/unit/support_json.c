/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/support_json.h"

static const char *type_word(const struct json_value *value)
{
	switch (value->type) {
	case JSON_NULL:
		return "null";
	case JSON_BOOL:
		return value->boolean ? "true" : "false";
	case JSON_OBJECT:
		return "{";
	case JSON_ARRAY:
		return "[";
	case JSON_END:
		return "end";
	default:
		return NULL;
	}
}

static int on_value(void *ctx, const struct json_value *value, struct err *err)
{
	struct events *events = ctx;
	const char *word = type_word(value);
	struct quoted text =
		word == NULL ? quote_bytes(value->text, value->len) : (struct quoted){ "" };

	if (word == NULL)
		word = value->type == JSON_STRING ? text.text : "number";
	text_add(&events->text, "%s%d", events->text.len != 0 ? " " : "", value->arg);
	if (value->name != NULL)
		text_add(&events->text, "(%s)", quote(value->name).text);
	text_add(&events->text, "=%s", word);
	if (value->type == JSON_NUMBER)
		text_add(&events->text, ":%.*s", (int)value->len, value->text);
	text_add(&events->text, "@%u", value->line);
	if (events->refuse != NULL && value->type == JSON_STRING &&
	    value->len == strlen(events->refuse) &&
	    memcmp(value->text, events->refuse, value->len) == 0)
		return err_set(err, EX_NOPERM, EBUSY, "is refused by its handler");
	return 0;
}

static const struct json_rule rules[] = {
	{ "string", JSON_STRING, on_value, 1 },
	{ "number", JSON_NUMBER, on_value, 2 },
	{ "bool", JSON_BOOL, on_value, 3 },
	{ "any", ANY_TYPE, on_value, 4 },
	{ "list[]", JSON_NUMBER | JSON_STRING, on_value, 5 },
	{ "map.*", JSON_STRING, on_value, 6 },
	{ "objects[]", JSON_OBJECT, on_value, 7 },
	{ "objects[].id", JSON_STRING, on_value, 8 },
	{ "objects[].set", JSON_OBJECT, on_value, 9 },
	{ "objects[].set.*", JSON_STRING, on_value, 10 },
	{ "grid[][]", JSON_NUMBER, on_value, 11 },
	{ "quiet", JSON_STRING, NULL, 12 },
	{ "deep.a.b.c", JSON_STRING, on_value, 13 },
	{ "stars.*.*", JSON_NUMBER, on_value, 14 },
	{ "array", JSON_ARRAY, on_value, 15 },
};

const struct json_format lenient = {
	.rules = rules,
	.n_rules = LENGTH(rules),
	.code = EX_DATAERR,
	.when_empty = "",
	.positions = true,
	.max_bytes = 400,
	.max_members = 12,
	.max_depth = 5,
};

struct json_format strict_format(void)
{
	struct json_format format = lenient;

	format.strict = true;
	format.code = EX_CONFIG;
	return format;
}

int parse_events(const struct json_format *format, const char *json, size_t len, size_t chunk,
		 struct events *events, struct err *err)
{
	char *bytes = exact_bytes(json, len);
	struct source_memory source = source_memory(bytes, len, chunk);
	int r;

	text_init(&events->text, events->buf, sizeof(events->buf));
	*err = (struct err){ 0 };
	r = json_parse(format, events, &source.source, err);
	free(bytes);
	return r;
}
