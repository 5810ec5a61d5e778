#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken list and check beside real containers of runc and crun.

load ../lib/e2e

setup() {
	setup_e2e
	: "${BPFTOKEN:?name the bpftoken to test}"
}

teardown() {
	teardown_e2e
}

# start RUNTIME COMMAND [FILTER]...: a container that runs a shell command and stays.
start() {
	local runtime=$1 command=$2
	shift 2
	make_bundle "$BUNDLE" "$runtime" "shell(\"$command\")" "createRuntime" "delegate" "$@"
	start_container "$runtime" "$BUNDLE" "$ID"
	expect_status 0
	pid=$("$runtime" --root "$WORK/$runtime" state "$ID" | jq .pid)
}

# list [ARG]...
list() {
	capture /dev/null "$BPFTOKEN" list "$@"
}

# entry FILTER: what jq prints of the one container of this test.
entry() {
	list --json "$ID"
	expect_status 0
	[[ $(jq '.containers | length' <<<"$output") -eq 1 ]] || fail "not one container"
	jq --compact-output ".containers[0] | $1" <<<"$output"
}

# is WANTED FOUND
is() {
	[[ $1 == "$2" ]] || fail "expected: $1" "found: $2"
}

# eventually COMMAND...: within ten seconds.
eventually() {
	local i
	for i in {1..100}; do
		! "$@" || return 0
		sleep 0.1
	done
	fail "it never came to: $*"
}

appears_with_all_it_has() {
	start "$1" "sleep 60"
	is "[\"oci\",\"$ID\",null,$pid,\"sleep\",\"/sys/fs/bpf\"]" \
		"$(entry '[.engine, .id, .pod, .pid, .process, .path]')"
	is '{"uid":0,"gid":0,"hostUid":1000000,"hostGid":1000000}' "$(entry .owner)"
	is '["0700",["map_create","prog_load","btf_load"],["array"],["socket_filter","xdp"],["cgroup_inet_ingress","xdp"]]' \
		"$(entry '[.mode, .cmds, .maps, .progs, .attachs]')"
	is '[0,1,[]]' "$(entry '[.tokens, .mountNamespaces, .missing]')"
	list "$pid"
	expect_status 0
	[[ $output == "oci $ID"$'\n'*"process  $pid sleep"* ]] || fail "text"
	list "${ID%?}"
	expect_status 0
}

@test "runc: a container appears with id, process, path, owner and lists" {
	appears_with_all_it_has runc
}

@test "crun: a container appears with id, process, path, owner and lists" {
	appears_with_all_it_has crun
}

@test "both at once, in the order of their ids; one that has ended is gone" {
	local first=$ID
	start runc "sleep 60"
	ID=$first-b
	BUNDLE=$WORK/other
	start crun "sleep 60"
	list --json
	expect_status 0
	is "[\"$first\",\"$first-b\"]" \
		"$(jq --compact-output --arg id "$first" '[.containers[].id | select(startswith($id))]' <<<"$output")"
	delete_container crun "$first-b"
	list --json
	is "[\"$first\"]" \
		"$(jq --compact-output --arg id "$first" '[.containers[].id | select(startswith($id))]' <<<"$output")"
}

@test "another path, owner and mode" {
	start crun "sleep 60" 'request({path: "/run/bpf", mode: "0750", owner: "7:8"})'
	is '["/run/bpf","0750",{"uid":7,"gid":8,"hostUid":1000007,"hostGid":1000008}]' \
		"$(entry '[.path, .mode, .owner]')"
	[[ $(entry .missing) == *LIBBPF_BPF_TOKEN_PATH* ]] || fail "missing"
}

lacks_what_its_bundle_lacks() {
	start "$1" "sleep 60" '.process.capabilities |= map_values([])' \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
			syscalls: [{names: ["acct"], action: "SCMP_ACT_ERRNO"}]}'
	[[ $(entry .missing) == "[\"process $pid has no CAP_BPF in its bounding set; "*"\",\"a seccomp filter holds process $pid,"* ]] ||
		fail "missing: $(entry .missing)"
}

@test "runc: no CAP_BPF and a seccomp filter are said to be in the way" {
	lacks_what_its_bundle_lacks runc
}

