/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile root of a container that sees the host's processes and shares directories with the
 * container that is started: what it can try on the hook and its helpers while they run, and on the
 * path that they resolve. Static and without a library.
 *
 * Every command works until SIGTERM, then prints what came of it and exits 0.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

static void on_end(int signal)
{
	(void)signal;
	ended = 1;
}

/* ---- the hook, seen from the container ---- */

/* As the kernel cuts the name of the program. */
#define COMM "oci-bpf-token-h\n"

/* The hook starts two helpers, and one more to clean up. Nobody else forks while it runs. */
#define HELPERS 3

static bool is_hook(const char *pid)
{
	char path[300], comm[32];
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, comm, sizeof(comm));
	close(fd);
	return n == sizeof(COMM) - 1 && memcmp(comm, COMM, sizeof(COMM) - 1) == 0;
}

/* The lowest pid of that name, or 0. The newest processes come last in /proc, and a hook is new. */
static pid_t find_hook(void)
{
	static pid_t seen[4096];
	size_t n = 0;
	DIR *dir = opendir("/proc");
	if (dir == NULL)
		err(EX_OSERR, "/proc");
	for (struct dirent *entry; (entry = readdir(dir)) != NULL && n < 4096;)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			seen[n++] = (pid_t)atoi(entry->d_name);
	closedir(dir);
	pid_t found = 0;
	for (size_t i = n; i > 0 && i + 8 > n; i--) {
		char pid[16];
		snprintf(pid, sizeof(pid), "%d", (int)seen[i - 1]);
		if (is_hook(pid))
			found = seen[i - 1];
	}
	return found;
}

static bool is_alive(pid_t pid)
{
	return kill(pid, 0) == 0 || errno == EPERM;
}

/* ---- inspect: every way into another process ---- */

/* 0 when it worked, -1 with errno when not. */
typedef int attempt(pid_t pid);

static int try_seize(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return -1;
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return 0;
}

static int try_attach(pid_t pid)
{
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0)
		return -1;
	waitpid(pid, NULL, __WALL);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return 0;
}

/* An address that is not there is looked up only once the memory may be read. */
static int transfer(long call, pid_t pid)
{
	char byte = 0;
	struct iovec here = { &byte, 1 }, there = { (void *)8, 1 };
	long n = syscall(call, (long)pid, &here, 1L, &there, 1L, 0L);
	return n >= 0 || errno == EFAULT ? 0 : -1;
}

static int try_vm_read(pid_t pid)
{
	return transfer(SYS_process_vm_readv, pid);
}

static int try_vm_write(pid_t pid)
{
	return transfer(SYS_process_vm_writev, pid);
}

static int open_file(pid_t pid, const char *name, int flags)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, flags | O_CLOEXEC);
}

/* Of a process that has ended some files are there and empty. */
static int read_file(pid_t pid, const char *name)
{
	char byte;
	int fd = open_file(pid, name, O_RDONLY);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, &byte, 1);
	int saved = n == 0 ? ESRCH : errno;
	close(fd);
	errno = saved;
	return n > 0 ? 0 : -1;
}

static int try_maps(pid_t pid)
{
	return read_file(pid, "maps");
}

static int try_environ(pid_t pid)
{
	return read_file(pid, "environ");
}

static int try_auxv(pid_t pid)
{
	return read_file(pid, "auxv");
}

static int try_syscall(pid_t pid)
{
	return read_file(pid, "syscall");
}

static int try_mem(pid_t pid)
{
	char byte;
	int fd = open_file(pid, "mem", O_RDWR);
	if (fd < 0)
		return -1;
	ssize_t n = pread(fd, &byte, 1, 8);
	close(fd);
	errno = ESRCH;
	return n != 0 ? 0 : -1; /* 0: the process has ended */
}

