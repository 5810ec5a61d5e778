/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate to the kernel (hook/sys_call.c) of a hook that runs under valgrind. Calls newer than
 * valgrind go round it (gate.h), with what they read held to be defined and what they write marked as
 * such. It does not know a child in the same memory either, so that the errand's is forked, and
 * what it found out is carried back.
 */
#include <errno.h>
#include <linux/mount.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <valgrind/memcheck.h>

#include "hook/place.h"
#include "hook/sys.h"
#include "tests/valgrind/gate.h"

int __wrap_clone(int (*function)(void *), void *stack, int flags, void *arg, ...);

/* The struct child of hook/errand.c. */
struct child {
	const struct errand *errand;
	volatile enum errand_step step;
	volatile int result;
};

/* In the child of an errand: whom to tell, and of what. */
static int to_parent = -1;
static struct child *child;

static long result_of(long r)
{
	return r < 0 ? -errno : r;
}

static void check_string(long address)
{
	if (address != 0)
		(void)VALGRIND_CHECK_MEM_IS_DEFINED((const char *)address,
						    strlen((const char *)address) + 1);
}

static void check_read(long number, long b, long c, long d, long e)
{
	if (number == SYS_openat2 || number == SYS_mount_setattr)
		check_string(b);
	if (number == SYS_openat2)
		(void)VALGRIND_CHECK_MEM_IS_DEFINED((void *)c, (size_t)d);
	if (number == SYS_mount_setattr)
		(void)VALGRIND_CHECK_MEM_IS_DEFINED((void *)d, (size_t)e);
	if (number == SYS_fsconfig) {
		check_string(c);
		check_string(d);
	}
}

static long round_valgrind(long number, long a, long b, long c, long d, long e)
{
	long r;

	check_read(number, b, c, d, e);
	r = result_of(syscall(SYS_prctl, GATE_PRCTL + number, a, b, c, d, e));
	if (number == SYS_ioctl && b == NS_GET_OWNER_UID && r == 0)
		(void)VALGRIND_MAKE_MEM_DEFINED((void *)c, sizeof(uid_t));
	return r;
}

/* What an errand leaves for its parent: how it went, and with the ids of the container's root a place. */
struct news {
	enum errand_step step;
	int result;
	struct place place;
};

#define DESCRIPTORS_MAX (4 + DEST_MADE_MAX)

/* Where descriptors stand in there, which have other numbers in the parent. */
static size_t descriptors(const struct errand *errand, struct news *news, int *slots[])
{
	size_t n = 0;

	if (errand->as_root) {
		int *const fixed[] = { &news->place.bpffs_fd, &news->place.token_fd,
				       &news->place.dest.fd };

		for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
			if (*fixed[i] >= 0)
				slots[n++] = fixed[i];
		for (size_t i = 0; i < news->place.dest.n_made; i++)
			slots[n++] = &news->place.dest.made[i].parent_fd;
	} else if (errand->pidfd >= 0 && news->result >= 0) {
		slots[n++] = &news->result;
	}
	return n;
}

union control {
	char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
	struct cmsghdr header;
};

static void tell_parent(void)
{
	struct news news = { .step = child->step, .result = child->result };
	union control control = { .bytes = { 0 } };
	int *slots[DESCRIPTORS_MAX], numbers[DESCRIPTORS_MAX];
	struct iovec part = { &news, sizeof(news) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	size_t n;

	if (child->errand->as_root)
		news.place = *(struct place *)child->errand->ctx;
	(void)VALGRIND_MAKE_MEM_DEFINED(&news.place, sizeof(news.place)); /* the gaps in it, too */
	n = descriptors(child->errand, &news, slots);
	for (size_t i = 0; i < n; i++)
		numbers[i] = *slots[i];
	if (n != 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&control.header), numbers, n * sizeof(int));
	}
	(void)sendmsg(to_parent, &message, 0);
}

static void hear_child(int from_child, struct child *told)
{
	struct news news;
	union control control = { .bytes = { 0 } };
	int *slots[DESCRIPTORS_MAX];
	struct iovec part = { &news, sizeof(news) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	size_t n;

	if (recvmsg(from_child, &message, MSG_CMSG_CLOEXEC) != sizeof(news))
		return;
	n = descriptors(told->errand, &news, slots);
	for (size_t i = 0; i < n; i++)
		memcpy(slots[i], CMSG_DATA(&control.header) + i * sizeof(int), sizeof(int));
	told->step = news.step;
	told->result = news.result;
	if (told->errand->as_root)
		*(struct place *)told->errand->ctx = news.place;
}

int __wrap_clone(int (*function)(void *), void *stack, int flags, void *arg, ...)
{
	int ends[2], *ret_pidfd;
	va_list args;
	pid_t pid;

	(void)stack, (void)flags;
	va_start(args, arg);
	ret_pidfd = va_arg(args, int *);
	va_end(args);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		to_parent = ends[1];
		child = arg;
		_exit(function(arg));
	}
	close(ends[1]);
	if (pid > 0) {
		*ret_pidfd = sys_pidfd_open(pid);
		hear_child(ends[0], arg);
	}
	close(ends[0]);
	return pid;
}

long sys_call(long number, long a, long b, long c, long d, long e)
{
	switch (number) {
	case SYS_openat2:
	case SYS_pidfd_open:
	case SYS_pidfd_send_signal:
	case SYS_ioctl: /* of namespaces */
	case SYS_fsopen:
	case SYS_fsconfig:
	case SYS_fsmount:
	case SYS_move_mount:
	case SYS_mount_setattr:
	case SYS_bpf:
		return round_valgrind(number, a, b, c, d, e);
	case SYS_exit:
		tell_parent();
		break;
	default:
		break;
	}
	return result_of(syscall(number, a, b, c, d, e));
}
