/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long bpftoken list takes on a host with many containers: makes as many mount namespaces, each
 * with a delegated bpffs of its own, runs it some times and prints the times.
 *
 * The children die with this program, and their namespaces and mounts with them. Exits 0 when every
 * container was listed and a run took less than a second of a processor, 1 when not, 69 where the
 * host cannot show it. The program never waits, so on a host that has a processor to spare that is
 * the time it takes; other work there does not count.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define RUNS	       5
#define CONTAINERS_MAX 20000
#define LIMIT_MS       1000.0

static const char options[] = "delegate_cmds=map_create:prog_load:btf_load,"
			      "delegate_maps=array:hash:ringbuf,delegate_progs=socket_filter:xdp,"
			      "delegate_attachs=cgroup_inet_ingress:xdp,mode=0700";

static _Noreturn void be_container(int ready, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("bpf", "/sys/fs/bpf", "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
		_exit(2);
	if (write(ready, "", 1) != 1)
		_exit(3);
	for (;;)
		pause();
}

static void make_containers(unsigned n, pid_t *ret_pids)
{
	pid_t self = getpid();
	int ready[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC) < 0)
		err(EX_OSERR, "pipe");
	for (unsigned i = 0; i < n; i++) {
		ret_pids[i] = fork();
		if (ret_pids[i] < 0)
			err(EX_OSERR, "fork");
		if (ret_pids[i] == 0)
			be_container(ready[1], self);
	}
	close(ready[1]);
	for (unsigned i = 0; i < n; i++)
		if (read(ready[0], &byte, 1) != 1) {
			warnx("a container did not come up: root, /sys/fs/bpf and Linux 6.9 are needed");
			exit(EX_UNAVAILABLE);
		}
	close(ready[0]);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

struct times {
	double wall_ms, cpu_ms;
};

static double in_ms(struct timeval time)
{
	return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

/* Runs the program and yields how many containers it lists. */
static unsigned run_list(const char *program, struct times *ret_times)
{
	static const char word[] = "\"mountNamespaces\"";
	FILE *output;
	char *line = NULL;
	size_t cap = 0;
	unsigned n = 0;
	double start = now_ms();
	int fds[2], status;
	struct rusage usage;
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) < 0 || (child = fork()) < 0)
		err(EX_OSERR, "fork");
	if (child == 0) {
		dup2(fds[1], STDOUT_FILENO);
		execl(program, program, "list", "--json", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	output = fdopen(fds[0], "r");
	if (output == NULL)
		err(EX_OSERR, "fdopen");
	while (getline(&line, &cap, output) >= 0)
		n += strstr(line, word) != NULL;
	fclose(output);
	free(line);
	if (wait4(child, &status, 0, &usage) < 0 || status != 0)
		errx(EX_SOFTWARE, "%s list ended with status %#x", program, (unsigned)status);
	*ret_times =
		(struct times){ now_ms() - start, in_ms(usage.ru_utime) + in_ms(usage.ru_stime) };
	return n;
}

static int compare(const void *a, const void *b)
{
	double x = ((const struct times *)a)->cpu_ms, y = ((const struct times *)b)->cpu_ms;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	unsigned n = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 1000, before, listed = 0;
	struct times times[RUNS], ignored;
	pid_t *pids;

	if (argc < 2 || argc > 3 || n == 0 || n > CONTAINERS_MAX)
		errx(EX_USAGE, "usage: list_bench BPFTOKEN [CONTAINERS]");
	pids = calloc(n, sizeof(*pids));
	if (pids == NULL)
		err(EX_OSERR, "calloc");
	before = run_list(argv[1], &ignored);
	make_containers(n, pids);
	for (unsigned i = 0; i < RUNS; i++)
		listed = run_list(argv[1], &times[i]);
	for (unsigned i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	for (unsigned i = 0; i < n; i++)
		waitpid(pids[i], NULL, 0);
	free(pids);
	qsort(times, RUNS, sizeof(times[0]), compare);
	printf("%u containers listed; of %d runs the best took %.0f ms of a processor (%.0f ms on the "
	       "clock), the median %.0f ms (%.0f ms)\n",
	       listed - before, RUNS, times[0].cpu_ms, times[0].wall_ms, times[RUNS / 2].cpu_ms,
	       times[RUNS / 2].wall_ms);
	if (listed < before + n)
		warnx("%u containers are missing", before + n - listed);
	return listed >= before + n && (n > 1000 || times[0].cpu_ms < LIMIT_MS) ? EXIT_SUCCESS :
										  EXIT_FAILURE;
}
