# SPDX-License-Identifier: Apache-2.0
# The bundles of the guest's containers from tests/lib/bundle.json: what each one's config.json and
# policy.json hold. A tracing container has CAP_PERFMON, and that needs a rule with hostReach.

def rule($allow): { version: 1, rules: [ { name: "tests", match: {}, allow: $allow } ] };

def lists: { cmds: "map_create,prog_load,btf_load", maps: "array",
	attachs: "cgroup_inet_ingress,xdp" };

.root.path = "/run/root"
| if $bundle == "plain" then
	{ config: ., policy: rule(lists + { progs: "socket_filter,xdp", paths: "/sys/fs/bpf,/run/bpf" }) }
else
	{ config: (.process.capabilities |= map_values(. + [ "CAP_PERFMON" ])),
	  policy: rule(lists + { progs: "socket_filter,tracing,kprobe,lsm", hostReach: true,
		attachs: "cgroup_inet_ingress,trace_fentry,trace_fexit,trace_kprobe_multi,lsm_mac" }) }
end
| .[$file]
