/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/dest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <string.h>

#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

/* Of the kernel's mount.h, which libc's excludes. */
#define PROPAGATION_SLAVE (1u << 19)

/* openat2 answers EAGAIN or EXDEV when a rename races with it; who renames for ever gets nothing. */
#define RACES_MAX 64

/* ---- which directory is the container's root ---- */

/* A directory as its device and inode tell it apart from others. */
struct identity {
	uint64_t device;
	uint64_t inode;
};

/* Takes fd, or a negative errno, and yields the identity of what it stands for. */
static int identify(int fd, struct identity *ret_identity)
{
	struct statx stx;
	/* from what the kernel knows: a root may lie on a file system whose server is asked, else */
	int r = fd < 0 ? fd : sys_stat(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, &stx);

	if (r < 0)
		return r;
	*ret_identity = (struct identity){ (uint64_t)stx.stx_dev_major << 32 | stx.stx_dev_minor,
					   stx.stx_ino };
	return 0;
}

static bool is_identity(int fd, const struct identity *identity)
{
	struct identity found;

	return identify(fd, &found) == 0 && found.device == identity->device &&
	       found.inode == identity->inode;
}

int dest_open_root(const struct plan *plan, const struct ns_target *target, int *ret_fd,
		   struct err *err)
{
	/* the root itself is not the container's to make a symlink of, nor is what lies above it */
	const struct open_how inside = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
					 .resolve = RESOLVE_IN_ROOT };
	defer_close int outside_fd = sys_open(AT_FDCWD, plan->root, O_PATH | O_DIRECTORY, 0);
	defer_close int top_fd = -1, root_fd = -1;
	struct identity identity;
	int r = identify(outside_fd, &identity);

	if (r < 0)
		return err_set(err, EX_OSERR, -r, "container root %s", quote(plan->root).text);
	top_fd = sys_open(target->process_fd, "root", O_PATH | O_DIRECTORY, 0);
	if (top_fd < 0)
		return err_set(err, EX_OSERR, -top_fd, "container: its root");
	if (is_identity(top_fd, &identity)) {
		*ret_fd = take_fd(&top_fd);
		return 0;
	}
	root_fd = sys_openat2(top_fd, plan->root, &inside);
	if (root_fd < 0 && root_fd != -ENOENT && root_fd != -ENOTDIR && root_fd != -ELOOP)
		return err_set(err, EX_OSERR, -root_fd, "container root %s",
			       quote(plan->root).text);
	if (!is_identity(root_fd, &identity))
		return err_set(err, EX_OSERR, 0,
			       "container root %s: it is neither the root of the container's mount "
			       "namespace nor at that path in it; report the runtime and its "
			       "version",
			       quote(plan->root).text);
	*ret_fd = take_fd(&root_fd);
	return 0;
}

void dest_done(struct dest *dest)
{
	while (dest->n_made > 0)
		defer_close_fd(&dest->made[--dest->n_made].parent_fd);
	defer_close_fd(&dest->fd);
	dest->fd = -1;
}

/* ---- resolving the destination ---- */

static int open_racing(int dir_fd, const char *path, const struct open_how *how)
{
	int fd = -EAGAIN;

	for (int race = 0; (fd == -EAGAIN || fd == -EXDEV) && race < RACES_MAX; race++)
		fd = sys_openat2(dir_fd, path, how);
	return fd;
}

static int open_inside(int dir_fd, const char *path, uint64_t flags)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return open_racing(dir_fd, path, &how);
}

int dest_open(const struct dest *dest, const char *prefix)
{
	return open_inside(dest->root_fd, prefix, O_DIRECTORY);
}

int dest_open_as_runtime(const struct dest *dest, const char *name)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_DIRECTORY,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return open_racing(dest->root_fd, name, &how);
}

enum dest_fault dest_blame(const struct dest *dest, const char *path, size_t *ret_len)
{
	char prefix[PATH_MAX];
	size_t len = 0;

