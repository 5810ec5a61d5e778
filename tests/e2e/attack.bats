#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a hostile root can do while the hook works: one in the container's user namespace that sees the
# host's processes, and one that shares directories or file systems with the container.

load ../lib/e2e

setup() {
	setup_e2e
	trap - DEBUG # by which bats follows each command, and takes most of the time
	ROOT=$BUNDLE/rootfs
	BPF=$ROOT/sys/fs/bpf
	ATTACKERS=()
	make_bundle "$BUNDLE" runc
	mkdir -p "$BPF"
	chown -R "$MAPPED_ROOT" "$ROOT/sys"
	write_rules '{"match": {}, "allow": {"cmds": "map_create,prog_load,btf_load", "maps": "array",
		"progs": "socket_filter,xdp", "attachs": "any", "paths": "/*,/*/*,/*/*/*"}}'
	before=$(host_mounts)
}

teardown() {
	local pid
	for pid in "${ATTACKERS[@]}"; do
		[[ ! -e /proc/$pid ]] || kill -KILL "$pid"
	done
	teardown_e2e
}

# ---- the attacker ----

# attack COMMAND...: starts tests/e2e/attacker.c as the root of the last target's container. Sets
# ATTACKER; what it says goes to a file of that number.
attack() {
	nsenter --target="$TARGET_PID" --user --mount --setuid=0 --setgid=0 -- \
		"$TEST_BIN/attacker" "$@" >"$WORK/attack.out" 2>&1 3>&- &
	ATTACKER=$!
	ATTACKERS+=("$ATTACKER")
	for _ in {1..200}; do
		[[ $(readlink "/proc/$ATTACKER/exe") != "$TEST_BIN/attacker" ]] || return 0
		sleep 0.01
	done
	fail "the attacker did not start: $(<"$WORK/attack.out")"
}

# end_attack: ends it and sets attacked to what it prints.
end_attack() {
	kill -TERM "$ATTACKER"
	wait "$ATTACKER" || fail "the attacker failed: $(<"$WORK/attack.out")"
	attacked=$(<"$WORK/attack.out")
}

# ---- the hook ----

# prepare [PATH]: what each run is given.
prepare() {
	local path=${1:-/sys/fs/bpf}
	fake_state "$TARGET_PID" "$BUNDLE" "{\"io.bpftoken.cmds\": \"map_create\",
		\"io.bpftoken.maps\": \"array\", \"io.bpftoken.path\": \"$path\"}" >"$WORK/state.json"
	HOOK_ARGS=(--policy="$WORK/policy.json" --log=none)
}

# run_once: the hook, and nothing else, for a run must be cheap. Sets status, took (ms) and stderr.
run_once() {
	local start=${EPOCHREALTIME/./}
	status=0
	# a sanitized hook that is traced cannot look for leaks
	env -i ASAN_OPTIONS=detect_leaks=0 "${TRACER[@]}" "$HOOK" "${HOOK_ARGS[@]}" <"$WORK/state.json" \
		>"$WORK/stdout" 2>"$WORK/stderr" 3>&- || status=$?
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	stderr=$(<"$WORK/stderr")
}

# delegated: the bpffs of the last target that are mounted, by their mount points.
delegated() {
	awk '/ - bpf [^ ]* [^ ]*delegate_cmds=/ { print $5 }' "/proc/$TARGET_PID/mountinfo"
}

undelegate() {
	nsenter --target="$TARGET_PID" --mount umount "$BPF"
}

list_root() {
	find "$ROOT" -printf '%p %M %U:%G %l\n' | sort
}

# expect_no_hook: no process of the hook's is left; one that was killed takes a moment.
expect_no_hook() {
	local _
	for _ in {1..100}; do
		grep --no-messages --quiet --line-regexp oci-bpf-token-h /proc/[0-9]*/comm || return 0
		sleep 0.02
	done
	fail "a process of the hook is left"
}

# ---- looking into the hook ----

# refused TASK ATTEMPT and granted TASK ATTEMPT: how often that was answered so.
refused() {
	awk -v task="$1" -v name="$2" '$1 == task && $2 == name { print $3 }' <<<"$attacked"
}

granted() {
	awk -v task="$1" -v name="$2" '$1 == task && $2 == name { print $4 }' <<<"$attacked"
}

INSPECTIONS=(ptrace_seize ptrace_attach vm_read vm_write mem maps environ auxv syscall root cwd exe
	fd fd_0 pidfd_getfd kcmp)

