/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_DEST_H
#define HOOK_DEST_H

/*
 * The destination: a directory inside the container's root, which the image's author fills. It is
 * resolved without following any symlink, and used by its descriptor.
 *
 * The hook itself opens the container's root, which the runtime has made, and touches nothing below
 * it. All else is for a helper with the container's credentials (errand.h): it sees and makes what
 * the container's root could, and may be kept waiting by a file system of the container's.
 */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hook/ns.h"
#include "hook/plan.h"
#include "spec/base/err.h"

/*
 * Opens the container's root as the container has it: the root of its process once the runtime has
 * pivoted, else the directory that the runtime names, in the container's mount namespace; told by
 * device and inode, neither: 71. Needs CAP_SYS_PTRACE and, for directories of others above it,
 * CAP_DAC_READ_SEARCH. The caller closes *ret_fd.
 */
int dest_open_root(const struct plan *plan, const struct ns_target *target, int *ret_fd,
		   struct err *err);

/* Missing directories that may be made on the way to one destination. */
#define DEST_MADE_MAX 32

struct dest_made {
	int parent_fd;
	const char *name; /* in dest.parts */
};

/* Invariants: fd is -1 while the destination does not exist; made[] is what dest_make has made. */
struct dest {
	int root_fd; /* the container's root directory; the caller's */
	int fd;	     /* the destination, O_PATH */
	char parts[PATH_MAX];
	struct dest_made made[DEST_MADE_MAX];
	size_t n_made;
};

/* Closes what the others have opened. */
void dest_done(struct dest *dest);

/* ---- in the helper: 0 or a negative errno, without a message ---- */

/* Resolves path. That it does not exist yet is no error: fd stays -1. */
int dest_find(struct dest *dest, const char *path);

/* Opens a directory on the way, by a prefix of the path, as dest_find does. Or -ENOENT and the like. */
int dest_open(const struct dest *dest, const char *prefix);

/* Opens the directory that name has for a runtime: inside the root, but through its symlinks. */
int dest_open_as_runtime(const struct dest *dest, const char *name);

/* Why dest_find could not resolve a path, as far as that is the container's doing. */
enum dest_fault { DEST_CHANGES, DEST_SYMLINK, DEST_NO_DIRECTORY };

/* Looks for the first component of path that is no directory; *ret_len is where it ends. */
enum dest_fault dest_blame(const struct dest *dest, const char *path, size_t *ret_len);

/*
 * Makes the missing directories, mode 0755, by the container root's ids alone, so that it gains no
 * directory that it could not have made itself. What was made before a failure is removed again.
 */
int dest_make(struct dest *dest, const char *path);

/* Removes what dest_make has made. Its failures change nothing: somebody already uses what is left. */
void dest_unmake(struct dest *dest);

/*
 * Makes the mount that the destination lies on a slave, so that nothing mounted there reaches the
 * mounts it came from (crun up to 1.28 still shares them with the host at this point, measured).
 * Harmless where it is private.
 */
int dest_stop_propagation(const struct dest *dest);

/*
 * Whether path, resolved again, leads to the root of that mount: whoever can rename may have moved the
 * directory elsewhere while it was used. 0, or -EXDEV when it leads elsewhere or nowhere.
 */
int dest_verify(const struct dest *dest, const char *path, int mount_fd);

#endif
