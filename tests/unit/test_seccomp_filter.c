/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/seccomp_filter: what a profile answers to bpf(2), and that the kernel agrees. */

#include "tests/unit/support.h"

#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/bpftoken/seccomp/filter.h"
#include "spec/base/text.h"

#define ERRNO(number) (SECCOMP_RET_ERRNO | (number))
#define ALLOW	      SECCOMP_RET_ALLOW
#define DEFAULT	      (-1)

#define PROFILE(action, rest) "{\"defaultAction\":\"SCMP_ACT_" action "\"" rest "}"
#define RULES(rules)	      ",\"syscalls\":[" rules "]"
#define RULE(action, rest)    "{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_" action "\"" rest "}"
#define ARGS(args)	      ",\"args\":[" args "]"
#define ARG(index, value, op) "{\"index\":" index ",\"value\":" value ",\"op\":\"SCMP_CMP_" op "\"}"
#define MASKED(mask, value)                                                                        \
	"{\"index\":0,\"value\":" mask ",\"valueTwo\":" value ",\"op\":\"SCMP_CMP_MASKED_EQ\"}"
#define IF(op, value) ARGS(ARG("0", value, op))

static const struct {
	const char *profile;
	unsigned cmd;
	uint32_t action;
	int entry;
	bool depends;
} rows[] = {
	/* the default action */
	{ PROFILE("ERRNO", ""), 5, ERRNO(EPERM), DEFAULT, false },
	{ PROFILE("ERRNO", ",\"defaultErrnoRet\":38"), 5, ERRNO(ENOSYS), DEFAULT, false },
	{ PROFILE("ERRNO", ",\"defaultErrnoRet\":0"), 5, ERRNO(0), DEFAULT, false },
	{ PROFILE("ALLOW", ""), 5, ALLOW, DEFAULT, false },
	{ PROFILE("LOG", ""), 5, SECCOMP_RET_LOG, DEFAULT, false },
	{ PROFILE("KILL", ""), 5, SECCOMP_RET_KILL_THREAD, DEFAULT, false },
	{ PROFILE("KILL_PROCESS", ""), 5, SECCOMP_RET_KILL_PROCESS, DEFAULT, false },
	{ PROFILE("TRAP", ""), 5, SECCOMP_RET_TRAP, DEFAULT, false },
	{ PROFILE("TRACE", ""), 5, SECCOMP_RET_TRACE | EPERM, DEFAULT, false },
	{ PROFILE("NOTIFY", ""), 5, SECCOMP_RET_USER_NOTIF, DEFAULT, false },
	/* rules: of another call, without conditions, with the errno they name */
	{ PROFILE("ERRNO", RULES("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}")), 5,
	  ERRNO(EPERM), DEFAULT, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ""))), 5, ALLOW, 0, false },
	{ PROFILE("ERRNO", RULES("{\"names\":[\"read\",\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\"}")),
	  5, ALLOW, 0, false },
	{ PROFILE("ALLOW", RULES(RULE("ERRNO", ""))), 5, ERRNO(EPERM), 0, false },
	{ PROFILE("ALLOW", RULES(RULE("ERRNO", ",\"errnoRet\":95"))), 5, ERRNO(95), 0, false },
	/* conditions on the command */
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("EQ", "5")))), 5, ALLOW, 0, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("EQ", "5")))), 4, ERRNO(EPERM), DEFAULT, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("NE", "5")))), 5, ERRNO(EPERM), DEFAULT, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("NE", "5")))), 6, ALLOW, 0, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("LT", "5")))), 4, ALLOW, 0, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("LT", "5")))), 5, ERRNO(EPERM), DEFAULT, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("LE", "5")))), 5, ALLOW, 0, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("LE", "5")))), 6, ERRNO(EPERM), DEFAULT, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("GE", "5")))), 5, ALLOW, 0, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("GE", "5")))), 4, ERRNO(EPERM), DEFAULT, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("GT", "5")))), 6, ALLOW, 0, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("GT", "5")))), 5, ERRNO(EPERM), DEFAULT, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("EQ", "4294967301")))), 5, ERRNO(EPERM), DEFAULT,
	  false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ARGS(MASKED("4", "4"))))), 5, ALLOW, 0, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ARGS(MASKED("4", "4"))))), 3, ERRNO(EPERM), DEFAULT,
	  false },
	/* several rules: each for its command; one twice */
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("EQ", "0")) "," RULE("ALLOW", IF("EQ", "5")))), 5,
	  ALLOW, 1, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("EQ", "5")) "," RULE("ALLOW", IF("EQ", "5")))), 5,
	  ALLOW, 0, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", "") "," RULE("ALLOW", ""))), 5, ALLOW, 0, false },
	{ PROFILE("KILL", RULES(RULE("ALLOW", IF("LE", "10")) "," RULE("ERRNO", IF("GT", "10")))),
	  11, ERRNO(EPERM), 1, false },
	/* one that says what the default action says is left out, so it takes nothing from others */
	{ PROFILE("ERRNO", RULES(RULE("ERRNO", ",\"errnoRet\":1") "," RULE("ALLOW", ""))), 5, ALLOW,
	  1, false },
	/* an argument twice: each condition by itself, as runc and crun have it */
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ARGS(ARG("0", "0", "EQ") "," ARG("0", "5", "EQ"))))),
	  5, ALLOW, 0, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ARGS(ARG("0", "3", "GE") "," ARG("0", "5", "LE"))))),
	  2, ALLOW, 0, false },
	/* arguments that nobody knows before the call */
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ARGS(ARG("2", "120", "LE"))))), 5, 0, 0, true },
	{ PROFILE("ERRNO",
		  RULES(RULE("ALLOW", ARGS(ARG("0", "5", "EQ") "," ARG("2", "120", "LE"))))),
	  4, ERRNO(EPERM), DEFAULT, false },
	{ PROFILE("ERRNO",
		  RULES(RULE("ALLOW", ARGS(ARG("0", "5", "EQ") "," ARG("2", "120", "LE"))))),
	  5, 0, 0, true },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", "") "," RULE("ALLOW", ARGS(ARG("1", "7", "EQ"))))),
	  5, ALLOW, 0, false },
	/* architectures: the native one is always judged */
	{ PROFILE("ERRNO", ",\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\","
			   "\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_NEWER\"]" RULES(RULE("ALLOW", ""))),
	  5, ALLOW, 0, false },
	/* an engine takes such a rule for some containers only */
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ",\"includes\":{\"caps\":[\"CAP_BPF\"]}"))), 5,
	  ERRNO(EPERM), DEFAULT, false },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ",\"includes\":{},\"excludes\":{}"))), 5, ALLOW, 0,
	  false },
	{ PROFILE("ERRNO", RULES("{\"name\":\"bpf\",\"action\":\"SCMP_ACT_ALLOW\"}")), 5, ALLOW, 0,
	  false },
	/* in a config.json */
	{ "{\"ociVersion\":\"1.0.2\",\"linux\":{\"seccomp\":" PROFILE("ERRNO",
								      RULES(RULE("ALLOW",
										 IF("EQ",
										    "5")))) "}}",
	  5, ALLOW, 0, false },
};

