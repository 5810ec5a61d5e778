/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_BASE_TURNS_H
#define CMD_BPFTOKEN_BASE_TURNS_H

/*
 * A process and its child that make a container together: they take turns by a socket, and die with
 * one another.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "spec/base/err.h"

/* Each is false when the other one is gone. */
bool turns_tell(int fd);
bool turns_hear(int fd);

/* Ends this process when parent ends, who was there before this was called. A change of ids undoes it. */
void turns_die_with(pid_t parent);

/*
 * Writes "uid_map" or "gid_map" of a process whose user namespace has none. Returns 0, or a negative
 * errno with err filled (71).
 */
int turns_write_map(pid_t pid, const char *name, const char *map, struct err *err);

/*
 * Confines this process as the hook is at its work, so that what it lacks shows here, too; it is to
 * call mount_make. Returns 0, or a negative errno with err filled. 71 also where /proc is not this
 * pid namespace's, because the container's number would be somebody else's there.
 */
int turns_become_hook(struct err *err);

#endif
