/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/json_edit: bytes that an edit puts in or takes out, and that all others stay. */

#include "tests/unit/support.h"

#include "spec/json_edit.h"

/* Where the values stand that the tests edit: "o", "a", and what is in them. */
struct spans {
	const struct json_doc *doc;
	struct json_span object, array, value; /* value: the last member or element of them */
};

enum { IN_OBJECT, IN_ARRAY };

static int on_container(void *ctx, const struct json_value *value, struct err *err)
{
	struct spans *spans = ctx;
	struct json_span *span = value->arg == IN_OBJECT ? &spans->object : &spans->array;

	(void)err;
	if (value->type == JSON_END)
		span->end = value->end;
	else
		*span = json_edit_span(spans->doc, value);
	return 0;
}

/* The item named "x", or the number 7: what is taken out, or replaced. */
static int on_item(void *ctx, const struct json_value *value, struct err *err)
{
	struct spans *spans = ctx;

	(void)err;
	if ((value->name != NULL && strcmp(value->name, "x") == 0) ||
	    (value->type == JSON_NUMBER && json_is(value, "7")))
		spans->value = json_edit_span(spans->doc, value);
	return 0;
}

#define ANY_TYPE (JSON_NULL | JSON_BOOL | JSON_NUMBER | JSON_STRING | JSON_OBJECT | JSON_ARRAY)

static struct spans spans_of(const struct json_doc *doc)
{
	static const struct json_rule rules[] = {
		{ "o", JSON_OBJECT, on_container, IN_OBJECT },
		{ "o.*", ANY_TYPE, on_item, IN_OBJECT },
		{ "a", JSON_ARRAY, on_container, IN_ARRAY },
		{ "a[]", ANY_TYPE, on_item, IN_ARRAY },
	};
	static const struct json_format format = {
		.rules = rules,
		.n_rules = LENGTH(rules),
		.code = EX_DATAERR,
		.when_empty = "",
		.positions = true,
		.max_bytes = 1 << 20,
		.max_members = 1000,
		.max_depth = 10,
	};
	struct source_memory source = source_memory(doc->text, doc->len, 0);
	struct spans spans = { .doc = doc };
	struct err err = { 0 };

	expect_success(doc->text, json_parse(&format, &spans, &source.source, &err), &err);
	return spans;
}

static struct json_doc doc_of(const char *json)
{
	return json_doc_of(json, strlen(json));
}

static void expect_doc(const char *label, struct json_doc *doc, const char *want)
{
	char *copy = strndup(doc->text, doc->len);

	assert_non_null(copy);
	expect_text(label, copy, want);
	free(copy);
	(void)spans_of(doc);
}

/* As json_gen writes it. */
#define VALUE "{\n  \"k\": [\n    1,\n    \"a:\\\"\\n, b\"\n  ]\n}\n"

static const struct {
	const char *json, *with_member, *with_element;
} added[] = {
	/* everything on one line, with and without blanks */
	{ "{\"o\":{},\"a\":[]}", "{\"o\":{\"n\\\"m\":{\"k\":[1,\"a:\\\"\\n, b\"]}},\"a\":[]}",
	  "{\"o\":{},\"a\":[{\"k\":[1,\"a:\\\"\\n, b\"]}]}" },
	{ "{\"o\": {\"b\": 1}, \"a\": [ 1 ]}",
	  "{\"o\": {\"b\": 1, \"n\\\"m\": {\"k\": [1, \"a:\\\"\\n, b\"]}}, \"a\": [ 1 ]}",
	  "{\"o\": {\"b\": 1}, \"a\": [ 1, {\"k\": [1, \"a:\\\"\\n, b\"]} ]}" },
	/* lines, indented with tabs, as runc spec writes them */
	{ "{\n\t\"o\": {\n\t\t\"b\": 1\n\t},\n\t\"a\": [\n\t\t1\n\t]\n}",
	  "{\n\t\"o\": {\n\t\t\"b\": 1,\n\t\t\"n\\\"m\": {\n\t\t\t\"k\": [\n\t\t\t\t1,\n"
	  "\t\t\t\t\"a:\\\"\\n, b\"\n\t\t\t]\n\t\t}\n\t},\n\t\"a\": [\n\t\t1\n\t]\n}",
	  "{\n\t\"o\": {\n\t\t\"b\": 1\n\t},\n\t\"a\": [\n\t\t1,\n\t\t{\n\t\t\t\"k\": [\n"
	  "\t\t\t\t1,\n\t\t\t\t\"a:\\\"\\n, b\"\n\t\t\t]\n\t\t}\n\t]\n}" },
	/* lines that end as DOS ends them, four blanks, nothing in there yet */
	{ "{\r\n    \"o\": {},\r\n    \"a\": [ ]\r\n}\r\n",
	  "{\r\n    \"o\": {\r\n        \"n\\\"m\": {\r\n            \"k\": [\r\n"
	  "                1,\r\n                \"a:\\\"\\n, b\"\r\n            ]\r\n"
	  "        }\r\n    },\r\n    \"a\": [ ]\r\n}\r\n",
	  "{\r\n    \"o\": {},\r\n    \"a\": [\r\n        {\r\n            \"k\": [\r\n"
	  "                1,\r\n                \"a:\\\"\\n, b\"\r\n            ]\r\n"
	  "        }\r\n    ]\r\n}\r\n" },
	/* some on lines, some not */
	{ "{ \"o\":{\"b\":1 }\n, \"a\":\n[\n1\n] }",
	  "{ \"o\":{\"b\":1,\"n\\\"m\":{\"k\":[1,\"a:\\\"\\n, b\"]} }\n, \"a\":\n[\n1\n] }",
	  "{ \"o\":{\"b\":1 }\n, \"a\":\n[\n1,\n{\n\"k\":[\n1,\n\"a:\\\"\\n, b\"\n]\n}\n] }" },
};

