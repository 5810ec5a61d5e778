/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/explain/warn.h"

#include <errno.h>
#include <string.h>

#include "cmd/bpftoken/base/btf_names.h"
#include "cmd/bpftoken/explain/lookalike.h"
#include "hook/warn.h"
#include "spec/names_gate.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

/* BPF_TOKEN_CREATE, which no header before Linux 6.9 has. */
#define TOKEN_CREATE 36

void explain_warn_keys(struct explanation *e)
{
	for (size_t i = 0; i < e->state.n_annotations; i++) {
		const char *key = e->state.annotations[i].key;
		struct lookalike lookalike;

		if (lookalike_find(key, &lookalike))
			notes_add(&e->warnings,
				  "annotation %s is none of this project's, so nothing is asked by "
				  "it; was %s meant?",
				  quote(key).text, lookalike.meant);
	}
}

/* What the request comes to: with its profiles where they could be had. */
static const struct delegation *wanted(const struct explanation *e)
{
	return e->has_decision ? &e->decision.delegation : &e->request.lists;
}

/* ---- seccomp ---- */

/* What is asked for, and the token without which it cannot be had. */
static uint64_t asked_commands(const struct explanation *e)
{
	uint64_t cmds = wanted(e)->masks[NAMES_CMDS];

	if (cmds == DELEGATION_ANY)
		cmds = names_cmds_of_gate(NAMES_GATE_TOKEN);
	return (cmds & names_known(NAMES_CMDS)) | BIT(TOKEN_CREATE);
}

/* rest: what else there is to say of them. */
static void warn_blocked(struct explanation *e, uint64_t blocked, const char *rest)
{
	char words[600];
	struct text text;

	text_init(&text, words, sizeof(words));
	delegation_add_words(&text, NAMES_CMDS, blocked, ",");
	notes_add(&e->warnings,
		  "linux.seccomp keeps bpf(2) from doing %s%s; use a profile that allows them, "
		  "such as \"bpftoken seccomp\" makes",
		  words, rest);
}

/* With a token in hand clients go on to fill maps, pin and attach: commands that nobody asks for. */
static void judge_commands(struct explanation *e)
{
	struct explain_seccomp *seccomp = &e->seccomp;
	const uint64_t asked = asked_commands(e);
	uint64_t blocked = 0;

	seccomp->commands = asked | names_cmds_of_gate(NAMES_GATE_OPEN);
	for (unsigned cmd = 0; cmd < 64; cmd++) {
		if ((seccomp->commands & BIT(cmd)) == 0)
			continue;
		seccomp->verdicts[cmd] =
			seccomp_filter_judge(&seccomp->filter, &seccomp->profile, cmd);
		if (!seccomp_verdict_passes(&seccomp->verdicts[cmd]))
			blocked |= BIT(cmd);
	}
	if ((blocked & asked) != 0)
		warn_blocked(e, blocked & asked, "");
	else if (blocked != 0)
		warn_blocked(e, blocked, ", for which clients need no token");
}

static void judge_seccomp(struct explanation *e)
{
	struct explain_seccomp *seccomp = &e->seccomp;
	struct err err = { 0 };
	int r = seccomp_profile_parse(e->text, e->len, &seccomp->profile, &err);

	if (r == -ENOENT)
		return; /* none: every call passes */
	seccomp->is_there = true;
	if (r == 0)
		r = seccomp_filter_build(&seccomp->profile, &seccomp->filter, &err);
	seccomp->is_judged = r == 0;
	if (r == 0)
		judge_commands(e);
	else
		notes_add(&e->warnings, "linux.seccomp cannot be judged: %s", err.msg);
}

/* ---- the hook's own warnings ---- */

/* They rest on the plan; without one, on what it would have said of path and mode. */
static void add_hooks(struct explanation *e)
{
	struct plan plan = e->plan;
	struct config config = e->config;
	struct warnings warnings;

	plan.path = e->request.path;
	plan.mode = e->request.mode;
	plan.delegation = *wanted(e);
	config.seccomp = (struct seccomp){ 0 }; /* judged above, command by command */
	warn_collect(&plan, &e->request, &config, e->selinux, &warnings);
	for (size_t i = 0; i < warnings.n; i++)
		notes_add(&e->warnings, "%s", warnings.text[i]);
}

/* ---- the container's file system ---- */

/* What covers the destination itself is a refusal; this is what clients look at besides. */
static void check_masks(struct explanation *e)
{
	static const char btf[] = "/sys/kernel/btf/vmlinux";

	if (config_masks(&e->config, btf))
		notes_add(&e->warnings,
			  "linux.maskedPaths covers %s, without which libbpf can relocate no "
			  "program (CO-RE) and find no kernel function; take it out",
			  btf);
}

/* ---- the kernel ---- */

static void check_kernel(struct explanation *e)
{
	const struct delegation *want = wanted(e);
	struct btf_names kernel;
	struct err ignored;

	if (btf_names_read(BTF_NAMES_KERNEL, &kernel, &ignored) < 0) {
		notes_add(&e->warnings, "this kernel shows no type information "
					"(/sys/kernel/btf/vmlinux), so which "
					"of the names it has cannot be told");
		return;
	}
	if ((kernel.known.masks[NAMES_CMDS] & BIT(TOKEN_CREATE)) == 0)
		notes_add(&e->warnings, "this kernel has no BPF tokens; they came with Linux 6.9");
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		const uint64_t lacking = want->masks[list] & ~kernel.known.masks[list];
		char words[400];
		struct text text;

		if (want->masks[list] == DELEGATION_ANY || lacking == 0)
			continue;
		text_init(&text, words, sizeof(words));
		delegation_add_words(&text, list, lacking, ",");
		notes_add(&e->warnings, "this kernel lacks these %s: %s", names_key(list), words);
	}
}

void explain_warn(struct explanation *e)
{
	judge_seccomp(e);
	add_hooks(e);
	check_masks(e);
	check_kernel(e);
}
