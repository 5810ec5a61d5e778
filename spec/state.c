/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/state.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "spec/base/defer.h"
#include "spec/base/list.h"
#include "spec/base/text.h"
#include "spec/json.h"

#include "spec/base/poison.h"

static int take_string(char **ret_copy, const struct json_value *value, struct err *err)
{
	*ret_copy = json_copy(value);
	return *ret_copy != NULL ? 0 : err_memory(err);
}

static int on_id(void *ctx, const struct json_value *value, struct err *err)
{
	struct state *state = ctx;

	if (value->len == 0)
		return err_set(err, EX_DATAERR, 0, "is empty; a container has a name");
	return take_string(&state->id, value, err);
}

static int on_bundle(void *ctx, const struct json_value *value, struct err *err)
{
	struct state *state = ctx;

	if (value->len == 0 || value->text[0] != '/' || value->len >= PATH_MAX)
		return err_set(err, EX_DATAERR, 0, "%s is not an absolute path",
			       quote_bytes(value->text, value->len).text);
	return take_string(&state->bundle, value, err);
}

static int on_pid(void *ctx, const struct json_value *value, struct err *err)
{
	struct state *state = ctx;
	uint64_t pid;

	if (text_parse_u64(value->text, value->len, INT_MAX, &pid) < 0)
		return err_set(err, EX_DATAERR, 0, "%s is not a process id",
			       quote_bytes(value->text, value->len).text);
	state->pid = (pid_t)pid;
	return 0;
}

static int on_annotation(void *ctx, const struct json_value *value, struct err *err)
{
	struct state *state = ctx;
	struct annotation *slot =
		list_add(&state->annotations, &state->n_annotations, sizeof(*slot));

	if (slot == NULL)
		return err_memory(err);
	slot->key = strdup(value->name);
	slot->value = json_copy(value);
	return slot->key != NULL && slot->value != NULL ? 0 : err_memory(err);
}

static const struct json_rule rules[] = {
	{ "id", JSON_STRING, on_id, 0 },
	{ "pid", JSON_NUMBER, on_pid, 0 },
	{ "bundle", JSON_STRING, on_bundle, 0 },
	{ "annotations.*", JSON_STRING, on_annotation, 0 },
};

static const struct json_format format = {
	.rules = rules,
	.n_rules = sizeof(rules) / sizeof(rules[0]),
	.code = EX_DATAERR,
	.when_empty = "; start this program as a hook, or pipe in what \"runc state ID\" or \"crun "
		      "state ID\" prints",
	.max_bytes = STATE_MAX_BYTES,
	.max_members = 32768,
	.max_depth = 16,
};

int state_parse(struct source *source, struct state *ret_state, struct err *err)
{
	defer_with(state_done) struct state state = { 0 };
	int r = json_parse(&format, &state, source, err);

	if (r == 0 && state.id == NULL)
		r = err_set(err, EX_DATAERR, 0, "id is missing");
	if (r == 0 && state.bundle == NULL)
		r = err_set(err, EX_DATAERR, 0, "bundle is missing");
	if (r < 0) {
		err_prefix(err, "state on standard input");
		return r;
	}
	*ret_state = state;
	state = (struct state){ 0 };
	return 0;
}

void state_done(struct state *state)
{
	for (size_t i = 0; i < state->n_annotations; i++) {
		free(state->annotations[i].key);
		free(state->annotations[i].value);
	}
	free(state->annotations);
	free(state->id);
	free(state->bundle);
	*state = (struct state){ 0 };
}

const char *state_annotation(const struct state *state, const char *key)
{
	for (size_t i = 0; i < state->n_annotations; i++)
		if (strcmp(state->annotations[i].key, key) == 0)
			return state->annotations[i].value;
	return NULL;
}

const char *state_container_name(const struct state *state)
{
	const char *name = state_annotation(state, "io.kubernetes.cri.container-name");

	return name != NULL ? name : state_annotation(state, "io.kubernetes.container.name");
}

bool state_is_sandbox(const struct state *state)
{
	static const char *const keys[] = { "io.kubernetes.cri.container-type",
					    "io.kubernetes.cri-o.ContainerType" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *type = state_annotation(state, keys[i]);

		if (type != NULL && strcmp(type, "sandbox") == 0)
			return true;
	}
	return false;
}
