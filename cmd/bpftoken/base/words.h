/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_BASE_WORDS_H
#define CMD_BPFTOKEN_BASE_WORDS_H

/*
 * The options of the hook's own command line that say what is asked for, for the commands that
 * answer as the hook would: --profile, --cmds, --maps, --progs, --attachs, --path, --mode, --owner
 * and --on-unsupported.
 */

#include <getopt.h>
#include <stdbool.h>

#include "hook/request.h"

/* What args_next yields for the first of them; the others follow in the order of request_key. */
#define WORDS_FIRST 1000

#define WORDS_OPTIONS_MAX 32

/*
 * Makes the options of a command: its own, which end in a line of zeros, and these. The array has
 * WORDS_OPTIONS_MAX places.
 */
void words_options(const struct option *own, struct option *ret_options);

/* True for a value of args_next that stands for one of them. */
bool words_has(int option);

/*
 * Takes one with its value. Returns 0, or 64 with standard error told on behalf of the command: it
 * was given before.
 */
int words_take(const char *command, int option, const char *value, struct request_words *words);

/* 64 with standard error told when they say where or how, but ask for nothing; else 0. */
int words_check(const char *command, const struct request_words *words);

#endif
