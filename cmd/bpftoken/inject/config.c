/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/inject/config.h"

#include <stdlib.h>
#include <string.h>

#include "spec/base/defer.h"
#include "spec/base/list.h"
#include "spec/base/text.h"
#include "spec/config.h"

#include "spec/base/poison.h"

static const struct inject_place_info places[INJECT_PLACES] = {
	[INJECT_ROOT] = { NULL, INJECT_ROOT, false },
	[INJECT_ANNOTATIONS] = { "annotations", INJECT_ROOT, false },
	[INJECT_HOOKS] = { "hooks", INJECT_ROOT, false },
	[INJECT_CREATE_RUNTIME] = { "createRuntime", INJECT_HOOKS, true },
	[INJECT_PRESTART] = { "prestart", INJECT_HOOKS, true },
	[INJECT_CREATE_CONTAINER] = { "createContainer", INJECT_HOOKS, true },
	[INJECT_START_CONTAINER] = { "startContainer", INJECT_HOOKS, true },
	[INJECT_POSTSTART] = { "poststart", INJECT_HOOKS, true },
	[INJECT_POSTSTOP] = { "poststop", INJECT_HOOKS, true },
	[INJECT_PROCESS] = { "process", INJECT_ROOT, false },
	[INJECT_CAPABILITIES] = { "capabilities", INJECT_PROCESS, false },
	[INJECT_BOUNDING] = { "bounding", INJECT_CAPABILITIES, true },
	[INJECT_EFFECTIVE] = { "effective", INJECT_CAPABILITIES, true },
	[INJECT_INHERITABLE] = { "inheritable", INJECT_CAPABILITIES, true },
	[INJECT_PERMITTED] = { "permitted", INJECT_CAPABILITIES, true },
	[INJECT_AMBIENT] = { "ambient", INJECT_CAPABILITIES, true },
	[INJECT_LINUX] = { "linux", INJECT_ROOT, false },
	[INJECT_NAMESPACES] = { "namespaces", INJECT_LINUX, true },
	[INJECT_UID_MAPPINGS] = { "uidMappings", INJECT_LINUX, true },
	[INJECT_GID_MAPPINGS] = { "gidMappings", INJECT_LINUX, true },
};

const struct inject_place_info *inject_place_info(enum inject_place place)
{
	return &places[place];
}

/* The text while it is read. The entry being read is the last. */
struct reading {
	const struct json_doc *doc;
	struct inject_config *config;
};

static struct inject_entry *last_entry(struct reading *reading)
{
	return &reading->config->entries[reading->config->n_entries - 1];
}

static int copy_text(char **slot, const struct json_value *value, struct err *err)
{
	free(*slot);
	*slot = json_copy(value);
	return *slot != NULL ? 0 : err_memory(err);
}

static int on_place(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	struct inject_found *found = &reading->config->places[value->arg];

	(void)err;
	if (value->type == JSON_END) {
		found->span.end = value->end;
		return 0;
	}
	found->span = json_edit_span(reading->doc, value);
	found->null = value->type == JSON_NULL;
	return 0;
}

/* An element, or an annotation. Of one that is a string, its text is the key. */
static int on_entry(void *ctx, const struct json_value *value, struct err *err)
{
	struct reading *reading = ctx;
	struct inject_entry *entry;

	if (value->type == JSON_END) {
		last_entry(reading)->span.end = value->end;
		return 0;
	}
	entry = list_add(&reading->config->entries, &reading->config->n_entries, sizeof(*entry));
	if (entry == NULL)
		return err_memory(err);
	entry->in = (enum inject_place)value->arg;
	entry->span = json_edit_span(reading->doc, value);
	if (value->name == NULL)
		return value->type == JSON_STRING ? copy_text(&entry->key, value, err) : 0;
	entry->key = strdup(value->name);
	if (entry->key == NULL)
		return err_memory(err);
	return value->type == JSON_STRING ? copy_text(&entry->value, value, err) : 0;
}

enum { FIELD_KEY, FIELD_VALUE };

static int on_field(void *ctx, const struct json_value *value, struct err *err)
{
	struct inject_entry *entry = last_entry(ctx);

	return copy_text(value->arg == FIELD_KEY ? &entry->key : &entry->value, value, err);
}

