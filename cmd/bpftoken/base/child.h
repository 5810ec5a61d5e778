/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_BASE_CHILD_H
#define CMD_BPFTOKEN_BASE_CHILD_H

/*
 * Other programs, run to see what they say of themselves.
 */

#include <stddef.h>

/*
 * Runs "path --version" by descriptor path_fd with no input, a clean environment and no capability,
 * for at most 5 seconds, and reads the beginning of its output into buf, terminated. It dies with
 * this process. Returns 0 or a negative errno: -ETIMEDOUT, -EIO for another end than exit 0.
 */
int child_version(int path_fd, const char *path, char *buf, size_t cap);

#endif
