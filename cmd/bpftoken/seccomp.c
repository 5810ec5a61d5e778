/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/base/file.h"
#include "cmd/bpftoken/seccomp/edit.h"
#include "hook/decision.h"
#include "hook/policy_file.h"
#include "hook/request.h"
#include "spec/base/defer.h"
#include "spec/names_gate.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken seccomp [--cmds=LIST] [--profile=NAME,...] [--policy=FILE]\n"
	"               PROFILE\n"
	"Print a seccomp profile changed so that bpf(2) is allowed for the delegated\n"
	"commands and for those that no token gates (map elements, pinning, attaching,\n"
	"making a token), and answers EPERM to all others. Everything else of it stays as\n"
	"it is.\n"
	"\n"
	"PROFILE is an OCI seccomp profile, an engine's (Docker's default.json,\n"
	"seccomp.json of containers-common) or a bundle's config.json, whose\n"
	"linux.seccomp is then changed; - is standard input. At least one of the first\n"
	"two options is needed:\n"
	"\n"
	"  --cmds=LIST          the delegated commands, as in io.bpftoken.cmds\n"
	"  --profile=NAME,...   the commands of these profiles of the policy\n"
	"  --policy=FILE        the policy (default " POLICY_PATH ")\n"
	"  --help               print this\n"
	"\n"
	"Example:\n"
	"  bpftoken seccomp --cmds=map_create,prog_load,btf_load \\\n"
	"      /usr/share/containers/seccomp.json > bpf.json\n"
	"  podman run --security-opt seccomp=bpf.json ...\n";

struct options {
	struct request_words words;
	char *policy; /* NULL: the one that is installed */
	const char *path;
};

/* The commands that are delegated by the options' words. */
static int find_commands(const struct options *options, uint64_t *ret_cmds, struct err *err)
{
	const struct policy_files files = { .administrator = options->policy != NULL ?
								     options->policy :
								     POLICY_PATH,
					    .vendor = VENDOR_POLICY_PATH };
	defer_with(request_done) struct request request = { 0 };
	defer_with(policy_done) struct policy policy = { 0 };
	struct decision decision;
	const struct subject subject = { 0 };
	int r = request_make(&options->words, REQUEST_FROM_COMMAND_LINE, &request, err);

	if (r == 0 && request.n_profiles != 0)
		r = policy_files_load(&files, &policy, err);
	if (r < 0)
		return r;
	policy_decide(&policy, files.administrator, &request, &subject, &decision);
	if (!decision.granted) {
		*err = decision.refusal;
		return -EINVAL;
	}
	*ret_cmds = decision.delegation.masks[NAMES_CMDS];
	return 0;
}

static int edit(const struct options *options, struct err *err)
{
	defer_with(seccomp_profile_done) struct seccomp_profile profile = { 0 };
	defer_free char *text = NULL, *edited = NULL;
	size_t len, edited_len;
	uint64_t cmds;
	int r = find_commands(options, &cmds, err);

	if (r == 0)
		r = file_read(options->path, SECCOMP_PROFILE_MAX_BYTES, &text, &len, err);
	if (r != 0)
		return r;
	if (cmds == DELEGATION_ANY) /* what the kernel checks; a newer one's commands are unknown */
		cmds = names_cmds_of_gate(NAMES_GATE_TOKEN);
	r = seccomp_profile_parse(text, len, &profile, err);
	if (r == 0)
		r = seccomp_edit(text, len, &profile, cmds | names_cmds_of_gate(NAMES_GATE_OPEN),
				 &edited, &edited_len, err);
	if (r != 0)
		err_prefix(err, "%s", quote(options->path).text);
	else
		fwrite(edited, 1, edited_len, stdout);
	return r;
}

/* Returns 0 with options complete, or an exit code; *ret_done when there is nothing more to do. */
static int take_options(int argc, char **argv, struct options *options, bool *ret_done)
{
	enum { OPTION_CMDS = 256, OPTION_PROFILE, OPTION_POLICY, OPTION_HELP };
	static const struct option table[] = { { "cmds", required_argument, NULL, OPTION_CMDS },
					       { "profile", required_argument, NULL,
						 OPTION_PROFILE },
					       { "policy", required_argument, NULL, OPTION_POLICY },
					       { "help", no_argument, NULL, OPTION_HELP },
					       { 0 } };

	*ret_done = true;
	for (int option; (option = args_next(argc, argv, table)) != ARGS_END;) {
		if (option == ARGS_WRONG)
			return EX_USAGE;
		if (option == OPTION_HELP)
			return fputs(help, stdout) < 0 ? EX_OSERR : 0;
		if (option == OPTION_POLICY) {
			if (args_absolute("seccomp", optarg, &options->policy) != 0)
				return EX_USAGE;
			continue;
		}
		options->words.word[option == OPTION_CMDS ? REQUEST_CMDS : REQUEST_PROFILE] =
			optarg;
	}
	if (optind + 1 != argc)
		return args_wrong("seccomp",
				  "arguments: name one profile, or - for standard input; "
				  "see bpftoken seccomp --help");
	if (!request_words_ask(&options->words))
		return args_wrong("seccomp", "options: no command is delegated; add --cmds or "
					     "--profile, as the container asks for it");
	options->path = argv[optind];
	*ret_done = false;
	return 0;
}

static void options_done(struct options *options)
{
	free(options->policy);
}

int command_seccomp(int argc, char **argv)
{
	defer_with(options_done) struct options options = { 0 };
	struct err err = { 0 };
	bool done;
	int code = take_options(argc, argv, &options, &done);

	if (done)
		return code;
	if (edit(&options, &err) < 0) {
		fprintf(stderr, "bpftoken: seccomp: %s\n", err.msg);
		return err.code;
	}
	return 0;
}
