/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/observe/call.h"

#include <linux/bpf.h>
#include <string.h>

#include "cmd/bpftoken/needs/needs.h"

#include "spec/base/poison.h"

#define TOKEN_FLAG (UINT32_C(1) << 16) /* BPF_F_TOKEN_FD, newer than the oldest linux/bpf.h */

/* Where a command's attr has what counts here; NOWHERE: it has none. Source: include/uapi/linux/bpf.h. */
enum { NOWHERE = 0xff };

static const struct layout {
	uint32_t cmd;
	uint8_t map_type, prog_type, attach, instructions, kernel, btf, size, flags, name;
} layouts[] = {
	{ BPF_MAP_CREATE, 0, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, 12, 16, 28 },
	{ BPF_PROG_LOAD, NOWHERE, 0, 68, 4, 40, 72, NOWHERE, 44, 48 },
	{ BPF_BTF_LOAD, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, 16, 32, NOWHERE },
	{ BPF_BTF_GET_FD_BY_ID, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, 8,
	  NOWHERE },
	{ BPF_LINK_CREATE, NOWHERE, NOWHERE, 8, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE,
	  NOWHERE },
	{ BPF_PROG_ATTACH, NOWHERE, NOWHERE, 8, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE,
	  NOWHERE },
};

static uint32_t word_at(const struct observe_event *event, uint8_t offset)
{
	uint32_t word;

	if (offset == NOWHERE)
		return CALL_NONE;
	memcpy(&word, event->attr + offset, sizeof(word));
	return word;
}

void call_read(const struct observe_event *event, struct call *ret_call)
{
	struct call call = { .cmd = event->cmd,
			     .map_type = CALL_NONE,
			     .prog_type = CALL_NONE,
			     .attach = CALL_NONE,
			     .instructions = CALL_NONE,
			     .kernel = CALL_NONE,
			     .btf = CALL_NONE,
			     .size = CALL_NONE };

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const struct layout *layout = &layouts[i];

		if (layout->cmd != event->cmd)
			continue;
		call.map_type = word_at(event, layout->map_type);
		call.prog_type = word_at(event, layout->prog_type);
		call.attach = word_at(event, layout->attach);
		call.instructions = word_at(event, layout->instructions);
		call.kernel = word_at(event, layout->kernel);
		call.btf = word_at(event, layout->btf);
		call.size = word_at(event, layout->size);
		call.names_token = layout->flags != NOWHERE &&
				   (word_at(event, layout->flags) & TOKEN_FLAG) != 0;
		if (layout->name != NOWHERE)
			memcpy(call.name, event->attr + layout->name, OBSERVE_NAME_MAX);
		call.attach = needs_checked_attach(call.prog_type, call.attach);
	}
	*ret_call = call;
}

/*
 * The programs of libbpf's features.c that have no name. Those of an object look alike only where it has
 * neither name nor type information, and a kprobe's says for which kernel it is.
 */
static bool is_nameless_probe(const struct call *call)
{
	switch (call->prog_type) {
	case BPF_PROG_TYPE_SOCKET_FILTER:
		return call->btf == 0 && call->instructions <= 4;
	case BPF_PROG_TYPE_CGROUP_SOCK:
		return call->btf == 0 && call->instructions == 2;
	case BPF_PROG_TYPE_TRACEPOINT:
		return call->btf == 0 && (call->instructions == 2 || call->instructions == 6);
	case BPF_PROG_TYPE_KPROBE:
		return call->kernel == 0 && call->instructions <= 4;
	default:
		return false;
	}
}

bool call_is_probe(const struct call *call)
{
	if (strncmp(call->name, "libbpf_", 7) == 0)
		return true;
	return call->cmd == BPF_PROG_LOAD && call->name[0] == '\0' && is_nameless_probe(call);
}

bool call_is_needed_probe(const struct call *call)
{
	return call->prog_type == BPF_PROG_TYPE_SOCKET_FILTER ||
	       (call->prog_type == BPF_PROG_TYPE_TRACEPOINT && call->instructions == 6);
}
