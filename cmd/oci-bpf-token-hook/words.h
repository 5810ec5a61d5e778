/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_WORDS_H
#define CMD_WORDS_H

/*
 * The options that say what is asked for: --profile, --cmds, --maps, --progs, --attachs, --path,
 * --mode, --owner and --on-unsupported. The hook has them, and so have the commands of bpftoken that
 * answer as it would.
 */

#include <getopt.h>

#include "hook/request.h"
#include "spec/base/err.h"

/* getopt's value for the first of them; the others follow in the order of enum request_key. */
#define WORDS_FIRST 1000

#define WORDS_OPTIONS_MAX 32

/*
 * Makes a program's options: its own, which end in a line of zeros and have values below
 * WORDS_FIRST, and these. The array has WORDS_OPTIONS_MAX places.
 */
void words_options(const struct option *own, struct option *ret_options);

/* Which word a value from WORDS_FIRST on stands for. */
enum request_key words_key(int option);

/* Takes one with its value. Returns 0, or -EINVAL with err filled (64): it was given before. */
int words_take(int option, const char *value, struct request_words *words, struct err *err);

/* -EINVAL with err filled (64) when the words say where or how, but ask for nothing; else 0. */
int words_check(const struct request_words *words, struct err *err);

#endif
