/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FILTER_PROVE_H
#define TESTS_FILTER_PROVE_H

#include <linux/filter.h>
#include <stdio.h>

#include "tests/filter/table.h"

/*
 * That a program allows just what the table does and kills for all else, told in two ways that share
 * nothing: along every path, and by running it on some hundred thousand calls. Writes what does not
 * hold to a stream (or nowhere, when it is NULL). Returns the number of paths, or 0 when it does not
 * hold.
 */
size_t prove(const struct sock_filter *program, size_t len, const struct table *table, FILE *to);

#endif