static void parse(const char *text, struct seccomp_profile *profile)
{
	struct err err = { 0 };

	expect_success(text, seccomp_profile_parse(text, strlen(text), profile, &err), &err);
}

static void check_row(size_t i)
{
	struct seccomp_profile profile;
	struct seccomp_filter filter = { 0 };
	struct seccomp_verdict verdict;
	struct err err = { 0 };

	parse(rows[i].profile, &profile);
	expect_success(rows[i].profile, seccomp_filter_build(&profile, &filter, &err), &err);
	verdict = seccomp_filter_judge(&filter, &profile, rows[i].cmd);
	if (verdict.depends != rows[i].depends ||
	    (!verdict.depends && verdict.action != rows[i].action))
		print_error("%s: 0x%x\n", rows[i].profile, verdict.action);
	assert_int_equal(verdict.depends, rows[i].depends);
	if (!verdict.depends) {
		assert_int_equal(verdict.action, rows[i].action);
		assert_ptr_equal(verdict.entry,
				 rows[i].entry == DEFAULT ? NULL : &profile.entries[rows[i].entry]);
	}
	assert_int_equal(seccomp_verdict_passes(&verdict),
			 !rows[i].depends && (rows[i].action == SECCOMP_RET_ALLOW ||
					      rows[i].action == SECCOMP_RET_LOG));
	seccomp_filter_done(&filter);
	seccomp_profile_done(&profile);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		check_row(i);
}

