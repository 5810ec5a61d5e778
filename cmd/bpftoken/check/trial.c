/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three processes, each of which dies with the one before it:
 *
 *   bpftoken   waits, with a bound
 *   worker     stands in for the hook: confined as it is, it opens the container and mounts
 *   container  in new namespaces: prepares its mounts, waits for the worker, uses the bpffs
 *
 * They share one page with the results. The worker and the container take turns by a socket.
 */
#include "cmd/bpftoken/check/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/bpftoken/base/turns.h"
#include "cmd/bpftoken/check/bpf_call.h"
#include "hook/input.h"
#include "hook/mount.h"
#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

/* An id that no account and no engine's range has; the container owns nothing by it. */
#define HOST_ID 2000000000u

/* The worker's own watchdog (confine_job) ends it first. */
#define PATIENCE 12000

#define NAMESPACES (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWCGROUP)

/* linux/bpf.h */
enum { CMD_MAP_CREATE = 0, CMD_PROG_LOAD = 5, MAP_LPM_TRIE = 11, PROG_XDP = 6, ATTACH_XDP = 37 };

/* ---- the container ---- */

static int fail_namespaces(struct trial *trial, int errnum)
{
	return err_set(&trial->err, EX_UNAVAILABLE, errnum,
		       errnum == ENOSPC ?
			       "container: no more namespaces may be made; raise "
			       "user.max_user_namespaces and its like (sysctl user)" :
			       "container: its namespaces cannot be made; look for a security "
			       "module or seccomp filter that forbids it");
}

/* A /sys of its own: what is on the host's does not matter, and the path is made by the hook's code. */
static int prepare(struct trial *trial)
{
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return err_set(&trial->err, EX_OSERR, errno, "container: becoming its root");
	if (mount("tmpfs", "/sys", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64k") < 0)
		return err_set(&trial->err, EX_OSERR, errno, "container: a tmpfs on its /sys");
	return 0;
}

static void use(struct trial *trial)
{
	defer_close int fd = sys_open(AT_FDCWD, REQUEST_DEFAULT_PATH, O_RDONLY | O_DIRECTORY, 0);
	defer_close int token_fd = fd < 0 ? fd : bpf_call_token(fd);

	trial->token = token_fd;
	trial->map_without = bpf_call_map(-1);
	trial->program_without = bpf_call_program(-1);
	if (token_fd < 0)
		return;
	trial->map_with = bpf_call_map(token_fd);
	trial->program_with = bpf_call_program(token_fd);
}

static _Noreturn void be_container(struct trial *trial, int fd, pid_t parent)
{
	turns_die_with(parent);
	if (unshare(NAMESPACES) < 0) {
		fail_namespaces(trial, errno);
		_exit(1);
	}
	if (!turns_tell(fd) || !turns_hear(fd))
		_exit(1);
	if (prepare(trial) < 0)
		_exit(1);
	turns_die_with(parent); /* a change of ids has cleared it */
	if (!turns_tell(fd) || !turns_hear(fd))
		_exit(1);
	use(trial);
	trial->step = TRIAL_END;
	_exit(0);
}

/* ---- the worker ---- */

/* What a request for the least that shows something would come to. */
static int delegate(pid_t pid, struct err *err)
{
	defer_with(ns_target_done) struct ns_target target = { .pidfd = -1,
							       .process_fd = -1,
							       .proc_fd = -1 };
	const struct plan plan = {
		.pid = pid,
		.root = "/",
		.path = REQUEST_DEFAULT_PATH,
		.delegation.masks = { [NAMES_CMDS] = 1ull << CMD_MAP_CREATE | 1ull << CMD_PROG_LOAD,
				      [NAMES_MAPS] = 1ull << MAP_LPM_TRIE,
				      [NAMES_PROGS] = 1ull << PROG_XDP,
				      [NAMES_ATTACHS] = 1ull << ATTACH_XDP },
		.uid = HOST_ID,
		.gid = HOST_ID,
		.mode = 0700,
		.root_uid = HOST_ID,
		.root_gid = HOST_ID,
	};
	enum mount_outcome outcome;
	int r = ns_open(pid, &target, err);

	return r < 0 ? r : mount_make(&plan, &target, &outcome, err);
}

static int lead(struct trial *trial, int fd, pid_t container)
{
	char map[40];
	struct text text;
	int r;

	if (!turns_hear(fd))
		return -ECHILD; /* its error is there already */
	text_init(&text, map, sizeof(map));
	text_add(&text, "0 %u 1\n", HOST_ID);
	r = turns_write_map(container, "uid_map", map, &trial->err);
	if (r == 0)
		r = turns_write_map(container, "gid_map", map, &trial->err);
	if (r < 0 || !turns_tell(fd) || !turns_hear(fd))
		return r < 0 ? r : -ECHILD;
	trial->step = TRIAL_BPFFS;
	r = delegate(container, &trial->err);
	if (r < 0)
		return r;
	trial->step = TRIAL_USE;
	return turns_tell(fd) ? 0 : -ECHILD;
}

static _Noreturn void be_worker(struct trial *trial, pid_t parent)
{
	pid_t self = getpid(), container;
	int fds[2];

	turns_die_with(parent);
	if (turns_become_hook(&trial->err) < 0)
		_exit(1);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		err_set(&trial->err, EX_OSERR, errno, "container: socketpair");
		_exit(1);
	}
	container = fork();
	if (container < 0) {
		err_set(&trial->err, EX_OSERR, errno, "container: fork");
		_exit(1);
	}
	if (container == 0) {
		close(fds[0]);
		be_container(trial, fds[1], self);
	}
	close(fds[1]);
	if (lead(trial, fds[0], container) < 0)
		kill(container, SIGKILL);
	while (waitpid(container, NULL, 0) < 0 && errno == EINTR)
		continue;
	_exit(0);
}

/* ---- bpftoken ---- */

static void wait_for(pid_t worker)
{
	defer_close int fd = sys_pidfd_open(worker);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t deadline = input_clock() + PATIENCE;

	while (fd >= 0) {
		int64_t left = deadline - input_clock();
		int r = left > 0 ? sys_poll(&wait, 1, (int)left) : -ETIMEDOUT;

		if (r != 0 && r != -EINTR) {
			if (r < 0)
				kill(worker, SIGKILL);
			break;
		}
	}
	while (waitpid(worker, NULL, 0) < 0 && errno == EINTR)
		continue;
}

void trial_run(struct trial *ret_trial)
{
	struct trial *trial = mmap(NULL, sizeof(*trial), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t self = getpid(), worker;

	*ret_trial = (struct trial){ 0 };
	worker = trial == MAP_FAILED ? -1 : fork();
	if (worker < 0) {
		err_set(&ret_trial->err, EX_OSERR, errno, "container: fork");
	} else if (worker == 0) {
		be_worker(trial, self);
	} else {
		wait_for(worker);
		*ret_trial = *trial;
	}
	if (trial != MAP_FAILED)
		munmap(trial, sizeof(*trial));
	if (ret_trial->step != TRIAL_END && ret_trial->err.code == 0)
		err_set(&ret_trial->err, EX_OSERR, 0,
			"container: one of its processes ended early or took too long; try again");
}
