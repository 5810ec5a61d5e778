/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/base/caps.h"
#include "cmd/bpftoken/base/output.h"
#include "cmd/bpftoken/policy/commands.h"
#include "cmd/bpftoken/policy/rules.h"
#include "cmd/oci-bpf-token-hook/words.h"
#include "hook/policy_file.h"
#include "spec/base/defer.h"
#include "spec/base/list.h"

#include "spec/base/poison.h"

#define DEFAULT_HOST_UID 100000

static const char help[] =
	"Usage: bpftoken policy test [OPTION]...\n"
	"Ask what the hook would answer to a request, and why each rule says what it\n"
	"says. The exit code is the hook's: 0 granted, 77 refused, 78 the policy is\n"
	"broken, 65 or 64 the request itself cannot be.\n"
	"\n"
	"The container that asks:\n"
	"  --annotation=KEY=VALUE   one of its annotations, the engine's and\n"
	"                           io.bpftoken.* alike; may be repeated\n"
	"  --host-uid=N             what its root is on the host (default 100000)\n"
	"  --host-network           it shares the host's network namespace\n"
	"  --host-cgroup            it shares the host's cgroup namespace\n"
	"  --bounding=CAPS          its capability bounding set, for example\n"
	"                           CAP_BPF,CAP_PERFMON\n"
	"\n"
	"Its request on the hook's command line, in place of the annotations:\n"
	"  --profile=..., --cmds=..., --maps=..., --progs=..., --attachs=..., --path=...,\n"
	"  --mode=..., --owner=..., --on-unsupported=...\n"
	"\n"
	"  --policy=FILE   the policy (default " POLICY_PATH ")\n"
	"  --json          print one JSON object: verdict (code, message), request (the\n"
	"                  lists with their profiles) and rules (number, name, line,\n"
	"                  result, why)\n"
	"  --help          print this\n"
	"\n"
	"Example:\n"
	"  bpftoken policy test --annotation=io.bpftoken.profile=xdp \\\n"
	"      --annotation=io.kubernetes.cri.sandbox-namespace=net-a --host-uid=231072\n";

enum {
	OPTION_ANNOTATION = 256,
	OPTION_HOST_UID,
	OPTION_HOST_NETWORK,
	OPTION_HOST_CGROUP,
	OPTION_BOUNDING,
	OPTION_POLICY,
	OPTION_JSON,
	OPTION_HELP,
};

