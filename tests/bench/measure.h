/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

/* Runs programs as a container runtime runs a hook, and says what that cost. */

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

/* One run of a program. Its environment is empty, as the shipped hook files ask. */
struct job {
	const char *program;	 /* path */
	const char *const *argv; /* ends in NULL */
	const char *input;	 /* handed over on standard input, through a pipe */
	int want;		 /* the exit code; another one ends the benchmark */
};

/* On which CPUs the programs run; the benchmark itself keeps to one. */
enum measure_cpus {
	MEASURE_SAME,  /* on the benchmark's: no wake-up crosses CPUs */
	MEASURE_OTHER, /* on another one */
	MEASURE_ANY,   /* where the scheduler puts them */
};

struct measure {
	enum measure_cpus where;
	cpu_set_t child_cpus;
	int null_fd;
	int error_fd; /* takes what a program writes to stderr */
};

/* Pins the calling process to the last CPU that it may use. Ends the program on failure. */
void measure_init(struct measure *measure, enum measure_cpus where);

/* Wall time from before vfork(2) until waitid(2) has returned, in nanoseconds. */
int64_t measure_time(const struct measure *measure, const struct job *job);

/*
 * The most memory the program had resident at any time, in KiB. Not from getrusage(2): its figure
 * includes what the process had before it executed the program, which is the benchmark's own.
 */
long measure_peak(const struct measure *measure, const struct job *job);

#endif
