/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/filter/prove.h"

#include <linux/seccomp.h>

#include "tests/filter/walk.h"

#define OFFSET_CALL ((uint32_t)offsetof(struct seccomp_data, nr))
#define OFFSET_ARCH ((uint32_t)offsetof(struct seccomp_data, arch))

enum { DEFECTS_SHOWN = 20 };

struct proof {
	const struct table *table;
	FILE *to;
	size_t defects;
};

static void defect(struct proof *proof, const char *what, uint32_t call)
{
	if (proof->defects++ < DEFECTS_SHOWN && proof->to != NULL)
		fprintf(proof->to, "call %u: %s\n", call, what);
}

/* ---- along every path ---- */

/* The half of a 64-bit argument at an offset; the architectures here have the low one first. */
static uint32_t half_offset(const struct table_condition *condition, unsigned half)
{
	return (uint32_t)offsetof(struct seccomp_data, args) + 8 * condition->arg + 4 * half;
}

static bool implies(const struct walk_path *path, const struct table_condition *condition)
{
	for (unsigned half = 0; half < 2; half++) {
		uint32_t mask = (uint32_t)(condition->mask >> 32 * half);
		uint32_t want = (uint32_t)(condition->want >> 32 * half), known, is;

		walk_known(path, half_offset(condition, half), &known, &is);
		if ((mask & ~known) != 0 || (is & mask) != want)
			return false;
	}
	return true;
}

static bool contradicts(const struct walk_path *path, const struct table_condition *condition)
{
	for (unsigned half = 0; half < 2; half++)
		if (walk_excludes(path, half_offset(condition, half),
				  (uint32_t)(condition->mask >> 32 * half),
				  (uint32_t)(condition->want >> 32 * half)))
			return true;
	return false;
}

/* Every call of the path is of one rule of the table. */
static void check_allowed(struct proof *proof, const struct walk_path *path)
{
	const struct table *table = proof->table;
	uint32_t known, arch;

	walk_known(path, OFFSET_ARCH, &known, &arch);
	if (known != UINT32_MAX || arch != table->arch)
		defect(proof, "allowed for another architecture", path->call_min);
	if (path->call_min != path->call_max) {
		defect(proof, "allowed along with others", path->call_min);
		return;
	}
	for (size_t i = 0; i < table->n_rules; i++) {
		const struct table_rule *rule = &table->rules[i];
		bool implied = rule->number == path->call_min;

		for (size_t k = 0; implied && k < TABLE_CONDITIONS_MAX; k++)
			implied = rule->conditions[k].mask == 0 ||
				  implies(path, &rule->conditions[k]);
		if (implied)
			return;
	}
	defect(proof, "allowed without a rule", path->call_min);
}

/* No call of the path is of any rule of the table. */
static void check_killed(struct proof *proof, const struct walk_path *path)
{
	const struct table *table = proof->table;

	if (walk_excludes(path, OFFSET_ARCH, UINT32_MAX, table->arch))
		return;
	for (size_t i = 0; i < table->n_rules; i++) {
		const struct table_rule *rule = &table->rules[i];
		bool excluded = walk_excludes(path, OFFSET_CALL, UINT32_MAX, rule->number);

		for (size_t k = 0; !excluded && k < TABLE_CONDITIONS_MAX; k++)
			excluded = rule->conditions[k].mask != 0 &&
				   contradicts(path, &rule->conditions[k]);
		if (!excluded)
			defect(proof, "killed against a rule", rule->number);
	}
}

static void check_path(void *ctx, const struct walk_path *path)
{
	if (path->action == SECCOMP_RET_ALLOW)
		check_allowed(ctx, path);
	else if (path->action == SECCOMP_RET_KILL_PROCESS)
		check_killed(ctx, path);
	else
		defect(ctx, "neither allowed nor killed", path->call_min);
}

/* ---- by running it ---- */

static uint32_t run(const struct sock_filter *program, size_t len, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *at = &program[pc];
		bool yes = (BPF_OP(at->code) == BPF_JEQ && a == at->k) ||
			   (BPF_OP(at->code) == BPF_JGE && a >= at->k) ||
			   (BPF_OP(at->code) == BPF_JGT && a > at->k) ||
			   (BPF_OP(at->code) == BPF_JSET && (a & at->k) != 0);

		if (BPF_CLASS(at->code) == BPF_RET)
			return at->k;
		if (BPF_CLASS(at->code) == BPF_LD)
			a = ((const uint32_t *)data)[at->k / 4 % (sizeof(*data) / 4)];
		else if (BPF_CLASS(at->code) == BPF_ALU)
			a &= at->k;
		else if (at->code == (BPF_JMP | BPF_JA))
			pc += at->k;
		else if (BPF_CLASS(at->code) == BPF_JMP)
			pc += yes ? at->jt : at->jf;
	}
	return SECCOMP_RET_TRACE;
}

/* Numbers that look random, the same in every run. */
static uint64_t next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 24;
}

/* An argument that some rule wants, or nearly; else anything. */
static uint64_t some_argument(const struct table *table, unsigned arg, uint64_t *state)
{
	const struct table_rule *rule = &table->rules[next(state) % table->n_rules];
	uint64_t value = next(state) % 4 != 0 ? 0 : next(state) << 32 | next(state);

	for (size_t i = 0; i < TABLE_CONDITIONS_MAX; i++)
		if (rule->conditions[i].mask != 0 && rule->conditions[i].arg == arg)
			value = rule->conditions[i].want;
	if (next(state) % 4 == 0)
		value ^= 1ull << next(state) % 64;
	return value;
}

static void try_call(struct proof *proof, const struct sock_filter *program, size_t len,
		     struct seccomp_data *data)
{
	uint32_t action = run(program, len, data);

	if (action !=
	    (table_allows(proof->table, data) ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS))
		defect(proof, "answered against the table when run", (uint32_t)data->nr);
}

static void try_calls(struct proof *proof, const struct sock_filter *program, size_t len)
{
	static const uint32_t high_bits[] = { 0, 0x40000000 /* x32's */, 0x80000000 };
	const uint32_t archs[] = { proof->table->arch, 0x40000003 /* i386 */, ~proof->table->arch };
	uint64_t state = 1;

	for (uint32_t i = 0; i < 512 * 3 * 3 * 50; i++) {
		struct seccomp_data data = {
			.nr = (int)(i % 512 | high_bits[i / 512 % 3]),
			.arch = archs[i / 512 / 3 % 3],
			.instruction_pointer = next(&state),
		};

		for (unsigned arg = 0; arg < 6; arg++)
			data.args[arg] = some_argument(proof->table, arg, &state);
		try_call(proof, program, len, &data);
	}
}

size_t prove(const struct sock_filter *program, size_t len, const struct table *table, FILE *to)
{
	struct proof proof = { table, to, 0 };
	const char *why;
	size_t paths = walk(program, len, check_path, &proof, &why);

	if (paths == 0 && to != NULL)
		fprintf(to, "the program cannot be walked: %s\n", why);
	if (paths != 0 && proof.defects == 0)
		try_calls(&proof, program, len);
	return proof.defects == 0 ? paths : 0;
}
