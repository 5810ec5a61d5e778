#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What "bpftoken seccomp" prints, loaded by runc and crun: a delegated command works, one that is not
# gets EPERM, and what no token gates works with a descriptor in hand.

load ../lib/e2e

# What the tests' policy allows, asked for by "delegate": the token serves both commands, so that it
# is the profile alone which tells them apart.
COMMANDS='inside token /sys/fs/bpf | head -n 1
inside map array token /sys/fs/bpf
inside prog xdp xdp token /sys/fs/bpf
inside pin /sys/fs/bpf/m token /sys/fs/bpf'

setup() {
	setup_e2e
	: "${BPFTOKEN:?tests/e2e/run needs it for these tests}"
}

teardown() {
	teardown_e2e
}

# make_profile FILTER: a profile in $WORK/profile.json as engines have it, every call that this machine's
# headers know allowed and bpf(2) refused by a rule of its own, and then changed by FILTER.
make_profile() {
	gcc -E -dM -include asm/unistd.h - </dev/null | sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/\1/p' |
		jq --raw-input . | jq --slurp --tab "{
			defaultAction: \"SCMP_ACT_ERRNO\", defaultErrnoRet: 38,
			syscalls: [ { names: (. - [\"bpf\"]), action: \"SCMP_ACT_ALLOW\" },
			            { names: [\"bpf\"], action: \"SCMP_ACT_ERRNO\", errnoRet: 13 } ] }
			| $1" >"$WORK/profile.json"
	[[ $(jq '.syscalls[0].names | length' "$WORK/profile.json") -gt 200 ]] ||
		fail "the headers name too few calls"
}

# answers RUNTIME PROFILE LINE...: a container with that profile prints these.
answers() {
	local runtime=$1 profile=$2
	shift 2
	make_bundle "$BUNDLE" "$runtime" "shell($(jq -n --arg c "$COMMANDS" '$c'))" \
		createRuntime delegate
	jq --slurpfile profile "$profile" '.linux.seccomp = $profile[0]' "$BUNDLE/config.json" \
		>"$WORK/config.json"
	mv "$WORK/config.json" "$BUNDLE/config.json"
	run_container "$runtime" "$BUNDLE" "$ID-$((++CONTAINERS))"
	expect_output "$(printf '%s\n' "$@")"
}

edit() {
	"$BPFTOKEN" seccomp "$@" >"$WORK/edited.json"
}

BLOCKED=("token EACCES" "token EACCES" "token EACCES" "token EACCES")

follows_a_profile_that_denies() {
	make_profile .
	answers "$1" "$WORK/profile.json" "${BLOCKED[@]}"

	edit --cmds=map_create "$WORK/profile.json"
	answers "$1" "$WORK/edited.json" "token ok" "map ok" "prog EPERM" "pin ok"
	edit --cmds=prog_load "$WORK/profile.json"
	answers "$1" "$WORK/edited.json" "token ok" "map EPERM" "prog ok" "map EPERM"
	edit --cmds=map_create,prog_load "$WORK/profile.json"
	answers "$1" "$WORK/edited.json" "token ok" "map ok" "prog ok" "pin ok"
}

follows_a_profile_that_allows() {
	jq -n '{defaultAction: "SCMP_ACT_ALLOW"}' >"$WORK/profile.json"
	answers "$1" "$WORK/profile.json" "token ok" "map ok" "prog ok" "pin ok"
	edit --cmds=map_create "$WORK/profile.json"
	answers "$1" "$WORK/edited.json" "token ok" "map ok" "prog EPERM" "pin ok"
}

# One that lets bpf(2) through for everything, and would kill for what it does not know.
follows_a_profile_that_kills() {
	make_profile '.defaultAction = "SCMP_ACT_KILL_PROCESS" | del(.defaultErrnoRet)
		| .syscalls[1] |= (.action = "SCMP_ACT_ALLOW" | del(.errnoRet))'
	answers "$1" "$WORK/profile.json" "token ok" "map ok" "prog ok" "pin ok"
	edit --cmds=prog_load "$WORK/profile.json"
	answers "$1" "$WORK/edited.json" "token ok" "map EPERM" "prog ok" "map EPERM"
}

@test "a profile that denies, runc" {
	follows_a_profile_that_denies runc
}

@test "a profile that denies, crun" {
	follows_a_profile_that_denies crun
}

@test "a profile that allows, runc" {
	follows_a_profile_that_allows runc
}

@test "a profile that allows, crun" {
	follows_a_profile_that_allows crun
}

@test "a profile that kills, runc" {
	follows_a_profile_that_kills runc
}

@test "a profile that kills, crun" {
	follows_a_profile_that_kills crun
}

# explain RUNTIME: what it says of each command is what the container then does.
explain_agrees() {
	local verdicts
	make_profile '.syscalls[1] = {names: ["bpf"], action: "SCMP_ACT_ALLOW",
		                args: [{index: 0, value: 5, op: "SCMP_CMP_EQ"}]}
		| .syscalls += [{names: ["bpf"], action: "SCMP_ACT_ALLOW",
		                 args: [{index: 0, value: 36, op: "SCMP_CMP_GE"}]}]'
	answers "$1" "$WORK/profile.json" "token ok" "map ENOSYS" "prog ok" "map ENOSYS"
	capture /dev/null "$BPFTOKEN" explain --json --policy="$WORK/policy.json" "$BUNDLE"
	expect_status 0
	verdicts=$(jq --compact-output '[.seccomp[]
		| select(.command | test("^(map_create|prog_load|btf_load|token_create)$"))
		| [.command, .answer, .by]]' <<<"$output")
	output=$verdicts
	expect_output '[["map_create","ENOSYS","defaultAction"],["prog_load","allowed","syscalls[1]"],["btf_load","ENOSYS","defaultAction"],["token_create","allowed","syscalls[2]"]]'
}

@test "explain says what the kernel then does, runc" {
	explain_agrees runc
}

@test "explain says what the kernel then does, crun" {
	explain_agrees crun
}
