#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the hook file that is installed makes of the environment: whatever the runtime was started
# with, a hook of that file sees the one variable that stands there, and libc's start nothing else.

# shellcheck disable=SC2034 # e2e.bash reads them
load ../lib/e2e

HOOK_FILE=$BATS_TEST_DIRNAME/../../configs/hooks.d/oci-bpf-token.json.in

# Variables that libc's start, its allocator, its loader, its locales or its calendar would read.
HOSTILE=(
	LD_PRELOAD= LD_LIBRARY_PATH=/nowhere LD_SHOW_AUXV= LD_BIND_NOW=1
	GLIBC_TUNABLES=glibc.malloc.perturb=1 MALLOC_PERTURB_=1 MALLOC_CHECK_=3 MALLOC_ARENA_MAX=1
	TZ=:/nowhere/zone TZDIR=/nowhere LANG=de_DE.UTF-8 LC_MESSAGES=de_DE.UTF-8 LANGUAGE=de
	LOCPATH=/nowhere NLSPATH=/nowhere/%N GCONV_PATH=/nowhere POSIXLY_CORRECT=1
	TMPDIR=/nowhere HOME=/nowhere
)

setup() {
	setup_e2e
	BUNDLE=$WORK/bundle
}

teardown() {
	teardown_e2e
}

# The container's hook as the file has it, and before it a program that writes its own environment
# down in the same place.
environment_is_the_files() {
	local env
	env=$(jq --compact-output .hook.env "$HOOK_FILE")
	[[ $env == '["LC_ALL=C"]' ]] || fail "the file's environment: $env"
	ENTER=(env "${HOSTILE[@]}")
	run_command "$1" "inside token /sys/fs/bpf" createRuntime delegate \
		".hooks.createRuntime[0].env = $env" \
		".hooks.createRuntime = [{path: \"/bin/cp\", env: $env,
			args: [\"cp\", \"/proc/self/environ\", \"$WORK/environ\"]}] + .hooks.createRuntime"
	expect_status 0
	expect_line "token ok"
	[[ $(tr '\0' '\n' <"$WORK/environ") == LC_ALL=C ]] ||
		fail "the environment: $(tr '\0' '\n' <"$WORK/environ")"
}

@test "runc: a hook of the installed file sees its one variable, whatever the runtime's are" {
	environment_is_the_files runc
}

@test "crun: a hook of the installed file sees its one variable, whatever the runtime's are" {
	environment_is_the_files crun
}
