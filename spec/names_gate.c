/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/names_gate.h"

#include "spec/base/poison.h"

/*
 * By bit. A command that the generated table gains needs a line here before the tests pass again.
 */
static const struct names_gating commands[64] = {
	[0] = { NAMES_GATE_TOKEN, 6, 9 },   /* map_create */
	[5] = { NAMES_GATE_TOKEN, 6, 9 },   /* prog_load */
	[18] = { NAMES_GATE_TOKEN, 6, 9 },  /* btf_load */
	[19] = { NAMES_GATE_TOKEN, 6, 15 }, /* btf_get_fd_by_id */

	/* A map's descriptor is all that these take. */
	[1] = { .gate = NAMES_GATE_OPEN },  /* map_lookup_elem */
	[2] = { .gate = NAMES_GATE_OPEN },  /* map_update_elem */
	[3] = { .gate = NAMES_GATE_OPEN },  /* map_delete_elem */
	[4] = { .gate = NAMES_GATE_OPEN },  /* map_get_next_key */
	[21] = { .gate = NAMES_GATE_OPEN }, /* map_lookup_and_delete_elem */
	[22] = { .gate = NAMES_GATE_OPEN }, /* map_freeze */
	[24] = { .gate = NAMES_GATE_OPEN }, /* map_lookup_batch */
	[25] = { .gate = NAMES_GATE_OPEN }, /* map_lookup_and_delete_batch */
	[26] = { .gate = NAMES_GATE_OPEN }, /* map_update_batch */
	[27] = { .gate = NAMES_GATE_OPEN }, /* map_delete_batch */

	/* A program's or a link's; what attaching asks for was asked when the program was loaded. */
	[8] = { .gate = NAMES_GATE_OPEN },  /* prog_attach */
	[9] = { .gate = NAMES_GATE_OPEN },  /* prog_detach */
	[10] = { .gate = NAMES_GATE_OPEN }, /* prog_test_run */
	[17] = { .gate = NAMES_GATE_OPEN }, /* raw_tracepoint_open */
	[28] = { .gate = NAMES_GATE_OPEN }, /* link_create */
	[29] = { .gate = NAMES_GATE_OPEN }, /* link_update */
	[34] = { .gate = NAMES_GATE_OPEN }, /* link_detach */
	[33] = { .gate = NAMES_GATE_OPEN }, /* iter_create */
	[35] = { .gate = NAMES_GATE_OPEN }, /* prog_bind_map */
	[37] = { .gate = NAMES_GATE_OPEN }, /* prog_stream_read_by_fd */
	[38] = { .gate = NAMES_GATE_OPEN }, /* prog_assoc_struct_ops */

	/* Any object's, or a path in a bpffs. */
	[6] = { .gate = NAMES_GATE_OPEN },  /* obj_pin */
	[7] = { .gate = NAMES_GATE_OPEN },  /* obj_get */
	[15] = { .gate = NAMES_GATE_OPEN }, /* obj_get_info_by_fd */
	[36] = { .gate = NAMES_GATE_OPEN }, /* token_create */

	/* Numbers are the host's, and so is what these would show or change. */
	[11] = { .gate = NAMES_GATE_HOST }, /* prog_get_next_id */
	[12] = { .gate = NAMES_GATE_HOST }, /* map_get_next_id */
	[23] = { .gate = NAMES_GATE_HOST }, /* btf_get_next_id */
	[31] = { .gate = NAMES_GATE_HOST }, /* link_get_next_id */
	[13] = { .gate = NAMES_GATE_HOST }, /* prog_get_fd_by_id */
	[14] = { .gate = NAMES_GATE_HOST }, /* map_get_fd_by_id */
	[30] = { .gate = NAMES_GATE_HOST }, /* link_get_fd_by_id */
	[16] = { .gate = NAMES_GATE_HOST }, /* prog_query */
	[20] = { .gate = NAMES_GATE_HOST }, /* task_fd_query */
	[32] = { .gate = NAMES_GATE_HOST }, /* enable_stats */
};

struct names_gating names_cmd_gate(unsigned bit)
{
	return bit < 64 ? commands[bit] : (struct names_gating){ .gate = NAMES_GATE_UNKNOWN };
}

uint64_t names_cmds_of_gate(enum names_gate gate)
{
	uint64_t out = 0;

	for (unsigned bit = 0; bit < 64; bit++)
		if (commands[bit].gate == gate)
			out |= UINT64_C(1) << bit;
	return out;
}
