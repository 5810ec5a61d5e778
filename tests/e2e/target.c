/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for a container that a runtime has made and not yet started: a process in fresh
 * namespaces whose pid a test can put into an OCI state of its own making.
 *
 *   1. the child is cloned into the namespaces and waits; the parent writes its id maps
 *   2. the child becomes root there, prepares its mounts, and the parent prints its pid
 *   3. the child waits for SIGUSR1 ("start"), enters the root and executes the command
 *
 * The child dies with the parent, and the parent with whoever started it.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

struct options {
	int namespaces;         /* CLONE_NEW* */
	const char *uid_map, *gid_map;
	const char *root;       /* host path of the root, NULL: stay in the host's */
	const char *setup;      /* shell command run after the root is bound, before any pivot */
	bool pivoted;           /* enter the root before the pid is printed, not at the start */
	char **command;         /* NULL: wait to be killed */
};

/* Two pipes; each end is closed by the process that does not use it, so that a death is seen. */
struct channel {
	int go[2];      /* parent to child: the id maps are written */
	int ready[2];   /* child to parent: the mounts are prepared */
};

static void usage(FILE *to)
{
	fputs("usage: target [OPTION]... [-- COMMAND [ARG]...]\n"
	      "\n"
	      "Makes a process in fresh user and mount namespaces and prints its pid. On\n"
	      "SIGUSR1 the process enters its root and executes COMMAND; without a COMMAND it\n"
	      "waits to be killed.\n"
	      "\n"
	      "  --no-user        no user namespace of its own\n"
	      "  --no-mount       no mount namespace of its own\n"
	      "  --net --cgroup --pid  a network, cgroup, pid namespace as well\n"
	      "  --map=MAP        uid and gid map, as in /proc/PID/uid_map (\"0 1000000 65536\")\n"
	      "  --uid-map=MAP --gid-map=MAP  one of the two; an empty MAP writes none\n"
	      "  --root=DIR       bind DIR on itself as the root to be\n"
	      "  --setup=COMMAND  run by the host's shell in the namespaces, when DIR is bound\n"
	      "  --pivoted        enter DIR at once, not on SIGUSR1\n"
	      "  --help           this text\n", to);
}

static void parse_options(int argc, char **argv, struct options *o)
{
	enum {
		NO_USER = 1, NO_MOUNT, NET, CGROUP, PID, MAP, UID_MAP, GID_MAP, ROOT, SETUP,
		PIVOTED, HELP,
	};
	static const struct option options[] = {
		{ "no-user", no_argument, NULL, NO_USER },
		{ "no-mount", no_argument, NULL, NO_MOUNT },
		{ "net", no_argument, NULL, NET },
		{ "cgroup", no_argument, NULL, CGROUP },
		{ "pid", no_argument, NULL, PID },
		{ "map", required_argument, NULL, MAP },
		{ "uid-map", required_argument, NULL, UID_MAP },
		{ "gid-map", required_argument, NULL, GID_MAP },
		{ "root", required_argument, NULL, ROOT },
		{ "setup", required_argument, NULL, SETUP },
		{ "pivoted", no_argument, NULL, PIVOTED },
		{ "help", no_argument, NULL, HELP },
		{ NULL, 0, NULL, 0 },
	};
	for (int c; (c = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
		switch (c) {
		case NO_USER: o->namespaces &= ~CLONE_NEWUSER; break;
		case NO_MOUNT: o->namespaces &= ~CLONE_NEWNS; break;
		case NET: o->namespaces |= CLONE_NEWNET; break;
		case CGROUP: o->namespaces |= CLONE_NEWCGROUP; break;
		case PID: o->namespaces |= CLONE_NEWPID; break;
		case MAP: o->uid_map = o->gid_map = optarg; break;
		case UID_MAP: o->uid_map = optarg; break;
		case GID_MAP: o->gid_map = optarg; break;
		case ROOT: o->root = optarg; break;
		case SETUP: o->setup = optarg; break;
		case PIVOTED: o->pivoted = true; break;
		case HELP: usage(stdout); exit(EXIT_SUCCESS);
		default: usage(stderr); exit(EX_USAGE);
		}
	}
	if (optind < argc)
		o->command = argv + optind;
}

/* fork(2), and the child in new namespaces. */
static pid_t fork_into(int namespaces)
{
	struct clone_args args = { .flags = (unsigned)namespaces, .exit_signal = SIGCHLD };
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static void write_map(pid_t pid, const char *file, const char *map)
{
	if (*map == '\0')
		return;
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, map, strlen(map)) < 0)
		err(EX_OSERR, "writing \"%s\" to %s", map, path);
	close(fd);
}

