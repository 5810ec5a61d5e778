/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_BASE_FILE_H
#define CMD_BPFTOKEN_BASE_FILE_H

/*
 * Whole files, read into memory: what a command is to look at more than once, or to give back.
 */

#include <stddef.h>

#include "spec/base/err.h"

/*
 * Reads a file of at most max bytes; "-" is standard input. Returns 0 and a text of *ret_len bytes
 * with a NUL behind it that the caller frees, or a negative errno with err filled: 65 for what is
 * missing, no file or too large, 71 for failing calls.
 */
int file_read(const char *path, size_t max, char **ret_text, size_t *ret_len, struct err *err);

/* The same of an open descriptor, which stays the caller's; err has no subject. */
int file_read_open(int fd, size_t max, char **ret_text, size_t *ret_len, struct err *err);

#endif
