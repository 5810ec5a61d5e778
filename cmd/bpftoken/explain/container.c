/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/explain/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec/base/defer.h"
#include "spec/base/list.h"
#include "spec/base/text.h"
#include "spec/config.h"
#include "spec/json.h"

#include "spec/base/poison.h"

/* Types as config.json has them. */
static const char *const types[CONTAINER_NAMESPACES] = {
	[CONTAINER_USER] = "user",
	[CONTAINER_MOUNT] = "mount",
	[CONTAINER_NETWORK] = "network",
	[CONTAINER_CGROUP] = "cgroup",
};

struct reading {
	struct container *container;
	enum container_namespace namespace; /* CONTAINER_NAMESPACES: of a type without meaning here */
	char *path;
	bool own_hook;	 /* the hook being read is this project's */
	size_t n_before; /* arguments that earlier hooks had */
};

static int on_annotation(void *ctx, const struct json_value *value, struct err *err)
{
	struct container *container = ((struct reading *)ctx)->container;
	struct annotation *slot =
		list_add(&container->annotations, &container->n_annotations, sizeof(*slot));

	if (slot == NULL)
		return err_memory(err);
	slot->key = strdup(value->name);
	slot->value = json_copy(value);
	return slot->key != NULL && slot->value != NULL ? 0 : err_memory(err);
}

static int on_namespace(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	struct container *container = reading->container;

	(void)err;
	if (value->type == JSON_END && reading->namespace < CONTAINER_NAMESPACES) {
		free(container->path[reading->namespace]);
		container->path[reading->namespace] = reading->path;
		container->share[reading->namespace] =
			reading->path != NULL ? CONTAINER_JOINED : CONTAINER_OWN;
	} else {
		free(reading->path);
	}
	reading->path = NULL;
	reading->namespace = CONTAINER_NAMESPACES;
	return 0;
}

static int on_type(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;

	(void)err;
	for (reading->namespace = 0; reading->namespace < CONTAINER_NAMESPACES;
	     reading->namespace ++)
		if (json_is(value, types[reading->namespace]))
			break;
	return 0;
}

static int on_path(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;

	if (value->len == 0)
		return 0;
	free(reading->path);
	reading->path = json_copy(value);
	return reading->path != NULL ? 0 : err_memory(err);
}

enum { MAP_UIDS, MAP_GIDS };
enum { MAP_INSIDE = 0, MAP_OUTSIDE = 2, MAP_COUNT = 4 }; /* ORed to the former */

static struct idmap *map_of(struct reading *reading, int arg)
{
	return (arg & 1) == MAP_UIDS ? &reading->container->uids : &reading->container->gids;
}

static int on_map(void *ctx, const struct json_value *value, struct err *err)
{
	struct idmap *map = map_of(ctx, value->arg);

	if (value->type == JSON_END)
		return 0;
	if (map->n_extents == IDMAP_EXTENTS_MAX)
		return err_set(err, EX_DATAERR, 0, "has more than %d lines, the kernel's limit",
			       IDMAP_EXTENTS_MAX);
	return list_add(&map->extents, &map->n_extents, sizeof(*map->extents)) != NULL ?
		       0 :
		       err_memory(err);
}

static int on_map_number(void *ctx, const struct json_value *value, struct err *err)
{
	struct idmap *map = map_of(ctx, value->arg);
	struct idmap_extent *extent = &map->extents[map->n_extents - 1];
	uint64_t number;

	if (text_parse_u64(value->text, value->len, UINT32_MAX, &number) < 0)
		return err_set(err, EX_DATAERR, 0, "%s is not a user or group id",
			       quote_bytes(value->text, value->len).text);
	if ((value->arg & MAP_COUNT) != 0)
		extent->count = (uint32_t)number;
	else if ((value->arg & MAP_OUTSIDE) != 0)
		extent->outside = (uint32_t)number;
	else
		extent->inside = (uint32_t)number;
	return 0;
}

/*
 * Its path may stand behind its arguments: of a hook that turns out to be another's, they go. Of two
 * of this project's, the first counts; the second finds what that one has mounted.
 */
static int on_hook(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	struct container *container = reading->container;

	(void)err;
	if (value->type == JSON_END) {
		const bool counts = reading->own_hook && reading->n_before == 0;

		while (!counts && container->n_arguments > reading->n_before)
			free(container->arguments[--container->n_arguments]);
		return 0;
	}
	reading->own_hook = false;
	reading->n_before = container->n_arguments;
	return 0;
}

