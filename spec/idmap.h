/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_IDMAP_H
#define SPEC_IDMAP_H

/*
 * A user namespace's id map, as the kernel shows it in /proc/PID/uid_map and gid_map: what counts,
 * because a user namespace joined by path has no mapping in config.json.
 */

#include <stddef.h>
#include <stdint.h>

/* The kernel's own limit (UID_GID_MAP_MAX_EXTENTS, 340 since 4.15). */
#define IDMAP_EXTENTS_MAX 340

struct idmap_extent {
	uint32_t inside, outside, count;
};

/* Nearly every map has one extent, so there is no room for all that the kernel allows. */
struct idmap {
	struct idmap_extent *extents;
	size_t n_extents;
};

/*
 * Reads a map: three decimal numbers a line. Returns 0, -EINVAL or -ENOMEM. On success the caller
 * ends *ret_map with idmap_done. Pure.
 */
int idmap_parse(const char *text, size_t len, struct idmap *ret_map);

void idmap_done(struct idmap *map);

/*
 * The outside id of an inside one. Returns 0, or -ENOENT when it is not mapped. Outside means the
 * user namespace of whoever opened the map: the host's, for the hook.
 */
int idmap_outside(const struct idmap *map, uint32_t inside, uint32_t *ret_outside);

/* The inside id of an outside one. Returns 0, or -ENOENT when none inside stands for it. */
int idmap_inside(const struct idmap *map, uint32_t outside, uint32_t *ret_inside);

#endif
