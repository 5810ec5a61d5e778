#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken record: every way to call it wrong, and what it says where there is nothing to tell.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
}

teardown() {
	tear_down
}

record() {
	observe timeout --foreground 60 "$BPFTOKEN" record "$@"
}

# refused CODE MESSAGE
refused() {
	is_status "$1"
	same "standard error" "bpftoken: record: $2" "$stderr"
	same "standard output" "" "$stdout"
}

# can_watch: skips where this build or this caller cannot.
can_watch() {
	need_root
	record --duration=1 --pid=$$
	[[ $stderr != *"cannot watch bpf(2); build it"* ]] || skip "this build has no observer: $stderr"
}

WHOM="options: name one of --container, --wait, --pid, --cgroup and a COMMAND"

@test "a wrong command line" {
	record
	refused 64 "arguments: whom to watch is missing; write a COMMAND behind --, or --container, --wait, --pid or --cgroup"
	record --pid=1 --wait=web
	refused 64 "$WHOM"
	record --pid=1 -- true
	refused 64 'argument "true": a COMMAND goes with none of --container, --wait, --pid and --cgroup'
	record --format=yaml -- true
	refused 64 'option --format="yaml": there is no such format; use one of text, annotations, podman, kubernetes, cdi, policy, systemd, lxd, incus, mount, json'
	record --name= -- true
	refused 64 'option --name: it is empty; name something'
	record --wait=
	refused 64 'options: whom to watch is empty; name something'
	for time in 0 -1 1d 90x '' 9999999 200h; do
		record --duration="$time" -- true
		refused 64 "option --duration: \"$time\" is no time; write 90s, 5m or 2h"
	done
	record --pid=init
	refused 64 '"init" is no process id'
}

@test "nobody is there" {
	record --pid="$DEAD"
	refused 65 "there is no process $DEAD"
	record --container=no-such-container
	refused 65 'no running container has "no-such-container" in its id; name one that "podman ps" or "crictl ps" lists, or wait for it with record --wait'
	record --cgroup="$WORK"
	refused 65 "\"$WORK\" is no cgroup of version 2; name a directory below /sys/fs/cgroup"
	record --cgroup="$WORK/nowhere"
	refused 65 "\"$WORK/nowhere\": No such file or directory"
}

@test "without privilege it says what is missing" {
	need_root
	observe timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups "$BPFTOKEN" record --duration=1 --pid=$$
	is_status 69
	[[ $stderr == "bpftoken: record: "*"cannot watch"* || $stderr == "bpftoken: record: bpf(2) cannot be watched; "* ]] ||
		fail "not told"
}

@test "a command that cannot be executed, calls nothing, or fails" {
	can_watch
	record -- "$WORK/nothing"
	is_status 65
	[[ $stderr == *"bpftoken: record: the command cannot be executed: No such file or directory" ]] ||
		fail "not told"
	record -- true
	is_status 65
	[[ $stderr == *"bpftoken: record: nothing that a token serves was called; is it the right workload, and did it run?" ]] ||
		fail "not told"
	record -- sh -c 'exit 3'
	[[ $stderr == *"bpftoken: record: the command ended with exit code 3"* ]] || fail "not told"
	record -- sh -c 'kill -KILL $$'
	[[ $stderr == *"bpftoken: record: the command was ended by signal 9"* ]] || fail "not told"
}

@test "the command's container: its ids, its namespaces, a delegated bpffs, and nothing left" {
	can_watch
	record -- sh -c 'id -u; stat --format=%u /; grep " /sys/fs/bpf " /proc/self/mounts; ls /sys/class/net'
	[[ $stdout == "0
0
"*"delegate_cmds=any,delegate_maps=any,delegate_progs=any,delegate_attachs=any 0 0
lo" ]] || fail "not that: $stdout"
	record -- sh -c 'mount -t tmpfs none /tmp && echo mounted; hostname "$(hostname)" && echo host'
	same "standard output" mounted "$stdout"
}

@test "the time that was given, and a signal, end it" {
	local start=$SECONDS
	can_watch
	start=$SECONDS
	record --duration=1 -- sleep 30
	[[ $((SECONDS - start)) -le 5 ]] || fail "it took $((SECONDS - start)) seconds"
	is_status 65
	start=$SECONDS
	observe timeout --signal=INT 1 "$BPFTOKEN" record -- sleep 30
	[[ $((SECONDS - start)) -le 5 ]] || fail "it took $((SECONDS - start)) seconds"
	[[ $stderr == *"calls of bpf(2)"* ]] || fail "no result"
}
