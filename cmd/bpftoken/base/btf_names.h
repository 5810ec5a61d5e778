/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_BASE_BTF_NAMES_H
#define CMD_BPFTOKEN_BASE_BTF_NAMES_H

/*
 * The names that a kernel has, by its own type information: those that this build lacks, too.
 */

#include "spec/base/err.h"
#include "spec/delegation.h"

/* Where the running kernel shows its types. Anyone may read it. */
#define BTF_NAMES_KERNEL "/sys/kernel/btf/vmlinux"

#define BTF_NAME_MAX 64

/* A name is lower case and without prefix, as spec/names has it; empty where there is none. */
struct btf_names {
	struct delegation known; /* a bit for each enumerator */
	char name[NAMES_LISTS][64][BTF_NAME_MAX];
};

/*
 * Reads type information: a file of it alone, or an ELF object that holds some (vmlinux). Returns
 * 0, or a negative errno with err filled (65).
 */
int btf_names_read(const char *path, struct btf_names *ret_names, struct err *err);

#endif
