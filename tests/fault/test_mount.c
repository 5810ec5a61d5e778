/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every system call of ns_open and mount_make failing in turn, against a real process in namespaces
 * of its own (tests/e2e/target.c).
 *
 * Each run is a process of its own, because mount_make stays in the container's mount namespace. It
 * makes all calls through the sys_call of this file, which lets the n-th one fail; n grows until a
 * run gets through. Whatever fails, the run says so or is complete, closes what it has opened, ends
 * its helper, and leaves the container's mounts and directories as they were.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/bpf.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "hook/mount.h"
#include "hook/ns.h"
#include "hook/sys.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define BUNDLE	"/run/bundle"
#define ROOT	BUNDLE "/rootfs"
#define ROOT_ID 1000000u /* the host's number for the container's root, as the target maps it */

/* What set_masks asks for, as the kernel shows it. */
#define DELEGATED                                                                                  \
	"rw,uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create,delegate_maps=array,"        \
	"delegate_progs=xdp,delegate_attachs=xdp"

enum { TABLE_MAX = 65536, DESCRIPTORS_MAX = 256, CALLS_MAX = 500 };

/* ---- the gate ---- */

/* Who makes a call: the process itself, or the helper that shares its memory. */
enum task { HOOK, HELPER, TASKS };

enum fault_kind { NONE, FAIL, STOPPED, KILLED_BEFORE, KILLED_AFTER };

/* A call of a task, by its place from 1 (FAIL) or by its number (the other kinds). */
struct fault {
	enum fault_kind kind;
	enum task task;
	unsigned n;
	int errnum;
	long call;
};

/* Shared by the test and its run. */
static struct run {
	struct fault fault;
	pid_t hook; /* 0: calls are not counted */
	unsigned calls[TASKS];
	pid_t helper;
	bool hit;
	long hit_call; /* the number of the system call that failed */
	unsigned bad_closes;

	bool finished;
	int result;
	enum mount_outcome outcome;
	struct err err;
	int more_descriptors;
	bool living_child, dead_child;
} * run;

static void signal_self(int signal)
{
	syscall(SYS_kill, syscall(SYS_gettid), signal);
}

/* True for the call that is to fail. exit(2) cannot, and is not counted. */
static bool is_hit(long number)
{
	enum task task = syscall(SYS_gettid) == run->hook ? HOOK : HELPER;
	bool wanted;

	if (run->hook == 0 || number == SYS_exit)
		return false;
	run->calls[task]++;
	if (task == HELPER)
		run->helper = (pid_t)syscall(SYS_gettid);
	wanted = run->fault.n != 0 ? run->calls[task] == run->fault.n : number == run->fault.call;
	if (!wanted || task != run->fault.task || run->hit)
		return false;
	run->hit = true;
	run->hit_call = number;
	return true;
}

long sys_call(long number, long a, long b, long c, long d, long e)
{
	enum fault_kind kind = is_hit(number) ? run->fault.kind : NONE;
	long r = -run->fault.errnum;

	if (kind == STOPPED)
		signal_self(SIGSTOP);
	if (kind == KILLED_BEFORE)
		signal_self(SIGKILL);
	if (kind != FAIL)
		r = syscall(number, a, b, c, d, e);
	else if (number == SYS_ppoll) /* has waited, else it is chance how far the helper came */
		syscall(number, a, b, c, d, e);
	if (kind == KILLED_AFTER)
		signal_self(SIGKILL);
	return kind != FAIL && r < 0 ? -errno : r;
}

/* The linker puts this before libc's, to see descriptors that are closed twice. */
int __real_close(int fd);
int __wrap_close(int fd);

int __wrap_close(int fd)
{
	int r = __real_close(fd);

	if (r < 0 && errno == EBADF && run != NULL)
		run->bad_closes++;
	return r;
}

/* ---- the container ---- */

struct container {
	pid_t parent; /* of pid, and the test's child */
	pid_t pid;
};

