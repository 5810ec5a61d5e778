/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "spec/base/defer.h"
#include "spec/base/keyset.h"
#include "spec/base/text.h"
#include "spec/json_memory.h"
#include "spec/json_path.h"
#include "spec/json_text.h"

#include "spec/base/poison.h"

#define FIRST_PIECE 65536
#define DEPTH_MAX   64

/* An object or array that is open. Invariant: set is what its members or elements choose from. */
struct level {
	uint64_t set;
	const struct json_rule *rule; /* announced when it began; told of its end */
	uint64_t object;	      /* a number of its own, for the names in it */
	bool array;
	size_t names; /* how many keyset had before its own */
};

struct reader {
	const struct json_format *format;
	void *ctx;
	struct err *err;
	int result; /* of the handler or check that stopped the parse */

	yajl_handle yajl;
	struct json_text text;
	struct json_paths paths;

	struct level levels[DEPTH_MAX + 1];
	unsigned depth; /* open levels; levels[depth] is the innermost */
	uint64_t next;	/* what the member's value, or the text's top, belongs to */
	bool started;
	char *name; /* the last member that matched a '*' */

	struct keyset keys;
	size_t members;
	uint64_t objects;
	size_t bytes;

	const char *piece; /* what yajl is being fed */
	size_t before;	   /* bytes of the text that came before the piece */
	size_t piece_seen; /* bytes of it that line and column account for */
	unsigned line, column;
};

/* Advances line and column to offset of the piece. Linear over the whole text. */
static void locate(struct reader *reader, size_t offset)
{
	const char *from = reader->piece + reader->piece_seen;
	size_t left = offset - reader->piece_seen;
	const char *end;

	while (left != 0 && (end = memchr(from, '\n', left)) != NULL) {
		left -= (size_t)(end - from) + 1;
		from = end + 1;
		reader->line++;
		reader->column = 0;
	}
	reader->column += (unsigned)left;
	reader->piece_seen = offset;
}

/* Where yajl stands. It counts the byte that it could not take. */
static void locate_token(struct reader *reader)
{
	size_t offset = yajl_get_bytes_consumed(reader->yajl);

	if (offset > reader->piece_seen)
		locate(reader, offset);
}

static int refuse(struct reader *reader, int errnum, const char *what)
{
	err_set(reader->err, reader->format->code, 0, "line %u, column %u: %s", reader->line,
		reader->column, what);
	return -errnum;
}

/* Ends yajl's parse from within a callback: 0 is its word for that. */
static int stop(struct reader *reader, int result)
{
	reader->result = result;
	return 0;
}

static const char *type_name(enum json_type type)
{
	switch (type) {
	case JSON_NULL:
		return "null";
	case JSON_BOOL:
		return "true or false";
	case JSON_NUMBER:
		return "a number";
	case JSON_STRING:
		return "a string";
	case JSON_OBJECT:
		return "an object";
	default:
		return "an array";
	}
}

/* The place of a failure: where it is, and what it is by the format's own path. */
static void prefix_place(struct reader *reader, const struct json_rule *rule)
{
	locate_token(reader);
	if (rule == NULL || rule->path[0] == '\0')
		err_prefix(reader->err, "line %u, column %u", reader->line, reader->column);
	else
		err_prefix(reader->err, "line %u, column %u: %s", reader->line, reader->column,
			   rule->path);
}

static int wrong_type(struct reader *reader, uint64_t set, unsigned types, enum json_type type)
{
	char want[96];
	struct text text;
	const struct json_rule *rule = json_paths_end(&reader->paths, set, reader->depth);

	text_init(&text, want, sizeof(want));
	for (unsigned t = JSON_NULL; t <= JSON_ARRAY; t <<= 1)
		if ((types & t) != 0)
			text_add(&text, "%s%s", text.len != 0 ? " or " : "", type_name(t));
	err_set(reader->err, reader->format->code, 0, "is %s; it must be %s", type_name(type),
		want);
	if (rule == NULL) /* on the way to deeper paths: the first of them says where this is */
		rule = &reader->format->rules[__builtin_ctzll(set)];
	prefix_place(reader, rule);
	return stop(reader, -EINVAL);
}

/* A value of any kind begins: says which rules it belongs to and judges its type. */
static int value_begin(struct reader *reader, enum json_type type, uint64_t *ret_set)
{
	const struct level *level = &reader->levels[reader->depth];
	uint64_t set = reader->depth > 0 && level->array ? level->set : reader->next;
	unsigned types;

	if (!reader->started && type != JSON_OBJECT) {
		locate_token(reader);
		return stop(reader, refuse(reader, EINVAL, "the text is not a JSON object"));
	}
	reader->started = true;
	types = set != 0 ? json_paths_types(&reader->paths, set, reader->depth) : 0;
	if (type == JSON_NULL && !reader->format->strict && (types & JSON_NULL) == 0)
		set = 0; /* null is absence */
	if (set != 0 && (types & type) == 0)
		return wrong_type(reader, set, types, type);
	*ret_set = set;
	return 1;
}

