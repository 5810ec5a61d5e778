/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/base/args.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

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
