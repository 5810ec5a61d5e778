/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/json: NUL, limits, handlers and sources that end a parse, and offsets. */

#include "tests/unit/support_json.h"

static void test_a_raw_nul_is_refused_where_it_stands(void **state)
{
	static const char json[] = "{\"string\":\"a\0b\"}\0";
	static struct events events;
	struct err err;

	(void)state;
	for (size_t chunk = 0; chunk < sizeof(json); chunk++)
		expect_refusal("in a string",
			       parse_events(&lenient, json, sizeof(json) - 1, chunk, &events, &err),
			       &err, EX_DATAERR, "line 1, column 13: a NUL");
	expect_refusal("behind the text", parse_events(&lenient, "{}\0", 3, 0, &events, &err), &err,
		       EX_DATAERR, "line 1, column 3: a NUL");
}

/* As many bytes as allowed, and one more. */
static void test_the_limit_of_bytes(void **state)
{
	char json[402];
	static struct events events;
	struct err err;

	(void)state;
	memset(json, ' ', sizeof(json));
	json[0] = '{';
	json[399] = '}';
	for (size_t chunk = 0; chunk <= 402; chunk++) {
		expect_success("400 bytes", parse_events(&lenient, json, 400, chunk, &events, &err),
			       &err);
		expect_refusal("401", parse_events(&lenient, json, 401, chunk, &events, &err), &err,
			       EX_DATAERR, "it is longer than 400 bytes: File too large");
	}
}

static void test_the_limit_of_members(void **state)
{
	static const char json[] =
		"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":{\"a\":1,\"b\":1,\"c\":1,"
		"\"d\":1},\"f\":1,\"g\":1,\"h\":1}";
	static struct events events;
	struct err err;

	(void)state;
	expect_success("twelve members",
		       parse_events(&lenient, json, strlen(json), 0, &events, &err), &err);
}

/* Deep texts cost no stack: the format's limit, then the reader's own of 64. */
static void test_the_limit_of_depth(void **state)
{
	struct json_format deep = lenient;
	char *json = malloc(300000);
	static struct events events;
	struct err err;

	(void)state;
	assert_non_null(json);
	deep.max_bytes = 300000;
	deep.max_depth = 1000000;
	memcpy(json, "{\"x\":", 5);
	memset(json + 5, '[', 299995);
	expect_refusal("no end", parse_events(&deep, json, 300000, 0, &events, &err), &err,
		       EX_DATAERR, "line 1, column 69: objects and arrays are nested too deep");
	memset(json + 5 + 63, ']', 63);
	json[5 + 63 + 63] = '}';
	expect_success("64 levels", parse_events(&deep, json, 5 + 63 + 63 + 1, 0, &events, &err),
		       &err);
	free(json);
}

static void test_a_handler_ends_the_parse(void **state)
{
	static struct events events = { .refuse = "no" };
	static const char json[] = "{\"map\":{\n\"k\":\"no\"},\"string\":\"later\"}";
	struct err err;

	(void)state;
	for (size_t chunk = 0; chunk <= sizeof(json); chunk++) {
		int r = parse_events(&lenient, json, strlen(json), chunk, &events, &err);

		expect_refusal("a handler's refusal", r, &err, EX_NOPERM,
			       "line 2, column 8: map.*: is refused by its handler: "
			       "Device or resource busy");
		assert_int_equal(r, -EBUSY);
		expect_text("events", events.buf, "6(\"k\")=\"no\"@2");
	}
}

static int broken_read(struct source *self, char *buf, size_t cap, size_t *ret_len, struct err *err)
{
	(void)self;
	(void)buf;
	(void)cap;
	(void)ret_len;
	return err_set(err, EX_OSERR, EIO, "reading");
}

static void test_a_source_ends_the_parse(void **state)
{
	struct source source = { broken_read };
	static struct events events;
	struct err err = { 0 };
	int r;

	(void)state;
	text_init(&events.text, events.buf, sizeof(events.buf));
	r = json_parse(&lenient, &events, &source, &err);
	expect_refusal("a source", r, &err, EX_OSERR, "reading: Input/output error");
	assert_int_equal(r, -EIO);
}

/* A name comes to a refusal in full only as far as a message takes it. */
static void test_a_long_name_in_a_refusal(void **state)
{
	const struct json_format strict = strict_format();
	char json[400];
	static struct events events;
	struct err err;

	(void)state;
	memset(json, 'n', sizeof(json));
	memcpy(json, "{\"", 2);
	memcpy(json + 390, "\":1}", 4);
	expect_refusal("a long name", parse_events(&strict, json, 394, 0, &events, &err), &err,
		       EX_CONFIG, "line 1, column 391: unknown member \"nnn@@nnn\"...");
}

/* ---- offsets ---- */

/* The text, with a '|' behind each value that a handler was given. */
struct marked {
	const char *json;
	char buf[256];
	struct text text;
	size_t done;
};

static int on_end(void *ctx, const struct json_value *value, struct err *err)
{
	struct marked *marked = ctx;

	(void)err;
	text_add(&marked->text, "%.*s|", (int)(value->end - marked->done),
		 marked->json + marked->done);
	marked->done = value->end;
	return 0;
}

static void test_a_value_ends_at_its_offset(void **state)
{
	static const struct json_rule ends[] = {
		{ "", JSON_OBJECT, on_end, 0 },
		{ "a", ANY_TYPE, on_end, 0 },
		{ "b[]", ANY_TYPE, on_end, 0 },
	};
	static const char json[] =
		" {\"a\" : \"\\u00e9\\\"\" ,\n\"b\":[1.50 ,-3,null,false,\"\",{\"x\":[ 1]}\n,[] ] }\n";
	static const char want[] =
		" {|\"a\" : \"\\u00e9\\\"\"| ,\n\"b\":[1.50| ,-3|,null|,false|,\"\"|,{|\"x\":[ 1]}|\n,[|]| ] }|";
	struct json_format format = lenient;

	(void)state;
	format.rules = ends;
	format.n_rules = LENGTH(ends);
	for (size_t chunk = 0; chunk < sizeof(json); chunk++) {
		struct source_memory source = source_memory(json, sizeof(json) - 1, chunk);
		struct marked marked = { .json = json };
		struct err err = { 0 };

		text_init(&marked.text, marked.buf, sizeof(marked.buf));
		expect_success(json, json_parse(&format, &marked, &source.source, &err), &err);
		expect_text("ends", marked.buf, want);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_raw_nul_is_refused_where_it_stands),
		cmocka_unit_test(test_the_limit_of_bytes),
		cmocka_unit_test(test_the_limit_of_members),
		cmocka_unit_test(test_the_limit_of_depth),
		cmocka_unit_test(test_a_handler_ends_the_parse),
		cmocka_unit_test(test_a_source_ends_the_parse),
		cmocka_unit_test(test_a_long_name_in_a_refusal),
		cmocka_unit_test(test_a_value_ends_at_its_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
