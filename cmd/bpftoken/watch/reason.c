/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/watch/reason.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>

#include "cmd/bpftoken/needs/needs.h"
#include "spec/base/text.h"
#include "spec/names_gate.h"

#include "spec/base/poison.h"

#define BIT(n)	     (UINT64_C(1) << (n))
#define TOKEN_CREATE 36 /* newer than the oldest linux/bpf.h */

static const char *const words[REASON_KINDS] = {
	[REASON_SECCOMP] = "seccomp",
	[REASON_HOST_COMMAND] = "host-command",
	[REASON_NO_CAP_BPF] = "no-cap-bpf",
	[REASON_NO_DELEGATION] = "no-delegation",
	[REASON_NO_TOKEN] = "no-token",
	[REASON_BAD_TOKEN] = "bad-token",
	[REASON_LACKS] = "lacks",
	[REASON_CAPABILITY] = "capability",
	[REASON_OPEN_COMMAND] = "open-command",
	[REASON_ELSEWHERE] = "elsewhere",
};

const char *reason_word(enum reason_kind kind)
{
	return words[kind];
}

bool reason_is_refused(const struct observe_event *event)
{
	return event->ret == -EPERM || (event->ret < 0 && (event->flags & OBSERVE_EARLY) != 0);
}

/* ---- finding it ---- */

/* What a call takes of a token. */
static struct delegation wanted(const struct call *call)
{
	struct delegation want = { { 0 } };

	want.masks[NAMES_CMDS] = BIT(call->cmd);
	if (call->map_type < 64)
		want.masks[NAMES_MAPS] = BIT(call->map_type);
	if (call->prog_type < 64) {
		want.masks[NAMES_PROGS] = BIT(call->prog_type);
		if (call->attach < 64)
			want.masks[NAMES_ATTACHS] = BIT(call->attach);
	}
	return want;
}

static bool lacks(const struct delegation *want, const uint64_t have[NAMES_LISTS],
		  struct delegation *ret_missing)
{
	bool some = false;

	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		ret_missing->masks[list] = want->masks[list] & ~have[list];
		some |= ret_missing->masks[list] != 0;
	}
	return some;
}

static bool has_capability(const struct observe_event *event, unsigned capability)
{
	return (event->effective & (BIT(capability) | BIT(CAP_SYS_ADMIN))) != 0;
}

/* A call that its token covers fails where the process lacks what its type takes. */
static const char *missing_capability(const struct observe_event *event, const struct call *call)
{
	uint64_t prog = call->prog_type < 64 ? BIT(call->prog_type) : 0;
	uint64_t map = call->map_type < 64 ? BIT(call->map_type) : 0;

	if (((prog & names_net_admin_progs()) != 0 || (map & needs_net_admin_maps()) != 0) &&
	    !has_capability(event, CAP_NET_ADMIN))
		return "CAP_NET_ADMIN";
	if ((prog & names_perfmon_progs()) != 0 && !has_capability(event, CAP_PERFMON))
		return "CAP_PERFMON";
	if (call->cmd == BPF_BTF_GET_FD_BY_ID && !has_capability(event, CAP_SYS_ADMIN))
		return "CAP_SYS_ADMIN";
	return NULL;
}

static void find_served(const struct observe_event *event, const struct call *call,
			const struct reason_facts *facts, struct reason *reason)
{
	const struct delegation want = wanted(call);

	if (!has_capability(event, CAP_BPF)) {
		reason->kind = REASON_NO_CAP_BPF;
	} else if ((event->flags & OBSERVE_HAS_TOKEN) != 0) {
		if (lacks(&want, (const uint64_t *)event->token_masks, &reason->missing)) {
			reason->kind = REASON_LACKS;
			return;
		}
		reason->capability = missing_capability(event, call);
		reason->kind = reason->capability != NULL ? REASON_CAPABILITY : REASON_ELSEWHERE;
	} else if (call->names_token) {
		reason->kind = REASON_BAD_TOKEN;
	} else if (facts->has_delegation) {
		/* it would not have been enough either, which is the better thing to know */
		reason->kind = lacks(&want, facts->delegation.masks, &reason->missing) ?
				       REASON_LACKS :
				       REASON_NO_TOKEN;
	} else {
		reason->kind = REASON_NO_DELEGATION;
		reason->missing = want;
	}
}

