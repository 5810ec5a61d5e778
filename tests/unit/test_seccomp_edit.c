/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/seccomp_edit: bytes of a profile before and after. */

#include "tests/unit/support.h"

#include <linux/seccomp.h>

#include "cmd/bpftoken/seccomp/edit.h"
#include "cmd/bpftoken/seccomp/filter.h"
#include "spec/base/text.h"
#include "spec/names.h"
#include "spec/names_gate.h"

#define BIT(n)	   (UINT64_C(1) << (n))
#define EVERYTHING names_known(NAMES_CMDS)

/* Where the rules for bpf stand in what is expected. */
#define HERE "<bpf>"

static char *edit(const char *text, uint64_t allowed, size_t *ret_len)
{
	struct seccomp_profile profile;
	struct err err = { 0 };
	char *out = NULL;
	int r = seccomp_profile_parse(text, strlen(text), &profile, &err);

	expect_success(text, r, &err);
	r = seccomp_edit(text, strlen(text), &profile, allowed, &out, ret_len, &err);
	expect_success(text, r, &err);
	assert_int_equal(strlen(out), *ret_len);
	seccomp_profile_done(&profile);
	return out;
}

/* Puts HERE in place of the rules, from the first to the last. */
static void fold(const char *text, char *buf, size_t cap)
{
	static const char begin[] = "{ \"names\": [\"bpf\"], \"action\": \"SCMP_ACT_";
	const char *first = strstr(text, begin), *end = first, *next;
	struct text out;

	assert_non_null(first);
	while ((next = strstr(end, begin)) != NULL)
		end = strstr(next, "}] }") + strlen("}] }");
	text_init(&out, buf, cap);
	text_add(&out, "%.*s" HERE "%s", (int)(first - text), text, end);
	assert_false(out.cut);
}

#define D "\"defaultAction\":\"SCMP_ACT_ERRNO\""
#define A "\"action\":\"SCMP_ACT_ALLOW\""

static const struct {
	const char *before, *after;
} rows[] = {
	/* rules are added at the end of the list, in its own style */
	{ "{" D ",\"syscalls\":[]}", "{" D ",\"syscalls\":[" HERE "]}" },
	{ "{" D ",\"syscalls\":[ ]}", "{" D ",\"syscalls\":[" HERE " ]}" },
	{ "{" D ", \"x\":1}", "{" D ", \"syscalls\": [" HERE "], \"x\":1}" },
	{ "{\"x\" : [1 , 2.50e1,\"\\u0041\"]," D "}\n",
	  "{\"x\" : [1 , 2.50e1,\"\\u0041\"]," D ", \"syscalls\": [" HERE "]}\n" },
	{ "{" D ",\"syscalls\":[{\"names\":[\"read\"]," A "}]}",
	  "{" D ",\"syscalls\":[{\"names\":[\"read\"]," A "}," HERE "]}" },
	{ "{\n\t" D ",\n\t\"syscalls\": [\n\t\t{ \"names\": [\"read\"], " A " }\n\t]\n}\n",
	  "{\n\t" D ",\n\t\"syscalls\": [\n\t\t{ \"names\": [\"read\"], " A " },\n\t\t" HERE
	  "\n\t]\n}\n" },
	/* bpf leaves the rules that name it */
	{ "{" D ",\"syscalls\":[{\"names\":[\"bpf\",\"read\"]," A "}]}",
	  "{" D ",\"syscalls\":[{\"names\":[\"read\"]," A "}," HERE "]}" },
	{ "{" D ",\"syscalls\":[{\"names\":[\"read\",\"bpf\"]," A "}]}",
	  "{" D ",\"syscalls\":[{\"names\":[\"read\"]," A "}," HERE "]}" },
	{ "{" D ",\"syscalls\":[{\"names\":[\"read\", \"bpf\", \"write\"]," A "}]}",
	  "{" D ",\"syscalls\":[{\"names\":[\"read\", \"write\"]," A "}," HERE "]}" },
	{ "{" D ",\"syscalls\":[{\"names\":[\"bpf\" , \"b\\u0070f\",\"read\",\"bpf\"]," A "}]}",
	  "{" D ",\"syscalls\":[{\"names\":[\"read\"]," A "}," HERE "]}" },
	{ "{" D ",\"syscalls\":[{\"names\":[\"a\\\"b,\\\"bpf\",\"bpf\",\"x]\"]," A "}]}",
	  "{" D ",\"syscalls\":[{\"names\":[\"a\\\"b,\\\"bpf\",\"x]\"]," A "}," HERE "]}" },
	/* and those that name nothing else go */
	{ "{" D ",\"syscalls\":[{\"names\":[\"bpf\"]," A "}]}", "{" D ",\"syscalls\":[" HERE "]}" },
	{ "{" D ",\"syscalls\":[ {\"names\":[\"bpf\"]," A "}, {\"names\":[\"read\"]," A "} ]}",
	  "{" D ",\"syscalls\":[ {\"names\":[\"read\"]," A "}, " HERE " ]}" },
	{ "{" D ",\"syscalls\":[{\"names\":[\"read\"]," A "},{\"names\":[\"bpf\",\"bpf\"]," A
	  "},{\"names\":[\"write\"]," A "}]}",
	  "{" D ",\"syscalls\":[{\"names\":[\"read\"]," A "},{\"names\":[\"write\"]," A "}," HERE
	  "]}" },
	{ "{" D ",\"syscalls\":[{\"names\":[\"read\"]," A "},{\"names\":[\"bpf\"]," A "}]}",
	  "{" D ",\"syscalls\":[{\"names\":[\"read\"]," A "}," HERE "]}" },
	{ "{" D ",\"syscalls\":[{\"name\":\"bpf\"," A "},{\"name\":\"read\"," A "}]}",
	  "{" D ",\"syscalls\":[{\"name\":\"read\"," A "}," HERE "]}" },
	{ "{" D ",\"syscalls\":[{\"names\":[\"bpf\"]," A
	  ",\"includes\":{\"caps\":[\"CAP_BPF\"]}}]}",
	  "{" D ",\"syscalls\":[" HERE "]}" },
	/* members behind, and the list before the default action */
	{ "{\"syscalls\":[{\"names\":[\"bpf\"],\"args\":[]," A "}]," D ",\"flags\":[]}",
	  "{\"syscalls\":[" HERE "]," D ",\"flags\":[]}" },
	/* in a config.json */
	{ "{\"root\":{},\"linux\":{\"seccomp\":{" D ",\"syscalls\":[]}},\"x\":\"bpf\"}",
	  "{\"root\":{},\"linux\":{\"seccomp\":{" D ",\"syscalls\":[" HERE "]}},\"x\":\"bpf\"}" },
	/* lines that end as on other systems, and bytes beyond ASCII */
	{ "{\r\n" D ",\r\n\"syscalls\":[\r\n{\"names\":[\"bpf\"],\"comment\":\"\xc3\xa9\"," A
	  "},\r\n{\"names\":[\"read\"],\"comment\":\"\xc3\xa9\"," A "}\r\n]\r\n}",
	  "{\r\n" D ",\r\n\"syscalls\":[\r\n{\"names\":[\"read\"],\"comment\":\"\xc3\xa9\"," A
	  "},\r\n" HERE "\r\n]\r\n}" },
};

