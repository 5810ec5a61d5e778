/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/json: what handlers are given, what is refused and where, in pieces of any size. */

#include "tests/unit/support_json.h"

/* ---- accepted ---- */

static const struct {
	const char *json, *want;
} accepted[] = {
	{ "{}", "" },
	{ " \t\r\n{ \t\r\n} \t\r\n", "" },
	{ "{\"string\":\"a\"}", "1=\"a\"@1" },
	{ "{\"string\":\"\"}", "1=\"\"@1" },
	{ "{\n\"string\"\n:\n\"a\"\n,\n\"bool\"\n:\ntrue\n}", "1=\"a\"@4 3=true@8" },
	{ "{\"bool\":false,\"string\":\"b\"}", "3=false@1 1=\"b\"@1" },
	/* numbers come as they are written, whatever their size */
	{ "{\"list\":[0,-0,1.50,1e400,-1E-7,123456789012345678901234567890]}",
	  "5=number:0@1 5=number:-0@1 5=number:1.50@1 5=number:1e400@1 5=number:-1E-7@1 "
	  "5=number:123456789012345678901234567890@1" },
	/* strings come decoded */
	{ "{\"string\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
	  "1=\"\\\"\\\\/\\x08\\x0c\\n\\x0d\\x09\"@1" },
	{ "{\"string\":\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"}",
	  "1=\"A\\xc3\\xa9\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80\"@1" },
	{ "{\"string\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\"}",
	  "1=\"\\xc3\\xa9\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80\\x7f\"@1" },
	/* names, too */
	{ "{\"str\\u0069ng\":\"a\"}", "1=\"a\"@1" },
	{ "{\"map\":{\"a/b\\/c\":\"1\",\"\":\"2\",\"\\u00e9\":\"3\"}}",
	  "6(\"a/b/c\")=\"1\"@1 6(\"\")=\"2\"@1 6(\"\\xc3\\xa9\")=\"3\"@1" },
	/* the same name in two objects */
	{ "{\"objects\":[{\"id\":\"a\"},{\"id\":\"b\"}]}",
	  "7={@1 8=\"a\"@1 7=end@1 7={@1 8=\"b\"@1 7=end@1" },
	{ "{\"any\":{\"any\":{\"any\":1}}}", "4={@1 4=end@1" },
	{ "{\"objects\":[\n{\n\"set\":{\n\"x\":\"1\"\n}\n}\n]}",
	  "7={@2 9={@3 10(\"x\")=\"1\"@4 9=end@5 7=end@6" },
	/* null is absence unless a rule takes it */
	{ "{\"string\":null,\"any\":null,\"bool\":true}", "4=null@1 3=true@1" },
	{ "{\"any\":[1,\"x\",{}]}", "4=[@1 4=end@1" },
	{ "{\"array\":[[],{}]}", "15=[@1 15=end@1" },
	{ "{\"grid\":[[],[1],[2,3]]}", "11=number:1@1 11=number:2@1 11=number:3@1" },
	{ "{\"deep\":{\"a\":{\"b\":{\"c\":\"x\"}}}}", "13=\"x\"@1" },
	{ "{\"list\":[],\"map\":{},\"quiet\":\"q\"}", "" },
	/* what nobody asks for */
	{ "{\"other\":{\"string\":[1,{\"string\":2}],\"any\":null}}", "" },
	{ "{\"map\":null,\"list\":[null,1,null],\"string\":null,\"deep\":{\"a\":null}}",
	  "5=number:1@1" },
	{ "{\"strin\":1,\"stringx\":1,\"str_ing\":1,\"\xc3\xa9\":1,\"\xc5\xbe\":1}", "" },
	/* a name that differs only in case from one that is asked for elsewhere */
	{ "{\"map\":{\"String\":\"1\",\"string\":\"2\",\"MAP\":\"3\"}}",
	  "6(\"String\")=\"1\"@1 6(\"string\")=\"2\"@1 6(\"MAP\")=\"3\"@1" },
	{ "{\"other\":{\"String\":1},\"objects\":[{\"String\":1,\"Number\":2}]}", "7={@1 7=end@1" },
	{ "{\"any\":{\"Any\":1,\"STRING\":2}}", "4={@1 4=end@1" },
};