static void make_directory(const char *path, uid_t owner)
{
	assert_return_code(mkdir(path, 0755), errno);
	assert_return_code(chown(path, owner, owner), errno);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

/* A root with the usual destination, and with what some scenarios stumble over. */
static void make_root(void)
{
	nftw(ROOT, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	make_directory(ROOT, ROOT_ID);
	make_directory(ROOT "/sys", ROOT_ID);
	make_directory(ROOT "/sys/fs", ROOT_ID);
	make_directory(ROOT "/sys/fs/bpf", ROOT_ID);
	make_directory(ROOT "/host", 0);
	assert_return_code(symlink("sys/fs", ROOT "/link"), errno);
}

static void exec_target(const char *option, int output)
{
	dup2(output, STDOUT_FILENO);
	execl(getenv("TARGET"), "target", "--root=" ROOT, option, (char *)NULL);
	_exit(127);
}

static struct container start_container(const char *option)
{
	struct container container = { 0 };
	char line[32] = { 0 };
	int ends[2];

	assert_return_code(pipe2(ends, O_CLOEXEC), errno);
	container.parent = fork();
	assert_return_code(container.parent, errno);
	if (container.parent == 0)
		exec_target(option, ends[1]);
	close(ends[1]);
	assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
	close(ends[0]);
	container.pid = (pid_t)strtol(line, NULL, 10);
	assert_true(container.pid > 1);
	return container;
}

static void stop_container(const struct container *container)
{
	kill(container->pid, SIGKILL);
	assert_return_code(waitpid(container->parent, NULL, 0), errno);
}

/* ---- what a run must not leave behind ---- */

struct snapshot {
	char mounts[TABLE_MAX];
	char tree[TABLE_MAX];
};

static char *tree_end;

static int add_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)type;
	(void)where;
	tree_end += sprintf(tree_end, "%s %o %u:%u\n", path, st->st_mode, st->st_uid, st->st_gid);
	return 0;
}

static void take_snapshot(const struct container *container, struct snapshot *snapshot)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)container->pid);
	file = fopen(path, "re");
	assert_non_null(file);
	snapshot->mounts[fread(snapshot->mounts, 1, TABLE_MAX - 1, file)] = '\0';
	fclose(file);
	tree_end = snapshot->tree;
	*tree_end = '\0';
	assert_int_equal(nftw(ROOT, add_entry, 16, FTW_PHYS), 0);
}

static unsigned count(const char *text, const char *word)
{
	unsigned n = 0;

	for (text = strstr(text, word); text != NULL; text = strstr(text + 1, word))
		n++;
	return n;
}

static unsigned bpffs_below_root(const struct snapshot *snapshot)
{
	char line[TABLE_MAX];
	unsigned n = 0;

	for (const char *p = snapshot->mounts; *p != '\0'; p += *p == '\n') {
		size_t len = strcspn(p, "\n");

		memcpy(line, p, len);
		line[len] = '\0';
		n += strstr(line, DELEGATED) != NULL &&
		     strstr(line, " rw,nosuid,nodev,noexec,relatime - bpf ") != NULL;
		p += len;
	}
	return n;
}

/* ---- one run ---- */

static int descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < DESCRIPTORS_MAX; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void set_masks(struct delegation *delegation)
{
	delegation->masks[NAMES_CMDS] = UINT64_C(1) << BPF_MAP_CREATE;
	delegation->masks[NAMES_MAPS] = UINT64_C(1) << BPF_MAP_TYPE_ARRAY;
	delegation->masks[NAMES_PROGS] = UINT64_C(1) << BPF_PROG_TYPE_XDP;
	delegation->masks[NAMES_ATTACHS] = UINT64_C(1) << BPF_XDP;
}

/* What the hook does, between the reading of the state and the report. */
static void mount_here(pid_t pid, const char *path, mode_t mode)
{
	struct plan plan = {
		.pid = pid,
		.root = ROOT,
		.path = path,
		.uid = ROOT_ID,
		.gid = ROOT_ID,
		.mode = mode,
		.root_uid = ROOT_ID,
		.root_gid = ROOT_ID,
	};
	struct ns_target target = { .pidfd = -1, .process_fd = -1, .proc_fd = -1 };

	set_masks(&plan.delegation);
	run->result = ns_open(pid, &target, &run->err);
	if (run->result == 0)
		run->result = mount_make(&plan, &target, &run->outcome, &run->err);
	ns_target_done(&target);
}

