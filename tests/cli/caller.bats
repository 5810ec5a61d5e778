#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a caller may have left to the hook: descriptors, signals, limits, privilege, an environment.
# None of it changes what the hook does.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	need_root
	set_up
	start_container
}

teardown() {
	[[ -z ${WORK-} ]] || tear_down
}

# hook_by COMMAND...: runs the hook by a command that changes what it inherits, right before it.
hook_by() {
	observe timeout --foreground --kill-after=5 30 env -i "${ENVIRONMENT[@]}" "$@" \
		"$WORK/oci-bpf-token-hook" --policy="$POLICY" --log="file:$LOG" \
		--log-format=json <"$INPUT"
}

# ---- descriptors ----

without_stdout() {
	program "$@" >&-
}

without_stderr() {
	program "$@" 2>&-
}

without_output() {
	program "$@" >&- 2>&-
}

@test "closed standard output and error" {
	local closed
	for closed in without_stdout without_stderr without_output; do
		start_container
		observe "$closed" <"$INPUT"
		granted
		ask '{"io.bpftoken.cmds":"any"}'
		observe "$closed" <"$INPUT"
		is_status 77
		[[ $(logged .code) -eq 77 ]] || fail "no record"
	done
}

@test "closed standard output and error: no file gets what was meant for them" {
	config 'del(.process.capabilities)'
	observe without_output --dry-run <"$INPUT"
	[[ $(logged .outcome) == "dry run" ]] || fail "not run"
	nothing_changed # neither config.json nor a log
	ask '{"io.bpftoken.cmds":"any"}'
	observe without_output --log="file:$WORK/second" <"$INPUT"
	[[ $(wc -l <"$WORK/second") -eq 1 ]] || fail "more than the record: $(<"$WORK/second")"
	[[ $(wc -l <"$LOG") -eq 1 ]] || fail "more than the record: $(<"$LOG")"
}

without_any() {
	program "$@" <&- >&- 2>&-
}

@test "all three closed" {
	observe without_any
	is_status 65
	[[ $(logged .message) == "state on standard input: it cannot be read: Bad file descriptor" ]] ||
		fail "not that"
}

@test "3,000 inherited descriptors" {
	local fd
	ulimit -n 4096
	for ((fd = 100; fd < 3100; fd++)); do
		eval "exec $fd</dev/null"
	done
	# timeout and env keep them
	hook
	granted
}

@test "an inherited descriptor is closed" {
	# who waits for the end of a pipe does not wait for the hook, which here waits for its state
	mkfifo "$WORK/pipe" "$WORK/input"
	"$WORK/oci-bpf-token-hook" --policy="$POLICY" --log=none \
		<"$WORK/input" >/dev/null 2>&1 3>&- 9>"$WORK/pipe" &
	exec {input}>"$WORK/input"
	timeout 5 cat "$WORK/pipe" || fail "the pipe is still open"
	cat "$INPUT" >&"$input"
	exec {input}>&-
	wait $!
	[[ $(mounted) == "$GRANTED_OPTIONS" ]] || fail "not mounted"
}

@test "however few descriptors may be open, all or nothing" {
	local limit failed=0
	for ((limit = 16; limit >= 4; limit--)); do
		start_container
		hook_by prlimit --nofile="$limit"
		if [[ $status -ne 0 ]]; then
			failed=$((failed + 1))
			[[ $status -eq 71 || $status -eq 78 ]] || fail "limit $limit"
			[[ $stderr == *": Too many open files" ]] || fail "limit $limit"
			nothing_changed
		elif [[ -e $LOG ]]; then
			granted
		fi
	done
	[[ $failed -gt 2 ]] || fail "the limit was not felt"
}

# ---- signals ----

@test "ignored and blocked signals" {
	hook_by env --ignore-signal=CHLD
	granted
	start_container
	hook_by env --ignore-signal
	granted
	start_container
	hook_by env --block-signal
	granted
}

# The time-out of a helper that never ends is no signal, and the watchdog is unblocked.
@test "blocked signals and a helper that is stopped" {
	command -v strace >/dev/null || fail "strace: not found; install it"
	hook_by env --block-signal strace --quiet=all --follow-forks --output=/dev/null \
		--inject=fsopen:signal=STOP
	refuses 71 "container: the helper in its user namespace was stopped; nothing was mounted, do not let the container's root see the host's processes"
}

# ---- umask, directory, name, limits ----

