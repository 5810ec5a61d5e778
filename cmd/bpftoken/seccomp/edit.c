/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/seccomp/edit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/seccomp/filter.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/names.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

/* ---- the new text as it grows ---- */

struct output {
	const char *text; /* the old one */
	size_t taken;	  /* bytes of it that are copied or left out */
	char *bytes;
	size_t len, cap;
	bool failed; /* memory was short */
};

static void output_done(struct output *out)
{
	free(out->bytes);
}

static void put(struct output *out, const char *bytes, size_t len)
{
	if (out->bytes == NULL || out->cap - out->len <= len) { /* a NUL follows */
		size_t cap = 2 * (out->len + len) + 256;
		char *longer = realloc(out->bytes, cap);

		if (longer == NULL) {
			out->failed = true;
			return;
		}
		out->bytes = longer;
		out->cap = cap;
	}
	memcpy(out->bytes + out->len, bytes, len);
	out->len += len;
	out->bytes[out->len] = '\0';
}

static void copy_until(struct output *out, size_t offset)
{
	put(out, out->text + out->taken, offset - out->taken);
	out->taken = offset;
}

static void leave_out_until(struct output *out, size_t offset)
{
	out->taken = offset;
}

/* ---- taking elements out of an array ---- */

/* The spans of an array's elements and which of them go. */
struct array {
	size_t n;
	struct seccomp_span (*span)(const void *elements, size_t i);
	bool (*goes)(const void *elements, size_t i);
	const void *elements;
};

/*
 * Leaves out the elements that go, each with the separator before it; those at the front with the one
 * behind them. keep is called for each one that stays.
 */
static void thin_out(struct output *out, const struct array *array,
		     void (*keep)(struct output *out, const void *elements, size_t i))
{
	size_t i = 0;

	if (array->n == 0)
		return;
	copy_until(out, array->span(array->elements, 0).begin);
	while (i < array->n && array->goes(array->elements, i))
		i++;
	leave_out_until(out, i < array->n ? array->span(array->elements, i).begin :
					    array->span(array->elements, i - 1).end);
	for (; i < array->n; i++) {
		if (array->goes(array->elements, i)) {
			leave_out_until(out, array->span(array->elements, i).end);
			continue;
		}
		if (keep != NULL)
			keep(out, array->elements, i);
		copy_until(out, array->span(array->elements, i).end);
	}
}

static struct seccomp_span name_span(const void *names, size_t i)
{
	return ((const struct seccomp_name *)names)[i].span;
}

static bool name_goes(const void *names, size_t i)
{
	return ((const struct seccomp_name *)names)[i].is_bpf;
}

static struct seccomp_span entry_span(const void *entries, size_t i)
{
	return ((const struct seccomp_entry *)entries)[i].span;
}

/* A rule that names nothing but bpf. */
static bool entry_goes(const void *entries, size_t i)
{
	const struct seccomp_entry *entry = &((const struct seccomp_entry *)entries)[i];

	return entry->n_bpf != 0 && entry->n_bpf == entry->n_names + entry->is_named;
}

static void entry_stays(struct output *out, const void *entries, size_t i)
{
	const struct seccomp_entry *entry = &((const struct seccomp_entry *)entries)[i];
	const struct array names = { entry->n_names, name_span, name_goes, entry->names };

	if (entry->n_bpf != 0)
		thin_out(out, &names, NULL);
}

/* ---- the rules for bpf ---- */

/* One rule to be added: bpf with this command, or with any above it. */
struct addition {
	uint32_t action;
	enum scmp_compare op;
	unsigned cmd;
};

static size_t list_additions(const struct seccomp_profile *profile, uint64_t allowed,
			     struct addition *additions)
{
	const unsigned last = 63 - (unsigned)__builtin_clzll(allowed | names_known(NAMES_CMDS));
	size_t n = 0;

	for (unsigned cmd = 0; cmd <= last; cmd++) {
		const uint32_t action =
			(allowed & BIT(cmd)) != 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM);

		if (action != profile->default_action)
			additions[n++] = (struct addition){ action, SCMP_CMP_EQ, cmd };
	}
	/* the kernel looks at 32 bits of the command and filters at 64: this takes what is left */
	if (SCMP_ACT_ERRNO(EPERM) != profile->default_action)
		additions[n++] = (struct addition){ SCMP_ACT_ERRNO(EPERM), SCMP_CMP_GT, last };
	return n;
}

