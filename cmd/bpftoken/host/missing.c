/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/host/missing.h"

#include <stdarg.h>
#include <string.h>

#include "hook/request.h"

#include "spec/base/poison.h"

/* linux/capability.h, whose names Debian 12 has; numbers are the interface. */
#define CAPABILITY_BPF 39

/* linux/bpf.h; what a token is asked about at all, kernel.md section 4. */
enum {
	COMMAND_MAP_CREATE = 0,
	COMMAND_PROG_LOAD = 5,
	COMMAND_BTF_LOAD = 18,
	COMMAND_BTF_BY_ID = 19
};

__attribute__((format(printf, 2, 3))) static void add(struct missing *missing, const char *format,
						      ...)
{
	struct text text;
	va_list args;

	if (missing->n == MISSING_MAX)
		return;
	text_init(&text, missing->text[missing->n], sizeof(missing->text[0]));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
	missing->n++;
}

static bool has_command(const struct granted *granted, unsigned command)
{
	return (granted->delegation.masks[NAMES_CMDS] >> command & 1) != 0;
}

static bool is_empty(const struct granted *granted, enum names_list list)
{
	return granted->delegation.masks[list] == 0 && granted->unknown[list][0] == '\0';
}

/* Where the kernel finds nothing to say yes to. */
static void judge_lists(const struct granted *granted, struct missing *missing)
{
	bool maps = has_command(granted, COMMAND_MAP_CREATE);
	bool progs = has_command(granted, COMMAND_PROG_LOAD);

	if (is_empty(granted, NAMES_CMDS))
		add(missing, "it delegates no command, so a token of it serves nothing; "
			     "delegate map_create and prog_load, for example");
	else if (!maps && !progs && !has_command(granted, COMMAND_BTF_LOAD) &&
		 !has_command(granted, COMMAND_BTF_BY_ID))
		add(missing, "its commands are none that the kernel asks a token about; "
			     "delegate map_create and prog_load, for example");
	if (maps && is_empty(granted, NAMES_MAPS))
		add(missing, "map_create without a map type creates nothing; add maps");
	if (progs && is_empty(granted, NAMES_PROGS))
		add(missing, "prog_load without a program type loads nothing; add progs");
	if (progs && is_empty(granted, NAMES_ATTACHS))
		add(missing, "prog_load without an attach type loads nothing; add attachs "
			     "(cgroup_inet_ingress for types that have none)");
}

static void judge_mount(const struct missing_facts *facts, struct missing *missing)
{
	if (facts->hidden)
		add(missing, "another mount hides it; look at maskedPaths and at volumes above it");
	if (strcmp(facts->root, "/") != 0)
		add(missing, "only a directory of the bpffs is mounted there, and tokens are made "
			     "of its root; mount that");
	if (strcmp(facts->path, REQUEST_DEFAULT_PATH) != 0)
		add(missing, "libbpf looks at " REQUEST_DEFAULT_PATH
			     " only; set LIBBPF_BPF_TOKEN_PATH to its path in the container");
}

static void judge_process(const struct missing_facts *facts, struct missing *missing)
{
	const struct proc_status *status = &facts->status;
	const uint64_t bpf = 1ull << CAPABILITY_BPF;
	int pid = (int)facts->pid;

	if (facts->host_user_namespace)
		add(missing,
		    "process %d is in the host's user namespace, where tokens do not exist; start "
		    "the container with one of its own",
		    pid);
	else if (facts->other_user_namespace)
		add(missing,
		    "process %d is in another user namespace than its mounts, and the kernel "
		    "makes tokens for the bpffs's own only",
		    pid);
	else if (!facts->owner_mapped)
		add(missing,
		    "its owner has no id in the user namespace of process %d, so it was made for "
		    "another one; let the hook mount it",
		    pid);
	if ((status->bounding & bpf) == 0)
		add(missing,
		    "process %d has no CAP_BPF in its bounding set; give the container CAP_BPF",
		    pid);
	else if ((status->effective & bpf) == 0)
		add(missing,
		    "process %d has no effective CAP_BPF; run it as the container's root, or give "
		    "it ambient capabilities",
		    pid);
	if (status->seccomp == 2)
		add(missing,
		    "a seccomp filter holds process %d, and nobody outside sees what it says of "
		    "bpf(2); look at its profile",
		    pid);
}

void missing_collect(const struct missing_facts *facts, struct missing *ret_missing)
{
	*ret_missing = (struct missing){ 0 };
	judge_lists(facts->granted, ret_missing);
	judge_mount(facts, ret_missing);
	judge_process(facts, ret_missing);
}
