/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/stats.h"

#include <err.h>
#include <stdlib.h>
#include <sysexits.h>

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value below which that part of the sorted values lies, between neighbours in proportion. */
static double quantile(const double *sorted, size_t n, double part)
{
	double at = part * (double)(n - 1);
	size_t i = (size_t)at;

	return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

struct stats stats_make(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare);
	return (struct stats){ quantile(values, n, 0.5), values[0], quantile(values, n, 0.1),
			       quantile(values, n, 0.9) };
}

double stats_median_ratio(const double *a, const double *b, size_t n)
{
	double *ratios = calloc(n, sizeof(*ratios)), median;

	if (ratios == NULL)
		err(EX_OSERR, "calloc");
	for (size_t i = 0; i < n; i++)
		ratios[i] = a[i] / b[i];
	median = stats_make(ratios, n).median;
	free(ratios);
	return median;
}
