/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/inject/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/bpftoken/base/file.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define NAMES_TO_TRY 100

static int system_error(struct err *err, const char *path, const char *what)
{
	int errnum = errno;

	return err_set(err, EX_OSERR, errnum, "%s: %s", quote(path).text, what);
}

/* ---- reading ---- */

static int open_regular(const char *path, struct stat *ret_stat, int *ret_fd, struct err *err)
{
	/* not blocking: a FIFO would wait for a writer */
	defer_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(err, EX_DATAERR, errno, "%s: it cannot be opened", quote(path).text);
	if (fd < 0 || fstat(fd, ret_stat) < 0)
		return system_error(err, path, "it cannot be opened");
	if (!S_ISREG(ret_stat->st_mode))
		return err_set(err, EX_DATAERR, 0, "%s: it is no regular file; name a config.json",
			       quote(path).text);
	*ret_fd = take_fd(&fd);
	return 0;
}

int config_file_read(const char *path, size_t max, struct config_file *ret_file, struct err *err)
{
	defer_with(config_file_done) struct config_file file = { 0 };
	defer_close int fd = -1;
	int r;

	if (strcmp(path, "-") == 0) {
		r = file_read(path, max, &file.bytes, &file.len, err);
	} else {
		r = open_regular(path, &file.stat, &fd, err);
		if (r < 0)
			return r;
		r = file_read_open(fd, max, &file.bytes, &file.len, err);
		if (r < 0)
			err_prefix(err, "%s", quote(path).text);
	}
	if (r < 0)
		return r;
	*ret_file = file;
	file = (struct config_file){ 0 };
	return 0;
}

void config_file_done(struct config_file *file)
{
	free(file->bytes);
	*file = (struct config_file){ 0 };
}

/* ---- replacing ---- */

/* A file that is to take another's place, in the same directory. */
struct successor {
	const char *path; /* as it was given, for messages */
	int directory;
	const char *name;	      /* in the directory */
	char temporary[NAME_MAX + 1]; /* empty: there is none, or none any more */
};

static void successor_done(struct successor *successor)
{
	if (successor->temporary[0] != '\0')
		(void)unlinkat(successor->directory, successor->temporary, 0);
	defer_close_fd(&successor->directory);
}

/* Opens the directory of path, whose last part is the name. */
static int open_directory(char *path, struct successor *successor, struct err *err)
{
	char *slash = strrchr(path, '/');
	const char *directory = slash == NULL ? "." : slash == path ? "/" : path;

	successor->name = slash != NULL ? slash + 1 : path;
	if (slash != NULL)
		*slash = '\0';
	successor->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return successor->directory >= 0 ? 0 : system_error(err, directory, "it cannot be opened");
}

static int create(struct successor *successor, int *ret_fd, struct err *err)
{
	int fd = -1;

	for (int i = 0; fd < 0 && i < NAMES_TO_TRY; i++) {
		struct text text;

		text_init(&text, successor->temporary, sizeof(successor->temporary));
		text_add(&text, ".bpftoken-%d-%d-%.200s", getpid(), i, successor->name);
		fd = openat(successor->directory, successor->temporary,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0) {
		successor->temporary[0] = '\0';
		return system_error(err, successor->path,
				    "no file can be made in its directory to take its place");
	}
	*ret_fd = fd;
	return 0;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len != 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

static bool is_unchanged(const struct stat *now, const struct stat *read)
{
	return now->st_dev == read->st_dev && now->st_ino == read->st_ino &&
	       now->st_size == read->st_size && now->st_mtim.tv_sec == read->st_mtim.tv_sec &&
	       now->st_mtim.tv_nsec == read->st_mtim.tv_nsec;
}

/* Gives the new file the old one's owner and mode. Owner first: chown takes set-id bits away. */
static int resemble(int fd, const struct successor *successor, const struct stat *read,
		    struct err *err)
{
	struct stat now;

	if (fstatat(successor->directory, successor->name, &now, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT && read == NULL)
			return 0;
		return system_error(err, successor->path, "it cannot be looked at again");
	}
	if (read != NULL && !is_unchanged(&now, read))
		return err_set(err, EX_OSERR, 0, "%s: it has changed since it was read; try again",
			       quote(successor->path).text);
	if (!S_ISREG(now.st_mode))
		return err_set(err, EX_DATAERR, 0, "%s: it is no regular file",
			       quote(successor->path).text);
	if (fchown(fd, now.st_uid, now.st_gid) < 0 || fchmod(fd, now.st_mode & 07777) < 0)
		return system_error(err, successor->path,
				    "its owner and mode cannot be kept; run this as root");
	return 0;
}

int config_file_replace(const char *path, const char *bytes, size_t len, const struct stat *read,
			struct err *err)
{
	defer_free char *real = realpath(path, NULL);
	defer_with(successor_done) struct successor successor = { .path = path, .directory = -1 };
	defer_close int fd = -1;
	int r;

	if (real == NULL && errno == ENOENT && read == NULL)
		real = strdup(path);
	if (real == NULL)
		return system_error(err, path, "it cannot be found");
	r = open_directory(real, &successor, err);
	if (r == 0)
		r = create(&successor, &fd, err);
	if (r == 0)
		r = resemble(fd, &successor, read, err);
	if (r < 0)
		return r;
	r = write_all(fd, bytes, len);
	if (r == 0 && renameat(successor.directory, successor.temporary, successor.directory,
			       successor.name) < 0)
		r = -errno;
	if (r < 0)
		return err_set(err, EX_OSERR, -r, "%s: it cannot be written", quote(path).text);
	successor.temporary[0] = '\0';
	(void)fsync(successor.directory); /* not every file system can */
	return 0;
}
