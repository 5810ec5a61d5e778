/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: arguments with a line end between them.
 *
 * Promises: a refusal is a usage error in one printable line; what is accepted keeps the invariants
 * of its values, and means the same when it is read again.
 */

#include "tests/fuzz/fuzz.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/oci-bpf-token-hook/options.h"

enum { ARGS_MAX = 64 };

static void promise_invariants(const struct hook_options *options)
{
	const struct report_options *report = &options->report;
	bool any = false;

	promise(request_path_defect(options->policy) == NULL, "a canonical policy path",
		options->policy);
	promise(strcmp(options->vendor_policy, VENDOR_POLICY_PATH) == 0, "the vendor's policy",
		options->vendor_policy);
	promise(report->n_sinks >= 1 && report->n_sinks <= REPORT_LOGS_MAX, "one to four logs", "");
	for (size_t i = 0; i < report->n_sinks; i++)
		promise(report->sinks[i] != REPORT_FILE || report->paths[i][0] == '/',
			"a log's path is absolute", "");
	for (enum request_key key = 0; key < REQUEST_KEYS; key++)
		any = any || options->words.word[key] != NULL;
	promise(any == request_words_ask(&options->words), "settings do not stand alone", "");
}

static void promise_same_options(const struct hook_options *a, const struct hook_options *b)
{
	for (enum request_key key = 0; key < REQUEST_KEYS; key++)
		promise(a->words.word[key] == b->words.word[key], "the same words", "");
	promise(a->policy == b->policy && a->dry_run == b->dry_run &&
			a->report.format == b->report.format &&
			a->report.n_sinks == b->report.n_sinks &&
			memcmp(a->report.sinks, b->report.sinks, sizeof(a->report.sinks)) == 0,
		"the same options", "");
}

/* getopt's own state begins anew with 0. */
static int parse(int argc, char **argv, struct hook_options *options, enum options_action *action,
		 struct err *err)
{
	optind = 0;
	return options_parse(argc, argv, options, action, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "oci-bpf-token-hook";
	char *text = strndup((const char *)data, size), *rest = text,
	     *argv[ARGS_MAX + 2] = { name };
	struct hook_options options, again;
	enum options_action action, again_action;
	struct err err = { 0 };
	int argc = 1;

	promise(text != NULL, "memory", "");
	while (rest != NULL && argc <= ARGS_MAX)
		argv[argc++] = strsep(&rest, "\n");
	if (parse(argc, argv, &options, &action, &err) < 0) {
		promise_refusal(&err, EX_USAGE);
	} else {
		promise_invariants(&options);
		promise(parse(argc, argv, &again, &again_action, &err) == 0 &&
				action == again_action,
			"read a second time, it is accepted again", err.msg);
		promise_same_options(&options, &again);
	}
	free(text);
	return 0;
}
