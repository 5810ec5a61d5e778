/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/calc/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/bpftoken/calc/confine.h"
#include "cmd/bpftoken/calc/object.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

#define WAIT_SECONDS	30
#define EXIT_UNCONFINED 2 /* no word on the objects */

/* ---- the child ---- */

static int describe(const uint8_t *bytes, const struct embed_image *image,
		    struct facts_writer *writer)
{
	/* memory of its own, aligned, of just that size */
	/* never 0: an image has a header; NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI) */
	uint8_t *copy = malloc(image->len);
	int r;

	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, bytes + image->offset, image->len);
	r = calc_object_describe(copy, image->len, writer);
	free(copy);
	return r;
}

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static _Noreturn void run_child(int write_fd, const uint8_t *bytes,
				const struct embed_image *images, size_t n)
{
	uint8_t *message = malloc(FACTS_MAX);
	struct facts_writer writer;
	size_t longest = 0;

	for (size_t i = 0; i < n; i++)
		if (images[i].len > longest)
			longest = images[i].len;
	if (message == NULL || calc_confine(write_fd, longest) < 0)
		_exit(EXIT_UNCONFINED);
	facts_begin(&writer, message, FACTS_MAX);
	for (size_t i = 0; i < n; i++) {
		int r = describe(bytes, &images[i], &writer);

		if (r == -ENOMEM)
			_exit(EXIT_FAILURE);
		if (r < 0)
			break; /* a refusal is the last word */
	}
	facts_end(&writer);
	_exit(!writer.full && write_all(write_fd, writer.bytes, writer.len) ? 0 : EXIT_FAILURE);
}

/* ---- the parent ---- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads to the end, at most cap bytes and for at most WAIT_SECONDS. Returns 0 or a negative errno. */
static int read_message(int fd, uint8_t *message, size_t cap, size_t *ret_len)
{
	int64_t end = now_ms() + (int64_t)WAIT_SECONDS * 1000;
	size_t len = 0;

	for (;;) {
		struct pollfd poller = { .fd = fd, .events = POLLIN };
		int64_t left = end - now_ms();
		ssize_t n;
		int r = left > 0 ? poll(&poller, 1, (int)left) : 0;

		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0 && errno != EINTR)
			return -errno;
		if (r < 0)
			continue;
		n = read(fd, message + len, cap - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			len += (size_t)n;
		if (n == 0) {
			*ret_len = len;
			return 0;
		}
		if (len == cap)
			return -E2BIG;
	}
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static int malformed(struct err *err, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return err_set(err, EX_DATAERR, 0,
			       "malformed object (libbpf made a system call that opening an object "
			       "does not take); build it again, or use a libbpf that this program "
			       "was tested with");
	if (WIFSIGNALED(status))
		return err_set(err, EX_DATAERR, 0,
			       "malformed object (libbpf died of it, signal %d); build it again",
			       WTERMSIG(status));
	return err_set(err, EX_DATAERR, 0, "malformed object; build it again");
}

static int hear(pid_t pid, int read_fd, uint8_t *message, struct facts *ret_facts, struct err *err)
{
	size_t len = 0;
	int r = read_message(read_fd, message, FACTS_MAX + 1, &len), status;

	if (r < 0)
		(void)kill(pid, SIGKILL);
	status = reap(pid);
	if (r == 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_UNCONFINED)
		return err_set(err, EX_OSERR, 0,
			       "the process to open it in could not be confined; libbpf is not "
			       "trusted without that");
	if (r < 0 || status != 0)
		return malformed(err, status);
	r = facts_parse(message, len, ret_facts);
	if (r == -ENOMEM)
		return err_memory(err);
	return r < 0 ? malformed(err, status) : 0;
}

int calc_child_describe(const uint8_t *bytes, const struct embed_image *images, size_t n,
			struct facts *ret_facts, struct err *err)
{
	defer_free uint8_t *message = malloc(FACTS_MAX + 1);
	int fds[2];
	pid_t pid;

	if (message == NULL)
		return err_memory(err);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(err, EX_OSERR, errno, "a pipe cannot be made");
	defer_close int read_fd = fds[0], write_fd = fds[1];
	pid = fork();
	if (pid < 0)
		return err_set(err, EX_OSERR, errno, "a process to open it in cannot be made");
	if (pid == 0)
		run_child(write_fd, bytes, images, n);
	(void)close(take_fd(&write_fd));
	return hear(pid, read_fd, message, ret_facts, err);
}
