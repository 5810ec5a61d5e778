/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CHECK_BPF_CALL_H
#define CMD_BPFTOKEN_CHECK_BPF_CALL_H

/*
 * bpf(2) with and without a token, raw: libbpf before 1.4 knows no tokens.
 */

/*
 * Whether the kernel knows tokens: it then looks at the descriptor, which is none. Returns 0, -EINVAL
 * for a kernel without them, or what else stands in the way. Needs no privilege.
 */
int bpf_call_probe(void);

/* A token of a bpffs, which the caller closes, or a negative errno. */
int bpf_call_token(int bpffs_fd);

/* An LPM trie, which no unprivileged process may create; token_fd -1: without a token. */
int bpf_call_map(int token_fd);

/* An XDP program that returns at once, which no unprivileged process may load. */
int bpf_call_program(int token_fd);

#endif
