/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CHECK_PROGRAM_H
#define CMD_BPFTOKEN_CHECK_PROGRAM_H

/*
 * Installed programs: where they are, who could have written them, which version they are.
 */

#include "cmd/bpftoken/check/check.h"

enum program_state {
	PROGRAM_MISSING,
	PROGRAM_NO_PROGRAM, /* a directory, not executable ... */
	PROGRAM_UNSAFE,	    /* not root's, or writable by more than root: not run */
	PROGRAM_SILENT,	    /* it did not say its version in time */
	PROGRAM_NOT_RUN,    /* below another root */
	PROGRAM_SPOKE,
};

/* Looks at a program, and runs it with --version unless check->image. text is what it says. */
enum program_state program_look(const struct check *check, const char *path, char *text,
				size_t cap);

/* The hook that a hooks.d or CDI file names: adds a line unless all is well with it. */
void program_check_hook(struct check *check, const char *subject, const char *file,
			const char *path);

/* True for a path that ends in the hook's name. */
bool program_is_hook(const char *path);

#endif
