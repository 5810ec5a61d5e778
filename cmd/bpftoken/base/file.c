/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define PIECE 65536

/* A path that names nothing, or nothing readable, is the caller's mistake. */
static int exit_code(int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR || errnum == EISDIR || errnum == EACCES ||
			       errnum == ENXIO || errnum == ELOOP || errnum == ENAMETOOLONG ?
		       EX_DATAERR :
		       EX_OSERR;
}

int file_read_open(int fd, size_t max, char **ret_text, size_t *ret_len, struct err *err)
{
	defer_free char *text = NULL;
	size_t len = 0, cap = 0;
	ssize_t n;

	do {
		if (len + 1 >= cap) {
			char *longer = realloc(text, cap + PIECE);

			if (longer == NULL)
				return err_memory(err);
			text = longer;
			cap += PIECE;
		}
		n = read(fd, text + len, cap - len - 1);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len <= max) || (n < 0 && errno == EINTR));
	if (n < 0)
		return err_set(err, exit_code(errno), errno, "it cannot be read");
	if (len > max)
		return err_set(err, EX_DATAERR, 0, "it has more than %zu bytes, which is too large",
			       max);
	text[len] = '\0';
	*ret_text = text;
	*ret_len = len;
	text = NULL;
	return 0;
}

int file_read(const char *path, size_t max, char **ret_text, size_t *ret_len, struct err *err)
{
	defer_close int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) :
						      open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0)
		r = err_set(err, exit_code(errno), errno, "it cannot be opened");
	else
		r = file_read_open(fd, max, ret_text, ret_len, err);
	if (r < 0)
		err_prefix(err, "%s", strcmp(path, "-") == 0 ? "standard input" : quote(path).text);
	return r;
}
