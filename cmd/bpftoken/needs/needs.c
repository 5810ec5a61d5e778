/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/needs/needs.h"

#include <linux/bpf.h>
#include <linux/capability.h>

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

/* Newer than the oldest linux/bpf.h that this is built with. */
enum {
	ATTACH_UPROBE_MULTI = 48,
	ATTACH_KPROBE_SESSION = 56,
	ATTACH_UPROBE_SESSION = 57,
	ATTACH_FSESSION = 58,
	ATTACH_FENTRY_MULTI = 59,
	ATTACH_FEXIT_MULTI = 60,
	ATTACH_FSESSION_MULTI = 61,
	MAP_CGRP_STORAGE = 32,
	MAP_INSN_ARRAY = 34,
	MAP_RHASH = 35,
};

/* Maps for which map_create() of kernel/bpf/syscall.c (6.9 to 7.3) asks for CAP_NET_ADMIN. */
#define NET_ADMIN_MAPS                                                                             \
	(BIT(BPF_MAP_TYPE_SOCKMAP) | BIT(BPF_MAP_TYPE_SOCKHASH) | BIT(BPF_MAP_TYPE_DEVMAP) |       \
	 BIT(BPF_MAP_TYPE_DEVMAP_HASH) | BIT(BPF_MAP_TYPE_XSKMAP))

/* kernel/bpf/bpf_local_storage.c and bpf_struct_ops.c create none without type information. */
#define BTF_MAPS                                                                                   \
	(BIT(BPF_MAP_TYPE_SK_STORAGE) | BIT(BPF_MAP_TYPE_INODE_STORAGE) |                          \
	 BIT(BPF_MAP_TYPE_TASK_STORAGE) | BIT(MAP_CGRP_STORAGE) | BIT(BPF_MAP_TYPE_STRUCT_OPS))

/* The verifier compares their own type information with the target's. */
#define BTF_PROGS (BIT(BPF_PROG_TYPE_EXT) | BIT(BPF_PROG_TYPE_STRUCT_OPS))

const struct needs_capability needs_capabilities[NEEDS_CAPABILITIES] = {
	{ CAP_BPF, "CAP_BPF" },
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN" },
	{ CAP_PERFMON, "CAP_PERFMON" },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
};

/* ---- helpers ---- */

static bool calls(const struct facts *facts, unsigned helper)
{
	return (facts->helpers[helper / 64] & BIT(helper % 64)) != 0;
}

static bool calls_one_of(const struct facts *facts, const unsigned *helpers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (calls(facts, helpers[i]))
			return true;
	return false;
}

#define CALLS_ONE_OF(facts, helpers)                                                               \
	calls_one_of(facts, helpers, sizeof(helpers) / sizeof(*(helpers)))

/* bpf_base_func_proto() and bpf_sk_base_func_proto() give these for the token's CAP_PERFMON. */
static bool calls_for_perfmon(const struct facts *facts)
{
	static const unsigned helpers[] = {
		BPF_FUNC_trace_printk,
		BPF_FUNC_get_current_task,
		BPF_FUNC_get_current_task_btf,
		BPF_FUNC_probe_read_user,
		BPF_FUNC_probe_read_kernel,
		BPF_FUNC_probe_read_user_str,
		BPF_FUNC_probe_read_kernel_str,
		BPF_FUNC_snprintf_btf,
		BPF_FUNC_snprintf,
		BPF_FUNC_task_pt_regs,
		BPF_FUNC_trace_vprintk,
		BPF_FUNC_sys_bpf,
		BPF_FUNC_skc_to_tcp6_sock,
		BPF_FUNC_skc_to_tcp_sock,
		BPF_FUNC_skc_to_tcp_timewait_sock,
		BPF_FUNC_skc_to_tcp_request_sock,
		BPF_FUNC_skc_to_udp6_sock,
		BPF_FUNC_skc_to_unix_sock,
		BPF_FUNC_skc_to_mptcp_sock,
	};

	return CALLS_ONE_OF(facts, helpers);
}

/* The verifier takes a function for a callback only with type information (check_ld_imm). */
static bool calls_back(const struct facts *facts)
{
	static const unsigned helpers[] = {
		BPF_FUNC_for_each_map_elem,  BPF_FUNC_timer_set_callback,
		BPF_FUNC_find_vma,	     BPF_FUNC_loop,
		BPF_FUNC_user_ringbuf_drain,
	};

	return CALLS_ONE_OF(facts, helpers);
}

