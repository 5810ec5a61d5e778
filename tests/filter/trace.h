/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FILTER_TRACE_H
#define TESTS_FILTER_TRACE_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_PROGRAM_MAX 4096

struct trace_options {
	bool without_vdso; /* as where the kernel has none for libc to call */
	bool stop_helper;  /* what the program forks does not run */
	bool disturb;	   /* each wait of the program is broken into once, as by a stop */
	bool lose_path;	   /* nothing is found any more once the mount is attached */
	/* the first of these calls that it makes becomes another; -1: none */
	int replaced, replacement;
};

/* What a program was seen to do, its children included. */
struct trace {
	struct sock_filter program[TRACE_PROGRAM_MAX]; /* the filter that it installed */
	size_t len;
	int status; /* of its end, as waitpid has it */
	/* called for each system call behind the installation of the filter */
	void (*on_call)(void *ctx, const struct seccomp_data *data);
	void *ctx;
};

/*
 * Runs a program under ptrace to its end. Exits with a message where that cannot be done. Linux 5.3.
 */
void trace_run(char **argv, struct trace_options options, struct trace *trace);

#endif
