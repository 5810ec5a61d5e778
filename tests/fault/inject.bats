#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every system call of the whole program failing in turn, and the program killed before each: seen
# from outside, a run is complete or it has left nothing behind.
#
# strace lists the calls of a run that succeeds and then spoils one of them in each further run. It
# counts the calls of each task by itself, so one of a helper's that its parent makes as well (prctl,
# statx) cannot be hit alone; test_mount.c can.
#
# FULL=1 in the environment: every errno in every call of every scenario; else a choice of them that
# takes a minute.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load ../cli/helper

DIRECTORIES=/a/b

setup() {
	need_root
	set_up
	trap - DEBUG # by which bats follows each command, and takes most of the time
	command -v strace >/dev/null || fail "strace: not found; install it"
	policy "$(jq --arg path "/sys/fs/bpf,$DIRECTORIES" '.rules[0].allow.paths = $path' "$POLICY")"
}

teardown() {
	[[ -z ${WORK-} ]] || tear_down
}

# ---- scenarios ----

# Each makes a fresh container.

destination_is_there() {
	path=/sys/fs/bpf
	start_container
}

destination_is_made() {
	path=$DIRECTORIES
	rm -rf "$BUNDLE/rootfs/a"
	start_container
	ask "${REQUEST%\}},\"io.bpftoken.path\":\"$path\"}"
}

already_delegated() {
	destination_is_there
	program <"$INPUT" 3>&-
}

# ---- calls ----

# traced ARG...: the hook under strace, with the arguments of both, each task by itself.
traced() {
	env -i "${ENVIRONMENT[@]}" "$(command -v timeout)" --foreground --kill-after=5 60 \
		"$(command -v strace)" --quiet=all --follow-forks "$@" \
		"$WORK/oci-bpf-token-hook" --policy="$POLICY" --log="file:$LOG" --log-format=json
}

