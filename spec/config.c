/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>

#include "spec/base/defer.h"
#include "spec/base/list.h"
#include "spec/base/text.h"
#include "spec/json.h"

#include "spec/base/poison.h"

/* What a rule's arg says to the handlers that serve two paths. */
enum { ID_USER, ID_GROUP };
enum { SET_BOUNDING, SET_EFFECTIVE };

static int on_root_path(void *ctx, const struct json_value *value, struct err *err)
{
	struct config *config = ctx;

	if (value->len == 0)
		return err_set(err, EX_DATAERR, 0, "is empty");
	config->root_path = json_copy(value);
	return config->root_path != NULL ? 0 : err_memory(err);
}

/* 4294967295 is no id: the kernel's word for "none" (-1). */
static int on_id(void *ctx, const struct json_value *value, struct err *err)
{
	struct config *config = ctx;
	uint64_t id;

	if (text_parse_u64(value->text, value->len, UINT32_MAX - 1, &id) < 0)
		return err_set(err, EX_DATAERR, 0, "%s is not a user or group id",
			       quote_bytes(value->text, value->len).text);
	*(value->arg == ID_USER ? &config->uid : &config->gid) = (uint32_t)id;
	return 0;
}

/*
 * Names as libcap reads them, in any case and as numbers too, because crun asks libcap. A name that
 * it does not know is none of those that matter here.
 */
static int on_capability(void *ctx, const struct json_value *value, struct err *err)
{
	struct config *config = ctx;
	defer_free char *name = json_copy(value);
	cap_value_t cap;

	if (name == NULL)
		return err_memory(err);
	if (cap_from_name(name, &cap) == 0 && cap >= 0 && cap < 64)
		*(value->arg == SET_BOUNDING ? &config->bounding : &config->effective) |=
			UINT64_C(1) << cap;
	return 0;
}

static int on_env(void *ctx, const struct json_value *value, struct err *err)
{
	static const char name[] = "LIBBPF_BPF_TOKEN_PATH=";
	struct config *config = ctx;

	if (value->len < sizeof(name) - 1 || memcmp(value->text, name, sizeof(name) - 1) != 0)
		return 0;
	free(config->token_path); /* of two, the last counts */
	config->token_path = strndup(value->text + sizeof(name) - 1, value->len - sizeof(name) + 1);
	return config->token_path != NULL ? 0 : err_memory(err);
}

static int on_mount_label(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	((struct config *)ctx)->mount_label = value->len != 0;
	return 0;
}

/*
 * A path as the runtimes understand it: absolute, and without "//", "." and "..", which both accept.
 * The caller frees it; NULL when memory is short.
 */
static char *copy_path(const struct json_value *value)
{
	char *out = calloc(1, value->len + 2), *end = out;
	const char *p = value->text, *stop = value->text + value->len;

	while (out != NULL && p < stop) {
		const char *slash = memchr(p, '/', (size_t)(stop - p));
		size_t len = (size_t)((slash != NULL ? slash : stop) - p);

		if (len == 2 && p[0] == '.' && p[1] == '.') {
			while (end > out && *--end != '/')
				continue;
		} else if (len != 0 && !(len == 1 && p[0] == '.')) {
			*end++ = '/';
			memcpy(end, p, len);
			end += len;
		}
		p += len + 1;
	}
	if (out == NULL)
		return NULL;
	if (end == out)
		*end++ = '/';
	*end = '\0';
	return out;
}

static int on_masked_path(void *ctx, const struct json_value *value, struct err *err)
{
	struct config *config = ctx;
	char **slot = list_add(&config->masked_paths, &config->n_masked_paths, sizeof(*slot));

	if (slot != NULL)
		*slot = copy_path(value);
	return slot != NULL && *slot != NULL ? 0 : err_memory(err);
}

static int on_mount(void *ctx, const struct json_value *value, struct err *err)
{
	struct config *config = ctx;

	if (value->type == JSON_END) {
		if (config->mounts[config->n_mounts - 1].destination == NULL)
			return err_set(err, EX_DATAERR, 0, "has no destination");
		return 0;
	}
	return list_add(&config->mounts, &config->n_mounts, sizeof(*config->mounts)) != NULL ?
		       0 :
		       err_memory(err);
}

static int on_mount_destination(void *ctx, const struct json_value *value, struct err *err)
{
	struct config *config = ctx;
	struct config_mount *mount = &config->mounts[config->n_mounts - 1];

	mount->destination = copy_path(value);
	return mount->destination != NULL ? 0 : err_memory(err);
}

