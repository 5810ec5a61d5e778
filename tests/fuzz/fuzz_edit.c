/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A config.json that bpftoken inject edits.
 *
 * Promises, for a text that is accepted: an edit of its bytes adds or takes out just one value, as
 * the text without its blanks tells; the result is accepted and holds what it held before; what
 * inject adds, it does not add twice; and what it takes out it leaves no trace of.
 */

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/inject/config.h"
#include "cmd/bpftoken/inject/edit.h"

/* ---- texts without their blanks ---- */

struct minified {
	char *text;
	size_t len;
};

/* Adds bytes that begin and end outside of strings. */
static void minify(struct minified *out, const char *bytes, size_t len)
{
	bool in_string = false;

	out->text = realloc(out->text, out->len + len + 1);
	promise(out->text != NULL, "memory", "");
	for (size_t i = 0; i < len; i++) {
		if (!in_string && strchr(" \t\r\n", bytes[i]) != NULL)
			continue;
		out->text[out->len++] = bytes[i];
		if (in_string && bytes[i] == '\\')
			out->text[out->len++] = bytes[++i];
		else if (bytes[i] == '"')
			in_string = !in_string;
	}
	out->text[out->len] = '\0';
}

static void promise_same_text(const struct minified *a, const struct minified *b, const char *what)
{
	promise(a->len == b->len && memcmp(a->text, b->text, a->len) == 0, what, b->text);
}

static void promise_same_doc(const struct json_doc *a, const struct json_doc *b, const char *what)
{
	promise(a->len == b->len && memcmp(a->text, b->text, a->len) == 0, what, "");
}

/* ---- one edit ---- */

#define NAME  "\"f\\\"\""
#define VALUE "{\n  \"k\": [\n    \"a: \\\\\",\n    {}\n  ]\n}\n"
#define MIN   "{\"k\":[\"a: \\\\\",{}]}"

static bool is_empty(const struct minified *before)
{
	return strchr("{[", before->text[before->len - 1]) != NULL;
}

/* What json_edit_add is to make of a text; the value is given without blanks. */
static void expect_added(const struct json_doc *doc, struct json_span into, bool array,
			 const char *value, struct minified *want)
{
	minify(want, doc->text, into.end - 1);
	if (!is_empty(want))
		minify(want, ",", 1);
	if (!array)
		minify(want, NAME ":", strlen(NAME ":"));
	minify(want, value, strlen(value));
	minify(want, doc->text + into.end - 1, doc->len - into.end + 1);
}

static void promise_added(const struct json_doc *old, struct json_span into, bool array)
{
	struct json_doc doc = json_doc_of(old->text, old->len);
	struct minified want = { 0 }, got = { 0 };

	expect_added(old, into, array, MIN, &want);
	json_edit_add(&doc, into, array ? NULL : "f\"", VALUE);
	minify(&got, doc.text, doc.len);
	promise_same_text(&want, &got, "just the value is added");
	json_doc_done(&doc);
	free(want.text);
	free(got.text);
}

/* Adds a short value, which is then the last of its object or array, and takes it out. */
static void promise_taken_out(const struct json_doc *old, struct json_span into, bool array)
{
	struct json_doc doc = json_doc_of(old->text, old->len);
	struct minified before = { 0 }, want = { 0 }, got = { 0 };
	size_t end;

	json_edit_add(&doc, into, array ? NULL : "f\"", "\"\\\\\"");
	end = doc.len - (old->len - into.end) - 1; /* the bracket is as far from the end */
	while (strchr(" \t\r\n", doc.text[end - 1]) != NULL)
		end--;
	json_edit_remove(&doc, (struct json_span){ end - strlen("\"\\\\\""), end });
	minify(&before, old->text, into.end - 1);
	minify(&want, old->text, old->len);
	minify(&got, doc.text, doc.len);
	promise_same_text(&want, &got, "just the value is taken out");
	if (!is_empty(&before))
		promise_same_doc(old, &doc, "not a byte is left of it");
	json_doc_done(&doc);
	free(before.text);
	free(want.text);
	free(got.text);
}

/* ---- entries ---- */

