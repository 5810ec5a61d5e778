/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/inject/edit.h"

#include <errno.h>
#include <string.h>

#include "hook/request.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/json_gen.h"

#include "spec/base/poison.h"

/* A runtime kills a hook after so many seconds; a run of this one is bounded to less. */
#define HOOK_TIMEOUT 30

/* A text and what it holds; both belong together, so each edit reads it anew. */
struct editor {
	struct json_doc *doc;
	struct inject_config config;
	struct err *err;
};

static void editor_done(struct editor *editor)
{
	inject_config_done(&editor->config);
}

static int reread(struct editor *editor)
{
	inject_config_done(&editor->config);
	return inject_config_read(editor->doc, &editor->config, editor->err);
}

static int add(struct editor *editor, enum inject_place in, const char *name, const char *value)
{
	json_edit_add(editor->doc, editor->config.places[in].span, name, value);
	return reread(editor);
}

static int replace(struct editor *editor, struct json_span span, const char *value)
{
	json_edit_replace(editor->doc, span, value);
	return reread(editor);
}

static int take_out(struct editor *editor, struct json_span span)
{
	json_edit_remove(editor->doc, span);
	return reread(editor);
}

/* Makes an object or array be there, and those that it stands in. */
/* As deep as its place, whose root is always there; NOLINTNEXTLINE(misc-no-recursion) */
static int ensure(struct editor *editor, enum inject_place place)
{
	const struct inject_place_info *info = inject_place_info(place);
	const struct inject_found *found = &editor->config.places[place];
	const char *empty = info->array ? "[]" : "{}";
	int r;

	if (inject_has_place(&editor->config, place))
		return found->null ? replace(editor, found->span, empty) : 0;
	r = ensure(editor, info->parent);
	return r == 0 ? add(editor, info->parent, info->name, empty) : r;
}

static bool is_empty(const struct editor *editor, enum inject_place place)
{
	const struct inject_found *found = &editor->config.places[place];

	if (!inject_has_place(&editor->config, place) || found->null)
		return false;
	for (size_t at = found->span.begin + 1; at < found->span.end - 1; at++)
		if (strchr(" \t\r\n", editor->doc->text[at]) == NULL)
			return false;
	return true;
}

/* Takes out what an edit has left empty, from a place upwards. */
static int prune(struct editor *editor, enum inject_place place)
{
	int r = 0;

	while (r == 0 && place != INJECT_ROOT && is_empty(editor, place)) {
		r = take_out(editor, editor->config.places[place].span);
		place = inject_place_info(place)->parent;
	}
	return r;
}

/* Takes out an entry, and its place if it was the last one there. */
static int remove_entry(struct editor *editor, const struct inject_entry *entry)
{
	enum inject_place in = entry->in;
	int r = take_out(editor, entry->span);

	return r == 0 ? prune(editor, in) : r;
}

static const char *gen_text(struct json_gen *gen)
{
	size_t len;

	return json_gen_text(gen, &len);
}

/* ---- the hook ---- */

static bool is_stage(enum inject_place place)
{
	return place >= INJECT_CREATE_RUNTIME && place <= INJECT_POSTSTOP;
}

/* The wished path, or the program's name in any folder: where it was installed before. */
static bool is_ours(const struct inject_entry *entry, const struct inject_wish *wish)
{
	const char *slash;

	if (!is_stage(entry->in) || entry->key == NULL)
		return false;
	slash = strrchr(entry->key, '/');
	return strcmp(entry->key, wish->hook) == 0 ||
	       strcmp(slash != NULL ? slash + 1 : entry->key, INJECT_HOOK_NAME) == 0;
}

/* The stage's own word may stand at the end of the parameters, as inject writes it, or not. */
static bool is_as_wished(const struct inject_entry *entry, const struct inject_wish *wish)
{
	const char *stage = inject_place_info(wish->stage)->name;
	size_t n = entry->n_args;

	if (entry->in != wish->stage || strcmp(entry->key, wish->hook) != 0)
		return false;
	if (n > 1 && strcmp(entry->args[n - 1], stage) == 0)
		n--;
	if ((n != 0 ? n - 1 : 0) != wish->n_args)
		return false;
	for (size_t i = 0; i < wish->n_args; i++)
		if (strcmp(entry->args[i + 1], wish->args[i]) != 0)
			return false;
	return true;
}

static struct json_gen *gen_hook(const struct inject_wish *wish)
{
	struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	json_gen_object(gen);
	json_gen_name(gen, "path");
	json_gen_string(gen, wish->hook);
	json_gen_name(gen, "args");
	json_gen_array(gen);
	json_gen_string(gen, INJECT_HOOK_NAME);
	for (size_t i = 0; i < wish->n_args; i++)
		json_gen_string(gen, wish->args[i]);
	json_gen_string(gen, inject_place_info(wish->stage)->name);
	json_gen_array_end(gen);
	json_gen_name(gen, "env"); /* with an empty list Go's runtimes hand on their own */
	json_gen_array(gen);
	json_gen_string(gen, "LC_ALL=C");
	json_gen_array_end(gen);
	json_gen_name(gen, "timeout");
	json_gen_number(gen, HOOK_TIMEOUT);
	json_gen_object_end(gen);
	return gen;
}

