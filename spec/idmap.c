/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/idmap.h"

#include <errno.h>
#include <string.h>

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
	const char *p = text, *end = text + len;

	ret_map->n_extents = 0;
	while (p < end) {
		struct idmap_extent *extent = &ret_map->extents[ret_map->n_extents];

		if (ret_map->n_extents == IDMAP_EXTENTS_MAX ||
		    parse_field(&p, end, &extent->inside) < 0 ||
		    parse_field(&p, end, &extent->outside) < 0 ||
		    parse_field(&p, end, &extent->count) < 0 || p == end || *p++ != '\n')
			return -EINVAL;
		ret_map->n_extents++;
	}
	return 0;
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
