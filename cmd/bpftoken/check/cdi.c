/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/check/check.h"
#include "cmd/bpftoken/check/program.h"
#include "hook/input.h"
#include "hook/request.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/json.h"

#include "spec/base/poison.h"

#define SUBJECT	      "cdi"
#define ARG_MAX_LEN   4096
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The hook of a CDI file that is being read, and where what is found goes. */
struct reading {
	struct check *check;
	const char *file;
	char *path, *stage;
	char args[64][ARG_MAX_LEN];
	size_t n_args;
	bool has_env;
	size_t n_ours;
};

/* ---- one hook ---- */

/* "--cmds=map_create": true when arg is that option, with *ret_value behind the '='. */
static bool is_option(const char *arg, const char *name, const char **ret_value)
{
	size_t len = strlen(name);

	if (strncmp(arg, "--", 2) != 0 || strncmp(arg + 2, name, len) != 0 || arg[2 + len] != '=')
		return false;
	*ret_value = arg + 2 + len + 1;
	return true;
}

static void judge_list(struct reading *reading, enum names_list list, const char *value)
{
	struct err err = { 0 };
	uint64_t mask;

	if (delegation_parse(list, value, DELEGATION_ALL_BITS, EX_USAGE, &mask, &err) == 0)
		return;
	err_prefix(&err, "%s: --%s", reading->file, names_key(list));
	err.code = EX_DATAERR;
	check_add_err(reading->check, CHECK_FAILURE, SUBJECT, &err,
		      "bpftoken names prints every name");
}

static void judge_arguments(struct reading *reading)
{
	bool asks = false;
	const char *value;

	for (size_t i = 1; i < reading->n_args; i++) {
		asks |= is_option(reading->args[i], "profile", &value);
		for (enum names_list list = 0; list < NAMES_LISTS; list++)
			if (is_option(reading->args[i], names_key(list), &value)) {
				asks = true;
				judge_list(reading, list, value);
			}
	}
	if (asks)
		return;
	check_add(reading->check, CHECK_WARNING, SUBJECT,
		  "%s: its hook asks for nothing by itself, so annotations decide", reading->file);
	check_fix(reading->check, "add --profile=... or --cmds=... to args (args[0] is the "
				  "program's name)");
}

static void judge_hook(struct reading *reading)
{
	struct check *check = reading->check;

	reading->n_ours++;
	program_check_hook(check, SUBJECT, reading->file, reading->path);
	if (reading->stage == NULL || (strcmp(reading->stage, "createRuntime") != 0 &&
				       strcmp(reading->stage, "prestart") != 0)) {
		check_add(check, CHECK_FAILURE, SUBJECT,
			  "%s: its hookName is not createRuntime or prestart", reading->file);
		check_fix(check, "use \"hookName\": \"createRuntime\"");
	}
	if (!reading->has_env) {
		check_add(check, CHECK_WARNING, SUBJECT,
			  "%s: without env the hook starts with the engine's environment",
			  reading->file);
		check_fix(check, "use \"env\": [\"LC_ALL=C\"]");
	}
	judge_arguments(reading);
}

/* ---- reading ---- */

static int on_hook(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;

	(void)err;
	if (value->type == JSON_END && reading->path != NULL && program_is_hook(reading->path))
		judge_hook(reading);
	free(reading->path);
	free(reading->stage);
	reading->path = reading->stage = NULL;
	reading->n_args = 0;
	reading->has_env = false;
	return 0;
}

static int on_text(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	char **to = value->arg == 0 ? &reading->path : &reading->stage;

	free(*to);
	*to = json_copy(value);
	return *to == NULL ? err_memory(err) : 0;
}

static int on_arg(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	struct text text;

	(void)err;
	if (reading->n_args == LENGTH(reading->args))
		return 0;
	text_init(&text, reading->args[reading->n_args++], ARG_MAX_LEN);
	text_add(&text, "%.*s", (int)value->len, value->text);
	return 0;
}

static int on_env(void *ctx, const struct json_value *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct reading *)ctx)->has_env = true;
	return 0;
}

#define HOOK_RULES(prefix)                                                                         \
	{ prefix "[]", JSON_OBJECT, on_hook, 0 }, { prefix "[].path", JSON_STRING, on_text, 0 },   \
		{ prefix "[].hookName", JSON_STRING, on_text, 1 },                                 \
		{ prefix "[].args[]", JSON_STRING, on_arg, 0 },                                    \
	{                                                                                          \
		prefix "[].env[]", JSON_STRING, on_env, 0                                          \
	}

static const struct json_rule rules[] = {
	HOOK_RULES("containerEdits.hooks"),
	HOOK_RULES("devices[].containerEdits.hooks"),
};

static int parse(struct check *check, const char *path, struct reading *reading, struct err *err)
{
	static const struct json_format format = {
		.rules = rules,
		.n_rules = LENGTH(rules),
		.code = EX_DATAERR,
		.when_empty = "; write a CDI file or remove it",
		.max_bytes = (size_t)1024 * 1024,
		.max_members = 100000,
		.max_depth = 32,
	};
	defer_close int fd = -1;
	struct input input;
	int r = check_open(check, path, &fd);

	if (r < 0)
		return err_set(err, EX_DATAERR, -r, "it cannot be read");
	input = input_file(fd);
	return json_parse(&format, reading, &input.source, err);
}

static void see_json(struct check *check, const char *dir, const char *name, void *ctx)
{
	defer_free struct reading *reading = calloc(1, sizeof(*reading));
	struct err err = { 0 };
	size_t before = check->n_lines, *n_ours = ctx;
	char path[600];
	struct text text;

	text_init(&text, path, sizeof(path));
	text_add(&text, "%s/%s", dir, name);
	if (reading == NULL) {
		err_memory(&err);
		check_add_err(check, CHECK_FAILURE, SUBJECT, &err, "correct or remove it");
		return;
	}
	reading->check = check;
	reading->file = path;
	if (parse(check, path, reading, &err) < 0) {
		err_prefix(&err, "%s", path);
		++*n_ours; /* it may be */
		check_add_err(check, CHECK_FAILURE, SUBJECT, &err, "correct or remove it");
	} else if (reading->n_ours > 0 && check->n_lines == before) {
		check_add(check, CHECK_OK, SUBJECT, "%s", path);
	}
	*n_ours += reading->n_ours;
	free(reading->path);
	free(reading->stage);
}

/* Nothing here reads YAML, so that a file is there and means us is all that can be said. */
static void see_yaml(struct check *check, const char *dir, const char *name, void *ctx)
{
	defer_free char *content = NULL;
	size_t *n_ours = ctx;
	char path[600];
	struct text text;

	text_init(&text, path, sizeof(path));
	text_add(&text, "%s/%s", dir, name);
	if (check_read(check, path, &content) < 0 || strstr(content, "oci-bpf-token-hook") == NULL)
		return;
	++*n_ours;
	check_add(check, CHECK_WARNING, SUBJECT,
		  "%s names the hook, but is YAML, which is not judged", path);
	check_fix(check, "write it as JSON to have it checked");
}

void check_cdi(struct check *check)
{
	static const char *const directories[] = { "/etc/cdi", "/var/run/cdi" };
	size_t n_ours = 0;

	for (size_t i = 0; i < LENGTH(directories); i++) {
		check_each_file(check, directories[i], ".json", see_json, &n_ours);
		check_each_file(check, directories[i], ".yaml", see_yaml, &n_ours);
		check_each_file(check, directories[i], ".yml", see_yaml, &n_ours);
	}
	if (n_ours == 0)
		check_add(check, CHECK_OK, SUBJECT, "no CDI file names the hook");
}
