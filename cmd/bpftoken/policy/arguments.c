/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sysexits.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/policy/commands.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

enum { OPTION_JSON = 256, OPTION_HELP, OPTION_DRAFT };

int policy_arguments_take(const char *name, int argc, char **argv, bool draft,
			  struct policy_arguments *ret_arguments, char **ret_path)
{
	const struct option options[] = { { "json", no_argument, NULL, OPTION_JSON },
					  { "help", no_argument, NULL, OPTION_HELP },
					  { draft ? "draft" : NULL, no_argument, NULL,
					    OPTION_DRAFT },
					  { 0 } };
	struct policy_arguments out = { 0 };

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
