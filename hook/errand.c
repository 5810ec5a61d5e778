/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/errand.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "hook/input.h"
#include "hook/sys.h"
#include "spec/base/defer.h"

/* The child never returns from its frames, so what the sanitizer noted of them is left behind. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define FORGET_FRAMES(stack) __asan_unpoison_memory_region(stack, sizeof(stack))
#else
#define FORGET_FRAMES(stack) ((void)0)
#endif

#include "spec/base/poison.h"

#define STACK_SIZE 16384

/* Sanitizers keep notes on stacks and threads that a child in our memory would confuse. */
#define NO_SANITIZE __attribute__((no_sanitize("address", "undefined")))

/* Shared with the child. It writes step and result, in this order, and nothing else of ours. */
struct errand {
	enum errand_kind kind;
	int pidfd;
	int bpffs_fd;
	volatile enum errand_step step;
	volatile int result;
};

NO_SANITIZE static int run_in_child(void *arg)
{
	struct errand *errand = arg;
	int r;

	/* a stopped child must not outlive a parent that its runtime kills */
	sys_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	r = sys_setns(errand->pidfd, CLONE_NEWUSER);
	if (r == 0) {
		errand->step = ERRAND_AT_WORK;
		r = errand->kind == ERRAND_FSOPEN ? sys_fsopen("bpf") :
						    sys_bpf_token_create(errand->bpffs_fd);
	}
	errand->result = r;
	sys_call(SYS_exit, 0, 0, 0, 0, 0);
	return 0;
}

/* Waits for the child's end. 0, -ETIMEDOUT past the deadline, or what poll says. */
static int wait_for_end(int child_fd, int64_t deadline)
{
	struct pollfd wait = { .fd = child_fd, .events = POLLIN };
	int r;

	do {
		int64_t left = deadline - input_clock();

		r = left > 0 ? sys_poll(&wait, 1, (int)left) : -ETIMEDOUT;
	} while (r == 0 || r == -EINTR);
	return r < 0 ? r : 0;
}

/* The child's memory is this function's caller's stack: it must not return before the child ended. */
static int end_child(int child_fd)
{
	int r = wait_for_end(child_fd, input_clock() + ERRAND_PATIENCE);

	if (r < 0) {
		sys_pidfd_signal(child_fd, SIGKILL);
		while (wait_for_end(child_fd, input_clock() + ERRAND_PATIENCE) < 0)
			continue; /* a killed process ends; the watchdog ends us if it does not */
	}
	sys_pidfd_reap(child_fd);
	return r;
}

const char *errand_step_name(enum errand_kind kind, enum errand_step step)
{
	switch (step) {
	case ERRAND_AT_CLONE:
		return "clone";
	case ERRAND_AT_SETNS:
		return "entering its user namespace";
	default:
		return kind == ERRAND_FSOPEN ? "fsopen" : "bpf(BPF_TOKEN_CREATE)";
	}
}

int errand_run(enum errand_kind kind, int pidfd, int bpffs_fd, enum errand_step *ret_step)
{
	__attribute__((uninitialized)) _Alignas(16) char stack[STACK_SIZE];
	struct errand errand = { kind, pidfd, bpffs_fd, ERRAND_AT_SETNS, -ECHILD };
	defer_close int child_fd = -1;
	int r;

	*ret_step = ERRAND_AT_CLONE;
	if (clone(run_in_child, stack + STACK_SIZE, CLONE_VM | CLONE_FILES | CLONE_PIDFD | SIGCHLD,
		  &errand, &child_fd) < 0)
		return -errno;
	r = end_child(child_fd);
	FORGET_FRAMES(stack);
	*ret_step = errand.step;
	if (r < 0 && errand.result < 0)
		return r;
	return errand.result;
}
