#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the host itself is like: an enforcing SELinux, a /proc that is not the hook's own.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

SELINUX="SELinux is enforcing and the container has a mountLabel: its policy must let the container's domain use bpf and this file system; semodule -i oci-bpf-token.cil does so for container_t"

setup() {
	need_root
	set_up
}

teardown() {
	[[ -z ${WORK-} ]] || tear_down
}

# with_selinux VALUE: the hook's own /sys/fs has a selinux/enforce of that content.
with_selinux() {
	# shellcheck disable=SC2016 # the inner shell is to expand it
	ENTER=(unshare --mount sh -c 'mount -t tmpfs selinux /sys/fs && mkdir /sys/fs/selinux &&
		printf %s "$0" >/sys/fs/selinux/enforce && exec "$@"' "$1")
}

# warned: how often the record warns of it.
warned() {
	logged '.warnings // [] | .[]' | grep --count --fixed-strings --line-regexp "$SELINUX" || [[ $? -eq 1 ]]
}

@test "SELinux: warned of where it enforces and the container has a label" {
	config '.linux.mountLabel = "system_u:object_r:container_file_t:s0:c1,c2"'
	start_container
	with_selinux 1
	hook
	is_status 0
	[[ $(warned) -eq 1 ]] || fail "no warning"
}

@test "SELinux: nothing is said where it does not enforce, is not there, or there is no label" {
	config '.linux.mountLabel = "system_u:object_r:container_file_t:s0:c1,c2"'
	start_container
	with_selinux 0
	hook
	is_status 0
	[[ $(warned) -eq 0 ]] || fail "a warning where it does not enforce"
	ENTER=()
	[[ -e /sys/fs/selinux/enforce ]] || {
		hook
		[[ $(warned) -eq 0 ]] || fail "a warning where it is not there"
	}
	config 'del(.linux.mountLabel)'
	with_selinux 1
	hook
	[[ $(warned) -eq 0 ]] || fail "a warning without a label"
}

@test "a /proc that is no procfs, or that of another pid namespace" {
	[[ ${SANITIZE-} != *address* ]] || skip "built with AddressSanitizer: it starts with a look at /proc"
	start_container
	ENTER=(unshare --mount sh -c 'mount -t tmpfs none /proc && mkdir -p /proc/self/ns && exec "$@"' sh)
	hook
	is_status 71
	[[ $stderr == *"/proc"* ]] || fail "not of /proc"
	nothing_changed
	state 2 "$REQUEST" # where process 1 has started another
	# shellcheck disable=SC2016 # the inner shell is to expand it
	ENTER=(unshare --pid --fork --kill-child sh -c 'sleep 60 3>&- & exec "$@"' sh)
	hook
	refuses 71 "/proc: it is not the procfs of this pid namespace; mount one there"
}
