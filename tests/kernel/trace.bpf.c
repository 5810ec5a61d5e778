/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * One program that counts how often it is run. PROGRAM names what it is attached to, an ELF section
 * in libbpf's spelling: one source makes one object for each way to look at a kernel function.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Without types: to print those bpftool would need the capability to look up BTF by id. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u64));
} calls SEC(".maps");

SEC(PROGRAM)
int count(void *ctx)
{
	__u32 key = 0;
	__u64 *n = bpf_map_lookup_elem(&calls, &key);
	(void)ctx;
	if (n)
		__sync_fetch_and_add(n, 1);
	return 0;
}

/* The kernel takes no LSM program of another licence. */
char LICENSE[] SEC("license") = "GPL";