static void test_accepted(void **state)
{
	static struct events events;
	struct err err;

	(void)state;
	for (size_t i = 0; i < LENGTH(accepted); i++) {
		const char *json = accepted[i].json;
		size_t len = strlen(json);

		for (size_t chunk = 0; chunk <= len + 1; chunk++) {
			expect_success(json,
				       parse_events(&lenient, json, len, chunk, &events, &err),
				       &err);
			expect_text(json, events.buf, accepted[i].want);
		}
	}
}

/* A rule without '*' hands over no name, also after one with it. */
static void test_names_belong_to_their_rule(void **state)
{
	static const char json[] = "{\"stars\":{\"a\":{\"b\":1}},\"string\":\"x\"}";
	static struct events events;
	struct err err;

	(void)state;
	expect_success(json, parse_events(&lenient, json, strlen(json), 0, &events, &err), &err);
	expect_text(json, events.buf, "14(\"b\")=number:1@1 1=\"x\"@1");
}

/* ---- refused ---- */

#define NOT_JSON(column, why) "line 1, column " column ": not JSON: " why
#define GARBAGE		      "parse error: trailing garbage"
#define COMMENT		      "lexical error: probable comment found in input text, @@"
#define CHAR		      "lexical error: invalid char in json text"
#define EARLY		      "parse error: premature EOF"

#define TOO_MANY "there are too many members, or their names are made to collide"
#define LOOKALIKE(name, known)                                                                     \
	"member \"" name "\" differs from \"" known "\" only in case, and runtimes disagree on "   \
	"what that means; write \"" known "\""

struct refusal {
	const char *json;
	int result;
	const char *want;
};

