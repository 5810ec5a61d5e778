/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/hook_file: which hooks.d files work, for whom, and what is wrong with others. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/check/hook_file.h"

#define FILE_OF(when, rest)                                                                        \
	"{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/x/oci-bpf-token-hook\", \"env\": "       \
	"[\"LC_ALL=C\"]}, \"when\": " when ", \"stages\": [\"createRuntime\"]" rest "}"
#define PATTERN(key, value) "{\"annotations\": {\"" key "\": \"" value "\"}}"

/* All lines as "result detail;", the file's name left out. */
static void expect_lines(const char *json, const char *want)
{
	struct source_memory source = source_memory(json, strlen(json), 0);
	struct check check = { .root = "" };
	struct hook_file file;
	struct err err = { 0 };
	char got[4096];
	struct text text;

	expect_success(json, hook_file_parse(&source.source, &file, &err), &err);
	assert_true(hook_file_is_ours(&file));
	hook_file_judge(&check, "F", &file);
	text_init(&text, got, sizeof(got));
	for (size_t i = 0; i < check.n_lines; i++) {
		text_add(&text, "%c %s;", check.lines[i].result == CHECK_FAILURE ? 'F' : 'W',
			 check.lines[i].detail + 3);
		assert_string_not_equal(check.lines[i].fix, "");
	}
	expect_like(json, got, want);
	free(check.lines);
	hook_file_done(&file);
}

static void test_good(void **state)
{
	(void)state;
	/* the package's own */
	expect_lines(FILE_OF(PATTERN("^io\\\\.bpftoken\\\\..+$", "^"), ""), "");
	expect_lines(FILE_OF(PATTERN("io\\\\.bpftoken\\\\.", ""), ""), "");
	expect_lines(FILE_OF(PATTERN("^io[.]bpftoken[.](profile|cmds|maps|progs|attachs)", ".+"),
			     ""),
		     "");
	expect_lines(
		FILE_OF("{\"always\": true, \"annotations\": {\"^io\\\\.bpftoken\\\\.\": \".\"}}",
			""),
		"");
}