static int read_link(pid_t pid, const char *name)
{
	char path[64], target[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return readlink(path, target, sizeof(target)) >= 0 ? 0 : -1;
}

static int try_root(pid_t pid)
{
	return read_link(pid, "root");
}

static int try_cwd(pid_t pid)
{
	return read_link(pid, "cwd");
}

static int try_exe(pid_t pid)
{
	return read_link(pid, "exe");
}

static int try_fd(pid_t pid)
{
	int fd = open_file(pid, "fd", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int try_a_descriptor(pid_t pid)
{
	return read_link(pid, "fd/0");
}

static int try_pidfd_getfd(pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return -1;
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd, 0, 0);
	int saved = errno;
	close(pidfd);
	if (fd >= 0)
		close(fd);
	errno = saved;
	return fd >= 0 ? 0 : -1;
}

static int try_kcmp(pid_t pid)
{
	return syscall(SYS_kcmp, getpid(), pid, KCMP_VM, 0, 0) >= 0 ? 0 : -1;
}

static int try_prlimit(pid_t pid)
{
	struct rlimit limit;
	return prlimit(pid, RLIMIT_NOFILE, NULL, &limit);
}

static const struct {
	const char *name;
	attempt *attempt;
} attempts[] = {
	{ "ptrace_seize", try_seize }, { "ptrace_attach", try_attach },
	{ "vm_read", try_vm_read }, { "vm_write", try_vm_write },
	{ "mem", try_mem }, { "maps", try_maps },
	{ "environ", try_environ }, { "auxv", try_auxv },
	{ "syscall", try_syscall }, { "root", try_root },
	{ "cwd", try_cwd }, { "exe", try_exe },
	{ "fd", try_fd }, { "fd_0", try_a_descriptor },
	{ "pidfd_getfd", try_pidfd_getfd }, { "kcmp", try_kcmp },
	{ "prlimit", try_prlimit },
};

#define ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

enum task { HOOK, HELPER, TASKS };

static struct count {
	unsigned long refused, granted;
} counts[TASKS][ATTEMPTS];

/* Counts only what a living task has answered: the hook outlives its helpers. */
static void try_on(pid_t hook, pid_t pid, size_t i)
{
	int r = attempts[i].attempt(pid), why = errno;
	struct count *count = &counts[pid == hook ? HOOK : HELPER][i];
	if (r == 0)
		count->granted++;
	else if ((why == EPERM || why == EACCES) && is_alive(hook))
		count->refused++;
}

static void inspect(char **argv)
{
	static const char *const tasks[] = { "hook", "helper" };
	size_t next = 0;
	(void)argv;
	while (!ended) {
		pid_t hook = find_hook();
		while (hook != 0 && !ended && is_alive(hook))
			for (pid_t pid = hook; pid <= hook + HELPERS; pid++)
				try_on(hook, pid, next++ % ATTEMPTS);
	}
	for (size_t task = 0; task < TASKS; task++)
		for (size_t i = 0; i < ATTEMPTS; i++)
			printf("%s %s %lu %lu\n", tasks[task], attempts[i].name,
			       counts[task][i].refused, counts[task][i].granted);
}

/* ---- signal: stops or kills the helpers ---- */

static void send_signals(char **argv)
{
	int signal = strcmp(argv[0], "STOP") == 0 ? SIGSTOP : SIGKILL;
	unsigned long hit = 0, hook_hit = 0;
	while (!ended) {
		pid_t hook = find_hook();
		while (hook != 0 && !ended && is_alive(hook)) {
			hook_hit += kill(hook, signal) == 0;
			for (pid_t pid = hook + 1; pid <= hook + HELPERS; pid++)
				hit += kill(pid, signal) == 0;
		}
	}
	printf("hook %lu\nhelper %lu\n", hook_hit, hit);
}

/* ---- swap: two paths change places ---- */

static void swap(char **argv)
{
	unsigned long swaps = 0;
	while (!ended)
		swaps += syscall(SYS_renameat2, AT_FDCWD, argv[0], AT_FDCWD, argv[1],
				 2u /* RENAME_EXCHANGE */) == 0;
	printf("swaps %lu\n", swaps);
}

/* ---- hang: a file system that answers everything but one question ---- */

static void reply(int fd, const struct fuse_in_header *in, int error, const void *data, size_t len)
{
	struct fuse_out_header out = { (uint32_t)(sizeof(out) + len), error, in->unique };
	struct iovec parts[2] = { { &out, sizeof(out) }, { (void *)(uintptr_t)data, len } };
	if (writev(fd, parts, 2) < 0 && errno != ENOENT)
		err(EX_OSERR, "answering the kernel");
}

static struct fuse_attr directory(uint64_t inode)
{
	return (struct fuse_attr){ .ino = inode, .mode = S_IFDIR | 0755, .nlink = 2 };
}

static void answer_lookup(int fd, const struct fuse_in_header *in, const char *name)
{
	struct fuse_entry_out entry = { .nodeid = 2, .attr = directory(2) };
	if (strcmp(name, "hang") == 0) {
		puts("asked");
		return;
	}
	if (strcmp(name, "there") == 0)
		reply(fd, in, 0, &entry, sizeof(entry));
	else
		reply(fd, in, -ENOENT, NULL, 0);
}

static void answer(int fd, const struct fuse_in_header *in)
{
	const struct fuse_init_out init = { .major = 7, .minor = 31, .max_write = 4096 };
	const struct fuse_statfs_out statfs = { .st = { .bsize = 4096 } };
	struct fuse_attr_out attr = { .attr_valid = 3600, .attr = directory(in->nodeid) };
	switch (in->opcode) {
	case FUSE_INIT:
		reply(fd, in, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		answer_lookup(fd, in, (const char *)(in + 1));
		break;
	case FUSE_GETATTR:
		reply(fd, in, 0, &attr, sizeof(attr));
		break;
	case FUSE_STATFS:
		reply(fd, in, 0, &statfs, sizeof(statfs));
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		reply(fd, in, -ENOSYS, NULL, 0);
	}
}

static void hang(char **argv)
{
	static _Alignas(8) char buf[1 << 20];
	char options[128];
	int fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(EX_OSERR, "%s", argv[1]);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (mount("attack", argv[0], "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		err(EX_OSERR, "mounting on %s", argv[0]);
	puts("ready");
	while (!ended) {
		ssize_t n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno != EINTR && errno != ENOENT)
			err(EX_OSERR, "reading %s", argv[1]);
		if (n > 0)
			answer(fd, (const struct fuse_in_header *)buf);
	}
}

/* ---- the commands ---- */

static const struct {
	const char *name;
	int arguments;
	void (*run)(char **argv);
	const char *help;
} commands[] = {
	{ "inspect", 0, inspect, "looks into each hook and its helpers in every way there is" },
	{ "signal", 1, send_signals, "SIGNAL: sends STOP or KILL to each hook and its helpers" },
	{ "swap", 2, swap, "A B: exchanges two paths, over and over" },
	{ "hang", 2, hang, "DIR FUSE: mounts a file system that never answers for \"hang\"" },
};

static int usage(FILE *to, int code)
{
	fputs("usage: attacker COMMAND [ARGUMENT]...\n\n", to);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
	return code;
}

int main(int argc, char **argv)
{
	struct sigaction end = { .sa_handler = on_end }; /* no SA_RESTART: a read ends, too */
	sigaction(SIGTERM, &end, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout, 0);
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0 && argc == commands[i].arguments + 2) {
			commands[i].run(argv + 2);
			return 0;
		}
	return usage(stderr, EX_USAGE);
}
