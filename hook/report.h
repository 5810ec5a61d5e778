/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_REPORT_H
#define HOOK_REPORT_H

/*
 * What a run tells: one line on standard error for a failure, and one audit record to the logs.
 *
 * Logs are the host's: this process enters no namespace. They are written once, with a bound: a full,
 * stuck or absent log breaks no container start.
 */

#include <stdbool.h>

#include "hook/decision.h"
#include "hook/plan.h"
#include "hook/warn.h"

#define REPORT_LOGS_MAX 4

enum report_format { REPORT_TEXT, REPORT_JSON };

enum report_sink { REPORT_NONE, REPORT_STDERR, REPORT_SYSLOG, REPORT_FILE };

/* Where records go, as the command line says. */
struct report_options {
	enum report_format format;
	enum report_sink sinks[REPORT_LOGS_MAX];
	const char *paths[REPORT_LOGS_MAX]; /* of REPORT_FILE */
	size_t n_sinks;
};

/*
 * Logs. Invariant: fds[i] is -1 where sink i could not be connected, or is a file, opened to be
 * written.
 */
struct report {
	struct report_options options;
	int fds[REPORT_LOGS_MAX];
	bool open;
	bool abandoned; /* a helper lives on, where no signal reaches it (MOUNT_ABANDONED) */
};

/* One run, as far as it came. Pointers are NULL while a step has not been reached. */
struct report_record {
	int64_t time; /* ms since 1970; a calendar date would have libc read TZ and its files */
	const char
		*outcome; /* "delegated", "already delegated", "dry run", "failed" or "ignored" */
	const struct state *state;
	const struct request *request;
	const struct decision *decision;
	const struct warnings *warnings;
	bool has_host_uid;
	uid_t host_uid;
	int code;	     /* the exit code */
	const char *message; /* of a failure */
};

/* Connects to the logs that are no files. Raises no privilege. */
void report_open(const struct report_options *options, struct report *ret_report);

/*
 * Writes the record to every log, as one datagram or one write each. A file that cannot be written is
 * said on standard error.
 */
void report_write(struct report *report, const struct report_record *record);

void report_done(struct report *report);

/* Writes "oci-bpf-token-hook: MESSAGE" as one line to standard error. */
void report_failure(const char *message);

/* The record as one line without its end, for report_write and for tests. Pure. */
void report_add_text(struct text *text, const struct report_record *record);
void report_add_json(struct text *text, const struct report_record *record);

#endif
