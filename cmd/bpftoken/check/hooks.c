/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmd/bpftoken/check/check.h"
#include "cmd/bpftoken/check/hook_file.h"
#include "cmd/bpftoken/check/program.h"
#include "cmd/bpftoken/check/toml_scan.h"
#include "hook/input.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define SUBJECT	 "hooks.d"
#define VENDOR	 "/usr/share/containers/oci/hooks.d"
#define LOCAL	 "/etc/containers/oci/hooks.d"
#define DIRS_MAX 32

/* The directories that engines of this host read, in their order; who says so for the added ones. */
struct directories {
	char path[DIRS_MAX][256];
	size_t n;
	bool local_is_named; /* some configuration names LOCAL */
};

static void add_directory(struct directories *directories, const char *path)
{
	struct text text;

	for (size_t i = 0; i < directories->n; i++)
		if (strcmp(directories->path[i], path) == 0)
			return;
	if (directories->n == DIRS_MAX)
		return;
	text_init(&text, directories->path[directories->n++], sizeof(directories->path[0]));
	text_add(&text, "%s", path);
}

/* hooks_dir of one configuration file. */
static void add_from(struct check *check, const char *path, struct directories *directories)
{
	defer_free char *content = NULL;
	struct toml_scan scan;
	struct toml_list list;

	if (check_read(check, path, &content) < 0)
		return;
	scan = toml_scan(content);
	while (toml_next(&scan, "hooks_dir", &list))
		for (size_t i = 0; i < list.n; i++) {
			directories->local_is_named |= strcmp(list.items[i], LOCAL) == 0;
			add_directory(directories, list.items[i]);
		}
}

static void see_config(struct check *check, const char *dir, const char *name, void *ctx)
{
	char path[600];
	struct text text;

	text_init(&text, path, sizeof(path));
	text_add(&text, "%s/%s", dir, name);
	add_from(check, path, ctx);
}

static void find_directories(struct check *check, struct directories *directories)
{
	add_directory(directories, VENDOR);
	add_directory(directories, LOCAL);
	add_from(check, "/usr/share/containers/containers.conf", directories);
	add_from(check, "/etc/containers/containers.conf", directories);
	check_each_file(check, "/etc/containers/containers.conf.d", ".conf", see_config,
			directories);
	add_from(check, "/etc/crio/crio.conf", directories);
	check_each_file(check, "/etc/crio/crio.conf.d", ".conf", see_config, directories);
}

/* What was found in all directories. */
struct found {
	size_t n_ours;	    /* those that cannot be read may be ours, too */
	bool outside_local; /* in another directory than LOCAL */
};

static int parse(struct check *check, const char *path, struct hook_file *file, struct err *err)
{
	defer_close int fd = -1;
	struct input input;
	int r = check_open(check, path, &fd);

	if (r < 0)
		return err_set(err, EX_DATAERR, -r, "it cannot be read");
	input = input_file(fd);
	return hook_file_parse(&input.source, file, err);
}

static void see_hook(struct check *check, const char *dir, const char *name, void *ctx)
{
	defer_with(hook_file_done) struct hook_file file = { 0 };
	struct found *found = ctx;
	struct err err = { 0 };
	char path[600];
	struct text text;
	size_t before = check->n_lines;

	text_init(&text, path, sizeof(path));
	text_add(&text, "%s/%s", dir, name);
	if (parse(check, path, &file, &err) < 0) {
		/* Podman and CRI-O start no container at all then. */
		found->n_ours++;
		found->outside_local = true;
		err_prefix(&err, "%s", path);
		check_add_err(check, CHECK_FAILURE, SUBJECT, &err,
			      "correct or remove it: engines read all of the directory or nothing");
		return;
	}
	if (!hook_file_is_ours(&file))
		return;
	found->n_ours++;
	found->outside_local |= strcmp(dir, LOCAL) != 0;
	if (file.path == NULL) {
		check_add(check, CHECK_FAILURE, SUBJECT, "%s: it has no hook.path", path);
		check_fix(check, "name the hook by its full path");
	} else {
		program_check_hook(check, SUBJECT, path, file.path);
	}
	hook_file_judge(check, path, &file);
	if (check->n_lines == before)
		check_add(check, CHECK_OK, SUBJECT, "%s", path);
}

void check_hooks(struct check *check)
{
	struct directories directories = { .n = 0 };
	struct found found = { 0 };

	find_directories(check, &directories);
	for (size_t i = 0; i < directories.n; i++)
		check_each_file(check, directories.path[i], ".json", see_hook, &found);
	if (found.n_ours == 0) {
		check_add(check, CHECK_WARNING, SUBJECT,
			  "no file in " VENDOR
			  " names the hook, so Podman and CRI-O do not call it");
		check_fix(check,
			  "install the package's oci-bpf-token.json there, or use CDI devices");
	} else if (!found.outside_local && !directories.local_is_named) {
		check_add(check, CHECK_WARNING, SUBJECT,
			  "only " LOCAL " names the hook, which engines do not read by default");
		check_fix(check, "move the file to " VENDOR ", or set hooks_dir in containers.conf "
				 "and crio.conf");
	}
}
