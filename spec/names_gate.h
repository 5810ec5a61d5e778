/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_NAMES_GATE_H
#define SPEC_NAMES_GATE_H

/*
 * What the kernel asks of a process in a user namespace for each bpf(2) command: a token, a
 * descriptor, or what no such process has. The one table behind the warning about inert commands,
 * the names that "bpftoken names" prints and the commands that "bpftoken seccomp" lets through.
 *
 * Source: every *_token_fd and capable() in kernel/bpf/syscall.c and token.c of Linux 6.12 to 7.3;
 * measured on 6.18, and a test asks the running kernel.
 */

#include <stdint.h>

enum names_gate {
	NAMES_GATE_UNKNOWN = 0, /* this build has no name for the command */
	NAMES_GATE_TOKEN,	/* checked against the commands of a token */
	NAMES_GATE_OPEN, /* never gated: whoever has the descriptor may; making a token, too */
	NAMES_GATE_HOST, /* takes the host's own capabilities: never from a user namespace */
};

struct names_gating {
	enum names_gate gate;
	uint8_t major,
		minor; /* the first Linux that looks at a token for it; 0.0 unless a token's */
};

/* The gating of the command with that bit. Pure. */
struct names_gating names_cmd_gate(unsigned bit);

/*
 * A mask of the commands that are gated so. Those of another gate than NAMES_GATE_TOKEN are inert in
 * a delegation: listing them changes nothing.
 */
uint64_t names_cmds_of_gate(enum names_gate gate);

#endif
