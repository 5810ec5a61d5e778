/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of hook/record: what an audit record says, and that no value in it can end it, add a field
 * or break its form. The JSON form is read by our own strict parser, and the text form has to be
 * the same fields with the same values.
 */

#include "tests/unit/support.h"

#include <limits.h>
#include <linux/bpf.h>

#include "hook/report.h"
#include "spec/json.h"

#define BIT(n) (UINT64_C(1) << (n))

/* The room that a record has where it is written. */
enum { RECORD_ROOM = 49152 };

/* ---- the parser's view of a record ---- */

enum field {
	TIME,
	DECISION,
	OUTCOME,
	CODE,
	ID,
	PID,
	HOST_UID,
	SOURCE,
	PATH,
	CMDS,
	MAPS,
	PROGS,
	ATTACHS,
	MESSAGE,
	WARNING,
	FIELDS
};

struct fields {
	char *value[FIELDS]; /* of WARNING the last */
	size_t n_warnings;
};

static int on_field(void *ctx, const struct json_value *value, struct err *err)
{
	struct fields *fields = ctx;

	free(fields->value[value->arg]);
	fields->value[value->arg] = json_copy(value);
	fields->n_warnings += value->arg == WARNING;
	return fields->value[value->arg] != NULL ? 0 : err_memory(err);
}

static const struct json_rule rules[] = {
	{ "time", JSON_NUMBER, on_field, TIME },
	{ "decision", JSON_STRING, on_field, DECISION },
	{ "outcome", JSON_STRING, on_field, OUTCOME },
	{ "code", JSON_NUMBER, on_field, CODE },
	{ "id", JSON_STRING, on_field, ID },
	{ "pid", JSON_NUMBER, on_field, PID },
	{ "hostUid", JSON_NUMBER, on_field, HOST_UID },
	{ "source", JSON_STRING, on_field, SOURCE },
	{ "path", JSON_STRING, on_field, PATH },
	{ "cmds", JSON_STRING, on_field, CMDS },
	{ "maps", JSON_STRING, on_field, MAPS },
	{ "progs", JSON_STRING, on_field, PROGS },
	{ "attachs", JSON_STRING, on_field, ATTACHS },
	{ "message", JSON_STRING, on_field, MESSAGE },
	{ "warnings[]", JSON_STRING, on_field, WARNING },
};

static const struct json_format format = {
	.rules = rules,
	.n_rules = LENGTH(rules),
	.code = EX_SOFTWARE,
	.strict = true,
	.max_bytes = RECORD_ROOM,
	.max_members = FIELDS,
	.max_depth = 2,
};

static void fields_done(struct fields *fields)
{
	for (size_t i = 0; i < FIELDS; i++)
		free(fields->value[i]);
	*fields = (struct fields){ 0 };
}

static void expect_field(const struct fields *fields, enum field field, const char *want)
{
	expect_text(rules[field].path, fields->value[field] ? fields->value[field] : "(none)",
		    want ? want : "(none)");
}

/* ---- from the text form to the other ---- */

