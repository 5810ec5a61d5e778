/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FILTER_TABLE_H
#define TESTS_FILTER_TABLE_H

/*
 * The table that the filter is made of, as hook/filter_generate.c has it, with the numbers of an
 * architecture. It has one such table in memory at a time.
 */

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_CONDITIONS_MAX 2

/* (argument & mask) == want. No mask: none. */
struct table_condition {
	unsigned arg;
	uint64_t mask, want;
};

struct table_rule {
	const char *call;
	uint32_t number;
	struct table_condition conditions[TABLE_CONDITIONS_MAX];
};

struct table {
	struct table_rule rules[128];
	size_t n_rules;
	uint32_t arch; /* AUDIT_ARCH_* */
};

/* Exits with a message for an architecture that there is not, or a call that it does not have. */
void table_init(struct table *table, const char *arch);

/* True when this rule lets the call through. */
bool table_rule_allows(const struct table_rule *rule, const struct seccomp_data *data);

/* True when some rule does. */
bool table_allows(const struct table *table, const struct seccomp_data *data);

/* "ioctl(arg1 & 0xffffffff == 0xb702)" */
void table_print_rule(FILE *to, const struct table_rule *rule);

#endif
