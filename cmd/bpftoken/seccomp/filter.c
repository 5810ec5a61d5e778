/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/seccomp/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "spec/base/defer.h"

#include "spec/base/poison.h"

/* ---- from the profile to the program ---- */

static void release(scmp_filter_ctx *ctx)
{
	if (*ctx != NULL)
		seccomp_release(*ctx);
}

/* Both runtimes: conditions on one argument twice, and each condition becomes a rule of its own. */
static bool repeats_an_argument(const struct seccomp_entry *entry)
{
	unsigned seen = 0;

	for (size_t i = 0; i < entry->n_args; i++) {
		if ((seen & 1u << entry->args[i].arg) != 0)
			return true;
		seen |= 1u << entry->args[i].arg;
	}
	return false;
}

/*
 * libseccomp 2.5.4 loses memory over rules that each have conditions on several arguments, and with three
 * of them does not always come to an end. No profile of an engine has even one for bpf(2).
 */
static int check_entangled(const struct seccomp_profile *profile, struct err *err)
{
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < profile->n_entries; i++) {
		const struct seccomp_entry *entry = &profile->entries[i];

		if (entry->n_bpf == 0 || entry->n_args < 2 || repeats_an_argument(entry))
			continue;
		if (first != SIZE_MAX)
			return err_set(
				err, EX_DATAERR, 0,
				"syscalls[%zu]: it and syscalls[%zu] each have conditions on "
				"several arguments of bpf(2), which libseccomp, and so a "
				"runtime, may never end with; keep them to one rule",
				i, first);
		first = i;
	}
	return 0;
}

static int add_entry(scmp_filter_ctx ctx, const struct seccomp_entry *entry)
{
	const int bpf = SCMP_SYS(bpf);
	int r = 0;

	if (!repeats_an_argument(entry))
		return seccomp_rule_add_array(ctx, entry->action, bpf, (unsigned)entry->n_args,
					      entry->args);
	for (size_t i = 0; r == 0 && i < entry->n_args; i++)
		r = seccomp_rule_add_array(ctx, entry->action, bpf, 1, &entry->args[i]);
	return r;
}

static int add_entries(scmp_filter_ctx ctx, const struct seccomp_profile *profile, struct err *err)
{
	for (size_t i = 0; i < profile->n_entries; i++) {
		const struct seccomp_entry *entry = &profile->entries[i];
		int r;

		if (entry->n_bpf == 0 || entry->is_selective ||
		    entry->action == profile->default_action)
			continue; /* runtimes, too, leave out what the default action says */
		r = add_entry(ctx, entry);
		if (r < 0)
			return err_set(err, EX_DATAERR, -r,
				       "syscalls[%zu]: libseccomp, and so every runtime, refuses "
				       "it",
				       i);
	}
	return 0;
}

static int export(scmp_filter_ctx ctx, struct seccomp_filter *ret_filter, struct err *err)
{
	defer_close int fd = memfd_create("filter", MFD_CLOEXEC);
	defer_free struct sock_filter *insns = NULL;
	struct stat st;
	int r = fd < 0 ? -errno : seccomp_export_bpf(ctx, fd);

	if (r == 0 && fstat(fd, &st) < 0)
		r = -errno;
	if (r != 0)
		return err_set(err, EX_OSERR, -r, "seccomp filter");
	insns = malloc((size_t)st.st_size);
	if (insns == NULL)
		return err_memory(err);
	if (pread(fd, insns, (size_t)st.st_size, 0) != st.st_size)
		return err_set(err, EX_OSERR, EIO, "seccomp filter");
	ret_filter->n_insns = (size_t)st.st_size / sizeof(*insns);
	ret_filter->insns = insns;
	insns = NULL;
	return 0;
}

int seccomp_filter_build(const struct seccomp_profile *profile, struct seccomp_filter *ret_filter,
			 struct err *err)
{
	__attribute__((cleanup(release))) scmp_filter_ctx ctx =
		seccomp_init(profile->default_action);

	if (ctx == NULL)
		return err_memory(err);
	if (check_entangled(profile, err) < 0)
		return -EINVAL;
	for (size_t i = 0; i < profile->n_architectures; i++) {
		int r = seccomp_arch_add(ctx, profile->architectures[i]);

		if (r < 0 && r != -EEXIST)
			return err_set(err, EX_DATAERR, -r,
				       "architectures: libseccomp, and so every runtime, refuses "
				       "them");
	}
	return add_entries(ctx, profile, err) < 0 ? -EINVAL : export(ctx, ret_filter, err);
}

void seccomp_filter_done(struct seccomp_filter *filter)
{
	free(filter->insns);
	*filter = (struct seccomp_filter){ 0 };
}

/* ---- running it ---- */

#define STEPS_MAX 100000

/* A word of which nobody knows the value. */
struct word {
	uint32_t value;
	bool known;
};