/* The end of a value: a string, a list of strings or a number. */
static const char *value_end(const char *p)
{
	bool string = false, list = *p == '[';

	for (; *p != '\0'; p++) {
		if (string && *p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			string = !string;
		else if (!string && ((list && *p == ']') || (!list && *p == ' ')))
			return list ? p + 1 : p;
	}
	return p;
}

/* key="value" key=1 ... as {"key":"value","key":1, ...} */
static void text_to_json(const char *record, struct text *out)
{
	text_add(out, "{");
	while (*record != '\0') {
		size_t key = strspn(record, "abcdefghijklmnopqrstuvwxyzU");
		const char *value = record + key + 1, *end = value_end(value);

		if (key == 0 || record[key] != '=' || (*end != ' ' && *end != '\0'))
			fail_msg("no field: %s", record);
		text_add(out, "%s\"%.*s\":%.*s", out->len > 1 ? "," : "", (int)key, record,
			 (int)(end - value), value);
		record = end + (*end == ' ');
	}
	text_add(out, "}");
}

/* Writes a record in both forms, holds them against each other, and yields the fields. */
static struct fields written(const struct report_record *record)
{
	static char json[RECORD_ROOM], text[RECORD_ROOM], again[RECORD_ROOM + 100];
	struct text json_out, text_out, again_out;
	struct source_memory source;
	struct fields fields = { 0 };
	struct err err = { 0 };

	text_init(&json_out, json, sizeof(json));
	report_add_json(&json_out, record);
	text_init(&text_out, text, sizeof(text));
	report_add_text(&text_out, record);
	for (const char *p = json; *p != '\0'; p++)
		assert_true(text_is_printable(*p));
	for (const char *p = text; *p != '\0'; p++)
		assert_true(text_is_printable(*p));
	source = source_memory(json, json_out.len, 0);
	expect_success(json, json_parse(&format, &fields, &source.source, &err), &err);
	assert_false(json_out.cut || text_out.cut);
	text_init(&again_out, again, sizeof(again));
	text_to_json(text, &again_out);
	expect_text("both forms", again, json);
	return fields;
}

/* ---- records as they are ---- */

static void test_a_run_that_ended_early(void **state)
{
	const struct report_record record = { .time = 1795302000123,
					      .outcome = "failed",
					      .code = EX_DATAERR,
					      .message = "state on standard input: id is missing" };
	struct fields fields = written(&record);
	char buf[256];
	struct text text;

	(void)state;
	expect_field(&fields, TIME, "1795302000.123");
	expect_field(&fields, DECISION, "none");
	expect_field(&fields, OUTCOME, "failed");
	expect_field(&fields, CODE, "65");
	expect_field(&fields, MESSAGE, record.message);
	for (enum field field = ID; field < MESSAGE; field++)
		expect_field(&fields, field, NULL);
	fields_done(&fields);
	text_init(&text, buf, sizeof(buf));
	report_add_text(&text, &record);
	expect_text("text", buf,
		    "time=1795302000.123 decision=\"none\" outcome=\"failed\" code=65 "
		    "message=\"state on standard input: id is missing\"");
	text_init(&text, buf, sizeof(buf));
	report_add_json(&text, &record);
	expect_text("json", buf,
		    "{\"time\":1795302000.123,\"decision\":\"none\",\"outcome\":\"failed\","
		    "\"code\":65,\"message\":\"state on standard input: id is missing\"}");
}

/* All that a record can hold; the strings are what the test is about. */
struct whole {
	struct state state;
	struct policy_rule rule;
	struct request request;
	struct decision decision;
	struct warnings warnings;
	struct report_record record;
};

static void whole_init(struct whole *whole, char *id, char *path, char *rule, const char *message)
{
	memset(whole, 0, sizeof(*whole));
	whole->state.id = id;
	whole->state.pid = INT_MAX;
	whole->request.path = path;
	whole->request.lists.masks[NAMES_CMDS] = BIT(BPF_PROG_LOAD);
	whole->rule.name = rule;
	whole->rule.number = 4294967295u;
	whole->decision.rule = &whole->rule;
	whole->decision.granted = true;
	whole->record = (struct report_record){ .time = INT64_MAX / 1000 * 1000 + 7,
						.outcome = "already delegated",
						.state = &whole->state,
						.request = &whole->request,
						.decision = &whole->decision,
						.warnings = &whole->warnings,
						.has_host_uid = true,
						.host_uid = 4294967294u,
						.message = message };
}

static void test_a_whole_record(void **state)
{
	static char id[] = "web", path[] = "/run/bpf", name[] = "net \"x\"";
	static struct whole whole;
	struct fields fields;

	(void)state;
	whole_init(&whole, id, path, name, NULL);
	whole.decision.delegation =
		(struct delegation){ { BIT(BPF_MAP_CREATE) | BIT(BPF_PROG_LOAD), DELEGATION_ANY, 0,
				       BIT(BPF_XDP) | BIT(63) } };
	whole.warnings.n = 2;
	memcpy(whole.warnings.text[0], "first", sizeof("first"));
	memcpy(whole.warnings.text[1], "the \"second\"", sizeof("the \"second\""));
	fields = written(&whole.record);
	expect_field(&fields, DECISION, "granted");
	expect_field(&fields, OUTCOME, "already delegated");
	expect_field(&fields, CODE, "0");
	expect_field(&fields, ID, "web");
	expect_field(&fields, PID, "2147483647");
	expect_field(&fields, HOST_UID, "4294967294");
	expect_field(&fields, SOURCE, "rule \"net \\\"x\\\"\"");
	expect_field(&fields, PATH, "/run/bpf");
	expect_field(&fields, CMDS, "map_create,prog_load");
	expect_field(&fields, MAPS, "any");
	expect_field(&fields, PROGS, "");
	expect_field(&fields, ATTACHS, "xdp,0x8000000000000000");
	expect_field(&fields, MESSAGE, NULL);
	expect_field(&fields, WARNING, "the \"second\"");
	assert_int_equal(fields.n_warnings, 2);
	fields_done(&fields);
}

static void test_sources_and_verdicts(void **state)
{
	static char id[] = "i", path[] = "/p";
	static struct whole whole;
	struct fields fields;

	(void)state;
	whole_init(&whole, id, path, NULL, "no");
	whole.decision.granted = false;
	fields = written(&whole.record);
	expect_field(&fields, SOURCE, "rule 4294967295");
	expect_field(&fields, DECISION, "refused");
	fields_done(&fields);

	whole.decision.rule = NULL;
	fields = written(&whole.record);
	expect_field(&fields, SOURCE, "no rule");
	fields_done(&fields);

	whole.request.origin = REQUEST_FROM_COMMAND_LINE;
	whole.decision.rule = &whole.rule;
	fields = written(&whole.record);
	expect_field(&fields, SOURCE, "command line");
	fields_done(&fields);

	whole.record.decision = NULL;
	fields = written(&whole.record);
	expect_field(&fields, SOURCE, "command line");
	expect_field(&fields, DECISION, "none");
	expect_field(&fields, CMDS, "prog_load"); /* what was asked, where nothing was decided */
	fields_done(&fields);
}

/* ---- values that would like to be more ---- */

static void expect_values(char *id, char *path, const char *message)
{
	static struct whole whole;
	struct fields fields;

	whole_init(&whole, id, path, NULL, message);
	fields = written(&whole.record);
	expect_field(&fields, ID, id);
	expect_field(&fields, PATH, path);
	expect_field(&fields, MESSAGE, message);
	expect_field(&fields, CODE, "0");
	fields_done(&fields);
}

static void test_no_value_forges_a_field_or_line(void **state)
{
	static const char *const values[] = {
		"a\" code=0 decision=\"granted",
		"a\",\"code\":0,\"x\":\"",
		"a\\\" code=0",
		"\\",
		"\"",
		"a\ntime=1 decision=\"granted\"",
		"a\r\n<86>",
		"\x1b]0;x\a",
		"}",
		"{}",
		"]",
		" ",
		"",
		"\xe2\x80\xa8\xe2\x80\xa9\xc2\x85",
		"\xf0\x9f\x98\x80",
		"\\u0000",
		"=",
		"\x7f",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++) {
		char *id = strdup(values[i]), *path = strdup(values[LENGTH(values) - 1 - i]);

		assert_true(id != NULL && path != NULL);
		expect_values(id, path, values[i]);
		free(id);
		free(path);
	}
}

/* Words of a command line can be any bytes; the record is a record all the same. */
static void test_random_bytes(void **state)
{
	uint64_t seed = 99;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		static struct whole whole;
		char value[3][40] = { { 0 } };
		struct fields fields;

		for (size_t i = 0; i < 3; i++)
			for (size_t j = next_random(&seed) % 39; j > 0; j--)
				value[i][j - 1] = (char)(1 + next_random(&seed) % 255);
		whole_init(&whole, value[0], value[1], value[2], value[0]);
		fields = written(&whole.record);
		expect_field(&fields, CODE, "0");
		fields_done(&fields);
	}
}