	while (path[len] != '\0') {
		struct statx stx;

		len += 1 + strcspn(path + len + 1, "/");
		memcpy(prefix, path, len);
		prefix[len] = '\0';
		*ret_len = len;
		defer_close int fd = open_inside(dest->root_fd, prefix, O_NOFOLLOW);

		if (fd < 0 || sys_stat(fd, "", AT_EMPTY_PATH, &stx) < 0)
			break;
		if (S_ISLNK(stx.stx_mode))
			return DEST_SYMLINK;
		if (!S_ISDIR(stx.stx_mode))
			return DEST_NO_DIRECTORY;
	}
	return DEST_CHANGES;
}

int dest_find(struct dest *dest, const char *path)
{
	int fd = dest_open(dest, path);

	if (fd >= 0)
		dest->fd = fd;
	return fd >= 0 || fd == -ENOENT ? 0 : fd;
}

/* ---- missing directories ---- */

/*
 * Opens name below *dir_fd, making it when it is missing. What was made takes *dir_fd, and is
 * written down before anything else happens: who ends this helper sends another to remove it.
 */
static int open_or_make(struct dest *dest, int *dir_fd, const char *name)
{
	int r, at = *dir_fd, fd = open_inside(at, name, O_DIRECTORY);

	if (fd != -ENOENT)
		return fd;
	r = sys_mkdir(at, name, 0755);
	if (r < 0 && r != -EEXIST) /* a second hook of this container was faster */
		return r;
	if (r == 0)
		dest->made[dest->n_made++] = (struct dest_made){ take_fd(dir_fd), name };
	return open_inside(at, name, O_DIRECTORY);
}

static int descend(struct dest *dest, const char *path)
{
	defer_close int dir_fd = dest_open(dest, "/");
	char *name, *next = dest->parts;

	memcpy(dest->parts, path, strlen(path) + 1);
	while (dir_fd >= 0 && (name = strsep(&next, "/")) != NULL) {
		int fd;

		if (*name == '\0')
			continue; /* the leading slash */
		if (dest->n_made == DEST_MADE_MAX)
			return -ENAMETOOLONG;
		fd = open_or_make(dest, &dir_fd, name);
		defer_close_fd(&dir_fd);
		dir_fd = fd;
	}
	if (dir_fd < 0)
		return dir_fd;
	dest->fd = take_fd(&dir_fd);
	return 0;
}

void dest_unmake(struct dest *dest)
{
	while (dest->n_made > 0) {
		struct dest_made *made = &dest->made[--dest->n_made];

		sys_rmdir(made->parent_fd, made->name);
		defer_close_fd(&made->parent_fd);
	}
}

int dest_make(struct dest *dest, const char *path)
{
	int r = descend(dest, path);

	if (r < 0)
		dest_unmake(dest);
	return r;
}

/* ---- the mount it lies on ---- */

int dest_stop_propagation(const struct dest *dest)
{
	const struct mount_attr slave = { .propagation = PROPAGATION_SLAVE };
	defer_close int up_fd = -1;
	int fd = dest->fd;

	/* up to the mount's root; a directory can be moved deeper meanwhile, but not for ever */
	for (int steps = 0; steps < PATH_MAX; steps++) {
		struct statx stx;
		int up, r = sys_stat(fd, "", AT_EMPTY_PATH, &stx);

		if (r < 0)
			return r;
		if ((stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
			return sys_mount_setattr(fd, &slave);
		up = sys_open(fd, "..", O_PATH | O_DIRECTORY, 0);
		if (up < 0)
			return up;
		defer_close_fd(&up_fd);
		fd = up_fd = up;
	}
	return -ELOOP;
}

int dest_verify(const struct dest *dest, const char *path, int mount_fd)
{
	defer_close int fd = dest_open(dest, path);
	struct statx found, wanted;
	int r = fd < 0 ? -EXDEV : sys_stat(fd, "", AT_EMPTY_PATH, &found);

	if (r == 0)
		r = sys_stat(mount_fd, "", AT_EMPTY_PATH, &wanted);
	if (r != 0)
		return r;
	/* of a mount's root: whatever lies in it or over it is another directory */
	return found.stx_mnt_id == wanted.stx_mnt_id && found.stx_ino == wanted.stx_ino ? 0 :
											  -EXDEV;
}