static int hand_over(struct reader *reader, const struct json_rule *rule, struct json_value *value)
{
	int r;

	if (rule == NULL || rule->handler == NULL)
		return 1;
	if (reader->format->positions) {
		locate_token(reader);
		value->end = reader->before + yajl_get_bytes_consumed(reader->yajl);
	}
	value->name = json_paths_has_any(&reader->paths, rule) ? reader->name : NULL;
	value->arg = rule->arg;
	value->line = reader->line;
	value->column = reader->column;
	r = rule->handler(reader->ctx, value, reader->err);
	if (r < 0) {
		prefix_place(reader, rule);
		return stop(reader, r);
	}
	return 1;
}

/* The value is put together only where somebody asks for it: nearly nobody does. */
static int scalar(struct reader *reader, enum json_type type, const char *text, size_t len)
{
	struct json_value value;
	uint64_t set = 0;

	if (value_begin(reader, type, &set) == 0)
		return 0;
	if (set == 0)
		return 1;
	value = (struct json_value){ .type = type, .text = text, .len = len };
	value.boolean = type == JSON_BOOL && len != 0;
	return hand_over(reader, json_paths_end(&reader->paths, set, reader->depth), &value);
}

static int level_begin(struct reader *reader, enum json_type type)
{
	struct json_value value = { .type = type };
	const struct json_rule *rule;
	uint64_t set = 0;

	if (value_begin(reader, type, &set) == 0)
		return 0;
	if (reader->depth >= reader->format->max_depth || reader->depth >= DEPTH_MAX) {
		locate_token(reader);
		return stop(reader,
			    refuse(reader, E2BIG, "objects and arrays are nested too deep"));
	}
	rule = set != 0 ? json_paths_end(&reader->paths, set, reader->depth) : NULL;
	if (set != 0 && type == JSON_ARRAY)
		set = json_paths_element(&reader->paths, set, reader->depth);
	reader->levels[++reader->depth] = (struct level){ .set = set,
							  .rule = rule,
							  .object = ++reader->objects,
							  .array = type == JSON_ARRAY,
							  .names = reader->keys.used };
	return hand_over(reader, rule, &value);
}

static int level_end(struct reader *reader)
{
	struct json_value value = { .type = JSON_END };

	keyset_cut(&reader->keys, reader->levels[reader->depth].names);
	return hand_over(reader, reader->levels[reader->depth--].rule, &value);
}

static int on_null(void *ctx)
{
	return scalar(ctx, JSON_NULL, NULL, 0);
}

static int on_boolean(void *ctx, int boolean)
{
	return scalar(ctx, JSON_BOOL, NULL, boolean != 0);
}

static int on_number(void *ctx, const char *text, size_t len)
{
	return scalar(ctx, JSON_NUMBER, text, len);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	return scalar(ctx, JSON_STRING, (const char *)text, len);
}

static int on_start_map(void *ctx)
{
	return level_begin(ctx, JSON_OBJECT);
}

static int on_start_array(void *ctx)
{
	return level_begin(ctx, JSON_ARRAY);
}

static int on_end(void *ctx)
{
	return level_end(ctx);
}

/* A name may stand once in its object: engines differ in which of two they take (Go: the last). */
static int check_name(struct reader *reader, const char *name, size_t len)
{
	int r;

	if (++reader->members > reader->format->max_members)
		r = -E2BIG;
	else
		r = keyset_add(&reader->keys, reader->levels[reader->depth].object, name, len);
	if (r == 0)
		return 1;
	if (r == -ENOMEM)
		return stop(reader, err_memory(reader->err));
	if (r == -EEXIST)
		err_set(reader->err, reader->format->code, 0,
			"member %s stands twice in one object", quote_bytes(name, len).text);
	else
		err_set(reader->err, reader->format->code, 0,
			"there are too many members, or their names are made to collide");
	prefix_place(reader, NULL);
	return stop(reader, r);
}

static int keep_name(struct reader *reader, const char *name, size_t len)
{
	free(reader->name);
	reader->name = strndup(name, len);
	return reader->name != NULL ? 1 : stop(reader, err_memory(reader->err));
}

/*
 * A member that no rule asks for. In a strict format it is a mistake; elsewhere it must not be one
 * that a reader with less regard for case would take for another.
 */
static int check_other_name(struct reader *reader, const char *name, size_t len)
{
	const struct json_step *other =
		json_paths_lookalike(&reader->paths, reader->levels[reader->depth].set,
				     reader->depth - 1, name, len);

	if (other != NULL)
		err_set(reader->err, reader->format->code, 0,
			"member %s differs from \"%.*s\" only in case, and runtimes disagree on "
			"what that means; write \"%.*s\"",
			quote_bytes(name, len).text, (int)other->len, other->name, (int)other->len,
			other->name);
	else if (reader->format->strict)
		err_set(reader->err, reader->format->code, 0, "unknown member %s",
			quote_bytes(name, len).text);
	else
		return 1;
	prefix_place(reader, NULL);
	return stop(reader, -EINVAL);
}

