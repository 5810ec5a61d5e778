/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/policy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "hook/input.h"
#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

#define SYMLINKS_MAX 40 /* as many as the kernel follows */

/* A walk along a path, component by component. Invariant: dir_fd is a directory judged safe. */
struct walk {
	int dir_fd;
	char rest[2 * PATH_MAX]; /* what is still to be walked */
	unsigned symlinks;
};

static void walk_done(struct walk *walk)
{
	defer_close_fd(&walk->dir_fd);
}

/* directory: the name of one on the way, NULL for the file itself. */
static int check_safe(const struct statx *stx, const char *directory, struct err *err)
{
	char what[128] = "it";
	struct text text;

	if (stx->stx_uid == 0 && (stx->stx_mode & (S_IWGRP | S_IWOTH)) == 0)
		return 0;
	if (directory != NULL) {
		text_init(&text, what, sizeof(what));
		text_add(&text, "its directory %.100s", quote(directory).text);
	}
	if (stx->stx_uid != 0)
		return err_set(err, EX_CONFIG, 0, "%s belongs to user %u; chown it to root", what,
			       stx->stx_uid);
	return err_set(err, EX_CONFIG, 0,
		       "%s is writable by more than root (mode %04o); chmod go-w it", what,
		       stx->stx_mode & 07777u);
}

/* Moves the walk to a directory, which must be safe. Takes the descriptor. */
static int enter(struct walk *walk, int fd, const struct statx *stx, const char *name,
		 struct err *err)
{
	defer_close_fd(&walk->dir_fd);
	walk->dir_fd = fd;
	return check_safe(stx, name, err);
}

static int enter_root(struct walk *walk, struct err *err)
{
	defer_close int fd = sys_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	struct statx stx;
	int r = fd < 0 ? fd : sys_stat(fd, "", AT_EMPTY_PATH, &stx);

	if (r < 0)
		return err_set(err, EX_CONFIG, -r, "directory \"/\"");
	return enter(walk, take_fd(&fd), &stx, "/", err);
}

/* Puts a symlink's target in front of what is left to walk. */
static int follow(struct walk *walk, int link_fd, struct err *err)
{
	char target[PATH_MAX], rest[2 * PATH_MAX];
	struct text text;
	ssize_t n = sys_readlink(link_fd, "", target, sizeof(target) - 1);

	if (n < 0)
		return err_set(err, EX_CONFIG, (int)-n, "symlink");
	target[n] = '\0';
	memcpy(rest, walk->rest, sizeof(rest));
	text_init(&text, walk->rest, sizeof(walk->rest));
	text_add(&text, "%s/%s", target, rest);
	if (++walk->symlinks > SYMLINKS_MAX || text.cut)
		return err_set(err, EX_CONFIG, ELOOP, "symlinks");
	return target[0] == '/' ? enter_root(walk, err) : 0;
}

/* Cuts the next component off what is left; false at the end. */
static bool next_name(struct walk *walk, char *name, size_t cap)
{
	const char *p = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(p, "/");
	struct text text;

	text_init(&text, name, cap);
	text_add(&text, "%.*s", (int)len, p);
	p += len;
	p += strspn(p, "/");
	memmove(walk->rest, p, strlen(p) + 1);
	return len != 0;
}

/* One step. Returns 1 and the file's descriptor at the path's end, 0 to go on. */
static int step(struct walk *walk, int *ret_fd, struct err *err)
{
	char name[NAME_MAX + 2];
	struct statx stx;
	int r;

	if (!next_name(walk, name, sizeof(name)))
		return err_set(err, EX_CONFIG, 0, "it is a directory; name the file");
	defer_close int fd = sys_open(walk->dir_fd, name, O_PATH | O_NOFOLLOW, 0);

	r = fd < 0 ? fd : sys_stat(fd, "", AT_EMPTY_PATH, &stx);
	if (r < 0)
		return err_set(err, EX_CONFIG, -r, "open");
	if (S_ISLNK(stx.stx_mode))
		return follow(walk, fd, err);
	if (S_ISDIR(stx.stx_mode))
		return enter(walk, take_fd(&fd), &stx, name, err);
	if (walk->rest[0] != '\0')
		return err_set(err, EX_CONFIG, ENOTDIR, "%s", quote(name).text);
	r = check_safe(&stx, NULL, err);
	if (r == 0) /* only root can have put another there meanwhile */
		r = input_open(walk->dir_fd, name, POLICY_MAX_BYTES, EX_CONFIG, ret_fd, err);
	return r < 0 ? r : 1;
}

int policy_file_open(const char *path, int *ret_fd, struct err *err)
{
	defer_with(walk_done) struct walk walk = { .dir_fd = -1 };
	struct text text;
	int r;

	text_init(&text, walk.rest, sizeof(walk.rest));
	text_add(&text, "%s", path);
	r = enter_root(&walk, err);
	while (r == 0)
		r = step(&walk, ret_fd, err);
	return r < 0 ? r : 0;
}

/* One layer's file; *ret_fd stays -1 where there is none. */
static int open_layer(const char *path, int *ret_fd, struct err *err)
{
	int r = policy_file_open(path, ret_fd, err);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		err_prefix(err, "policy %s", path);
	return r;
}

int policy_layers_open(const struct policy_files *files, struct policy_layers *ret_layers,
		       struct err *err)
{
	defer_with(policy_layers_close) struct policy_layers layers = { -1, -1 };
	int r = open_layer(files->administrator, &layers.administrator, err);

	if (r == 0 && layers.administrator < 0 && files->need_rules)
		return err_set(
			err, EX_CONFIG, 0,
			"policy %s: there is none, so nothing may be delegated; write one, for "
			"example {\"version\":1,\"rules\":[{\"match\":{},\"allow\":{\"profiles\":"
			"\"xdp\"}}]}, owned by root with mode 0644",
			files->administrator);
	if (r == 0 && strcmp(files->administrator, files->vendor) != 0)
		r = open_layer(files->vendor, &layers.vendor, err);
	if (r < 0)
		return r;
	*ret_layers = layers;
	layers = (struct policy_layers){ -1, -1 };
	return 0;
}

void policy_layers_close(struct policy_layers *layers)
{
	defer_close_fd(&layers->administrator);
	defer_close_fd(&layers->vendor);
	*layers = (struct policy_layers){ -1, -1 };
}

static int read_layer(const char *path, int fd, enum policy_layer layer, struct policy *policy,
		      struct err *err)
{
	struct input input = input_file(fd);
	int r = fd < 0 ? 0 : policy_parse(&input.source, layer, policy, err);

	if (r < 0)
		err_prefix(err, "policy %s", path);
	return r;
}

int policy_layers_read(const struct policy_files *files, const struct policy_layers *layers,
		       struct policy *policy, struct err *err)
{
	int r = read_layer(files->administrator, layers->administrator, POLICY_ADMINISTRATOR,
			   policy, err);

	if (r == 0)
		r = read_layer(files->vendor, layers->vendor, POLICY_VENDOR, policy, err);
	return r < 0 ? r : policy_link(policy, err);
}

int policy_files_load(const struct policy_files *files, struct policy *policy, struct err *err)
{
	defer_with(policy_layers_close) struct policy_layers layers = { -1, -1 };
	int r = policy_layers_open(files, &layers, err);

	return r < 0 ? r : policy_layers_read(files, &layers, policy, err);
}