static const struct option own_options[] = {
	{ "annotation", required_argument, NULL, OPTION_ANNOTATION },
	{ "host-uid", required_argument, NULL, OPTION_HOST_UID },
	{ "host-network", no_argument, NULL, OPTION_HOST_NETWORK },
	{ "host-cgroup", no_argument, NULL, OPTION_HOST_CGROUP },
	{ "bounding", required_argument, NULL, OPTION_BOUNDING },
	{ "policy", required_argument, NULL, OPTION_POLICY },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

/* A question to the policy, and the answer. */
struct test {
	const char *policy_path;
	char *given_policy; /* NULL: the one that is installed */
	struct request_words words;
	bool json, help;
	struct state state;
	struct subject subject;

	struct request request;
	struct policy policy;
	struct decision decision;
	bool is_asked, has_decision;
	struct err verdict;
};

static void test_done(struct test *test)
{
	free(test->given_policy);
	state_done(&test->state);
	request_done(&test->request);
	policy_done(&test->policy);
}

/* ---- the question ---- */

static int take_annotation(struct test *test, const char *word)
{
	const char *equals = strchr(word, '=');
	struct annotation *slot;
	defer_free char *key = equals != NULL ? strndup(word, (size_t)(equals - word)) : NULL;

	if (equals == NULL || equals == word)
		return args_wrong("policy test", "option --annotation: %s is not KEY=VALUE",
				  quote(word).text);
	if (key != NULL && state_annotation(&test->state, key) != NULL)
		return args_wrong("policy test", "option --annotation: %s is given twice",
				  quote(key).text);
	slot = list_add(&test->state.annotations, &test->state.n_annotations, sizeof(*slot));
	if (slot == NULL || key == NULL)
		return args_wrong("policy test", "memory: there is not enough");
	slot->key = key;
	slot->value = strdup(equals + 1);
	key = NULL;
	return slot->value != NULL ? 0 : args_wrong("policy test", "memory: there is not enough");
}

static int take_host_uid(struct test *test, const char *word)
{
	uint64_t uid;

	if (text_parse_u64(word, strlen(word), UINT32_MAX - 1, &uid) < 0)
		return args_wrong("policy test", "option --host-uid: %s is no user id",
				  quote(word).text);
	test->subject.host_uid = (uid_t)uid;
	return 0;
}

static int take_bounding(struct test *test, const char *word)
{
	struct err err = { 0 };

	return caps_parse(word, &test->subject.bounding, &err) == 0 ?
		       0 :
		       args_wrong("policy test", "option --bounding: %s", err.msg);
}

static int take_option(int option, struct test *test)
{
	struct err err = { 0 };

	switch (option) {
	case ARGS_WRONG:
		return EX_USAGE;
	case OPTION_ANNOTATION:
		return take_annotation(test, optarg);
	case OPTION_HOST_UID:
		return take_host_uid(test, optarg);
	case OPTION_BOUNDING:
		return take_bounding(test, optarg);
	case OPTION_HOST_NETWORK:
		test->subject.host_network = true;
		return 0;
	case OPTION_HOST_CGROUP:
		test->subject.host_cgroup = true;
		return 0;
	case OPTION_POLICY:
		return args_absolute("policy test", optarg, &test->given_policy);
	case OPTION_JSON:
		test->json = true;
		return 0;
	case OPTION_HELP:
		test->help = true;
		return 0;
	default:
		return words_take(option, optarg, &test->words, &err) < 0 ?
			       args_wrong("policy test", "%s", err.msg) :
			       0;
	}
}

static int take_arguments(int argc, char **argv, struct test *test)
{
	struct option options[WORDS_OPTIONS_MAX];
	struct err err = { 0 };
	int code = 0;

	words_options(own_options, options);
	for (int option; code == 0 && (option = args_next(argc, argv, options)) != ARGS_END;)
		code = take_option(option, test);
	if (code != 0 || test->help)
		return code;
	if (optind < argc)
		return args_wrong("policy test", "argument %s: it takes options only",
				  quote(argv[optind]).text);
	return words_check(&test->words, &err) < 0 ? args_wrong("policy test", "%s", err.msg) : 0;
}

/* ---- the answer ---- */

static int find_request(struct test *test, struct err *err)
{
	enum request_origin origin = REQUEST_FROM_COMMAND_LINE;
	int r = 0;

	if (state_is_sandbox(&test->state))
		return 0;
	if (!request_words_ask(&test->words)) {
		origin = REQUEST_FROM_ANNOTATIONS;
		r = request_find_words(&test->state, &test->words, err);
	}
	test->is_asked = r == 0 && request_words_ask(&test->words);
	return test->is_asked ? request_make(&test->words, origin, &test->request, err) : r;
}

static void answer(struct test *test)
{
	struct policy_files files = { .vendor = VENDOR_POLICY_PATH };
	int r = find_request(test, &test->verdict);

	test->policy_path = test->given_policy != NULL ? test->given_policy : POLICY_PATH;
	files.administrator = test->policy_path;
	if (r < 0 || !test->is_asked)
		return;
	files.need_rules = test->request.origin == REQUEST_FROM_ANNOTATIONS;
	if (files.need_rules || test->request.n_profiles != 0)
		r = policy_files_load(&files, &test->policy, &test->verdict);
	if (r < 0)
		return;
	policy_decide(&test->policy, test->policy_path, &test->request, &test->subject,
		      &test->decision);
	test->has_decision = true;
	test->verdict = test->decision.refusal;
}

static void print_text(const struct test *test)
{
	const struct rules_view view = { &test->policy, &test->request, &test->subject,
					 &test->decision };

	if (test->has_decision) {
		printf("request\n");
		rules_print_lists(&test->decision.delegation, "  ", 12);
		output_wrapped(stdout, "  path", 12, quote(test->request.path).text);
		printf("policy %s\n", quote(test->policy_path).text);
		if (test->request.origin == REQUEST_FROM_COMMAND_LINE)
			puts("  its rules are not asked: the words are root's own");
		else
			rules_print(&view);
	}
	printf("%sverdict%s: %s%s%s, exit code %d\n", output_colour(stdout, OUTPUT_STRONG),
	       output_plain(stdout),
	       output_colour(stdout, test->verdict.code == 0 ? OUTPUT_GOOD : OUTPUT_BAD),
	       test->verdict.code != 0 ? "refused" :
	       test->is_asked	       ? "granted" :
					 "nothing is asked",
	       output_plain(stdout), test->verdict.code);
	if (test->verdict.code != 0)
		output_wrapped(stdout, "", 2, test->verdict.msg);
	else if (!test->is_asked)
		puts("  ask by --annotation=io.bpftoken.profile=NAME, or by --profile=NAME");
}

static void print_json(const struct test *test)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);
	const struct rules_view view = { &test->policy, &test->request, &test->subject,
					 &test->decision };

	json_gen_object(gen);
	json_gen_name(gen, "verdict");
	json_gen_object(gen);
	json_gen_name(gen, "code");
	json_gen_number(gen, test->verdict.code);
	json_gen_name(gen, "asked");
	json_gen_bool(gen, test->is_asked);
	json_gen_name(gen, "message");
	json_gen_string(gen, test->verdict.code != 0 ? test->verdict.msg : NULL);
	json_gen_object_end(gen);
	if (test->has_decision) {
		json_gen_name(gen, "request");
		json_gen_object(gen);
		rules_json_lists(&test->decision.delegation, gen);
		json_gen_object_end(gen);
		json_gen_name(gen, "rules");
		rules_json(&view, gen);
	}
	json_gen_object_end(gen);
	output_json(gen);
}

int policy_test(int argc, char **argv)
{
	defer_with(test_done) struct test test = { .subject = { .host_uid = DEFAULT_HOST_UID } };
	int code;

	test.subject.state = &test.state;
	code = take_arguments(argc, argv, &test);
	if (code != 0)
		return code;
	if (test.help)
		return fputs(help, stdout) < 0 ? EX_OSERR : 0;
	answer(&test);
	(test.json ? print_json : print_text)(&test);
	return test.verdict.code;
}
