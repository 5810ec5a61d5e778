/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_FIXTURE_H
#define BENCH_FIXTURE_H

/*
 * The host as the measured programs see it: an administrator's and the vendor's policy where the
 * hook was built to look for them, a bundle with its root directory, no daemon behind /dev/log.
 *
 * All of it lies in a mount namespace of the benchmark's own, on file systems in memory that cover
 * /run and the policies' directories, so that nothing of it is left however the benchmark ends.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/bench/config_json.h"

#define FIXTURE_ID	    "5d0d7a2e1f6b4c3a9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e0d9c8b7a6f"
#define FIXTURE_BUNDLE	    "/run/containers/storage/overlay-containers/" FIXTURE_ID "/userdata"
#define FIXTURE_CONFIG	    FIXTURE_BUNDLE "/config.json"
#define FIXTURE_ROOT	    "/run/containers/storage/overlay/" FIXTURE_ID "/merged"
#define FIXTURE_DESTINATION FIXTURE_ROOT "/sys/fs/bpf"

/*
 * Copies a program to a file of that name in the build directory and yields its path, which the
 * caller frees. How a file was written decides how it lies in memory and so what starting it costs:
 * a program as the linker leaves it starts 30 us later than the same one installed (measured). So
 * all that are compared are written alike. To be called before fixture_make covers directories.
 */
char *fixture_program(const char *path, const char *name);

/* Makes all of it but config.json. Needs root. Ends the program on failure. */
void fixture_make(void);

/* Writes config.json, see config_json.h. Yields its size. */
size_t fixture_config(enum config_shape shape, size_t size);

/* Writes the state of a container: with a request for all four lists by names, or without one. */
void fixture_state(char *buf, size_t cap, pid_t pid, bool asks);

#endif
