#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The shipped bundle, as its README says to use it, with this machine's runc and crun.

load ../lib/engine

BUNDLE_FILE=/usr/share/doc/oci-bpf-token-hook/examples/bundle/config.json

setup() {
	setup_engine
	BUNDLE=$WORK/demo
	mkdir -p "$BUNDLE"/rootfs/{bin,proc,dev,sys,tmp}
	cp "$(command -v busybox)" "$BUNDLE/rootfs/bin/sh"
	cp "$TEST_BIN/inside" "$BUNDLE/rootfs/bin/inside"
	cp "$HOST$BUNDLE_FILE" "$BUNDLE/config.json"
}

teardown() {
	teardown_e2e
}

# run_bundle RUNTIME COMMAND: the bundle's process is a shell that reads its commands.
run_bundle() {
	echo "$2" >"$WORK/commands"
	capture "$WORK/commands" "$1" run --bundle "$BUNDLE" demo
}

bundle_delegates() {
	run_bundle "$1" "inside token /sys/fs/bpf && inside prog xdp xdp token /sys/fs/bpf"
	expect_status 0
	expect_line "token ok" "prog ok"
	expect_no_leak
	shown "$1" token
}

bundle_is_refused() {
	host_policy
	run_bundle "$1" "echo started"
	expect_failure
	expect_output ""
	expect_hook_exit 77

	jq 'del(.annotations)' "$HOST$BUNDLE_FILE" >"$BUNDLE/config.json"
	run_bundle "$1" "inside token /sys/fs/bpf"
	expect_failure
	expect_output "token EINVAL"
	shown "$1" refused
}

@test "runc: the shipped bundle delegates" {
	bundle_delegates runc
}

@test "crun: the shipped bundle delegates" {
	bundle_delegates crun
}

@test "runc: the shipped bundle is refused without a rule, and has nothing without its annotation" {
	bundle_is_refused runc
}

@test "crun: the shipped bundle is refused without a rule, and has nothing without its annotation" {
	bundle_is_refused crun
}

@test "runc: the README's table has what was shown" {
	expect_row "runc $(version_of runc)" runc token refused
}

@test "crun: the README's table has what was shown" {
	expect_row "crun $(version_of crun)" crun token refused
}
