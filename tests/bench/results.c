/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/results.h"

#include <stdio.h>

static const struct {
	const char *name, *key;
} subjects[SUBJECTS] = {
	[SUBJECT_YARDSTICK] = { "yardstick", "yardstick" },
	[SUBJECT_HOOK] = { "hook", "hook" },
	[SUBJECT_EMPTY] = { "empty", "empty" },
	[SUBJECT_NOTHING] = { "nothing asked", "nothingAsked" },
	[SUBJECT_OTHER] = { "other hook", "otherHook" },
	[SUBJECT_OTHER_NOTHING] = { "other, nothing asked", "otherNothingAsked" },
};

/* What is compared, and how much more it may be. */
static const struct {
	const char *name, *key, *bar;
	enum subject dividend, divisor;
} ratios[] = {
	{ "hook / yardstick", "hookToYardstick", "1.25 (1.35 with a seccomp filter)", SUBJECT_HOOK,
	  SUBJECT_YARDSTICK },
	{ "nothing asked / empty", "nothingAskedToEmpty", "1.15", SUBJECT_NOTHING, SUBJECT_EMPTY },
	{ "other hook / hook", "otherHookToHook", "", SUBJECT_OTHER, SUBJECT_HOOK },
	{ "the same, nothing asked", "otherNothingToNothing", "", SUBJECT_OTHER_NOTHING,
	  SUBJECT_NOTHING },
};

#define N_RATIOS (sizeof(ratios) / sizeof(ratios[0]))

static bool has_ratio(const struct results *results, size_t i)
{
	return ratios[i].dividend < results->n_subjects;
}

static double of_medians(const struct results *results, size_t i)
{
	return results->stats[ratios[i].dividend].median / results->stats[ratios[i].divisor].median;
}

static double of_pairs(const struct results *results, size_t i)
{
	return stats_median_ratio(results->times[ratios[i].dividend],
				  results->times[ratios[i].divisor], results->runs);
}

static double spread(const struct stats *stats)
{
	return 100 * (stats->p90 - stats->p10) / stats->median;
}

/* ---- for people ---- */

static void print_times(const struct results *results)
{
	printf("Whole process, wall time in us, peak memory in KiB. %zu rounds, each in random\n"
	       "order; %s.\n\n",
	       results->runs, results->cpus);
	printf("%-22s %9s %9s %9s %9s %7s %6s\n", "", "median", "min", "p10", "p90", "spread",
	       "peak");
	for (size_t i = 0; i < results->n_subjects; i++) {
		const struct stats *s = &results->stats[i];

		printf("%-22s %9.1f %9.1f %9.1f %9.1f %6.1f%% %6ld\n", subjects[i].name, s->median,
		       s->min, s->p10, s->p90, spread(s), results->peaks[i]);
	}
}

static void print_ratios(const struct results *results)
{
	printf("\n%-24s %10s %10s  %s\n", "", "of medians", "of pairs", "bar");
	for (size_t i = 0; i < N_RATIOS; i++)
		if (has_ratio(results, i))
			printf("%-24s %10.3f %10.3f  %s\n", ratios[i].name, of_medians(results, i),
			       of_pairs(results, i), ratios[i].bar);
	printf("%-24s %10.2f %10s  3\n", "peak memory, MiB",
	       (double)results->peaks[SUBJECT_HOOK] / 1024, "");
}

static void print_growths(const struct results *results)
{
	printf("\nThe hook against the size of config.json (above: %zu bytes).\n\n"
	       "%-22s %12s %10s %9s %7s\n",
	       results->ordinary, "grown by", "bytes", "ms", "ns/byte", "peak");
	for (size_t i = 0; i < results->n_growths; i++) {
		const struct growth *g = &results->growths[i];

		printf("%-22s %12zu %10.2f %9.2f %7ld\n", g->shape, g->bytes, g->time / 1000,
		       g->ns_per_byte, g->peak);
	}
	printf("%-22s %12zu %10.2f   refused (65)\n", "over the limit", results->refused_bytes,
	       results->refused_time / 1000);
}

void results_print(const struct results *results)
{
	print_times(results);
	print_ratios(results);
	if (results->n_growths != 0)
		print_growths(results);
}

/* ---- for programs ---- */

static void print_json_times(const struct results *results)
{
	for (size_t i = 0; i < results->n_subjects; i++) {
		const struct stats *s = &results->stats[i];

		printf("%s\"%s\":{\"medianUs\":%.1f,\"minUs\":%.1f,\"p10Us\":%.1f,\"p90Us\":%.1f,"
		       "\"peakKiB\":%ld}",
		       i == 0 ? "" : ",", subjects[i].key, s->median, s->min, s->p10, s->p90,
		       results->peaks[i]);
	}
}

static void print_json_ratios(const struct results *results)
{
	for (size_t i = 0; i < N_RATIOS; i++)
		if (has_ratio(results, i))
			printf("%s\"%s\":{\"ofMedians\":%.4f,\"ofPairs\":%.4f}", i == 0 ? "" : ",",
			       ratios[i].key, of_medians(results, i), of_pairs(results, i));
}

static void print_json_growths(const struct results *results)
{
	for (size_t i = 0; i < results->n_growths; i++) {
		const struct growth *g = &results->growths[i];

		printf("%s{\"shape\":\"%s\",\"bytes\":%zu,\"medianUs\":%.1f,\"nsPerByte\":%.3f,"
		       "\"peakKiB\":%ld}",
		       i == 0 ? "" : ",", g->shape, g->bytes, g->time, g->ns_per_byte, g->peak);
	}
}

void results_print_json(const struct results *results)
{
	printf("{\"runs\":%zu,\"cpus\":\"%s\",\"configBytes\":%zu,\"programs\":{", results->runs,
	       results->cpus, results->ordinary);
	print_json_times(results);
	printf("},\"ratios\":{");
	print_json_ratios(results);
	printf("},\"configJson\":[");
	print_json_growths(results);
	printf("],\"overLimit\":{\"bytes\":%zu,\"medianUs\":%.1f}}\n", results->refused_bytes,
	       results->refused_time);
}
