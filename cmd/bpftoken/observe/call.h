/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_OBSERVE_CALL_H
#define CMD_BPFTOKEN_OBSERVE_CALL_H

/*
 * One call of bpf(2), read from what the kernel side handed over. Pure; the bytes are a tenant's.
 */

#include <stdbool.h>
#include <stdint.h>

#include "cmd/bpftoken/observe/event.h"

/* Invariant: what a command does not have is CALL_NONE, or an empty name. */
#define CALL_NONE UINT32_MAX

struct call {
	uint32_t cmd;
	uint32_t map_type, prog_type;
	uint32_t attach;       /* expected attach type, as the kernel checks it, or a link's */
	uint32_t instructions; /* of a program */
	uint32_t kernel;       /* the version that a program says it is for, or 0 */
	uint32_t btf;	       /* a program's type information: a descriptor, or 0 */
	uint32_t size;	       /* of type information, in bytes; of a map, its entries */
	bool names_token;      /* it says that it has a token */
	char name[OBSERVE_NAME_MAX + 1]; /* of a map or program: any bytes */
};

/* Reads a call. Members beyond the attr that the caller gave are 0, as the kernel takes them. */
void call_read(const struct observe_event *event, struct call *ret_call);

/*
 * True for what libbpf (1.0 to 1.7) tries by itself to see what a kernel can do, told by its shape: its
 * names, and programs of a few instructions without one.
 */
bool call_is_probe(const struct call *call);

/*
 * True for a probe that is a program without which libbpf loads nothing, or other programs than those
 * of the object: the socket filter of all versions up to 1.7, and the six instructions by which it
 * tells whether bpf_probe_read_kernel() is there.
 */
bool call_is_needed_probe(const struct call *call);

#endif
