/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/explain/code.h"
#include "cmd/bpftoken/explain/explanation.h"
#include "cmd/oci-bpf-token-hook/words.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken explain [OPTION]... BUNDLE|CONFIG.JSON\n"
	"       bpftoken explain --exit-code=N [--json]\n"
	"Say what the hook would do for a bundle and why, without doing it: the request,\n"
	"each rule of the policy, the plan, what seccomp lets through, and what will keep\n"
	"the delegation from being of use. The exit code is the hook's.\n"
	"\n"
	"  --state=FILE      the container's OCI state, - for standard input; where its\n"
	"                    process runs, the kernel is asked. Without it the\n"
	"                    annotations of config.json are the request, and what only a\n"
	"                    running container has is assumed\n"
	"  --policy=FILE     the policy (default: that of the hook in config.json, else\n"
	"                    " POLICY_PATH ")\n"
	"  --profile=..., --cmds=..., --maps=..., --progs=..., --attachs=..., --path=...,\n"
	"  --mode=..., --owner=..., --on-unsupported=...\n"
	"                    a request on the hook's command line, in place of the\n"
	"                    annotations\n"
	"  --json            print one JSON object: verdict (code, asked, ignored,\n"
	"                    message), request, container, policy (rules with result and\n"
	"                    why), plan, seccomp (command, passes, answer, by) and\n"
	"                    warnings\n"
	"  --exit-code=N     say what the exit code N of a hook means and what to look at\n"
	"                    (with --json: code, meaning, lookAt)\n"
	"  --help            print this\n"
	"\n"
	"Examples:\n"
	"  bpftoken explain /var/lib/containers/bundle\n"
	"  runc state web | bpftoken explain --state=-\n"
	"  bpftoken explain --exit-code=77\n";

enum { OPTION_STATE = 256, OPTION_POLICY, OPTION_JSON, OPTION_EXIT_CODE, OPTION_HELP };

static const struct option own_options[] = {
	{ "state", required_argument, NULL, OPTION_STATE },
	{ "policy", required_argument, NULL, OPTION_POLICY },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "exit-code", required_argument, NULL, OPTION_EXIT_CODE },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

struct arguments {
	struct explain_options explain;
	const char *exit_code;
	char *policy; /* what explain.policy points to */
	bool help;
};

static int take_option(int option, struct arguments *arguments)
{
	struct err err = { 0 };
	int code;

	switch (option) {
	case ARGS_WRONG:
		return EX_USAGE;
	case OPTION_STATE:
		arguments->explain.state = optarg;
		return 0;
	case OPTION_POLICY:
		code = args_absolute("explain", optarg, &arguments->policy);
		arguments->explain.policy = arguments->policy;
		return code;
	case OPTION_JSON:
		arguments->explain.json = true;
		return 0;
	case OPTION_EXIT_CODE:
		arguments->exit_code = optarg;
		return 0;
	case OPTION_HELP:
		arguments->help = true;
		return 0;
	default:
		return words_take(option, optarg, &arguments->explain.words, &err) < 0 ?
			       args_wrong("explain", "%s", err.msg) :
			       0;
	}
}

static int take_arguments(int argc, char **argv, struct arguments *arguments)
{
	struct option options[WORDS_OPTIONS_MAX];
	struct err err = { 0 };
	int code = 0;

	words_options(own_options, options);
	for (int option; code == 0 && (option = args_next(argc, argv, options)) != ARGS_END;)
		code = take_option(option, arguments);
	if (code != 0 || arguments->help)
		return code;
	if (arguments->exit_code != NULL)
		return optind == argc ?
			       0 :
			       args_wrong("explain", "option --exit-code: it stands alone; "
						     "leave the bundle out");
	if (optind + 1 < argc)
		return args_wrong("explain", "argument %s: name one bundle or config.json",
				  quote(argv[optind + 1]).text);
	arguments->explain.target = optind < argc ? argv[optind] : NULL;
	if (arguments->explain.target == NULL && arguments->explain.state == NULL)
		return args_wrong("explain",
				  "arguments: name a bundle, its config.json or a --state; "
				  "see bpftoken explain --help");
	return words_check(&arguments->explain.words, &err) < 0 ?
		       args_wrong("explain", "%s", err.msg) :
		       0;
}

static int run_exit_code(const struct arguments *arguments)
{
	const char *word = arguments->exit_code;
	uint64_t code;

	if (text_parse_u64(word, strlen(word), 255, &code) < 0)
		return args_wrong("explain",
				  "option --exit-code: %s is no exit code; write a number "
				  "from 0 to 255",
				  quote(word).text);
	return explain_code((int)code, arguments->explain.json);
}

static int run(const struct arguments *arguments)
{
	defer_with(explanation_done) struct explanation explanation = { 0 };
	const int code = explanation_make(&arguments->explain, &explanation);

	/* what the hook would say is data; what keeps it from being told is not */
	if (code != 0 && !explanation.has_state)
		fprintf(stderr, "bpftoken: explain: %s\n", explanation.verdict.msg);
	else if (arguments->explain.json)
		explanation_json(&explanation);
	else
		explanation_print(&explanation);
	return code;
}

static void arguments_done(struct arguments *arguments)
{
	free(arguments->policy);
}

int command_explain(int argc, char **argv)
{
	defer_with(arguments_done) struct arguments arguments = { 0 };
	const int code = take_arguments(argc, argv, &arguments);

	if (code != 0)
		return code;
	if (arguments.help)
		return fputs(help, stdout) < 0 ? EX_OSERR : 0;
	return arguments.exit_code != NULL ? run_exit_code(&arguments) : run(&arguments);
}
