/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_OBSERVE_SESSION_H
#define CMD_BPFTOKEN_OBSERVE_SESSION_H

/*
 * Watching until something ends it: a signal, the time that was given, a process, or the caller.
 */

#include <stdbool.h>
#include <stdint.h>

#include "cmd/bpftoken/observe/observe.h"

/* Between two calls of tick, in ms. */
#define SESSION_TICK 200

struct session {
	struct observer *observer;
	int signal_fd;	  /* SIGINT, SIGTERM and SIGHUP, which this process takes no other way */
	int process_fd;	  /* a pidfd whose end ends the session; -1: none */
	int64_t duration; /* ms; 0: without end */
	observe_handler *handler;
	bool (*tick)(void *ctx); /* true ends the session; NULL: none */
	void *ctx;
};

/*
 * Has the signals that end a session come to *ret_fd, which the caller closes. A child that is to get
 * them calls session_forget_signals.
 */
int session_take_signals(int *ret_fd, struct err *err);
void session_forget_signals(void);

/* Runs it to its end. Returns 0, or a negative errno with err filled (71). */
int session_run(struct session *session, struct err *err);

/*
 * Reads a duration as "90", "90s", "5m" or "2h". Returns ms, or -EINVAL: it is at least a second and at
 * most a week. Pure.
 */
int64_t session_duration(const char *word);

#endif