static int on_arg(void *ctx, const struct json_value *value, struct err *err)
{
	struct inject_entry *entry = last_entry(ctx);
	char **slot = list_add(&entry->args, &entry->n_args, sizeof(*slot));

	return slot != NULL ? copy_text(slot, value, err) : err_memory(err);
}

enum { NUMBER_CONTAINER_ID, NUMBER_HOST_ID, NUMBER_SIZE };

static int on_number(void *ctx, const struct json_value *value, struct err *err)
{
	struct inject_entry *entry = last_entry(ctx);
	uint64_t *numbers[] = { [NUMBER_CONTAINER_ID] = &entry->container_id,
				[NUMBER_HOST_ID] = &entry->host_id,
				[NUMBER_SIZE] = &entry->size };

	if (text_parse_u64(value->text, value->len, UINT32_MAX, numbers[value->arg]) < 0)
		return err_set(err, EX_DATAERR, 0, "%s is no number of 32 bits",
			       quote_bytes(value->text, value->len).text);
	return 0;
}

static int on_version(void *ctx, const struct json_value *value, struct err *err)
{
	return copy_text(&((struct reading *)ctx)->config->oci_version, value, err);
}

#define OBJECT (JSON_OBJECT | JSON_NULL)
#define ARRAY  (JSON_ARRAY | JSON_NULL)

static const struct json_rule rules[] = {
	{ "", JSON_OBJECT, on_place, INJECT_ROOT },
	{ "ociVersion", JSON_STRING, on_version, 0 },
	{ "annotations", OBJECT, on_place, INJECT_ANNOTATIONS },
	{ "annotations.*", JSON_STRING | JSON_NULL, on_entry, INJECT_ANNOTATIONS },
	{ "hooks", OBJECT, on_place, INJECT_HOOKS },
	{ "hooks.createRuntime", ARRAY, on_place, INJECT_CREATE_RUNTIME },
	{ "hooks.createRuntime[]", JSON_OBJECT, on_entry, INJECT_CREATE_RUNTIME },
	{ "hooks.createRuntime[].path", JSON_STRING, on_field, FIELD_KEY },
	{ "hooks.createRuntime[].args[]", JSON_STRING, on_arg, 0 },
	{ "hooks.prestart", ARRAY, on_place, INJECT_PRESTART },
	{ "hooks.prestart[]", JSON_OBJECT, on_entry, INJECT_PRESTART },
	{ "hooks.prestart[].path", JSON_STRING, on_field, FIELD_KEY },
	{ "hooks.prestart[].args[]", JSON_STRING, on_arg, 0 },
	{ "hooks.createContainer", ARRAY, on_place, INJECT_CREATE_CONTAINER },
	{ "hooks.createContainer[]", JSON_OBJECT, on_entry, INJECT_CREATE_CONTAINER },
	{ "hooks.createContainer[].path", JSON_STRING, on_field, FIELD_KEY },
	{ "hooks.startContainer", ARRAY, on_place, INJECT_START_CONTAINER },
	{ "hooks.startContainer[]", JSON_OBJECT, on_entry, INJECT_START_CONTAINER },
	{ "hooks.startContainer[].path", JSON_STRING, on_field, FIELD_KEY },
	{ "hooks.poststart", ARRAY, on_place, INJECT_POSTSTART },
	{ "hooks.poststart[]", JSON_OBJECT, on_entry, INJECT_POSTSTART },
	{ "hooks.poststart[].path", JSON_STRING, on_field, FIELD_KEY },
	{ "hooks.poststop", ARRAY, on_place, INJECT_POSTSTOP },
	{ "hooks.poststop[]", JSON_OBJECT, on_entry, INJECT_POSTSTOP },
	{ "hooks.poststop[].path", JSON_STRING, on_field, FIELD_KEY },
	{ "process", OBJECT, on_place, INJECT_PROCESS },
	{ "process.capabilities", OBJECT, on_place, INJECT_CAPABILITIES },
	{ "process.capabilities.bounding", ARRAY, on_place, INJECT_BOUNDING },
	{ "process.capabilities.bounding[]", JSON_STRING, on_entry, INJECT_BOUNDING },
	{ "process.capabilities.effective", ARRAY, on_place, INJECT_EFFECTIVE },
	{ "process.capabilities.effective[]", JSON_STRING, on_entry, INJECT_EFFECTIVE },
	{ "process.capabilities.inheritable", ARRAY, on_place, INJECT_INHERITABLE },
	{ "process.capabilities.inheritable[]", JSON_STRING, on_entry, INJECT_INHERITABLE },
	{ "process.capabilities.permitted", ARRAY, on_place, INJECT_PERMITTED },
	{ "process.capabilities.permitted[]", JSON_STRING, on_entry, INJECT_PERMITTED },
	{ "process.capabilities.ambient", ARRAY, on_place, INJECT_AMBIENT },
	{ "process.capabilities.ambient[]", JSON_STRING, on_entry, INJECT_AMBIENT },
	{ "linux", OBJECT, on_place, INJECT_LINUX },
	{ "linux.namespaces", ARRAY, on_place, INJECT_NAMESPACES },
	{ "linux.namespaces[]", JSON_OBJECT, on_entry, INJECT_NAMESPACES },
	{ "linux.namespaces[].type", JSON_STRING, on_field, FIELD_KEY },
	{ "linux.namespaces[].path", JSON_STRING, on_field, FIELD_VALUE },
	{ "linux.uidMappings", ARRAY, on_place, INJECT_UID_MAPPINGS },
	{ "linux.uidMappings[]", JSON_OBJECT, on_entry, INJECT_UID_MAPPINGS },
	{ "linux.uidMappings[].containerID", JSON_NUMBER, on_number, NUMBER_CONTAINER_ID },
	{ "linux.uidMappings[].hostID", JSON_NUMBER, on_number, NUMBER_HOST_ID },
	{ "linux.uidMappings[].size", JSON_NUMBER, on_number, NUMBER_SIZE },
	{ "linux.gidMappings", ARRAY, on_place, INJECT_GID_MAPPINGS },
	{ "linux.gidMappings[]", JSON_OBJECT, on_entry, INJECT_GID_MAPPINGS },
	{ "linux.gidMappings[].containerID", JSON_NUMBER, on_number, NUMBER_CONTAINER_ID },
	{ "linux.gidMappings[].hostID", JSON_NUMBER, on_number, NUMBER_HOST_ID },
	{ "linux.gidMappings[].size", JSON_NUMBER, on_number, NUMBER_SIZE },
};

