/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/policy/commands.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken policy check [--draft] [--json] [FILE]\n"
	"       bpftoken policy show [--json] [FILE]\n"
	"       bpftoken policy test [OPTION]...\n"
	"       bpftoken policy cdi [--draft] [FILE]\n"
	"Look after the file that says who may have which delegation.\n"
	"\n"
	"  check   verify it as the hook would, without privilege, and say what is in\n"
	"          doubt\n"
	"  show    print it resolved, with the vendor's profiles\n"
	"  test    ask what the hook would answer to a request\n"
	"  cdi     print a CDI file with a device for each profile\n"
	"\n"
	"FILE is " POLICY_PATH " where it is left out. Each answers\n"
	"--help.\n"
	"\n"
	"Example: bpftoken policy check policy.json --draft\n";

int command_policy(int argc, char **argv)
{
	/* what getopt and messages call the command */
	char check[] = "policy check", show[] = "policy show", test[] = "policy test",
	     cdi[] = "policy cdi";
	const struct {
		char *name;
		int (*run)(int argc, char **argv);
	} subcommands[] = { { check, policy_check },
			    { show, policy_show },
			    { test, policy_test },
			    { cdi, policy_cdi } };

	if (argc < 2)
		return args_wrong("policy",
				  "arguments: write check, show, test or cdi behind it; see "
				  "bpftoken policy --help");
	if (strcmp(argv[1], "--help") == 0)
		return fputs(help, stdout) < 0 ? EX_OSERR : 0;
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++)
		if (strcmp(argv[1], strchr(subcommands[i].name, ' ') + 1) == 0) {
			argv[1] = subcommands[i].name;
			return subcommands[i].run(argc - 1, argv + 1);
		}
	return args_wrong(
		"policy",
		"argument %s: it is none of check, show, test and cdi; see bpftoken policy "
		"--help",
		quote(argv[1]).text);
}
