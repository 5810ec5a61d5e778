/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An id map as /proc/PID/uid_map shows it.
 *
 * Promises: an accepted map, written again, is read as the same; an inside id has an outside one
 * just when some extent holds it, and the first such extent says which.
 */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "spec/idmap.h"

static void promise_read_again(const struct idmap *map)
{
	static char lines[IDMAP_EXTENTS_MAX * 36 + 1];
	struct idmap other;
	struct text text;

	text_init(&text, lines, sizeof(lines));
	for (size_t i = 0; i < map->n_extents; i++)
		text_add(&text, "%10u %10u %10u\n", map->extents[i].inside, map->extents[i].outside,
			 map->extents[i].count);
	promise(!text.cut, "a map is at most 36 bytes a line", lines);
	promise(idmap_parse(lines, text.len, &other) == 0, "written, it is read again", lines);
	promise(other.n_extents == map->n_extents &&
			(map->n_extents == 0 ||
			 memcmp(other.extents, map->extents,
				map->n_extents * sizeof(map->extents[0])) == 0),
		"it is read as the same", lines);
	idmap_done(&other);
}

/* A second opinion: 64 bits, and every extent looked at. */
static void promise_outside(const struct idmap *map, uint32_t inside)
{
	uint64_t want = UINT64_MAX;
	uint32_t outside = 0;
	int r = idmap_outside(map, inside, &outside);

	for (size_t i = map->n_extents; i-- > 0;) {
		const struct idmap_extent *extent = &map->extents[i];

		if (inside >= extent->inside && inside < (uint64_t)extent->inside + extent->count)
			want = (uint64_t)extent->outside + inside - extent->inside;
	}
	promise((r == 0) == (want != UINT64_MAX), "mapped just when an extent holds it", "");
	promise(r != 0 || outside == (uint32_t)want, "the first extent that holds it", "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct idmap map;

	if (idmap_parse((const char *)data, size, &map) < 0)
		return 0;
	promise_read_again(&map);
	promise_outside(&map, 0);
	promise_outside(&map, UINT32_MAX);
	for (size_t i = 0; i < map.n_extents; i++) {
		uint32_t first = map.extents[i].inside;

		promise_outside(&map, first - 1);
		promise_outside(&map, first);
		promise_outside(&map, first + map.extents[i].count - 1);
		promise_outside(&map, first + map.extents[i].count);
	}
	idmap_done(&map);
	return 0;
}
