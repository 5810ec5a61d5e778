#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Whole runs of the hook under valgrind, the mount included: no byte is read that was not written, or
# beyond its block, and at the end nothing is left allocated.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load ../cli/helper

setup() {
	need_root
	[[ $(uname --machine) == x86_64 ]] || skip "through.c is for x86-64"
	command -v valgrind >/dev/null || fail "valgrind: not found; install it"
	set_up
	policy "$(jq '.rules[0].allow.paths = "/sys/fs/bpf,/a/*,/run/*"' "$POLICY")"
}

teardown() {
	[[ -z ${WORK-} ]] || tear_down
}

# memcheck STATUS ARG...: a run on INPUT that ends so. The errand's child ends without a return, with
# its parent's memory still allocated.
memcheck() {
	local want=$1 log
	shift
	rm -f "$WORK"/memcheck.*
	status=0
	env -i PATH="$PATH" "$THROUGH" valgrind --tool=memcheck --leak-check=full \
		--show-leak-kinds=all --errors-for-leak-kinds=definite,indirect,possible \
		--track-origins=yes --vgdb=no --error-exitcode=99 --log-file="$WORK/memcheck.%p" \
		"$WORK/oci-bpf-token-hook" --policy="$POLICY" --log="file:$LOG" "$@" \
		<"$INPUT" >"$WORK/stdout" 2>"$WORK/stderr" 3>&- || status=$?
	heard
	for log in "$WORK"/memcheck.*; do
		grep --quiet 'ERROR SUMMARY: 0 errors' "$log" || fail "$(<"$log")"
		! grep 'unhandled' "$log" || fail "valgrind did not follow"
	done
	grep --quiet 'no leaks are possible' "$WORK"/memcheck.* || fail "$(cat "$WORK"/memcheck.*)"
	is_status "$want"
}

@test "a container that asks for nothing, and command lines" {
	ask '{}'
	memcheck 0
	ask '{"io.kubernetes.cri.container-type":"sandbox","io.bpftoken.cmds":"any"}'
	memcheck 0
	memcheck 0 --help
	memcheck 0 --version
	memcheck 64 --nothing
	memcheck 64 --log-format=xml
}

@test "a delegation, the same again, another, and a dry run" {
	start_container
	memcheck 0 --dry-run --log=stderr
	[[ -z $(mounted) ]] || fail "mounted"
	memcheck 0 --log=stderr --log=syslog --log-format=json createRuntime
	same "the mount" "$GRANTED_OPTIONS" "$(mounted)"
	memcheck 0 --log-format=json
	memcheck 65 --cmds=prog_load --progs=xdp,socket_filter
	same "the mount" "$GRANTED_OPTIONS" "$(mounted)"
}

@test "directories that are made, and that are made and removed again" {
	start_container --setup="mount -t tmpfs -o nr_inodes=2,mode=755 few $BUNDLE/rootfs/run"
	ask '{"io.bpftoken.cmds":"map_create","io.bpftoken.path":"/a/b","io.bpftoken.owner":"user"}'
	memcheck 0
	[[ -n $(mounted /a/b) ]] || fail "not mounted"
	memcheck 71 --cmds=map_create --path=/run/x/y
	[[ ! -e /proc/$CONTAINER/root$BUNDLE/rootfs/run/x ]] || fail "left behind"
}

@test "refusals of the policy, with their advice" {
	start_container
	ask '{"io.bpftoken.cmds":"any","io.bpftoken.progs":"kprobe","io.bpftoken.path":"/b/c"}'
	memcheck 77
	ask '{"io.bpftoken.profile":"xdp","io.bpftoken.cmds":"map_create"}'
	memcheck 65
	ask "$REQUEST"
	policy '{"version": 1, "rules": [{"match": {}, "deny": true}]}'
	memcheck 77 --log-format=json
	policy '{"version": 1, "rules": [{"match": {"hostUids": "5-1"}, "deny": true}]}'
	memcheck 78
	rm "$POLICY"
	memcheck 78
}

@test "bad input, in every place" {
	local state
	start_container
	for state in '' '{' '[]' '{"id":1}' '{"id":"\ud800"}' '{"a":{"b":[{"c":1,"c":2}]}}' \
		'{"id":"a","bundle":"b","pid":7}'; do
		printf '%s' "$state" >"$INPUT"
		memcheck 65
	done
	ask '{"io.bpftoken.cmds":"map_creat"}'
	memcheck 65
	ask '{"io.bpftoken.typo":"x"}'
	memcheck 65
	ask "$REQUEST"
	config '.root = 5'
	memcheck 65
	echo '{"root":{"path":"rootfs"},"mounts":[{"destination":"/a"},{"destination":"/a"' >"$BUNDLE/config.json"
	memcheck 65
	rm "$BUNDLE/config.json"
	memcheck 65
}

@test "what cannot be had" {
	start_container --no-user
	memcheck 69
	ask "${REQUEST%\}},\"io.bpftoken.on-unsupported\":\"ignore\"}"
	memcheck 0
	CONTAINER=$DEAD
	ask "$REQUEST"
	memcheck 71
	state 0 "$REQUEST"
	memcheck 65
}
