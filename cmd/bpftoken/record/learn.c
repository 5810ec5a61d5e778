/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/record/learn.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <string.h>

#include "cmd/bpftoken/observe/call.h"
#include "spec/base/list.h"
#include "spec/base/text.h"
#include "spec/names_gate.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

void learn_done(struct learn *learn)
{
	facts_done(&learn->facts);
}

/* A type above 63 is no bit of any delegation; the kernel has none. */
static bool is_type(uint32_t type)
{
	return type < 64;
}

static int add_program(struct learn *learn, const struct call *call)
{
	struct facts *facts = &learn->facts;
	struct fact_program *program;

	for (size_t i = 0; i < facts->n_programs; i++)
		if (facts->programs[i].type == call->prog_type &&
		    facts->programs[i].attach == call->attach)
			return 0;
	program = list_add(&facts->programs, &facts->n_programs, sizeof(*program));
	if (program == NULL)
		return -ENOMEM;
	program->type = call->prog_type;
	program->attach = call->attach;
	facts_set(&program->name, call->name);
	return 0;
}

/* A struct_ops program says by its attach type which member it is. */
static int add_member(struct learn *learn, const struct call *call)
{
	struct facts *facts = &learn->facts;
	struct fact_member *member;

	for (size_t i = 0; i < facts->n_members; i++)
		if (facts->members[i].index == call->attach)
			return 0;
	member = list_add(&facts->members, &facts->n_members, sizeof(*member));
	if (member == NULL)
		return -ENOMEM;
	member->index = call->attach;
	facts_set(&member->member, call->name);
	return 0;
}

static int add_map(struct learn *learn, const struct call *call)
{
	struct facts *facts = &learn->facts;
	struct fact_map *map;

	for (size_t i = 0; i < facts->n_maps; i++)
		if (facts->maps[i].type == call->map_type)
			return 0;
	map = list_add(&facts->maps, &facts->n_maps, sizeof(*map));
	if (map == NULL)
		return -ENOMEM;
	map->type = call->map_type;
	facts_set(&map->name, call->name);
	return 0;
}

static void add_probe(struct learn *learn, const struct call *call)
{
	uint64_t *masks = learn->probes.masks;

	learn->by_libbpf = true;
	if (call->cmd == BPF_PROG_LOAD && !call_is_needed_probe(call)) {
		learn->tried |= is_type(call->prog_type) ? BIT(call->prog_type) : 0;
		return;
	}
	masks[NAMES_CMDS] |= BIT(call->cmd);
	if (is_type(call->map_type))
		masks[NAMES_MAPS] |= BIT(call->map_type);
	if (is_type(call->prog_type))
		masks[NAMES_PROGS] |= BIT(call->prog_type);
	if (call->cmd == BPF_PROG_LOAD && is_type(call->attach))
		masks[NAMES_ATTACHS] |= BIT(call->attach);
}

static int add_served(struct learn *learn, const struct call *call)
{
	if (call_is_probe(call)) {
		add_probe(learn, call);
		return 0;
	}
	switch (call->cmd) {
	case BPF_PROG_LOAD:
		if (!is_type(call->prog_type) || !is_type(call->attach))
			return 0;
		if (call->prog_type == BPF_PROG_TYPE_STRUCT_OPS && add_member(learn, call) < 0)
			return -ENOMEM;
		return add_program(learn, call);
	case BPF_MAP_CREATE:
		return is_type(call->map_type) ? add_map(learn, call) : 0;
	case BPF_BTF_LOAD:
		learn->btf = true;
		return 0;
	default:
		learn->extra_cmds |= BIT(call->cmd);
		return 0;
	}
}

/*
 * A refused call counts as one that was to be: EPERM is what the kernel says where a token or a
 * capability is missing. What it refuses for what it is (EINVAL, EACCES of the verifier) no delegation
 * mends.
 */
int learn_add(struct learn *learn, const struct observe_event *event)
{
	enum names_gate gate =
		event->cmd < 64 ? names_cmd_gate(event->cmd).gate : NAMES_GATE_UNKNOWN;
	struct call call;

	learn->n_calls++;
	if (gate == NAMES_GATE_HOST)
		learn->host_cmds |= BIT(event->cmd);
	if (gate != NAMES_GATE_TOKEN)
		return 0;
	learn->n_refused += event->ret == -EPERM;
	if (event->ret < 0 && event->ret != -EPERM) {
		learn->n_failed++;
		return 0;
	}
	call_read(event, &call);
	learn->n_with_token += call.names_token;
	return add_served(learn, &call);
}

static void add_tried(const struct learn *learn, struct needs *needs)
{
	uint64_t tried = learn->tried & ~needs->own.masks[NAMES_PROGS];
	char words[256];
	struct text text;

	text_init(&text, words, sizeof(words));
	delegation_add_words(&text, NAMES_PROGS, tried, ", ");
	if (tried != 0)
		needs_warn(
			needs,
			"libbpf also tries programs of type %s to see what the kernel can do, and "
			"does without where it may not",
			words);
}

static void warn(const struct learn *learn, struct needs *needs)
{
	char words[512];
	struct text text;

	text_init(&text, words, sizeof(words));
	delegation_add_words(&text, NAMES_CMDS, learn->host_cmds, ", ");
	if (learn->host_cmds != 0)
		needs_warn(needs,
			   "no token serves these commands, which take the host's own "
			   "capabilities: %s",
			   words);
	if (learn->n_refused != 0 && learn->n_with_token == 0)
		needs_warn(
			needs,
			"%zu calls were refused and none passed a token, so that more may have "
			"been left undone; the program's library has to know tokens (libbpf 1.4, "
			"cilium/ebpf 0.22) and find its bpffs",
			learn->n_refused);
	add_tried(learn, needs);
	if (learn->n_failed != 0)
		needs_warn(needs,
			   "%zu calls failed for another reason than a missing right and are not "
			   "counted",
			   learn->n_failed);
	if (needs->n_programs != 0 && (needs->capabilities & BIT(CAP_PERFMON)) == 0)
		needs_warn(needs,
			   "which helper functions programs call is not seen: those that read "
			   "kernel memory or print want CAP_PERFMON, too (bpftoken calc tells "
			   "of an object)");
}

void learn_needs(const struct learn *learn, struct needs *ret_needs)
{
	uint64_t *const own = ret_needs->own.masks, *const libbpf = ret_needs->libbpf.masks;
	struct facts facts = learn->facts;

	facts.flags = learn->btf ? FACT_BTF : 0;
	needs_derive(&facts, "", ret_needs);
	own[NAMES_CMDS] |= learn->extra_cmds;
	/* this libbpf's probes were seen themselves; what has none is no libbpf, and means its BTF */
	ret_needs->libbpf = learn->probes;
	if (learn->btf)
		(learn->by_libbpf ? libbpf : own)[NAMES_CMDS] |= BIT(BPF_BTF_LOAD);
	/* tracing programs may call what libbpf puts in the place of bpf_probe_read_kernel() */
	if ((own[NAMES_PROGS] & ~names_perfmon_progs()) == 0 && own[NAMES_PROGS] != 0)
		libbpf[NAMES_PROGS] &= ~BIT(BPF_PROG_TYPE_TRACEPOINT);
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		libbpf[list] &= ~own[list];
	warn(learn, ret_needs);
}
