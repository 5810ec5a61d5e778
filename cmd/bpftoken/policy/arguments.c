/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sysexits.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/policy/commands.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

enum { OPTION_JSON = 256, OPTION_HELP, OPTION_DRAFT };

int policy_arguments_take(const char *name, int argc, char **argv, unsigned takes,
			  struct policy_arguments *ret_arguments, char **ret_path)
{
	struct option options[4] = { { "help", no_argument, NULL, OPTION_HELP } };
	struct option *next = &options[1];
	struct policy_arguments out = { 0 };

	if ((takes & POLICY_TAKES_JSON) != 0)
		*next++ = (struct option){ "json", no_argument, NULL, OPTION_JSON };
	if ((takes & POLICY_TAKES_DRAFT) != 0)
		*next++ = (struct option){ "draft", no_argument, NULL, OPTION_DRAFT };
	for (int option; (option = args_next(argc, argv, options)) != ARGS_END;) {
		if (option == ARGS_WRONG)
			return EX_USAGE;
		out.json |= option == OPTION_JSON;
		out.help |= option == OPTION_HELP;
		out.draft |= option == OPTION_DRAFT;
	}
	if (optind + 1 < argc)
		return args_wrong(name, "argument %s: name one file", quote(argv[optind + 1]).text);
	*ret_path = NULL;
	if (args_absolute(name, optind < argc ? argv[optind] : POLICY_PATH, ret_path) != 0)
		return EX_USAGE;
	out.path = *ret_path;
	*ret_arguments = out;
	return 0;
}
