/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_NEEDS_NEEDS_H
#define CMD_BPFTOKEN_NEEDS_NEEDS_H

/*
 * What BPF programs need of a container: the least delegation, what libbpf wants on top of it, the
 * capabilities of the process, the kernel, and what no delegation can give. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/bpftoken/needs/facts.h"
#include "spec/base/err.h"
#include "spec/delegation.h"

/* Linux MAJOR.MINOR, ordered. */
#define NEEDS_KERNEL(major, minor) ((unsigned)(major) << 16 | (unsigned)(minor))
#define NEEDS_KERNEL_MAJOR(kernel) ((kernel) >> 16)
#define NEEDS_KERNEL_MINOR(kernel) ((kernel)&0xffff)

#define NEEDS_WARNINGS_MAX 32

struct needs_warning {
	char text[480]; /* one printable line */
};

struct needs {
	struct delegation own;	  /* what the programs and maps need by themselves */
	struct delegation libbpf; /* what libbpf's probes need on top; nothing that is in own */
	uint64_t capabilities;	  /* bit n: capability n, in the container's user namespace */
	unsigned kernel;	  /* the least that serves it, NEEDS_KERNEL */
	size_t n_programs, n_maps;
	size_t n_warnings; /* at most NEEDS_WARNINGS_MAX, no two alike */
	struct needs_warning warnings[NEEDS_WARNINGS_MAX];
};

/*
 * What follows from facts that hold no refusal. libbpf is the version that found them, as "1.1", for
 * the warnings. The indices of struct_ops members are taken to be the kernel's.
 */
void needs_derive(const struct facts *facts, const char *libbpf, struct needs *ret_needs);

/* The map types that the kernel creates only for a process with CAP_NET_ADMIN, one bit each. */
uint64_t needs_net_admin_maps(void);

/* The attach type that the kernel holds against a token, for the one that a loader gives. */
uint32_t needs_checked_attach(uint32_t prog_type, uint32_t attach);

/* Adds what another needs. */
void needs_unite(struct needs *into, const struct needs *other);

/* What to delegate: own, and libbpf's part unless only is true. */
struct delegation needs_delegation(const struct needs *needs, bool only_own);

/* Adds a warning unless it is there already. */
__attribute__((format(printf, 2, 3))) void needs_warn(struct needs *needs, const char *fmt, ...);

/* A part of needs_derive: adds what a delegation cannot give and what to know of it. */
void needs_add_warnings(const struct facts *facts, const char *libbpf, struct needs *needs);

/* The capabilities that may be needed, the one that all need first. */
struct needs_capability {
	unsigned bit;
	const char *name;
};

#define NEEDS_CAPABILITIES 4
extern const struct needs_capability needs_capabilities[NEEDS_CAPABILITIES];

#endif
