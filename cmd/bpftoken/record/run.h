/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_RECORD_RUN_H
#define CMD_BPFTOKEN_RECORD_RUN_H

/*
 * A command in a container of its own that has everything delegated: fresh user, mount, network and
 * cgroup namespaces, every id of the host as it is, a bpffs at /sys/fs/bpf. It has all capabilities
 * there and none on the host, whose files it sees with the rights of their owners.
 */

#include <stdint.h>
#include <sys/types.h>

#include "spec/base/err.h"

/* Invariant: pid is 0 when there is none. */
struct run {
	pid_t pid;
	int pidfd, turn_fd;
	uint64_t mount_ns; /* its inode */
};

/*
 * Makes the container, whose process waits. Returns 0, or a negative errno with err filled (69, 71). Needs
 * root in the host's user namespace. The caller ends *ret_run with run_done in either case.
 */
int run_prepare(char **command, struct run *ret_run, struct err *err);

/* Has it execute the command. Returns 0, or a negative errno with err filled (65: no such command). */
int run_start(struct run *run, struct err *err);

/* Ends it, where it has not ended, and returns what waitpid says of it. */
int run_done(struct run *run);

#endif