/* Yields when the other side has written its byte; ends the program if it has died instead. */
static void await(int fd, const char *what)
{
	char byte;
	ssize_t n;
	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		errx(EX_OSERR, "%s: the other process is gone", what);
}

static void signal_byte(int fd)
{
	if (write(fd, "", 1) != 1)
		err(EX_OSERR, "telling the other process");
}

/*
 * Where a test leaves 0 unmapped (EINVAL), the child stays who it is; it has capabilities anyhow.
 *
 * Ids first: a change of ids clears the parent death signal. The pipe tells whether the parent
 * died before the signal was set; getppid() would not, it is 0 in a new pid namespace.
 */
static void become_root(int go_fd)
{
	if ((setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) && errno != EINVAL)
		err(EX_OSERR, "becoming root");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		err(EX_OSERR, "prctl");
	struct pollfd parent = { .fd = go_fd };
	if (poll(&parent, 1, 0) != 0)
		errx(EX_OSERR, "the parent is gone");
}

static void run_setup(const char *command)
{
	int status = system(command);
	if (status != 0)
		errx(EX_OSERR, "setup failed with status %#x: %s", (unsigned)status, command);
}

static void prepare_mounts(const struct options *o)
{
	if ((o->namespaces & CLONE_NEWNS) && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		err(EX_OSERR, "making the mounts private");
	if (o->root != NULL && mount(o->root, o->root, NULL, MS_BIND | MS_REC, NULL) < 0)
		err(EX_OSERR, "binding %s", o->root);
	if (o->setup != NULL)
		run_setup(o->setup);
}

/* The old root lands on top of the new one and is detached from there, as runtimes do it. */
static void enter_root(const char *root)
{
	if (root == NULL)
		return;
	if (chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		err(EX_OSERR, "making %s the root", root);
}

static void await_start(const sigset_t *start)
{
	while (sigwaitinfo(start, NULL) < 0)
		if (errno != EINTR)
			err(EX_OSERR, "sigwaitinfo");
}

static _Noreturn void child(const struct options *o, struct channel *ch, const sigset_t *start)
{
	close(ch->go[1]);
	close(ch->ready[0]);
	await(ch->go[0], "waiting for the id maps");
	become_root(ch->go[0]);
	prepare_mounts(o);
	if (o->pivoted)
		enter_root(o->root);
	signal_byte(ch->ready[1]);

	await_start(start);
	if (!o->pivoted)
		enter_root(o->root);
	if (o->command == NULL)
		for (;;)
			pause();
	if (sigprocmask(SIG_UNBLOCK, start, NULL) < 0)
		err(EX_OSERR, "sigprocmask");
	execv(o->command[0], o->command);
	err(EX_OSERR, "executing %s", o->command[0]);
}

static int exit_code(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(EX_OSERR, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct options o = {
		.namespaces = CLONE_NEWUSER | CLONE_NEWNS,
		.uid_map = "0 1000000 65536", .gid_map = "0 1000000 65536",
	};
	parse_options(argc, argv, &o);
	if (!(o.namespaces & CLONE_NEWUSER))
		o.uid_map = o.gid_map = "";

	pid_t caller = getppid();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		err(EX_OSERR, "prctl");
	if (getppid() != caller)
		errx(EX_OSERR, "the caller is gone");

	sigset_t start;
	sigemptyset(&start);
	sigaddset(&start, SIGUSR1);
	struct channel ch;
	if (sigprocmask(SIG_BLOCK, &start, NULL) < 0 || pipe2(ch.go, O_CLOEXEC) < 0 ||
	    pipe2(ch.ready, O_CLOEXEC) < 0)
		err(EX_OSERR, "preparing");

	pid_t pid = fork_into(o.namespaces);
	if (pid < 0)
		err(EX_OSERR, "clone");
	if (pid == 0)
		child(&o, &ch, &start);

	close(ch.go[0]);
	close(ch.ready[1]);
	write_map(pid, "uid_map", o.uid_map);
	write_map(pid, "gid_map", o.gid_map);
	signal_byte(ch.go[1]);
	await(ch.ready[0], "waiting for the mounts");
	printf("%d\n", (int)pid);
	fflush(stdout);
	/* The write end of "go" stays open: the child takes its end for that of this process. */
	return exit_code(pid);
}
