#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken inject on what "runc spec" writes: the runtimes run it with the hook, and the container's
# token works; a second time nothing changes, and --remove gives back the bytes that were there.

load ../lib/e2e

# What is asked for, as the kernel reports it of a token.
REQUEST=("--cmds=map_create,prog_load,btf_load" "--maps=array" "--progs=socket_filter,xdp"
	"--attachs=cgroup_inet_ingress,xdp")
MASKS="0x40021 0x4 0x42 0x2000000001"
NEEDS=("--userns=1000000:65536" "--cap=CAP_BPF,CAP_NET_ADMIN")

setup() {
	: "${BPFTOKEN:?name the bpftoken to test}"
	setup_e2e
	HOOK_OPTIONS=("--hook=$HOOK" "--hook-args=--policy=$WORK/policy.json --log=file:$WORK/hook.log")
	before=$(host_mounts)
}

teardown() {
	teardown_e2e
}

# make_spec COMMAND: a bundle as "runc spec" makes it, with this command and no terminal, and without
# its list of devices, for which crun raises a limit that not every host of tests lets it raise.
make_spec() {
	make_rootfs "$BUNDLE/rootfs"
	(cd "$BUNDLE" && runc spec)
	jq --tab --arg command "$1" \
		'.process.args = ["/bin/sh", "-c", $command] | .process.terminal = false
			| del(.linux.resources)' \
		"$BUNDLE/config.json" >"$WORK/original.json"
	cp "$WORK/original.json" "$BUNDLE/config.json"
}

# inject [ARG]...: does so, and nothing is to be said.
inject() {
	capture /dev/null "$BPFTOKEN" inject "${HOOK_OPTIONS[@]}" "$@" "$BUNDLE/config.json"
	expect_status 0
	[[ -z $stderr && -z $output ]] || fail "there is nothing to say"
}

# delegates RUNTIME: a container of the bundle gets what was asked for and can use it.
delegates() {
	local masks
	read -ra masks <<<"$MASKS"
	run_container "$1" "$BUNDLE" "$ID-$((++CONTAINERS))"
	expect_status 0
	expect_line "map ok" "prog ok" "allowed_cmds ${masks[0]}" "allowed_maps ${masks[1]}" \
		"allowed_progs ${masks[2]}" "allowed_attachs ${masks[3]}"
	expect_mounts "$before"
}

COMMAND="inside map array token /sys/fs/bpf && inside prog xdp xdp token /sys/fs/bpf &&
	inside token /sys/fs/bpf"

injected_runs() {
	make_spec "$COMMAND"
	inject "${NEEDS[@]}" "${REQUEST[@]}"
	cp "$BUNDLE/config.json" "$WORK/once.json"
	delegates "$1"
	inject "${NEEDS[@]}" "${REQUEST[@]}"
	cmp "$BUNDLE/config.json" "$WORK/once.json"
	delegates "$1"
	inject --remove "${NEEDS[@]}"
	cmp "$BUNDLE/config.json" "$WORK/original.json"
	run_container "$1" "$BUNDLE" "$ID-$((++CONTAINERS))"
	expect_failure
	expect_no_record
}

@test "runc runs what was injected, and again after a second time" {
	injected_runs runc
}

@test "crun runs what was injected, and again after a second time" {
	injected_runs crun
}

# On the hook's command line, at the older stage.
injected_on_the_command_line_runs() {
	make_spec "$COMMAND"
	inject "${NEEDS[@]}" --stage=prestart --hook-args="${REQUEST[*]}"
	[[ $(jq .annotations "$BUNDLE/config.json") == null ]] || fail "there are annotations"
	delegates "$1"
}

@test "runc: a request on the hook's command line" {
	injected_on_the_command_line_runs runc
}

@test "crun: a request on the hook's command line" {
	injected_on_the_command_line_runs crun
}

# Without a user namespace the hook refuses, as the warning says.
a_warning_comes_true() {
	make_spec "$COMMAND"
	capture /dev/null "$BPFTOKEN" inject "${HOOK_OPTIONS[@]}" --cap=CAP_BPF "${REQUEST[@]}" \
		"$BUNDLE/config.json"
	expect_status 0
	expect_stderr "has no user namespace, and the hook refuses a container without \(69\)"
	run_container "$1" "$BUNDLE" "$ID-$((++CONTAINERS))"
	expect_hook_exit 69
}

@test "runc: the hook refuses what was warned of" {
	a_warning_comes_true runc
}

@test "crun: the hook refuses what was warned of" {
	a_warning_comes_true crun
}
