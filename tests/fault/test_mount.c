/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every system call of ns_open and mount_make failing in turn, against a real process in namespaces
 * of its own (tests/e2e/target.c).
 *
 * Each run is a process of its own, because mount_make stays in the container's mount namespace. It
 * makes all calls through the sys_call of run.c, which lets the n-th one fail; n grows until a
 * run gets through. Whatever fails, the run says so or is complete, closes what it has opened, ends
 * its helper, and leaves the container's mounts and directories as they were.
 */
#include "tests/fault/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

	if (run->fault.task == HELPER &&
	    (!run->finished || run->result >= 0 || run->err.code != EX_OSERR || run->living_child))
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
