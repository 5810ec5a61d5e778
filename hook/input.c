/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <time.h>

#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

int64_t input_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until the stream has bytes or ends; -ETIMEDOUT past its deadline. */
static int wait_readable(const struct input *input)
{
	struct pollfd wait = { .fd = input->fd, .events = POLLIN };
	int64_t left;
	int r;

	do {
		left = input->deadline - input_clock();
		if (left <= 0)
			return -ETIMEDOUT;
		r = sys_poll(&wait, 1, (int)left);
	} while (r == 0 || r == -EINTR);
	return r < 0 ? r : 0;
}

static int input_read(struct source *self, char *buf, size_t cap, size_t *ret_len, struct err *err)
{
	const struct input *input = (const struct input *)self;
	ssize_t n;
	int r = input->deadline != 0 ? wait_readable(input) : 0;

	if (r == -ETIMEDOUT)
		return err_set(err, EX_DATAERR, 0,
			       "it does not end within %d seconds; write the OCI state and close "
			       "the pipe",
			       input->seconds);
	if (r < 0)
		return err_set(err, EX_OSERR, -r, "poll");
	do
		n = sys_read(input->fd, buf, cap);
	while (n == -EINTR);
	if (n < 0 &&
	    input->deadline != 0) /* closed, write-only or a directory: the caller's doing */
		return err_set(err, EX_DATAERR, (int)-n, "it cannot be read");
	if (n < 0)
		return err_set(err, EX_OSERR, (int)-n, "read");
	*ret_len = (size_t)n;
	return 0;
}

struct input input_stream(int fd, int seconds)
{
	return (struct input){
		{ input_read }, fd, seconds, input_clock() + (int64_t)seconds * 1000
	};
}

struct input input_file(int fd)
{
	return (struct input){ { input_read }, fd, 0, 0 };
}

static bool is_pipe(int fd)
{
	struct statx stx;

	return sys_stat(fd, "", AT_EMPTY_PATH, &stx) == 0 &&
	       (S_ISFIFO(stx.stx_mode) || S_ISSOCK(stx.stx_mode));
}

void input_drain(int fd)
{
	struct input input = input_stream(fd, 1);
	char buf[4096];
	size_t len = 1;
	struct err ignored;

	if (!is_pipe(fd))
		return; /* nobody waits for a file to be read, and a terminal has no end */
	while (len != 0 && input_read(&input.source, buf, sizeof(buf), &len, &ignored) == 0)
		;
}

static int check_regular(int r, const struct statx *stx, int64_t max, int code, struct err *err)
{
	if (r == -ENOENT)
		return err_set(err, code, ENOENT, "open");
	if (r < 0)
		return err_set(err, EX_OSERR, -r, "open");
	if (!S_ISREG(stx->stx_mode))
		return err_set(err, code, 0, "it is not a regular file; put a file there");
	if (stx->stx_size > (uint64_t)max)
		return err_set(err, code, 0, "it has %llu bytes; at most %lld are read",
			       (unsigned long long)stx->stx_size, (long long)max);
	return 0;
}

/*
 * Judged before it is opened, because opening a device can do something, and again once it is open.
 * A second open through /proc/self/fd would make this one file, at three times the cost; who could
 * exchange it in between is root, and gets no more than an open without a wait.
 */
int input_open(int dir_fd, const char *path, int64_t max, int code, int *ret_fd, struct err *err)
{
	struct statx stx;
	int r = check_regular(sys_stat(dir_fd, path, 0, &stx), &stx, max, code, err);

	if (r < 0)
		return r;
	defer_close int fd = sys_open(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

	r = fd < 0 ? fd : sys_stat(fd, "", AT_EMPTY_PATH, &stx);
	r = check_regular(r, &stx, max, code, err);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}
