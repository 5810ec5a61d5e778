/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects for "bpftoken calc" to judge, one for each way in which a program or a map can need
 * something of a delegation. Compiled once for each, with -DOBJECT_NAME.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* The whole program of an object that is about its type. */
#define PROGRAM(section, value)                                                                    \
	SEC(section) int program(void *ctx)                                                        \
	{                                                                                          \
		(void)ctx;                                                                         \
		return value;                                                                      \
	}

#define MAP(map_type, key_type, value_type, flags)                                                 \
	struct {                                                                                   \
		__uint(type, map_type);                                                            \
		__uint(max_entries, 1);                                                            \
		__uint(map_flags, flags);                                                          \
		__type(key, key_type);                                                             \
		__type(value, value_type);                                                         \
	} map SEC(".maps")

/* Keeps a map in the object and in the program. */
#define USE_MAP(section, value)                                                                    \
	SEC(section) int program(void *ctx)                                                        \
	{                                                                                          \
		__u32 key = 0;                                                                     \
		(void)ctx;                                                                         \
		(void)bpf_map_lookup_elem(&map, &key);                                             \
		return value;                                                                      \
	}

/* ---- program types ---- */

#if defined(OBJECT_socket)
PROGRAM("socket", 0)
#elif defined(OBJECT_xdp)
PROGRAM("xdp", XDP_PASS)
#elif defined(OBJECT_xdp_devmap)
PROGRAM("xdp/devmap", XDP_PASS)
#elif defined(OBJECT_xdp_cpumap)
PROGRAM("xdp/cpumap", XDP_PASS)
#elif defined(OBJECT_tc)
PROGRAM("tc", 0)
#elif defined(OBJECT_action)
PROGRAM("action", 0)
#elif defined(OBJECT_cgroup_skb)
PROGRAM("cgroup_skb/egress", 1)
#elif defined(OBJECT_cgroup_sock)
PROGRAM("cgroup/sock", 1)
#elif defined(OBJECT_cgroup_post_bind)
PROGRAM("cgroup/post_bind4", 1)
#elif defined(OBJECT_cgroup_connect)
PROGRAM("cgroup/connect4", 1)
#elif defined(OBJECT_cgroup_sysctl)
PROGRAM("cgroup/sysctl", 1)
#elif defined(OBJECT_cgroup_sockopt)
PROGRAM("cgroup/setsockopt", 1)
#elif defined(OBJECT_cgroup_device)
PROGRAM("cgroup/dev", 1)
#elif defined(OBJECT_sockops)
PROGRAM("sockops", 1)
#elif defined(OBJECT_sk_skb)
PROGRAM("sk_skb/stream_verdict", 1)
#elif defined(OBJECT_sk_msg)
PROGRAM("sk_msg", 1)
#elif defined(OBJECT_sk_lookup)
PROGRAM("sk_lookup", 1)
#elif defined(OBJECT_sk_reuseport)
PROGRAM("sk_reuseport", 1)
#elif defined(OBJECT_flow_dissector)
PROGRAM("flow_dissector", 0)
#elif defined(OBJECT_lwt_in)
PROGRAM("lwt_in", 0)
#elif defined(OBJECT_lwt_out)
PROGRAM("lwt_out", 0)
#elif defined(OBJECT_lwt_xmit)
PROGRAM("lwt_xmit", 0)
#elif defined(OBJECT_lwt_seg6local)
PROGRAM("lwt_seg6local", 0)
#elif defined(OBJECT_lirc_mode2)
PROGRAM("lirc_mode2", 0)
#elif defined(OBJECT_tracepoint)
PROGRAM("tp/sched/sched_switch", 0)
#elif defined(OBJECT_raw_tracepoint)
PROGRAM("raw_tp/sched_switch", 0)
#elif defined(OBJECT_raw_tracepoint_writable)
PROGRAM("raw_tp.w/sched_switch", 0)
#elif defined(OBJECT_tp_btf)
PROGRAM("tp_btf/sched_switch", 0)
#elif defined(OBJECT_fentry)
PROGRAM("fentry/bpf_fentry_test1", 0)
#elif defined(OBJECT_lsm)
PROGRAM("lsm/file_open", 0)
#elif defined(OBJECT_iter)
PROGRAM("iter/bpf_map", 0)
#elif defined(OBJECT_perf_event)
PROGRAM("perf_event", 0)
#elif defined(OBJECT_kprobe)
PROGRAM("kprobe/do_nanosleep", 0)
#elif defined(OBJECT_kprobe_multi)
PROGRAM("kprobe.multi/do_nanosleep", 0)
#elif defined(OBJECT_usdt)
PROGRAM("usdt", 0)
#elif defined(OBJECT_unknown)
PROGRAM("no_such_section", 0)
#elif defined(OBJECT_optional)
PROGRAM("?tc", 0)
#elif defined(OBJECT_freplace)
PROGRAM("freplace/function", 0)
#elif defined(OBJECT_syscall)
PROGRAM("syscall", 0)
#elif defined(OBJECT_struct_ops)

