/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CHECK_CHECK_H
#define CMD_BPFTOKEN_CHECK_CHECK_H

/*
 * A check of the host: lines of what was found, and what the checks share.
 *
 * A check is a function that looks at one thing and adds lines. A failure is what keeps a delegation
 * from working, a warning what keeps some container or program from it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/base/err.h"

enum check_result { CHECK_OK, CHECK_WARNING, CHECK_FAILURE };

struct check_line {
	enum check_result result;
	int code; /* of a failure, from sysexits.h; 0: that of its check */
	char subject[32];
	char detail[1024];
	char fix[512]; /* "" when there is nothing to do */
};

/* Invariants: root_fd is a directory; n_lines lines. */
struct check {
	int root_fd;	    /* below which files are looked up */
	bool image;	    /* that is not this host: nothing of it is run, and nothing is tried */
	const char *root;   /* its path, "" for this host's own root */
	const char *policy; /* the administrator's file as it is opened */
	const char *vendor;
	struct check_line *lines;
	size_t n_lines;
};

/*
 * Adds a line; what is not printable ASCII becomes '?'. An allocation that fails ends the program
 * (71).
 */
__attribute__((format(printf, 4, 5))) void check_add(struct check *check, enum check_result result,
						     const char *subject, const char *format, ...);

/* Says what to do about the last line. */
__attribute__((format(printf, 2, 3))) void check_fix(struct check *check, const char *format, ...);

/*
 * Adds a failure or warning of err, split where "; what to do" begins; otherwise is what to do when it
 * does not say.
 */
void check_add_err(struct check *check, enum check_result result, const char *subject,
		   const struct err *err, const char *otherwise);

/* ---- files below the root ---- */

/* Opens a regular file. Returns 0 and a descriptor that the caller closes, or a negative errno. */
int check_open(const struct check *check, const char *path, int *ret_fd);

/* Reads a file of at most 1 MiB. On success the caller frees *ret_text, which is terminated. */
int check_read(const struct check *check, const char *path, char **ret_text);

/* The first line of a file, for sysctls and their like. False when it is not there. */
bool check_read_line(const struct check *check, const char *path, char *buf, size_t cap);

/* Calls see for each file of a directory that ends in suffix, in the order of engines. */
void check_each_file(struct check *check, const char *dir, const char *suffix,
		     void (*see)(struct check *check, const char *dir, const char *name, void *ctx),
		     void *ctx);

/* ---- the checks ---- */

void check_kernel(struct check *check);	    /* check_delegation.c */
void check_delegation(struct check *check); /* with token, map and program */
void check_sysctls(struct check *check);    /* check_host.c */
void check_security(struct check *check);
void check_btf(struct check *check);
void check_policy(struct check *check);	  /* check_policy.c */
void check_hooks(struct check *check);	  /* check_hooks.c */
void check_cdi(struct check *check);	  /* check_cdi.c */
void check_runtimes(struct check *check); /* check_engines.c */
void check_containerd(struct check *check);
void check_seccomp(struct check *check); /* check_seccomp.c */

#endif
