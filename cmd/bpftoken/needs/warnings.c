/* SPDX-License-Identifier: Apache-2.0 */
/* What a delegation cannot give, and what whoever grants it should know. */
#include "cmd/bpftoken/needs/needs.h"

#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

static void add_warning(struct needs *needs, const char *line)
{
	for (size_t i = 0; i < needs->n_warnings; i++)
		if (strcmp(needs->warnings[i].text, line) == 0)
			return;
	if (needs->n_warnings < NEEDS_WARNINGS_MAX)
		snprintf(needs->warnings[needs->n_warnings++].text, sizeof(needs->warnings[0].text),
			 "%s", line);
}

void needs_warn(struct needs *needs, const char *fmt, ...)
{
	char line[sizeof(needs->warnings[0].text)];
	struct text text;
	va_list args;

	text_init(&text, line, sizeof(line));
	va_start(args, fmt);
	text_vadd(&text, fmt, args);
	va_end(args);
	add_warning(needs, line);
}

/* Names in a warning: the first few, as the object has them. */
struct names_seen {
	char buf[160];
	struct text text;
	size_t n;
};

#define NAMES_SHOWN 3

static void begin_names(struct names_seen *names)
{
	names->n = 0;
	text_init(&names->text, names->buf, sizeof(names->buf));
}

static void add_name(struct names_seen *names, const char *name)
{
	if (names->n++ < NAMES_SHOWN)
		text_add(&names->text, "%s%.40s", names->n > 1 ? ", " : "", quote(name).text);
}

static const char *names_text(struct names_seen *names)
{
	if (names->n > NAMES_SHOWN)
		text_add(&names->text, " and %zu more", names->n - NAMES_SHOWN);
	return names->buf;
}

/* ---- what nobody can delegate ---- */

/* Programs that are attached to a perf event, which is the host's to open. */
static void warn_perf(const struct facts *facts, struct needs *needs)
{
	static const struct {
		uint32_t type;
		const char *kind, *instead;
	} rows[] = {
		{ BPF_PROG_TYPE_KPROBE, "kprobe, uprobe or usdt",
		  "kprobe.multi and uprobe.multi sections attach without" },
		{ BPF_PROG_TYPE_TRACEPOINT, "tracepoint",
		  "raw_tp and tp_btf sections attach without" },
		{ BPF_PROG_TYPE_PERF_EVENT, "perf_event", "there is no other way" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct names_seen names;

		begin_names(&names);
		for (size_t k = 0; k < facts->n_programs; k++)
			if (facts->programs[k].type == rows[i].type &&
			    facts->programs[k].attach == 0)
				add_name(&names, facts->programs[k].name);
		if (names.n > 0)
			needs_warn(needs,
				   "a token loads but never attaches programs of type %s (%s): "
				   "perf_event_open(2) asks for CAP_PERFMON on the host; %s",
				   rows[i].kind, names_text(&names), rows[i].instead);
	}
}

static void warn_perf_buffers(const struct facts *facts, struct needs *needs)
{
	struct names_seen names;

	begin_names(&names);
	for (size_t i = 0; i < facts->n_maps; i++)
		if (facts->maps[i].type == BPF_MAP_TYPE_PERF_EVENT_ARRAY)
			add_name(&names, facts->maps[i].name);
	if (names.n > 0)
		needs_warn(needs,
			   "perf event arrays (%s) are created, but cannot be filled with perf "
			   "events in the container, since perf_event_open(2) asks for CAP_PERFMON "
			   "on the host; use a ring buffer",
			   names_text(&names));
}

/* ---- other warnings ---- */

static void warn_sections(const struct facts *facts, const char *libbpf, struct needs *needs)
{
	struct names_seen unknown, optional;

	begin_names(&unknown);
	begin_names(&optional);
	for (size_t i = 0; i < facts->n_programs; i++) {
		if (facts->programs[i].type == BPF_PROG_TYPE_UNSPEC)
			add_name(&unknown, facts->programs[i].section);
		else if ((facts->programs[i].flags & FACT_OPTIONAL) != 0)
			add_name(&optional, facts->programs[i].name);
	}
	if (unknown.n > 0)
		needs_warn(needs,
			   "libbpf %s does not know sections %s and so no type of their programs; "
			   "they are left out; use a newer libbpf, or add what the loader makes of "
			   "them",
			   libbpf, names_text(&unknown));
	if (optional.n > 0)
		needs_warn(needs,
			   "programs %s are loaded only when the application asks for it; they are "
			   "counted",
			   names_text(&optional));
}

static void warn_members(const struct facts *facts, struct needs *needs)
{
	struct names_seen out_of_reach;

	if (facts->n_members == 0)
		return;
	begin_names(&out_of_reach);
	for (size_t i = 0; i < facts->n_members; i++)
		if (facts->members[i].index >= 64)
			add_name(&out_of_reach, facts->members[i].member);
	needs_warn(needs,
		   "of struct_ops programs the kernel takes the place in their struct for the "
		   "attach type; it may differ between kernels");
	if (out_of_reach.n > 0)
		needs_warn(needs, "no token serves members beyond the 64th (%s)",
			   names_text(&out_of_reach));
}

static void warn_reach(struct needs *needs)
{
	uint64_t hosts = 0, capabilities = BIT(CAP_PERFMON) | BIT(CAP_SYS_ADMIN);
	char words[200];
	struct text text;

	for (unsigned bit = 0; bit < 64; bit++)
		if ((needs->own.masks[NAMES_PROGS] & BIT(bit)) != 0 &&
		    names_prog_class(bit) == NAMES_CLASS_HOST)
			hosts |= BIT(bit);
	text_init(&text, words, sizeof(words));
	delegation_add_words(&text, NAMES_PROGS, hosts, ", ");
	if (hosts != 0)
		needs_warn(needs,
			   "program types %s reach the whole host; a rule of the policy allows "
			   "them only with \"hostReach\": true",
			   words);
	else if ((needs->capabilities & capabilities) != 0)
		needs_warn(needs,
			   "with CAP_PERFMON or CAP_SYS_ADMIN any program can read the host's "
			   "kernel memory; a rule of the policy allows that only with "
			   "\"hostReach\": true");
}

/* Bits that this build has no name for: some formats have words only. */
static void warn_unnamed(struct needs *needs)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		uint64_t unnamed = needs->own.masks[list] & ~names_known(list);

		if (unnamed != 0)
			needs_warn(needs,
				   "%s hold 0x%llx, for which this build has no name; formats that "
				   "have no numbers leave it out",
				   names_key(list), (unsigned long long)unnamed);
	}
}

static void warn_libbpf(const struct facts *facts, struct needs *needs)
{
	if ((needs->own.masks[NAMES_PROGS] & BIT(BPF_PROG_TYPE_EXT)) != 0)
		needs_warn(needs, "ext (freplace) programs need libbpf 1.6, which asks for the "
				  "target's type information by token");
	if (facts_has_section(facts, "usdt"))
		needs_warn(needs,
			   "usdt programs attach in the container only with libbpf 1.3, which "
			   "then attaches them as uprobe.multi");
}

void needs_add_warnings(const struct facts *facts, const char *libbpf, struct needs *needs)
{
	warn_sections(facts, libbpf, needs);
	warn_perf(facts, needs);
	warn_perf_buffers(facts, needs);
	warn_members(facts, needs);
	warn_libbpf(facts, needs);
	warn_reach(needs);
	warn_unnamed(needs);
}
