/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_KERNEL_NAMES_H
#define CMD_BPFTOKEN_KERNEL_NAMES_H

/*
 * Which names the running kernel has, by its own type information.
 */

#include "spec/delegation.h"

/*
 * Masks of the bits that the running kernel has an enumerator for. Returns 0, or a negative errno
 * where /sys/kernel/btf/vmlinux cannot be read. Needs no privilege.
 */
int kernel_names_read(struct delegation *ret_known);

#endif
