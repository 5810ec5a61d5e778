/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FILTER_WALK_H
#define TESTS_FILTER_WALK_H

/*
 * Walks a seccomp program along every path that some system call can take, without running it: the
 * fields of struct seccomp_data stay unknown, and each jump splits the path in two with what it found
 * out. Paths that contradict themselves are left out, so that together those that remain are all calls
 * there are, each in just one of them.
 */

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WALK_FACTS_MAX 256

/* (field & mask) is, or is not, value. The field is 32 bits at an offset of struct seccomp_data. */
struct walk_fact {
	uint32_t offset, mask, value;
	bool equal;
};

struct walk_path {
	struct walk_fact facts[WALK_FACTS_MAX];
	size_t n_facts;
	uint32_t call_min, call_max; /* what the call's number can still be */
	uint32_t action;	     /* what the path returns */
};

/* Called at the end of each path. */
typedef void walk_handler(void *ctx, const struct walk_path *path);

/*
 * Returns how many paths there are, or 0 with *ret_why when the program does what no path can be told
 * of: it runs off its end, or uses an instruction that libseccomp does not make.
 */
size_t walk(const struct sock_filter *program, size_t len, walk_handler *handler, void *ctx,
	    const char **ret_why);

/* The bits of a field that a path knows, and their values. */
void walk_known(const struct walk_path *path, uint32_t offset, uint32_t *ret_mask,
		uint32_t *ret_value);

/* True when the path cannot be that of a field with (field & mask) == value. */
bool walk_excludes(const struct walk_path *path, uint32_t offset, uint32_t mask, uint32_t value);

#endif
