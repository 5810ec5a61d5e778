/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/json_edit.h"

#include <stdlib.h>
#include <string.h>

#include "spec/base/defer.h"
#include "spec/json_gen.h"
#include "spec/json_memory.h"

#include "spec/base/poison.h"

/* Blanks that json_gen writes for each level. */
#define GEN_INDENT 2

/* ---- a text that grows ---- */

struct output {
	char *bytes;
	size_t len;
	size_t cap;
};

static void put(struct output *out, const char *bytes, size_t len)
{
	if (out->cap - out->len < len) {
		out->cap = 2 * (out->len + len);
		out->bytes = json_memory_resize(NULL, out->bytes, out->cap);
	}
	if (len != 0)
		memcpy(out->bytes + out->len, bytes, len);
	out->len += len;
}

static void put_word(struct output *out, const char *word)
{
	put(out, word, strlen(word));
}

static void output_done(struct output *out)
{
	free(out->bytes);
}

struct json_doc json_doc_of(const char *bytes, size_t len)
{
	struct output out = { 0 };

	put(&out, bytes, len);
	return (struct json_doc){ out.bytes, len };
}

void json_doc_done(struct json_doc *doc)
{
	free(doc->text);
	*doc = (struct json_doc){ 0 };
}

/* The bytes from begin to end become the len ones of middle. */
static void splice(struct json_doc *doc, size_t begin, size_t end, const char *middle, size_t len)
{
	struct output out = { 0 };

	put(&out, doc->text, begin);
	put(&out, middle, len);
	put(&out, doc->text + end, doc->len - end);
	free(doc->text);
	*doc = (struct json_doc){ out.bytes, out.len };
}

/* ---- finding the way in a text that is known to be good ---- */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static size_t skip_blanks(const struct json_doc *doc, size_t at)
{
	while (at < doc->len && is_blank(doc->text[at]))
		at++;
	return at;
}

/* The end of what stands before the blanks before at. */
static size_t skip_blanks_back(const struct json_doc *doc, size_t at)
{
	while (at > 0 && is_blank(doc->text[at - 1]))
		at--;
	return at;
}

/* Where the string begins whose last quote is before end: at a quote that no backslash escapes. */
static size_t string_begin(const struct json_doc *doc, size_t end)
{
	for (size_t at = end - 1; at-- > 0;) {
		size_t slashes = 0;

		if (doc->text[at] != '"')
			continue;
		while (slashes < at && doc->text[at - slashes - 1] == '\\')
			slashes++;
		if (slashes % 2 == 0)
			return at;
	}
	return 0;
}

static size_t string_end(const struct json_doc *doc, size_t begin)
{
	size_t at = begin + 1;

	while (at < doc->len && doc->text[at] != '"')
		at += doc->text[at] == '\\' ? 2 : 1;
	return at + 1;
}

struct json_span json_edit_span(const struct json_doc *doc, const struct json_value *value)
{
	switch (value->type) {
	case JSON_STRING:
		return (struct json_span){ string_begin(doc, value->end), value->end };
	case JSON_NUMBER:
		return (struct json_span){ value->end - value->len, value->end };
	case JSON_NULL:
		return (struct json_span){ value->end - strlen("null"), value->end };
	case JSON_BOOL:
		return (struct json_span){
			value->end - (value->boolean ? strlen("true") : strlen("false")), value->end
		};
	default:
		return (struct json_span){ value->end - 1, value->end };
	}
}

/* ---- how a text is laid out ---- */

struct layout {
	bool lines; /* each item stands on a line of its own */
	bool airy;  /* there is a blank behind a colon */
	const char *line_end;
	struct json_span unit;	 /* the text's own blanks for one level */
	struct json_span indent; /* what stands before an item; the unit comes on top where */
	bool deeper;		 /* this is so: the indent is that of the line of the bracket */
};

/* The blanks between the last line end and at; false when there is none after from. */
static bool find_indent(const struct json_doc *doc, size_t from, size_t at,
			struct json_span *ret_indent)
{
	const char *line = memrchr(doc->text + from, '\n', at - from);

	if (line == NULL)
		return false;
	*ret_indent = (struct json_span){ (size_t)(line - doc->text) + 1, at };
	return true;
}

/* What the outermost object tells of the whole text. */
static struct layout layout_of_text(const struct json_doc *doc)
{
	struct layout layout = { .line_end = "\n" };
	size_t open = skip_blanks(doc, 0), first = skip_blanks(doc, open + 1);

	if (first >= doc->len || doc->text[first] != '"')
		return layout;

	size_t value = skip_blanks(doc, string_end(doc, first)) + 1;

	layout.airy = value < doc->len && is_blank(doc->text[value]);
	layout.lines = find_indent(doc, open, first, &layout.unit);
	if (layout.lines && layout.unit.begin >= 2 && doc->text[layout.unit.begin - 2] == '\r')
		layout.line_end = "\r\n";
	return layout;
}

