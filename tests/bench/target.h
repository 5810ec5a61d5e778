/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_TARGET_H
#define BENCH_TARGET_H

/*
 * Stand-ins for containers that a runtime has made and not yet started.
 *
 * A keeper holds new user, mount, network and cgroup namespaces, with the root directory and a
 * sysfs mounted as a runtime does it before the hooks. Every run gets a process of its own in them,
 * so that what the kernel remembers of a process (names below /proc/PID) is as new as it is in
 * life. Namespaces of their own for every run would disturb the measuring: the kernel takes old
 * ones down in the background, where the next run is being measured (everything, the empty program
 * too, came out 30 % slower and less steady).
 */

#include <stdbool.h>
#include <sys/types.h>

/* The container root's ids on the host, unlike other tests': equal ones may signal each other. */
#define TARGET_ID 1600000000

struct target {
	int fd; /* to the keeper */
	pid_t keeper;
	pid_t pid; /* of the process in the namespaces, as a state names it; 0: none */
};

/*
 * Makes the namespaces. root is the container's root directory. Ends the program on failure. At its
 * end the program calls target_close itself, so *ret_target must last as long.
 */
void target_open(const char *root, const char *destination, struct target *ret_target);

/* Starts a process in the namespaces. */
void target_start(struct target *target);

/*
 * How the mount table describes what lies on the destination: its options, type and source. The
 * caller frees it. Reading the table costs more than a run and stays out of the measured rounds.
 */
char *target_describe(struct target *target);

/*
 * Ends the process. mounted says what must have become of the destination: a bpffs, which is
 * unmounted, or none. Ends the program if it is not so.
 */
void target_stop(struct target *target, bool mounted);

void target_close(struct target *target);

#endif
