/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hook/input.h"
#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

#define PATIENCE 5000

/* By these two root gains nothing from execve either: the kernel cuts what it would get back. */
static bool drop_privilege(void)
{
	cap_t none = cap_init();
	bool dropped = none != NULL && cap_set_proc(none) == 0;

	cap_free(none);
	return dropped && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static _Noreturn void run(int path_fd, const char *path, int output, pid_t parent)
{
	const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
					    "HOME=/", NULL };
	const char *const arguments[] = { path, "--version", NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (setpgid(0, 0) < 0 || null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
	    dup2(null, 2) < 0 || !drop_privilege() || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    getppid() != parent)
		_exit(126);
	syscall(SYS_execveat, path_fd, "", arguments, environment, AT_EMPTY_PATH);
	_exit(127);
}

static int read_output(int fd, char *buf, size_t cap)
{
	int64_t deadline = input_clock() + PATIENCE;
	char rest[512];
	size_t len = 0;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - input_clock();
		int r = left > 0 ? sys_poll(&wait, 1, (int)left) : -ETIMEDOUT;
		bool full = len + 1 >= cap;
		ssize_t n;

		if (r == 0 || r == -EINTR)
			continue;
		if (r < 0)
			return r;
		n = full ? sys_read(fd, rest, sizeof(rest)) :
			   sys_read(fd, buf + len, cap - 1 - len);
		if (n <= 0) {
			buf[len] = '\0';
			return (int)n;
		}
		len += full ? 0 : (size_t)n;
	}
}

int child_version(int path_fd, const char *path, char *buf, size_t cap)
{
	int fds[2], status = 0, r;
	pid_t self = getpid(), child;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child == 0)
		run(path_fd, path, fds[1], self);
	close(fds[1]);
	defer_close int output = fds[0];

	if (child < 0)
		return -errno;
	r = read_output(output, buf, cap);
	/* It may have closed its output and live on, and may have children of its own. */
	kill(-child, SIGKILL);
	if (r < 0)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (r < 0)
		return r;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}