/*
 * The entry that stays: the first that is as wished, else the first at its stage, else the first.
 * *ret_as_wished tells which.
 */
static const struct inject_entry *find_hook(const struct editor *editor,
					    const struct inject_wish *wish, bool *ret_as_wished)
{
	const struct inject_entry *found = NULL;

	*ret_as_wished = false;
	for (size_t i = 0; i < editor->config.n_entries && !*ret_as_wished; i++) {
		const struct inject_entry *entry = &editor->config.entries[i];

		if (!is_ours(entry, wish))
			continue;
		*ret_as_wished = is_as_wished(entry, wish);
		if (*ret_as_wished || found == NULL ||
		    (entry->in == wish->stage && found->in != wish->stage))
			found = entry;
	}
	return found;
}

static const struct inject_entry *other_hook(const struct editor *editor,
					     const struct inject_wish *wish,
					     const struct inject_entry *but)
{
	for (size_t i = 0; i < editor->config.n_entries; i++)
		if (&editor->config.entries[i] != but && is_ours(&editor->config.entries[i], wish))
			return &editor->config.entries[i];
	return NULL;
}

static int place_hook(struct editor *editor, const struct inject_wish *wish)
{
	defer_with(json_gen_free) struct json_gen *gen = gen_hook(wish);
	bool as_wished;
	const struct inject_entry *entry = find_hook(editor, wish, &as_wished);
	int r;

	if (as_wished)
		return 0;
	if (entry != NULL && entry->in == wish->stage)
		return replace(editor, entry->span, gen_text(gen));
	r = ensure(editor, wish->stage);
	return r == 0 ? add(editor, wish->stage, NULL, gen_text(gen)) : r;
}

static int add_hook(struct editor *editor, const struct inject_wish *wish)
{
	const struct inject_entry *entry;
	bool as_wished;
	int r = place_hook(editor, wish);

	while (r == 0 &&
	       (entry = other_hook(editor, wish, find_hook(editor, wish, &as_wished))) != NULL)
		r = remove_entry(editor, entry);
	return r;
}

/* ---- annotations and capabilities ---- */

static int set_annotation(struct editor *editor, const struct inject_annotation *annotation)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_LINE);
	const struct inject_entry *entry =
		inject_entry(&editor->config, INJECT_ANNOTATIONS, annotation->key);
	int r;

	json_gen_string(gen, annotation->value);
	if (entry != NULL && entry->value != NULL && strcmp(entry->value, annotation->value) == 0)
		return 0;
	if (entry != NULL)
		return replace(editor, entry->span, gen_text(gen));
	r = ensure(editor, INJECT_ANNOTATIONS);
	return r == 0 ? add(editor, INJECT_ANNOTATIONS, annotation->key, gen_text(gen)) : r;
}

static const struct inject_entry *find_cap(const struct editor *editor, enum inject_place set,
					   const char *cap)
{
	for (size_t i = 0; i < editor->config.n_entries; i++) {
		const struct inject_entry *entry = &editor->config.entries[i];

		if (entry->in == set && strlen(entry->key) == strlen(cap) &&
		    text_same_word(entry->key, cap, strlen(cap)))
			return entry;
	}
	return NULL;
}

static int add_cap(struct editor *editor, enum inject_place set, const char *cap)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_LINE);
	int r;

	if (find_cap(editor, set, cap) != NULL)
		return 0;
	if (!inject_has_place(&editor->config, INJECT_PROCESS))
		return err_set(editor->err, EX_DATAERR, 0,
			       "process is missing, so it cannot have capabilities");
	json_gen_string(gen, cap);
	r = ensure(editor, set);
	return r == 0 ? add(editor, set, NULL, gen_text(gen)) : r;
}

static int each_cap(struct editor *editor, const struct inject_wish *wish,
		    int (*take)(struct editor *editor, enum inject_place set, const char *cap))
{
	int r = 0;

	for (enum inject_place set = INJECT_BOUNDING; set <= INJECT_AMBIENT; set++)
		for (size_t i = 0; r == 0 && i < wish->n_caps; i++)
			r = take(editor, set, wish->caps[i]);
	return r;
}

static int remove_cap(struct editor *editor, enum inject_place set, const char *cap)
{
	const struct inject_entry *entry;
	int r = 0;

	while (r == 0 && (entry = find_cap(editor, set, cap)) != NULL)
		r = remove_entry(editor, entry);
	return r;
}

/* ---- the user namespace ---- */

