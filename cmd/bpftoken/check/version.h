/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CHECK_VERSION_H
#define CMD_BPFTOKEN_CHECK_VERSION_H

/*
 * Versions of programs, as their --version prints them. Pure.
 */

#include <stdbool.h>

struct version {
	unsigned major, minor, patch;
};

/*
 * Finds the first version in a text: digits, a dot, digits, at a word's beginning or behind a 'v'.
 * "containerd github.com/containerd/containerd/v2 2.0.1" has 2.0.1. False when there is none.
 */
bool version_parse(const char *text, struct version *ret_version);

/* Less than, equal to or greater than 0 as a is older than, the same as or newer than b. */
int version_compare(struct version a, struct version b);

#endif