# inspected TASK: no attempt has ever worked, and each has hit that task alive.
inspected() {
	local name
	for name in "${INSPECTIONS[@]}"; do
		[[ $(granted "$1" "$name") -eq 0 ]] || fail "$1: $name works" "$attacked"
		[[ $(refused "$1" "$name") -gt 0 ]] || fail "$1: $name was never tried" "$attacked"
	done
}

@test "neither the hook nor its helpers can be looked into, at any moment" {
	local _
	start_target --root="$ROOT"
	prepare
	attack inspect
	for _ in {1..300}; do
		run_once
		expect_status 0
		undelegate
	done
	end_attack
	inspected hook
	inspected helper
	[[ $(granted hook prlimit) -eq 0 ]] || fail "the hook's limits can be changed" "$attacked"
	expect_mounts "$before"
}

# The same, where the kernel is kept from hearing that the hook is not dumpable; the first helper, for the
# second one's change of ids makes it so again. Who is traced already cannot be traced by others, and
# some files are those of the host's root by their modes alone.
@test "the same attempts work on a hook that is dumpable" {
	local _ name
	command -v strace >/dev/null || fail "strace: not found; install it"
	[[ $("$HOOK" --version) != *"not built in"* ]] ||
		skip "the sanitized hook cannot do without prctl"
	TRACER=(strace --quiet=all --follow-forks --output=/dev/null
		--inject=prctl:retval=0:syscall=getpid --inject=fsopen:delay_enter=20000)
	start_target --root="$ROOT"
	prepare
	attack inspect
	for _ in {1..10}; do
		run_once
		[[ $status -ne 0 ]] || undelegate
	done
	end_attack
	for name in vm_read vm_write maps root cwd exe pidfd_getfd kcmp; do
		[[ $(granted helper "$name") -gt 0 ]] || fail "helper: $name does not work" "$attacked"
	done
}

# ---- stopping and killing ----

# survives SIGNAL FAILURES MESSAGE: whatever becomes of the helpers, each run ends in time, with all or
# nothing. Runs until so many have failed for it.
survives() {
	local run failures=0 tree
	start_target --root="$ROOT"
	prepare
	tree=$(list_root)
	attack signal "$1"
	for ((run = 0; run < 500 && failures < $2; run++)); do
		run_once
		[[ $took -lt 3000 ]] || fail "it took $took ms"
		if [[ $status -eq 0 ]]; then
			undelegate
			continue
		fi
		: $((failures++))
		expect_status 71
		expect_message "$3"
		# what was stopped behind its last call has done all of it
		[[ -z $(delegated) ]] || undelegate
	done
	end_attack
	[[ $(sed -n 's/^hook //p' <<<"$attacked") -eq 0 ]] || fail "the hook itself was hit"
	[[ $failures -eq $2 ]] || fail "only $failures runs were hit"
	expect_no_hook
	expect_mounts "$before"
	diff <(echo "$tree") <(list_root) >&2 || fail "the root file system has changed"
	# and once nobody does that, the container starts
	run_once
	expect_status 0
}

@test "helpers that are stopped, in a loop, cost a start within three seconds" {
	survives STOP 4 'helper .* was (stopped|held up)'
}

@test "helpers that are killed, in a loop, cost a start at once" {
	survives KILL 20 'helper .* was killed'
}

# ---- moving the path about ----

