/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CALC_CHILD_H
#define CMD_BPFTOKEN_CALC_CHILD_H

/*
 * A process for libbpf to open hostile objects in: without capabilities, files or time, held to the
 * few calls that this takes. What it says is read as an enemy's words.
 */

#include <stddef.h>
#include <stdint.h>

#include "cmd/bpftoken/calc/embed.h"
#include "cmd/bpftoken/needs/facts.h"
#include "spec/base/err.h"

/*
 * Describes n objects within bytes, all or none. Returns 0 with *ret_facts, which the caller ends
 * with facts_done and which may hold a refusal of libbpf's; else a negative errno with err filled,
 * without a subject: 65 when the process died of them, took too long or said something else, 71 when
 * there could be no such process. Needs no privilege; the caller has one thread.
 */
int calc_child_describe(const uint8_t *bytes, const struct embed_image *images, size_t n,
			struct facts *ret_facts, struct err *err);

#endif
