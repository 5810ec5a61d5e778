/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_HOST_MISSING_H
#define CMD_BPFTOKEN_HOST_MISSING_H

/*
 * What keeps a delegation that is there from being of use to the container that has it.
 */

#include <stdbool.h>

#include "cmd/bpftoken/host/granted.h"
#include "cmd/bpftoken/host/proc_file.h"

struct missing_facts {
	const struct granted *granted;
	const char *path;
	const char *root; /* what of the bpffs is mounted there */
	bool hidden;	  /* another mount lies over it */
	pid_t pid;
	struct proc_status status;
	bool host_user_namespace;  /* the process is in the host's */
	bool other_user_namespace; /* it is not in the one that its mount namespace belongs to */
	bool owner_mapped;	   /* its user namespace has the owner's ids */
};

#define MISSING_MAX 10

struct missing {
	char text[MISSING_MAX][200];
	size_t n;
};

/* Collects what is missing, each as "what is so; what to do". Pure. */
void missing_collect(const struct missing_facts *facts, struct missing *ret_missing);

#endif
