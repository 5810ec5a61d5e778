/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/observe/observe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "observer.skel.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define TRACEFS "/sys/kernel/tracing"

enum way { BY_FUNCTION, BY_TRACEPOINTS, WAYS };

struct observer {
	enum way way;
	struct observer_bpf *skeleton;
	struct bpf_link *links[2];
	struct ring_buffer *buffer;
	observe_handler *handler;
	void *ctx;
};

static const char *const costs[WAYS] = {
	[BY_FUNCTION] = "at the end of bpf(2)'s own function: no other call is slower meanwhile",
	[BY_TRACEPOINTS] = "by tracepoints, as this host's lockdown wants it: every system call of "
			   "the host takes some 50 ns longer meanwhile",
};

const char *observe_cost(const struct observer *observer)
{
	return costs[observer->way];
}

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

/* ---- tracepoints ---- */

/* The number of a tracepoint, or a negative errno. */
static int read_id(const char *name)
{
	char path[128], text[16];
	struct text builder;
	uint64_t id;
	ssize_t n;

	text_init(&builder, path, sizeof(path));
	text_add(&builder, TRACEFS "/events/syscalls/%s/id", name);
	defer_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return n < 0 ? -errno : -EIO;
	return text_parse_u64(text, (size_t)n - (text[n - 1] == '\n'), INT32_MAX, &id) < 0 ?
		       -EIO :
		       (int)id;
}

/* In a mount namespace of its own, for hosts where tracefs is not mounted: they are left as they are. */
static _Noreturn void read_id_apart(const char *name, int pipe_fd)
{
	int id = -EIO;

	if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("tracefs", TRACEFS, "tracefs", 0, NULL) == 0)
		id = read_id(name);
	_exit(write(pipe_fd, &id, sizeof(id)) == (ssize_t)sizeof(id) ? 0 : 1);
}

static int find_id(const char *name)
{
	int id = read_id(name), fds[2];
	pid_t child;

	if (id >= 0 || pipe2(fds, O_CLOEXEC) < 0)
		return id;
	child = fork();
	if (child == 0)
		read_id_apart(name, fds[1]);
	close(fds[1]);
	if (child > 0 && read(fds[0], &id, sizeof(id)) != (ssize_t)sizeof(id))
		id = -EIO;
	close(fds[0]);
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	return id;
}

/* A program on a tracepoint runs on all processors, whichever one its event is opened on. */
static int attach_tracepoint(struct bpf_program *program, const char *name, struct bpf_link **link)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.wakeup_events = 1,
	};
	int id = find_id(name), fd;

	if (id < 0)
		return id;
	attr.config = (__u64)id;
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	*link = bpf_program__attach_perf_event(program, fd); /* which owns it from here on */
	if (*link != NULL)
		return 0;
	close(fd);
	return -errno;
}

/* ---- opening ---- */

static int attach(struct observer *observer)
{
	struct observer_bpf *skeleton = observer->skeleton;
	int r;

	if (observer->way == BY_FUNCTION) {
		observer->links[0] = bpf_program__attach(skeleton->progs.function_exit);
		return observer->links[0] != NULL ? 0 : -errno;
	}
	/* the end first: a call that is under way then has no beginning, and is no error */
	r = attach_tracepoint(skeleton->progs.syscall_enter, "sys_enter_bpf", &observer->links[0]);
	return r < 0 ? r :
		       attach_tracepoint(skeleton->progs.syscall_exit, "sys_exit_bpf",
					 &observer->links[1]);
}

static int take_event(void *ctx, void *data, size_t size)
{
	struct observer *observer = ctx;

	if (size >= sizeof(struct observe_event))
		observer->handler(observer->ctx, data);
	return 0;
}

static int load(struct observer *observer, const struct observe_filter *filter)
{
	bool by_function = observer->way == BY_FUNCTION;
	struct observer_bpf *skeleton = observer_bpf__open();

	observer->skeleton = skeleton;
	if (skeleton == NULL)
		return -errno;
	skeleton->rodata->filter = *filter;
	bpf_program__set_autoload(skeleton->progs.function_exit, by_function);
	bpf_program__set_autoload(skeleton->progs.syscall_enter, !by_function);
	bpf_program__set_autoload(skeleton->progs.syscall_exit, !by_function);
	return observer_bpf__load(skeleton);
}

static void unload(struct observer *observer)
{
	for (size_t i = 0; i < 2; i++) {
		bpf_link__destroy(observer->links[i]);
		observer->links[i] = NULL;
	}
	ring_buffer__free(observer->buffer);
	observer->buffer = NULL;
	observer_bpf__destroy(observer->skeleton);
	observer->skeleton = NULL;
}

static int start(struct observer *observer, const struct observe_filter *filter)
{
	int r = load(observer, filter);

	if (r == 0) {
		observer->buffer = ring_buffer__new(bpf_map__fd(observer->skeleton->maps.events),
						    take_event, observer, NULL);
		r = observer->buffer == NULL ? -errno : attach(observer);
	}
	if (r < 0)
		unload(observer);
	return r;
}

int observe_open(const struct observe_filter *filter, struct observer **ret_observer,
		 struct err *err)
{
	struct observer *observer = calloc(1, sizeof(*observer));
	int r = -ENOMEM;

	if (observer == NULL)
		return err_memory(err);
	libbpf_set_print(quiet);
	for (observer->way = 0; observer->way < WAYS; observer->way++) {
		r = start(observer, filter);
		if (r == 0) {
			*ret_observer = observer;
			return 0;
		}
	}
	free(observer);
	if (r == -EPERM || r == -EACCES)
		return err_set(err, EX_UNAVAILABLE, -r,
			       "bpf(2) cannot be watched; call this program as the host's root, "
			       "outside of containers");
	return err_set(err, r == -ENOMEM ? EX_OSERR : EX_UNAVAILABLE, -r,
		       "bpf(2) cannot be watched; use a kernel with CONFIG_DEBUG_INFO_BTF and "
		       "CONFIG_FTRACE_SYSCALLS");
}

int observe_fd(const struct observer *observer)
{
	return ring_buffer__epoll_fd(observer->buffer);
}

int observe_read(struct observer *observer, observe_handler *handler, void *ctx)
{
	observer->handler = handler;
	observer->ctx = ctx;
	return ring_buffer__consume(observer->buffer);
}

uint64_t observe_dropped(const struct observer *observer)
{
	return observer->skeleton->bss->dropped;
}

void observe_close(struct observer *observer)
{
	if (observer == NULL)
		return;
	unload(observer);
	free(observer);
}
