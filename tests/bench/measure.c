/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/measure.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

/* What a child that cannot execute its program ends with. */
#define EXIT_NO_PROGRAM 127

/* The first or the last CPU of a set; CPU_SETSIZE: it is empty. */
static size_t pick_cpu(const cpu_set_t *cpus, bool last)
{
	size_t found = CPU_SETSIZE;

	for (size_t cpu = 0; cpu < CPU_SETSIZE && (last || found == CPU_SETSIZE); cpu++)
		if (CPU_ISSET(cpu, cpus))
			found = cpu;
	return found;
}

void measure_init(struct measure *measure, enum measure_cpus where)
{
	cpu_set_t all, own;
	size_t cpu;

	*measure = (struct measure){ .where = where };
	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		err(EX_OSERR, "sched_getaffinity");
	cpu = pick_cpu(&all, true);
	CPU_ZERO(&own);
	CPU_SET(cpu, &own);
	if (sched_setaffinity(0, sizeof(own), &own) < 0)
		err(EX_OSERR, "sched_setaffinity");
	measure->child_cpus = all;
	if (where == MEASURE_OTHER) {
		CPU_CLR(cpu, &all);
		cpu = pick_cpu(&all, false);
		if (cpu == CPU_SETSIZE)
			errx(EX_UNAVAILABLE, "--cpus=other: there is only one CPU");
		CPU_ZERO(&measure->child_cpus);
		CPU_SET(cpu, &measure->child_cpus);
	}
	measure->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	measure->error_fd = memfd_create("stderr", MFD_CLOEXEC);
	if (measure->null_fd < 0 || measure->error_fd < 0)
		err(EX_OSERR, "/dev/null and a file in memory");
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* A pipe that holds all of the input and has no writer any more. */
static int open_input(const struct job *job)
{
	size_t len = strlen(job->input);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0 ||
	    write(ends[1], job->input, len) != (ssize_t)len)
		err(EX_OSERR, "writing %zu bytes into a pipe", len);
	close(ends[1]);
	return ends[0];
}

static void clear_errors(const struct measure *measure)
{
	if (ftruncate(measure->error_fd, 0) < 0 || lseek(measure->error_fd, 0, SEEK_SET) < 0)
		err(EX_OSERR, "clearing the file for stderr");
}

/* In the child: nothing but system calls, since it may share the parent's memory. */
static _Noreturn void become(const struct measure *measure, const struct job *job, int input)
{
	char *const none[] = { NULL };

	if (measure->where != MEASURE_SAME)
		sched_setaffinity(0, sizeof(measure->child_cpus), &measure->child_cpus);
	if (dup2(input, STDIN_FILENO) >= 0 && dup2(measure->null_fd, STDOUT_FILENO) >= 0 &&
	    dup2(measure->error_fd, STDERR_FILENO) >= 0)
		execve(job->program, (char *const *)(uintptr_t)job->argv, none);
	_exit(EXIT_NO_PROGRAM);
}

static pid_t start(const struct measure *measure, const struct job *job, int input)
{
	pid_t pid = vfork();

	if (pid == 0)
		become(measure, job, input);
	return pid;
}

/* Ends the benchmark, with what the program had to say, unless it ended as it should. */
static void check(const struct measure *measure, const struct job *job, const siginfo_t *end)
{
	bool exited = end->si_code == CLD_EXITED;
	char message[2048];
	ssize_t n;

	if (exited && end->si_status == job->want)
		return;
	n = pread(measure->error_fd, message, sizeof(message), 0);
	if (n > 0)
		fprintf(stderr, "%.*s", (int)n, message);
	if (exited && end->si_status == EXIT_NO_PROGRAM)
		errx(EX_SOFTWARE,
		     "%s cannot be executed; /run, /etc and the vendor policy's folder are covered "
		     "while this runs, so the build must not lie there",
		     job->program);
	errx(EX_SOFTWARE, "%s: %s %d instead of exit code %d", job->program,
	     exited ? "exit code" : "signal", end->si_status, job->want);
}

int64_t measure_time(const struct measure *measure, const struct job *job)
{
	int input = open_input(job);
	int64_t begin, end;
	siginfo_t info;
	pid_t pid;
	int r;

	clear_errors(measure);
	begin = now();
	pid = start(measure, job, input);
	if (pid < 0)
		err(EX_OSERR, "vfork");
	r = waitid(P_PID, (id_t)pid, &info, WEXITED);
	end = now();
	if (r < 0)
		err(EX_OSERR, "waitid");
	close(input);
	check(measure, job, &info);
	return end - begin;
}

/* ---- memory ---- */

static void await_stop(pid_t pid, int *ret_status)
{
	if (waitpid(pid, ret_status, __WALL) < 0)
		err(EX_OSERR, "waitpid");
}

/* Runs a traced child up to the moment where it has ended and still has its memory. */
static bool run_to_exit(pid_t pid, int *ret_status)
{
	int status, signal = 0;

	await_stop(pid, &status); /* execve has succeeded */
	if (WIFSTOPPED(status) &&
	    ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) < 0)
		err(EX_OSERR, "ptrace");
	while (WIFSTOPPED(status) && status >> 8 != (SIGTRAP | PTRACE_EVENT_EXIT << 8)) {
		if (ptrace(PTRACE_CONT, pid, NULL, (long)signal) < 0)
			err(EX_OSERR, "ptrace");
		await_stop(pid, &status);
		signal = WSTOPSIG(status);
	}
	*ret_status = status;
	return WIFSTOPPED(status);
}

/* VmHWM of /proc/PID/status, in KiB. */
static long read_peak(pid_t pid)
{
	char path[64], line[256];
	long peak = -1;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status != NULL && peak < 0 && fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "VmHWM: %ld kB", &peak) != 1)
			peak = -1;
	if (peak < 0)
		errx(EX_OSERR, "%s has no VmHWM", path);
	fclose(status);
	return peak;
}

long measure_peak(const struct measure *measure, const struct job *job)
{
	int input = open_input(job);
	siginfo_t info;
	long peak = 0;
	int status;
	pid_t pid;

	clear_errors(measure);
	pid = fork();
	if (pid < 0)
		err(EX_OSERR, "fork");
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		become(measure, job, input);
	}
	if (run_to_exit(pid, &status)) {
		peak = read_peak(pid);
		if (ptrace(PTRACE_CONT, pid, NULL, NULL) < 0)
			err(EX_OSERR, "ptrace");
	}
	if (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0)
		err(EX_OSERR, "waitid");
	close(input);
	check(measure, job, &info);
	return peak;
}
