/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_NAMES_TABLE_H
#define SPEC_NAMES_TABLE_H

/* What names_table.c (generated) holds. For names.c and the tests of the table, for nobody else. */

#include <stddef.h>

#include "spec/names.h"

/* One enumerator. The bit is under 64, the name is lower case and without prefix. */
struct names_entry {
	unsigned bit;
	const char *name;
};

/* A list in the order of the kernel's declaration: of a shared bit, the first name is the name. */
struct names_table {
	const struct names_entry *entries;
	size_t n_entries;
};

/* The table of a list: static and constant, never NULL; empty when list is none of the four. */
const struct names_table *names_table(enum names_list list);

#endif