@test "umask" {
	local mask
	policy "$(jq '.rules[0].allow.paths = "/a/b"' "$POLICY")"
	for mask in 0000 0777; do
		rm -rf "$BUNDLE/rootfs/a"
		start_container
		ask '{"io.bpftoken.cmds":"map_create","io.bpftoken.maps":"array","io.bpftoken.path":"/a/b"}'
		# shellcheck disable=SC2016 # the inner shell is to expand it
		hook_by sh -c 'umask "$0" && exec "$@"' "$mask"
		granted "$GRANTED_OPTIONS" /a/b
		[[ $(stat --format=%a "$BUNDLE/rootfs/a") -eq 755 ]] || fail "the directory's mode"
		[[ $((8#$(stat --format=%a "$LOG") & ~8#600)) -eq 0 ]] || fail "the log's mode"
	done
}

@test "a working directory that is gone" {
	mkdir "$WORK/gone"
	# shellcheck disable=SC2016 # the inner shell is to expand it
	hook_by sh -c 'cd "$0" && rmdir "$0" && exec "$@"' "$WORK/gone"
	granted
}

@test "a name that is not its own" {
	# shellcheck disable=SC2016 # the inner shell is to expand it
	hook_by bash -c 'exec -a "" "$@"' bash
	granted
	ask '{"io.bpftoken.cmds":"any"}'
	# shellcheck disable=SC2016 # the inner shell is to expand it
	hook_by bash -c 'exec -a "$0" "$@"' $'\e[31mname\n'
	is_status 77
	[[ $stderr == "oci-bpf-token-hook: policy: "* ]] || fail "not its own name"
}

# ---- privilege ----

@test "set-uid, set-gid or with file capabilities" {
	local message="privilege: this program must not be set-uid or have file capabilities; remove them, the runtime starts it as root"
	need_no_sanitizer "its libraries are found by a path that the loader then ignores"
	rm "$WORK/oci-bpf-token-hook"
	cp "$HOOK" "$WORK/oci-bpf-token-hook"
	chmod 4755 "$WORK/oci-bpf-token-hook"
	ENTER=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	hook
	refuses_to_start 64 "$message"
	hook --help
	refuses_to_start 64 "$message"
	chmod 2755 "$WORK/oci-bpf-token-hook"
	hook
	refuses_to_start 64 "$message"
	chmod 0755 "$WORK/oci-bpf-token-hook"
	setcap cap_sys_admin+ep "$WORK/oci-bpf-token-hook"
	hook
	refuses_to_start 64 "$message"
}

@test "capabilities that the job does not take may be missing" {
	ENTER=(setpriv "--bounding-set=-all,+sys_admin,+sys_chroot,+sys_ptrace,+dac_read_search,+setuid,+setgid")
	hook
	granted
}

@test "no new privileges, from the caller already" {
	ENTER=(setpriv --no-new-privs)
	hook
	granted
}

# lacks CAPABILITY MESSAGE
lacks() {
	ENTER=(setpriv --bounding-set="-$1")
	hook
	refuses 71 "$2"
}

@test "capabilities that the job takes" {
	lacks sys_chroot "container: entering its mount namespace: Operation not permitted"
	lacks sys_ptrace "container: its mnt namespace: Permission denied"
	lacks setuid "container: taking its root's ids: Operation not permitted"
	lacks setgid "container: taking its root's ids: Operation not permitted"
}

# What the kernel says of the hook while it waits for its state. CAP_SETPCAP (0x100) is still there:
# the bounding set is cut once something is asked, by the next test.
@test "while it waits: no capability in effect, and none permitted but the job's" {
	local pid
	mkfifo "$WORK/input"
	"$WORK/oci-bpf-token-hook" <"$WORK/input" >/dev/null 2>&1 3>&- &
	pid=$!
	exec {input}>"$WORK/input"
	for _ in {1..100}; do
		! grep --quiet '^CapPrm:.00000000002c01c4$' "/proc/$pid/status" || break
		sleep 0.05
	done
	same "its privilege" "CapInh: 0000000000000000
CapPrm: 00000000002c01c4
CapEff: 0000000000000000
CapAmb: 0000000000000000
NoNewPrivs: 1" "$(grep --extended-regexp '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs)' "/proc/$pid/status" |
		tr '\t' ' ')"
	exec {input}>&-
	wait "$pid" || [[ $? -eq 65 ]]
}

JOB="SYS_ADMIN|SYS_CHROOT|SYS_PTRACE|SETUID|SETGID|DAC_READ_SEARCH"

@test "once something is asked: every capability but the job's has left the bounding set" {
	need_static "the loader opens files before that"
	strace -o "$WORK/trace" -e trace=prctl,capset,openat "$WORK/oci-bpf-token-hook" \
		--policy="$POLICY" --log=none <"$INPUT" 2>"$WORK/stderr" || [[ $? -eq 71 ]]
	[[ $(grep --count 'PR_CAPBSET_DROP, .*= 0$' "$WORK/trace") -ge 34 ]]
	! grep --extended-regexp "PR_CAPBSET_DROP, CAP_($JOB)" "$WORK/trace" ||
		fail "one that the job takes is dropped"
	# nothing is opened before that, and CAP_SETPCAP is then given up
	first=$(grep --line-number --max-count=1 'openat(' "$WORK/trace" | cut -d: -f1)
	last=$(grep --line-number 'PR_CAPBSET_DROP' "$WORK/trace" | tail -n 1 | cut -d: -f1)
	[[ $last -lt $first ]]
	sed -n "$last,${first}p" "$WORK/trace" | grep --quiet 'capset(.*permitted=.*) = 0'
	! sed -n "$last,${first}p" "$WORK/trace" | grep 'capset(.*CAP_SETPCAP' ||
		fail "CAP_SETPCAP stays"
}

# ---- the environment ----

HOSTILE=(
	LD_PRELOAD=/nowhere/preload.so LD_LIBRARY_PATH=/nowhere LD_AUDIT=/nowhere/audit.so
	LD_DEBUG=all LD_DEBUG_OUTPUT=/run/ld-debug LD_PROFILE=libc.so.6 LD_BIND_NOW=1 LD_SHOW_AUXV=1
	GLIBC_TUNABLES=glibc.malloc.check=3:glibc.malloc.perturb=1 MALLOC_CHECK_=3 MALLOC_PERTURB_=1
	MALLOC_TRACE=/run/malloc-trace MALLOC_ARENA_MAX=1
	TZ=:/nowhere/zone TZDIR=/nowhere LANG=de_DE.UTF-8 LC_ALL=de_DE.UTF-8 LANGUAGE=de
	LOCPATH=/nowhere NLSPATH=/nowhere/%N GCONV_PATH=/nowhere POSIXLY_CORRECT=1
	TMPDIR=/nowhere HOME=/nowhere PATH=/nowhere IFS=x
)

# files_of ARG...: the paths that a run names to the kernel, numbers of processes and descriptors
# left out.
files_of() {
	env -i "$(command -v strace)" --quiet=all --follow-forks "${ENVIRONMENT[@]/#/--env=}" \
		--trace=%file,openat2,socket,connect --output="$WORK/trace" \
		"$WORK/oci-bpf-token-hook" --policy="$POLICY" --log=none <"$INPUT" 3>&- ||
		fail "exit code $?"
	grep --only-matching '^[0-9]* *[a-z0-9_]*([^"]*"[^"]*"' "$WORK/trace" |
		grep --invert-match execve | sed "s/^[0-9]*//; s/[0-9]\+/N/g"
}

@test "the environment changes no file that is looked at" {
	local plain
	need_static "the loader reads the environment"
	command -v strace >/dev/null || fail "strace: not found; install it"
	plain=$(files_of)
	[[ $plain == *config.json* && $plain == *policy.json* ]] || fail "not a full run: $plain"
	start_container
	ENVIRONMENT=("${HOSTILE[@]}")
	same "the files" "$plain" "$(files_of)"
	[[ -z $(find /run -maxdepth 1 -name 'ld-debug*' -o -maxdepth 1 -name 'malloc-trace*') ]] ||
		fail "something was written"
}

@test "the environment changes neither the answer nor a message" {
	need_static "the loader reads the environment"
	ENVIRONMENT=("${HOSTILE[@]}")
	hook
	granted
	rm "$BUNDLE/config.json"
	hook
	refuses 65 "bundle \"$BUNDLE\": there is no config.json in it, nor in the working directory; the state must name the container's bundle"
	[[ $(logged .time) =~ ^[0-9]+\.[0-9]+$ ]] || fail "the time"
	ask '{"io.bpftoken.cmds":"any","io.bpftoken.path":"sys"}'
	hook
	refuses 65 'annotation "io.bpftoken.path": "sys" is not absolute; write the plain absolute path inside the container'
}

# libc's functions read variables of their own where nobody asked them to. In this build of the hook
# each look at the environment ends the program. The one that is left is of fnmatch, where a glob has
# a bracket, and decides what "[^" means, which a policy must not have (test_policy.c).
@test "no look at the environment behind main" {
	[[ -n ${NO_GETENV-} ]] || skip "built without STATIC_HOOK"
	ln -sf "$NO_GETENV" "$WORK/oci-bpf-token-hook"
	observe program_alone --getenv
	is_status 99 # it does notice
	same "the variable" ANYTHING "$stderr"
	policy '{"version": 1, "trustedAnnotations": ["a"], "rules": [
		{"name": "globs", "match": {"annotations": {"a": "n?m*"}, "hostUids": "1-4294967294"},
		 "allow": {"cmds": "map_create", "maps": "array", "paths": "/sys/*/bpf,/?*"}}]}'
	ask "${REQUEST%\}},\"a\":\"name\"}"
	hook --log=stderr --log=syslog createRuntime
	is_status 0
	[[ $(mounted) == "$GRANTED_OPTIONS" ]] || fail "not mounted"
	ask "${REQUEST%\}},\"a\":\"x\"}"
	hook -- createRuntime
	is_status 77
	policy "$(jq '.rules[0].match.annotations.a = "[a-z]*"' "$POLICY")"
	hook
	is_status 99
	same "the variable" POSIXLY_CORRECT "$stderr"
	hook --dry-run --cmds=map_create,prog_load --progs=xdp
	is_status 0
	for option in --help --version; do
		observe program_alone "$option"
		is_status 0
	done
	observe program_alone --dry --ver --nothing x
	is_status 64
}
