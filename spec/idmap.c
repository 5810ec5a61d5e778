/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/idmap.h"

#include <errno.h>
#include <stdlib.h>

#include "spec/base/defer.h"
#include "spec/base/list.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

/* One number of a line, the blanks before it skipped. */
static int parse_field(const char **p, const char *end, uint32_t *ret_value)
{
	const char *start;
	uint64_t value;

	while (*p < end && **p == ' ')
		++*p;
	start = *p;
	while (*p < end && **p != ' ' && **p != '\n')
		++*p;
	if (text_parse_u64(start, (size_t)(*p - start), UINT32_MAX, &value) < 0)
		return -EINVAL;
	*ret_value = (uint32_t)value;
	return 0;
}

int idmap_parse(const char *text, size_t len, struct idmap *ret_map)
{
	defer_with(idmap_done) struct idmap map = { 0 };
	const char *p = text, *end = text + len;

	while (p < end) {
		struct idmap_extent *extent;

		if (map.n_extents == IDMAP_EXTENTS_MAX)
			return -EINVAL;
		extent = list_add(&map.extents, &map.n_extents, sizeof(*extent));
		if (extent == NULL)
			return -ENOMEM;
		if (parse_field(&p, end, &extent->inside) < 0 ||
		    parse_field(&p, end, &extent->outside) < 0 ||
		    parse_field(&p, end, &extent->count) < 0 || p == end || *p++ != '\n')
			return -EINVAL;
	}
	*ret_map = map;
	map = (struct idmap){ 0 };
	return 0;
}

void idmap_done(struct idmap *map)
{
	free(map->extents);
	*map = (struct idmap){ 0 };
}

int idmap_outside(const struct idmap *map, uint32_t inside, uint32_t *ret_outside)
{
	for (size_t i = 0; i < map->n_extents; i++) {
		const struct idmap_extent *extent = &map->extents[i];

		if (inside >= extent->inside && inside - extent->inside < extent->count) {
			*ret_outside = extent->outside + (inside - extent->inside);
			return 0;
		}
	}
	return -ENOENT;
}

int idmap_inside(const struct idmap *map, uint32_t outside, uint32_t *ret_inside)
{
	for (size_t i = 0; i < map->n_extents; i++) {
		const struct idmap_extent *extent = &map->extents[i];

		if (outside >= extent->outside && outside - extent->outside < extent->count) {
			*ret_inside = extent->inside + (outside - extent->outside);
			return 0;
		}
	}
	return -ENOENT;
}
