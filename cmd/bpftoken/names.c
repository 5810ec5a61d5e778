/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/commands.h"
#include "spec/base/text.h"
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

static void print_name(enum names_list list, unsigned bit, bool json, bool first)
{
	const char *name = names_of_bit(list, bit), *class = class_name(list, bit);

	if (!json) {
		printf("%-8s %2u  %s%s%s\n", names_key(list), bit, name, class != NULL ? "  " : "",
		       class != NULL ? class : "");
		return;
	}
	printf("%s{\"list\":\"%s\",\"bit\":%u,\"name\":\"%s\"", first ? "[" : ",\n ",
	       names_key(list), bit, name);
	if (class != NULL)
		printf(",\"class\":\"%s\"", class);
	printf("}");
}

/* Prints one list, or all with list == NAMES_LISTS. */
static int print_names(enum names_list only, bool json)
{
	bool first = true;

	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		if (only != NAMES_LISTS && only != list)
			continue;
		for (unsigned bit = 0; bit < 64; bit++) {
			if (names_of_bit(list, bit) == NULL)
				continue;
			print_name(list, bit, json, first);
			first = false;
		}
	}
	if (json)
		printf("]\n");
	return fflush(stdout) != 0 ? EX_OSERR : 0;
}

int command_names(int argc, char **argv)
{
	enum names_list only = NAMES_LISTS;
	bool json = false;

	for (int i = 1; i < argc; i++) {
		enum names_list list = 0;

		while (list < NAMES_LISTS && strcmp(argv[i], names_key(list)) != 0)
			list++;
		if (strcmp(argv[i], "--help") == 0)
			return fputs(help, stdout) < 0 ? EX_OSERR : 0;
		if (strcmp(argv[i], "--json") == 0) {
			json = true;
		} else if (list < NAMES_LISTS && only == NAMES_LISTS) {
			only = list;
		} else {
			fprintf(stderr,
				"bpftoken: names: argument %s: write one of cmds, maps, progs and "
				"attachs, or nothing\n",
				quote(argv[i]).text);
			return EX_USAGE;
		}
	}
	return print_names(only, json);
}
