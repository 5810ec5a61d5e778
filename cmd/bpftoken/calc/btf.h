/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CALC_BTF_H
#define CMD_BPFTOKEN_CALC_BTF_H

/*
 * What the type information of a BPF object says of a delegation. Pure; it is libbpf's view of
 * hostile bytes, so the same process looks at it as has libbpf look at the object.
 */

#include <bpf/btf.h>
#include <stdbool.h>
#include <stdint.h>

#include "cmd/bpftoken/needs/facts.h"

/*
 * Whether a type has within it what the kernel handles by itself and so knows only by its type
 * information: locks, timers, lists, kernel pointers (kernel/bpf/btf.c, btf_parse_fields). Without
 * that the map is created, but no program that uses such a field is loaded.
 */
bool calc_btf_is_special(const struct btf *btf, uint32_t type);

/* The same of the global variables. */
bool calc_btf_has_special_data(const struct btf *btf);

/* Whether a section holds struct_ops maps. */
bool calc_btf_is_struct_ops(const char *section);

/*
 * Yields the member of a struct_ops map that lies at an offset of its section. Returns 0 or
 * -ENOENT. The name of the type is without what follows "___", as libbpf takes it.
 */
int calc_btf_member(const struct btf *btf, const char *section, uint64_t offset,
		    struct fact_member *ret_member);

/*
 * The index of a member in a struct of the running kernel's, or -ENOENT. vmlinux is the kernel's
 * own type information.
 */
int calc_btf_kernel_index(const struct btf *vmlinux, const struct fact_member *member);

#endif