void reason_find(const struct observe_event *event, const struct call *call,
		 const struct reason_facts *facts, struct reason *ret_reason)
{
	enum names_gate gate = call->cmd < 64 ? names_cmd_gate(call->cmd).gate : NAMES_GATE_UNKNOWN;

	*ret_reason = (struct reason){ .kind = REASON_ELSEWHERE };
	if ((event->flags & OBSERVE_EARLY) != 0)
		ret_reason->kind = REASON_SECCOMP;
	else if (gate == NAMES_GATE_HOST)
		ret_reason->kind = REASON_HOST_COMMAND;
	else if (gate == NAMES_GATE_TOKEN)
		find_served(event, call, facts, ret_reason);
	else if (call->cmd == TOKEN_CREATE && (event->effective & BIT(CAP_BPF)) == 0)
		ret_reason->kind = REASON_NO_CAP_BPF; /* CAP_SYS_ADMIN does not stand in for it */
	else
		ret_reason->kind = REASON_OPEN_COMMAND;
}

/* ---- saying it ---- */

static void add_missing(struct text *text, const struct delegation *missing, const char *prefix,
			const char *between)
{
	bool first = true;

	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		if (missing->masks[list] == 0)
			continue;
		text_add(text, "%s%s%s=", first ? "" : between, prefix, names_key(list));
		delegation_add_words(text, list, missing->masks[list], ",");
		first = false;
	}
}

void reason_add_words(struct text *text, const struct reason *reason, const struct call *call)
{
	switch (reason->kind) {
	case REASON_SECCOMP:
		text_add(text, "a seccomp filter or tracer refused it before it began");
		break;
	case REASON_HOST_COMMAND:
		text_add(text,
			 "no token serves this command: it takes the host's own capabilities");
		break;
	case REASON_NO_CAP_BPF:
		text_add(text, "the process lacks CAP_BPF in its user namespace");
		break;
	case REASON_NO_DELEGATION:
		text_add(text, "the container has no delegated bpffs");
		break;
	case REASON_NO_TOKEN:
		text_add(text, "no token was passed, though the container's bpffs covers it");
		break;
	case REASON_BAD_TOKEN:
		text_add(text, "what was passed for a token is none");
		break;
	case REASON_LACKS:
		text_add(text, "the delegation lacks ");
		add_missing(text, &reason->missing, "", " ");
		break;
	case REASON_CAPABILITY:
		text_add(text, "the process lacks %s in its user namespace", reason->capability);
		break;
	case REASON_OPEN_COMMAND:
		text_add(text,
			 call->cmd == TOKEN_CREATE ?
				 "the bpffs belongs to another user namespace than the process" :
				 "tokens have no part in this command: the process lacks a "
				 "right over what it names");
		break;
	default:
		text_add(text, "the token covers it: a security module or lockdown refused it");
	}
}

void reason_add_fix(struct text *text, const struct reason *reason)
{
	switch (reason->kind) {
	case REASON_SECCOMP:
		text_add(text, "let the profile pass it: bpftoken seccomp PROFILE");
		break;
	case REASON_NO_CAP_BPF:
		text_add(text, "add CAP_BPF to the container");
		break;
	case REASON_CAPABILITY:
		text_add(text, "add %s to the container", reason->capability);
		break;
	case REASON_NO_DELEGATION:
		text_add(text, "annotate it with ");
		add_missing(text, &reason->missing, "io.bpftoken.", " ");
		break;
	case REASON_LACKS:
		text_add(text, "add to the annotations ");
		add_missing(text, &reason->missing, "io.bpftoken.", " ");
		text_add(text, ", and to \"allow\" in the policy where that has less");
		break;
	case REASON_NO_TOKEN:
		text_add(text,
			 "use libbpf 1.4 or cilium/ebpf 0.22 and later; where the bpffs is not at "
			 "/sys/fs/bpf set LIBBPF_BPF_TOKEN_PATH");
		break;
	case REASON_ELSEWHERE:
		text_add(text, "bpftoken check tells of lockdown and security modules");
		break;
	default:
		text_add(text, "nothing that is delegated changes it");
	}
}
