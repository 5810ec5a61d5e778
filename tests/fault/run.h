/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULT_RUN_H
#define TESTS_FAULT_RUN_H

/*
 * One run of ns_open and mount_make in a process of its own, on a stand-in for a container, with a
 * gate to the kernel that lets a call fail; and what is there before and after it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "hook/mount.h"
#include "hook/ns.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define BUNDLE	"/run/bundle"
#define ROOT	BUNDLE "/rootfs"
#define ROOT_ID 1000000u /* the host's number for the container's root, as the target maps it */

/* What set_masks asks for, as the kernel shows it. */
#define DELEGATED                                                                                  \
	"rw,uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create,delegate_maps=array,"        \
	"delegate_progs=xdp,delegate_attachs=xdp"

enum { TABLE_MAX = 65536, DESCRIPTORS_MAX = 256, CALLS_MAX = 500 };

/* Who makes a call: the process itself, or the helper that shares its memory. */
enum task { HOOK, HELPER, TASKS };

enum fault_kind { NONE, FAIL, STOPPED, KILLED_BEFORE, KILLED_AFTER };

/* A call of a task, by its place from 1 (FAIL) or by its number (the other kinds). */
struct fault {
	enum fault_kind kind;
	enum task task;
	unsigned n;
	int errnum;
	long call;
};

/* Shared by the test and its run. */
extern struct run {
	struct fault fault;
	pid_t hook; /* 0: calls are not counted */
	unsigned calls[TASKS];
	pid_t helper;
	bool hit;
	long hit_call; /* the number of the system call that failed */
	unsigned bad_closes;

	bool finished;
	int result;
	enum mount_outcome outcome;
	struct err err;
	int more_descriptors;
	bool living_child, dead_child;
} * run;

struct container {
	pid_t parent; /* of pid, and the test's child */
	pid_t pid;
};

/* A root with the usual destination, and with what some scenarios stumble over. */
void make_root(void);

struct container start_container(const char *option);
void stop_container(const struct container *container);

struct snapshot {
	char mounts[TABLE_MAX];
	char tree[TABLE_MAX];
};

void take_snapshot(const struct container *container, struct snapshot *snapshot);

/* How often word stands in text. */
unsigned count(const char *text, const char *word);

/* Mounts of a bpffs with what a run asks for. */
unsigned bpffs_below_root(const struct snapshot *snapshot);

/* Starts a run with that fault, and does not wait for it. */
pid_t start_run(const struct container *container, const char *path, mode_t mode,
		const struct fault *fault);

void run_once(const struct container *container, const char *path, mode_t mode,
	      const struct fault *fault);

/* For cmocka: a mount namespace of its own, with an empty /run that goes with it. */
int leave_the_host_alone(void **state);

bool has_tokens(void);

#endif
