/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/check/hook_file.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/check/program.h"
#include "hook/request.h"
#include "spec/base/list.h"
#include "spec/base/text.h"
#include "spec/json.h"

#include "spec/base/poison.h"

#define SUBJECT	      "hooks.d"
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ---- reading ---- */

static int on_text(void *ctx, const struct json_value *value, struct err *err)
{
	struct hook_file *file = ctx;
	char **to = value->arg == 0 ? &file->version : &file->path;

	*to = json_copy(value);
	return *to == NULL ? err_memory(err) : 0;
}

static int on_env(void *ctx, const struct json_value *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct hook_file *)ctx)->has_env = true;
	return 0;
}

static int on_timeout(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	((struct hook_file *)ctx)->no_time = value->len == 1 && value->text[0] == '0';
	return 0;
}

static int on_always(void *ctx, const struct json_value *value, struct err *err)
{
	struct hook_file *file = ctx;

	(void)err;
	file->has_always = true;
	file->always = value->boolean;
	return 0;
}

static int on_narrower(void *ctx, const struct json_value *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct hook_file *)ctx)->narrowed = true;
	return 0;
}

static int on_pattern(void *ctx, const struct json_value *value, struct err *err)
{
	struct hook_file *file = ctx;
	struct hook_pattern *pattern =
		list_add(&file->patterns, &file->n_patterns, sizeof(*pattern));

	if (pattern == NULL)
		return err_memory(err);
	pattern->key = strdup(value->name);
	pattern->value = json_copy(value);
	return pattern->key == NULL || pattern->value == NULL ? err_memory(err) : 0;
}

static int on_stage(void *ctx, const struct json_value *value, struct err *err)
{
	struct hook_file *file = ctx;

	(void)err;
	if (json_is(value, "createRuntime"))
		file->stages |= HOOK_STAGE_CREATE_RUNTIME;
	else if (json_is(value, "prestart"))
		file->stages |= HOOK_STAGE_PRESTART;
	else
		file->stages |= HOOK_STAGE_OTHER;
	return 0;
}

static const struct json_rule rules[] = {
	{ "version", JSON_STRING, on_text, 0 },
	{ "hook.path", JSON_STRING, on_text, 1 },
	{ "hook.env[]", JSON_STRING, on_env, 0 },
	{ "hook.timeout", JSON_NUMBER, on_timeout, 0 },
	{ "when.always", JSON_BOOL, on_always, 0 },
	{ "when.annotations.*", JSON_STRING, on_pattern, 0 },
	{ "when.commands[]", JSON_STRING, on_narrower, 0 },
	{ "when.hasBindMounts", JSON_BOOL, on_narrower, 0 },
	{ "stages[]", JSON_STRING, on_stage, 0 },
};

int hook_file_parse(struct source *source, struct hook_file *file, struct err *err)
{
	static const struct json_format format = {
		.rules = rules,
		.n_rules = LENGTH(rules),
		.code = EX_DATAERR,
		.when_empty = "; write a hook file or remove it",
		.max_bytes = (size_t)1024 * 1024,
		.max_members = 10000,
		.max_depth = 16,
	};

	*file = (struct hook_file){ 0 };
	return json_parse(&format, file, source, err);
}

void hook_file_done(struct hook_file *file)
{
	for (size_t i = 0; i < file->n_patterns; i++) {
		free(file->patterns[i].key);
		free(file->patterns[i].value);
	}
	free(file->patterns);
	free(file->version);
	free(file->path);
	*file = (struct hook_file){ 0 };
}

bool hook_file_is_ours(const struct hook_file *file)
{
	bool ours = file->path != NULL && program_is_hook(file->path);

	for (size_t i = 0; i < file->n_patterns && !ours; i++)
		ours = strstr(file->patterns[i].key, "bpftoken") != NULL;
	return ours;
}

/* ---- patterns ---- */

enum match { MATCH_NO, MATCH_YES, MATCH_UNKNOWN, MATCH_BROKEN };

