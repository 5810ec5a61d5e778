/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/base/args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

int args_next(int argc, char **argv, const struct option *options)
{
	int option;

	opterr = 0;
	option = getopt_long(argc, argv, ":", options, NULL);
	/* optopt is the letter of a short option, of which there are none */
	const char letter[] = { '-', (char)optopt, '\0' };

	if (option == ':')
		args_wrong(argv[0], "option %s: its value is missing; see bpftoken %s --help",
			   quote(argv[optind - 1]).text, argv[0]);
	else if (option == '?' && optopt > 0 && optopt < 256)
		args_wrong(argv[0], "option %s: there is no such option; see bpftoken %s --help",
			   quote(letter).text, argv[0]);
	else if (option == '?')
		args_wrong(argv[0],
			   "option %s: there is no such option, or it takes no value; see bpftoken "
			   "%s --help",
			   quote(argv[optind - 1]).text, argv[0]);
	return option == ':' ? ARGS_WRONG : option;
}

int args_wrong(const char *command, const char *format, ...)
{
	char line[1024];
	struct text text;
	va_list args;

	text_init(&text, line, sizeof(line));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
	fprintf(stderr, "bpftoken: %s: %s\n", command, line);
	return EX_USAGE;
}

static char *absolute(const char *path)
{
	defer_free char *here = NULL;
	char *out = NULL;
	struct text text;
	size_t cap = strlen(path) + 2;

	if (path[0] == '/')
		return strdup(path);
	here = getcwd(NULL, 0);
	if (here == NULL)
		return NULL;
	cap += strlen(here) + 2;
	out = malloc(cap);
	if (out == NULL)
		return NULL;
	text_init(&text, out, cap);
	text_add(&text, "%s/%s", here, path);
	return out;
}

int args_absolute(const char *command, const char *path, char **ret_path)
{
	char *out = absolute(path);

	if (out == NULL)
		return args_wrong(command,
				  "working directory: it cannot be told; write an absolute path");
	free(*ret_path);
	*ret_path = out;
	return 0;
}