static void look_for_children(void)
{
	siginfo_t info = { 0 };
	int r = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL);

	run->dead_child = r == 0 && info.si_pid != 0;
	run->living_child = r == 0 && info.si_pid == 0;
}

static void run_in_child(pid_t pid, const char *path, mode_t mode)
{
	int before = descriptors();

	prctl(PR_SET_DUMPABLE, 0);
	alarm(30);
	run->hook = (pid_t)syscall(SYS_gettid);
	mount_here(pid, path, mode);
	run->hook = 0;
	run->more_descriptors = descriptors() - before;
	look_for_children();
	run->finished = true;
	_exit(0);
}

static pid_t start_run(const struct container *container, const char *path, mode_t mode,
		       const struct fault *fault)
{
	pid_t child;

	*run = (struct run){ .fault = *fault };
	child = fork();
	assert_return_code(child, errno);
	if (child == 0)
		run_in_child(container->pid, path, mode);
	return child;
}

static void run_once(const struct container *container, const char *path, mode_t mode,
		     const struct fault *fault)
{
	pid_t child = start_run(container, path, mode, fault);

	assert_return_code(waitpid(child, NULL, 0), errno);
}

/* ---- scenarios ---- */

struct scenario {
	const char *path;
	const char *option;  /* of the target, NULL: none */
	bool mounted_before; /* by an undisturbed run */
	mode_t mode;	     /* of that earlier one */
	int code;	     /* of an undisturbed run; 0: success */
	enum mount_outcome outcome;
};

static const struct scenario existing = { .path = "/sys/fs/bpf" };
static const struct scenario missing = { .path = "/a/b" };
static const struct scenario pivoted = { .path = "/a/b", .option = "--pivoted" };
static const struct scenario own_mount = { .path = "/new",
					   .option = "--setup=mount -t tmpfs -o mode=755 own " ROOT
						     "/sys" };
static const struct scenario already = {
	.path = "/sys/fs/bpf", .mounted_before = true, .mode = 0700, .outcome = MOUNT_ALREADY
};
static const struct scenario different = {
	.path = "/sys/fs/bpf", .mounted_before = true, .mode = 0755, .code = EX_DATAERR
};
static const struct scenario symlinked = { .path = "/link/bpf", .code = EX_DATAERR };
static const struct scenario forbidden = { .path = "/host/a/b", .code = EX_OSERR };

static const struct fault undisturbed = { .kind = NONE };

static struct container prepare(const struct scenario *scenario)
{
	struct container container;

	make_root();
	container = start_container(scenario->option);
	if (scenario->mounted_before) {
		run_once(&container, scenario->path, scenario->mode, &undisturbed);
		assert_int_equal(run->result, 0);
	}
	return container;
}

/* Shows which call it was, as a failing assertion alone would not. */
static void show_run(const char *what)
{
	print_error("%s: %s's call %u (number %ld) with errno %d; result %d, code %d, \"%s\", "
		    "%d descriptors more, %u bad closes\n",
		    what, run->fault.task == HOOK ? "hook" : "helper", run->fault.n, run->hit_call,
		    run->fault.errnum, run->result, run->err.code, run->err.msg,
		    run->more_descriptors, run->bad_closes);
}

static bool is_clean(void)
{
	/* an ended helper stays a zombie, until the hook ends, where it is the reaping that fails */
	return run->finished && run->more_descriptors == 0 && run->bad_closes == 0 &&
	       !run->living_child && (!run->dead_child || run->hit_call == SYS_waitid);
}

/*
 * An answer of EPERM to the token of a bpffs that is there says that it is none of this container's,
 * and a new one goes on top of it.
 */
static bool may_be_on_top(void)
{
	return run->hit_call == SYS_bpf && run->fault.errnum == EPERM;
}