static const struct refusal refused[] = {
	/* not an object, not whole, not alone */
	{ "", -EINVAL, "it is empty" },
	{ " \n ", -EINVAL, "line 2, column 1: not JSON: " EARLY },
	{ "{", -EINVAL, NOT_JSON("1", EARLY) },
	{ "{\"string\":\"a", -EINVAL, NOT_JSON("12", EARLY) },
	{ "{\"number\":1", -EINVAL, NOT_JSON("11", EARLY) },
	{ "[1]", -EINVAL, "line 1, column 1: the text is not a JSON object" },
	{ "\n\"x\"", -EINVAL, "line 2, column 3: the text is not a JSON object" },
	{ "null", -EINVAL, "line 1, column 4: the text is not a JSON object" },
	{ "{}x", -EINVAL, NOT_JSON("3", GARBAGE) },
	{ "{}\n {}", -EINVAL, "line 2, column 2: not JSON: " GARBAGE },
	{ "{}}", -EINVAL, NOT_JSON("3", GARBAGE) },
	{ "{\"any\":1},", -EINVAL, NOT_JSON("10", GARBAGE) },
	/* comments; yajl does not say where just so */
	{ "/* */{}", -EINVAL, NOT_JSON("@@", COMMENT) },
	{ "{// \n}", -EINVAL, NOT_JSON("@@", COMMENT) },
	{ "{\"any\":/**/1}", -EINVAL, NOT_JSON("@@", COMMENT) },
	{ "{}//", -EINVAL, NOT_JSON("@@", GARBAGE) },
	{ "{}\n/* */", -EINVAL, "line 2, column @@: not JSON: " GARBAGE },
	/* other grammars */
	{ "\xef\xbb\xbf{}", -EINVAL, NOT_JSON("1", CHAR) },
	{ "{'any':1}", -EINVAL, NOT_JSON("2", CHAR) },
	{ "{any:1}", -EINVAL, NOT_JSON("2", "lexical error: invalid @@") },
	{ "{\"any\":NaN}", -EINVAL, NOT_JSON("8", CHAR) },
	{ "{\"any\":Infinity}", -EINVAL, NOT_JSON("8", CHAR) },
	{ "{\"any\":+1}", -EINVAL, NOT_JSON("8", CHAR) },
	{ "{\"any\":.5}", -EINVAL, NOT_JSON("8", CHAR) },
	{ "{\"any\":1.}", -EINVAL, NOT_JSON("9", "lexical error: malformed number@@") },
	{ "{\"any\":1e}", -EINVAL, NOT_JSON("9", "lexical error: malformed number@@") },
	{ "{\"any\":-}", -EINVAL, NOT_JSON("8", "lexical error: malformed number@@") },
	{ "{\"any\":01}", -EINVAL, NOT_JSON("@@", "parse error: after key and value@@") },
	{ "{\"any\":0x1}", -EINVAL, NOT_JSON("@@", "lexical error: invalid char@@") },
	{ "{\"any\":1 2}", -EINVAL, NOT_JSON("@@", "parse error: after key and value@@") },
	{ "{\"any\":nul}", -EINVAL, NOT_JSON("10", "lexical error: invalid string in json text") },
	{ "{\"any\":True}", -EINVAL, NOT_JSON("8", CHAR) },
	{ "{\"any\" 1}", -EINVAL, NOT_JSON("@@", "parse error: object key and value@@") },
	{ "{\"any\"}", -EINVAL, NOT_JSON("7", "parse error: object key and value@@") },
	{ "{\"any\":}", -EINVAL, NOT_JSON("8", "parse error: unallowed token@@") },
	{ "{1:2}", -EINVAL, NOT_JSON("2", "parse error: invalid object key (must be a string)") },
	{ "{,}", -EINVAL, NOT_JSON("2", "parse error: invalid object key (must be a string)") },
	{ "{\"any\":1,}", -EINVAL, NOT_JSON("10", "parse error: invalid object key@@") },
	{ "{\"list\":[1,]}", -EINVAL, NOT_JSON("12", "parse error: unallowed token@@") },
	{ "{\"list\":[,1]}", -EINVAL, NOT_JSON("10", "parse error: unallowed token@@") },
	{ "{\"list\":[1}", -EINVAL, NOT_JSON("11", "parse error: after array element@@") },
	{ "{\"any\":1]", -EINVAL, NOT_JSON("@@", "parse error: after key and value@@") },
	/* strings; yajl counts the bytes before the one it could not take */
	{ "{\"string\":\"a\nb\"}", -EINVAL,
	  NOT_JSON("12", "lexical error: invalid character inside string") },
	{ "{\"string\":\"\t\"}", -EINVAL,
	  NOT_JSON("11", "lexical error: invalid character inside string") },
	{ "{\"string\":\"\x1f\"}", -EINVAL,
	  NOT_JSON("11", "lexical error: invalid character inside string") },
	{ "{\"string\":\"\\x\"}", -EINVAL, NOT_JSON("12", "lexical error: inside a string@@") },
	{ "{\"string\":\"\\'\"}", -EINVAL, NOT_JSON("12", "lexical error: inside a string@@") },
	{ "{\"string\":\"\\u12g4\"}", -EINVAL,
	  "line 1, column 16: a \\u escape without four hexadecimal digits" },
	{ "{\"string\":\"\\u0000\"}", -EINVAL, "line 1, column 17: a NUL" },
	{ "{\"str\\u0000ing\":1}", -EINVAL, "line 1, column 11: a NUL" },
	{ "{\"string\":\"\\ud800\"}", -EINVAL, "line 1, column 18: half of a \\u surrogate pair" },
	{ "{\n\"string\":\"\xc0\x80\"}", -EINVAL, "line 2, column 11: a byte that is not UTF-8" },
	{ "{\"x\":1,\"\xff\":1}", -EINVAL, "line 1, column 9: a byte that is not UTF-8" },
	/* types: where the value ends, and by which path it is known */
	{ "{\"string\":12}", -EINVAL,
	  "line 1, column 12: string: is a number; it must be a string" },
	{ "{\"string\": 12 }", -EINVAL,
	  "line 1, column 13: string: is a number; it must be a string" },
	{ "{\"string\":\n\n  true}", -EINVAL,
	  "line 3, column 6: string: is true or false; it must be a string" },
	{ "{\"string\":{}}", -EINVAL,
	  "line 1, column 11: string: is an object; it must be a string" },
	{ "{\"string\":[]}", -EINVAL,
	  "line 1, column 11: string: is an array; it must be a string" },
	{ "{\"number\":\"1\"}", -EINVAL,
	  "line 1, column 13: number: is a string; it must be a number" },
	{ "{\"bool\":\"true\"}", -EINVAL,
	  "line 1, column 14: bool: is a string; it must be true or false" },
	{ "{\"list\":[1,\"a\",false]}", -EINVAL,
	  "line 1, column 20: list[]: is true or false; it must be a number or a string" },
	{ "{\"list\":{}}", -EINVAL, "line 1, column 9: list[]: is an object; it must be an array" },
	{ "{\"map\":[]}", -EINVAL, "line 1, column 8: map.*: is an array; it must be an object" },
	{ "{\"map\":{\"k\":1}}", -EINVAL,
	  "line 1, column 13: map.*: is a number; it must be a string" },
	{ "{\"objects\":[1]}", -EINVAL,
	  "line 1, column 13: objects[]: is a number; it must be an object" },
	{ "{\"grid\":[1]}", -EINVAL,
	  "line 1, column 10: grid[][]: is a number; it must be an array" },
	{ "{\"deep\":{\"a\":\"x\"}}", -EINVAL,
	  "line 1, column 16: deep.a.b.c: is a string; it must be an object" },
	/* names that stand twice */
	{ "{\"string\":\"a\",\"string\":\"a\"}", -EEXIST,
	  "line 1, column 22: member \"string\" stands twice in one object" },
	{ "{\"string\":\"a\",\n\"str\\u0069ng\":\"a\"}", -EEXIST,
	  "line 2, column 13: member \"string\" stands twice in one object" },
	{ "{\"x\":1,\"x\":1}", -EEXIST,
	  "line 1, column 10: member \"x\" stands twice in one object" },
	{ "{\"a\":{\"b\":[{\"\":1,\"\":2}]}}", -EEXIST,
	  "line 1, column 19: member \"\" stands twice in one object" },
	{ "{\"objects\":[{\"set\":{\"y\":\"1\"},\"set\":{}}]}", -EEXIST,
	  "line 1, column 34: member \"set\" stands twice in one object" },
	{ "{\"\xc3\xa9\":1,\"\\u00e9\":2}", -EEXIST,
	  "line 1, column 16: member \"\\xc3\\xa9\" stands twice in one object" },
	{ "{\"string\":null,\"string\":\"a\"}", -EEXIST,
	  "line 1, column 23: member \"string\" stands twice in one object" },
	/* depth: five are allowed */
	{ "{\"x\":[[[[[]]]]]}", -E2BIG,
	  "line 1, column 10: objects and arrays are nested too deep" },
	{ "{\"x\":[{\"y\":[{\"z\":{}}]}]}", -E2BIG,
	  "line 1, column 18: objects and arrays are nested too deep" },
	/* members: twelve are allowed, in all objects together */
	{ "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1},\"f\":1,\"g\":"
	  "1,\"h\":1,\"i\":1}",
	  -E2BIG, "line 1, column 76: " TOO_MANY },
	/* names that another reader of JSON takes for one that is asked for */
	{ "{\"String\":1}", -EINVAL, "line 1, column 9: " LOOKALIKE("String", "string") },
	{ "{\"string\":\"a\",\"STRING\":null}", -EINVAL,
	  "line 1, column 22: " LOOKALIKE("STRING", "string") },
	{ "{\"Other\":1,\"ObjectS\":[]}", -EINVAL,
	  "line 1, column 20: " LOOKALIKE("ObjectS", "objects") },
	{ "{\"object\xc5\xbf\":[]}", -EINVAL,
	  "line 1, column 11: " LOOKALIKE("object\\xc5\\xbf", "objects") },
	{ "{\"object\\u017f\":[]}", -EINVAL,
	  "line 1, column 15: " LOOKALIKE("object\\xc5\\xbf", "objects") },
	{ "{\"deep\":{\"A\":1}}", -EINVAL, "line 1, column 12: " LOOKALIKE("A", "a") },
	{ "{\"objects\":[{\"ID\":1}]}", -EINVAL, "line 1, column 17: " LOOKALIKE("ID", "id") },
};