static void test_added(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(added); i++) {
		struct json_doc doc = doc_of(added[i].json);

		json_edit_add(&doc, spans_of(&doc).object, "n\"m", VALUE);
		expect_doc(added[i].json, &doc, added[i].with_member);
		json_doc_done(&doc);
		doc = doc_of(added[i].json);
		json_edit_add(&doc, spans_of(&doc).array, NULL, VALUE);
		expect_doc(added[i].json, &doc, added[i].with_element);
		json_doc_done(&doc);
	}
}

static const struct {
	const char *json, *want;
} removed[] = {
	{ "{\"o\":{\"x\":1}}", "{\"o\":{}}" },
	{ "{\"o\":{ \"x\" : 1 } }", "{\"o\":{} }" },
	{ "{\"o\":{\"b\":1,\"x\":2}}", "{\"o\":{\"b\":1}}" },
	{ "{\"o\":{\"x\":1,\"b\":2}}", "{\"o\":{\"b\":2}}" },
	{ "{\"o\":{\"a\":1 , \"x\" :\"2\" , \"b\":3 } }", "{\"o\":{\"a\":1 , \"b\":3 } }" },
	{ "{\"o\":{\"a\":1,\n\t\"x\": \"\\\\\\\"\\\\\"\n}}", "{\"o\":{\"a\":1\n}}" },
	{ "{\"o\":{\n\t\"a\": 1,\n\t\"\\u0078\": null,\n\t\"b\": 2\n}}",
	  "{\"o\":{\n\t\"a\": 1,\n\t\"b\": 2\n}}" },
	{ "{\"o\":{\"a\\\\\":1,\"x\":true,\"\\\"\":2}}", "{\"o\":{\"a\\\\\":1,\"\\\"\":2}}" },
	{ "{\"o\":{\"a\":\"\",\"x\":false}}", "{\"o\":{\"a\":\"\"}}" },
	{ "{\"a\":[7]}", "{\"a\":[]}" },
	{ "{\"a\":[ \n7\n ]}", "{\"a\":[]}" },
	{ "{\"a\":[7 , 8]}", "{\"a\":[8]}" },
	{ "{\"a\":[6 , 7]}", "{\"a\":[6 ]}" },
	{ "{\"a\":[\":\" , 7,\":\"]}", "{\"a\":[\":\" , \":\"]}" },
};

static void test_removed(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(removed); i++) {
		struct json_doc doc = doc_of(removed[i].json);

		json_edit_remove(&doc, spans_of(&doc).value);
		expect_doc(removed[i].json, &doc, removed[i].want);
		json_doc_done(&doc);
	}
}

static const struct {
	const char *json, *want;
} replaced[] = {
	{ "{\"o\":{\"x\":null}}", "{\"o\":{\"x\":[1,2]}}" },
	{ "{\"o\":{\"x\":\"\\\"\" }}", "{\"o\":{\"x\":[1,2] }}" },
	{ "{\n\"a\": [\n  7\n]}", "{\n\"a\": [\n  [1, 2]\n]}" },
};

static void test_replaced(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(replaced); i++) {
		struct json_doc doc = doc_of(replaced[i].json);

		json_edit_replace(&doc, spans_of(&doc).value, "[\n  1,\n  2\n]\n");
		expect_doc(replaced[i].json, &doc, replaced[i].want);
		json_doc_done(&doc);
	}
}

/* An array on lines of its own stays so, from the line it begins on. */
static void test_replaced_lines(void **state)
{
	struct json_doc doc = doc_of("{\n   \"a\": [\n      1\n   ]\n}");

	(void)state;
	json_edit_replace(&doc, spans_of(&doc).array, "[\n  1,\n  2\n]\n");
	expect_doc("lines", &doc, "{\n   \"a\": [\n      1,\n      2\n   ]\n}");
	json_doc_done(&doc);
}

/* What was added is taken out to the byte, whatever the layout. */
static void test_added_and_removed(void **state)
{
	static const char *const texts[] = {
		"{\"o\":{},\"a\":[]}",
		"{\"o\": {\"b\": 1 } , \"a\": [ 1 ]}",
		"{\n\t\"o\": {\n\t\t\"b\": 1\n\t},\n\t\"a\": [\n\t\t1\n\t]\n}",
		"{\r\n  \"o\":{ \"b\":1\r\n  }, \"a\":[]\r\n}\r\n",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct json_doc doc = doc_of(texts[i]);

		json_edit_add(&doc, spans_of(&doc).object, "x", "\"\\\\\"");
		json_edit_remove(&doc, spans_of(&doc).value);
		expect_doc("object", &doc, texts[i]);
		json_edit_add(&doc, spans_of(&doc).array, NULL, "7");
		json_edit_remove(&doc, spans_of(&doc).value);
		expect_doc("array", &doc, texts[i]);
		json_doc_done(&doc);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_added),
		cmocka_unit_test(test_removed),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_replaced_lines),
		cmocka_unit_test(test_added_and_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
