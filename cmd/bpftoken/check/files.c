/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "cmd/bpftoken/check/check.h"
#include "cmd/bpftoken/host/proc_file.h"
#include "hook/input.h"
#include "hook/sys.h"
#include "spec/base/defer.h"
#include "spec/base/list.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define FILE_MAX ((uint64_t)1024 * 1024)

static void out_of_memory(void)
{
	fputs("bpftoken: check: memory: an allocation failed; free some memory\n", stderr);
	exit(EX_OSERR);
}

/* ---- lines ---- */

/* An image's author names files, too: none may steer a terminal. */
static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if (!text_is_printable(*text))
			*text = '?';
}

void check_add(struct check *check, enum check_result result, const char *subject,
	       const char *format, ...)
{
	struct check_line *line = list_add(&check->lines, &check->n_lines, sizeof(*line));
	struct text text;
	va_list args;

	if (line == NULL)
		out_of_memory();
	line->result = result;
	text_init(&text, line->subject, sizeof(line->subject));
	text_add(&text, "%s", subject);
	text_init(&text, line->detail, sizeof(line->detail));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
	make_printable(line->detail);
}

void check_fix(struct check *check, const char *format, ...)
{
	struct check_line *line = &check->lines[check->n_lines - 1];
	struct text text;
	va_list args;

	text_init(&text, line->fix, sizeof(line->fix));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
	make_printable(line->fix);
}

void check_add_err(struct check *check, enum check_result result, const char *subject,
		   const struct err *err, const char *otherwise)
{
	const char *semicolon = strstr(err->msg, "; ");
	int len = semicolon != NULL ? (int)(semicolon - err->msg) : (int)strlen(err->msg);

	check_add(check, result, subject, "%.*s", len, err->msg);
	check->lines[check->n_lines - 1].code = err->code;
	check_fix(check, "%s", semicolon != NULL ? semicolon + 2 : otherwise);
}

/* ---- files ---- */

/* What a symlink below the root leads to is below it, too. */
static int open_below(const struct check *check, const char *path, uint64_t flags)
{
	const struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return sys_openat2(check->root_fd, path, &how);
}

/* An image may hold devices, and opening one can do something: only a regular file is read. */
int check_open(const struct check *check, const char *path, int *ret_fd)
{
	defer_close int fd = open_below(check, path, O_PATH);
	struct statx stx;
	char self[40];
	struct text text;
	int r = fd < 0 ? fd : sys_stat(fd, "", AT_EMPTY_PATH, &stx);

	if (r < 0)
		return r;
	if (!S_ISREG(stx.stx_mode) || stx.stx_size > FILE_MAX)
		return -EINVAL;
	text_init(&text, self, sizeof(self));
	text_add(&text, "/proc/self/fd/%d", fd);
	r = sys_open(AT_FDCWD, self, O_RDONLY | O_NONBLOCK, 0);
	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}

int check_read(const struct check *check, const char *path, char **ret_text)
{
	defer_close int fd = -1;
	char self[40];
	struct text text;
	size_t len;
	int r = check_open(check, path, &fd);

	if (r < 0)
		return r;
	text_init(&text, self, sizeof(self));
	text_add(&text, "/proc/self/fd/%d", fd);
	return proc_file_read_all(AT_FDCWD, self, ret_text, &len);
}

bool check_read_line(const struct check *check, const char *path, char *buf, size_t cap)
{
	defer_free char *content = NULL;
	struct text text;

	if (check_read(check, path, &content) < 0)
		return false;
	text_init(&text, buf, cap);
	text_add(&text, "%.*s", (int)strcspn(content, "\n"), content);
	return true;
}

/* ---- directories ---- */

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Engines sort by the name in lower case. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcasecmp((*a)->d_name, (*b)->d_name);
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return len > end && strcmp(name + len - end, suffix) == 0;
}

void check_each_file(struct check *check, const char *dir, const char *suffix,
		     void (*see)(struct check *check, const char *dir, const char *name, void *ctx),
		     void *ctx)
{
	defer_close int fd = open_below(check, dir, O_PATH | O_DIRECTORY);
	struct dirent **entries;
	int n = fd < 0 ? -1 : scandirat(fd, ".", &entries, is_shown, compare_names);

	for (int i = 0; i < n; i++) {
		if (has_suffix(entries[i]->d_name, suffix))
			see(check, dir, entries[i]->d_name, ctx);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}
