/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CALC_FILE_H
#define CMD_BPFTOKEN_CALC_FILE_H

/* What the objects in one file need. */

#include "cmd/bpftoken/needs/needs.h"
#include "spec/base/err.h"

/* The version of the libbpf that this runs with, as "1.1". */
struct calc_version {
	char text[24];
};
struct calc_version calc_version(void);

/*
 * Reads a file that is a BPF object or carries some and tells what they need. Returns 0, or a
 * negative errno with err filled, without a subject: 65 for a file without a good BPF object, 71
 * when it cannot be read. Needs no privilege.
 */
int calc_file(const char *path, struct needs *ret_needs, struct err *err);

#endif
