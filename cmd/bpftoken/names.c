/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/args.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/output.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/json_gen.h"
#include "spec/names.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken names [--json] [cmds|maps|progs|attachs]\n"
	"Print every name that a list may hold: its list, its bit, the name and, of a program\n"
	"type, what it reaches (host, cgroup or net).\n"
	"\n"
	"Example: bpftoken names progs\n";

static const char *class_name(enum names_list list, unsigned bit)
{
	if (list != NAMES_PROGS)
		return NULL;
	switch (names_prog_class(bit)) {
	case NAMES_CLASS_CGROUP:
		return "cgroup";
	case NAMES_CLASS_NET:
		return "net";
	default:
		return "host";
	}
}

static void print_text(enum names_list list, unsigned bit)
{
	const char *class = class_name(list, bit);

	printf("%-8s %2u  %s%s%s\n", names_key(list), bit, names_of_bit(list, bit),
	       class != NULL ? "  " : "", class != NULL ? class : "");
}

static void print_json(struct json_gen *gen, enum names_list list, unsigned bit)
{
	json_gen_object(gen);
	json_gen_name(gen, "list");
	json_gen_string(gen, names_key(list));
	json_gen_name(gen, "bit");
	json_gen_unsigned(gen, bit);
	json_gen_name(gen, "name");
	json_gen_string(gen, names_of_bit(list, bit));
	if (class_name(list, bit) != NULL) {
		json_gen_name(gen, "class");
		json_gen_string(gen, class_name(list, bit));
	}
	json_gen_object_end(gen);
}

/* Prints one list, or all with only == NAMES_LISTS. */
static void print_names(enum names_list only, bool json)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	json_gen_array(gen);
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		for (unsigned bit = 0; bit < 64; bit++) {
			if ((only != NAMES_LISTS && only != list) ||
			    names_of_bit(list, bit) == NULL)
				continue;
			if (json)
				print_json(gen, list, bit);
			else
				print_text(list, bit);
		}
	json_gen_array_end(gen);
	if (json)
		output_json(gen);
}

int command_names(int argc, char **argv)
{
	enum { OPTION_JSON = 256, OPTION_HELP };
	static const struct option options[] = { { "json", no_argument, NULL, OPTION_JSON },
						 { "help", no_argument, NULL, OPTION_HELP },
						 { 0 } };
	enum names_list only = NAMES_LISTS;
	bool json = false;

	for (int option; (option = args_next(argc, argv, options)) != ARGS_END;) {
		if (option == ARGS_WRONG)
			return EX_USAGE;
		if (option == OPTION_HELP)
			return fputs(help, stdout) < 0 ? EX_OSERR : 0;
		json = true;
	}
	if (optind < argc)
		for (only = 0; only < NAMES_LISTS && strcmp(argv[optind], names_key(only)) != 0;)
			only++;
	if (optind + 1 < argc || (optind < argc && only == NAMES_LISTS))
		return args_wrong("names",
				  "argument %s: write one of cmds, maps, progs and attachs, or "
				  "nothing",
				  quote(argv[argc - 1]).text);
	print_names(only, json);
	return 0;
}
