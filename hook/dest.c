/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/dest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <string.h>

#include "hook/confine.h"
#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

/* Of the kernel's mount.h, which libc's excludes. */
#define PROPAGATION_SLAVE (1u << 19)

/* openat2 answers EAGAIN or EXDEV when a rename races with it; who renames for ever gets nothing. */
#define RACES_MAX 64

void dest_done(struct dest *dest)
{
	while (dest->n_made > 0)
		defer_close_fd(&dest->made[--dest->n_made].parent_fd);
	defer_close_fd(&dest->root_fd);
	defer_close_fd(&dest->fd);
	dest->root_fd = dest->fd = -1;
}

/* ---- which directory is the container's root ---- */

static int open_identified(const char *path, int *ret_fd, struct dest_identity *ret_identity)
{
	defer_close int fd = sys_open(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);
	struct statx stx;
	int r = fd < 0 ? fd : sys_stat(fd, "", AT_EMPTY_PATH, &stx);

	if (r < 0)
		return r;
	*ret_identity =
		(struct dest_identity){ (uint64_t)stx.stx_dev_major << 32 | stx.stx_dev_minor,
					stx.stx_ino };
	*ret_fd = take_fd(&fd);
	return 0;
}

int dest_identify(const char *root, struct dest_identity *ret_identity, struct err *err)
{
	defer_close int fd = -1;
	int r = open_identified(root, &fd, ret_identity);

	if (r < 0)
		return err_set(err, EX_OSERR, -r, "container root %s", quote(root).text);
	return 0;
}

/* True when path names the identified directory here; its descriptor is then the caller's. */
static bool is_root(const char *path, const struct dest_identity *identity, int *ret_fd)
{
	defer_close int fd = -1;
	struct dest_identity found;

	if (open_identified(path, &fd, &found) < 0 || found.device != identity->device ||
	    found.inode != identity->inode)
		return false;
	*ret_fd = take_fd(&fd);
	return true;
}

/* ---- resolving the destination ---- */

static int open_inside(int dir_fd, const char *path, uint64_t flags)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -EAGAIN;

	for (int race = 0; (fd == -EAGAIN || fd == -EXDEV) && race < RACES_MAX; race++)
		fd = sys_openat2(dir_fd, path, &how);
	return fd;
}

/* Names the first component of path that is no directory, for the message. */
static int blame_component(int root_fd, const char *path, struct err *err)
{
	char prefix[PATH_MAX];
	size_t len = 0;

	while (path[len] != '\0') {
		struct statx stx;

		len += 1 + strcspn(path + len + 1, "/");
		memcpy(prefix, path, len);
		prefix[len] = '\0';
		defer_close int fd = open_inside(root_fd, prefix, O_NOFOLLOW);

		if (fd < 0 || sys_stat(fd, "", AT_EMPTY_PATH, &stx) < 0)
			break;
		if (S_ISLNK(stx.stx_mode))
			return err_set(err, EX_DATAERR, 0,
				       "path %s: %s is a symlink in the container, and none is "
				       "followed; "
				       "ask for the path it leads to",
				       quote(path).text, quote(prefix).text);
		if (!S_ISDIR(stx.stx_mode))
			return err_set(err, EX_DATAERR, 0,
				       "path %s: %s is not a directory in the container; choose "
				       "another "
				       "path",
				       quote(path).text, quote(prefix).text);
	}
	return err_set(err, EX_DATAERR, 0,
		       "path %s: it changes while it is being resolved; choose a path that nothing "
		       "replaces",
		       quote(path).text);
}

static int open_destination(struct dest *dest, const char *path, struct err *err)
{
	int fd = open_inside(dest->root_fd, path, O_DIRECTORY);

	if (fd >= 0) {
		dest->fd = fd;
		return 0;
	}
	if (fd == -ENOENT)
		return 0;
	if (fd == -ENAMETOOLONG)
		return err_set(err, EX_DATAERR, ENAMETOOLONG, "path %s", quote(path).text);
	if (fd == -ELOOP || fd == -ENOTDIR || fd == -EAGAIN || fd == -EXDEV)
		return blame_component(dest->root_fd, path, err);
	return err_set(err, EX_OSERR, -fd, "path %s", quote(path).text);
}

int dest_find(const struct plan *plan, const struct dest_identity *identity, struct dest *ret_dest,
	      struct err *err)
{
	struct dest *dest = ret_dest;
	int r;

	dest->root_fd = dest->fd = -1;
	dest->n_made = 0;
	if (!is_root("/", identity, &dest->root_fd) &&
	    !is_root(plan->root, identity, &dest->root_fd))
		return err_set(err, EX_OSERR, 0,
			       "container root %s: it is neither the root of the container's mount "
			       "namespace nor at that path in it; report the runtime and its "
			       "version",
			       quote(plan->root).text);
	r = open_destination(dest, plan->path, err);
	if (r < 0)
		dest_done(dest);
	return r;
}

