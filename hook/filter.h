/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_FILTER_H
#define HOOK_FILTER_H

/*
 * The seccomp filter that holds a run to the system calls it makes.
 *
 * Written with libseccomp in filter_generate.c and compiled to BPF for the target architecture when
 * the program is built, so that the program itself carries a constant table and no library.
 */

#include <stdbool.h>

#include "spec/base/err.h"

/* False in builds without it: instrumented ones make calls of their own. */
bool filter_is_built_in(void);

/*
 * Installs the filter: from here on any other call kills the process. Needs no_new_privs. Does
 * nothing where it is not built in. Returns 0, or a negative errno with err filled (71).
 */
int filter_install(struct err *err);

#endif