static int on_map_key(void *ctx, const unsigned char *key, size_t len)
{
	struct reader *reader = ctx;
	const struct level *level = &reader->levels[reader->depth];
	const char *name = (const char *)key;
	bool any;

	if (check_name(reader, name, len) == 0)
		return 0;
	reader->next =
		json_paths_member(&reader->paths, level->set, reader->depth - 1, name, len, &any);
	if (any)
		return keep_name(reader, name, len);
	return reader->next != 0 ? 1 : check_other_name(reader, name, len);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number, /* as text: yajl's own integers and doubles lose digits */
	.yajl_string = on_string,
	.yajl_start_map = on_start_map,
	.yajl_map_key = on_map_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end,
};

/* yajl's own refusal, e.g. "lexical error: invalid char in json text." */
static int refuse_yajl(struct reader *reader)
{
	unsigned char *text = yajl_get_error(reader->yajl, 0, NULL, 0);
	char what[128];
	struct text out;
	size_t len = text != NULL ? strcspn((const char *)text, ".\n") : 0;

	text_init(&out, what, sizeof(what));
	text_add(&out, "not JSON: %.*s", (int)len, text != NULL ? (const char *)text : "");
	if (text != NULL)
		yajl_free_error(reader->yajl, text);
	return refuse(reader, EINVAL, what);
}

static int feed(struct reader *reader, const char *bytes, size_t len)
{
	const char *why;
	size_t offset;

	reader->piece = bytes;
	reader->piece_seen = 0;
	reader->before = reader->bytes;
	reader->bytes += len;
	if (reader->bytes > reader->format->max_bytes) {
		err_set(reader->err, reader->format->code, EFBIG, "it is longer than %zu bytes",
			reader->format->max_bytes);
		return -EFBIG;
	}
	if (json_text_check(&reader->text, bytes, len, &offset, &why) < 0) {
		locate(reader, offset + 1);
		return refuse(reader, EINVAL, why);
	}
	switch (yajl_parse(reader->yajl, (const unsigned char *)bytes, len)) {
	case yajl_status_ok:
		locate(reader, len);
		return 0;
	case yajl_status_client_canceled:
		return reader->result;
	default:
		locate_token(reader);
		return refuse_yajl(reader);
	}
}

static int finish(struct reader *reader)
{
	if (reader->bytes == 0) {
		err_set(reader->err, reader->format->code, 0, "it is empty%s",
			reader->format->when_empty);
		return -EINVAL;
	}
	switch (yajl_complete_parse(reader->yajl)) {
	case yajl_status_ok:
		return 0;
	case yajl_status_client_canceled:
		return reader->result;
	default:
		return refuse_yajl(reader);
	}
}

/* Fills piece from the source; less than cap only at its end. */
static int fill(struct source *source, char *piece, size_t cap, size_t *ret_len, struct err *err)
{
	size_t len = 0, n;

	do {
		int r = source->read(source, piece + len, cap - len, &n, err);

		if (r < 0)
			return r;
		len += n;
	} while (n != 0 && len < cap);
	*ret_len = len;
	return 0;
}

/*
 * Each piece is twice as long as the one before: yajl reads a string that a piece cuts again from its
 * start, so with pieces of one size a long string would take quadratic time.
 */
static int read_all(struct reader *reader, struct source *source)
{
	defer_free char *piece = NULL;
	size_t cap = FIRST_PIECE;

	for (;; cap *= 2) {
		char *longer = realloc(piece, cap);
		size_t len;
		int r;

		if (longer == NULL)
			return err_memory(reader->err);
		piece = longer;
		r = fill(source, piece, cap, &len, reader->err);
		if (r == 0)
			r = feed(reader, piece, len);
		if (r != 0)
			return r;
		if (len < cap)
			return finish(reader);
	}
}

static void reader_done(struct reader *reader)
{
	if (reader->yajl != NULL)
		yajl_free(reader->yajl);
	json_paths_done(&reader->paths);
	keyset_done(&reader->keys);
	free(reader->name);
}

int json_parse(const struct json_format *format, void *ctx, struct source *source, struct err *err)
{
	yajl_alloc_funcs memory = { json_memory_new, json_memory_resize, json_memory_free, NULL };
	defer_with(reader_done) struct reader reader = {
		.format = format, .ctx = ctx, .err = err, .line = 1
	};

	if (json_paths_init(&reader.paths, format) < 0)
		return err_memory(err);
	reader.next = (UINT64_C(1) << format->n_rules) - 1;
	reader.yajl = yajl_alloc(&callbacks, &memory, &reader);
	return read_all(&reader, source);
}

bool json_is(const struct json_value *value, const char *word)
{
	return value->len == strlen(word) && memcmp(value->text, word, value->len) == 0;
}

char *json_copy(const struct json_value *value)
{
	return strndup(value->text, value->len);
}
