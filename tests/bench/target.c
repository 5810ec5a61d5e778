/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/target.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum order { ORDER_PREPARE, ORDER_START, ORDER_DESCRIBE, ORDER_UNMOUNT, ORDER_END };

struct answer {
	pid_t pid;
	char mount[1024];
};

/* ---- the keeper ---- */

struct keeper {
	int fd;
	const char *root, *destination;
	pid_t pid;
};

static void prepare(const struct keeper *keeper)
{
	char sys[256];

	snprintf(sys, sizeof(sys), "%s/sys", keeper->root);
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0 || /* this clears the death signal */
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		err(EX_OSERR, "target: becoming the container's root");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(keeper->root, keeper->root, NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    mount("sysfs", sys, "sysfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		err(EX_OSERR, "target: mounting its root and %s", sys);
}

static void start(struct keeper *keeper)
{
	keeper->pid = fork();
	if (keeper->pid < 0)
		err(EX_OSERR, "target: fork");
	if (keeper->pid > 0)
		return;
	close(keeper->fd);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

/* The last line of the mount table for the destination: from the options on, so without ids. */
static void describe_mount(const char *destination, char *buf, size_t cap)
{
	FILE *table = fopen("/proc/self/mountinfo", "re");
	char line[4096], path[1024];
	int rest;

	buf[0] = '\0';
	if (table == NULL)
		err(EX_OSERR, "target: /proc/self/mountinfo");
	while (fgets(line, sizeof(line), table) != NULL)
		if (sscanf(line, "%*s %*s %*s %*s %1023s %n", path, &rest) == 1 &&
		    strcmp(path, destination) == 0)
			snprintf(buf, cap, "%.*s", (int)strcspn(line + rest, "\n"), line + rest);
	fclose(table);
}

static void unmount(const struct keeper *keeper)
{
	struct statfs st;

	if (statfs(keeper->destination, &st) < 0)
		err(EX_OSERR, "target: %s", keeper->destination);
	if (st.f_type != BPF_FS_MAGIC)
		errx(EX_SOFTWARE, "target: there is no bpffs on %s after a run that says so",
		     keeper->destination);
	if (umount2(keeper->destination, 0) < 0)
		err(EX_OSERR, "target: unmounting %s", keeper->destination);
}

static void end_process(struct keeper *keeper)
{
	if (kill(keeper->pid, SIGKILL) < 0 || waitpid(keeper->pid, NULL, 0) < 0)
		err(EX_OSERR, "target: ending its process");
	keeper->pid = 0;
}

static void end(struct keeper *keeper)
{
	struct statfs st;

	if (statfs(keeper->destination, &st) < 0)
		err(EX_OSERR, "target: %s", keeper->destination);
	if (st.f_type == BPF_FS_MAGIC)
		errx(EX_SOFTWARE, "target: there is a bpffs on %s that nobody has asked for",
		     keeper->destination);
	end_process(keeper);
}

static _Noreturn void keep(struct keeper *keeper)
{
	char order;

	while (read(keeper->fd, &order, 1) == 1) {
		struct answer answer = { 0 };

		if (order == ORDER_PREPARE)
			prepare(keeper);
		else if (order == ORDER_START)
			start(keeper);
		else if (order == ORDER_DESCRIBE)
			describe_mount(keeper->destination, answer.mount, sizeof(answer.mount));
		else if (order == ORDER_UNMOUNT)
			unmount(keeper);
		else
			end(keeper);
		answer.pid = keeper->pid;
		if (write(keeper->fd, &answer, sizeof(answer)) != sizeof(answer))
			err(EX_OSERR, "target: answering");
	}
	if (keeper->pid != 0)
		end_process(keeper);
	exit(EXIT_SUCCESS);
}

/* ---- the benchmark's side ---- */

static void give_order(struct target *target, enum order order, struct answer *ret_answer)
{
	char byte = (char)order;

	if (write(target->fd, &byte, 1) != 1 ||
	    read(target->fd, ret_answer, sizeof(*ret_answer)) != sizeof(*ret_answer))
		errx(EX_SOFTWARE, "the target does not answer");
	target->pid = ret_answer->pid;
}

static void write_map(pid_t pid, const char *name)
{
	char path[64], map[64];
	int len = snprintf(map, sizeof(map), "0 %d 65536", TARGET_ID);
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, map, (size_t)len) != len)
		err(EX_OSERR, "target: writing \"%s\" to %s", map, path);
	close(fd);
}

void target_close(struct target *target)
{
	if (target->keeper == 0)
		return;
	close(target->fd);
	/* the keeper's own process is ours where the keeper has failed: we are their subreaper */
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	target->keeper = 0;
}

/* Whoever ends the program with err(3) leaves no process behind, wherever that is. */
static void close_at_exit(int status, void *target)
{
	(void)status;
	target_close(target);
}

void target_open(const char *root, const char *destination, struct target *ret_target)
{
	struct clone_args args = {
		.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWCGROUP,
		.exit_signal = SIGCHLD,
	};
	const struct timeval patience = { .tv_sec = 30 };
	struct answer answer;
	pid_t pid;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0 ||
	    setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0)
		err(EX_OSERR, "target: socketpair");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		err(EX_OSERR, "target: prctl");
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		err(EX_OSERR, "target: making its namespaces");
	if (pid == 0) {
		close(fds[0]);
		keep(&(struct keeper){ fds[1], root, destination, 0 });
	}
	close(fds[1]);
	write_map(pid, "uid_map");
	write_map(pid, "gid_map");
	*ret_target = (struct target){ fds[0], pid, 0 };
	on_exit(close_at_exit, ret_target);
	give_order(ret_target, ORDER_PREPARE, &answer);
}

void target_start(struct target *target)
{
	struct answer answer;

	give_order(target, ORDER_START, &answer);
}

char *target_describe(struct target *target)
{
	struct answer answer;
	char *mount;

	give_order(target, ORDER_DESCRIBE, &answer);
	mount = strdup(answer.mount);
	if (mount == NULL)
		err(EX_OSERR, "strdup");
	return mount;
}

void target_stop(struct target *target, bool mounted)
{
	struct answer answer;

	if (mounted)
		give_order(target, ORDER_UNMOUNT, &answer);
	give_order(target, ORDER_END, &answer);
}
