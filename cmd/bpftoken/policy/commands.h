/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_POLICY_COMMANDS_H
#define CMD_BPFTOKEN_POLICY_COMMANDS_H

/*
 * The four that "bpftoken policy" has, as commands by themselves: argv[0] is the word behind it.
 */

#include <stdbool.h>

int policy_check(int argc, char **argv);
int policy_show(int argc, char **argv);
int policy_test(int argc, char **argv);
int policy_cdi(int argc, char **argv);

/* The command line of check, show and cdi. */
struct policy_arguments {
	const char *path; /* absolute */
	bool json;
	bool draft;
	bool help;
};

enum { POLICY_TAKES_JSON = 1, POLICY_TAKES_DRAFT = 2 };

/*
 * Takes --help, the options that takes names, and a FILE. name is "policy check" or the like. Returns 0, or 64 with standard error told. A relative FILE is made absolute: the caller
 * frees *ret_path.
 */
int policy_arguments_take(const char *name, int argc, char **argv, unsigned takes,
			  struct policy_arguments *ret_arguments, char **ret_path);

#endif
