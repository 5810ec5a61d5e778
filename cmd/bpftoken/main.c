/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpftoken: the administrator's tool beside oci-bpf-token-hook.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/commands.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "names", command_names },
};

static const char help[] =
	"Usage: bpftoken COMMAND [ARGUMENT]...\n"
	"\n"
	"  names [cmds|maps|progs|attachs]   every name that a list may hold, with its bit\n"
	"\n"
	"bpftoken COMMAND --help says more. Example:\n"
	"  bpftoken names progs\n";

int main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "--help") == 0) {
		(void)fputs(help, argc < 2 ? stderr : stdout);
		return argc < 2 ? EX_USAGE : 0;
	}
	if (strcmp(argv[1], "--version") == 0)
		return puts("bpftoken " PROJECT_VERSION) < 0 ? EX_OSERR : 0;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "bpftoken: command %s: there is no such command; see bpftoken --help\n",
		quote(argv[1]).text);
	return EX_USAGE;
}
