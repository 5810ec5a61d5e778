/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CHECK_TOML_SCAN_H
#define CMD_BPFTOKEN_CHECK_TOML_SCAN_H

/*
 * Single keys of TOML files, found by a tolerant scan of lines: not a parser. It knows tables,
 * comments, strings and arrays of strings over several lines; dotted keys, inline tables and
 * multi-line strings pass it by. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#define TOML_ITEMS_MAX 32

struct toml_scan {
	const char *rest;
	char section[200]; /* of the last "[...]" line, as it is written between the brackets */
};

/* Items that are too many or too long are left out. */
struct toml_list {
	char section[200];
	char items[TOML_ITEMS_MAX][256];
	size_t n;
};

/* Starts at the beginning of a text, which the caller keeps alive. */
struct toml_scan toml_scan(const char *text);

/* The next "key = ..." with one string or an array of strings; false at the end. */
bool toml_next(struct toml_scan *scan, const char *key, struct toml_list *ret_list);

#endif