static int on_hook_path(void *ctx, const struct json_value *value, struct err *err)
{
	static const char name[] = "/oci-bpf-token-hook";
	const size_t len = sizeof(name) - 1;

	(void)err;
	((struct reading *)ctx)->own_hook =
		value->len >= len && memcmp(value->text + value->len - len, name, len) == 0;
	return 0;
}

static int on_hook_argument(void *ctx, const struct json_value *value, struct err *err)
{
	struct container *container = ((struct reading *)ctx)->container;
	char **slot = list_add(&container->arguments, &container->n_arguments, sizeof(*slot));

	if (slot != NULL)
		*slot = json_copy(value);
	return slot != NULL && *slot != NULL ? 0 : err_memory(err);
}

static const struct json_rule rules[] = {
	{ "annotations.*", JSON_STRING, on_annotation, 0 },
	{ "linux.namespaces[]", JSON_OBJECT, on_namespace, 0 },
	{ "linux.namespaces[].type", JSON_STRING, on_type, 0 },
	{ "linux.namespaces[].path", JSON_STRING, on_path, 0 },
	{ "linux.uidMappings[]", JSON_OBJECT, on_map, MAP_UIDS },
	{ "linux.uidMappings[].containerID", JSON_NUMBER, on_map_number, MAP_UIDS | MAP_INSIDE },
	{ "linux.uidMappings[].hostID", JSON_NUMBER, on_map_number, MAP_UIDS | MAP_OUTSIDE },
	{ "linux.uidMappings[].size", JSON_NUMBER, on_map_number, MAP_UIDS | MAP_COUNT },
	{ "linux.gidMappings[]", JSON_OBJECT, on_map, MAP_GIDS },
	{ "linux.gidMappings[].containerID", JSON_NUMBER, on_map_number, MAP_GIDS | MAP_INSIDE },
	{ "linux.gidMappings[].hostID", JSON_NUMBER, on_map_number, MAP_GIDS | MAP_OUTSIDE },
	{ "linux.gidMappings[].size", JSON_NUMBER, on_map_number, MAP_GIDS | MAP_COUNT },
	{ "hooks.createRuntime[]", JSON_OBJECT, on_hook, 0 },
	{ "hooks.createRuntime[].path", JSON_STRING, on_hook_path, 0 },
	{ "hooks.createRuntime[].args[]", JSON_STRING, on_hook_argument, 0 },
	{ "hooks.prestart[]", JSON_OBJECT, on_hook, 0 },
	{ "hooks.prestart[].path", JSON_STRING, on_hook_path, 0 },
	{ "hooks.prestart[].args[]", JSON_STRING, on_hook_argument, 0 },
};

static const struct json_format format = {
	.rules = rules,
	.n_rules = sizeof(rules) / sizeof(rules[0]),
	.code = EX_DATAERR,
	.when_empty = "",
	.max_bytes = CONFIG_MAX_BYTES,
	.max_members = (size_t)1024 * 1024,
	.max_depth = 32,
};

int container_parse(const char *text, size_t len, struct container *ret_container, struct err *err)
{
	struct source_memory source = source_memory(text, len, 0);
	struct reading reading = { .container = ret_container, .namespace = CONTAINER_NAMESPACES };
	int r = json_parse(&format, &reading, &source.source, err);

	free(reading.path);
	return r;
}

void container_done(struct container *container)
{
	for (size_t i = 0; i < container->n_annotations; i++) {
		free(container->annotations[i].key);
		free(container->annotations[i].value);
	}
	for (size_t i = 0; i < CONTAINER_NAMESPACES; i++)
		free(container->path[i]);
	for (size_t i = 0; i < container->n_arguments; i++)
		free(container->arguments[i]);
	free(container->annotations);
	free(container->arguments);
	idmap_done(&container->uids);
	idmap_done(&container->gids);
	memset(container, 0, sizeof(*container));
}

/* The value of an option as getopt_long takes it, "--name=value" or "--name" "value"; or NULL. */
static const char *option_value(const struct container *container, const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < container->n_arguments; i++) {
		const char *argument = container->arguments[i];

		if (strncmp(argument, "--", 2) != 0 || strncmp(argument + 2, name, len) != 0)
			continue;
		if (argument[2 + len] == '=')
			return argument + 2 + len + 1;
		if (argument[2 + len] == '\0' && i + 1 < container->n_arguments)
			return container->arguments[i + 1];
	}
	return NULL;
}

struct request_words container_words(const struct container *container)
{
	struct request_words words;

	for (enum request_key key = 0; key < REQUEST_KEYS; key++)
		words.word[key] = option_value(container, request_key_name(key));
	return words;
}

const char *container_policy(const struct container *container)
{
	return option_value(container, "policy");
}