@test "crun: no CAP_BPF and a seccomp filter are said to be in the way" {
	lacks_what_its_bundle_lacks crun
}

holds_a_token() {
	start "$1" "exec inside hold /sys/fs/bpf /bin/busybox sleep 60"
	has_token() { [[ $(entry .tokens) -eq 1 ]]; }
	eventually has_token
	list --json "$ID"
	is '[]' "$(jq --compact-output .tokens <<<"$output")"

	# a token keeps its bpffs busy, so only a lazy unmount gets past it
	nsenter --target="$pid" --mount /bin/busybox umount -l /sys/fs/bpf
	gone() {
		list --json "$ID"
		[[ $(jq '.containers | length' <<<"$output") -eq 0 && $(jq '.tokens | length' <<<"$output") -eq 1 ]]
	}
	eventually gone
	is "[\"oci\",\"$ID\",$pid,1,[\"map_create\",\"prog_load\",\"btf_load\"],[\"array\"],[\"socket_filter\",\"xdp\"],[\"cgroup_inet_ingress\",\"xdp\"]]" \
		"$(jq --compact-output '.tokens[0] | [.engine, .id, .pid, .tokens, .cmds, .maps, .progs, .attachs]' <<<"$output")"
	list "$pid"
	expect_status 0
	[[ $output == *"held as descriptor "*"; its bpffs is not mounted there"* ]] || fail "text"
}

@test "runc: a token held after the bpffs was unmounted appears" {
	holds_a_token runc
}

@test "crun: a token held after the bpffs was unmounted appears" {
	holds_a_token crun
}

# A tenant names a file like a token and deletes it.
@test "a file that only looks like a token is none" {
	start runc "exec 9>/bpf-token; busybox rm /bpf-token; exec sleep 60"
	is "/bpf-token (deleted)" "$(readlink "/proc/$pid/fd/9")"
	list --json "$ID"
	is '[0,[]]' "$(jq --compact-output '[.containers[0].tokens, .tokens]' <<<"$output")"
}

# check

# everything: mounts, processes but this shell's own and those that have ended, and namespaces.
everything() {
	cat /proc/self/mountinfo
	readlink /proc/[0-9]*/ns/* 2>/dev/null | sort -u
	ps -e -o pid=,stat=,comm= | grep --word-regexp bpftoken | grep --invert-match ' Z' || echo none
	ls /sys/fs/cgroup
}

@test "check: works on this host, beside containers, and leaves everything as it was" {
	local before
	start runc "sleep 60"
	before=$(everything)
	capture /dev/null "$BPFTOKEN" check --policy="$WORK/policy.json"
	expect_status 0
	diff <(printf '%s\n' "$before") <(everything) >&2 || fail "it left something behind"
	# the container's is none of its business
	is '["0700"]' "$(entry '[.mode]')"
}

@test "check: whenever it is interrupted, nothing is left behind" {
	local before i signal
	before=$(everything)
	for signal in INT TERM KILL; do
		for i in 001 002 004 006 009 013 018 025 035 050; do
			status=0
			timeout --foreground --signal="$signal" "0.$i" "$BPFTOKEN" check >/dev/null 2>&1 3>&- ||
				status=$?
		done
	done
	same() { [[ $before == "$(everything)" ]]; }
	eventually same
}

@test "check: its throw-away container is not seen by list a moment later" {
	list --json
	[[ $(jq '[.containers[] | select(.owner.hostUid == 2000000000)] | length' <<<"$output") -eq 0 ]] ||
		fail "one is there before"
	capture /dev/null "$BPFTOKEN" check --json
	expect_status 0
	is '["ok","ok","ok","ok","ok"]' "$(jq --compact-output '[.[:5][].result]' <<<"$output")"
	list --json
	[[ $(jq '[.containers[] | select(.owner.hostUid == 2000000000)] | length' <<<"$output") -eq 0 ]] ||
		fail "one is left"
}

@test "check: in a mount namespace whose mounts are shared, and as an engine's child" {
	local before
	use_shared_mounts
	before=$(host_mounts)
	capture /dev/null "$BPFTOKEN" check --json
	expect_status 0
	expect_mounts "$before"
}
