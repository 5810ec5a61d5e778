/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_SECCOMP_PROFILE_H
#define CMD_BPFTOKEN_SECCOMP_PROFILE_H

/*
 * A seccomp profile as far as bpf(2) is concerned, and where in its text everything stands.
 *
 * Read are linux.seccomp of a config.json (opencontainers/runtime-spec config-linux.md) and a profile
 * by itself, also as engines have it: Docker's and containers-common's with archMap and with rules
 * that hold only for some capabilities or architectures.
 */

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/base/err.h"

/* Bytes of the text, the second offset behind the last. */
struct seccomp_span {
	size_t begin, end;
};

struct seccomp_name {
	struct seccomp_span span; /* its quotes included */
	bool is_bpf;
};

/* One element of "syscalls". */
struct seccomp_entry {
	struct seccomp_span span;
	struct seccomp_span array; /* of its names, brackets included; empty when it has none */
	struct seccomp_name *names;
	size_t n_names;
	size_t n_bpf;  /* how many of the names, or the one of the older "name", are bpf */
	bool is_named; /* by the older "name" */
	bool has_action;
	uint32_t action; /* libseccomp's, with the errno in it */
	uint32_t errno_ret;
	bool has_errno;
	struct scmp_arg_cmp *args;
	size_t n_args;
	bool is_selective; /* the engine takes it only for some containers: includes, excludes */
};

/* Invariant: entries are in the order of the text and their spans do not overlap. */
struct seccomp_profile {
	bool is_config;	    /* the text is a config.json */
	size_t default_end; /* behind the value of "defaultAction" */
	uint32_t default_action;
	struct seccomp_span array; /* "syscalls", brackets included; empty when there is none */
	struct seccomp_entry *entries;
	size_t n_entries;
	uint32_t *architectures; /* SCMP_ARCH_*, besides the native one */
	size_t n_architectures;
};

#define SECCOMP_PROFILE_MAX_BYTES ((size_t)16 * 1024 * 1024)

/*
 * Reads a profile from the len bytes of text, behind which a NUL stands. Returns 0; -ENOENT when a
 * config.json has no linux.seccomp, and -EINVAL for any other defect, with err filled (65). On
 * success the caller ends *ret_profile with seccomp_profile_done. Pure.
 */
int seccomp_profile_parse(const char *text, size_t len, struct seccomp_profile *ret_profile,
			  struct err *err);

void seccomp_profile_done(struct seccomp_profile *profile);

#endif