static bool is_complete(const struct scenario *scenario, const struct snapshot *before,
			const struct snapshot *after)
{
	unsigned more = bpffs_below_root(after) - bpffs_below_root(before);

	if (run->outcome == MOUNT_ALREADY)
		return scenario->outcome == MOUNT_ALREADY &&
		       strcmp(before->mounts, after->mounts) == 0;
	return (scenario->outcome == MOUNT_DONE || may_be_on_top()) && more == 1 &&
	       count(after->mounts, "\n") == count(before->mounts, "\n") + 1;
}

static bool is_undone(const struct snapshot *before, const struct snapshot *after)
{
	bool known = run->err.code == EX_DATAERR || run->err.code == EX_UNAVAILABLE ||
		     run->err.code == EX_OSERR;

	return known && run->err.msg[0] != '\0' && strcmp(before->mounts, after->mounts) == 0 &&
	       strcmp(before->tree, after->tree) == 0;
}

/* One fault. Returns true while there is a call left that could fail. */
static bool check_fault(const struct scenario *scenario, struct container *container,
			struct fault fault, unsigned *failures)
{
	static struct snapshot before, after;
	bool ok;

	take_snapshot(container, &before);
	run_once(container, scenario->path, 0700, &fault);
	take_snapshot(container, &after);
	if (run->result == 0)
		ok = is_complete(scenario, &before, &after);
	else
		ok = is_undone(&before, &after);
	if (!run->hit && (run->result == 0 ? 0 : run->err.code) != scenario->code)
		ok = false;
	if (!is_clean() || !ok) {
		show_run(ok ? "not clean" : "neither complete nor undone");
		++*failures;
	}
	if (strcmp(before.mounts, after.mounts) != 0 || strcmp(before.tree, after.tree) != 0) {
		stop_container(container);
		*container = prepare(scenario);
	}
	return run->hit;
}

static void check_scenario(const struct scenario *scenario, unsigned least_calls)
{
	static const int errnums[] = { EPERM, ENOMEM, EINTR, EIO };
	struct container container = prepare(scenario);
	unsigned failures = 0, calls = 0;

	for (size_t i = 0; i < LENGTH(errnums); i++) {
		for (enum task task = HOOK; task < TASKS; task++) {
			struct fault fault = { FAIL, task, 1, errnums[i], 0 };

			while (check_fault(scenario, &container, fault, &failures))
				assert_true(++fault.n < CALLS_MAX);
			calls += fault.n - 1;
		}
	}
	stop_container(&container);
	print_message("%u calls made to fail\n", calls);
	assert_int_equal(failures, 0);
	assert_true(calls >= least_calls * LENGTH(errnums));
}

static void test_existing_destination(void **state)
{
	(void)state;
	check_scenario(&existing, 40);
}

static void test_missing_destination(void **state)
{
	(void)state;
	check_scenario(&missing, 60);
}

static void test_root_that_was_pivoted_to(void **state)
{
	(void)state;
	check_scenario(&pivoted, 60);
}

static void test_destination_on_another_mount(void **state)
{
	(void)state;
	check_scenario(&own_mount, 50);
}

static void test_same_delegation_is_there(void **state)
{
	(void)state;
	check_scenario(&already, 35);
}

static void test_other_delegation_is_there(void **state)
{
	(void)state;
	check_scenario(&different, 35);
}

static void test_symlink_on_the_way(void **state)
{
	(void)state;
	check_scenario(&symlinked, 30);
}

static void test_destination_that_cannot_be_made(void **state)
{
	(void)state;
	check_scenario(&forbidden, 50);
}

/* ---- killed at every moment ---- */

/* Waits for a process that may by now be the test's own; false when it lives on. */
static bool ends_soon(pid_t pid)
{
	for (int i = 0; i < 200; i++) {
		if (waitpid(pid, NULL, WNOHANG | __WALL) == pid || kill(pid, 0) < 0)
			return true;
		poll(NULL, 0, 10);
	}
	kill(pid, SIGKILL);
	return false;
}

