/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Watches bpf(2): each call, when it returns, as one event.
 *
 * Where the host lets programs look at kernel functions, at the end of the system call's own function,
 * which costs nothing but on bpf(2). Lockdown's integrity mode forbids that; there the two tracepoints
 * of the system call serve, of which the first only takes note (a task that is traced by any system
 * call tracepoint pays some 50 ns for every system call, measured).
 */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "cmd/bpftoken/observe/event.h"

#define KERNEL __attribute__((preserve_access_index))

/* As much of the kernel's structures as is read, so that a build takes no kernel's headers. */
struct ns_common {
	unsigned int inum;
} KERNEL;

struct mnt_namespace {
	struct ns_common ns;
} KERNEL;

struct user_namespace {
	int level;
	struct ns_common ns;
} KERNEL;

struct pid_namespace {
	struct ns_common ns;
} KERNEL;

struct upid {
	int nr;
	struct pid_namespace *ns;
} KERNEL;

struct pid {
	unsigned int level;
	struct upid numbers[1];
} KERNEL;

struct signal_struct {
	struct pid *pids[4];
} KERNEL;

struct nsproxy {
	struct mnt_namespace *mnt_ns;
} KERNEL;

typedef struct {
	__u64 val; /* before 6.3 an array of two: the same bytes */
} kernel_cap_t;

struct cred {
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
} KERNEL;

struct file {
	void *private_data;
	const void *f_op;
} KERNEL;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} KERNEL;

struct files_struct {
	struct fdtable *fdt;
} KERNEL;

struct task_struct {
	struct task_struct *real_parent;
	struct signal_struct *signal;
	struct nsproxy *nsproxy;
	const struct cred *cred;
	struct files_struct *files;
} KERNEL;

struct bpf_token {
	__u64 allowed_cmds, allowed_maps, allowed_progs, allowed_attachs;
} KERNEL;

#if defined(__TARGET_ARCH_x86)
#define SYSCALL "__x64_sys_bpf"
struct pt_regs {
	unsigned long di, si, dx;
} KERNEL;
#define ARGUMENT_1(regs) BPF_CORE_READ(regs, di)
#define ARGUMENT_2(regs) BPF_CORE_READ(regs, si)
#define ARGUMENT_3(regs) BPF_CORE_READ(regs, dx)
#elif defined(__TARGET_ARCH_arm64)
#define SYSCALL		 "__arm64_sys_bpf"
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
} KERNEL;
#define ARGUMENT_1(regs) BPF_CORE_READ(regs, orig_x0)
#define ARGUMENT_2(regs) BPF_CORE_READ(regs, regs[1])
#define ARGUMENT_3(regs) BPF_CORE_READ(regs, regs[2])
#else
#error "bpftoken watches bpf(2) on x86-64 and arm64"
#endif

char LICENSE[] SEC("license") = "GPL";

const volatile struct observe_filter filter = { 0 };
__u64 dropped = 0; /* events that found the buffer full */

extern const void bpf_token_fops __ksym __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

/* A call that has begun. */
struct call {
	__u64 attr;
	__u32 cmd, size;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct call);
} calls SEC(".maps");

#define ANCESTORS_MAX  16
#define PID_LEVELS_MAX 8
#define PIDTYPE_TGID   1

/* The process's number in the pid namespace of who watches, whose /proc it is looked up in; or 0. */
static __u32 number_of(const struct task_struct *task)
{
	const struct pid *pid = BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]);
	const struct upid *numbers = (const void *)pid + bpf_core_field_offset(pid->numbers);
	__u32 level = BPF_CORE_READ(pid, level);

	for (__u32 i = 0; i < PID_LEVELS_MAX && i <= level; i++) {
		const struct upid *one =
			(const void *)numbers + i * bpf_core_type_size(struct upid);

		if (BPF_CORE_READ(one, ns, ns.inum) == filter.pid_ns)
			return (__u32)BPF_CORE_READ(one, nr);
	}
	return 0;
}

static bool is_below_process(const struct task_struct *task)
{
	for (int i = 0; i < ANCESTORS_MAX; i++) {
		if (number_of(task) == filter.value)
			return true;
		task = BPF_CORE_READ(task, real_parent);
	}
	return false;
}

static bool is_below_cgroup(void)
{
	for (int level = 0; level < ANCESTORS_MAX; level++)
		if (bpf_get_current_ancestor_cgroup_id(level) == filter.value)
			return true;
	return false;
}

static bool is_wanted(void)
{
	const struct task_struct *task = (void *)bpf_get_current_task();

	if (number_of(task) == filter.own_pid)
		return false;
	if (filter.only_containers && BPF_CORE_READ(task, cred, user_ns, level) == 0)
		return false;
	switch (filter.scope) {
	case OBSERVE_MOUNT_NS:
		return BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum) == filter.value;
	case OBSERVE_CGROUP:
		return is_below_cgroup();
	case OBSERVE_PROCESS:
		return is_below_process(task);
	default:
		return true;
	}
}

