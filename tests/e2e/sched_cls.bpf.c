/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests do not delegate: a program of another type. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int pass(struct __sk_buff *skb)
{
	(void)skb;
	return 0;
}

char LICENSE[] SEC("license") = "Apache-2.0";
