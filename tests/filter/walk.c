/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/filter/walk.h"

#include <linux/seccomp.h>

#define OFFSET_CALL ((uint32_t)offsetof(struct seccomp_data, nr))

/* The accumulator: a field's bits under a mask. */
struct value {
	uint32_t offset, mask;
	bool loaded;
};

struct walker {
	const struct sock_filter *program;
	size_t len;
	walk_handler *handler;
	void *ctx;
	size_t paths;
	const char *why;
};

void walk_known(const struct walk_path *path, uint32_t offset, uint32_t *ret_mask,
		uint32_t *ret_value)
{
	*ret_mask = *ret_value = 0;
	for (size_t i = 0; i < path->n_facts; i++) {
		const struct walk_fact *fact = &path->facts[i];

		if (fact->offset != offset || !fact->equal)
			continue;
		*ret_mask |= fact->mask;
		*ret_value |= fact->value;
	}
}

bool walk_excludes(const struct walk_path *path, uint32_t offset, uint32_t mask, uint32_t value)
{
	uint32_t known, is;

	if ((value & ~mask) != 0)
		return true;
	walk_known(path, offset, &known, &is);
	if (((is ^ value) & known & mask) != 0)
		return true;
	is |= value;
	known |= mask;
	for (size_t i = 0; i < path->n_facts; i++) {
		const struct walk_fact *fact = &path->facts[i];

		if (fact->offset == offset && !fact->equal && (fact->mask & ~known) == 0 &&
		    (is & fact->mask) == fact->value)
			return true;
	}
	return offset == OFFSET_CALL && mask == UINT32_MAX &&
	       (value < path->call_min || value > path->call_max);
}

/* True when what the path knows of the field's bits leaves them no other value than this. */
static bool forces(const struct walk_path *path, uint32_t offset, uint32_t mask, uint32_t value)
{
	uint32_t known, is;

	walk_known(path, offset, &known, &is);
	return ((mask & ~known) == 0 && (is & mask) == value) ||
	       (offset == OFFSET_CALL && mask == UINT32_MAX && path->call_min == value &&
		path->call_max == value);
}

static void step(struct walker *walker, size_t pc, struct value a, const struct walk_path *path);

static void add_fact(struct walk_path *path, struct walk_fact fact)
{
	path->facts[path->n_facts++] = fact;
	if (fact.offset != OFFSET_CALL || fact.mask != UINT32_MAX)
		return;
	if (fact.equal) {
		path->call_min = path->call_max = fact.value;
		return;
	}
	while (path->call_min < path->call_max &&
	       walk_excludes(path, OFFSET_CALL, UINT32_MAX, path->call_min))
		path->call_min++;
	while (path->call_min < path->call_max &&
	       walk_excludes(path, OFFSET_CALL, UINT32_MAX, path->call_max))
		path->call_max--;
}

/* Both ways from a test for equality, as far as they can be gone. */
static void split_equal(struct walker *walker, struct value a, uint32_t value, size_t if_equal,
			size_t if_not, const struct walk_path *path)
{
	struct walk_fact fact = { a.offset, a.mask, value, true };
	struct walk_path next = *path;

	if (!walk_excludes(path, a.offset, a.mask, value)) {
		add_fact(&next, fact);
		step(walker, if_equal, a, &next);
	}
	if (forces(path, a.offset, a.mask, value))
		return;
	next = *path;
	fact.equal = false;
	add_fact(&next, fact);
	step(walker, if_not, a, &next);
}

/* Both ways from a test whether the call's number is at least a limit. */
static void split_at(struct walker *walker, uint32_t limit, struct value a, size_t if_so,
		     size_t if_not, const struct walk_path *path)
{
	struct walk_path next = *path;

	if (path->call_max >= limit) {
		next.call_min = path->call_min > limit ? path->call_min : limit;
		step(walker, if_so, a, &next);
	}
	if (path->call_min < limit) {
		next = *path;
		next.call_max = path->call_max < limit ? path->call_max : limit - 1;
		step(walker, if_not, a, &next);
	}
}

static void jump(struct walker *walker, size_t pc, struct value a, const struct walk_path *path)
{
	const struct sock_filter *at = &walker->program[pc];
	size_t yes = pc + 1 + at->jt, no = pc + 1 + at->jf;
	bool call = a.offset == OFFSET_CALL && a.mask == UINT32_MAX;

	if (at->code == (BPF_JMP | BPF_JA))
		step(walker, pc + 1 + at->k, a, path);
	else if (!a.loaded)
		walker->why = "a jump on nothing loaded";
	else if (at->code == (BPF_JMP | BPF_JEQ | BPF_K))
		split_equal(walker, a, at->k, yes, no, path);
	else if (at->code == (BPF_JMP | BPF_JSET | BPF_K))
		split_equal(walker, (struct value){ a.offset, a.mask & at->k, true }, 0, no, yes,
			    path);
	else if (at->code == (BPF_JMP | BPF_JGE | BPF_K) && call)
		split_at(walker, at->k, a, yes, no, path);
	else if (at->code == (BPF_JMP | BPF_JGT | BPF_K) && call && at->k != UINT32_MAX)
		split_at(walker, at->k + 1, a, yes, no, path);
	else
		walker->why = "a jump of an unknown kind";
}

static void step(struct walker *walker, size_t pc, struct value a, const struct walk_path *path)
{
	const struct sock_filter *at = &walker->program[pc];
	struct walk_path end;

	if (walker->why != NULL)
		return;
	if (pc >= walker->len || path->n_facts == WALK_FACTS_MAX) {
		walker->why = pc >= walker->len ? "it runs off its end" : "a path is too long";
		return;
	}
	if (BPF_CLASS(at->code) == BPF_JMP) {
		jump(walker, pc, a, path);
	} else if (at->code == (BPF_RET | BPF_K)) {
		end = *path;
		end.action = at->k;
		walker->paths++;
		walker->handler(walker->ctx, &end);
	} else if (at->code == (BPF_LD | BPF_W | BPF_ABS) && at->k % 4 == 0 &&
		   at->k < sizeof(struct seccomp_data)) {
		step(walker, pc + 1, (struct value){ at->k, UINT32_MAX, true }, path);
	} else if (at->code == (BPF_ALU | BPF_AND | BPF_K)) {
		step(walker, pc + 1, (struct value){ a.offset, a.mask & at->k, a.loaded }, path);
	} else if (at->code == (BPF_MISC | BPF_TAX)) {
		step(walker, pc + 1, a, path); /* nothing here reads X */
	} else {
		walker->why = "an instruction of an unknown kind";
	}
}

size_t walk(const struct sock_filter *program, size_t len, walk_handler *handler, void *ctx,
	    const char **ret_why)
{
	struct walker walker = { program, len, handler, ctx, 0, NULL };
	const struct walk_path start = { .call_max = UINT32_MAX };

	step(&walker, 0, (struct value){ 0 }, &start);
	*ret_why = walker.why;
	return walker.why == NULL ? walker.paths : 0;
}