static bool same_string(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_entry(const struct inject_entry *a, const struct inject_entry *b)
{
	return a->in == b->in && same_string(a->key, b->key) && same_string(a->value, b->value) &&
	       a->n_args == b->n_args && a->host_id == b->host_id && a->size == b->size;
}

/* Takes out one entry: all others are what they were. */
static void promise_removed(const struct json_doc *old, const struct inject_config *config,
			    size_t number)
{
	struct json_doc doc = json_doc_of(old->text, old->len);
	struct inject_config now;
	struct err err = { 0 };

	json_edit_remove(&doc, config->entries[number].span);
	promise(inject_config_read(&doc, &now, &err) == 0, "what is left is accepted", err.msg);
	promise(now.n_entries == config->n_entries - 1, "one entry is gone", "");
	for (size_t i = 0; i < now.n_entries; i++)
		promise(same_entry(&now.entries[i], &config->entries[i + (i >= number)]),
			"the other entries stay", "");
	inject_config_done(&now);
	json_doc_done(&doc);
}

static void promise_edits(const struct json_doc *doc, const struct inject_config *config)
{
	for (enum inject_place place = 0; place < INJECT_PLACES; place++) {
		const struct inject_found *found = &config->places[place];

		if (!inject_has_place(config, place) || found->null)
			continue;
		promise_added(doc, found->span, inject_place_info(place)->array);
		promise_taken_out(doc, found->span, inject_place_info(place)->array);
	}
	for (size_t i = 0; i < config->n_entries && i < 64; i++)
		promise_removed(doc, config, i);
}

/* ---- all of inject ---- */

static const struct inject_wish wishes[] = {
	{ .hook = "/h", .stage = INJECT_CREATE_RUNTIME },
	{ .hook = "/usr/oci-bpf-token-hook",
	  .stage = INJECT_PRESTART,
	  .userns = true,
	  .host_id = 100000,
	  .size = 65536,
	  .caps = { "CAP_BPF", "CAP_NET_ADMIN" },
	  .n_caps = 2,
	  .annotations = { { "io.bpftoken.profile", "xdp" }, { "k\"", "v\\" } },
	  .n_annotations = 2 },
	{ .hook = "/h", .stage = INJECT_PRESTART, .userns = true, .ids_given = true, .size = 1 },
};

static bool holds(const struct inject_config *config, const struct inject_entry *entry)
{
	for (size_t i = 0; i < config->n_entries; i++)
		if (same_entry(&config->entries[i], entry))
			return true;
	return false;
}

/* What inject does not speak of is there as before. */
static void promise_kept(const struct inject_config *old, const struct json_doc *doc)
{
	struct inject_config now;
	struct err err = { 0 };

	promise(inject_config_read(doc, &now, &err) == 0, "the result is accepted", err.msg);
	promise(same_string(old->oci_version, now.oci_version), "the version stays", "");
	for (size_t i = 0; i < old->n_entries; i++) {
		const struct inject_entry *entry = &old->entries[i];

		if ((entry->in >= INJECT_BOUNDING && entry->in <= INJECT_AMBIENT) ||
		    entry->in == INJECT_NAMESPACES)
			promise(holds(&now, entry), "entries stay", entry->key);
	}
	inject_config_done(&now);
}

static void promise_wish(const struct json_doc *old, const struct inject_config *config,
			 const struct inject_wish *wish)
{
	struct json_doc doc = json_doc_of(old->text, old->len), again, bare;
	struct err err = { 0 };

	if (inject_add(&doc, wish, &err) < 0) {
		promise_refusal(&err, EX_DATAERR);
		json_doc_done(&doc);
		return;
	}
	promise_kept(config, &doc);
	again = json_doc_of(doc.text, doc.len);
	promise(inject_add(&again, wish, &err) == 0, "a second time is accepted", err.msg);
	promise_same_doc(&doc, &again, "twice is once");

	promise(inject_remove(&again, wish, &err) == 0, "it is taken out", err.msg);
	bare = json_doc_of(again.text, again.len);
	promise(inject_remove(&bare, wish, &err) == 0, "nothing is taken out", err.msg);
	promise_same_doc(&again, &bare, "what is taken out is gone at once");
	promise(memmem(bare.text, bare.len, "oci-bpf-token-hook\"", 19) == NULL ||
			memmem(old->text, old->len, "oci-bpf-token-hook", 18) != NULL,
		"no trace is left", "");
	json_doc_done(&doc);
	json_doc_done(&again);
	json_doc_done(&bare);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc doc = { (char *)malloc(size + 1), size };
	struct inject_config config;
	struct err err = { 0 };

	promise(doc.text != NULL, "memory", "");
	if (size != 0)
		memcpy(doc.text, data, size);
	if (inject_config_read(&doc, &config, &err) < 0) {
		promise_refusal(&err, EX_DATAERR);
	} else {
		promise_edits(&doc, &config);
		for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
			promise_wish(&doc, &config, &wishes[i]);
		inject_config_done(&config);
	}
	json_doc_done(&doc);
	return 0;
}
