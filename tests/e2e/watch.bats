#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken watch, on programs that nobody here wrote: with one bit less than they need, it names that bit;
# and each other reason why the kernel refuses, as far as this kernel can be brought to.

load ../lib/e2e
load ../lib/observe

setup() {
	setup_observe
}

teardown() {
	teardown_observe
}

# watched LISTS COMMAND...: what is said while it runs in a container with these lists; JSON in output.
watched() {
	prepare_container "$@"
	observe watch --json --duration=60 --pid="$TARGET_PID"
	run_target
	said=$output
	end_observe INT
	expect_status 0
}

# reasons FILTER: of each refusal, as lines.
reasons() {
	jq --raw-output --compact-output "$1" <<<"$output" | sort -u
}

# expect_reason FILTER LINE: one of them is so.
expect_reason() {
	reasons "$1" | grep --quiet --fixed-strings --line-regexp -- "$2" ||
		fail "expected $2 of:" "$(reasons "$1")" "it said: $said"
}

# names_what_is_missing LISTS WORD... -- COMMAND...: for each word the lists less it.
names_what_is_missing() {
	local lists=$1 words=()
	shift
	while [[ $1 != -- ]]; do
		words+=("$1")
		shift
	done
	shift
	watched "$lists" "$@"
	[[ -z $(reasons 'select(.reason == "lacks") | .missing') ||
		$(reasons 'select(.reason == "lacks" and .program != "kprobe" and .program != "cgroup_sock") | .missing') == "" ]] ||
		fail "with all of it: $output"
	for word in "${words[@]}"; do
		watched "$(without "$word" "$lists")" "$@"
		expect_reason 'select(.reason == "lacks") | .missing' \
			"$(jq --null-input --compact-output --arg list "${word%%=*}" --arg name "${word#*=}" '{($list): $name}')"
	done
}

XDP="cmds=map_create,prog_load,btf_load maps=array progs=socket_filter,xdp attachs=cgroup_inet_ingress,xdp"

@test "bpftool: the bit that is missing, and no other" {
	names_what_is_missing "$XDP" cmds=map_create cmds=prog_load cmds=btf_load maps=array progs=xdp \
		progs=socket_filter attachs=cgroup_inet_ingress \
		-- /usr/sbin/bpftool prog loadall /objects/xdp.bpf.o /sys/fs/bpf/x
}

@test "softirqs of libbpf-tools: the bit that is missing" {
	names_what_is_missing "cmds=map_create,prog_load,btf_load maps=array,percpu_array
		progs=socket_filter,raw_tracepoint,tracing attachs=cgroup_inet_ingress,trace_raw_tp" \
		maps=percpu_array progs=tracing attachs=trace_raw_tp -- /usr/sbin/softirqs-libbpf 1 1
}

@test "xdp-loader of xdp-tools: the bit that is missing" {
	names_what_is_missing "cmds=map_create,prog_load,btf_load,btf_get_fd_by_id maps=array progs=socket_filter,xdp attachs=cgroup_inet_ingress,xdp" \
		maps=array progs=xdp -- /usr/sbin/xdp-loader load -m skb -s xdp lo /objects/xdp.bpf.o
}

@test "bpftrace, which knows no tokens" {
	local filter='select(.process == "bpftrace" and (.program == "tracing" or .program == "raw_tracepoint" or .map != null)) | .reason'
	watched "$EVERYTHING_LISTS" /usr/bin/bpftrace -e 'rawtracepoint:sched_switch { exit(); }'
	expect_reason "$filter" no-token
}

@test "no delegated bpffs, and what to annotate" {
	watched "" /inside map hash
	expect_reason '"\(.reason) \(.fix)"' \
		"no-delegation annotate it with io.bpftoken.cmds=map_create io.bpftoken.maps=hash"
	expect_reason '"\(.process) \(.command) \(.map)"' "inside map_create hash"
}

@test "no token passed" {
	watched "$XDP" /inside map array
	expect_reason '"\(.command) \(.map) \(.reason)"' "map_create array no-token"
}

@test "a capability that is missing" {
	CAPS=-all,+bpf watched "$XDP" /inside prog xdp xdp token /sys/fs/bpf
	expect_reason '"\(.reason) \(.capability)"' "capability CAP_NET_ADMIN"
	CAPS=-all,+net_admin watched "$XDP" /inside prog xdp xdp token /sys/fs/bpf
	expect_reason '"\(.command) \(.reason)"' "token_create no-cap-bpf"
}

@test "a command that no token serves" {
	watched "$EVERYTHING_LISTS" /usr/sbin/bpftool prog show
	expect_reason '"\(.command) \(.reason)"' "prog_get_next_id host-command"
}

@test "what works, and the host's own refusals, are not told" {
	prepare_container "$XDP" /inside map array token /sys/fs/bpf
	observe watch --json --duration=60
	setpriv --reuid=65534 --clear-groups "$TEST_BIN/inside" map hash >/dev/null || [[ $? -eq 1 ]]
	run_target
	end_observe TERM
	expect_status 0
	expect_output ""
}

@test "runc: a line for people names the container, once, and then how often" {
	write_rules '{"match": {}, "allow": {"cmds": "map_create", "maps": "array"}}'
	make_bundle "$BUNDLE" runc createRuntime 'request({cmds: "map_create", maps: "array"})' \
		'shell("for i in 1 2 3; do /inside map hash token /sys/fs/bpf; done")'
	observe watch --duration=60
	run_container runc "$BUNDLE" "$ID"
	end_observe INT
	[[ $(grep --count "\"$ID\" \"inside\"\[[0-9]*\] map_create hash: the delegation lacks maps=hash; add to the annotations io.bpftoken.maps=hash" <<<"$output") -eq 1 ]] ||
		fail "not that line once"
	expect_line "\"$ID\" map_create hash: again, 2 times"
}