/* ---- missing directories ---- */

/* Taking the container root's ids, also those of files, gives up the capabilities over files. */
static int become_owner(const struct plan *plan)
{
	struct err ignored;
	int r = confine_drop_file_access(&ignored);

	if (r == 0)
		r = sys_setgroups_none();
	if (r == 0)
		r = sys_setfsgid(plan->root_gid);
	if (r == 0)
		r = sys_setfsuid(plan->root_uid);
	confine_stay_undumpable();
	return r;
}

static int become_root(void)
{
	struct err ignored;
	int r = sys_setfsuid(0), s = sys_setfsgid(0), t = confine_raise(&ignored);

	confine_stay_undumpable();
	return r < 0 ? r : s < 0 ? s : t;
}

/* Opens name below dir_fd, making it when it is missing; *ret_made says which. */
static int open_or_make(int dir_fd, const char *name, bool *ret_made)
{
	int fd = open_inside(dir_fd, name, O_DIRECTORY);

	*ret_made = false;
	if (fd != -ENOENT)
		return fd;
	fd = sys_mkdir(dir_fd, name, 0755);
	if (fd < 0 && fd != -EEXIST) /* a second hook of this container was faster */
		return fd;
	*ret_made = fd == 0;
	return open_inside(dir_fd, name, O_DIRECTORY);
}

static int descend(struct dest *dest, const char *path)
{
	defer_close int dir_fd = open_inside(dest->root_fd, "/", O_DIRECTORY);
	char *name, *next = dest->parts;

	memcpy(dest->parts, path, strlen(path) + 1);
	while (dir_fd >= 0 && (name = strsep(&next, "/")) != NULL) {
		bool made;
		int fd;

		if (*name == '\0')
			continue; /* the leading slash */
		if (dest->n_made == DEST_MADE_MAX)
			return -ENAMETOOLONG;
		fd = open_or_make(dir_fd, name, &made);
		if (made)
			dest->made[dest->n_made++] = (struct dest_made){ take_fd(&dir_fd), name };
		defer_close_fd(&dir_fd);
		dir_fd = fd;
	}
	if (dir_fd < 0)
		return dir_fd;
	dest->fd = take_fd(&dir_fd);
	return 0;
}

static void remove_made(struct dest *dest)
{
	while (dest->n_made > 0) {
		struct dest_made *made = &dest->made[--dest->n_made];

		sys_rmdir(made->parent_fd, made->name);
		defer_close_fd(&made->parent_fd);
	}
}

int dest_make(struct dest *dest, const struct plan *plan, struct err *err)
{
	int r, back;

	if (plan->read_only != NULL)
		return err_set(err, EX_DATAERR, 0,
			       "path %s: it does not exist on volume %s, which config.json mounts "
			       "read-only; create that directory on the volume or choose another "
			       "path",
			       quote(plan->path).text, quote(plan->read_only).text);
	r = become_owner(plan);
	if (r == 0)
		r = descend(dest, plan->path);
	if (r < 0)
		remove_made(dest);
	back = become_root();
	if (r == 0)
		r = back;
	if (r < 0)
		return err_set(err, EX_OSERR, -r,
			       "path %s: it does not exist in the container, and the container's "
			       "root "
			       "could not make it; create that directory in the image",
			       quote(plan->path).text);
	return 0;
}

void dest_unmake(struct dest *dest, const struct plan *plan)
{
	if (dest->n_made == 0)
		return;
	if (become_owner(plan) == 0)
		remove_made(dest);
	become_root();
}

/* ---- the mount it lies on ---- */

/* Moves *fd up to the root of the mount it is in. */
static int climb_to_mount_root(int *fd)
{
	/* A directory can be moved deeper while we climb, but not for ever. */
	for (int steps = 0; steps < PATH_MAX; steps++) {
		struct statx stx;
		int up, r = sys_stat(*fd, "", AT_EMPTY_PATH, &stx);

		if (r < 0)
			return r;
		if ((stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
			return 0;
		up = sys_open(*fd, "..", O_PATH | O_DIRECTORY, 0);
		if (up < 0)
			return up;
		defer_close_fd(fd);
		*fd = up;
	}
	return -ELOOP;
}

int dest_stop_propagation(const struct dest *dest, struct err *err)
{
	const struct mount_attr slave = { .propagation = PROPAGATION_SLAVE };
	defer_close int fd = open_inside(dest->fd, ".", O_DIRECTORY);
	int r = fd < 0 ? fd : climb_to_mount_root(&fd);

	if (r == 0)
		r = sys_mount_setattr(fd, &slave);
	if (r < 0)
		return err_set(err, EX_OSERR, -r,
			       "the mount below the destination: making it a slave");
	return 0;
}
