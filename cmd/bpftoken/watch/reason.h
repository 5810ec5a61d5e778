/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_WATCH_REASON_H
#define CMD_BPFTOKEN_WATCH_REASON_H

/*
 * Why the kernel refused a call of bpf(2), found by holding it against what the container has, in the
 * order in which the kernel looks (kernel/bpf/syscall.c, Linux 6.9 to 7.3). Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "cmd/bpftoken/observe/call.h"
#include "spec/delegation.h"

enum reason_kind {
	REASON_SECCOMP,	     /* refused before the call began */
	REASON_HOST_COMMAND, /* a command that no token serves */
	REASON_NO_CAP_BPF,
	REASON_NO_DELEGATION, /* the container has no delegated bpffs */
	REASON_NO_TOKEN,      /* it has one, and the program made no use of it */
	REASON_BAD_TOKEN,     /* what it passed is no token */
	REASON_LACKS,	      /* the token lacks what is in missing */
	REASON_CAPABILITY,    /* it lacks the capability in capability */
	REASON_OPEN_COMMAND,  /* a command that tokens have no part in */
	REASON_ELSEWHERE,     /* the token covers it: lockdown, or a security module */
	REASON_KINDS,
};

/* What the container has, as far as that is known. */
struct reason_facts {
	bool has_delegation;	      /* a delegated bpffs is mounted there */
	struct delegation delegation; /* its */
};

/* Invariant: missing has bits for REASON_LACKS and REASON_NO_DELEGATION only. */
struct reason {
	enum reason_kind kind;
	struct delegation missing;
	const char *capability; /* "CAP_NET_ADMIN", or NULL */
};

/* True for a call that was refused for want of a right, which is what a reason is found for. */
bool reason_is_refused(const struct observe_event *event);

/* Finds it. */
void reason_find(const struct observe_event *event, const struct call *call,
		 const struct reason_facts *facts, struct reason *ret_reason);

/* A word for a kind, for programs: "lacks", "no-token". A static string. */
const char *reason_word(enum reason_kind kind);

/* The reason in words, and what to do, each without a line end. */
struct text;
void reason_add_words(struct text *text, const struct reason *reason, const struct call *call);
void reason_add_fix(struct text *text, const struct reason *reason);

#endif
