/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/check/check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/base/output.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken check [--json] [--policy=FILE] [--root=DIR]\n"
	"Try a delegation on this host, in a throw-away container of its own, then look\n"
	"at what may be in its way: kernel settings, security modules, the policy,\n"
	"hooks.d and CDI files, container runtimes and their defaults. Each line says ok,\n"
	"warning or failure.\n"
	"\n"
	"  --policy=FILE  the administrator's policy, instead of\n"
	"                 " POLICY_PATH "\n"
	"  --root=DIR     look at the files below DIR, an image's root; nothing is tried\n"
	"                 or run\n"
	"  --json         an array of {subject, result, detail, fix}\n"
	"\n"
	"Exit codes: 0 a delegation works here, 69 this host cannot have it or this\n"
	"caller may not try, 71 a system call failed, 78 the policy is broken, 65 another\n"
	"file is.\n"
	"\n"
	"Example: sudo bpftoken check\n";

/* In this order they run and are printed; code is that of a failure that has none of its own. */
static const struct one {
	void (*run)(struct check *check);
	int code;
	bool of_host; /* nothing that an image's files could tell */
} checks[] = {
	{ .run = check_kernel, .code = EX_UNAVAILABLE, .of_host = true },
	{ .run = check_delegation, .code = EX_OSERR, .of_host = true },
	{ .run = check_sysctls, .code = EX_UNAVAILABLE },
	{ .run = check_security, .code = EX_UNAVAILABLE },
	{ .run = check_btf, .code = EX_UNAVAILABLE, .of_host = true },
	{ .run = check_policy, .code = EX_CONFIG },
	{ .run = check_hooks, .code = EX_DATAERR },
	{ .run = check_cdi, .code = EX_DATAERR },
	{ .run = check_runtimes, .code = EX_DATAERR },
	{ .run = check_containerd, .code = EX_DATAERR },
	{ .run = check_seccomp, .code = EX_DATAERR },
};

#define N_CHECKS (sizeof(checks) / sizeof(checks[0]))

static const struct {
	const char *word;
	enum output_colour colour;
} results[] = {
	[CHECK_OK] = { "ok", OUTPUT_GOOD },
	[CHECK_WARNING] = { "warning", OUTPUT_WARNING },
	[CHECK_FAILURE] = { "failure", OUTPUT_BAD },
};

/* The first failure's code; that of a delegation which nobody may try counts as one. */
static int run_checks(struct check *check)
{
	int code = 0;

	for (size_t i = 0; i < N_CHECKS; i++) {
		size_t n = check->n_lines;

		if (check->image && checks[i].of_host)
			continue;
		checks[i].run(check);
		for (; n < check->n_lines; n++) {
			struct check_line *line = &check->lines[n];

			if (line->result == CHECK_FAILURE && line->code == 0)
				line->code = checks[i].code;
			if (code == 0)
				code = line->code;
		}
	}
	return code;
}

static void print_text(const struct check *check)
{
	for (size_t i = 0; i < check->n_lines; i++) {
		const struct check_line *line = &check->lines[i];

		output_result(stdout, results[line->result].colour, results[line->result].word,
			      line->subject, line->detail);
		if (line->fix[0] != '\0')
			output_result(stdout, OUTPUT_PLAIN, "", "  fix", line->fix);
	}
}

static void print_json(const struct check *check)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	json_gen_array(gen);
	for (size_t i = 0; i < check->n_lines; i++) {
		const struct check_line *line = &check->lines[i];

		json_gen_object(gen);
		json_gen_name(gen, "subject");
		json_gen_string(gen, line->subject);
		json_gen_name(gen, "result");
		json_gen_string(gen, results[line->result].word);
		json_gen_name(gen, "detail");
		json_gen_string(gen, line->detail);
		json_gen_name(gen, "fix");
		json_gen_string(gen, line->fix[0] != '\0' ? line->fix : NULL);
		json_gen_object_end(gen);
	}
	json_gen_array_end(gen);
	output_json(gen);
}

/* Paths of policies below a root. */
struct paths {
	char policy[PATH_MAX], vendor[PATH_MAX];
};

static void put_below(char *buf, const char *root, const char *path)
{
	struct text text;

	text_init(&text, buf, PATH_MAX);
	text_add(&text, "%s%s", root, path);
}

static int run(struct check *check, bool json)
{
	int code;

	check->root_fd = open(check->image ? check->root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (check->root_fd < 0) {
		fprintf(stderr, "bpftoken: check: root %s: it cannot be opened (%s)\n",
			quote(check->root).text, strerrordesc_np(errno));
		return EX_DATAERR;
	}
	fflush(stdout);
	code = run_checks(check);
	if (json)
		print_json(check);
	else
		print_text(check);
	close(check->root_fd);
	free(check->lines);
	return code;
}

int command_check(int argc, char **argv)
{
	enum { OPTION_JSON = 256, OPTION_POLICY, OPTION_ROOT, OPTION_HELP };
	static const struct option options[] = { { "json", no_argument, NULL, OPTION_JSON },
						 { "policy", required_argument, NULL,
						   OPTION_POLICY },
						 { "root", required_argument, NULL, OPTION_ROOT },
						 { "help", no_argument, NULL, OPTION_HELP },
						 { 0 } };
	struct check check = { .root = "" };
	const char *policy = NULL, *root = NULL;
	struct paths paths;
	bool json = false;

	for (int option; (option = args_next(argc, argv, options)) != ARGS_END;) {
		if (option == ARGS_WRONG)
			return EX_USAGE;
		if (option == OPTION_HELP)
			return fputs(help, stdout) < 0 ? EX_OSERR : 0;
		json |= option == OPTION_JSON;
		policy = option == OPTION_POLICY ? optarg : policy;
		root = option == OPTION_ROOT ? optarg : root;
	}
	if (optind < argc)
		return args_wrong("check",
				  "argument %s: it takes options only; see bpftoken check --help",
				  quote(argv[optind]).text);
	if (policy != NULL && policy[0] != '/')
		return args_wrong(
			"check",
			"option --policy: %s is not an absolute path; begin it with a slash",
			quote(policy).text);
	if (root != NULL)
		check.root = root;
	check.image = check.root[0] != '\0' && strcmp(check.root, "/") != 0;
	if (check.image && check.root[0] != '/')
		return args_wrong(
			"check", "option --root: %s is not an absolute path; begin it with a slash",
			quote(check.root).text);
	put_below(paths.policy, policy == NULL && check.image ? check.root : "",
		  policy != NULL ? policy : POLICY_PATH);
	put_below(paths.vendor, check.image ? check.root : "", VENDOR_POLICY_PATH);
	check.policy = paths.policy;
	check.vendor = paths.vendor;
	return run(&check, json);
}