/* libbpf replaces them by an older one when its probe, a tracepoint program, is refused. */
static bool calls_probe_read(const struct facts *facts)
{
	static const unsigned helpers[] = {
		BPF_FUNC_probe_read_user,
		BPF_FUNC_probe_read_kernel,
		BPF_FUNC_probe_read_user_str,
		BPF_FUNC_probe_read_kernel_str,
	};

	return CALLS_ONE_OF(facts, helpers);
}

/* ---- the own needs ---- */

uint64_t needs_net_admin_maps(void)
{
	return NET_ADMIN_MAPS;
}

/* What the kernel checks: bpf_prog_load_fixup_attach_type() goes before the token. */
uint32_t needs_checked_attach(uint32_t prog_type, uint32_t attach)
{
	if (prog_type == BPF_PROG_TYPE_CGROUP_SOCK && attach == 0)
		return BPF_CGROUP_INET_SOCK_CREATE;
	if (prog_type == BPF_PROG_TYPE_SK_REUSEPORT && attach == 0)
		return BPF_SK_REUSEPORT_SELECT;
	return attach;
}

static void own_programs(const struct facts *facts, struct needs *needs)
{
	uint64_t *own = needs->own.masks;

	for (size_t i = 0; i < facts->n_programs; i++) {
		const struct fact_program *program = &facts->programs[i];

		if (program->type == BPF_PROG_TYPE_UNSPEC)
			continue;
		own[NAMES_CMDS] |= BIT(BPF_PROG_LOAD);
		own[NAMES_PROGS] |= BIT(program->type);
		if (program->type != BPF_PROG_TYPE_STRUCT_OPS)
			own[NAMES_ATTACHS] |=
				BIT(needs_checked_attach(program->type, program->attach));
	}
	/* a struct_ops program says by its attach type which member it is */
	for (size_t i = 0; i < facts->n_members; i++)
		if (facts->members[i].index < 64)
			own[NAMES_ATTACHS] |= BIT(facts->members[i].index);
}

static void own_maps(const struct facts *facts, struct needs *needs)
{
	for (size_t i = 0; i < facts->n_maps; i++) {
		needs->own.masks[NAMES_CMDS] |= BIT(BPF_MAP_CREATE);
		needs->own.masks[NAMES_MAPS] |= BIT(facts->maps[i].type);
	}
}

static void own_btf(const struct facts *facts, struct needs *needs)
{
	uint64_t *own = needs->own.masks;

	if ((facts->flags & FACT_BTF) != 0 &&
	    ((facts->flags & FACT_BTF_NEEDED) != 0 || (own[NAMES_MAPS] & BTF_MAPS) != 0 ||
	     (own[NAMES_PROGS] & BTF_PROGS) != 0 || calls_back(facts)))
		own[NAMES_CMDS] |= BIT(BPF_BTF_LOAD);
	if ((own[NAMES_PROGS] & BIT(BPF_PROG_TYPE_EXT)) != 0)
		own[NAMES_CMDS] |= BIT(BPF_BTF_GET_FD_BY_ID); /* the target's */
}

/* ---- what libbpf adds ---- */

/*
 * Up to 1.7 it loads a socket filter before anything else (bpf_object__probe_loading), unless the
 * distribution took the fix back; all versions tell by others what the kernel can do (features.c),
 * and without an answer take it for one that has no global data. They leave the attach type of some
 * programs at 0 unless they may load a cgroup_sock program. Type information they load where they
 * may, and do without elsewhere.
 */
static void libbpf_needs(const struct facts *facts, struct needs *needs)
{
	uint64_t *masks = needs->libbpf.masks;

	masks[NAMES_CMDS] = BIT(BPF_PROG_LOAD);
	masks[NAMES_PROGS] = BIT(BPF_PROG_TYPE_SOCKET_FILTER);
	masks[NAMES_ATTACHS] = BIT(BPF_CGROUP_INET_INGRESS);
	if ((facts->flags & FACT_BTF) != 0)
		masks[NAMES_CMDS] |= BIT(BPF_BTF_LOAD);
	if (calls_probe_read(facts) &&
	    (needs->own.masks[NAMES_PROGS] & ~names_perfmon_progs()) != 0)
		masks[NAMES_PROGS] |= BIT(BPF_PROG_TYPE_TRACEPOINT);
	if (facts_has_section(facts, "usdt"))
		masks[NAMES_ATTACHS] |= BIT(ATTACH_UPROBE_MULTI);
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		masks[list] &= ~needs->own.masks[list];
}