/* The tree as it was, but perhaps for directories that the container's root could have made itself. */
static bool has_no_more_than(const char *tree, const char *more)
{
	static const char *const made[] = { ROOT "/a 40755 1000000:1000000\n",
					    ROOT "/a/b 40755 1000000:1000000\n" };
	static char rest[TABLE_MAX];

	strcpy(rest, more);
	for (size_t i = 0; i < LENGTH(made); i++) {
		char *line = strstr(rest, made[i]);

		if (line != NULL)
			memmove(line, line + strlen(made[i]), strlen(line + strlen(made[i])) + 1);
	}
	return strcmp(rest, tree) == 0;
}

/* Nothing or the complete mount, and a failure that the hook lives to tell is one. */
static bool is_all_or_nothing(const struct snapshot *before, const struct snapshot *after)
{
	bool mounted = bpffs_below_root(after) == bpffs_below_root(before) + 1 &&
		       count(after->mounts, "\n") == count(before->mounts, "\n") + 1;
	bool nothing = strcmp(before->mounts, after->mounts) == 0;

	if (run->fault.task == HELPER && (!run->finished || run->result >= 0 ||
					  run->err.code != EX_OSERR || run->living_child))
		return false;
	if (mounted)
		return has_no_more_than(before->tree, after->tree);
	/* what a killed helper has made is removed by another, unless it had no time to say so */
	if (run->fault.task == HELPER && run->hit_call != SYS_mkdirat)
		return nothing && strcmp(before->tree, after->tree) == 0;
	return nothing && has_no_more_than(before->tree, after->tree);
}

/* One kill. Returns true while there is a call left to kill at. */
static bool check_kill(const struct scenario *scenario, struct container *container,
		       struct fault fault, unsigned *failures)
{
	static struct snapshot before, after;

	take_snapshot(container, &before);
	run_once(container, scenario->path, 0700, &fault);
	if (run->helper != 0 && !ends_soon(run->helper)) {
		show_run("a helper lives on");
		++*failures;
	}
	take_snapshot(container, &after);
	if (run->hit && !is_all_or_nothing(&before, &after)) {
		show_run("neither all nor nothing");
		++*failures;
	}
	if (strcmp(before.mounts, after.mounts) != 0 || strcmp(before.tree, after.tree) != 0) {
		stop_container(container);
		*container = prepare(scenario);
	}
	return run->hit;
}

static void check_kills(const struct scenario *scenario, unsigned least_hook, unsigned least_helper)
{
	const unsigned least[TASKS] = { least_hook, least_helper };
	struct container container = prepare(scenario);
	unsigned failures = 0;

	for (enum task task = HOOK; task < TASKS; task++) {
		struct fault fault = { KILLED_AFTER, task, 1, 0, 0 };

		while (check_kill(scenario, &container, fault, &failures))
			assert_true(++fault.n < CALLS_MAX);
		print_message("the %s killed after each of %u calls\n",
			      task == HOOK ? "hook" : "helper", fault.n - 1);
		assert_true(fault.n > least[task]);
	}
	stop_container(&container);
	assert_int_equal(failures, 0);
}

static void test_killed_with_existing_destination(void **state)
{
	(void)state;
	check_kills(&existing, 40, 20);
}

static void test_killed_with_missing_destination(void **state)
{
	(void)state;
	check_kills(&missing, 40, 30);
}

static void test_killed_with_root_that_was_pivoted_to(void **state)
{
	(void)state;
	check_kills(&pivoted, 40, 30);
}

/* ---- a helper in the reach of a hostile container ---- */

static void check_helper(enum fault_kind kind, long call, const char *message)
{
	const struct fault fault = { .kind = kind, .task = HELPER, .call = call };
	static struct snapshot before, after;
	struct container container = prepare(&missing);

	take_snapshot(&container, &before);
	run_once(&container, missing.path, 0700, &fault);
	take_snapshot(&container, &after);
	stop_container(&container);
	assert_true(run->hit && run->finished);
	assert_true(run->result < 0);
	assert_int_equal(run->err.code, EX_OSERR);
	assert_string_equal(run->err.msg, message);
	assert_false(run->living_child || run->dead_child);
	/* what a helper has opened and nobody was told of goes with the hook */
	assert_true(run->more_descriptors <= 2);
	assert_string_equal(before.mounts, after.mounts);
	assert_string_equal(before.tree, after.tree);
}

