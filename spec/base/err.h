/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_BASE_ERR_H
#define SPEC_BASE_ERR_H

/*
 * One error value, on the caller's stack, filled by the function that detects the failure.
 *
 * Functions return 0 or a negative errno. Callers may put a subject in front (err_prefix), they
 * never replace what was found. Nothing is allocated on the failure path.
 */

#include <sysexits.h>

/* A failure line is under 2,000 bytes with the program's name in front (DESIGN.md 4.9). */
#define ERR_MSG_MAX 1900

/* Invariant: code is 0 and msg empty until a failure is recorded. */
struct err {
	int code; /* the exit code, from sysexits.h: 64, 65, 69, 71, 77 or 78 */
	char msg[ERR_MSG_MAX];
};

/*
 * Records a failure. The message is "<subject>: <what is wrong>; <what to do>", one line, lower
 * case; what does not fit is cut and the cut is shown. errnum is put at its end as text unless 0.
 * Returns -errnum, or -EINVAL when errnum is 0.
 */
__attribute__((format(printf, 4, 5), nonnull(1, 4))) int err_set(struct err *err, int code,
								 int errnum, const char *fmt, ...);

/* Puts a subject in front of a recorded message. The code stays. */
__attribute__((format(printf, 2, 3), nonnull(1, 2))) void err_prefix(struct err *err,
								     const char *fmt, ...);

/* The only answer to an allocation that failed: records it (71) and returns -ENOMEM. */
__attribute__((nonnull(1))) int err_memory(struct err *err);

/* clang's analyzer looks into no other file, so it is told here that what these return is negative. */
#ifdef __clang_analyzer__
#define err_set(...)	((void)(err_set)(__VA_ARGS__), -22)
#define err_memory(err) ((void)(err_memory)(err), -12)
#endif

#endif