static const struct refusal refused_strictly[] = {
	{ "{\"other\":1}", -EINVAL, "line 1, column 8: unknown member \"other\"" },
	{ "{\"String\":\"a\"}", -EINVAL, "line 1, column 9: " LOOKALIKE("String", "string") },
	{ "{\n  \"objects\": [\n    { \"idd\": \"x\" } ] }", -EINVAL,
	  "line 3, column 11: unknown member \"idd\"" },
	{ "{\"deep\":{\"x\":1}}", -EINVAL, "line 1, column 12: unknown member \"x\"" },
	{ "{\"any\":{\"x\":1}}", -EINVAL, "line 1, column 11: unknown member \"x\"" },
	{ "{\"a\\nb\\u001b\":1}", -EINVAL, "line 1, column 13: unknown member \"a\\nb\\x1b\"" },
	{ "{\"string\":null}", -EINVAL, "line 1, column 14: string: is null; it must be a string" },
	{ "{\"map\":null}", -EINVAL, "line 1, column 11: map.*: is null; it must be an object" },
	{ "{\"list\":[null]}", -EINVAL,
	  "line 1, column 13: list[]: is null; it must be a number or a string" },
	{ "{\"objects\":null}", -EINVAL,
	  "line 1, column 15: objects[]: is null; it must be an array" },
};

