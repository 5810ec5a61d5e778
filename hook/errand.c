/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/errand.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "hook/confine.h"
#include "hook/input.h"
#include "hook/sys.h"
#include "spec/base/defer.h"

/* The child never returns from its frames, so what the sanitizer noted of them is left behind. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define FORGET_FRAMES(stack) __asan_unpoison_memory_region(stack, STACK_SIZE)
#else
#define FORGET_FRAMES(stack) ((void)0)
#endif

#include "spec/base/poison.h"

/* Only what is touched is ever there: sanitized frames are large. */
#define STACK_SIZE ((size_t)256 * 1024)

/* Sanitizers keep notes on stacks and threads that a child in our memory would confuse. */
#define NO_SANITIZE __attribute__((no_sanitize("address", "undefined")))

/*
 * In the container's user namespace: to mount; to pass the container's directories and no others, as
 * its root can; and to make a token.
 */
#define CONTAINER_CAPS                                                                             \
	(UINT64_C(1) << CAP_SYS_ADMIN | UINT64_C(1) << CAP_DAC_READ_SEARCH | UINT64_C(1) << CAP_BPF)

/* Shared with the child. It writes step and result, in this order. */
struct child {
	const struct errand *errand;
	volatile enum errand_step step;
	volatile int result;
};

/*
 * Still in the host's user namespace, where nobody in the container can look: the change of ids lets
 * the kernel reconsider who may, and forget the death signal.
 */
NO_SANITIZE static int take_ids(const struct errand *errand)
{
	int r = sys_setgroups_none();

	if (r == 0)
		r = sys_setfsgid(errand->gid);
	if (r == 0)
		r = sys_setfsuid(errand->uid);
	confine_stay_undumpable();
	return r;
}

NO_SANITIZE static int enter(struct child *child)
{
	const struct errand *errand = child->errand;
	int r = errand->as_root ? take_ids(errand) : 0;

	/* a stopped child must not outlive a parent that its runtime kills */
	sys_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (r < 0 || errand->pidfd < 0)
		return r;
	/*
	 * each looks whether it may trace that process: not any more with the container's
	 * credentials
	 */
	child->step = ERRAND_AT_MOUNT_NS;
	r = sys_setns(errand->pidfd, CLONE_NEWNS);
	if (r < 0)
		return r;
	child->step = ERRAND_AT_USER_NS;
	r = sys_setns(errand->pidfd, CLONE_NEWUSER);
	if (r == 0 && errand->as_root)
		r = sys_capset(CONTAINER_CAPS);
	return r;
}

NO_SANITIZE static int run_in_child(void *arg)
{
	struct child *child = arg;
	int r = enter(child);

	if (r == 0) {
		child->step = ERRAND_AT_WORK;
		r = child->errand->work(child->errand->ctx);
	}
	child->result = r;
	sys_call(SYS_exit, 0, 0, 0, 0, 0);
	return 0;
}

/* Waits for the child's end. 0, -ETIMEDOUT past the deadline, or what poll says. */
static int wait_for_end(int child_fd, int patience)
{
	struct pollfd wait = { .fd = child_fd, .events = POLLIN };
	int64_t deadline = input_clock() + patience;
	int r;

	do {
		int64_t left = deadline - input_clock();

		r = left > 0 ? sys_poll(&wait, 1, (int)left) : -ETIMEDOUT;
	} while (r == 0 || r == -EINTR);
	return r < 0 ? r : 0;
}

/* 0, or why the child did not end by itself; -ETIME when it has not ended at all. */
static int end_child(int child_fd, int patience)
{
	int r = wait_for_end(child_fd, patience);

	if (r < 0) {
		sys_pidfd_signal(child_fd, SIGKILL);
		/* its memory is to be ours again, so a failing poll is no end of the waiting */
		for (int tries = 0; wait_for_end(child_fd, ERRAND_PATIENCE_KILLED) < 0; tries++)
			if (tries == 1)
				return -ETIME;
	}
	sys_pidfd_reap(child_fd);
	return r;
}

const char *errand_step_name(enum errand_step step)
{
	switch (step) {
	case ERRAND_AT_CLONE:
		return "clone";
	case ERRAND_AT_IDS:
		return "taking its root's ids";
	case ERRAND_AT_USER_NS:
		return "entering its user namespace";
	default:
		return "entering its mount namespace";
	}
}

void *errand_prepare(struct err *err)
{
	void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

	/* they take turns: a child started on another CPU costs a wake-up there, and one back */
	sys_stay_on_cpu();
	if (stack != MAP_FAILED)
		return stack;
	err_set(err, EX_OSERR, errno, "a helper's stack");
	return NULL;
}

int errand_run(const struct errand *errand, void *stack, enum errand_step *ret_step)
{
	struct child child = { errand, ERRAND_AT_IDS, -ECHILD };
	defer_close int child_fd = -1;
	int r;

	*ret_step = ERRAND_AT_CLONE;
	if (clone(run_in_child, (char *)stack + STACK_SIZE,
		  CLONE_VM | CLONE_FILES | CLONE_PIDFD | SIGCHLD, &child, &child_fd) < 0)
		return -errno;
	r = end_child(child_fd, errand->patience);
	*ret_step = child.step;
	if (r == -ETIME)
		return r;
	FORGET_FRAMES(stack);
	if (r < 0 && child.result < 0)
		return r;
	return child.result;
}
