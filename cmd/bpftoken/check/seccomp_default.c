/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/check/seccomp_default.h"

#include "spec/json.h"

#include "spec/base/poison.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct reading {
	bool default_allows;
	bool some_allow, some_block; /* of the rules that count */

	/* the rule being read */
	bool names_bpf, allows, counts;
};

static bool allows(const struct json_value *action)
{
	return json_is(action, "SCMP_ACT_ALLOW") || json_is(action, "SCMP_ACT_LOG") ||
	       json_is(action, "SCMP_ACT_TRACE") || json_is(action, "SCMP_ACT_NOTIFY");
}

static int on_default(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	((struct reading *)ctx)->default_allows = allows(value);
	return 0;
}

static int on_rule(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;

	(void)err;
	if (value->type == JSON_END && reading->names_bpf && reading->counts) {
		reading->some_allow |= reading->allows;
		reading->some_block |= !reading->allows;
	}
	reading->names_bpf = reading->allows = false;
	reading->counts = true;
	return 0;
}

static int on_name(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	((struct reading *)ctx)->names_bpf |= json_is(value, "bpf");
	return 0;
}

static int on_action(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	((struct reading *)ctx)->allows = allows(value);
	return 0;
}

static int on_included(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	((struct reading *)ctx)->counts &= json_is(value, "CAP_BPF");
	return 0;
}

static int on_excluded(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	((struct reading *)ctx)->counts &= !json_is(value, "CAP_BPF");
	return 0;
}

static const struct json_rule rules[] = {
	{ "defaultAction", JSON_STRING, on_default, 0 },
	{ "syscalls[]", JSON_OBJECT, on_rule, 0 },
	{ "syscalls[].name", JSON_STRING, on_name, 0 },
	{ "syscalls[].names[]", JSON_STRING, on_name, 0 },
	{ "syscalls[].action", JSON_STRING, on_action, 0 },
	{ "syscalls[].includes.caps[]", JSON_STRING, on_included, 0 },
	{ "syscalls[].excludes.caps[]", JSON_STRING, on_excluded, 0 },
};

int seccomp_default_parse(struct source *source, bool *ret_allows, struct err *err)
{
	static const struct json_format format = {
		.rules = rules,
		.n_rules = LENGTH(rules),
		.code = EX_DATAERR,
		.when_empty = "; write a seccomp profile or remove it",
		.max_bytes = (size_t)1024 * 1024,
		.max_members = 100000,
		.max_depth = 16,
	};
	struct reading reading = { 0 };
	int r = json_parse(&format, &reading, source, err);

	if (r == 0)
		*ret_allows = reading.some_allow || (reading.default_allows && !reading.some_block);
	return r;
}