static void expect_refused(const struct json_format *format, const struct refusal *row)
{
	static struct events events;
	size_t len = strlen(row->json);
	struct err err;

	for (size_t chunk = 0; chunk <= len + 1; chunk++) {
		char label[600];
		int r = parse_events(format, row->json, len, chunk, &events, &err);

		snprintf(label, sizeof(label), "%s in pieces of %zu", quote(row->json).text, chunk);
		expect_refusal(label, r, &err, format->code, row->want);
		if (r != row->result)
			fail_msg("%s: %d, want %d", label, r, row->result);
	}
}

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++)
		expect_refused(&lenient, &refused[i]);
}

static void test_refused_strictly(void **state)
{
	const struct json_format strict = strict_format();

	(void)state;
	for (size_t i = 0; i < LENGTH(refused_strictly); i++)
		expect_refused(&strict, &refused_strictly[i]);
}

static void test_strict_accepts_what_has_a_rule(void **state)
{
	static const char json[] =
		"{\"string\":\"a\",\"any\":null,\"quiet\":\"\",\"map\":{\"x\":\"\"}}";
	const struct json_format strict = strict_format();
	static struct events events;
	struct err err;

	(void)state;
	expect_success(json, parse_events(&strict, json, strlen(json), 0, &events, &err), &err);
	expect_text(json, events.buf, "1=\"a\"@1 4=null@1 6(\"x\")=\"\"@1");
}

/* ---- pieces and positions ---- */

/*
 * Wherever the reader's first piece ends, at each byte of a text: the text stands behind so many
 * blanks and one line end that it crosses the end of the piece.
 */
enum { PIECE = 65536 };

static void parse_across(const struct json_format *format, const char *json, size_t cut,
			 struct events *events, int *ret_r, struct err *err)
{
	static char buf[PIECE + 1024];
	struct json_format wide = *format;
	size_t len = strlen(json);