# list_calls: sets calls to the lines "NAME N PART" of a run of the scenario that succeeds: the N-th
# call of that name of a task, in the order of their first occurrence. PART is start (libc's), own, and
# inside from the entry of the container's mount namespace on.
list_calls() {
	"$1"
	observe traced --output="$WORK/trace" <"$INPUT"
	is_status 0
	mapfile -t calls < <(awk '
		BEGIN { part = "start" }
		{ task = $1; $1 = "" }
		!match($0, /^ [a-z0-9_]+\(/) { next }
		{
			name = substr($0, 2, RLENGTH - 2)
			n = ++count[task, name]
			if (name == "close_range")
				part = "own"
			if (/setns\(.*CLONE_NEWNS/)
				part = "inside"
		}
		# the first of the forty of its kind, and the last, which "capset" follows
		/PR_CAPBSET_(DROP|READ)/ && dropped++ { next }
		name !~ /^(execve|exit|exit_group)$/ && !listed[name, n]++ { print name, n, part }
	' "$WORK/trace")
	[[ ${#calls[@]} -gt 80 ]] || fail "only ${#calls[@]} calls were seen"
}

# choose PART...: leaves those of calls, all of them with FULL=1. Sanitizers have a start and calls for
# memory of their own, which end the program when they fail.
choose() {
	local call chosen=()
	[[ -z ${FULL-} ]] || set -- start own inside
	for call in "${calls[@]}"; do
		[[ " $* " == *" ${call##* } "* ]] || continue
		if [[ -n ${SANITIZE-} ]]; then
			[[ $call != *" start" ]] || continue
			[[ ! ${call%% *} =~ ^(mmap|munmap|mremap|mprotect|madvise|brk|futex)$ ]] || continue
		fi
		chosen+=("$call")
	done
	calls=("${chosen[@]}")
	[[ -z ${SANITIZE-} ]] || echo "# built with sanitizers: libc's start and memory are left out" >&3
	echo "# ${#calls[@]} calls" >&3
}

# ---- what may come of it ----

anything_changed() {
	look after
	[[ ${seen[before.mounts]} != "${seen[after.mounts]}" ||
		${seen[before.tree]} != "${seen[after.tree]}" ]]
}

# One bpffs more, as it was asked for, and nothing else.
is_complete() {
	same "the mount" "$GRANTED_OPTIONS" "$(mounted "$path")"
	look after
	[[ $(wc -l <<<"${seen[after.mounts]}") -eq $(($(wc -l <<<"${seen[before.mounts]}") + 1)) ]] ||
		fail "not one mount more: ${seen[after.mounts]}"
}

# Nothing, or all of it; what is said about the one is one line of the program's each.
is_all_or_nothing() {
	local part=$1
	if [[ $status -eq 0 ]]; then
		[[ $scenario == already_delegated ]] || is_complete
		return
	fi
	nothing_changed
	# libc ends a program that it cannot start in ways of its own
	[[ $part != start ]] || return 0
	case $status in
	65 | 69 | 71 | 78) ;;
	*) fail "not an exit code of the program's" ;;
	esac
	! grep --invert-match '^oci-bpf-token-hook: ' "$WORK/stderr" || fail "not the program's line"
	[[ -s $WORK/stderr || $row == write:* || $row == ppoll:* ]] || fail "nothing is said"
}

# Killed before the last step: nothing, but perhaps an empty directory that the container's root
# could have made itself. Killed behind it: all.
is_left_alone_or_complete() {
	local made
	look after
	if [[ ${seen[before.mounts]} != "${seen[after.mounts]}" ]]; then
		is_complete
		return
	fi
	made=$(diff <(echo "${seen[before.tree]}") <(echo "${seen[after.tree]}") | grep '^>' |
		cut --delimiter=' ' --fields=2-4)
	[[ -z $made || $scenario == destination_is_made ]] || fail "left behind: $made"
	case ${made//$BUNDLE\/rootfs/} in
	"" | "/a drwxr-xr-x 1000000:1000000" | \
		"/a drwxr-xr-x 1000000:1000000"$'\n'"/a/b drwxr-xr-x 1000000:1000000") ;;
	*) fail "left behind: $made" ;;
	esac
}

# A helper whose parent is killed ends, but not at once.
soon_no_process_is_left() {
	local _
	for _ in {1..50}; do
		pgrep --full "^$WORK/oci-bpf-token-hook" >/dev/null || break
		sleep 0.02
	done
	no_process_is_left
}

# ---- runs ----

# spoil SCENARIO ERRNO...: each of calls in turn with each errno. The seccomp filter looks at the
# call that strace puts in the place of the spoilt one; getpid is one that it knows.
spoil() {
	local call name n part errno
	scenario=$1
	"$scenario"
	for call in "${calls[@]}"; do
		read -r name n part <<<"$call"
		for errno in "${@:2}"; do
			row=$name:error=$errno:when=$n
			# the kernel's brk answers with a break, the old one where it fails; libc asks
			# again what that is after a 0, and would take an error's number for a break
			[[ $name != brk ]] || row=brk:retval=0:when=$n
			observe traced --output=/dev/null --inject="$row:syscall=getpid" <"$INPUT"
			is_all_or_nothing "$part"
			no_process_is_left
			! anything_changed || "$scenario"
		done
	done
	row=
}

kill_before_each() {
	local call name n part killed=()
	scenario=$1
	"$scenario"
	for call in "${calls[@]}"; do
		read -r name n part <<<"$call"
		row=$name:signal=KILL:when=$n
		observe traced --output=/dev/null --inject="$row" <"$INPUT"
		# a helper was, which is said
		[[ $status -eq 137 || $(<"$WORK/stderr") == *" helper "*" was killed; "* ||
			$(<"$WORK/stderr") == *": log "*"it was not written "* ]] || fail "not killed"
		: $((killed[status]++))
		soon_no_process_is_left
		is_left_alone_or_complete
		! anything_changed || "$scenario"
	done
	row=
	[[ ${killed[137]-0} -gt 10 && ${killed[71]-0} -gt 5 ]] || fail "one of the tasks was left alone"
}

@test "every call fails for want of memory" {
	list_calls destination_is_there
	choose start own inside
	spoil destination_is_there ENOMEM
}

@test "the calls inside the container fail for other reasons" {
	list_calls destination_is_there
	choose inside
	spoil destination_is_there EPERM EIO EINTR EACCES ENOSYS
}

@test "the calls inside the container fail while directories are made" {
	list_calls destination_is_made
	choose inside
	spoil destination_is_made ENOMEM EPERM
}

@test "the calls inside the container fail where it is delegated already" {
	list_calls already_delegated
	choose inside
	spoil already_delegated ENOMEM EIO
}

@test "killed before every call" {
	list_calls destination_is_there
	choose start own inside
	kill_before_each destination_is_there
}

@test "killed before every call inside the container, while directories are made" {
	list_calls destination_is_made
	choose inside
	kill_before_each destination_is_made
}

@test "killed before every call inside the container, where it is delegated already" {
	list_calls already_delegated
	choose inside
	kill_before_each already_delegated
}
