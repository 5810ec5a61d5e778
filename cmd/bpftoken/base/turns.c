/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/base/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hook/confine.h"
#include "hook/sys.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

bool turns_tell(int fd)
{
	return send(fd, "", 1, MSG_NOSIGNAL) == 1;
}

bool turns_hear(int fd)
{
	char byte;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

void turns_die_with(pid_t parent)
{
	/* a death signal is sent for a death to come only */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
		_exit(1);
}

int turns_write_map(pid_t pid, const char *name, const char *map, struct err *err)
{
	size_t len = strlen(map);
	char path[40];
	struct text text;

	text_init(&text, path, sizeof(path));
	text_add(&text, "/proc/%d/%s", (int)pid, name);
	defer_close int fd = sys_open(AT_FDCWD, path, O_WRONLY, 0);

	if (fd < 0 || write(fd, map, len) != (ssize_t)len)
		return err_set(err, EX_OSERR, fd < 0 ? -fd : errno, "container: writing its %s",
			       name);
	return 0;
}

static int check_proc(struct err *err)
{
	char self[16], own[16];
	struct text text;
	ssize_t n = sys_readlink(AT_FDCWD, "/proc/self", self, sizeof(self) - 1);

	text_init(&text, own, sizeof(own));
	text_add(&text, "%d", (int)getpid());
	if (n >= 0)
		self[n] = '\0';
	if (n >= 0 && strcmp(self, own) == 0)
		return 0;
	return err_set(err, EX_OSERR, n < 0 ? (int)-n : 0,
		       "/proc: it is not the procfs of this pid namespace; mount one there");
}

int turns_become_hook(struct err *err)
{
	int r = confine_start(err);

	if (r == 0)
		r = confine_job(err);
	if (r == 0)
		r = confine_raise(err);
	return r < 0 ? r : check_proc(err);
}
