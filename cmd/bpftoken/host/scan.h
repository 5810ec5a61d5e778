/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_HOST_SCAN_H
#define CMD_BPFTOKEN_HOST_SCAN_H

/*
 * Every delegated bpffs of the host and every token that outlived its bpffs, found from /proc.
 */

#include <stddef.h>

#include "cmd/bpftoken/host/cgroup_name.h"
#include "cmd/bpftoken/host/granted.h"
#include "cmd/bpftoken/host/missing.h"
#include "spec/base/err.h"

struct scan_process {
	pid_t pid;
	uint64_t mount_namespace; /* its inode */
};

/*
 * A delegated bpffs at a place in a container. The same one seen from several mount namespaces of a
 * container (services of one that runs systemd) stands here once, with its oldest process.
 */
struct scan_bpffs {
	struct cgroup_name container;
	pid_t pid; /* the oldest process of those mount namespaces */
	uint64_t start;
	struct proc_status status;
	uint64_t device;
	uint64_t *namespaces; /* the mount namespaces that have it, by inode */
	size_t n_namespaces;
	char *path, *root;
	struct granted granted;
	bool has_inside; /* the owner's ids are mapped in the container */
	uid_t inside_uid;
	gid_t inside_gid;
	struct missing missing;
	size_t n_tokens; /* that processes in those mount namespaces hold */
};

/* Tokens held by a process that sees no bpffs with those lists: they outlived an unmount. */
struct scan_token {
	struct cgroup_name container;
	pid_t pid;
	int fd;	  /* the first of them */
	size_t n; /* with the same lists in that process */
	struct proc_status status;
	struct granted granted;
};

struct scan {
	struct scan_process *processes; /* sorted by mount namespace */
	size_t n_processes;
	struct scan_bpffs *bpffs; /* sorted by engine, id and path */
	size_t n_bpffs;
	struct scan_token *tokens;
	size_t n_tokens;
	size_t n_unseen;  /* processes that this caller may not look at */
	size_t n_cut;	  /* mount namespaces with more bpffs than are looked at */
	size_t n_crowded; /* processes with more descriptors than are looked at */
};

/* Of each process so many descriptors are looked at: a tenant may open a million. */
#define SCAN_FDS_MAX 65536

/*
 * Scans the host. Returns 0, or a negative errno with err filled (71). Processes that end meanwhile
 * are no error. On success the caller ends *ret_scan with scan_done.
 */
int scan_host(struct scan *ret_scan, struct err *err);

void scan_done(struct scan *scan);

/*
 * Drops what an argument of the command line does not mean: it is the beginning of a container's id,
 * or the pid of a process in one of the mount namespaces.
 */
void scan_keep(struct scan *scan, const char *word);

#endif
