/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles the hook's seccomp filter to BPF, as the lines of a C array on standard output. Runs on
 * the machine that builds, for the architecture named by its argument (as libseccomp names it:
 * x86_64, aarch64), so cross builds get the target's numbers.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A condition on one argument: (value & mask) == want. No mask: none. */
struct condition {
	unsigned arg;
	scmp_datum_t mask, want;
};

#define CONDITIONS_MAX 2

#define WHOLE	     UINT32_MAX
#define ERRAND_CLONE (CLONE_VM | CLONE_FILES | CLONE_PIDFD | SIGCHLD)
#define TOKEN_CREATE 36 /* linux/bpf.h has it since 6.9 */

/*
 * What a run makes of calls once a request exists, each with who makes it. The same call with other
 * conditions is another line. A test walks every path of the program against this table.
 */
static const struct rule {
	const char *call;
	struct condition conditions[CONDITIONS_MAX];
} rules[] = {
	/* input: config.json, policy, /proc */
	{ "openat", { { 0 } } },
	{ "read", { { 0 } } },
	{ "close", { { 0 } } },
	{ "statx", { { 0 } } },
	{ "readlinkat", { { 0 } } },
	{ "fstatfs", { { 0 } } },
	{ "getpid", { { 0 } } },
	/* memory: libc's allocator, never executable */
	{ "brk", { { 0 } } },
	{ "mmap", { { 2, PROT_EXEC, 0 } } },
	{ "mremap", { { 0 } } },
	{ "munmap", { { 0 } } },
	{ "madvise", { { 0 } } }, /* with huge pages */
	/* privilege */
	{ "capget", { { 0 } } },
	{ "capset", { { 0 } } },
	{ "prctl", { { 0, WHOLE, PR_SET_DUMPABLE }, { 1, WHOLE, 0 } } },
	{ "prctl", { { 0, WHOLE, PR_SET_PDEATHSIG } } },
	/* the container's process */
	{ "pidfd_open", { { 0 } } },
	{ "ioctl", { { 1, WHOLE, NS_GET_PARENT } } },
	{ "ioctl", { { 1, WHOLE, NS_GET_OWNER_UID } } },
	{ "pidfd_send_signal", { { 1, WHOLE, 0 } } },
	{ "pidfd_send_signal", { { 1, WHOLE, SIGKILL } } },
	{ "setns", { { 1, WHOLE, CLONE_NEWNS } } },
	{ "setns", { { 1, WHOLE, CLONE_NEWUSER } } },
	/* the destination */
	{ "openat2", { { 0 } } },
	{ "mkdirat", { { 0 } } },
	{ "unlinkat", { { 0 } } },
	{ "setgroups", { { 0, WHOLE, 0 } } },
	{ "setfsuid", { { 0 } } },
	{ "setfsgid", { { 0 } } },
	{ "mount_setattr", { { 0 } } },
	/* the errand and its child */
	{ "clone", { { 0, WHOLE, ERRAND_CLONE } } },
	{ "ppoll", { { 0 } } }, /* the kernel restarts it as itself, not by restart_syscall */
	{ "sched_setaffinity", { { 0 } } },
	{ "getcpu", { { 0 } } }, /* where neither rseq nor the vDSO tells */
	{ "waitid", { { 0 } } },
	{ "fsopen", { { 0 } } },
	{ "bpf", { { 0, WHOLE, TOKEN_CREATE } } },
	{ "exit", { { 0 } } },
	/* the mount */
	{ "fsconfig", { { 0 } } },
	{ "fsmount", { { 0 } } },
	{ "move_mount", { { 0 } } },
	{ "fchdir", { { 0 } } }, /* to take a mount away that was moved */
	{ "umount2", { { 1, WHOLE, MNT_DETACH } } },
	/* the report: logs are open by now */
	{ "write", { { 0 } } },
	{ "sendmsg", { { 0 } } },
	{ "clock_gettime", { { 0 } } }, /* where the vDSO has none */
	{ "exit_group", { { 0 } } },
};

static int add_rule(scmp_filter_ctx ctx, const struct rule *rule)
{
	int number = seccomp_syscall_resolve_name(rule->call);
	struct scmp_arg_cmp cmps[CONDITIONS_MAX];
	unsigned n = 0;

	if (number == __NR_SCMP_ERROR)
		return -ENOSYS;
	for (; n < CONDITIONS_MAX && rule->conditions[n].mask != 0; n++) {
		const struct condition *condition = &rule->conditions[n];

		cmps[n] = SCMP_CMP(condition->arg, SCMP_CMP_MASKED_EQ, condition->mask,
				   condition->want);
	}
	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, number, n, cmps);
}

static int set_architecture(scmp_filter_ctx ctx, const char *name)
{
	uint32_t target = seccomp_arch_resolve_name(name);

	if (target == 0)
		return -EINVAL;
	if (target == seccomp_arch_native())
		return 0;
	if (seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE) < 0)
		return -EINVAL;
	return seccomp_arch_add(ctx, target);
}

static int print_program(scmp_filter_ctx ctx)
{
	struct sock_filter instruction;
	FILE *file = tmpfile();
	int r;

	if (file == NULL)
		return -errno;
	r = seccomp_export_bpf(ctx, fileno(file));
	/*
	 * A harmless instruction that the kernel's look-ahead (seccomp_cache_prepare, 5.11) gives up
	 * at: it would try every call there is at installation, which costs a run of 200 calls 30 us
	 * and saves it 4.
	 */
	printf("\t{ 0x%02x, 0, 0, 0x00000000 },\n", BPF_MISC | BPF_TAX);
	rewind(file);
	while (r == 0 && fread(&instruction, sizeof(instruction), 1, file) == 1)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", instruction.code, instruction.jt,
		       instruction.jf, instruction.k);
	(void)fclose(file);
	if (r < 0)
		return r;
	return fflush(stdout) == 0 ? 0 : -errno;
}

int main(int argc, char **argv)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r = argc == 2 && ctx != NULL ? set_architecture(ctx, argv[1]) : -EINVAL;

	/* libseccomp's own choice for other architectures, and x32, is to kill one thread only */
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* a tree of comparisons instead of a list: the last call costs no more than the first */
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; r == 0 && i < sizeof(rules) / sizeof(rules[0]); i++) {
		r = add_rule(ctx, &rules[i]);
		if (r < 0)
			(void)fprintf(stderr, "filter_generate: %s: %s\n", rules[i].call,
				      strerror(-r));
	}
	if (r == 0)
		r = print_program(ctx);
	if (r < 0)
		(void)fprintf(stderr, "usage: filter_generate ARCHITECTURE: %s\n", strerror(-r));
	seccomp_release(ctx);
	return r < 0 ? 1 : 0;
}