static void test_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char folded[1000];
		size_t len, again_len;
		char *out = edit(rows[i].before, BIT(5) | BIT(0), &len);
		char *again = edit(out, BIT(5) | BIT(0), &again_len);

		fold(out, folded, sizeof(folded));
		expect_text(rows[i].before, folded, rows[i].after);
		expect_text("a second time", again, out);
		free(out);
		free(again);
	}
}

/* ---- what the rules say ---- */

static const char *const profiles[] = {
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\"}",
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
	"{\"defaultAction\":\"SCMP_ACT_LOG\"}",
	"{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\"}",
	"{\"defaultAction\":\"SCMP_ACT_TRAP\"}",
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86_64\","
	"\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],\"syscalls\":[{\"names\":[\"bpf\"],\"action\":"
	"\"SCMP_ACT_ALLOW\"},{\"names\":[\"bpf\",\"read\"],\"action\":\"SCMP_ACT_KILL\"}]}",
};

static void check_answers(const char *text, uint64_t allowed)
{
	struct seccomp_profile profile;
	struct seccomp_filter filter = { 0 };
	struct err err = { 0 };
	size_t len;
	char *out = edit(text, allowed, &len);

	expect_success(text, seccomp_profile_parse(out, len, &profile, &err), &err);
	expect_success(text, seccomp_filter_build(&profile, &filter, &err), &err);
	for (unsigned cmd = 0; cmd < 200; cmd++) {
		const bool wanted = cmd < 64 && (allowed & BIT(cmd)) != 0;
		bool depends, depends_too;
		/* the kernel looks at the lower half of the register only, so both must be the same */
		uint32_t action = seccomp_filter_run(filter.insns, filter.n_insns, cmd, &depends);
		uint32_t upper = seccomp_filter_run(filter.insns, filter.n_insns,
						    cmd | UINT64_C(1) << 32, &depends_too);

		assert_false(depends || depends_too);
		assert_int_equal(action, wanted ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM);
		if (!wanted || profile.default_action == SCMP_ACT_ALLOW)
			assert_int_equal(upper, SECCOMP_RET_ERRNO | EPERM);
	}
	seccomp_filter_done(&filter);
	seccomp_profile_done(&profile);
	free(out);
}

static void test_answers(void **state)
{
	const uint64_t open = names_cmds_of_gate(NAMES_GATE_OPEN);
	const uint64_t sets[] = { open,	      open | BIT(0), open | BIT(0) | BIT(5) | BIT(18),
				  EVERYTHING, BIT(0),	     BIT(63),
				  BIT(38) };

	(void)state;
	for (size_t i = 0; i < LENGTH(profiles); i++)
		for (size_t j = 0; j < LENGTH(sets); j++)
			check_answers(profiles[i], sets[j]);
}

/* A member that is null is there: a second one of its name would be two readings of one profile. */
static void test_null_list(void **state)
{
	static const char text[] = "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":null}";
	struct seccomp_profile profile;
	struct err err = { 0 };
	size_t len;
	char *out;

	(void)state;
	expect_success(text, seccomp_profile_parse(text, strlen(text), &profile, &err), &err);
	expect_refusal(text, seccomp_edit(text, strlen(text), &profile, 1, &out, &len, &err), &err,
		       EX_DATAERR, "@@ member \"syscalls\" stands twice in one object");
	seccomp_profile_done(&profile);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_null_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
