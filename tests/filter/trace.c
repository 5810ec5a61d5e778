/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/filter/trace.h"

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80)

struct tracer {
	struct trace *trace;
	struct trace_options options;
	pid_t child;
	bool installed;
	bool disturbed;
	bool replaced;
	bool attached;
};

static long must(long r, const char *what)
{
	if (r < 0)
		err(EX_OSERR, "%s", what);
	return r;
}

static void read_memory(pid_t pid, uint64_t from, void *to, size_t len)
{
	struct iovec local = { to, len }, remote = { (void *)(uintptr_t)from, len };

	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != (ssize_t)len)
		err(EX_OSERR, "process_vm_readv");
}

static uint64_t stack_of(pid_t pid)
{
	struct __ptrace_syscall_info info;

	must(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info), "PTRACE_GET_SYSCALL_INFO");
	return info.stack_pointer;
}

/* Behind execve: argc, argv, NULL, the environment, NULL, and then the auxiliary vector. */
static void take_vdso_away(pid_t pid)
{
	uint64_t at = stack_of(pid), word[2];
	unsigned nulls = 0;

	for (at += 8; nulls < 2; at += 8) {
		read_memory(pid, at, word, 8);
		nulls += word[0] == 0;
	}
	for (;; at += 16) {
		read_memory(pid, at, word, 16);
		if (word[0] == AT_NULL)
			return;
		if (word[0] == AT_SYSINFO_EHDR)
			must(ptrace(PTRACE_POKEDATA, pid, at, (long)AT_IGNORE), "PTRACE_POKEDATA");
	}
}

/* The program as it is handed to the kernel. */
static void read_program(pid_t pid, uint64_t from, struct trace *trace)
{
	struct sock_fprog fprog;

	read_memory(pid, from, &fprog, sizeof(fprog));
	if (fprog.len > TRACE_PROGRAM_MAX)
		errx(EX_SOFTWARE, "a filter of %u instructions", fprog.len);
	read_memory(pid, (uint64_t)(uintptr_t)fprog.filter, trace->program,
		    fprog.len * sizeof(trace->program[0]));
	trace->len = fprog.len;
}

/* The number of the call that the task is about to make. */
static void set_call(pid_t pid, int call)
{
#ifdef __x86_64__
	struct user_regs_struct regs;

	must(ptrace(PTRACE_GETREGS, pid, 0L, &regs), "PTRACE_GETREGS");
	regs.orig_rax = (unsigned long long)call;
	must(ptrace(PTRACE_SETREGS, pid, 0L, &regs), "PTRACE_SETREGS");
#else
	struct iovec number = { &call, sizeof(call) };

	must(ptrace(PTRACE_SETREGSET, pid, (long)NT_ARM_SYSTEM_CALL, &number), "PTRACE_SETREGSET");
#endif
}

/* The first argument of the call that the task is about to make, a directory, is no descriptor. */
static void lose_directory(pid_t pid)
{
	struct user_regs_struct regs;
	struct iovec all = { &regs, sizeof(regs) };

	must(ptrace(PTRACE_GETREGSET, pid, (long)NT_PRSTATUS, &all), "PTRACE_GETREGSET");
#ifdef __x86_64__
	regs.rdi = UINT64_MAX;
#else
	regs.regs[0] = UINT64_MAX;
#endif
	must(ptrace(PTRACE_SETREGSET, pid, (long)NT_PRSTATUS, &all), "PTRACE_SETREGSET");
}

static void on_entry(struct tracer *tracer, pid_t pid, const struct __ptrace_syscall_info *info)
{
	struct seccomp_data data = {
		.nr = (int)info->entry.nr,
		.arch = info->arch,
		.instruction_pointer = info->instruction_pointer,
	};

	if (!tracer->installed) {
		if (info->entry.nr == SYS_prctl && info->entry.args[0] == PR_SET_SECCOMP)
			read_program(pid, info->entry.args[2], tracer->trace);
		return;
	}
	memcpy(data.args, info->entry.args, sizeof(data.args));
	if (tracer->trace->on_call != NULL)
		tracer->trace->on_call(tracer->trace->ctx, &data);
	if ((int)info->entry.nr == tracer->options.replaced && !tracer->replaced) {
		tracer->replaced = true;
		set_call(pid, tracer->options.replacement);
	}
	tracer->attached |= info->entry.nr == SYS_move_mount;
	if (tracer->options.lose_path && tracer->attached && info->entry.nr == SYS_openat2)
		lose_directory(pid);
	if (tracer->options.disturb && info->entry.nr == SYS_ppoll && !tracer->disturbed) {
		tracer->disturbed = true;
		must(kill(pid, SIGSTOP), "kill");
	}
}

static void on_syscall(struct tracer *tracer, pid_t pid)
{
	struct __ptrace_syscall_info info;

	must(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info), "PTRACE_GET_SYSCALL_INFO");
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		on_entry(tracer, pid, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT && tracer->trace->len != 0 &&
		 !tracer->installed) {
		if (info.exit.is_error)
			errx(EX_SOFTWARE, "the kernel does not take the filter");
		tracer->installed = true;
	}
}

/* What the tracer's own stops must not become: signals of the program's. */
static int signal_to_pass(const struct tracer *tracer, int status)
{
	int sig = WSTOPSIG(status);

	if (sig == SYSCALL_STOP || sig == SIGTRAP || status >> 16 != 0)
		return 0;
	return sig == SIGSTOP && (tracer->options.disturb || !tracer->installed) ? 0 : sig;
}

/* Lets a stopped task go on. A new one begins with a SIGSTOP of ptrace's, too. */
static void go_on(const struct tracer *tracer, pid_t pid, int status)
{
	bool begins = pid != tracer->child && WSTOPSIG(status) == SIGSTOP;
	int sig = begins ? 0 : signal_to_pass(tracer, status);

	if (begins && tracer->options.stop_helper)
		return;
	if (ptrace(PTRACE_SYSCALL, pid, 0L, (long)sig) < 0 && errno != ESRCH)
		err(EX_OSERR, "PTRACE_SYSCALL");
}

static void follow(struct tracer *tracer)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			if (pid == tracer->child)
				tracer->trace->status = status;
			continue;
		}
		if (WSTOPSIG(status) == SYSCALL_STOP)
			on_syscall(tracer, pid);
		else if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8) &&
			 tracer->options.without_vdso)
			take_vdso_away(pid);
		go_on(tracer, pid, status);
	}
	if (errno != ECHILD)
		err(EX_OSERR, "waitpid");
}

void trace_run(char **argv, struct trace_options options, struct trace *trace)
{
	struct tracer tracer = { .trace = trace, .options = options };
	int status;

	tracer.child = (pid_t)must(fork(), "fork");
	if (tracer.child == 0) {
		must(ptrace(PTRACE_TRACEME, 0, 0L, 0L), "PTRACE_TRACEME");
		raise(SIGSTOP);
		execv(argv[0], argv);
		err(EX_UNAVAILABLE, "%s", argv[0]);
	}
	must(waitpid(tracer.child, &status, __WALL), "waitpid");
	must(ptrace(PTRACE_SETOPTIONS, tracer.child, 0L,
		    (long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
			   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)),
	     "PTRACE_SETOPTIONS");
	must(ptrace(PTRACE_SYSCALL, tracer.child, 0L, 0L), "PTRACE_SYSCALL");
	follow(&tracer);
}
