/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/names.h"

#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>

#include "spec/base/poison.h"

/*
 * What a program of each type can reach, judged by hand: no kernel header says so. Attaching is
 * hardly checked once a program is loaded, so the type is where the line can be drawn. A type
 * that the generated table gains needs a line here before the tests pass again.
 */
static const struct {
	const char *name;
	enum names_class class;
} classes[] = {
	/* Hooks anywhere in the kernel, or has no boundary but the machine. */
	{ "kprobe", NAMES_CLASS_HOST },
	{ "tracepoint", NAMES_CLASS_HOST },
	{ "perf_event", NAMES_CLASS_HOST },
	{ "raw_tracepoint", NAMES_CLASS_HOST },
	{ "raw_tracepoint_writable", NAMES_CLASS_HOST },
	{ "tracing", NAMES_CLASS_HOST },
	{ "lsm", NAMES_CLASS_HOST },
	{ "ext", NAMES_CLASS_HOST },	    /* becomes part of another program, of any type */
	{ "struct_ops", NAMES_CLASS_HOST }, /* the kernel's own algorithms: scheduler, TCP */
	{ "syscall", NAMES_CLASS_HOST },    /* calls bpf() itself, from inside the kernel */
	{ "lirc_mode2", NAMES_CLASS_HOST }, /* devices are in no namespace */

	/* Bound to a cgroup: the host's root, too, where the cgroup namespace is shared. */
	{ "cgroup_skb", NAMES_CLASS_CGROUP },
	{ "cgroup_sock", NAMES_CLASS_CGROUP },
	{ "cgroup_device", NAMES_CLASS_CGROUP },
	{ "cgroup_sock_addr", NAMES_CLASS_CGROUP },
	{ "cgroup_sysctl", NAMES_CLASS_CGROUP },
	{ "cgroup_sockopt", NAMES_CLASS_CGROUP },
	{ "sock_ops", NAMES_CLASS_CGROUP }, /* not so named, but attached to a cgroup */

	/* Bound to a network namespace, to its devices or to sockets in it. */
	{ "socket_filter", NAMES_CLASS_NET },
	{ "sched_cls", NAMES_CLASS_NET },
	{ "sched_act", NAMES_CLASS_NET },
	{ "xdp", NAMES_CLASS_NET },
	{ "lwt_in", NAMES_CLASS_NET },
	{ "lwt_out", NAMES_CLASS_NET },
	{ "lwt_xmit", NAMES_CLASS_NET },
	{ "lwt_seg6local", NAMES_CLASS_NET },
	{ "sk_skb", NAMES_CLASS_NET },
	{ "sk_msg", NAMES_CLASS_NET },
	{ "sk_reuseport", NAMES_CLASS_NET },
	{ "sk_lookup", NAMES_CLASS_NET },
	{ "flow_dissector", NAMES_CLASS_NET },
	{ "netfilter", NAMES_CLASS_NET },
	{ "unspec", NAMES_CLASS_NET }, /* no kernel loads it, so it reaches nothing */
};

enum names_class names_prog_class(unsigned bit)
{
	const char *name = names_of_bit(NAMES_PROGS, bit);

	if (name == NULL)
		return NAMES_CLASS_HOST;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(classes[i].name, name) == 0)
			return classes[i].class;
	return NAMES_CLASS_NONE;
}

/* ---- capabilities ---- */

#define BIT(n) (UINT64_C(1) << (n))

#define PROG_NETFILTER 32 /* newer than the oldest linux/bpf.h that this is built with */

uint64_t names_net_admin_progs(void)
{
	return BIT(BPF_PROG_TYPE_SCHED_CLS) | BIT(BPF_PROG_TYPE_SCHED_ACT) |
	       BIT(BPF_PROG_TYPE_XDP) | BIT(BPF_PROG_TYPE_LWT_IN) | BIT(BPF_PROG_TYPE_LWT_OUT) |
	       BIT(BPF_PROG_TYPE_LWT_XMIT) | BIT(BPF_PROG_TYPE_LWT_SEG6LOCAL) |
	       BIT(BPF_PROG_TYPE_SK_SKB) | BIT(BPF_PROG_TYPE_SK_MSG) |
	       BIT(BPF_PROG_TYPE_FLOW_DISSECTOR) | BIT(BPF_PROG_TYPE_CGROUP_DEVICE) |
	       BIT(BPF_PROG_TYPE_CGROUP_SOCK) | BIT(BPF_PROG_TYPE_CGROUP_SOCK_ADDR) |
	       BIT(BPF_PROG_TYPE_CGROUP_SOCKOPT) | BIT(BPF_PROG_TYPE_CGROUP_SYSCTL) |
	       BIT(BPF_PROG_TYPE_SOCK_OPS) | BIT(BPF_PROG_TYPE_EXT) | BIT(PROG_NETFILTER);
}

uint64_t names_perfmon_progs(void)
{
	return BIT(BPF_PROG_TYPE_KPROBE) | BIT(BPF_PROG_TYPE_TRACEPOINT) |
	       BIT(BPF_PROG_TYPE_PERF_EVENT) | BIT(BPF_PROG_TYPE_RAW_TRACEPOINT) |
	       BIT(BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE) | BIT(BPF_PROG_TYPE_TRACING) |
	       BIT(BPF_PROG_TYPE_LSM) | BIT(BPF_PROG_TYPE_STRUCT_OPS) | BIT(BPF_PROG_TYPE_EXT);
}