static struct json_gen *gen_mapping(const struct inject_wish *wish)
{
	struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	json_gen_array(gen);
	json_gen_object(gen);
	json_gen_name(gen, "containerID");
	json_gen_unsigned(gen, 0);
	json_gen_name(gen, "hostID");
	json_gen_unsigned(gen, wish->host_id);
	json_gen_name(gen, "size");
	json_gen_unsigned(gen, wish->size);
	json_gen_object_end(gen);
	json_gen_array_end(gen);
	return gen;
}

/* The place holds this one mapping, or any where none was given. */
static bool has_mapping(const struct editor *editor, enum inject_place place,
			const struct inject_wish *wish)
{
	const struct inject_entry *entry = NULL;
	size_t n = 0;

	for (size_t i = 0; i < editor->config.n_entries; i++)
		if (editor->config.entries[i].in == place) {
			entry = &editor->config.entries[i];
			n++;
		}
	if (!wish->ids_given)
		return n != 0;
	return n == 1 && entry->container_id == 0 && entry->host_id == wish->host_id &&
	       entry->size == wish->size;
}

static int set_mapping(struct editor *editor, enum inject_place place,
		       const struct inject_wish *wish)
{
	defer_with(json_gen_free) struct json_gen *gen = gen_mapping(wish);

	if (has_mapping(editor, place, wish))
		return 0;
	if (inject_has_place(&editor->config, place))
		return replace(editor, editor->config.places[place].span, gen_text(gen));
	return add(editor, INJECT_LINUX, inject_place_info(place)->name, gen_text(gen));
}

static int add_userns(struct editor *editor, const struct inject_wish *wish)
{
	const struct inject_entry *user = inject_entry(&editor->config, INJECT_NAMESPACES, "user");
	int r = 0;

	if (user != NULL && user->value != NULL && user->value[0] != '\0') {
		if (!wish->ids_given)
			return 0;
		return err_set(editor->err, EX_DATAERR, 0,
			       "linux.namespaces: the user namespace is joined by its path %s and "
			       "has the mappings it was made with; remove HOSTID:SIZE, or that "
			       "path",
			       quote(user->value).text);
	}
	if (user == NULL) {
		r = ensure(editor, INJECT_NAMESPACES);
		if (r == 0)
			r = add(editor, INJECT_NAMESPACES, NULL, "{\n  \"type\": \"user\"\n}");
	}
	if (r == 0)
		r = set_mapping(editor, INJECT_UID_MAPPINGS, wish);
	return r == 0 ? set_mapping(editor, INJECT_GID_MAPPINGS, wish) : r;
}

static int remove_userns(struct editor *editor)
{
	const struct inject_entry *user;
	int r = 0;

	while (r == 0 && (user = inject_entry(&editor->config, INJECT_NAMESPACES, "user")) != NULL)
		r = remove_entry(editor, user);
	for (enum inject_place place = INJECT_UID_MAPPINGS; r == 0 && place <= INJECT_GID_MAPPINGS;
	     place++)
		if (inject_has_place(&editor->config, place))
			r = take_out(editor, editor->config.places[place].span);
	return r == 0 ? prune(editor, INJECT_LINUX) : r;
}

/* ---- all of it ---- */

int inject_add(struct json_doc *doc, const struct inject_wish *wish, struct err *err)
{
	defer_with(editor_done) struct editor editor = { .doc = doc, .err = err };
	int r = reread(&editor);

	for (size_t i = 0; r == 0 && i < wish->n_annotations; i++)
		r = set_annotation(&editor, &wish->annotations[i]);
	if (r == 0)
		r = each_cap(&editor, wish, add_cap);
	if (r == 0 && wish->userns)
		r = add_userns(&editor, wish);
	return r == 0 ? add_hook(&editor, wish) : r;
}

static const struct inject_entry *doomed_annotation(const struct editor *editor,
						    const struct inject_wish *wish)
{
	for (size_t i = 0; i < editor->config.n_entries; i++) {
		const struct inject_entry *entry = &editor->config.entries[i];

		if (entry->in != INJECT_ANNOTATIONS)
			continue;
		if (strncmp(entry->key, REQUEST_PREFIX, strlen(REQUEST_PREFIX)) == 0)
			return entry;
		for (size_t j = 0; j < wish->n_annotations; j++)
			if (strcmp(entry->key, wish->annotations[j].key) == 0)
				return entry;
	}
	return NULL;
}

int inject_remove(struct json_doc *doc, const struct inject_wish *wish, struct err *err)
{
	defer_with(editor_done) struct editor editor = { .doc = doc, .err = err };
	const struct inject_entry *entry;
	int r = reread(&editor);

	while (r == 0 && (entry = other_hook(&editor, wish, NULL)) != NULL)
		r = remove_entry(&editor, entry);
	while (r == 0 && (entry = doomed_annotation(&editor, wish)) != NULL)
		r = remove_entry(&editor, entry);
	if (r == 0)
		r = each_cap(&editor, wish, remove_cap);
	return r == 0 && wish->userns ? remove_userns(&editor) : r;
}