# races A B CODES: with A and B exchanged all the time, and A/x asked for, each run mounts at one of the
# two, inside the root, or nothing.
races() {
	local _ outcomes=() mounted
	start_target
	attack swap "$1" "$2"
	for _ in {1..100}; do
		start_target --root="$ROOT"
		prepare "$3"
		run_once
		mounted=$(delegated)
		case $status in
		0)
			[[ $mounted == "$ROOT"/* && $mounted != *$'\n'* ]] ||
				fail "not inside the root: $mounted"
			;;
		65) [[ -z $mounted ]] || fail "mounted all the same: $mounted" ;;
		*) fail "neither done nor refused" ;;
		esac
		outcomes[status]=1
		kill -KILL "$TARGET_PID"
		wait "$TARGET_PARENT" || [[ $? -gt 128 ]]
	done
	end_attack
	[[ $(sed -n 's/^swaps //p' <<<"$attacked") -gt 1000 ]] || fail "there was no race: $attacked"
	expect_no_hook
	expect_mounts "$before"
	echo "# exit codes: ${!outcomes[*]}" >&3
}

@test "a component that is a directory now and a symlink to the host then" {
	mkdir -p "$ROOT/a/x" "$WORK/host/x"
	ln -s "$WORK/host" "$ROOT/b"
	chown -hR "$MAPPED_ROOT" "$ROOT/a" "$ROOT/b"
	chmod 0777 "$WORK/host" "$WORK/host/x"
	races "$ROOT/a" "$ROOT/b" /a/x
	[[ -z $(ls -A "$WORK/host/x") && $(ls -A "$WORK/host") == x ]] || fail "the host has changed"
}

@test "a component that is a directory now and a symlink to / then, the rest missing" {
	mkdir -p "$ROOT/a"
	ln -s / "$ROOT/b"
	chown -hR "$MAPPED_ROOT" "$ROOT/a" "$ROOT/b"
	races "$ROOT/a" "$ROOT/b" /a/oci-bpf-token-x
	[[ ! -e /oci-bpf-token-x ]] || fail "a directory was made on the host"
}

@test "two directories, one deeper than the other" {
	mkdir -p "$ROOT/a/x" "$ROOT/deep/b/x"
	chown -hR "$MAPPED_ROOT" "$ROOT/a" "$ROOT/deep"
	races "$ROOT/a" "$ROOT/deep/b" /a/x
}

# when_moved DIRECTORY: it is moved between the moment it is found and that of the attach.
when_moved() {
	command -v strace >/dev/null || fail "strace: not found; install it"
	TRACER=(strace --quiet=all --follow-forks --output="$WORK/trace"
		--inject=mount_setattr:delay_exit=300000)
	start_target --root="$ROOT"
	prepare "$1"
	(
		until grep --no-messages --quiet mount_setattr "$WORK/trace"; do
			sleep 0.01
		done
		mv "$ROOT$2" "$ROOT$3"
	) 3>&- &
	run_once
	wait $!
	expect_status 65
	expect_message "path \"$1\": it was moved while the bpffs was attached"
	[[ -z $(delegated) ]] || fail "mounted all the same: $(delegated)"
	expect_no_hook
	expect_mounts "$before"
}

@test "a directory that is moved elsewhere while it is mounted on" {
	mkdir -p "$ROOT/a/x" "$ROOT/elsewhere"
	chown -R "$MAPPED_ROOT" "$ROOT/a" "$ROOT/elsewhere"
	when_moved /a/x /a/x /elsewhere/x
}

@test "a directory above it that is moved while it is mounted on" {
	mkdir -p "$ROOT/a/x" "$ROOT/elsewhere"
	chown -R "$MAPPED_ROOT" "$ROOT/a" "$ROOT/elsewhere"
	when_moved /a/x /a /elsewhere/a
}

@test "a directory that was made and is moved while it is mounted on" {
	mkdir -p "$ROOT/elsewhere"
	chown -R "$MAPPED_ROOT" "$ROOT/elsewhere"
	when_moved /made/x /made /elsewhere/made
}

# ---- what it tells of directories ----

# answers PATH: what the hook says of a path, without its name.
answers() {
	prepare "$1"
	run_once
	echo "$status ${stderr//$1/PATH}"
}

@test "nothing is told of directories that the container's root cannot see" {
	mkdir -p "$ROOT/closed/there/x"
	touch "$ROOT/closed/file"
	ln -s / "$ROOT/closed/link"
	chmod 0700 "$ROOT/closed"
	chown -hR 0:0 "$ROOT/closed"
	start_target --root="$ROOT"
	missing=$(answers /closed/missing)
	[[ $missing == "71 oci-bpf-token-hook: path \"PATH\": Permission denied" ]] ||
		fail "another answer: $missing"
	for name in there file link there/x missing/x; do
		[[ $(answers /closed/$name) == "$missing" ]] || fail "$name: $(answers /closed/$name)"
	done
	[[ -z $(delegated) ]] || fail "mounted: $(delegated)"
}

# What the image keeps from others, its root can pass, as it can in the container.
@test "a directory of one of the container's users, closed to others" {
	mkdir -p "$ROOT/home/x"
	chown -R 1001000:1001000 "$ROOT/home"
	chmod 0700 "$ROOT/home"
	start_target --root="$ROOT"
	prepare /home/x
	run_once
	expect_status 0
	[[ $(delegated) == "$ROOT/home/x" ]] || fail "not there"
}

# ---- file systems that never answer ----

# A device that container root may open; the host's own stays as it is.
make_fuse_device() {
	[[ -e /sys/class/misc/fuse/dev ]] || skip "the kernel has no FUSE"
	mknod "$WORK/fuse" c 10 229
	chmod 0666 "$WORK/fuse"
	mkdir "$ROOT/data"
	chown "$MAPPED_ROOT" "$ROOT/data"
}

await_line() {
	local _
	for _ in {1..200}; do
		! grep --quiet --line-regexp "$1" "$WORK/attack.out" || return 0
		sleep 0.01
	done
	fail "the attacker did not come to \"$1\": $(<"$WORK/attack.out")"
}

# read_by_pipe: the hook, as runtimes see it: they read until nobody holds their pipe any more. The server
# ends after ten seconds, so that a test that fails does end.
read_by_pipe() {
	local start=${EPOCHREALTIME/./} end
	(
		sleep 10
		kill -KILL "$ATTACKER"
	) >/dev/null 2>&1 3>&- &
	end=$!
	status=0
	stderr=$(env -i "$HOOK" "${HOOK_ARGS[@]}" <"$WORK/state.json" 2>&1 3>&-) || status=$?
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	kill "$end" || fail "its pipe was held until the server ended"
}

is_not_held_up() {
	read_by_pipe
	await_line asked
	expect_status 71
	expect_message "path \"$1\": its file system does not answer; choose a path"
	[[ $took -lt 4000 ]] || fail "it took $took ms"
	[[ -z $(delegated) ]] || fail "mounted: $(delegated)"
	expect_mounts "$before"
}

@test "a FUSE server of the container's that never answers" {
	make_fuse_device
	start_target --root="$ROOT"
	attack hang "$ROOT/data" "$WORK/fuse"
	await_line ready
	prepare /data/hang
	is_not_held_up /data/hang
	# what was left is gone once the server is
	kill -KILL "$ATTACKER"
	expect_no_hook
}

@test "a FUSE server of the container's that never answers for what is missing" {
	make_fuse_device
	start_target --root="$ROOT"
	attack hang "$ROOT/data" "$WORK/fuse"
	await_line ready
	prepare /data/hang/x
	is_not_held_up /data/hang/x
	kill -KILL "$ATTACKER"
	expect_no_hook
}

@test "a FUSE server of the container's that answers" {
	make_fuse_device
	start_target --root="$ROOT"
	attack hang "$ROOT/data" "$WORK/fuse"
	await_line ready
	prepare /data/there
	run_once
	expect_status 0
	[[ $(delegated) == "$ROOT/data/there" ]] || fail "not there"
}

# mount_volume: one that the host has mounted.
mount_volume() {
	make_fuse_device
	mkdir "$WORK/volume"
	"$TEST_BIN/attacker" hang "$WORK/volume" "$WORK/fuse" >"$WORK/attack.out" 2>&1 3>&- &
	ATTACKER=$!
	ATTACKERS+=("$ATTACKER")
	printf '%s\n' "$WORK/volume" >>"$WORK/roots"
	await_line ready
	before=$(host_mounts)
}

# The runtime must end, and say how its hook has ended.
volume_that_never_answers() {
	local start
	mount_volume
	start=${EPOCHREALTIME/./}
	run_command "$1" "echo started" createRuntime delegate 'request({path: "/data/hang"})' \
		"volume(\"/data\"; \"$WORK/volume\"; [\"rbind\"])" "${@:2}"
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	await_line asked
	expect_failure
	expect_output ""
	expect_hook_exit 71
	expect_message 'path "/data/hang": its file system does not answer'
	expect_record 'outcome="failed" code=71'
	[[ $took -lt 6000 ]] || fail "it took $took ms"
	expect_mounts "$before"
	kill -KILL "$ATTACKER"
	expect_no_hook
}

@test "runc: a volume that never answers" {
	volume_that_never_answers runc
}

@test "crun: a volume that never answers" {
	volume_that_never_answers crun
}

@test "a log where nobody answers" {
	mount_volume
	start_target --root="$ROOT"
	prepare
	HOOK_ARGS=(--policy="$WORK/policy.json" --log=file:"$WORK/volume/hang"
		--log=file:"$WORK/hook.log")
	read_by_pipe
	await_line asked
	expect_status 0
	[[ $(delegated) == "$BPF" ]] || fail "not there"
	expect_message "log \"$WORK/volume/hang\": it was not written within"
	expect_record 'outcome="delegated" code=0'
	[[ $took -lt 2500 ]] || fail "it took $took ms"
	kill -KILL "$ATTACKER"
	expect_no_hook
}

# ---- the container's process ----

@test "a process that is stopped" {
	start_target --root="$ROOT"
	kill -STOP "$TARGET_PID"
	prepare
	run_once
	expect_status 0
	[[ $(delegated) == "$BPF" ]] || fail "not there"
}

# Whatever the hook has of it by then, it ends in time, and with nothing or all of it done in namespaces
# that are gone.
@test "a process that is killed at any moment" {
	local call tree outcomes=()
	command -v strace >/dev/null || fail "strace: not found; install it"
	tree=$(list_root)
	for call in pidfd_open readlinkat ioctl pidfd_send_signal clone setns fsopen fsconfig fsmount \
		openat2 mount_setattr move_mount; do
		start_target --root="$ROOT"
		prepare
		TRACER=(strace --quiet=all --follow-forks --output="$WORK/trace" --trace="$call"
			--inject="$call:delay_enter=100000:when=1")
		: >"$WORK/trace"
		(
			until [[ -s $WORK/trace ]]; do
				sleep 0.005
			done
			kill -KILL "$TARGET_PID"
		) 3>&- &
		run_once
		wait $!
		[[ $status -eq 0 || $status -eq 71 ]] || fail "$call"
		[[ $took -lt 4000 ]] || fail "$call: it took $took ms"
		outcomes[status]+=" $call"
		expect_no_hook
		expect_mounts "$before"
		diff <(echo "$tree") <(list_root) >&2 || fail "$call: the root file system has changed"
		wait "$TARGET_PARENT" || [[ $? -gt 128 ]]
	done
	[[ ${outcomes[71]-} == *pidfd_open* ]] || fail "no run was hit: ${outcomes[*]}"
}

# In this pid namespace, which is the tests' own.
@test "a pid that is another container's by the time it is looked at" {
	local old other pid
	command -v strace >/dev/null || fail "strace: not found; install it"
	start_target --root="$ROOT"
	other=$TARGET_PID
	other_mounts=$(</proc/"$other"/mountinfo)
	start_target --root="$ROOT"
	old=$TARGET_PID
	prepare
	TRACER=(strace --quiet=all --output="$WORK/trace" --trace=pidfd_open
		--inject=pidfd_open:delay_exit=500000)
	: >"$WORK/trace"
	(
		run_once
		echo "$status" >"$WORK/status"
	) &
	pid=$!
	until [[ -s $WORK/trace ]]; do
		sleep 0.005
	done
	kill -KILL "$old"
	wait "$TARGET_PARENT" || [[ $? -gt 128 ]]
	for _ in {1..50}; do
		echo $((old - 1)) >/proc/sys/kernel/ns_last_pid
		nsenter --target="$other" --user --mount --setuid=0 --setgid=0 sleep 20 3>&- &
		ATTACKERS+=($!)
		[[ $! -ne $old ]] || break
	done
	[[ $! -eq $old ]] || fail "the pid could not be had again"
	wait "$pid"
	status=$(<"$WORK/status") stderr=$(<"$WORK/stderr")
	expect_status 71
	expect_message "container: process $old ended meanwhile"
	[[ $other_mounts == "$(</proc/$other/mountinfo)" ]] || fail "the other container has changed"
	expect_mounts "$before"
}

@test "pids of the host's namespaces" {
	for TARGET_PID in "$$" "$BASHPID" 1; do
		prepare
		run_once
		[[ $status -eq 69 || $status -eq 65 ]] || fail "pid $TARGET_PID"
		expect_mounts "$before"
	done
}

# ---- reading the kernel ----

# Why "hostReach" is asked for any program of a container with CAP_PERFMON: a socket filter is of no class
# that reaches the host, and with that capability reads all of the kernel's memory.
reads_the_kernel() {
	local reader='request({cmds: "map_create,prog_load", maps: "array", progs: "socket_filter",
		attachs: "cgroup_inet_ingress"})' allow='"cmds": "map_create,prog_load", "maps": "array",
		"progs": "socket_filter", "attachs": "cgroup_inet_ingress"'
	write_rules "{\"match\": {}, \"allow\": {$allow}}"
	run_command "$1" "inside kernel token /sys/fs/bpf" createRuntime "$reader"
	expect_failure
	expect_output "prog EINVAL" # the verifier knows no such helper for it

	run_command "$1" "inside kernel token /sys/fs/bpf" createRuntime "$reader" \
		'capability("CAP_PERFMON")'
	expect_failure
	expect_output ""
	expect_hook_exit 77
	expect_message 'CAP_PERFMON or CAP_SYS_ADMIN .* kernel memory'

	write_rules "{\"match\": {}, \"allow\": {$allow, \"hostReach\": true}}"
	run_command "$1" "inside kernel token /sys/fs/bpf" createRuntime "$reader" \
		'capability("CAP_PERFMON")'
	[[ $output != "kernel ENODATA" ]] ||
		skip "refused without hostReach; with it, this kernel's lockdown keeps its memory to itself"
	expect_status 0
	expect_output "kernel ok"
}

@test "runc: a socket filter that reads the kernel's memory, with hostReach alone" {
	reads_the_kernel runc
}

@test "crun: a socket filter that reads the kernel's memory, with hostReach alone" {
	reads_the_kernel crun
}