/*
 * Go's expressions by the C library's: what both read alike is judged, escapes and groups that only
 * RE2 has are not.
 */
static enum match match(const char *pattern, const char *value)
{
	regex_t regex;
	int r;

	for (const char *p = pattern; *p != '\0'; p++) {
		if (p[0] == '(' && p[1] == '?')
			return MATCH_UNKNOWN;
		if (p[0] == '\\' && ((p[1] >= '0' && p[1] <= '9') ||
				     (text_lower(p[1]) >= 'a' && text_lower(p[1]) <= 'z')))
			return MATCH_UNKNOWN;
		if (p[0] == '\\' && p[1] != '\0')
			p++;
	}
	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return MATCH_BROKEN;
	r = regexec(&regex, value, 0, NULL, 0);
	regfree(&regex);
	return r == 0 ? MATCH_YES : MATCH_NO;
}

/* Whether this annotation alone is matched by all pairs. */
static enum match match_all(const struct hook_file *file, const char *key, const char *value)
{
	enum match worst = MATCH_YES;

	for (size_t i = 0; i < file->n_patterns; i++) {
		enum match by_key = match(file->patterns[i].key, key);
		enum match by_value = match(file->patterns[i].value, value);

		if (by_key == MATCH_BROKEN || by_value == MATCH_BROKEN)
			return MATCH_BROKEN;
		if (by_key == MATCH_UNKNOWN || by_value == MATCH_UNKNOWN)
			worst = MATCH_UNKNOWN;
		else if (by_key == MATCH_NO || by_value == MATCH_NO)
			return MATCH_NO;
	}
	return worst;
}

/* A request's value as it may stand in an annotation. */
static const char *const values[] = { "xdp", "any", "map_create,prog_load", "0x20", "xdp tc\n" };

/* Keys of others that a container may well have. */
static const char *const strangers[] = { "org.opencontainers.image.title", "run.oci.handler",
					 "io.kubernetes.cri.sandbox-namespace" };

/* The answer for all values of one key: the worst of them. */
static enum match match_key(const struct hook_file *file, const char *key)
{
	enum match worst = MATCH_YES;

	for (size_t i = 0; i < LENGTH(values); i++) {
		enum match one = match_all(file, key, values[i]);

		if (one == MATCH_BROKEN || one == MATCH_NO)
			return one;
		if (one == MATCH_UNKNOWN)
			worst = one;
	}
	return worst;
}

/* Adds the keys by which a container asks and which do not match. Yields the gravest answer. */
static enum match add_missed(const struct hook_file *file, struct text *text)
{
	enum match worst = MATCH_YES;

	/* the other keys never come without one of these */
	for (enum request_key key = REQUEST_PROFILE; key <= REQUEST_ATTACHS; key++)
		for (int named = 0; named < 2; named++) {
			char name[64];
			struct text word;
			enum match one;

			text_init(&word, name, sizeof(name));
			text_add(&word, REQUEST_PREFIX "%s%s", request_key_name(key),
				 named ? "/CONTAINER" : "");
			one = match_key(file, name);
			if (one == MATCH_BROKEN || one == MATCH_UNKNOWN)
				return one;
			if (one == MATCH_YES)
				continue;
			worst = MATCH_NO;
			text_add(text, "%s%s", text->len > 0 ? ", " : "", name);
		}
	return worst;
}

