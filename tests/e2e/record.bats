#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken record, of programs that nobody here wrote: what it has seen makes them work, no bit of
# their own can be left out, and of an object it comes to what calc says.

# shellcheck disable=SC2154 # the loaded files set them
load ../lib/e2e
load ../lib/observe

setup() {
	setup_observe
}

teardown() {
	teardown_observe
}

LOAD="/usr/sbin/bpftool prog loadall"

# works_with LISTS COMMAND...
works_with() {
	prepare_container "$@"
	run_target
	expect_status 0
}

# fails_with LISTS COMMAND...
fails_with() {
	prepare_container "$@"
	run_target
	[[ $status -ne 0 ]] || fail "it works with $1 only"
}

# suffices COMMAND...: what was learned of it makes it work, and nothing does not.
suffices() {
	learn "$@"
	works_with "$need" "$@"
	fails_with "cmds=btf_load" "$@"
}

# is_least REGEX COMMAND...: and no word of its own can be left out, but for those that it knows another
# way for.
is_least() {
	local word other=$1 n=0
	shift
	suffices "$@"
	for word in $own; do
		[[ ! $word =~ ^($other)$ ]] || continue
		fails_with "$(without "$word" "$need")" "$@"
		n=$((n + 1))
	done
	[[ $n -ge 4 ]] || fail "only $n words were tried: $own"
}

@test "bpftool and an object with a map" {
	# unless libbpf may load a cgroup_sock program, it leaves the attach type at 0
	is_least attachs=xdp $LOAD /objects/xdp.bpf.o /sys/fs/bpf/x
	[[ $own == "cmds=map_create
cmds=prog_load
maps=array
progs=xdp
attachs=xdp" ]] || fail "own: $own"
}

@test "softirqs of libbpf-tools, which a token serves whole" {
	# its raw_tracepoint programs do what its tp_btf programs do
	is_least 'progs=(tracing|raw_tracepoint)|attachs=.*' /usr/sbin/softirqs-libbpf 1 1
}

@test "cpudist of libbpf-tools" {
	suffices /usr/sbin/cpudist-libbpf 1 1
}

@test "xdp-loader of xdp-tools" {
	suffices /usr/sbin/xdp-loader load -m skb -s xdp lo /objects/xdp.bpf.o
}

# The four objects that libbpf does not load here: one has no target, one is of a type that this kernel lacks,
# one is optional, one unknown.
@test "of an object it comes to what calc says" {
	local object tree=$TOOLS agreed=0
	# by the loader's full name: the command sees the host's files
	for object in "$TEST_BIN"/calc/*.bpf.o; do
		[[ ! ${object##*/} =~ ^(freplace|lirc_mode2|optional|unknown|fentry|lsm)\.bpf\.o$ ]] || continue
		capture /dev/null "$BPFTOKEN" record --format=annotations -- \
			"$tree/usr/lib64/ld-linux-x86-64.so.2" --library-path "$tree/usr/lib/x86_64-linux-gnu" \
			"$tree/usr/sbin/bpftool" prog loadall "$object" /sys/fs/bpf/x
		[[ $stderr != *"this build"* ]] || skip "$stderr"
		printf '%s\n' "$output" >"$WORK/recorded"
		capture /dev/null "$BPFTOKEN" calc --format=annotations "$object"
		diff "$WORK/recorded" <(printf '%s\n' "$output") >"$WORK/diff" ||
			fail "${object##*/}: '<' record, '>' calc: $(<"$WORK/diff")"
		agreed=$((agreed + 1))
	done
	[[ $agreed -ge 45 ]] || fail "only $agreed objects"
}

# A container of a runtime, found by its name in the path of its cgroup.
waits_for() {
	local runtime=$1
	write_rules '{"match": {}, "allow": {"cmds": "any", "maps": "any", "progs": "any", "attachs": "any",
		"hostReach": true}}'
	observe record --duration=60 --format=annotations --wait="$ID"
	make_bundle "$BUNDLE" "$runtime" createRuntime everything \
		'shell("/usr/sbin/bpftool prog loadall /objects/xdp.bpf.o /sys/fs/bpf/x")' 'capability("CAP_NET_ADMIN")'
	run_container "$runtime" "$BUNDLE" "$ID"
	expect_status 0
	end_observe
	expect_status 0
	expect_line io.bpftoken.cmds=map_create,prog_load,btf_load io.bpftoken.maps=array \
		io.bpftoken.progs=socket_filter,xdp io.bpftoken.attachs=cgroup_inet_ingress,xdp
}

@test "runc: a container that is waited for, from its first call to its end" {
	waits_for runc
}

@test "crun: a container that is waited for, from its first call to its end" {
	waits_for crun
}

@test "a running container, a cgroup, and others' calls left out" {
	write_rules '{"match": {}, "allow": {"cmds": "any", "maps": "any", "progs": "any", "attachs": "any",
		"hostReach": true}}'
	make_bundle "$BUNDLE" runc createRuntime everything 'shell("sleep 30")' 'capability("CAP_NET_ADMIN")'
	start_container runc "$BUNDLE" "$ID"
	expect_status 0
	for target in "--container=$ID" "--cgroup=$(cgroup_of "$ID")"; do
		observe record --duration=60 --json "$target"
		"$TEST_BIN/inside" map hash >/dev/null || [[ $? -eq 1 ]] # the host's
		exec_container runc "$ID" /inside map array token /sys/fs/bpf
		expect_output "map ok"
		end_observe INT
		expect_status 0
		[[ $(jq --compact-output .maps <<<"$output") == '["array"]' ]] || fail "$target: $output"
	done
}

cgroup_of() {
	local pid
	pid=$(runc --root "$WORK/runc" state "$1" | jq .pid)
	echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")"
}

# bpf_programs: those that the kernel has, by name.
bpf_programs() {
	"$TOOLS/usr/lib64/ld-linux-x86-64.so.2" --library-path "$TOOLS/usr/lib/x86_64-linux-gnu" \
		"$TOOLS/usr/sbin/bpftool" prog show | grep --extended-regexp --only-matching 'name (syscall_e|function_e)[a-z]*' || [[ $? -eq 1 ]]
}

@test "nothing is left when it was killed" {
	observe record --duration=60 --pid=$$
	[[ -n $(bpf_programs) ]] || fail "its programs are not seen"
	end_observe KILL
	sleep 0.5 # the kernel frees them a moment later
	[[ -z $(bpf_programs) ]] || fail "left: $(bpf_programs)"
}

# The fastest of some tries, in ns; what it costs while watched is at most 150.
@test "what a system call costs more while bpf(2) is watched" {
	local before meanwhile
	before=$("$TEST_BIN/inside" syscalls)
	observe record --duration=60 --pid=$$
	meanwhile=$("$TEST_BIN/inside" syscalls)
	end_observe INT
	echo "# a system call takes ${before#syscalls } ns, watched ${meanwhile#syscalls } ns" >&3
	[[ $((${meanwhile#syscalls } - ${before#syscalls })) -le 150 ]] || fail "more than 150 ns"
}