static void test_patterns(void **state)
{
	static const struct {
		const char *json, *want;
	} cases[] = {
		/* too little: one key only, no container's own key, some values only */
		{ FILE_OF(PATTERN("^io\\\\.bpftoken\\\\.cmds$", ".*"), ""),
		  "W when.annotations matches no container that asks by io.bpftoken.profile, "
		  "io.bpftoken.profile/CONTAINER, io.bpftoken.cmds/CONTAINER, @@ alone;" },
		{ FILE_OF(PATTERN("^io\\\\.bpftoken\\\\.[a-z]+$", ".*"), ""),
		  "W when.annotations matches no container that asks by "
		  "io.bpftoken.profile/CONTAINER, @@" },
		{ FILE_OF(PATTERN("^io\\\\.bpftoken\\\\.", "^any$"), ""),
		  "W when.annotations matches no container that asks by io.bpftoken.profile, @@" },
		{ FILE_OF(PATTERN("^org\\\\.bpftoken\\\\.", ".*"), ""),
		  "W when.annotations matches no container @@" },
		/* all of them must match, which one annotation cannot do */
		{ FILE_OF("{\"annotations\": {\"^io\\\\.bpftoken\\\\.cmds\": \".\", "
			  "\"^io\\\\.bpftoken\\\\.maps\": \".\"}}",
			  ""),
		  "W when.annotations (all of its patterns must match) matches no @@" },
		/* too much */
		{ FILE_OF(PATTERN(".*", ".*"), ""),
		  "W when.annotations matches keys of others, too @@" },
		{ FILE_OF(PATTERN("^io\\\\.", ".*"), ""),
		  "W when.annotations matches keys of others, too "
		  "(io.kubernetes.cri.sandbox-namespace), @@" },
		{ FILE_OF(PATTERN("^io\\\\.(bpftoken", ".*"), ""),
		  "F a pattern in when.annotations is no regular expression;" },
		{ FILE_OF(PATTERN("(?i)^IO\\\\.BPFTOKEN", ".*"), ""),
		  "W when.annotations cannot be judged here @@" },
		{ FILE_OF(PATTERN("^io\\\\.bpftoken\\\\.\\\\w+", ".*"), ""),
		  "W when.annotations cannot be judged here @@" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		expect_lines(cases[i].json, cases[i].want);
}

static void test_when(void **state)
{
	(void)state;
	expect_lines(FILE_OF("{}", ""), "F when is empty, so it never runs;");
	expect_lines(FILE_OF("{\"always\": false}", ""), "F when.always is false, @@");
	expect_lines(FILE_OF("{\"always\": true}", ""), "W it runs for every container; @@");
	expect_lines(FILE_OF("{\"commands\": [\"^/bin/sh$\"]}", ""), "W when.commands or @@");
	expect_lines(FILE_OF("{\"hasBindMounts\": true, \"annotations\": "
			     "{\"^io\\\\.bpftoken\\\\.\": \".\"}}",
			     ""),
		     "W when.commands or when.hasBindMounts must hold as well, @@");
}

#define WHEN ", \"when\": {\"annotations\": {\"^io\\\\.bpftoken\\\\..+$\": \"^\"}}"
#define HOOK "\"hook\": {\"path\": \"/x/oci-bpf-token-hook\", \"env\": [\"A=b\"]}"

static void test_rest(void **state)
{
	(void)state;
	expect_lines("{\"version\": \"1.0.0\", " HOOK WHEN ", \"stages\": [\"prestart\"]}", "");
	expect_lines("{\"version\": \"1.0.0\", " HOOK WHEN ", \"stages\": [\"poststart\"]}",
		     "F none of its stages is createRuntime or prestart;");
	expect_lines("{\"version\": \"1.0.0\", " HOOK WHEN "}",
		     "F none of its stages is createRuntime or prestart;");
	expect_lines("{\"version\": \"1.0.0\", " HOOK WHEN
		     ", \"stages\": [\"createRuntime\", \"createContainer\"]}",
		     "F in its other stages the hook refuses to work and the container fails;");
	expect_lines("{" HOOK WHEN ", \"stages\": [\"prestart\"]}", "F its version is not 1.0.0;");
	expect_lines("{\"version\": \"0.1.0\", " HOOK WHEN ", \"stages\": [\"prestart\"]}",
		     "F its version is not 1.0.0;");
	expect_lines("{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/x/oci-bpf-token-hook\", "
		     "\"env\": [], \"timeout\": 0}" WHEN ", \"stages\": [\"createRuntime\"]}",
		     "W without hook.env the hook starts with the engine's environment;"
		     "F runtimes refuse a timeout of 0;");
}

static void test_others(void **state)
{
	static const char json[] =
		"{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/bin/nvidia\"}, "
		"\"when\": {\"always\": true}, \"stages\": [\"prestart\"]}";
	struct source_memory source = source_memory(json, strlen(json), 0);
	struct hook_file file;
	struct err err = { 0 };

	(void)state;
	expect_success(json, hook_file_parse(&source.source, &file, &err), &err);
	assert_false(hook_file_is_ours(&file));
	hook_file_done(&file);
}

static void test_broken(void **state)
{
	static const char *const cases[] = { "",
					     "{",
					     "[]",
					     "{\"hook\": {\"path\": 1}}",
					     "{\"stages\": \"prestart\"}",
					     "{\"version\": \"1\", \"version\": \"1\"}" };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct source_memory source = source_memory(cases[i], strlen(cases[i]), 0);
		struct hook_file file;
		struct err err = { 0 };

		assert_true(hook_file_parse(&source.source, &file, &err) < 0);
		assert_int_equal(err.code, EX_DATAERR);
		hook_file_done(&file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),   cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_when),   cmocka_unit_test(test_rest),
		cmocka_unit_test(test_others), cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