static char *repeated(const char *piece, size_t len)
{
	char *value = calloc(1, len + 1);

	assert_non_null(value);
	for (size_t i = 0; i < len; i++)
		value[i] = piece[i % strlen(piece)];
	return value;
}

/* The longest of everything: the record is whole all the same, whatever its values are made of. */
static void test_the_longest_values(void **state)
{
	static const char *const pieces[] = { "x",
					      "\"",
					      "\\",
					      "\n",
					      "\xc3\xa9",
					      "x\xc3\xa9",
					      "x\xe2\x82\xac",
					      "\xf0\x9f\x98\x80",
					      "x\xf0\x9f\x98\x80" };
	static struct whole whole;

	(void)state;
	for (size_t i = 0; i < LENGTH(pieces); i++) {
		char *id = repeated(pieces[i], 100000);
		char *path = repeated(pieces[i][0] == '\n' ? "y" : pieces[i], PATH_MAX - 1);
		char *message = repeated("\"", ERR_MSG_MAX - 1);
		struct fields fields;

		whole_init(&whole, id, path, id, message);
		for (enum names_list list = 0; list < NAMES_LISTS; list++)
			whole.decision.delegation.masks[list] = ~BIT(62);
		whole.warnings.n = WARN_MAX;
		for (size_t j = 0; j < WARN_MAX; j++)
			memset(whole.warnings.text[j], '"', sizeof(whole.warnings.text[j]) - 1);
		fields = written(&whole.record);
		assert_memory_equal(fields.value[ID], id, 1000);
		assert_memory_equal(fields.value[PATH], path, 1000);
		expect_field(&fields, MESSAGE, message);
		assert_int_equal(fields.n_warnings, WARN_MAX);
		fields_done(&fields);
		free(id);
		free(path);
		free(message);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_run_that_ended_early),
		cmocka_unit_test(test_a_whole_record),
		cmocka_unit_test(test_sources_and_verdicts),
		cmocka_unit_test(test_no_value_forges_a_field_or_line),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_the_longest_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
