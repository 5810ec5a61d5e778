/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_BASE_ARGS_H
#define CMD_BPFTOKEN_BASE_ARGS_H

/*
 * The command line of a command: getopt_long, with this program's own words for what is wrong.
 */

#include <getopt.h>

/* What args_next returns besides an option's own value, which is above 255. */
enum { ARGS_END = -1, ARGS_WRONG = '?' };

/*
 * The next option of a command whose argv[0] is its name; options end in a line of zeros and their
 * values are above 255. Yields that value with optarg, ARGS_END at the end (the arguments then stand
 * from argv[optind] on), or ARGS_WRONG (64) when standard error was told what is wrong.
 */
int args_next(int argc, char **argv, const struct option *options);

/*
 * Tells on standard error what is wrong with a command's use. format says "<subject>: <what is
 * wrong>; <what to do>". Returns EX_USAGE.
 */
__attribute__((format(printf, 2, 3))) int args_wrong(const char *command, const char *format, ...);

/*
 * Puts a path from the root on in *ret_path, which the caller frees, in place of what it held: the
 * hook takes no other policies. Returns 0, or 64 when standard error was told that it cannot.
 */
int args_absolute(const char *command, const char *path, char **ret_path);

#endif
