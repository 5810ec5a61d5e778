/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/needs.h"

#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

/* Newer than the oldest linux/bpf.h that this is built with. */
enum {
	PROG_NETFILTER = 32,
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

/*
 * kernel/bpf/syscall.c, is_net_admin_prog_type(), 6.9 to 7.3. cgroup_skb is loaded without, but
 * bpf_prog_attach_check_attach_type() asks its token's user namespace for it.
 */
#define NET_ADMIN_PROGS                                                                            \
	(BIT(BPF_PROG_TYPE_SCHED_CLS) | BIT(BPF_PROG_TYPE_SCHED_ACT) | BIT(BPF_PROG_TYPE_XDP) |    \
	 BIT(BPF_PROG_TYPE_LWT_IN) | BIT(BPF_PROG_TYPE_LWT_OUT) | BIT(BPF_PROG_TYPE_LWT_XMIT) |    \
	 BIT(BPF_PROG_TYPE_LWT_SEG6LOCAL) | BIT(BPF_PROG_TYPE_SK_SKB) |                            \
	 BIT(BPF_PROG_TYPE_SK_MSG) | BIT(BPF_PROG_TYPE_FLOW_DISSECTOR) |                           \
	 BIT(BPF_PROG_TYPE_CGROUP_DEVICE) | BIT(BPF_PROG_TYPE_CGROUP_SOCK) |                       \
	 BIT(BPF_PROG_TYPE_CGROUP_SOCK_ADDR) | BIT(BPF_PROG_TYPE_CGROUP_SOCKOPT) |                 \
	 BIT(BPF_PROG_TYPE_CGROUP_SYSCTL) | BIT(BPF_PROG_TYPE_SOCK_OPS) | BIT(BPF_PROG_TYPE_EXT) | \
	 BIT(PROG_NETFILTER) | BIT(BPF_PROG_TYPE_CGROUP_SKB))

/* The same, is_perfmon_prog_type(). */
#define PERFMON_PROGS                                                                              \
	(BIT(BPF_PROG_TYPE_KPROBE) | BIT(BPF_PROG_TYPE_TRACEPOINT) |                               \
	 BIT(BPF_PROG_TYPE_PERF_EVENT) | BIT(BPF_PROG_TYPE_RAW_TRACEPOINT) |                       \
	 BIT(BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE) | BIT(BPF_PROG_TYPE_TRACING) |                 \
	 BIT(BPF_PROG_TYPE_LSM) | BIT(BPF_PROG_TYPE_STRUCT_OPS) | BIT(BPF_PROG_TYPE_EXT))

/* The same, map_create(). */
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

/* ---- warnings ---- */

static void add_warning(struct needs *needs, const char *line)
{
	for (size_t i = 0; i < needs->n_warnings; i++)
		if (strcmp(needs->warnings[i].text, line) == 0)
			return;
	if (needs->n_warnings < NEEDS_WARNINGS_MAX)
		snprintf(needs->warnings[needs->n_warnings++].text, sizeof(needs->warnings[0].text),
			 "%s", line);
}

void needs_warn(struct needs *needs, const char *fmt, ...)
{
	char line[sizeof(needs->warnings[0].text)];
	struct text text;
	va_list args;

	text_init(&text, line, sizeof(line));
	va_start(args, fmt);
	text_vadd(&text, fmt, args);
	va_end(args);
	add_warning(needs, line);
}

/* Names in a warning: the first few, as the object has them. */
struct names_seen {
	char buf[160];
	struct text text;
	size_t n;
};

#define NAMES_SHOWN 3

static void begin_names(struct names_seen *names)
{
	names->n = 0;
	text_init(&names->text, names->buf, sizeof(names->buf));
}

static void add_name(struct names_seen *names, const char *name)
{
	if (names->n++ < NAMES_SHOWN)
		text_add(&names->text, "%s%.40s", names->n > 1 ? ", " : "", quote(name).text);
}

static const char *names_text(struct names_seen *names)
{
	if (names->n > NAMES_SHOWN)
		text_add(&names->text, " and %zu more", names->n - NAMES_SHOWN);
	return names->buf;
}

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

/* What the kernel checks: bpf_prog_load_fixup_attach_type() goes before the token. */
static uint32_t checked_attach(const struct fact_program *program)
{
	if (program->type == BPF_PROG_TYPE_CGROUP_SOCK && program->attach == 0)
		return BPF_CGROUP_INET_SOCK_CREATE;
	if (program->type == BPF_PROG_TYPE_SK_REUSEPORT && program->attach == 0)
		return BPF_SK_REUSEPORT_SELECT;
	return program->attach;
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
			own[NAMES_ATTACHS] |= BIT(checked_attach(program));
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

static bool has_section(const struct facts *facts, const char *kind)
{
	size_t len = strlen(kind);

	for (size_t i = 0; i < facts->n_programs; i++) {
		const char *section = facts->programs[i].section;

		section += *section == '?';
		if (strncmp(section, kind, len) == 0 && strchr("/.", section[len]) != NULL)
			return true; /* the terminating NUL counts, too */
	}
	return false;
}

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
	if (calls_probe_read(facts) && (needs->own.masks[NAMES_PROGS] & ~PERFMON_PROGS) != 0)
		masks[NAMES_PROGS] |= BIT(BPF_PROG_TYPE_TRACEPOINT);
	if (has_section(facts, "usdt"))
		masks[NAMES_ATTACHS] |= BIT(ATTACH_UPROBE_MULTI);
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		masks[list] &= ~needs->own.masks[list];
}

/* ---- capabilities and kernel ---- */

static void find_capabilities(const struct facts *facts, struct needs *needs)
{
	const uint64_t *own = needs->own.masks;

	needs->capabilities = BIT(CAP_BPF);
	if ((own[NAMES_PROGS] & NET_ADMIN_PROGS) != 0 || (own[NAMES_MAPS] & NET_ADMIN_MAPS) != 0)
		needs->capabilities |= BIT(CAP_NET_ADMIN);
	if ((own[NAMES_PROGS] & PERFMON_PROGS) != 0 || calls_for_perfmon(facts))
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

/* ---- what nobody can delegate ---- */

/* Programs that are attached to a perf event, which is the host's to open. */
static void warn_perf(const struct facts *facts, struct needs *needs)
{
	static const struct {
		uint32_t type;
		const char *kind, *instead;
	} rows[] = {
		{ BPF_PROG_TYPE_KPROBE, "kprobe, uprobe or usdt",
		  "kprobe.multi and uprobe.multi sections attach without" },
		{ BPF_PROG_TYPE_TRACEPOINT, "tracepoint",
		  "raw_tp and tp_btf sections attach without" },
		{ BPF_PROG_TYPE_PERF_EVENT, "perf_event", "there is no other way" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct names_seen names;

		begin_names(&names);
		for (size_t k = 0; k < facts->n_programs; k++)
			if (facts->programs[k].type == rows[i].type &&
			    facts->programs[k].attach == 0)
				add_name(&names, facts->programs[k].name);
		if (names.n > 0)
			needs_warn(needs,
				   "a token loads but never attaches programs of type %s (%s): "
				   "perf_event_open(2) asks for CAP_PERFMON on the host; %s",
				   rows[i].kind, names_text(&names), rows[i].instead);
	}
}

static void warn_perf_buffers(const struct facts *facts, struct needs *needs)
{
	struct names_seen names;

	begin_names(&names);
	for (size_t i = 0; i < facts->n_maps; i++)
		if (facts->maps[i].type == BPF_MAP_TYPE_PERF_EVENT_ARRAY)
			add_name(&names, facts->maps[i].name);
	if (names.n > 0)
		needs_warn(needs,
			   "perf event arrays (%s) are created, but cannot be filled with perf "
			   "events "
			   "in the container, since perf_event_open(2) asks for CAP_PERFMON on the "
			   "host; use a ring buffer",
			   names_text(&names));
}

/* ---- other warnings ---- */

static void warn_sections(const struct facts *facts, const char *libbpf, struct needs *needs)
{
	struct names_seen unknown, optional;

	begin_names(&unknown);
	begin_names(&optional);
	for (size_t i = 0; i < facts->n_programs; i++) {
		if (facts->programs[i].type == BPF_PROG_TYPE_UNSPEC)
			add_name(&unknown, facts->programs[i].section);
		else if ((facts->programs[i].flags & FACT_OPTIONAL) != 0)
			add_name(&optional, facts->programs[i].name);
	}
	if (unknown.n > 0)
		needs_warn(needs,
			   "libbpf %s does not know sections %s and so no type of their programs; "
			   "they are left out; use a newer libbpf, or add what the loader makes of "
			   "them",
			   libbpf, names_text(&unknown));
	if (optional.n > 0)
		needs_warn(needs,
			   "programs %s are loaded only when the application asks for it; they are "
			   "counted",
			   names_text(&optional));
}

static void warn_members(const struct facts *facts, struct needs *needs)
{
	struct names_seen out_of_reach;

	if (facts->n_members == 0)
		return;
	begin_names(&out_of_reach);
	for (size_t i = 0; i < facts->n_members; i++)
		if (facts->members[i].index >= 64)
			add_name(&out_of_reach, facts->members[i].member);
	needs_warn(needs,
		   "of struct_ops programs the kernel takes the place in their struct for the "
		   "attach type; it may differ between kernels");
	if (out_of_reach.n > 0)
		needs_warn(needs, "no token serves members beyond the 64th (%s)",
			   names_text(&out_of_reach));
}

static void warn_reach(struct needs *needs)
{
	uint64_t hosts = 0, capabilities = BIT(CAP_PERFMON) | BIT(CAP_SYS_ADMIN);
	char words[200];
	struct text text;

	for (unsigned bit = 0; bit < 64; bit++)
		if ((needs->own.masks[NAMES_PROGS] & BIT(bit)) != 0 &&
		    names_prog_class(bit) == NAMES_CLASS_HOST)
			hosts |= BIT(bit);
	text_init(&text, words, sizeof(words));
	delegation_add_words(&text, NAMES_PROGS, hosts, ", ");
	if (hosts != 0)
		needs_warn(needs,
			   "program types %s reach the whole host; a rule of the policy allows "
			   "them "
			   "only with \"hostReach\": true",
			   words);
	else if ((needs->capabilities & capabilities) != 0)
		needs_warn(needs,
			   "with CAP_PERFMON or CAP_SYS_ADMIN any program can read the host's "
			   "kernel memory; a rule of the policy allows that only with "
			   "\"hostReach\": true");
}

/* Bits that this build has no name for: some formats have words only. */
static void warn_unnamed(struct needs *needs)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		uint64_t unnamed = needs->own.masks[list] & ~names_known(list);

		if (unnamed != 0)
			needs_warn(needs,
				   "%s hold 0x%llx, for which this build has no name; formats that "
				   "have no numbers leave it out",
				   names_key(list), (unsigned long long)unnamed);
	}
}

static void warn_libbpf(const struct facts *facts, struct needs *needs)
{
	if ((needs->own.masks[NAMES_PROGS] & BIT(BPF_PROG_TYPE_EXT)) != 0)
		needs_warn(needs, "ext (freplace) programs need libbpf 1.6, which asks for the "
				  "target's type information by token");
	if (has_section(facts, "usdt"))
		needs_warn(needs,
			   "usdt programs attach in the container only with libbpf 1.3, which "
			   "then attaches them as uprobe.multi");
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
	warn_sections(facts, libbpf, ret_needs);
	warn_perf(facts, ret_needs);
	warn_perf_buffers(facts, ret_needs);
	warn_members(facts, ret_needs);
	warn_libbpf(facts, ret_needs);
	warn_reach(ret_needs);
	warn_unnamed(ret_needs);
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
		add_warning(into, other->warnings[i].text);
}

struct delegation needs_delegation(const struct needs *needs, bool only_own)
{
	struct delegation delegation = needs->own;

	if (!only_own)
		delegation_unite(&delegation, &needs->libbpf);
	return delegation;
}
