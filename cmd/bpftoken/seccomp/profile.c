/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/seccomp/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec/base/defer.h"
#include "spec/base/list.h"
#include "spec/base/text.h"
#include "spec/json.h"

#include "spec/base/poison.h"

/* A profile while it is read. */
struct reading {
	const char *text;
	size_t *lines; /* where each line of the text begins */
	size_t n_lines;
	struct seccomp_profile profile;
	bool has_default;
	uint32_t default_errno;
	bool has_default_errno;
	size_t last; /* where the element before this one ended, or its array began */
	bool was_config, in_config;
	bool at_top; /* members of a profile stand at the top */
};

/* Values say where they end, by line and column; *out is that as an offset. */
static size_t offset_of(const struct reading *reading, const struct json_value *value)
{
	return reading->lines[value->line - 1] + value->column;
}

/*
 * The first byte of an element: behind what separates it from the one before. yajl takes two bytes
 * more for blanks than JSON has.
 */
static size_t element_begin(const struct reading *reading)
{
	return reading->last + strspn(reading->text + reading->last, " \t\r\n\v\f,");
}

/* Where the members of a profile stand that is not in linux.seccomp. */
static void note_place(struct reading *reading)
{
	reading->at_top |= !reading->in_config;
}

static struct seccomp_entry *last_entry(struct reading *reading)
{
	return &reading->profile.entries[reading->profile.n_entries - 1];
}

/* ---- words ---- */