static void put_addition(struct output *out, const struct addition *addition)
{
	char line[256];
	struct text text;

	text_init(&text, line, sizeof(line));
	text_add(&text, "{ \"names\": [\"bpf\"], \"action\": \"%s\", ",
		 addition->action == SCMP_ACT_ALLOW ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO");
	if (addition->action != SCMP_ACT_ALLOW)
		text_add(&text, "\"errnoRet\": %u, ", EPERM);
	text_add(&text, "\"args\": [{ \"index\": 0, \"value\": %u, \"op\": \"SCMP_CMP_%s\" }] }",
		 addition->cmd, addition->op == SCMP_CMP_EQ ? "EQ" : "GT");
	put(out, line, text.len);
}

/* The line end and blanks in front of the last element, so that new ones look like it. */
static struct seccomp_span find_indent(const char *text, const struct seccomp_profile *profile)
{
	struct seccomp_span indent = { 0, 0 };

	if (profile->n_entries == 0)
		return indent;
	indent.end = profile->entries[profile->n_entries - 1].span.begin;
	for (indent.begin = indent.end; strchr(" \t\r\n", text[indent.begin - 1]) != NULL;)
		indent.begin--;
	return indent;
}

static void put_additions(struct output *out, const struct seccomp_profile *profile,
			  const struct addition *additions, size_t n, bool follows)
{
	const struct seccomp_span indent = find_indent(out->text, profile);

	for (size_t i = 0; i < n; i++) {
		if (follows)
			put(out, ",", 1);
		put(out, out->text + indent.begin,
		    follows || i != 0 ? indent.end - indent.begin : 0);
		put_addition(out, &additions[i]);
		follows = true;
	}
}

static bool any_stays(const struct seccomp_profile *profile)
{
	for (size_t i = 0; i < profile->n_entries; i++)
		if (!entry_goes(profile->entries, i))
			return true;
	return false;
}

static void rewrite(struct output *out, size_t len, const struct seccomp_profile *profile,
		    uint64_t allowed)
{
	const struct array entries = { profile->n_entries, entry_span, entry_goes,
				       profile->entries };
	struct addition additions[65];
	const size_t n = list_additions(profile, allowed, additions);

	if (profile->array.end == 0) { /* a profile may do without rules */
		copy_until(out, profile->default_end);
		put(out, ", \"syscalls\": [", strlen(", \"syscalls\": ["));
		put_additions(out, profile, additions, n, false);
		put(out, "]", 1);
	} else {
		copy_until(out, profile->array.begin + 1);
		thin_out(out, &entries, entry_stays);
		put_additions(out, profile, additions, n, any_stays(profile));
	}
	copy_until(out, len);
}

/* ---- what came of it ---- */

static int judge(const struct output *out, uint64_t allowed, struct err *err)
{
	defer_with(seccomp_profile_done) struct seccomp_profile profile = { 0 };
	defer_with(seccomp_filter_done) struct seccomp_filter filter = { 0 };
	int r = seccomp_profile_parse(out->bytes, out->len, &profile, err);

	if (r == 0)
		r = seccomp_filter_build(&profile, &filter, err);
	for (unsigned cmd = 0; r == 0 && cmd < 128; cmd++) {
		const struct seccomp_verdict verdict = seccomp_filter_judge(&filter, &profile, cmd);
		const bool wanted = cmd < 64 && (allowed & BIT(cmd)) != 0;

		if (verdict.depends ||
		    verdict.action != (wanted ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM)))
			r = err_set(err, EX_DATAERR, 0,
				    "with the rules for bpf(2) in it, it does not do what they say "
				    "for command %u; this profile cannot be changed by adding "
				    "rules",
				    cmd);
	}
	return r;
}

int seccomp_edit(const char *text, size_t len, const struct seccomp_profile *profile,
		 uint64_t allowed, char **ret_text, size_t *ret_len, struct err *err)
{
	defer_with(output_done) struct output out = { .text = text };
	int r;

	rewrite(&out, len, profile, allowed);
	if (out.failed)
		return err_memory(err);
	r = judge(&out, allowed, err);
	if (r < 0)
		return r;
	*ret_text = out.bytes;
	*ret_len = out.len;
	out.bytes = NULL;
	return 0;
}
