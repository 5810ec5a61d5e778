/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/warn.h"

#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <string.h>

#include "spec/names_gate.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

__attribute__((format(printf, 2, 3))) static void add(struct warnings *warnings, const char *fmt,
						      ...)
{
	struct text text;
	va_list args;

	if (warnings->n == WARN_MAX)
		return;
	text_init(&text, warnings->text[warnings->n], sizeof(warnings->text[0]));
	va_start(args, fmt);
	text_vadd(&text, fmt, args);
	va_end(args);
	warnings->n++;
}

static bool has(uint64_t set, int cap)
{
	return (set & BIT(cap)) != 0;
}

/* bpf_token_capable(): the capability itself or CAP_SYS_ADMIN; token creation wants CAP_BPF. */
static void check_capabilities(uint64_t progs, const struct config *config,
			       struct warnings *warnings)
{
	bool admin = has(config->effective, CAP_SYS_ADMIN);

	if (!has(config->effective, CAP_BPF))
		add(warnings,
		    "process.capabilities lack CAP_BPF, without which no token can be made; "
		    "add it");
	if ((progs & names_net_admin_progs()) != 0 && !has(config->effective, CAP_NET_ADMIN) &&
	    !admin)
		add(warnings, "process.capabilities lack CAP_NET_ADMIN, which some of the program "
			      "types need; add it");
	if ((progs & names_perfmon_progs()) != 0 && !has(config->effective, CAP_PERFMON) && !admin)
		add(warnings,
		    "process.capabilities lack CAP_PERFMON, which some of the program types need; "
		    "with it any program can read the host's kernel memory");
}

/* libbpf to 1.7 loads a trivial socket_filter with attach type 0 before anything else. */
static void check_libbpf(const struct delegation *delegation, struct warnings *warnings)
{
	bool filter = has(delegation->masks[NAMES_PROGS], BPF_PROG_TYPE_SOCKET_FILTER);
	bool ingress = has(delegation->masks[NAMES_ATTACHS], BPF_CGROUP_INET_INGRESS);

	if (has(delegation->masks[NAMES_CMDS], BPF_PROG_LOAD) && !(filter && ingress))
		add(warnings, "libbpf's own probe fails without progs socket_filter and attachs "
			      "cgroup_inet_ingress; add both for programs that use libbpf");
}

static void check_inert(uint64_t cmds, struct warnings *warnings)
{
	char words[120];
	struct text text;

	cmds &= ~names_cmds_of_gate(NAMES_GATE_TOKEN) & names_known(NAMES_CMDS);
	if (cmds == 0)
		return;
	text_init(&text, words, sizeof(words));
	delegation_add_words(&text, NAMES_CMDS, cmds, ",");
	add(warnings, "no kernel checks these commands against a token: %s", words);
}

/* Whether process.user can open the bpffs' root, which making a token of it takes. */
static bool may_open(const struct plan *plan, const struct request *request,
		     const struct config *config)
{
	uid_t uid = request->owner == REQUEST_OWNER_ROOT ? 0 : request->uid;
	gid_t gid = request->owner == REQUEST_OWNER_ROOT ? 0 : request->gid;
	unsigned shift = 0;

	if (config->uid == 0 && has(config->effective, CAP_DAC_OVERRIDE))
		return true;
	if (request->owner == REQUEST_OWNER_USER || config->uid == uid)
		shift = 6;
	else if (config->gid == gid)
		shift = 3;
	return (plan->mode >> shift & 5) == 5;
}

static void check_access(const struct plan *plan, const struct request *request,
			 const struct config *config, struct warnings *warnings)
{
	const char *looks_at =
		config->token_path != NULL ? config->token_path : REQUEST_DEFAULT_PATH;

	if (!may_open(plan, request, config))
		add(warnings,
		    "mode %04o keeps process.user (%u) out of the bpffs; ask for owner user or "
		    "mode 0755",
		    (unsigned)plan->mode, config->uid);
	if (strcmp(plan->path, looks_at) != 0)
		add(warnings,
		    "libbpf looks at %.60s in this container; set LIBBPF_BPF_TOKEN_PATH=%.60s in "
		    "its environment",
		    quote(looks_at).text, quote(plan->path).text);
}

void warn_collect(const struct plan *plan, const struct request *request,
		  const struct config *config, bool selinux, struct warnings *ret_warnings)
{
	const uint64_t *masks = plan->delegation.masks;

	ret_warnings->n = 0;
	check_capabilities(masks[NAMES_PROGS], config, ret_warnings);
	if (seccomp_blocks_bpf(&config->seccomp))
		add(ret_warnings,
		    "linux.seccomp blocks bpf(2) in the container; allow it, for example "
		    "by a profile that allows bpf with CAP_BPF");
	check_libbpf(&plan->delegation, ret_warnings);
	if (masks[NAMES_CMDS] != DELEGATION_ANY)
		check_inert(masks[NAMES_CMDS], ret_warnings);
	check_access(plan, request, config, ret_warnings);
	if (selinux && config->mount_label)
		add(ret_warnings,
		    "SELinux is enforcing and the container has a mountLabel: its policy "
		    "must let the container's domain use bpf and this file system; semodule "
		    "-i oci-bpf-token.cil does so for container_t");
}