static void judge_patterns(struct check *check, const char *name, const struct hook_file *file)
{
	static const char fix[] = "use {\"^io\\\\.bpftoken\\\\..+$\": \"^\"}";
	char missed[700];
	struct text text;

	text_init(&text, missed, sizeof(missed));
	switch (add_missed(file, &text)) {
	case MATCH_BROKEN:
		check_add(check, CHECK_FAILURE, SUBJECT,
			  "%s: a pattern in when.annotations is no regular expression", name);
		check_fix(check, "%s", fix);
		return;
	case MATCH_UNKNOWN:
		check_add(check, CHECK_WARNING, SUBJECT,
			  "%s: when.annotations cannot be judged here (RE2 alone has this syntax)",
			  name);
		check_fix(check, "%s", fix);
		return;
	case MATCH_NO:
		check_add(check, CHECK_WARNING, SUBJECT,
			  "%s: when.annotations%s matches no container that asks by %s%s", name,
			  file->n_patterns > 1 ? " (all of its patterns must match)" : "", missed,
			  text.cut ? "" : " alone");
		check_fix(check, "%s", fix);
		return;
	case MATCH_YES:
		break;
	}
	for (size_t i = 0; i < LENGTH(strangers); i++)
		if (match_key(file, strangers[i]) == MATCH_YES) {
			check_add(check, CHECK_WARNING, SUBJECT,
				  "%s: when.annotations matches keys of others, too (%s), so the "
				  "hook runs for containers that ask for nothing",
				  name, strangers[i]);
			check_fix(check, "%s", fix);
			return;
		}
}

/* ---- the rest ---- */

static void judge_when(struct check *check, const char *name, const struct hook_file *file)
{
	static const char fix[] = "use \"when\": {\"annotations\": {\"^io\\\\.bpftoken\\\\..+$\": "
				  "\"^\"}}";

	if (file->has_always && !file->always) {
		check_add(check, CHECK_FAILURE, SUBJECT,
			  "%s: when.always is false, so it never runs", name);
		check_fix(check, "%s", fix);
	} else if (!file->has_always && file->n_patterns == 0 && !file->narrowed) {
		check_add(check, CHECK_FAILURE, SUBJECT, "%s: when is empty, so it never runs",
			  name);
		check_fix(check, "%s", fix);
	} else if (file->narrowed) {
		check_add(check, CHECK_WARNING, SUBJECT,
			  "%s: when.commands or when.hasBindMounts must hold as well, so some who "
			  "ask get nothing",
			  name);
		check_fix(check, "%s", fix);
	} else if (file->n_patterns == 0) {
		check_add(check, CHECK_WARNING, SUBJECT,
			  "%s: it runs for every container; those that ask for nothing pay for it",
			  name);
		check_fix(check, "%s", fix);
	}
	if (file->n_patterns > 0)
		judge_patterns(check, name, file);
}

static void judge_stages(struct check *check, const char *name, const struct hook_file *file)
{
	if ((file->stages & (HOOK_STAGE_CREATE_RUNTIME | HOOK_STAGE_PRESTART)) == 0) {
		check_add(check, CHECK_FAILURE, SUBJECT,
			  "%s: none of its stages is createRuntime or prestart", name);
		check_fix(check, "use \"stages\": [\"createRuntime\"]");
	} else if ((file->stages & HOOK_STAGE_OTHER) != 0) {
		check_add(check, CHECK_FAILURE, SUBJECT,
			  "%s: in its other stages the hook refuses to work and the container "
			  "fails",
			  name);
		check_fix(check, "use \"stages\": [\"createRuntime\"] alone");
	}
}

size_t hook_file_judge(struct check *check, const char *name, const struct hook_file *file)
{
	size_t before = check->n_lines;

	if (file->version == NULL || strcmp(file->version, "1.0.0") != 0) {
		check_add(check, CHECK_FAILURE, SUBJECT, "%s: its version is not 1.0.0", name);
		check_fix(check, "use \"version\": \"1.0.0\"");
	}
	judge_stages(check, name, file);
	judge_when(check, name, file);
	if (!file->has_env) {
		check_add(check, CHECK_WARNING, SUBJECT,
			  "%s: without hook.env the hook starts with the engine's environment",
			  name);
		check_fix(check, "use \"env\": [\"LC_ALL=C\"] (an empty list is as good as none)");
	}
	if (file->no_time) {
		check_add(check, CHECK_FAILURE, SUBJECT, "%s: runtimes refuse a timeout of 0",
			  name);
		check_fix(check, "use \"timeout\": 30");
	}
	return check->n_lines - before;
}