/* ---- what cannot be ---- */

static const struct {
	const char *text;
	const char *message;
} broken[] = {
	{ "", "it is empty" },
	{ "[]", "line 1, column 1: the text is not a JSON object" },
	{ "{}", "defaultAction is missing; a profile has one" },
	{ "{\"ociVersion\":\"1.0.2\"}",
	  "linux.seccomp is missing, so no call is filtered; there is nothing to change" },
	{ "{\"root\":{},\"linux\":{\"seccomp\":null}}",
	  "linux.seccomp is missing, so no call is filtered; there is nothing to change" },
	{ "{\"linux\":{\"seccomp\":{}}}",
	  "linux.seccomp.defaultAction is missing; a profile has one" },
	{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[],\"linux\":{\"seccomp\":"
	  "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[]}}}",
	  "a profile stands at the top and another in linux.seccomp; remove one" },
	{ "{\"linux\":{\"seccomp\":{\"syscalls\":[]}},\"syscalls\":[]}",
	  "a profile stands at the top and another in linux.seccomp; remove one" },
	{ PROFILE("FROB", ""), "line 1, column 32: defaultAction: \"SCMP_ACT_FROB\" is no action; "
			       "write one of libseccomp's, for example SCMP_ACT_ERRNO" },
	{ PROFILE("ERRNO", RULES("{\"names\":[\"bpf\"]}")),
	  "line 1, column 63: syscalls[]: \"action\" is missing; write one" },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", IF("XX", "5")))),
	  "@@ syscalls[].args[].op: \"SCMP_CMP_XX\" is no operator; write one of libseccomp's, for "
	  "example SCMP_CMP_EQ" },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ARGS("{\"index\":0,\"value\":5}")))),
	  "@@ syscalls[].args[]: \"op\" is missing; write one" },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ARGS(ARG("6", "5", "EQ"))))),
	  "@@ syscalls[].args[].index: \"6\" is not a whole number from 0 to 5" },
	{ PROFILE("ERRNO", RULES(RULE("ALLOW", ARGS(ARG("0", "1e3", "EQ"))))),
	  "@@ syscalls[].args[].value: \"1e3\" is not a whole number from 0 to "
	  "18446744073709551615" },
	{ PROFILE("ERRNO", RULES(RULE("ERRNO", ",\"errnoRet\":65536"))),
	  "@@ syscalls[].errnoRet: \"65536\" is not a whole number from 0 to 65535" },
	{ PROFILE("ERRNO", ",\"defaultErrnoRet\":-1"),
	  "@@ defaultErrnoRet: \"-1\" is not a whole number from 0 to 65535" },
};

static void test_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(broken); i++) {
		struct seccomp_profile profile;
		struct err err = { 0 };
		int r = seccomp_profile_parse(broken[i].text, strlen(broken[i].text), &profile,
					      &err);

		expect_refusal(broken[i].text, r, &err, EX_DATAERR, broken[i].message);
	}
}

/* ---- programs that libseccomp does not write ---- */

static void test_strange_programs(void **state)
{
	static const struct sock_filter endless[] = { { BPF_JMP | BPF_JA, 0, 0, 5 } };
	static const struct sock_filter odd[] = { { BPF_LD | BPF_W | BPF_LEN, 0, 0, 0 },
						  { BPF_RET | BPF_K, 0, 0, ALLOW } };
	static const struct sock_filter beyond[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, sizeof(struct seccomp_data) },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0 },
		{ BPF_RET | BPF_K, 0, 0, ALLOW },
		{ BPF_RET | BPF_K, 0, 0, ERRNO(1) },
	};
	static const struct sock_filter three_ways[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, args[1]) },
		{ BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 7 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 8 },
		{ BPF_RET | BPF_K, 0, 0, ERRNO(1) },
		{ BPF_RET | BPF_K, 0, 0, ALLOW },
	};
	static const struct sock_filter same[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, args[1]) },
		{ BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 7 },
		{ BPF_RET | BPF_K, 0, 0, ERRNO(1) },
		{ BPF_RET | BPF_K, 0, 0, ERRNO(1) },
	};
	bool depends = false;

	(void)state;
	seccomp_filter_run(endless, LENGTH(endless), 5, &depends);
	assert_true(depends);
	seccomp_filter_run(odd, LENGTH(odd), 5, &depends);
	assert_true(depends);
	seccomp_filter_run(beyond, LENGTH(beyond), 5, &depends);
	assert_true(depends);
	seccomp_filter_run(three_ways, LENGTH(three_ways), 5, &depends); /* the last differs */
	assert_true(depends);
	assert_int_equal(seccomp_filter_run(same, LENGTH(same), 5, &depends), ERRNO(1));
	assert_false(depends);
	seccomp_filter_run(odd, 0, 5, &depends);
	assert_true(depends);
}

