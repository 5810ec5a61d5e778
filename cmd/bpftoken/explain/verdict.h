/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_EXPLAIN_VERDICT_H
#define CMD_BPFTOKEN_EXPLAIN_VERDICT_H

/*
 * A seccomp verdict in words.
 */

#include "cmd/bpftoken/seccomp/filter.h"

/* "allowed", "EPERM", "killed", "it depends on the other arguments", ... Cut to cap bytes. */
void verdict_action(const struct seccomp_verdict *verdict, char *buf, size_t cap);

/* Where it comes from: "syscalls[3]", or "defaultAction". */
void verdict_source(const struct seccomp_profile *profile, const struct seccomp_verdict *verdict,
		    char *buf, size_t cap);

#endif
