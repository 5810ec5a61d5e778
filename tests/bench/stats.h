/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>

struct stats {
	double median, min, p10, p90;
};

/* Of n values, n > 0; sorts them. */
struct stats stats_make(double *values, size_t n);

/* The median of a[i] / b[i], n > 0. Ends the program when memory is short. */
double stats_median_ratio(const double *a, const double *b, size_t n);

#endif
