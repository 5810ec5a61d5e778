/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_SECCOMP_FILTER_H
#define CMD_BPFTOKEN_SECCOMP_FILTER_H

/*
 * What a seccomp profile answers to bpf(2), command by command, as the kernel would say it: the
 * profile goes through libseccomp as runc and crun put it there, and the program that comes of it is
 * run here on each command.
 *
 * Sources: libcontainer/seccomp of runc 1.1 to 1.3, src/libcrun/seccomp.c of crun 1.8 to 1.28. Left
 * out is runc's own ENOSYS in place of the default action for calls that are newer than all that a
 * profile names: such a profile knows no call of the last ten years, and blocks in either case.
 */

#include <linux/filter.h>

#include "cmd/bpftoken/seccomp/profile.h"

/* A filter for the native architecture, of the rules that name bpf. */
struct seccomp_filter {
	struct sock_filter *insns;
	size_t n_insns;
};

struct seccomp_verdict {
	uint32_t action; /* SECCOMP_RET_*, with its data */
	bool depends; /* on arguments that nobody knows before the call; action is one of several */
	const struct seccomp_entry *entry; /* the first that says so; NULL: "defaultAction" */
};

/*
 * Builds the filter of a profile. Rules that an engine takes only for some containers are left out.
 * Returns 0, or -EINVAL with err filled (65) for a profile that libseccomp, and so every runtime,
 * refuses; 71 for a failing call. The caller ends *ret_filter with seccomp_filter_done.
 */
int seccomp_filter_build(const struct seccomp_profile *profile, struct seccomp_filter *ret_filter,
			 struct err *err);

void seccomp_filter_done(struct seccomp_filter *filter);

/* Runs the filter on bpf(cmd, ...). Pure. */
struct seccomp_verdict seccomp_filter_judge(const struct seccomp_filter *filter,
					    const struct seccomp_profile *profile, unsigned cmd);

/* True when the call takes place: allowed, or allowed and logged. */
bool seccomp_verdict_passes(const struct seccomp_verdict *verdict);

/*
 * Runs a filter program on a call of bpf(2) with cmd as its first argument; the other arguments are
 * unknown, and each jump that rests on one is taken both ways. For seccomp_filter_judge and tests.
 */
uint32_t seccomp_filter_run(const struct sock_filter *insns, size_t n_insns, uint64_t cmd,
			    bool *ret_depends);

#endif
