#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The system calls of a run: a container that asks for nothing costs the reading of its state, and
# one that asks costs no call that nobody has thought of.

load helper

setup() {
	set_up
	command -v strace >/dev/null || fail "strace: not found; install it"
}

teardown() {
	tear_down
}

# calls ARG...: the names of the calls that the hook's own code makes, in their order: what comes
# before close_range is libc's start.
calls() {
	env -i "$(command -v strace)" --quiet=all --follow-forks --output="$WORK/trace" "$WORK/oci-bpf-token-hook" "$@" <"$INPUT" \
		>/dev/null 2>"$WORK/stderr" 3>&- || [[ $? -eq ${expected:-0} ]]
	sed --quiet '/close_range(/,$ s/^[0-9]* *\(<... \)\?\([a-z0-9_]*\).*/\2/p' "$WORK/trace" |
		grep --invert-match '^$'
}

# only CALLS NAME...: prints what is not among the names; fails if there is any.
only() {
	local unexpected names=("${@:2}")
	unexpected=$(printf '%s\n' "$1" | grep --invert-match --line-regexp \
		"${names[@]/#/--regexp=}" | sort | uniq --count)
	[[ -z $unexpected ]] ||
		fail "calls that nobody expects here:" "$unexpected"
}

STARTING=(close_range fcntl prctl rt_sigaction capget capset)
READING=(ppoll read brk mmap munmap clock_gettime)

# costs_nothing ARG...
costs_nothing() {
	local made
	made=$(calls "$@")
	only "$made" "${STARTING[@]}" "${READING[@]}" exit_group
	[[ $(wc -l <<<"$made") -le 70 ]] || fail "$(wc -l <<<"$made") calls:" "$made"
	[[ $(grep --count --line-regexp read <<<"$made") -eq 2 ]] || fail "not two reads:" "$made"
	[[ ! -s $WORK/stderr ]] || fail "it says something: $(<"$WORK/stderr")"
}

@test "a container that asks for nothing: no file is opened, and few calls are made" {
	need_no_sanitizer "their run time makes calls of its own"
	ask '{}'
	costs_nothing
	need_static "its loader opens libraries"
	! grep --extended-regexp '\b(open|openat|openat2|socket|connect|stat|statx|newfstatat|access)\(' \
		"$WORK/trace" || fail "libc's start included"
}

@test "a container that asks for nothing, with every option and many annotations" {
	need_no_sanitizer "their run time makes calls of its own"
	ask "$(jq --null-input --compact-output \
		'[range(100) | {key: "org.example.\(.)", value: "x"}] | from_entries')"
	costs_nothing --policy=/nowhere/policy.json --log="file:$LOG" --log=stderr --log=syslog \
		--log-format=json --dry-run createRuntime
	[[ ! -e $LOG ]] || fail "a log was made"
}

@test "a pod's sandbox, and a container of a pod in which another asks" {
	need_no_sanitizer "their run time makes calls of its own"
	ask '{"io.kubernetes.cri.container-type":"sandbox","io.bpftoken.cmds":"any"}'
	costs_nothing
	ask '{"io.kubernetes.cri.container-name":"web","io.bpftoken.cmds/db":"any"}'
	costs_nothing
}

SERVING=(umask ioctl madvise mremap pidfd_send_signal rt_sigprocmask setitimer seccomp openat statx readlinkat fstatfs getpid close socket
	connect fstat newfstatat pidfd_open setns openat2 clone waitid fsopen bpf exit fsconfig
	fsmount move_mount mount_setattr sendto poll write)
MAKING=(mkdirat setgroups setfsuid setfsgid)

@test "a delegation, by all logs, with directories that are made and one that is there already" {
	local made
	need_no_sanitizer "their run time makes calls of its own"
	start_container
	made=$(calls --policy="$POLICY" --log="file:$LOG" --log=stderr --log=syslog)
	only "$made" "${STARTING[@]}" "${READING[@]}" "${SERVING[@]}" exit_group
	made=$(calls --policy="$POLICY" --log=none) # already there
	only "$made" "${STARTING[@]}" "${READING[@]}" "${SERVING[@]}" exit_group
	made=$(calls --cmds=map_create --path=/a/b --log=none)
	only "$made" "${STARTING[@]}" "${READING[@]}" "${SERVING[@]}" "${MAKING[@]}" exit_group
	[[ $(grep --count --line-regexp mkdirat <<<"$made") -eq 2 ]] || fail "not two directories"
}

@test "a delegation opens nothing in the container but by descriptor" {
	need_no_sanitizer "their run time makes calls of its own"
	start_container
	calls --policy="$POLICY" --log=none >"$WORK/made"
	sed '1,/setns(.*CLONE_NEWNS/d' "$WORK/trace" | grep 'open' >"$WORK/inside"
	same "the opens after setns" "openat(AT_FDCWD, \"/\", O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY)
openat(AT_FDCWD, \"$BUNDLE/rootfs\", O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY)" \
		"$(grep --only-matching 'openat(.*)' "$WORK/inside" | grep AT_FDCWD | sed 's/ = .*//')"
}

@test "a refusal that the log and stderr hear of" {
	local made
	need_root
	need_no_sanitizer "their run time makes calls of its own"
	rm "$POLICY"
	start_container
	expected=78
	made=$(calls --policy="$POLICY" --log="file:$LOG")
	only "$made" "${STARTING[@]}" "${READING[@]}" "${SERVING[@]}" exit_group
}

@test "no descriptor is closed twice, and none is left but by the end" {
	local path
	need_no_sanitizer "their run time makes calls of its own"
	start_container
	ln -s sys "$BUNDLE/rootfs/link"
	for path in /sys/fs/bpf /a/b /link/x /policy.json/x; do
		status=0
		calls --cmds=map_create --path="$path" --log=none >/dev/null || status=$?
		[[ $status -lt 128 ]] || fail "path $path: killed" # refused is another matter
		! grep 'close(.*EBADF' "$WORK/trace" || fail "path $path"
	done
}