/* Both ways at each jump that is unknown: a program of many is given up, not run for ever. */
static void test_branchy_program(void **state)
{
	static struct sock_filter insns[121];
	bool depends = false;

	(void)state;
	for (size_t i = 0; i + 1 < LENGTH(insns); i += 3) {
		insns[i] = (struct sock_filter){ BPF_LD | BPF_W | BPF_ABS, 0, 0,
						 offsetof(struct seccomp_data, args[1]) };
		insns[i + 1] = (struct sock_filter){ BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 7 };
		insns[i + 2] = (struct sock_filter){ BPF_JMP | BPF_JA, 0, 0, 0 };
	}
	insns[LENGTH(insns) - 1] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, ALLOW };
	seccomp_filter_run(insns, LENGTH(insns), 5, &depends);
	assert_true(depends);
}

/* ---- the kernel's own word ---- */

/* Errnos that bpf(2) itself never gives, so that the filter's can be told. */
#define FIRST_ERRNO 90
#define LAST_ERRNO  99

static const uint64_t probes[] = {
	0,	    1,		2,	     3,		  4,
	5,	    6,		7,	     8,		  15,
	16,	    17,		31,	     33,	  36,
	37,	    38,		39,	     63,	  64,
	0x7fffffff, 0xffffffff, 0x100000000, 0x100000005, 0xffffffff00000005,
	UINT64_MAX
};

/* What the kernel says to each probe under a filter: the errno of it, or 0. */
static void ask_kernel(const struct seccomp_filter *filter, int *ret_errnos)
{
	/* for all other calls the default action would hold, too, and the child is to come back */
	struct sock_filter insns[4096] = { { BPF_LD | BPF_W | BPF_ABS, 0, 0,
					     offsetof(struct seccomp_data, nr) },
					   { BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_bpf },
					   { BPF_RET | BPF_K, 0, 0, ALLOW } };
	const struct sock_fprog program = { (unsigned short)(filter->n_insns + 3), insns };
	const size_t size = LENGTH(probes) * sizeof(int);
	int ends[2];
	pid_t pid;

	assert_true(filter->n_insns + 3 <= LENGTH(insns));
	memcpy(insns + 3, filter->insns, filter->n_insns * sizeof(*insns));
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
			_exit(1);
		for (size_t i = 0; i < LENGTH(probes); i++) {
			/* a null attr: what the filter lets through fails without doing anything */
			long r = syscall(SYS_bpf, probes[i], NULL, 0UL);

			ret_errnos[i] =
				r < 0 && errno >= FIRST_ERRNO && errno <= LAST_ERRNO ? errno : 0;
		}
		_exit(write(ends[1], ret_errnos, size) != (ssize_t)size);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], ret_errnos, size), size);
	close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* A profile of some random rules on the command. */
static void make_profile(uint64_t *seed, char *buf, size_t cap)
{
	static const char *const ops[] = { "EQ", "NE", "LT", "LE", "GT", "GE" };
	struct text text;
	const unsigned n = (unsigned)(next_random(seed) % 6);
	const bool allows = next_random(seed) % 2 == 0;

	text_init(&text, buf, cap);
	text_add(&text, "{\"defaultAction\":\"SCMP_ACT_%s\",\"defaultErrnoRet\":99,\"syscalls\":[",
		 allows ? "ALLOW" : "ERRNO");
	for (unsigned i = 0; i < n; i++) {
		const bool allow = next_random(seed) % 3 == 0;

		text_add(&text, "%s{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_%s\",\"errnoRet\":%u",
			 i == 0 ? "" : ",", allow ? "ALLOW" : "ERRNO", FIRST_ERRNO + i);
		if (next_random(seed) % 8 != 0)
			text_add(&text,
				 ",\"args\":[{\"index\":0,\"value\":%llu,\"op\":\"SCMP_CMP_%s\"}]",
				 (unsigned long long)probes[next_random(seed) % LENGTH(probes)],
				 ops[next_random(seed) % LENGTH(ops)]);
		else if (next_random(seed) % 2 == 0)
			text_add(&text, ",\"args\":[" MASKED("%u", "%u") "]",
				 (unsigned)(next_random(seed) % 40),
				 (unsigned)(next_random(seed) % 40));
		text_add(&text, "}");
	}
	text_add(&text, "]}");
	assert_false(text.cut);
}