/* Not where the kernel has them: libbpf goes by names. */
struct tcp_congestion_ops {
	void (*cong_avoid)(void *sk, __u32 ack, __u32 acked);
	__u32 (*ssthresh)(void *sk);
	__u32 (*undo_cwnd)(void *sk);
	char name[16];
} __attribute__((preserve_access_index));

SEC("struct_ops/ssthresh") __u32 ssthresh(void *ctx)
{
	(void)ctx;
	return 2;
}

SEC("struct_ops/undo_cwnd") __u32 undo_cwnd(void *ctx)
{
	(void)ctx;
	return 2;
}

SEC("struct_ops/cong_avoid") void cong_avoid(void *ctx)
{
	(void)ctx;
}

SEC(".struct_ops") struct tcp_congestion_ops congestion = {
	.cong_avoid = (void *)cong_avoid,
	.ssthresh = (void *)ssthresh,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "bpf_calc_test",
};

/* ---- maps ---- */

#elif defined(OBJECT_map_array)
MAP(BPF_MAP_TYPE_ARRAY, __u32, __u64, 0);
USE_MAP("socket", 0)
#elif defined(OBJECT_map_lpm_trie)
MAP(BPF_MAP_TYPE_LPM_TRIE, __u64, __u64, BPF_F_NO_PREALLOC);
SEC("socket") int program(void *ctx)
{
	__u64 key = 0;

	(void)ctx;
	(void)bpf_map_lookup_elem(&map, &key);
	return 0;
}
#elif defined(OBJECT_map_devmap)
MAP(BPF_MAP_TYPE_DEVMAP, __u32, __u32, 0);
SEC("xdp") int program(void *ctx)
{
	(void)ctx;
	return (int)bpf_redirect_map(&map, 0, 0);
}
#elif defined(OBJECT_map_sockmap)
MAP(BPF_MAP_TYPE_SOCKMAP, __u32, __u32, 0);
SEC("sk_skb/stream_verdict") int program(struct __sk_buff *skb)
{
	return (int)bpf_sk_redirect_map(skb, &map, 0, 0);
}
#elif defined(OBJECT_map_ringbuf)
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} map SEC(".maps");
SEC("socket") int program(void *ctx)
{
	(void)ctx;
	return (int)bpf_ringbuf_query(&map, 0);
}
#elif defined(OBJECT_map_in_map)
struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct inner);
} map SEC(".maps");
USE_MAP("socket", 0)
#elif defined(OBJECT_map_storage)
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} map SEC(".maps");
PROGRAM("socket", 0)
#elif defined(OBJECT_map_lock)
struct value {
	struct bpf_spin_lock lock;
	__u32 counter;
};
MAP(BPF_MAP_TYPE_ARRAY, __u32, struct value, 0);
SEC("tc") int program(void *ctx)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&map, &key);

	(void)ctx;
	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	value->counter++;
	bpf_spin_unlock(&value->lock);
	return 0;
}
#elif defined(OBJECT_map_timer)
struct value {
	struct bpf_timer timer;
};
MAP(BPF_MAP_TYPE_ARRAY, __u32, struct value, 0);
SEC("tc") int program(void *ctx)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&map, &key);

	(void)ctx;
	if (value)
		bpf_timer_init(&value->timer, &map, 0);
	return 0;
}
#elif defined(OBJECT_globals)
int counter = 7;
int zero;
const volatile int limit = 5;
SEC("socket") int program(void *ctx)
{
	(void)ctx;
	return counter++ + zero++ > limit;
}

/* ---- helpers ---- */

#elif defined(OBJECT_callback)
static int step(__u32 i, void *data)
{
	(void)data;
	return i > 3;
}
SEC("socket") int program(void *ctx)
{
	(void)ctx;
	return (int)bpf_loop(8, step, 0, 0);
}
#elif defined(OBJECT_printk)
SEC("xdp") int program(void *ctx)
{
	(void)ctx;
	bpf_printk("x");
	return XDP_PASS;
}
#elif defined(OBJECT_probe_read)
SEC("xdp") int program(void *ctx)
{
	__u64 value = 0;

	bpf_probe_read_user(&value, sizeof(value), ctx);
	return value == 1 ? XDP_DROP : XDP_PASS;
}
#elif defined(OBJECT_subprogram)
__attribute__((noinline)) static int sub(void *ctx)
{
	bpf_printk("x");
	return (int)bpf_get_prandom_u32();
}
SEC("xdp") int program(void *ctx)
{
	return sub(ctx) ? XDP_PASS : XDP_DROP;
}
#else
#error "name an object with -DOBJECT_NAME"
#endif

char LICENSE[] SEC("license") = "GPL";