/* The layout of what begins at a place: the line that it is on says how to indent. */
static struct layout layout_of_line(const struct json_doc *doc, size_t at)
{
	struct layout layout = layout_of_text(doc);
	size_t begin = at, end;

	while (begin > 0 && doc->text[begin - 1] != '\n')
		begin--;
	end = begin;
	while (doc->text[end] == ' ' || doc->text[end] == '\t')
		end++;
	layout.indent = (struct json_span){ begin, end };
	return layout;
}

/* The layout of the items of an object or array. */
static struct layout layout_of_items(const struct json_doc *doc, struct json_span into)
{
	size_t first = skip_blanks(doc, into.begin + 1);
	struct layout layout = layout_of_line(doc, into.begin);

	layout.deeper = first == into.end - 1; /* there is none yet */
	if (!layout.deeper)
		layout.lines = find_indent(doc, into.begin, first, &layout.indent);
	return layout;
}

static void put_span(struct output *out, const struct json_doc *doc, struct json_span span)
{
	put(out, doc->text + span.begin, span.end - span.begin);
}

static void put_line_end(struct output *out, const struct json_doc *doc,
			 const struct layout *layout, size_t levels)
{
	put_word(out, layout->line_end);
	put_span(out, doc, layout->indent);
	for (size_t i = 0; i < levels; i++)
		put_span(out, doc, layout->unit);
}

/* What stands between a comma or bracket and the next item. */
static void put_gap(struct output *out, const struct json_doc *doc, const struct layout *layout,
		    size_t levels)
{
	if (layout->lines)
		put_line_end(out, doc, layout, levels + layout->deeper);
	else if (layout->airy && out->len != 0 && out->bytes[out->len - 1] == ',')
		put_word(out, " ");
}

/* A value as json_gen lays it out, laid out anew. Line ends and colons in strings stay. */
static void put_value(struct output *out, const struct json_doc *doc, const struct layout *layout,
		      const char *value)
{
	for (const char *at = value; *at != '\0'; at++) {
		size_t len = 1;

		if (*at == '"') {
			while (at[len] != '"')
				len += at[len] == '\\' ? 2 : 1;
			put(out, at, len + 1);
		} else if (*at == '\n') {
			len += strspn(at + 1, " ");
			if (at[len] != '\0')
				put_gap(out, doc, layout, (len - 1) / GEN_INDENT);
			len--;
		} else if (*at == ':') {
			put_word(out, layout->airy ? ": " : ":");
			len = strspn(at + 1, " ");
		} else {
			put(out, at, 1);
			len = 0;
		}
		at += len;
	}
}

static void put_name(struct output *out, const struct layout *layout, const char *name)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_LINE);
	size_t len;
	const char *text;

	json_gen_string(gen, name);
	text = json_gen_text(gen, &len);
	put(out, text, len);
	put_word(out, layout->airy ? ": " : ":");
}

/* ---- the edits ---- */

void json_edit_add(struct json_doc *doc, struct json_span into, const char *name, const char *value)
{
	defer_with(output_done) struct output out = { 0 };
	struct layout layout = layout_of_items(doc, into);
	bool empty = layout.deeper;
	size_t last = skip_blanks_back(doc, into.end - 1);

	if (!empty)
		put_word(&out, ",");
	put_gap(&out, doc, &layout, 0);
	if (name != NULL)
		put_name(&out, &layout, name);
	put_value(&out, doc, &layout, value);
	if (empty && layout.lines)
		put_line_end(&out, doc, &layout, 0);
	splice(doc, last, empty ? into.end - 1 : last, out.bytes, out.len);
}

void json_edit_replace(struct json_doc *doc, struct json_span span, const char *value)
{
	defer_with(output_done) struct output out = { 0 };
	struct layout layout = layout_of_line(doc, span.begin);

	layout.lines = memchr(doc->text + span.begin, '\n', span.end - span.begin) != NULL;
	put_value(&out, doc, &layout, value);
	splice(doc, span.begin, span.end, out.bytes, out.len);
}

void json_edit_remove(struct json_doc *doc, struct json_span span)
{
	size_t begin = span.begin, before = skip_blanks_back(doc, begin);
	size_t behind = skip_blanks(doc, span.end);

	if (doc->text[before - 1] == ':') {
		begin = string_begin(doc, skip_blanks_back(doc, before - 1));
		before = skip_blanks_back(doc, begin);
	}
	if (doc->text[behind] == ',')
		splice(doc, begin, skip_blanks(doc, behind + 1), "", 0);
	else if (doc->text[before - 1] == ',')
		splice(doc, before - 1, span.end, "", 0);
	else
		splice(doc, before, behind, "", 0);
}
