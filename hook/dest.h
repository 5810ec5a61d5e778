/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_DEST_H
#define HOOK_DEST_H

/*
 * The destination: a directory inside the container's root, which the image's author fills. It is
 * resolved once, without following any symlink, and from then on only its descriptor is used.
 */

#include <limits.h>
#include <stdbool.h>

#include "hook/plan.h"
#include "spec/base/err.h"

/* A directory as its device and inode tell it apart from others. */
struct dest_identity {
	uint64_t device;
	uint64_t inode;
};

/* Missing directories that may be made on the way to one destination. */
#define DEST_MADE_MAX 32

struct dest_made {
	int parent_fd;
	const char *name; /* in dest.parts */
};

/* Invariants: fd is -1 while the destination does not exist; made[] is what dest_make has made. */
struct dest {
	int root_fd; /* the container's root directory */
	int fd;	     /* the destination, O_PATH */
	char parts[PATH_MAX];
	struct dest_made made[DEST_MADE_MAX];
	size_t n_made;
};

/*
 * Reads the identity of the container's root as it is named outside. To be called before the
 * container's mount namespace is entered. 71 when it cannot be opened.
 */
int dest_identify(const char *root, struct dest_identity *ret_identity, struct err *err);

/*
 * Finds the container's root and the destination from within the container's mount namespace. Root
 * is "/" once the runtime has pivoted, else at its path outside; neither: 71. A destination that does
 * not exist yet is no error (fd stays -1). Symlinks and files on the way are (65). On success the
 * caller ends *ret_dest with dest_done.
 */
int dest_find(const struct plan *plan, const struct dest_identity *identity, struct dest *ret_dest,
	      struct err *err);

/*
 * Makes the missing directories with the container root's own ids and no groups, mode 0755, so that
 * it gains no directory that it could not have made itself; none on a volume that config.json mounts
 * read-only (65), which crun 1.8 makes so only after the hooks. What was made before a failure is
 * removed again. Needs CAP_SETUID and CAP_SETGID, and the container's mount namespace.
 */
int dest_make(struct dest *dest, const struct plan *plan, struct err *err);

/* Removes what dest_make has made. Its failures change nothing: somebody already uses what is left. */
void dest_unmake(struct dest *dest, const struct plan *plan);

/*
 * Makes the mount that the destination lies on a slave, so that nothing mounted there reaches the
 * mounts it came from (crun up to 1.28 still shares them with the host at this point, measured).
 * Harmless where it is private. Needs CAP_SYS_ADMIN and the container's mount namespace.
 */
int dest_stop_propagation(const struct dest *dest, struct err *err);

void dest_done(struct dest *dest);

#endif
