/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

/* A directory where it is mounted; no inode has the number 0. */
struct spot {
	uint64_t mount;
	uint64_t inode;
	bool is_top; /* of what is mounted there */
};

static int spot_of(int fd, struct spot *ret_spot)
{
	struct statx stx;
	int r = sys_stat(fd, "", AT_EMPTY_PATH, &stx);

	if (r == 0)
		*ret_spot = (struct spot){ stx.stx_mnt_id, stx.stx_ino,
					   (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0 };
	return r;
}

static bool is_absent(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EXDEV;
}

/* Where a name leads for a runtime. A spot of no directory where it leads nowhere. */
static int find_mounted(const struct dest *dest, const char *name, struct spot *ret_spot)
{
	defer_close int fd = dest_open_as_runtime(dest, name);

	*ret_spot = (struct spot){ 0 };
	if (is_absent(fd))
		return 0;
	return fd < 0 ? fd : spot_of(fd, ret_spot);
}

static int find_runtime_dirs(const struct dest *dest, struct spot spots[PLAN_RUNTIME_DIRS])
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < PLAN_RUNTIME_DIRS; i++)
		r = find_mounted(dest, plan_runtime_dirs[i], &spots[i]);
	return r;
}

static const char *find_runtime_dir(const struct spot spots[PLAN_RUNTIME_DIRS],
				    const struct spot *here)
{
	for (size_t i = 0; i < PLAN_RUNTIME_DIRS; i++)
		if (spots[i].mount == here->mount && spots[i].inode == here->inode)
			return plan_runtime_dirs[i];
	return NULL;
}

/* Walks down the path as far as it exists; *ret_last is where it ends. */
static int walk(const struct dest *dest, const struct plan *plan, struct ground *ground,
		struct spot *ret_last)
{
	struct spot spots[PLAN_RUNTIME_DIRS];
	char prefix[PATH_MAX] = "/";
	size_t len = 0;
	int r = find_runtime_dirs(dest, spots);

	while (r == 0) {
		defer_close int fd = dest_open(dest, prefix);

		if (is_absent(fd))
			return 0;
		r = fd < 0 ? fd : spot_of(fd, ret_last);
		if (r == 0)
			ground->runtime_dir = find_runtime_dir(spots, ret_last);
		if (ground->runtime_dir != NULL || plan->path[len] == '\0')
			break;
		len += 1 + strcspn(plan->path + len + 1, "/");
		memcpy(prefix, plan->path, len);
		prefix[len] = '\0';
	}
	return r;
}

/* The last volume of config.json that is mounted there counts: it hides the ones before it. */
static int find_volume(const struct dest *dest, const struct plan *plan, uint64_t mount,
		       const char **ret_read_only)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->n_mounts; i++) {
		const struct config_mount *volume = &plan->mounts[i];
		struct spot spot;

		r = find_mounted(dest, volume->destination, &spot);
		if (r == 0 && spot.is_top && spot.mount == mount)
			*ret_read_only = volume->read_only ? volume->destination : NULL;
	}
	return r;
}

int ground_survey(const struct dest *dest, const struct plan *plan, struct ground *ret_ground)
{
	struct ground ground = { NULL, plan->read_only };
	struct spot last = { 0 };
	int r = walk(dest, plan, &ground, &last);

	/* only who has to make a directory asks whether it may */
	if (r == 0 && dest->fd < 0 && ground.read_only == NULL)
		r = find_volume(dest, plan, last.mount, &ground.read_only);
	if (r == 0)
		*ret_ground = ground;
	return r;
}
