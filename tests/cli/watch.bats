#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken watch: every way to call it wrong, and how it ends.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
}

teardown() {
	tear_down
}

watch() {
	observe timeout --foreground 60 "$BPFTOKEN" watch "$@"
}

# refused CODE MESSAGE
refused() {
	is_status "$1"
	same "standard error" "bpftoken: watch: $2" "$stderr"
	same "standard output" "" "$stdout"
}

@test "a wrong command line, and nobody there" {
	watch web
	refused 64 'argument "web": it takes options only'
	watch --pid=1 --cgroup=/sys/fs/cgroup
	refused 64 "options: name one of --container, --pid and --cgroup"
	watch --container=
	refused 64 "options: whom to watch is empty; name something"
	watch --duration=soon
	refused 64 'option --duration: "soon" is no time; write 90s, 5m or 2h'
	watch --duration=0
	refused 64 'option --duration: "0" is no time; write 90s, 5m or 2h'
	watch --pid="$DEAD"
	refused 65 "there is no process $DEAD"
	watch --container=no-such-container
	refused 65 'no running container has "no-such-container" in its id; name one that "podman ps" or "crictl ps" lists, or wait for it with record --wait'
}

@test "it ends in time, by a signal, and when nobody reads any more" {
	local start
	need_root
	watch --duration=1
	[[ $stderr != *"cannot watch bpf(2); build it"* ]] || skip "this build has no observer: $stderr"
	is_status 0
	[[ $stderr == "bpftoken: watch: watching "*"; Ctrl-C ends it" ]] || fail "what it costs is not said"
	same "standard output" "" "$stdout"
	start=$SECONDS
	observe timeout --signal=TERM 1 "$BPFTOKEN" watch
	[[ $((SECONDS - start)) -le 5 ]] || fail "it took $((SECONDS - start)) seconds"
}

@test "without privilege it says what is missing" {
	need_root
	observe timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups "$BPFTOKEN" watch --duration=1
	is_status 69
	[[ $stderr == "bpftoken: watch: "*"cannot watch"* || $stderr == "bpftoken: watch: bpf(2) cannot be watched; "* ]] ||
		fail "not told"
}
