/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/json_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

static void cut_path(struct json_step *steps, const char *path)
{
	size_t n = 0;

	while (*path != '\0') {
		size_t len = strcspn(path, ".[");

		if (n == JSON_STEPS_MAX)
			abort();
		if (len == 0 && *path == '[') {
			steps[n++] = (struct json_step){ .kind = JSON_STEP_ELEMENT };
			path += 2;
		} else {
			bool any = len == 1 && *path == '*';
			uint8_t kind = any ? JSON_STEP_ANY_MEMBER : JSON_STEP_MEMBER;

			steps[n++] = (struct json_step){ path, (uint16_t)len, kind };
			path += len;
		}
		path += *path == '.';
	}
	steps[n] = (struct json_step){ .kind = JSON_STEP_END };
}

int json_paths_init(struct json_paths *paths, const struct json_format *format)
{
	if (format->n_rules > JSON_RULES_MAX)
		abort();
	paths->format = format;
	paths->any = 0;
	paths->steps = calloc(format->n_rules, sizeof(*paths->steps));
	if (paths->steps == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < format->n_rules; i++) {
		cut_path(paths->steps[i], format->rules[i].path);
		if (strchr(format->rules[i].path, '*') != NULL)
			paths->any |= UINT64_C(1) << i;
	}
	return 0;
}

void json_paths_done(struct json_paths *paths)
{
	free(paths->steps);
	paths->steps = NULL;
}

/* Visits the rules of a set: i is the next rule's number, and that bit leaves the set. */
static bool next_rule(uint64_t *set, unsigned *i)
{
	if (*set == 0)
		return false;
	*i = (unsigned)__builtin_ctzll(*set);
	*set &= *set - 1;
	return true;
}

uint64_t json_paths_member(const struct json_paths *paths, uint64_t set, unsigned depth,
			   const char *name, size_t len, bool *ret_any)
{
	uint64_t out = 0;
	unsigned i;

	*ret_any = false;
	while (next_rule(&set, &i)) {
		const struct json_step *step = &paths->steps[i][depth];

		if (step->kind == JSON_STEP_ANY_MEMBER) {
			*ret_any = true;
			out |= UINT64_C(1) << i;
		} else if (step->kind == JSON_STEP_MEMBER && step->len == len &&
			   memcmp(step->name, name, len) == 0) {
			out |= UINT64_C(1) << i;
		}
	}
	return out;
}

/* One letter of name as Go folds it; *i moves behind it. */
static char fold(const char *name, size_t len, size_t *i)
{
	if (len - *i >= 2 && memcmp(name + *i, "\xc5\xbf", 2) == 0) {
		*i += 2;
		return 's';
	}
	if (len - *i >= 3 && memcmp(name + *i, "\xe2\x84\xaa", 3) == 0) {
		*i += 3;
		return 'k';
	}
	return text_lower(name[(*i)++]);
}

static bool folds_to(const char *name, size_t len, const struct json_step *step)
{
	size_t i = 0, j = 0;

	while (i < len && j < step->len)
		if (fold(name, len, &i) != text_lower(step->name[j++]))
			return false;
	return i == len && j == step->len;
}

const struct json_step *json_paths_lookalike(const struct json_paths *paths, uint64_t set,
					     unsigned depth, const char *name, size_t len)
{
	unsigned i;

	while (next_rule(&set, &i)) {
		const struct json_step *step = &paths->steps[i][depth];

		if (step->kind == JSON_STEP_MEMBER && folds_to(name, len, step))
			return step;
	}
	return NULL;
}

uint64_t json_paths_element(const struct json_paths *paths, uint64_t set, unsigned depth)
{
	uint64_t out = 0;
	unsigned i;

	while (next_rule(&set, &i))
		if (paths->steps[i][depth].kind == JSON_STEP_ELEMENT)
			out |= UINT64_C(1) << i;
	return out;
}

const struct json_rule *json_paths_end(const struct json_paths *paths, uint64_t set, unsigned depth)
{
	unsigned i;

	while (next_rule(&set, &i))
		if (paths->steps[i][depth].kind == JSON_STEP_END)
			return &paths->format->rules[i];
	return NULL;
}

bool json_paths_has_any(const struct json_paths *paths, const struct json_rule *rule)
{
	return (paths->any >> (rule - paths->format->rules) & 1) != 0;
}

unsigned json_paths_types(const struct json_paths *paths, uint64_t set, unsigned depth)
{
	unsigned types = 0, i;

	while (next_rule(&set, &i)) {
		switch (paths->steps[i][depth].kind) {
		case JSON_STEP_END:
			types |= paths->format->rules[i].types;
			break;
		case JSON_STEP_ELEMENT:
			types |= JSON_ARRAY;
			break;
		default:
			types |= JSON_OBJECT;
		}
	}
	return types;
}
