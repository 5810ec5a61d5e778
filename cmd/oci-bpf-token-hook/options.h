/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include "hook/hook.h"
#include "spec/base/err.h"

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

/*
 * Reads the command line. Returns 0, or a negative errno with err filled (64). Reads no environment
 * variable. What *ret_options points to is argv's.
 */
int options_parse(int argc, char **argv, struct hook_options *ret_options,
		  enum options_action *ret_action, struct err *err);

#endif
