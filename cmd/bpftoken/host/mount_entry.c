/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/host/mount_entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

void mount_entry_done(struct mount_entry *entry)
{
	free(entry->root);
	free(entry->point);
	free(entry->options);
	*entry = (struct mount_entry){ 0 };
}

static bool is_octal(char byte)
{
	return byte >= '0' && byte <= '7';
}

void mount_entry_unescape(char *text)
{
	char *to = text;

	while (*text != '\0') {
		if (text[0] == '\\' && is_octal(text[1]) && is_octal(text[2]) &&
		    is_octal(text[3])) {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				       (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/* ---- mountinfo ---- */

struct field {
	const char *text;
	size_t len;
};

static bool next_field(const char **p, const char *end, struct field *ret_field)
{
	while (*p < end && **p == ' ')
		++*p;
	ret_field->text = *p;
	while (*p < end && **p != ' ')
		++*p;
	ret_field->len = (size_t)(*p - ret_field->text);
	return ret_field->len > 0;
}

static bool field_is(struct field field, const char *word)
{
	return field.len == strlen(word) && memcmp(field.text, word, field.len) == 0;
}

static bool parse_device(struct field field, uint64_t *ret_device)
{
	const char *colon = memchr(field.text, ':', field.len);
	size_t len = colon != NULL ? (size_t)(colon - field.text) : 0;
	uint64_t major, minor;

	if (colon == NULL || text_parse_u64(field.text, len, UINT32_MAX, &major) < 0 ||
	    text_parse_u64(colon + 1, field.len - len - 1, UINT32_MAX, &minor) < 0)
		return false;
	*ret_device = major << 32 | minor;
	return true;
}

static char *unescaped(struct field field)
{
	char *copy = strndup(field.text, field.len);

	if (copy != NULL)
		mount_entry_unescape(copy);
	return copy;
}

/* "36 35 98:0 /root /point rw,noatime master:1 - type source options" */
int mount_entry_parse(const char *line, size_t len, struct mount_entry *ret_entry)
{
	const char *p = line, *end = line + len;
	struct mount_entry entry = { 0 };
	struct field id, parent, device, root, point, field, type, options;

	if (!next_field(&p, end, &id) || !next_field(&p, end, &parent) ||
	    !next_field(&p, end, &device) || !next_field(&p, end, &root) ||
	    !next_field(&p, end, &point))
		return 0;
	do
		if (!next_field(&p, end, &field))
			return 0;
	while (!field_is(field, "-"));
	if (!next_field(&p, end, &type) || !next_field(&p, end, &field) ||
	    !next_field(&p, end, &options) || !parse_device(device, &entry.device) ||
	    text_parse_u64(id.text, id.len, UINT64_MAX, &entry.id) < 0 ||
	    text_parse_u64(parent.text, parent.len, UINT64_MAX, &entry.parent) < 0)
		return 0;
	entry.root = unescaped(root);
	entry.point = unescaped(point);
	entry.options = field_is(type, "bpf") ? strndup(options.text, options.len) : NULL;
	if (entry.root == NULL || entry.point == NULL ||
	    (field_is(type, "bpf") && entry.options == NULL)) {
		mount_entry_done(&entry);
		return -ENOMEM;
	}
	*ret_entry = entry;
	return 1;
}

/* ---- what covers what ---- */

static const struct mount_entry *find_id(const struct mount_entry *entries, size_t n, uint64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (entries[i].id == id)
			return &entries[i];
	return NULL;
}

/* True when the way from the parent's root to the entry leads over another mount first. */
static bool is_passed(const struct mount_entry *entries, size_t n, const struct mount_entry *entry)
{
	for (size_t i = 0; i < n; i++)
		if (&entries[i] != entry && entries[i].parent == entry->parent &&
		    strcmp(entries[i].point, entry->point) != 0 &&
		    strcmp(entries[i].point, "/") != 0 &&
		    text_path_below(entry->point, entries[i].point))
			return true;
	return false;
}

/* True when a mount other than except lies over the whole of entry. */
static bool is_covered(const struct mount_entry *entries, size_t n, const struct mount_entry *entry,
		       const struct mount_entry *except)
{
	for (size_t i = 0; i < n; i++)
		if (&entries[i] != entry && &entries[i] != except &&
		    entries[i].parent == entry->id && strcmp(entries[i].point, entry->point) == 0 &&
		    strcmp(entry->point, "/") != 0)
			return true;
	return false;
}

bool mount_entry_is_hidden(const struct mount_entry *entries, size_t n, size_t index)
{
	const struct mount_entry *entry = &entries[index], *child = NULL;

	/* n bounds the climb in a table that changed while it was read. */
	for (size_t steps = 0; entry != NULL && steps <= n; steps++) {
		if (is_passed(entries, n, entry) || is_covered(entries, n, entry, child))
			return true;
		child = entry;
		entry = entry->parent != entry->id ? find_id(entries, n, entry->parent) : NULL;
	}
	return false;
}
