/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/bench/stats.h"

/* What is measured side by side. The last two only with another build to compare with. */
enum subject {
	SUBJECT_YARDSTICK,
	SUBJECT_HOOK,
	SUBJECT_EMPTY,
	SUBJECT_NOTHING, /* the hook for a container that asks for nothing */
	SUBJECT_OTHER,
	SUBJECT_OTHER_NOTHING,
	SUBJECTS
};

#define GROWTHS_MAX 16

/* The hook against one big config.json. */
struct growth {
	const char *shape;
	size_t bytes;
	double time;	    /* median, us */
	double ns_per_byte; /* of what it has more than the ordinary one */
	long peak;
};

struct results {
	size_t runs;
	const char *cpus; /* where the programs ran */
	size_t ordinary;  /* bytes of the config.json of the rounds */
	size_t n_subjects;
	double *times[SUBJECTS]; /* one per round, us, in the rounds' order */
	struct stats stats[SUBJECTS];
	long peaks[SUBJECTS]; /* KiB */
	struct growth growths[GROWTHS_MAX];
	size_t n_growths;
	size_t refused_bytes; /* a config.json over the limit, and how long the refusal took, us */
	double refused_time;
};

/* Prints them for people or as one JSON object. */
void results_print(const struct results *results);
void results_print_json(const struct results *results);

#endif