static void test_helper_is_stopped(void **state)
{
	static const char message[] =
		"container: the helper in its user namespace was stopped; nothing was mounted, do "
		"not let the container's root see the host's processes";
	static const char second[] =
		"path \"/a/b\": the helper that resolves it was held up; do not let the container's "
		"root see the host's processes, and choose a path whose file system answers at once";

	(void)state;
	check_helper(STOPPED, SYS_setns, message);
	check_helper(STOPPED, SYS_fsopen, message);
	check_helper(STOPPED, SYS_openat2, second);
	check_helper(STOPPED, SYS_mount_setattr, second); /* with directories made */
	check_helper(STOPPED, SYS_move_mount, second);
}

static void test_helper_is_killed(void **state)
{
	static const char message[] =
		"container: the helper in its user namespace was killed; nothing was mounted, do "
		"not let the container's root see the host's processes";

	(void)state;
	check_helper(KILLED_BEFORE, SYS_setns, message);
	check_helper(KILLED_BEFORE, SYS_fsopen, message);
	check_helper(KILLED_AFTER, SYS_fsopen, message);
}

/* A runtime that kills its hook, for its time is over, leaves no helper behind. */
static void check_killed_hook(long call)
{
	const struct fault fault = { .kind = STOPPED, .task = HELPER, .call = call };
	static struct snapshot before, after;
	struct container container = prepare(&missing);
	pid_t hook;

	take_snapshot(&container, &before);
	hook = start_run(&container, missing.path, 0700, &fault);
	for (int i = 0; i < 200 && !run->hit; i++)
		poll(NULL, 0, 10);
	assert_true(run->hit);
	kill(hook, SIGKILL);
	assert_return_code(waitpid(hook, NULL, 0), errno);
	assert_true(ends_soon(run->helper));
	take_snapshot(&container, &after);
	stop_container(&container);
	assert_string_equal(before.mounts, after.mounts);
	assert_string_equal(before.tree, after.tree);
}

static void test_hook_is_killed_while_its_helper_is_stopped(void **state)
{
	(void)state;
	check_killed_hook(SYS_setns);
	check_killed_hook(SYS_fsopen);
}

/* ---- the host ---- */

/* A mount namespace of its own, with an empty /run that goes with it. */
static int leave_the_host_alone(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("fault", "/run", "tmpfs", 0, "mode=755") < 0 || mkdir(BUNDLE, 0755) < 0)
		return -1;
	umask(022);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	run = mmap(NULL, sizeof(*run), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return run != MAP_FAILED ? 0 : -1;
}

/* EBADF: the kernel knows the command. */
static bool has_tokens(void)
{
	struct {
		uint32_t flags, bpffs_fd;
	} attr = { 0, UINT32_MAX };

	return syscall(SYS_bpf, 36 /* BPF_TOKEN_CREATE */, &attr, sizeof(attr)) < 0 &&
	       errno == EBADF;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_existing_destination),
		cmocka_unit_test(test_missing_destination),
		cmocka_unit_test(test_root_that_was_pivoted_to),
		cmocka_unit_test(test_destination_on_another_mount),
		cmocka_unit_test(test_same_delegation_is_there),
		cmocka_unit_test(test_other_delegation_is_there),
		cmocka_unit_test(test_symlink_on_the_way),
		cmocka_unit_test(test_destination_that_cannot_be_made),
		cmocka_unit_test(test_killed_with_existing_destination),
		cmocka_unit_test(test_killed_with_missing_destination),
		cmocka_unit_test(test_killed_with_root_that_was_pivoted_to),
		cmocka_unit_test(test_helper_is_stopped),
		cmocka_unit_test(test_helper_is_killed),
		cmocka_unit_test(test_hook_is_killed_while_its_helper_is_stopped),
	};

	if (geteuid() != 0 || !has_tokens()) {
		puts("skipped: it needs root and a kernel with BPF tokens (Linux 6.9)");
		return 77;
	}
	return cmocka_run_group_tests_name("fault", tests, leave_the_host_alone, NULL);
}
