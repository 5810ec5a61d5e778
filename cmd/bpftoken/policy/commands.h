/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_POLICY_COMMANDS_H
#define CMD_BPFTOKEN_POLICY_COMMANDS_H

/*
 * The three that "bpftoken policy" has, as commands by themselves: argv[0] is the word behind it.
 */

#include <stdbool.h>

int policy_check(int argc, char **argv);
int policy_show(int argc, char **argv);
int policy_test(int argc, char **argv);

/* The command line of check and show. */
struct policy_arguments {
	const char *path; /* absolute */
	bool json;
	bool draft;
	bool help;
};

/*
 * Takes their options, --draft only where draft is allowed, and a FILE. name is "policy check" or
 * the like. Returns 0, or 64 with standard error told. A relative FILE is made absolute: the caller
 * frees *ret_path.
 */
int policy_arguments_take(const char *name, int argc, char **argv, bool draft,
			  struct policy_arguments *ret_arguments, char **ret_path);

#endif
