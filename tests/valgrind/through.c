/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: through COMMAND...
 *
 * Runs a command and makes the system calls that it, or a process that it forks, hides in prctl(2)
 * (see gate.h). Ends as the command does. For x86-64.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/valgrind/gate.h"

#define SYSCALL_STOP (SIGTRAP | 0x80)

static long must(long r, const char *what)
{
	if (r < 0)
		err(EX_OSERR, "%s", what);
	return r;
}

/* At the entry of a call; at its exit the number is that of the call in its place. */
static void put_in_place(pid_t pid)
{
	struct user_regs_struct regs;

	must(ptrace(PTRACE_GETREGS, pid, 0L, &regs), "PTRACE_GETREGS");
	if (regs.orig_rax != SYS_prctl || regs.rdi < GATE_PRCTL || regs.rdi >= GATE_PRCTL + 1024)
		return;
	regs.orig_rax = regs.rdi - GATE_PRCTL;
	regs.rdi = regs.rsi;
	regs.rsi = regs.rdx;
	regs.rdx = regs.r10;
	regs.r10 = regs.r8;
	regs.r8 = regs.r9;
	must(ptrace(PTRACE_SETREGS, pid, 0L, &regs), "PTRACE_SETREGS");
}

/* Until no process is left; returns the status of the first. */
static int follow(pid_t first)
{
	int status, end = 0, sig;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			end = pid == first ? status : end;
			continue;
		}
		sig = WSTOPSIG(status);
		if (sig == SYSCALL_STOP)
			put_in_place(pid);
		if (sig == SYSCALL_STOP || sig == SIGTRAP || sig == SIGSTOP || status >> 16 != 0)
			sig = 0;
		if (ptrace(PTRACE_SYSCALL, pid, 0L, (long)sig) < 0 && errno != ESRCH)
			err(EX_OSERR, "PTRACE_SYSCALL");
	}
	return end;
}

int main(int argc, char **argv)
{
	pid_t pid;
	int status;

	if (argc < 2)
		errx(EX_USAGE, "usage: through COMMAND...");
	pid = (pid_t)must(fork(), "fork");
	if (pid == 0) {
		must(ptrace(PTRACE_TRACEME, 0, 0L, 0L), "PTRACE_TRACEME");
		raise(SIGSTOP);
		execvp(argv[1], argv + 1);
		err(EX_UNAVAILABLE, "%s", argv[1]);
	}
	must(waitpid(pid, &status, __WALL), "waitpid");
	must(ptrace(PTRACE_SETOPTIONS, pid, 0L,
		    (long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE |
			   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)),
	     "PTRACE_SETOPTIONS");
	must(ptrace(PTRACE_SYSCALL, pid, 0L, 0L), "PTRACE_SYSCALL");
	status = follow(pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
