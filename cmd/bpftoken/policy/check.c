/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/bpftoken/base/output.h"
#include "cmd/bpftoken/policy/commands.h"
#include "cmd/bpftoken/policy/lint.h"
#include "cmd/bpftoken/policy/read.h"
#include "hook/policy_file.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken policy check [--draft] [--json] [FILE]\n"
	"Verify a policy as the hook would judge it: who owns it and its directories, its\n"
	"form, and together with the vendor's file its names. Then say which of its rules\n"
	"can never match, are void or reach the host. Needs no privilege. Exit code 78\n"
	"where the hook would refuse everything, else 0.\n"
	"\n"
	"  --draft   leave owners and modes out: the file is not in its place yet\n"
	"  --json    print one JSON object: file, ok, and findings (level, line, message)\n"
	"  --help    print this\n"
	"\n"
	"FILE is " POLICY_PATH " where it is left out.\n"
	"\n"
	"Example: bpftoken policy check --draft ./policy.json\n";

struct check {
	const struct policy_arguments *arguments;
	struct policy policy;
	struct err safety; /* who could have written the file; code 0: root alone */
	struct err form;
	bool unread; /* form says why there is no text to judge */
	struct err vendor;
	struct lints lints;
};

static int judge_safety(const char *path, struct err *err)
{
	defer_close int fd = -1;

	return policy_file_open(path, &fd, err);
}

/* The vendor's profiles count, too; a system without them has an empty layer. */
static void add_vendor(struct check *check)
{
	bool unread;
	int r;

	if (policy_layer_of(check->arguments->path) == POLICY_VENDOR)
		return;
	r = judge_safety(VENDOR_POLICY_PATH, &check->vendor);
	if (r == -ENOENT)
		check->vendor = (struct err){ 0 };
	else if (r == 0)
		policy_read(VENDOR_POLICY_PATH, &check->policy, &unread, &check->vendor);
}

static void look(struct check *check)
{
	const char *path = check->arguments->path;

	if (!check->arguments->draft)
		judge_safety(path, &check->safety);
	if (policy_read(path, &check->policy, &check->unread, &check->form) < 0)
		return;
	add_vendor(check);
	if (check->vendor.code == 0 && policy_link(&check->policy, &check->vendor) == 0)
		policy_lint(&check->policy, &check->lints);
}

static bool is_good(const struct check *check)
{
	return check->safety.code == 0 && check->form.code == 0 && check->vendor.code == 0;
}

/* ---- showing it ---- */

enum level { LEVEL_OK, LEVEL_NOTE, LEVEL_WARNING, LEVEL_FAILURE };

static const struct {
	const char *word;
	enum output_colour colour;
} levels[] = {
	[LEVEL_OK] = { "ok", OUTPUT_GOOD },
	[LEVEL_NOTE] = { "note", OUTPUT_PLAIN },
	[LEVEL_WARNING] = { "warning", OUTPUT_WARNING },
	[LEVEL_FAILURE] = { "failure", OUTPUT_BAD },
};

/* Hands each finding to tell, in order. */
static void each_finding(const struct check *check,
			 void (*tell)(struct json_gen *gen, enum level level, unsigned line,
				      const char *message),
			 struct json_gen *gen)
{
	struct err form = check->form, vendor = check->vendor;

	/* what cannot be read has one failure, not two */
	if (check->safety.code != 0 && !check->unread)
		tell(gen, LEVEL_FAILURE, 0, check->safety.msg);
	else if (check->safety.code == 0 && !check->arguments->draft)
		tell(gen, LEVEL_OK, 0, "only root can have written it");
	if (form.code != 0)
		tell(gen, LEVEL_FAILURE, 0, form.msg);
	else
		tell(gen, LEVEL_OK, 0, "its form is good");
	if (vendor.code != 0) {
		err_prefix(&vendor, "the vendor's file " VENDOR_POLICY_PATH);
		tell(gen, LEVEL_FAILURE, 0, vendor.msg);
	}
	if (form.code == 0 && check->policy.n_rules == 0 &&
	    policy_layer_of(check->arguments->path) == POLICY_ADMINISTRATOR)
		tell(gen, LEVEL_NOTE, 0, "it has no rule, so what annotations ask for is refused");
	for (size_t i = 0; i < check->lints.n; i++) {
		const struct lint *lint = &check->lints.items[i];

		tell(gen, lint->level == LINT_NOTE ? LEVEL_NOTE : LEVEL_WARNING, lint->line,
		     lint->text);
	}
}

static void tell_text(struct json_gen *gen, enum level level, unsigned line, const char *message)
{
	char words[ERR_MSG_MAX + 64];
	struct text text;

	(void)gen;
	text_init(&text, words, sizeof(words));
	if (line != 0)
		text_add(&text, "line %u: ", line);
	text_add(&text, "%s", message);
	fputs(output_colour(stdout, levels[level].colour), stdout);
	output_wrapped(stdout, levels[level].word, 9, words);
	fputs(output_plain(stdout), stdout);
}

static void tell_json(struct json_gen *gen, enum level level, unsigned line, const char *message)
{
	json_gen_object(gen);
	json_gen_name(gen, "level");
	json_gen_string(gen, levels[level].word);
	json_gen_name(gen, "line");
	if (line != 0)
		json_gen_unsigned(gen, line);
	else
		json_gen_string(gen, NULL);
	json_gen_name(gen, "message");
	json_gen_string(gen, message);
	json_gen_object_end(gen);
}

static void print_json(const struct check *check)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	json_gen_object(gen);
	json_gen_name(gen, "file");
	json_gen_string(gen, check->arguments->path);
	json_gen_name(gen, "ok");
	json_gen_bool(gen, is_good(check));
	json_gen_name(gen, "findings");
	json_gen_array(gen);
	each_finding(check, tell_json, gen);
	json_gen_array_end(gen);
	json_gen_object_end(gen);
	output_json(gen);
}

static void print_text(const struct check *check)
{
	printf("policy %s\n", check->arguments->path);
	each_finding(check, tell_text, NULL);
	if (check->lints.dropped != 0)
		printf("and %zu findings more\n", check->lints.dropped);
}

static void check_done(struct check *check)
{
	policy_done(&check->policy);
}

int policy_check(int argc, char **argv)
{
	defer_free char *path = NULL;
	struct policy_arguments arguments;
	defer_with(check_done) struct check check = { .arguments = &arguments };
	int code = policy_arguments_take("policy check", argc, argv,
					 POLICY_TAKES_JSON | POLICY_TAKES_DRAFT, &arguments, &path);

	if (code != 0)
		return code;
	if (arguments.help)
		return fputs(help, stdout) < 0 ? EX_OSERR : 0;
	look(&check);
	(arguments.json ? print_json : print_text)(&check);
	return is_good(&check) ? 0 : EX_CONFIG;
}