/* ---- capabilities and kernel ---- */

static void find_capabilities(const struct facts *facts, struct needs *needs)
{
	const uint64_t *own = needs->own.masks;
	/* cgroup_skb is loaded without, but bpf_prog_attach_check_attach_type() asks for it */
	const uint64_t net_admin = names_net_admin_progs() | BIT(BPF_PROG_TYPE_CGROUP_SKB);

	needs->capabilities = BIT(CAP_BPF);
	if ((own[NAMES_PROGS] & net_admin) != 0 || (own[NAMES_MAPS] & NET_ADMIN_MAPS) != 0)
		needs->capabilities |= BIT(CAP_NET_ADMIN);
	if ((own[NAMES_PROGS] & names_perfmon_progs()) != 0 || calls_for_perfmon(facts))
		needs->capabilities |= BIT(CAP_PERFMON);
	if (calls(facts, BPF_FUNC_probe_write_user))
		needs->capabilities |= BIT(CAP_SYS_ADMIN);
}

static void find_kernel(struct needs *needs)
{
	static const struct {
		enum names_list list;
		unsigned bit, kernel;
	} since[] = {
		{ NAMES_ATTACHS, ATTACH_KPROBE_SESSION, NEEDS_KERNEL(6, 10) },
		{ NAMES_ATTACHS, ATTACH_UPROBE_SESSION, NEEDS_KERNEL(6, 13) },
		{ NAMES_CMDS, BPF_BTF_GET_FD_BY_ID, NEEDS_KERNEL(6, 15) }, /* by token */
		{ NAMES_MAPS, MAP_INSN_ARRAY, NEEDS_KERNEL(6, 19) },
		{ NAMES_ATTACHS, ATTACH_FSESSION, NEEDS_KERNEL(7, 0) },
		{ NAMES_MAPS, MAP_RHASH, NEEDS_KERNEL(7, 2) },
		{ NAMES_ATTACHS, ATTACH_FENTRY_MULTI, NEEDS_KERNEL(7, 2) },
		{ NAMES_ATTACHS, ATTACH_FEXIT_MULTI, NEEDS_KERNEL(7, 2) },
		{ NAMES_ATTACHS, ATTACH_FSESSION_MULTI, NEEDS_KERNEL(7, 2) },
	};

	needs->kernel = NEEDS_KERNEL(6, 9); /* tokens; all other types are older */
	for (size_t i = 0; i < sizeof(since) / sizeof(since[0]); i++)
		if ((needs->own.masks[since[i].list] & BIT(since[i].bit)) != 0 &&
		    needs->kernel < since[i].kernel)
			needs->kernel = since[i].kernel;
}

void needs_derive(const struct facts *facts, const char *libbpf, struct needs *ret_needs)
{
	*ret_needs = (struct needs){ .n_programs = facts->n_programs, .n_maps = facts->n_maps };
	own_programs(facts, ret_needs);
	own_maps(facts, ret_needs);
	own_btf(facts, ret_needs);
	libbpf_needs(facts, ret_needs);
	find_capabilities(facts, ret_needs);
	find_kernel(ret_needs);
	needs_add_warnings(facts, libbpf, ret_needs);
}

void needs_unite(struct needs *into, const struct needs *other)
{
	delegation_unite(&into->own, &other->own);
	delegation_unite(&into->libbpf, &other->libbpf);
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		into->libbpf.masks[list] &= ~into->own.masks[list];
	into->capabilities |= other->capabilities;
	if (into->kernel < other->kernel)
		into->kernel = other->kernel;
	into->n_programs += other->n_programs;
	into->n_maps += other->n_maps;
	for (size_t i = 0; i < other->n_warnings; i++)
		needs_warn(into, "%s", other->warnings[i].text);
}

struct delegation needs_delegation(const struct needs *needs, bool only_own)
{
	struct delegation delegation = needs->own;

	if (!only_own)
		delegation_unite(&delegation, &needs->libbpf);
	return delegation;
}
