/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_HOST_CGROUP_NAME_H
#define CMD_BPFTOKEN_HOST_CGROUP_NAME_H

/*
 * Whose container a process is in, told from its cgroup path: what engines name their cgroups.
 *
 * The outermost name counts. A tenant can make a cgroup of any name below the one it was given, but
 * not above it, and the host's engines know the outermost container only.
 */

#include <stddef.h>

/* Invariants: engine is a static string, "" when nothing tells; id and pod may be any bytes. */
struct cgroup_name {
	const char
		*engine; /* docker, podman, cri-o, containerd, kubernetes, lxc, systemd, oci ... */
	char id[256];	 /* the container's id or name, or the unit's; "" when nothing tells */
	char pod[64];	 /* the pod's uid, or "" */
};

/*
 * Reads a process's /proc/PID/cgroup, as a process in the host's cgroup namespace sees it. "oci" is a
 * runtime that nobody told a place, as runc and crun by themselves. Pure.
 */
void cgroup_name_parse(const char *text, size_t len, struct cgroup_name *ret_name);

#endif
