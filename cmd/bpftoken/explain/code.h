/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_EXPLAIN_CODE_H
#define CMD_BPFTOKEN_EXPLAIN_CODE_H

/*
 * What an exit code means that a runtime shows of a hook: crun shows nothing else of it.
 */

#include <stdbool.h>

/* Prints what code (0 to 255) means and what to look at. Returns 0. */
int explain_code(int code, bool json);

#endif