	wide.max_bytes = sizeof(buf);
	memset(buf, ' ', PIECE - cut - 1);
	buf[PIECE - cut - 1] = '\n';
	memcpy(buf + PIECE - cut, json, len);
	*ret_r = parse_events(&wide, buf, PIECE - cut + len, 0, events, err);
}

/* "line 3, ..." as it would be without the line end in front. */
static void undo_line(char *message)
{
	char digits[16];
	unsigned line;
	int n;

	if (sscanf(message, "line %u%n", &line, &n) != 1)
		return;
	snprintf(digits, sizeof(digits), "line %u", line - 1);
	assert_int_equal(strlen(digits), n); /* line numbers of one digit, all of them */
	memcpy(message, digits, strlen(digits));
}

static void test_pieces_end_anywhere(void **state)
{
	static struct events events;
	struct err err;
	int r;

	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		if (refused[i].json[0] == '\0')
			continue; /* with a piece before it, it is not empty */
		for (size_t cut = 0; cut <= strlen(refused[i].json); cut++) {
			parse_across(&lenient, refused[i].json, cut, &events, &r, &err);
			undo_line(err.msg);
			expect_refusal(refused[i].json, r, &err, EX_DATAERR, refused[i].want);
		}
	}
	for (size_t i = 0; i < LENGTH(accepted); i++) {
		for (size_t cut = 0; cut <= strlen(accepted[i].json); cut++) {
			parse_across(&lenient, accepted[i].json, cut, &events, &r, &err);
			expect_success(accepted[i].json, r, &err);
			if (strchr(accepted[i].want, '@') == NULL)
				expect_text(accepted[i].json, events.buf, accepted[i].want);
		}
	}
}

/* Tokens longer than any piece, and columns over 64 K. */
static void test_strings_over_several_pieces(void **state)
{
	struct json_format wide = lenient;
	const size_t len = 200000;
	char *json = malloc(len + 1);
	static struct events events;
	struct err err;

	(void)state;
	assert_non_null(json);
	wide.max_bytes = len;
	memset(json, 'x', len);
	memcpy(json, "{\"string\":\"", 11);
	memcpy(json + len - 2, "\"}", 2);
	expect_success("a long string", parse_events(&wide, json, len, 0, &events, &err), &err);
	expect_like("a long string", events.buf, "1=\"xxx@@xxx\"...@1");
	memcpy(json + len - 2, "\xff}", 2);
	expect_refusal("a bad byte in it", parse_events(&wide, json, len, 0, &events, &err), &err,
		       EX_DATAERR, "line 1, column 199999: a byte that is not UTF-8");
	memcpy(json + len - 3, "\",x", 3);
	expect_refusal("a bad byte behind it", parse_events(&wide, json, len, 0, &events, &err),
		       &err, EX_DATAERR, NOT_JSON("200000", CHAR));
	free(json);
}

/* Where nobody asks for positions, refusals have them all the same. */
static void test_refusals_without_positions(void **state)
{
	struct json_format plain = lenient;
	static struct events events;
	struct err err;

	(void)state;
	plain.positions = false;
	plain.when_empty = "; write something";
	for (size_t i = 0; i < LENGTH(refused); i++) {
		const char *json = refused[i].json;

		if (json[0] != '\0')
			expect_refusal(json,
				       parse_events(&plain, json, strlen(json), 0, &events, &err),
				       &err, EX_DATAERR, refused[i].want);
	}
	expect_refusal("empty", parse_events(&plain, "", 0, 0, &events, &err), &err, EX_DATAERR,
		       "it is empty; write something");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_names_belong_to_their_rule),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_strictly),
		cmocka_unit_test(test_strict_accepts_what_has_a_rule),
		cmocka_unit_test(test_pieces_end_anywhere),
		cmocka_unit_test(test_strings_over_several_pieces),
		cmocka_unit_test(test_refusals_without_positions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
