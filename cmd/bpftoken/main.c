/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpftoken: the administrator's tool beside oci-bpf-token-hook.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/base/output.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

static const struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "calc", "FILE...", "the least delegation that BPF objects need", command_calc },
	{ "check", "", "whether a delegation works on this host, and what is in its way",
	  command_check },
	{ "explain", "BUNDLE", "what the hook would do for a container, and why", command_explain },
	{ "inject", "CONFIG", "put the hook and what it needs into a config.json", command_inject },
	{ "list", "[ID|PID]", "every container with a delegated bpffs, and tokens still held",
	  command_list },
	{ "names", "[LIST]", "every name that a list may hold, with its bit", command_names },
	{ "policy", "check|show|test", "verify the policy, print it, or ask it", command_policy },
	{ "record", "-- COMMAND", "the least delegation that a running workload needs",
	  command_record },
	{ "seccomp", "PROFILE", "a seccomp profile that lets through what is delegated",
	  command_seccomp },
	{ "watch", "", "each bpf(2) call that is refused in a container, and why", command_watch },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *to)
{
	fputs("Usage: bpftoken COMMAND [OPTION]... [ARGUMENT]...\n"
	      "Say what a BPF program needs, what a container got, and why something fails.\n"
	      "\n",
	      to);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		char label[64];
		struct text text;

		text_init(&text, label, sizeof(label));
		text_add(&text, "  %-8s %-15s", commands[i].name, commands[i].arguments);
		output_wrapped(to, label, 27, commands[i].summary);
	}
	fputs("\n"
	      "  --help     print this; bpftoken COMMAND --help says more\n"
	      "  --version  print the version\n"
	      "\n"
	      "Exit codes: 0, 64 usage, 65 bad input, 69 this host or kernel cannot have it,\n"
	      "71 a system call failed, 77 refused by the policy, 78 the policy is missing or\n"
	      "broken.\n"
	      "\n"
	      "Example:\n"
	      "  bpftoken names progs\n"
	      "See bpftoken(1).\n",
	      to);
}

/* A reader that is gone, or a full disk, is no success. */
static int finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "bpftoken: standard output: it could not be written (%s)\n",
		strerrordesc_np(errno));
	return EX_OSERR;
}

int main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "--help") == 0) {
		print_help(argc < 2 ? stderr : stdout);
		return argc < 2 ? EX_USAGE : finish(0);
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("bpftoken " PROJECT_VERSION);
		return finish(0);
	}
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return finish(commands[i].run(argc - 1, argv + 1));
	fprintf(stderr, "bpftoken: %s %s: there is none of that name; see bpftoken --help\n",
		argv[1][0] == '-' ? "option" : "command", quote(argv[1]).text);
	return EX_USAGE;
}