static int on_mount_option(void *ctx, const struct json_value *value, struct err *err)
{
	struct config *config = ctx;

	(void)err;
	if (json_is(value, "shared") || json_is(value, "rshared"))
		config->mounts[config->n_mounts - 1].shared = true;
	if (json_is(value, "ro") || json_is(value, "rro"))
		config->mounts[config->n_mounts - 1].read_only = true;
	return 0;
}

enum { SECCOMP_DEFAULT_ACTION, SECCOMP_SYSCALL, SECCOMP_NAME, SECCOMP_ACTION, SECCOMP_ARG };

static int on_seccomp(void *ctx, const struct json_value *value, struct err *err)
{
	static json_handler *const handlers[] = {
		[SECCOMP_DEFAULT_ACTION] = seccomp_on_default_action,
		[SECCOMP_SYSCALL] = seccomp_on_syscall,
		[SECCOMP_NAME] = seccomp_on_name,
		[SECCOMP_ACTION] = seccomp_on_action,
		[SECCOMP_ARG] = seccomp_on_arg,
	};

	return handlers[value->arg](&((struct config *)ctx)->seccomp, value, err);
}

static const struct json_rule rules[] = {
	{ "root.path", JSON_STRING, on_root_path, 0 },
	{ "process.user.uid", JSON_NUMBER, on_id, ID_USER },
	{ "process.user.gid", JSON_NUMBER, on_id, ID_GROUP },
	{ "process.env[]", JSON_STRING, on_env, 0 },
	{ "process.capabilities.bounding[]", JSON_STRING, on_capability, SET_BOUNDING },
	{ "process.capabilities.effective[]", JSON_STRING, on_capability, SET_EFFECTIVE },
	{ "mounts[]", JSON_OBJECT, on_mount, 0 },
	{ "mounts[].destination", JSON_STRING, on_mount_destination, 0 },
	{ "mounts[].options[]", JSON_STRING, on_mount_option, 0 },
	{ "linux.maskedPaths[]", JSON_STRING, on_masked_path, 0 },
	{ "linux.mountLabel", JSON_STRING, on_mount_label, 0 },
	{ "linux.seccomp.defaultAction", JSON_STRING, on_seccomp, SECCOMP_DEFAULT_ACTION },
	{ "linux.seccomp.syscalls[]", JSON_OBJECT, on_seccomp, SECCOMP_SYSCALL },
	{ "linux.seccomp.syscalls[].names[]", JSON_STRING, on_seccomp, SECCOMP_NAME },
	{ "linux.seccomp.syscalls[].action", JSON_STRING, on_seccomp, SECCOMP_ACTION },
	{ "linux.seccomp.syscalls[].args[]", JSON_OBJECT, on_seccomp, SECCOMP_ARG },
};

static const struct json_format format = {
	.rules = rules,
	.n_rules = sizeof(rules) / sizeof(rules[0]),
	.code = EX_DATAERR,
	.when_empty = "",
	.max_bytes = CONFIG_MAX_BYTES,
	.max_members = 1 << 20,
	.max_depth = 32,
};

int config_parse(struct source *source, struct config *ret_config, struct err *err)
{
	defer_with(config_done) struct config config = { 0 };
	int r = json_parse(&format, &config, source, err);

	if (r == 0 && config.root_path == NULL)
		r = err_set(err, EX_DATAERR, 0, "root.path is missing; the bundle has no root");
	if (r < 0)
		return r;
	*ret_config = config;
	config = (struct config){ 0 };
	return 0;
}

void config_done(struct config *config)
{
	for (size_t i = 0; i < config->n_masked_paths; i++)
		free(config->masked_paths[i]);
	for (size_t i = 0; i < config->n_mounts; i++)
		free(config->mounts[i].destination);
	free(config->masked_paths);
	free(config->mounts);
	free(config->root_path);
	free(config->token_path);
	*config = (struct config){ 0 };
}

bool config_masks(const struct config *config, const char *path)
{
	for (size_t i = 0; i < config->n_masked_paths; i++)
		if (text_path_below(path, config->masked_paths[i]))
			return true;
	return false;
}

/* The last mount that covers path, which hides the ones before it, or NULL. */
static const struct config_mount *covering_mount(const struct config *config, const char *path)
{
	for (size_t i = config->n_mounts; i-- > 0;)
		if (text_path_below(path, config->mounts[i].destination))
			return &config->mounts[i];
	return NULL;
}

const char *config_shared_volume(const struct config *config, const char *path)
{
	const struct config_mount *mount = covering_mount(config, path);

	return mount != NULL && mount->shared ? mount->destination : NULL;
}

const char *config_read_only_volume(const struct config *config, const char *path)
{
	const struct config_mount *mount = covering_mount(config, path);

	return mount != NULL && mount->read_only ? mount->destination : NULL;
}
