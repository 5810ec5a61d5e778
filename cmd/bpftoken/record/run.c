/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   bpftoken   makes the two others, writes the id maps, watches
 *   worker     stands in for the hook: confined as it is, it mounts the bpffs, and ends
 *   container  in new namespaces: waits for its maps, waits for its bpffs, becomes the command
 */
#include "cmd/bpftoken/record/run.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/bpftoken/base/turns.h"
#include "cmd/bpftoken/host/process.h"
#include "cmd/bpftoken/observe/session.h"
#include "hook/mount.h"
#include "hook/sys.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define NAMESPACES (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWCGROUP)

/* Every id is itself: the command reads and writes the files that it would without. */
#define SAME_IDS "0 0 4294967295\n"

/* ---- the container ---- */

static void raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	defer_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		(void)ioctl(fd, SIOCSIFFLAGS, &request); /* a command that wants it says so */
}

/* Each failing step is told by its errno, since nobody shares memory with the command. */
static int enter(int fd, pid_t parent)
{
	turns_die_with(parent);
	if (unshare(NAMESPACES) < 0)
		return errno;
	if (!turns_tell(fd) || !turns_hear(fd))
		return ECHILD;
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return errno;
	turns_die_with(parent); /* a change of ids has cleared it */
	/* one of its own network namespace, so that its devices are there */
	if (mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return errno;
	raise_loopback();
	return turns_tell(fd) && turns_hear(fd) ? 0 : ECHILD;
}

/* The socket closes when the command is executed, and carries why where it is not. */
static _Noreturn void be_container(char **command, int fd, pid_t parent)
{
	int errnum = enter(fd, parent);

	if (errnum == 0) {
		session_forget_signals();
		execvp(command[0], command);
		errnum = errno;
	}
	(void)send(fd, &errnum, sizeof(errnum), MSG_NOSIGNAL);
	_exit(127);
}

/* ---- the worker ---- */

static int delegate_all(pid_t pid, struct err *err)
{
	defer_with(ns_target_done) struct ns_target target = { .pidfd = -1,
							       .process_fd = -1,
							       .proc_fd = -1 };
	struct plan plan = { .pid = pid, .root = "/", .path = REQUEST_DEFAULT_PATH, .mode = 0700 };
	enum mount_outcome outcome;
	int r;

	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		plan.delegation.masks[list] = DELEGATION_ANY;
	r = turns_become_hook(err);
	if (r == 0)
		r = ns_open(pid, &target, err);
	return r < 0 ? r : mount_make(&plan, &target, &outcome, err);
}

static int delegate(pid_t pid, struct err *err)
{
	struct err *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = -1;
	pid_t worker = shared == MAP_FAILED ? -1 : fork();

	if (worker == 0)
		_exit(delegate_all(pid, shared) < 0 ? 1 : 0);
	while (worker > 0 && waitpid(worker, &status, 0) < 0 && errno == EINTR)
		continue;
	if (worker < 0)
		err_set(err, EX_OSERR, errno, "container: fork");
	else if (status != 0 && shared->code == 0)
		err_set(err, EX_OSERR, 0, "container: its bpffs: the process that mounts it died");
	else
		*err = *shared;
	if (shared != MAP_FAILED)
		munmap(shared, sizeof(*shared));
	return worker > 0 && status == 0 ? 0 : -EIO;
}

/* ---- bpftoken ---- */

static int fail_child(int fd, struct err *err)
{
	int errnum = 0;

	if (recv(fd, &errnum, sizeof(errnum), 0) != (ssize_t)sizeof(errnum))
		errnum = 0;
	return err_set(err, EX_OSERR, errnum,
		       "container: its namespaces cannot be made; look for a security module or "
		       "seccomp filter that forbids it");
}

static int find_mount_ns(pid_t pid, uint64_t *ret_inode)
{
	defer_close int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	defer_close int dir_fd = proc_fd < 0 ? -1 : process_open(proc_fd, pid);

	return dir_fd < 0 ? -ESRCH : process_namespace(dir_fd, "ns/mnt", ret_inode);
}

/* Takes turns with the container until it waits for its bpffs alone. */
static int lead(struct run *run, struct err *err)
{
	int r;

	if (!turns_hear(run->turn_fd))
		return fail_child(run->turn_fd, err);
	r = turns_write_map(run->pid, "uid_map", SAME_IDS, err);
	if (r == 0)
		r = turns_write_map(run->pid, "gid_map", SAME_IDS, err);
	if (r < 0)
		return r;
	if (!turns_tell(run->turn_fd) || !turns_hear(run->turn_fd))
		return fail_child(run->turn_fd, err);
	r = delegate(run->pid, err);
	if (r == 0 && find_mount_ns(run->pid, &run->mount_ns) < 0)
		r = err_set(err, EX_OSERR, 0, "container: its mount namespace");
	return r;
}

int run_prepare(char **command, struct run *ret_run, struct err *err)
{
	struct run *run = ret_run;
	pid_t self = getpid();
	int fds[2];

	*run = (struct run){ .pidfd = -1, .turn_fd = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_set(err, EX_OSERR, errno, "container: socketpair");
	run->pid = fork();
	if (run->pid == 0) {
		close(fds[0]);
		be_container(command, fds[1], self);
	}
	close(fds[1]);
	run->turn_fd = fds[0];
	if (run->pid < 0) {
		run->pid = 0;
		return err_set(err, EX_OSERR, errno, "container: fork");
	}
	run->pidfd = sys_pidfd_open(run->pid);
	if (run->pidfd < 0)
		return err_set(err, EX_OSERR, -run->pidfd, "container: pidfd_open");
	return lead(run, err);
}

int run_start(struct run *run, struct err *err)
{
	int errnum = ECHILD;
	ssize_t n = -1;

	if (turns_tell(run->turn_fd))
		n = recv(run->turn_fd, &errnum, sizeof(errnum), 0);
	if (n == 0)
		return 0;
	return err_set(err, EX_DATAERR, errnum, "the command cannot be executed");
}

int run_done(struct run *run)
{
	int status = 0;

	if (run->pid > 0) {
		/* one that has ended by itself keeps its status */
		(void)kill(run->pid, SIGKILL);
		while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	defer_close_fd(&run->pidfd);
	defer_close_fd(&run->turn_fd);
	*run = (struct run){ .pidfd = -1, .turn_fd = -1 };
	return status;
}