/* False when libseccomp refuses it. */
static bool check_profile(const char *text)
{
	struct seccomp_profile profile;
	struct seccomp_filter filter = { 0 };
	struct err err = { 0 };
	int said[LENGTH(probes)] = { 0 };

	parse(text, &profile);
	const bool built = seccomp_filter_build(&profile, &filter, &err) == 0;

	if (built) {
		ask_kernel(&filter, said);
		for (size_t i = 0; i < LENGTH(probes); i++) {
			bool depends;
			const uint32_t action = seccomp_filter_run(filter.insns, filter.n_insns,
								   probes[i], &depends);
			const int want = action == ALLOW ? 0 : (int)(action & SECCOMP_RET_DATA);

			if (depends || said[i] != want)
				print_error("%s: 0x%llx: kernel %d, we %d\n", text,
					    (unsigned long long)probes[i], said[i], want);
			assert_false(depends);
			assert_int_equal(said[i], want);
		}
	}
	seccomp_filter_done(&filter);
	seccomp_profile_done(&profile);
	return built;
}

static void test_kernel_agrees(void **state)
{
	uint64_t seed = 0x5eed;
	int judged = 0;

	(void)state;
	for (int i = 0; i < 300; i++) {
		char text[2000];

		make_profile(&seed, text, sizeof(text));
		judged += check_profile(text);
	}
	assert_true(judged > 200);
}

/* ---- what every runtime refuses ---- */

static void test_refused_by_libseccomp(void **state)
{
	static const char text[] = PROFILE("ERRNO", ",\"architectures\":[\"SCMP_ARCH_S390X\"]");
	struct seccomp_profile profile;
	struct seccomp_filter filter = { 0 };
	struct err err = { 0 };
	int r;

	(void)state;
	if (seccomp_arch_native() == SCMP_ARCH_S390X) {
		print_message("that is this machine's architecture\n");
		skip();
	}
	parse(text, &profile);
	r = seccomp_filter_build(&profile, &filter, &err); /* a byte order of its own */
	expect_refusal(text, r, &err, EX_DATAERR,
		       "architectures: libseccomp, and so every runtime, refuses them: @@");
	seccomp_profile_done(&profile);
}

/* libseccomp would not come to an end with three such rules (found by the fuzzer). */
static void test_entangled(void **state)
{
#define TWO(a, b)                                                                                  \
	"{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["                            \
	"{\"index\":" #a ",\"value\":3,\"op\":\"SCMP_CMP_GE\"},"                                   \
	"{\"index\":" #b ",\"value\":7,\"op\":\"SCMP_CMP_LE\"}]}"
	static const char one[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" TWO(1, 0) "]}";
	static const char same[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" TWO(1, 0) "," TWO(2, 2) "]}";
	static const char two[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" TWO(1, 0) "," TWO(5, 0) "]}";
	static const char *const texts[] = { one, same, two };

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct seccomp_profile profile;
		struct seccomp_filter filter = { 0 };
		struct err err = { 0 };
		int r;

		parse(texts[i], &profile);
		r = seccomp_filter_build(&profile, &filter, &err);
		if (texts[i] == two)
			expect_refusal(
				two, r, &err, EX_DATAERR,
				"syscalls[1]: it and syscalls[0] each have conditions on several "
				"arguments of bpf(2), which libseccomp, and so a runtime, may "
				"never end with; keep them to one rule");
		else
			expect_success(texts[i], r, &err);
		seccomp_filter_done(&filter);
		seccomp_profile_done(&profile);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_strange_programs),
		cmocka_unit_test(test_branchy_program),
		cmocka_unit_test(test_kernel_agrees),
		cmocka_unit_test(test_refused_by_libseccomp),
		cmocka_unit_test(test_entangled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
