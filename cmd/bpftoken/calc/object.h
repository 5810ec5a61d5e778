/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CALC_OBJECT_H
#define CMD_BPFTOKEN_CALC_OBJECT_H

/*
 * What libbpf makes of one BPF object. libbpf crashes on some broken ones (measured with 1.1), so
 * this is called in a process that has nothing to lose: calc_child.c.
 */

#include <stddef.h>
#include <stdint.h>

#include "cmd/bpftoken/needs/facts.h"

/*
 * Opens an object with libbpf, loads nothing, and adds what it is made of to a message. The bytes
 * are aligned as malloc aligns. When libbpf refuses it, the message gets its words and the function
 * returns -EBADMSG; else 0.
 */
int calc_object_describe(const uint8_t *bytes, size_t len, struct facts_writer *writer);

#endif
