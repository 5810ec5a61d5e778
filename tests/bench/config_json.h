/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_CONFIG_JSON_H
#define BENCH_CONFIG_JSON_H

#include <stddef.h>

/* What a config.json is made bigger with. */
enum config_shape {
	CONFIG_MIXED, /* a quarter each of the next four, as real ones are */
	CONFIG_ENV,   /* environment variables */
	CONFIG_MOUNTS,
	CONFIG_ANNOTATIONS,
	CONFIG_SYSCALLS, /* rules of the seccomp profile */
	CONFIG_STRING,	 /* one annotation's value */
	CONFIG_ESCAPES,	 /* the same, all escapes and letters beyond ASCII */
	CONFIG_SHAPES
};

/* A word for the table. */
const char *config_shape_name(enum config_shape shape);

/* The size of an ordinary one: about what Podman writes, in bytes. */
#define CONFIG_ORDINARY 30000

/*
 * Writes a config.json as Podman does into path, for a container whose root directory is root: of
 * about size bytes, but of no less than the template has (some 10,000), which is the text of
 * config.json.in. Yields the size. Ends the program on failure.
 */
size_t config_json_write(const char *path, const char *template, const char *root,
			 enum config_shape shape, size_t size);

#endif
