#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The system calls of a run: a container that asks for nothing costs the reading of its state, and
# one that asks costs no call that nobody has thought of.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
	command -v strace >/dev/null || fail "strace: not found; install it"
}

teardown() {
	tear_down
}

# trace_calls ARG...: runs the hook and sets status, and made to the names of the calls that its own
# code makes, in their order: what comes before close_range is libc's start.
trace_calls() {
	need_no_sanitizer "their run time makes calls of its own"
	status=0
	env -i "$(command -v strace)" --quiet=all --follow-forks --output="$WORK/trace" \
		"$WORK/oci-bpf-token-hook" "$@" <"$INPUT" >"$WORK/stdout" 2>"$WORK/stderr" 3>&- ||
		status=$?
	heard
	made=$(sed --quiet '/close_range(/,$ s/^[0-9]* *\(<... \)\?\([a-z0-9_]*\).*/\2/p' \
		"$WORK/trace" | grep --invert-match '^$')
}

# only NAME...: no other call was made.
only() {
	local unexpected names=("$@")
	unexpected=$(grep --invert-match --line-regexp "${names[@]/#/--regexp=}" <<<"$made" |
		sort | uniq --count)
	[[ -z $unexpected ]] || fail "calls that nobody expects here:" "$unexpected"
}

STARTING=(close_range fcntl prctl rt_sigaction capget capset)
READING=(ppoll read brk mmap munmap getrandom clock_gettime exit_group)
SERVING=("${STARTING[@]}" "${READING[@]}" umask rt_sigprocmask setitimer seccomp openat statx fstat
	newfstatat readlinkat fstatfs close getpid ioctl pidfd_open pidfd_send_signal setns openat2
	clone waitid fsopen bpf exit fsconfig fsmount move_mount mount_setattr write sendto socket
	connect madvise mremap setgroups setfsuid setfsgid
	sched_setaffinity)
MAKING=("${SERVING[@]}" mkdirat)

# costs_nothing ARG...
costs_nothing() {
	trace_calls "$@"
	is_status 0
	same "standard error" "" "$stderr"
	only "${STARTING[@]}" "${READING[@]}"
	[[ $(wc -l <<<"$made") -le 24 ]] || fail "$(wc -l <<<"$made") calls:" "$made"
	[[ $(grep --count --line-regexp read <<<"$made") -eq 2 ]] || fail "not two reads:" "$made"
}

@test "a container that asks for nothing: no file is opened, and few calls are made" {
	ask '{}'
	costs_nothing
	need_static "its loader opens libraries"
	! grep --extended-regexp '\b(open|openat|openat2|socket|connect|stat|statx|newfstatat|access)\(' \
		"$WORK/trace" || fail "libc's start included"
}

@test "a container that asks for nothing, with every option and many annotations" {
	ask "$(jq --null-input --compact-output \
		'[range(100) | {key: "org.example.\(.)", value: "x"}] | from_entries')"
	costs_nothing --policy=/nowhere/policy.json --log="file:$LOG" --log=stderr --log=syslog \
		--log-format=json --dry-run createRuntime
	[[ ! -e $LOG ]] || fail "a log was made"
}

@test "a pod's sandbox, and a container of a pod in which another asks" {
	ask '{"io.kubernetes.cri.container-type":"sandbox","io.bpftoken.cmds":"any"}'
	costs_nothing
	ask '{"io.kubernetes.cri.container-name":"web","io.bpftoken.cmds/db":"any"}'
	costs_nothing
}

@test "a delegation: by all logs, one that is there already, one with directories to be made" {
	start_container
	trace_calls --policy="$POLICY" --log="file:$LOG" --log=stderr --log=syslog
	is_status 0
	only "${SERVING[@]}"
	trace_calls --policy="$POLICY" --log=none
	is_status 0
	only "${SERVING[@]}"
	trace_calls --cmds=map_create --path=/a/b --log=none
	is_status 0
	only "${MAKING[@]}"
	[[ $(grep --count --line-regexp mkdirat <<<"$made") -eq 2 ]] || fail "not two directories"
}

@test "a delegation opens nothing in the container but by descriptor" {
	start_container
	trace_calls --policy="$POLICY" --log=none
	is_status 0
	! sed '1,/setns(.*CLONE_NEWNS/d' "$WORK/trace" | grep 'openat2\?(AT_FDCWD' ||
		fail "a path is looked up by itself"
	[[ $(grep --count 'openat2(.*RESOLVE_IN_ROOT' "$WORK/trace") -ge 3 ]] || fail "it opens nothing"
}

# Whoever is held up there must not be the hook itself.
@test "the hook enters no namespace, and below the container's root only its helper looks" {
	local hook
	start_container
	trace_calls --cmds=map_create --path=/a/b --log=none
	is_status 0
	hook=$(head -n 1 "$WORK/trace")
	hook=${hook%% *}
	! grep "^$hook .*\(setns\|mkdirat\|move_mount\|mount_setattr\|RESOLVE_NO_SYMLINKS\)" \
		"$WORK/trace" || fail "the hook does that itself"
	[[ $(grep --count '^[0-9]* *setns(' "$WORK/trace") -eq 4 ]] || fail "not two helpers"
}

@test "a refusal that the log and stderr hear of" {
	start_container
	rm "$POLICY"
	trace_calls --policy="$POLICY" --log="file:$LOG"
	is_status 78
	only "${SERVING[@]}"
}

@test "no descriptor is closed twice" {
	local path
	start_container
	ln -s sys "$BUNDLE/rootfs/link"
	touch "$BUNDLE/rootfs/file"
	for path in /sys/fs/bpf /a/b /link/x /file/x /proc/x; do
		trace_calls --cmds=map_create --path="$path" --log=none
		[[ $status -eq 0 || $status -eq 65 ]] || fail "path $path"
		! grep 'close(.*EBADF' "$WORK/trace" || fail "path $path"
	done
}
