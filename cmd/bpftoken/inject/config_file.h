/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_INJECT_CONFIG_FILE_H
#define CMD_BPFTOKEN_INJECT_CONFIG_FILE_H

/*
 * Whole files, read and replaced. With the caller's own privilege; errors are 65 for what the file
 * is, 71 for a call that fails.
 */

#include <stddef.h>
#include <sys/stat.h>

#include "spec/base/err.h"

struct config_file {
	char *bytes;
	size_t len;
	struct stat stat; /* what was read; all zero for standard input */
};

/*
 * Reads a regular file of at most max bytes, or with path "-" standard input, which ends where it
 * ends. Returns 0, or a negative errno with err filled. The caller ends *ret_file with
 * config_file_done.
 */
int config_file_read(const char *path, size_t max, struct config_file *ret_file, struct err *err);
void config_file_done(struct config_file *file);

/*
 * Replaces a file, or makes it: at any moment, also after a loss of power, there is the old text or
 * the new one. A file that is there keeps owner, group and mode; behind a symlink the file that it
 * leads to is replaced. read is what was read of the same file, or NULL: one that has changed since
 * then is refused. Returns 0, or a negative errno with err filled.
 */
int config_file_replace(const char *path, const char *bytes, size_t len, const struct stat *read,
			struct err *err);

#endif
