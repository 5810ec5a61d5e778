/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_SECCOMP_H
#define SPEC_SECCOMP_H

/*
 * Whether an OCI seccomp profile lets bpf(2) through at all, told while config.json is read.
 *
 * Source: opencontainers/runtime-spec config-linux.md. Runtimes leave out rules whose action is the
 * default one. A rule with conditions on arguments lets some commands through and is not held
 * against the profile here.
 */

#include <stdbool.h>

#include "spec/json.h"

/* Invariant: all zero at the start; a profile that config.json does not have blocks nothing. */
struct seccomp {
	bool default_blocks;
	bool bpf_passes;  /* some rule lets it through */
	bool bpf_blocked; /* some unconditional rule stops it */

	/* the rule being read */
	bool names_bpf;
	bool blocks;
	bool conditional;
};

/* Handlers of linux.seccomp.*, with the struct seccomp as ctx. */
json_handler seccomp_on_default_action;
json_handler seccomp_on_syscall; /* an element of syscalls: begin and end */
json_handler seccomp_on_name;
json_handler seccomp_on_action;
json_handler seccomp_on_arg;

/* True when no bpf(2) call can get through. */
bool seccomp_blocks_bpf(const struct seccomp *seccomp);

#endif