struct run {
	const struct sock_filter *insns;
	size_t n_insns;
	struct seccomp_data data;
	unsigned steps;
	bool any;
	bool depends;
	uint32_t action;
	size_t waiting[BPF_MAXINSNS]; /* where the other ways of branches begin */
	size_t n_waiting;
};

/* What of struct seccomp_data is known before the call: all but the address and later arguments. */
static struct word load(const struct run *run, uint32_t offset)
{
	struct word word = { 0, offset < offsetof(struct seccomp_data, instruction_pointer) ||
					(offset >= offsetof(struct seccomp_data, args) &&
					 offset < offsetof(struct seccomp_data, args[1])) };

	if (offset + sizeof(word.value) > sizeof(run->data))
		return (struct word){ 0, false };
	memcpy(&word.value, (const char *)&run->data + offset, sizeof(word.value));
	return word;
}

static bool compares(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default:
		return (a & k) != 0;
	}
}

static void answer(struct run *run, uint32_t action, bool known)
{
	run->depends |= !known || (run->any && run->action != action);
	run->any = true;
	run->action = action;
}

/*
 * Runs from pc to the end of one way; where a branch asks for a word that nobody knows, the other way
 * waits. libseccomp's programs load words, mask and compare them; jumps go forward only, so this
 * ends, and a program that the kernel takes has no more waiting ways than it may have instructions. A
 * program that does anything else is not told, and neither is one too branchy.
 */
static void run_from(struct run *run, size_t pc, struct word a)
{
	while (pc < run->n_insns && ++run->steps < STEPS_MAX) {
		const struct sock_filter *insn = &run->insns[pc++];

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = load(run, insn->k);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a.value &= insn->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			if (!a.known && run->n_waiting == BPF_MAXINSNS)
				return answer(run, run->action, false);
			if (!a.known)
				run->waiting[run->n_waiting++] = pc + insn->jf;
			pc += !a.known || compares(insn->code, a.value, insn->k) ? insn->jt :
										   insn->jf;
			break;
		case BPF_RET | BPF_K:
			answer(run, insn->k, true);
			return;
		default:
			answer(run, run->action, false);
			return;
		}
	}
	answer(run, run->action, false);
}

uint32_t seccomp_filter_run(const struct sock_filter *insns, size_t n_insns, uint64_t cmd,
			    bool *ret_depends)
{
	struct run run = {
		.insns = insns,
		.n_insns = n_insns,
		.data = { .nr = SYS_bpf, .arch = seccomp_arch_native(), .args = { cmd } }
	};

	run_from(&run, 0, (struct word){ 0, true });
	while (run.n_waiting > 0)
		run_from(&run, run.waiting[--run.n_waiting], (struct word){ 0, false });
	*ret_depends = run.depends;
	return run.action;
}

/* ---- whose answer it is ---- */

static bool may_hold(const struct scmp_arg_cmp *arg, uint64_t cmd)
{
	if (arg->arg != 0)
		return true;
	switch (arg->op) {
	case SCMP_CMP_NE:
		return cmd != arg->datum_a;
	case SCMP_CMP_LT:
		return cmd < arg->datum_a;
	case SCMP_CMP_LE:
		return cmd <= arg->datum_a;
	case SCMP_CMP_EQ:
		return cmd == arg->datum_a;
	case SCMP_CMP_GE:
		return cmd >= arg->datum_a;
	case SCMP_CMP_GT:
		return cmd > arg->datum_a;
	default:
		return (cmd & arg->datum_a) == arg->datum_b;
	}
}

static bool may_apply(const struct seccomp_entry *entry, uint64_t cmd)
{
	const bool one_is_enough = repeats_an_argument(entry);

	for (size_t i = 0; i < entry->n_args; i++)
		if (may_hold(&entry->args[i], cmd) == one_is_enough)
			return one_is_enough;
	return !one_is_enough;
}

/* libseccomp's actions are the kernel's numbers. */
static const struct seccomp_entry *find_entry(const struct seccomp_profile *profile, uint64_t cmd,
					      uint32_t action)
{
	for (size_t i = 0; i < profile->n_entries; i++) {
		const struct seccomp_entry *entry = &profile->entries[i];

		if (entry->n_bpf != 0 && !entry->is_selective && entry->action == action &&
		    may_apply(entry, cmd))
			return entry;
	}
	return NULL;
}

struct seccomp_verdict seccomp_filter_judge(const struct seccomp_filter *filter,
					    const struct seccomp_profile *profile, unsigned cmd)
{
	struct seccomp_verdict verdict = { 0 };

	verdict.action = seccomp_filter_run(filter->insns, filter->n_insns, cmd, &verdict.depends);
	verdict.entry = find_entry(profile, cmd, verdict.action);
	return verdict;
}

bool seccomp_verdict_passes(const struct seccomp_verdict *verdict)
{
	return !verdict->depends &&
	       (verdict->action == SECCOMP_RET_ALLOW || verdict->action == SECCOMP_RET_LOG);
}
