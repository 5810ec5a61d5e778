/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/check/toml_scan.h"

#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

#define BLANKS " \t\r"

struct toml_scan toml_scan(const char *text)
{
	return (struct toml_scan){ .rest = text };
}

/* Takes a string that begins at *p, escapes of a basic one ("...") undone as far as paths need it. */
static bool take_string(const char **p, char *to, size_t cap)
{
	const char mark = **p;
	size_t n = 0;

	for (++*p; **p != mark; ++*p) {
		if (**p == '\0' || **p == '\n')
			return false;
		if (mark == '"' && (*p)[0] == '\\' && ((*p)[1] == '\\' || (*p)[1] == '"'))
			++*p;
		if (n + 1 < cap)
			to[n++] = **p;
	}
	++*p;
	to[n] = '\0';
	return true;
}

/* Moves over blanks, line ends and comments within an array. */
static const char *skip_between(const char *p)
{
	for (;;) {
		p += strspn(p, BLANKS "\n,");
		if (*p != '#')
			return p;
		p += strcspn(p, "\n");
	}
}

/* Takes what stands behind the '='. Yields where it ends. */
static const char *take_value(const char *p, struct toml_list *list)
{
	bool array = *p == '[';

	list->n = 0;
	p = array ? skip_between(p + 1) : p;
	while (*p == '"' || *p == '\'') {
		char item[256];
		struct text text;

		if (!take_string(&p, item, sizeof(item)))
			break;
		if (list->n < TOML_ITEMS_MAX) {
			text_init(&text, list->items[list->n++], sizeof(list->items[0]));
			text_add(&text, "%s", item);
		}
		if (!array)
			break;
		p = skip_between(p);
	}
	return p;
}

static void take_section(struct toml_scan *scan, const char *p)
{
	size_t len = strcspn(p, "\n#");
	struct text text;

	while (len > 0 && strchr(BLANKS "]", p[len - 1]) != NULL)
		len--;
	text_init(&text, scan->section, sizeof(scan->section));
	text_add(&text, "%.*s", (int)len, p);
}

/* The value of a line "key = value", the key quoted or not; NULL for another line. */
static const char *value_of(const char *line, const char *key)
{
	size_t len = strlen(key);
	bool quoted = *line == '"' || *line == '\'';

	line += quoted;
	if (strncmp(line, key, len) != 0)
		return NULL;
	line += len + quoted;
	line += strspn(line, BLANKS);
	if (*line != '=')
		return NULL;
	return line + 1 + strspn(line + 1, BLANKS);
}

bool toml_next(struct toml_scan *scan, const char *key, struct toml_list *ret_list)
{
	while (*scan->rest != '\0') {
		const char *line = scan->rest + strspn(scan->rest, BLANKS);
		const char *value = value_of(line, key);
		struct text text;

		if (value != NULL) {
			scan->rest = take_value(value, ret_list);
			text_init(&text, ret_list->section, sizeof(ret_list->section));
			text_add(&text, "%s", scan->section);
			return true;
		}
		if (*line == '[')
			take_section(scan, line + 1 + (line[1] == '['));
		scan->rest = line + strcspn(line, "\n");
		scan->rest += *scan->rest == '\n';
	}
	return false;
}