static const struct {
	const char *name;
	uint32_t action;
} actions[] = {
	{ "SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD },
	{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
	{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
	{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0) },
	{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(0) },
	{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },
	{ "SCMP_ACT_LOG", SCMP_ACT_LOG },
	{ "SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY },
};

static const struct {
	const char *name;
	enum scmp_compare op;
} operators[] = {
	{ "SCMP_CMP_NE", SCMP_CMP_NE },
	{ "SCMP_CMP_LT", SCMP_CMP_LT },
	{ "SCMP_CMP_LE", SCMP_CMP_LE },
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
	{ "SCMP_CMP_GE", SCMP_CMP_GE },
	{ "SCMP_CMP_GT", SCMP_CMP_GT },
	{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
};

static int parse_action(const struct json_value *value, uint32_t *ret_action, struct err *err)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (json_is(value, actions[i].name)) {
			*ret_action = actions[i].action;
			return 0;
		}
	return err_set(err, EX_DATAERR, 0,
		       "%s is no action; write one of libseccomp's, for example SCMP_ACT_ERRNO",
		       quote_bytes(value->text, value->len).text);
}

static int parse_number(const struct json_value *value, uint64_t max, uint64_t *ret_number,
			struct err *err)
{
	if (text_parse_u64(value->text, value->len, max, ret_number) == 0)
		return 0;
	return err_set(err, EX_DATAERR, 0, "%s is not a whole number from 0 to %llu",
		       quote_bytes(value->text, value->len).text, (unsigned long long)max);
}

/* Runtimes answer with EPERM where an action that takes a number has none. */
static uint32_t with_errno(uint32_t action, bool has_errno, uint32_t number)
{
	if (action == SCMP_ACT_ERRNO(0) || action == SCMP_ACT_TRACE(0))
		action |= has_errno ? number : EPERM;
	return action;
}

/* ---- handlers ---- */

static int on_default(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;

	note_place(reading);
	reading->has_default = true;
	reading->profile.default_end = offset_of(reading, value);
	return parse_action(value, &reading->profile.default_action, err);
}

static int on_default_errno(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	uint64_t number;
	int r = parse_number(value, UINT16_MAX, &number, err);

	if (r == 0) {
		reading->has_default_errno = true;
		reading->default_errno = (uint32_t)number;
	}
	return r;
}

/* "SCMP_ARCH_X86_64"; libseccomp knows it as x86_64. */
static int on_architecture(void *ctx, const struct json_value *value, struct err *err)
{
	static const char prefix[] = "SCMP_ARCH_";
	struct seccomp_profile *profile = &((struct reading *)ctx)->profile;
	char name[32] = "";
	uint32_t *slot, token;

	if (value->len > sizeof(prefix) - 1 && value->len - sizeof(prefix) + 1 < sizeof(name) &&
	    memcmp(value->text, prefix, sizeof(prefix) - 1) == 0)
		for (size_t i = sizeof(prefix) - 1; i < value->len; i++)
			name[i - sizeof(prefix) + 1] = text_lower(value->text[i]);
	token = seccomp_arch_resolve_name(name);
	if (token == 0) /* one that a newer libseccomp knows is not the native one */
		return 0;
	slot = list_add(&profile->architectures, &profile->n_architectures, sizeof(*slot));
	if (slot == NULL)
		return err_memory(err);
	*slot = token;
	return 0;
}

static int on_syscalls(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	size_t offset = offset_of(reading, value);

	(void)err;
	note_place(reading);
	if (value->type == JSON_END) {
		reading->profile.array.end = offset;
	} else {
		reading->profile.array.begin = offset - 1;
		reading->last = offset;
	}
	return 0;
}

static int entry_end(struct reading *reading, struct seccomp_entry *entry, struct err *err)
{
	if (!entry->has_action)
		return err_set(err, EX_DATAERR, 0, "\"action\" is missing; write one");
	entry->action = with_errno(entry->action, entry->has_errno, entry->errno_ret);
	reading->last = entry->span.end;
	return 0;
}

static int on_entry(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	struct seccomp_entry *entry;

	if (value->type == JSON_END) {
		entry = last_entry(reading);
		entry->span.end = offset_of(reading, value);
		return entry_end(reading, entry, err);
	}
	entry = list_add(&reading->profile.entries, &reading->profile.n_entries, sizeof(*entry));
	if (entry == NULL)
		return err_memory(err);
	entry->span.begin = offset_of(reading, value) - 1;
	return 0;
}

static int on_names(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	struct seccomp_entry *entry = last_entry(reading);
	size_t offset = offset_of(reading, value);

	(void)err;
	if (value->type == JSON_END) {
		entry->array.end = offset;
	} else {
		entry->array.begin = offset - 1;
		reading->last = offset;
	}
	return 0;
}

static int on_name(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	struct seccomp_entry *entry = last_entry(reading);
	struct seccomp_name *slot = list_add(&entry->names, &entry->n_names, sizeof(*slot));

	if (slot == NULL)
		return err_memory(err);
	slot->span.begin = element_begin(reading);
	slot->span.end = offset_of(reading, value);
	slot->is_bpf = json_is(value, "bpf");
	entry->n_bpf += slot->is_bpf;
	reading->last = slot->span.end;
	return 0;
}

static int on_older_name(void *ctx, const struct json_value *value, struct err *err)
{
	struct seccomp_entry *entry = last_entry(ctx);

	(void)err;
	if (value->len == 0) /* Docker's writes it beside "names" */
		return 0;
	entry->is_named = true;
	entry->n_bpf += json_is(value, "bpf");
	return 0;
}

static int on_action(void *ctx, const struct json_value *value, struct err *err)
{
	struct seccomp_entry *entry = last_entry(ctx);

	entry->has_action = true;
	return parse_action(value, &entry->action, err);
}

static int on_errno(void *ctx, const struct json_value *value, struct err *err)
{
	struct seccomp_entry *entry = last_entry(ctx);
	uint64_t number;
	int r = parse_number(value, UINT16_MAX, &number, err);

	if (r == 0) {
		entry->has_errno = true;
		entry->errno_ret = (uint32_t)number;
	}
	return r;
}

static int on_arg(void *ctx, const struct json_value *value, struct err *err)
{
	struct seccomp_entry *entry = last_entry(ctx);
	struct scmp_arg_cmp *arg;

	if (value->type == JSON_END) {
		arg = &entry->args[entry->n_args - 1];
		return arg->op != _SCMP_CMP_MIN ?
			       0 :
			       err_set(err, EX_DATAERR, 0, "\"op\" is missing; write one");
	}
	arg = list_add(&entry->args, &entry->n_args, sizeof(*arg));
	return arg != NULL ? 0 : err_memory(err);
}

enum { ARG_INDEX, ARG_VALUE, ARG_VALUE_TWO };

static int on_arg_number(void *ctx, const struct json_value *value, struct err *err)
{
	struct seccomp_entry *entry = last_entry(ctx);
	struct scmp_arg_cmp *arg = &entry->args[entry->n_args - 1];
	uint64_t number;
	int r = parse_number(value, value->arg == ARG_INDEX ? 5 : UINT64_MAX, &number, err);

	if (r < 0)
		return r;
	if (value->arg == ARG_INDEX)
		arg->arg = (unsigned)number;
	else
		*(value->arg == ARG_VALUE ? &arg->datum_a : &arg->datum_b) = number;
	return 0;
}

static int on_arg_operator(void *ctx, const struct json_value *value, struct err *err)
{
	struct seccomp_entry *entry = last_entry(ctx);

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (json_is(value, operators[i].name)) {
			entry->args[entry->n_args - 1].op = operators[i].op;
			return 0;
		}
	return err_set(err, EX_DATAERR, 0,
		       "%s is no operator; write one of libseccomp's, for example SCMP_CMP_EQ",
		       quote_bytes(value->text, value->len).text);
}

/* Only engines read these; an empty one, as Docker's profile has it, selects nothing. */
static int on_selector(void *ctx, const struct json_value *value, struct err *err)
{
	(void)value;
	(void)err;
	last_entry(ctx)->is_selective = true;
	return 0;
}

/* What is in a config.json is at the same time no profile by itself. */
enum { PLACE_CONFIG, PLACE_SECCOMP };

static int on_config(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;

	(void)err;
	if (value->arg == PLACE_SECCOMP) {
		reading->profile.is_config = true;
		reading->in_config = value->type == JSON_OBJECT;
	}
	reading->was_config = true;
	return 0;
}

/* The rules of a profile whose members have this in front of their paths. */
#define PROFILE_RULES(at)                                                                          \
	{ at "defaultAction", JSON_STRING, on_default, 0 },                                        \
		{ at "defaultErrnoRet", JSON_NUMBER, on_default_errno, 0 },                        \
		{ at "architectures[]", JSON_STRING, on_architecture, 0 },                         \
		{ at "syscalls", JSON_ARRAY, on_syscalls, 0 },                                     \
		{ at "syscalls[]", JSON_OBJECT, on_entry, 0 },                                     \
		{ at "syscalls[].names", JSON_ARRAY, on_names, 0 },                                \
		{ at "syscalls[].names[]", JSON_STRING, on_name, 0 },                              \
		{ at "syscalls[].action", JSON_STRING, on_action, 0 },                             \
		{ at "syscalls[].errnoRet", JSON_NUMBER, on_errno, 0 },                            \
		{ at "syscalls[].args[]", JSON_OBJECT, on_arg, 0 },                                \
		{ at "syscalls[].args[].index", JSON_NUMBER, on_arg_number, ARG_INDEX },           \
		{ at "syscalls[].args[].value", JSON_NUMBER, on_arg_number, ARG_VALUE },           \
		{ at "syscalls[].args[].valueTwo", JSON_NUMBER, on_arg_number, ARG_VALUE_TWO },    \
	{                                                                                          \
		at "syscalls[].args[].op", JSON_STRING, on_arg_operator, 0                         \
	}

static const struct json_rule rules[] = {
	PROFILE_RULES(""),
	PROFILE_RULES("linux.seccomp."),
	{ "linux.seccomp", JSON_OBJECT, on_config, PLACE_SECCOMP },
	{ "ociVersion", JSON_STRING, on_config, PLACE_CONFIG },
	{ "root", JSON_OBJECT, on_config, PLACE_CONFIG },
	{ "syscalls[].name", JSON_STRING, on_older_name, 0 },
	{ "syscalls[].includes.*", JSON_STRING | JSON_ARRAY, on_selector, 0 },
	{ "syscalls[].excludes.*", JSON_STRING | JSON_ARRAY, on_selector, 0 },
};

static const struct json_format format = {
	.rules = rules,
	.n_rules = sizeof(rules) / sizeof(rules[0]),
	.code = EX_DATAERR,
	.when_empty = "",
	.positions = true,
	.max_bytes = SECCOMP_PROFILE_MAX_BYTES,
	.max_members = (size_t)1024 * 1024,
	.max_depth = 32,
};

static int find_lines(struct reading *reading, size_t len, struct err *err)
{
	const char *begin = reading->text;

	while (begin != NULL) {
		size_t *slot = list_add(&reading->lines, &reading->n_lines, sizeof(*slot));

		if (slot == NULL)
			return err_memory(err);
		*slot = (size_t)(begin - reading->text);
		begin = memchr(begin, '\n', len - *slot);
		begin = begin != NULL ? begin + 1 : NULL;
	}
	return 0;
}

/* One text holds one profile: of two, neither would be the text's. */
static int check(struct reading *reading, struct err *err)
{
	struct seccomp_profile *profile = &reading->profile;

	if (reading->at_top && profile->is_config)
		return err_set(err, EX_DATAERR, 0,
			       "a profile stands at the top and another in linux.seccomp; remove "
			       "one");
	if (!reading->has_default && reading->was_config && !profile->is_config) {
		err_set(err, EX_DATAERR, 0,
			"linux.seccomp is missing, so no call is filtered; there is nothing to "
			"change");
		return -ENOENT;
	}
	if (!reading->has_default)
		return err_set(err, EX_DATAERR, 0, "%sdefaultAction is missing; a profile has one",
			       profile->is_config ? "linux.seccomp." : "");
	profile->default_action = with_errno(profile->default_action, reading->has_default_errno,
					     reading->default_errno);
	return 0;
}

static void reading_done(struct reading *reading)
{
	seccomp_profile_done(&reading->profile);
	free(reading->lines);
}

int seccomp_profile_parse(const char *text, size_t len, struct seccomp_profile *ret_profile,
			  struct err *err)
{
	defer_with(reading_done) struct reading reading = { .text = text };
	struct source_memory source = source_memory(text, len, 0);
	int r = find_lines(&reading, len, err);

	if (r == 0)
		r = json_parse(&format, &reading, &source.source, err);
	if (r == 0)
		r = check(&reading, err);
	if (r < 0)
		return r;
	*ret_profile = reading.profile;
	reading.profile = (struct seccomp_profile){ 0 };
	return 0;
}

void seccomp_profile_done(struct seccomp_profile *profile)
{
	for (size_t i = 0; i < profile->n_entries; i++) {
		free(profile->entries[i].names);
		free(profile->entries[i].args);
	}
	free(profile->entries);
	free(profile->architectures);
	*profile = (struct seccomp_profile){ 0 };
}