/* Where a command's attr has its token, if the caller says that it has one. */
static int token_fd(const struct observe_event *event)
{
	const __u32 flag = 1u << 16; /* BPF_F_TOKEN_FD */
	const union {
		__u8 bytes[OBSERVE_ATTR_MAX];
		__u32 words[OBSERVE_ATTR_MAX / 4];
	} *attr = (const void *)event->attr;

	switch (event->cmd) {
	case BPF_MAP_CREATE:
		return attr->words[4] & flag ? (int)attr->words[19] : -1;
	case BPF_PROG_LOAD:
		return attr->words[11] & flag ? (int)attr->words[36] : -1;
	case BPF_BTF_LOAD:
		return attr->words[8] & flag ? (int)attr->words[9] : -1;
	case BPF_BTF_GET_FD_BY_ID:
		return attr->words[2] & flag ? (int)attr->words[3] : -1;
	default:
		return -1;
	}
}

static void read_token(struct observe_event *event, const struct task_struct *task)
{
	const struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	const struct bpf_token *token;
	struct file **files = BPF_CORE_READ(table, fd), *file = NULL;
	int fd = token_fd(event);

	if (fd < 0 || (unsigned)fd >= BPF_CORE_READ(table, max_fds) ||
	    !bpf_core_type_exists(struct bpf_token))
		return;
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	if (file == NULL ||
	    (&bpf_token_fops != NULL && BPF_CORE_READ(file, f_op) != &bpf_token_fops))
		return;
	token = BPF_CORE_READ(file, private_data);
	event->token_masks[0] = BPF_CORE_READ(token, allowed_cmds);
	event->token_masks[1] = BPF_CORE_READ(token, allowed_maps);
	event->token_masks[2] = BPF_CORE_READ(token, allowed_progs);
	event->token_masks[3] = BPF_CORE_READ(token, allowed_attachs);
	event->flags |= OBSERVE_HAS_TOKEN;
}

static void describe_caller(struct observe_event *event, const struct task_struct *task)
{
	event->time = bpf_ktime_get_ns();
	event->cgroup = bpf_get_current_cgroup_id();
	event->pid = number_of(task);
	event->uid = (__u32)bpf_get_current_uid_gid();
	event->effective = BPF_CORE_READ(task, cred, cap_effective.val);
	event->mount_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	event->user_ns = BPF_CORE_READ(task, cred, user_ns, ns.inum);
	if (BPF_CORE_READ(task, cred, user_ns, level) == 0)
		event->flags |= OBSERVE_HOST_USER;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
}

static void hand_over(const struct call *call, long ret, __u32 flags)
{
	const struct task_struct *task = (void *)bpf_get_current_task();
	struct observe_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	__u32 size = call->size;

	if (event == NULL) {
		__sync_fetch_and_add(&dropped, 1);
		return;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->ret = (__s32)ret;
	event->cmd = call->cmd;
	event->flags = flags;
	if (size > OBSERVE_ATTR_MAX)
		size = OBSERVE_ATTR_MAX;
	if (size > 0 && bpf_probe_read_user(event->attr, size, (void *)call->attr) == 0)
		event->attr_len = size;
	describe_caller(event, task);
	read_token(event, task);
	bpf_ringbuf_submit(event, 0);
}

SEC("fexit/" SYSCALL)
int BPF_PROG(function_exit, const struct pt_regs *regs, long ret)
{
	const struct call call = { ARGUMENT_2(regs), (__u32)ARGUMENT_1(regs),
				   (__u32)ARGUMENT_3(regs) };

	if (is_wanted())
		hand_over(&call, ret, 0);
	return 0;
}

/* Of the tracepoints' format, /sys/kernel/tracing/events/syscalls. */
struct enter {
	__u64 common;
	__u64 number;
	__u64 arguments[3];
};

struct leave {
	__u64 common;
	__u64 number;
	__s64 ret;
};

SEC("tracepoint/syscalls/sys_enter_bpf")
int syscall_enter(const struct enter *context)
{
	__u64 thread = bpf_get_current_pid_tgid();
	const struct call call = { context->arguments[1], (__u32)context->arguments[0],
				   (__u32)context->arguments[2] };

	if (is_wanted())
		bpf_map_update_elem(&calls, &thread, &call, BPF_ANY);
	return 0;
}

/* A call that did not begin but ends in an error was refused by a seccomp filter or a tracer. */
static void hand_over_early(long ret)
{
	const struct pt_regs *regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	const struct call call = { ARGUMENT_2(regs), (__u32)ARGUMENT_1(regs),
				   (__u32)ARGUMENT_3(regs) };

	if (ret < 0 && is_wanted())
		hand_over(&call, ret, OBSERVE_EARLY);
}

SEC("tracepoint/syscalls/sys_exit_bpf")
int syscall_exit(const struct leave *context)
{
	__u64 thread = bpf_get_current_pid_tgid();
	struct call *found = bpf_map_lookup_elem(&calls, &thread), call;

	if (found == NULL) {
		hand_over_early(context->ret);
		return 0;
	}
	call = *found;
	bpf_map_delete_elem(&calls, &thread);
	hand_over(&call, context->ret, 0);
	return 0;
}
