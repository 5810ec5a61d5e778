/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_EXPLAIN_NOTES_H
#define CMD_BPFTOKEN_EXPLAIN_NOTES_H

/*
 * Remarks that a command collects while it works and shows together at its end.
 */

#include <stddef.h>

#define NOTES_MAX 64

/* Invariant: all zero at the start; what is beyond NOTES_MAX is counted in dropped. */
struct notes {
	char text[NOTES_MAX][900];
	size_t n;
	size_t dropped;
};

/* Adds one, without its line end; what does not fit is cut and the cut is shown. */
__attribute__((format(printf, 2, 3))) void notes_add(struct notes *notes, const char *format, ...);

#endif
