/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/facts: what is written is read, and nothing else is. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/needs/facts.h"

#define MESSAGE_MAX 4096

struct message {
	uint8_t bytes[MESSAGE_MAX];
	size_t len;
};

static void add_samples(struct facts_writer *writer)
{
	struct fact_program program = { .type = 6, .attach = 37, .flags = FACT_OPTIONAL };
	struct fact_map map = { .type = 27 };
	struct fact_member member = { .index = 70 };
	const uint64_t helpers[FACTS_HELPER_MASKS] = { 1, 0, 0, UINT64_C(1) << 63 };

	facts_set(&program.name, "count");
	facts_set(&program.section, "?xdp");
	facts_set(&map.name, "");
	facts_set(&member.type, "tcp_congestion_ops");
	facts_set(&member.member, "ssthresh");
	facts_add_program(writer, &program);
	facts_add_map(writer, &map);
	facts_add_member(writer, &member);
	facts_add_object(writer, helpers, FACT_BTF);
}

static struct message sample(void)
{
	struct message message = { .len = 0 };
	struct facts_writer writer;

	facts_begin(&writer, message.bytes, sizeof(message.bytes));
	add_samples(&writer);
	facts_end(&writer);
	assert_false(writer.full);
	message.len = writer.len;
	return message;
}

static int parse(const uint8_t *bytes, size_t len, struct facts *ret_facts)
{
	char *copy = exact_bytes((const char *)bytes, len);
	int r = facts_parse((const uint8_t *)copy, len, ret_facts);

	free(copy);
	return r;
}

static void test_what_is_written_is_read(void **state)
{
	struct message message = sample();
	struct facts facts;

	(void)state;
	assert_int_equal(parse(message.bytes, message.len, &facts), 0);
	assert_int_equal(facts.n_programs, 1);
	assert_int_equal(facts.programs[0].type, 6);
	assert_int_equal(facts.programs[0].attach, 37);
	assert_int_equal(facts.programs[0].flags, FACT_OPTIONAL);
	assert_string_equal(facts.programs[0].name, "count");
	assert_string_equal(facts.programs[0].section, "?xdp");
	assert_int_equal(facts.n_maps, 1);
	assert_int_equal(facts.maps[0].type, 27);
	assert_string_equal(facts.maps[0].name, "");
	assert_int_equal(facts.n_members, 1);
	assert_int_equal(facts.members[0].index, 70);
	assert_string_equal(facts.members[0].type, "tcp_congestion_ops");
	assert_string_equal(facts.members[0].member, "ssthresh");
	assert_int_equal(facts.helpers[0], 1);
	assert_true(facts.helpers[3] == UINT64_C(1) << 63);
	assert_int_equal(facts.flags, FACT_BTF);
	assert_int_equal(facts.n_objects, 1);
	assert_int_equal(facts.refusal, 0);
	facts_done(&facts);
}

static void test_a_refusal(void **state)
{
	uint8_t bytes[256];
	struct facts_writer writer;
	struct facts facts;

	(void)state;
	facts_begin(&writer, bytes, sizeof(bytes));
	facts_add_refusal(&writer, EINVAL, "words");
	facts_end(&writer);
	assert_int_equal(parse(bytes, writer.len, &facts), 0);
	assert_int_equal(facts.refusal, EINVAL);
	assert_string_equal(facts.refusal_text, "words");
	facts_done(&facts);
}

static void test_long_strings_are_cut(void **state)
{
	char longer[FACTS_STRING_MAX + 50];
	facts_string string;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	facts_set(&string, longer);
	assert_int_equal(strlen(string), FACTS_STRING_MAX);
	facts_set(&string, NULL);
	assert_string_equal(string, "");
}

static void test_a_full_buffer_is_told(void **state)
{
	struct message message = sample();

	(void)state;
	for (size_t cap = 0; cap < message.len; cap++) {
		struct facts_writer writer;
		uint8_t *bytes = malloc(cap + 1);

		assert_non_null(bytes);
		facts_begin(&writer, bytes, cap);
		add_samples(&writer);
		facts_end(&writer);
		assert_true(writer.full);
		assert_true(writer.len <= cap);
		free(bytes);
	}
}

static void expect_bad(const char *label, const uint8_t *bytes, size_t len)
{
	struct facts facts;

	if (parse(bytes, len, &facts) != -EBADMSG)
		fail_msg("%s: taken for a message", label);
}

static void test_every_cut_is_bad(void **state)
{
	struct message message = sample();

	(void)state;
	for (size_t len = 0; len < message.len; len++)
		expect_bad("cut", message.bytes, len);
	message.bytes[message.len] = 'Z';
	expect_bad("a second end", message.bytes, message.len + 1);
}

/* The sample's program begins behind the magic; each row changes a byte of it. */
static void test_bad_fields(void **state)
{
	static const struct {
		const char *label;
		size_t offset;
		uint8_t value;
	} cases[] = {
		{ "magic", 0, 'B' },
		{ "letter", 8, 'Q' },
		{ "type 64", 9, 64 },
		{ "huge type", 12, 1 },
		{ "attach type 64", 13, 64 },
		{ "unknown flag", 17, 2 },
		{ "length beyond the end", 21, 255 },
		{ "NUL in a name", 22, 0 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct message message = sample();

		message.bytes[cases[i].offset] = cases[i].value;
		expect_bad(cases[i].label, message.bytes, message.len);
	}
}

static void test_bad_records(void **state)
{
	uint8_t bytes[MESSAGE_MAX];
	const uint64_t helpers[FACTS_HELPER_MASKS] = { 0 };
	struct facts_writer writer;

	(void)state;
	facts_begin(&writer, bytes, sizeof(bytes));
	facts_add_refusal(&writer, 0, "");
	facts_end(&writer);
	expect_bad("a refusal without a reason", bytes, writer.len);
	facts_begin(&writer, bytes, sizeof(bytes));
	facts_add_refusal(&writer, 1u << 20, "");
	facts_end(&writer);
	expect_bad("a reason that is no errno", bytes, writer.len);
	facts_begin(&writer, bytes, sizeof(bytes));
	facts_add_refusal(&writer, EINVAL, "");
	add_samples(&writer);
	facts_end(&writer);
	expect_bad("more behind a refusal", bytes, writer.len);
	facts_begin(&writer, bytes, sizeof(bytes));
	facts_add_object(&writer, helpers, 4);
	facts_end(&writer);
	expect_bad("an unknown flag", bytes, writer.len);
}

static void test_too_many_records(void **state)
{
	static uint8_t bytes[FACTS_MAX];
	struct facts_writer writer;
	struct fact_map map = { .type = 1 };
	struct facts facts;

	(void)state;
	facts_begin(&writer, bytes, sizeof(bytes));
	for (int i = 0; i < FACTS_RECORDS_MAX; i++)
		facts_add_map(&writer, &map);
	facts_end(&writer);
	assert_int_equal(parse(bytes, writer.len, &facts), 0);
	assert_int_equal(facts.n_maps, FACTS_RECORDS_MAX);
	facts_done(&facts);
	writer.len--;
	facts_add_map(&writer, &map);
	facts_end(&writer);
	expect_bad("a record too many", bytes, writer.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_a_refusal),
		cmocka_unit_test(test_long_strings_are_cut),
		cmocka_unit_test(test_a_full_buffer_is_told),
		cmocka_unit_test(test_every_cut_is_bad),
		cmocka_unit_test(test_bad_fields),
		cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_too_many_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