/* The limits are those of the hook. */
static const struct json_format format = {
	.rules = rules,
	.n_rules = sizeof(rules) / sizeof(rules[0]),
	.code = EX_DATAERR,
	.when_empty = "",
	.positions = true,
	.max_bytes = CONFIG_MAX_BYTES,
	.max_members = (size_t)1024 * 1024,
	.max_depth = 32,
};

int inject_config_read(const struct json_doc *doc, struct inject_config *ret_config,
		       struct err *err)
{
	struct source_memory source = source_memory(doc->text, doc->len, 0);
	defer_with(inject_config_done) struct inject_config config = { 0 };
	struct reading reading = { doc, &config };
	int r = json_parse(&format, &reading, &source.source, err);

	if (r < 0)
		return r;
	*ret_config = config;
	config = (struct inject_config){ 0 };
	return 0;
}

void inject_config_done(struct inject_config *config)
{
	for (size_t i = 0; i < config->n_entries; i++) {
		struct inject_entry *entry = &config->entries[i];

		for (size_t j = 0; j < entry->n_args; j++)
			free(entry->args[j]);
		free(entry->args);
		free(entry->key);
		free(entry->value);
	}
	free(config->entries);
	free(config->oci_version);
	*config = (struct inject_config){ 0 };
}

bool inject_has_place(const struct inject_config *config, enum inject_place place)
{
	return config->places[place].span.end != 0;
}

const struct inject_entry *inject_entry(const struct inject_config *config, enum inject_place in,
					const char *key)
{
	for (size_t i = 0; i < config->n_entries; i++)
		if (config->entries[i].in == in && config->entries[i].key != NULL &&
		    strcmp(config->entries[i].key, key) == 0)
			return &config->entries[i];
	return NULL;
}
