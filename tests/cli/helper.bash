# SPDX-License-Identifier: Apache-2.0
# What the tests of the command line and of faults share: a bundle, a stand-in for its container, the
# hook, and expectations.
#
# A test file loads this and calls set_up from setup and tear_down from teardown; tests/cli/run
# provides HOOK and TARGET. set_up provides:
#
#   WORK         this test's directory, all of whose parents are root's
#   BUNDLE       a bundle in it; change its config.json with "config FILTER"
#   CONTAINER    the pid of its container, once start_container was called
#
# What runs the hook sets status, stdout and stderr, and does not fail by itself. Then granted,
# refuses and their like say what must have come of it; each looks at what is left behind, too.

# Two lists that the policy of set_up allows.
REQUEST='{"io.bpftoken.cmds": "map_create", "io.bpftoken.maps": "array"}'
GRANTED_OPTIONS='rw,uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create,delegate_maps=array'

# No process has this number: it is beyond what pid_max can be.
DEAD=4194304

set_up() {
	[[ -n ${CLI_ISOLATED-} ]] || fail "start the tests with tests/cli/run"
	umask 022
	WORK=$(mktemp -d "$(work_parent)/cli.XXXXXX")
	chmod 0755 "$WORK"
	BUNDLE=$WORK/bundle
	LOG=$WORK/log
	POLICY=$WORK/policy.json
	CONTAINER=$DEAD
	TARGETS=()
	# Sanitizers look for leaks by ptrace, which the hook, being not dumpable, does not let them.
	ENVIRONMENT=(${SANITIZE:+"ASAN_OPTIONS=detect_leaks=0"})
	ENTER=()
	INPUT=$WORK/state.json
	# A name of its own tells this test's processes from all others.
	ln -s "$HOOK" "$WORK/oci-bpf-token-hook"
	make_bundle
	policy '{"version": 1, "rules": [{"name": "tests", "match": {},
		"allow": {"cmds": "map_create", "maps": "array"}}]}'
	state "$DEAD" "$REQUEST"
	mounts=$(</proc/self/mountinfo)
}

# A policy counts only where root alone can write: below /run, unlike /tmp, that is so.
work_parent() {
	if is_root; then
		echo /run
	else
		echo "${TMPDIR:-/tmp}"
	fi
}

# Removing the directory fails, and with it the test, when a mount has been left below it.
tear_down() {
	local pid
	for pid in "${TARGETS[@]}"; do
		! kill -KILL "$pid" || wait "$pid" || [[ $? -gt 128 ]] # killed
	done 2>/dev/null
	no_process_is_left
	same "mount table" "$mounts" "$(</proc/self/mountinfo)"
	rm -rf --one-file-system "$WORK"
}

is_root() {
	[[ $EUID -eq 0 ]]
}

need_root() {
	is_root || skip "needs root"
}

# need_no_sanitizer REASON
need_no_sanitizer() {
	[[ -z ${SANITIZE-} ]] || skip "built with sanitizers: $1"
}

# need_static REASON
need_static() {
	[[ $(readelf --wide --program-headers "$HOOK") != *INTERP* ]] || skip "linked dynamically: $1"
}

# The container

make_bundle() {
	mkdir -p "$BUNDLE/rootfs"/{sys/fs/bpf,run}
	! is_root || chown -R 1000000:1000000 "$BUNDLE/rootfs"
	cat >"$BUNDLE/config.json" <<-'END'
		{ "root": { "path": "rootfs" },
		  "process": { "user": { "uid": 0, "gid": 0 }, "env": [ "HOME=/" ],
		               "capabilities": { "effective": [ "CAP_BPF" ],
		                                 "bounding": [ "CAP_BPF" ] } },
		  "mounts": [ { "destination": "/sys", "options": [ "ro" ] } ],
		  "linux": { "maskedPaths": [ "/sys/firmware" ] } }
	END
}

# config FILTER: changes config.json by jq.
config() {
	jq "$1" "$BUNDLE/config.json" >"$BUNDLE/config.json.new"
	mv "$BUNDLE/config.json.new" "$BUNDLE/config.json"
}

# policy TEXT
policy() {
	printf '%s\n' "$1" >"$POLICY"
}

# state PID [ANNOTATIONS [CONTAINER-ID]]: what a runtime would write to the hook's stdin.
state() {
	printf '{"ociVersion":"1.0.2","id":"%s","status":"creating","pid":%s,"bundle":"%s"%s}\n' \
		"${3:-test}" "$1" "$BUNDLE" "${2:+,\"annotations\":$2}" >"$WORK/state.json"
}

# start_container [OPTION]...: a process in namespaces of its own (see target --help) that
# asks for what the policy allows. Skips the test where only root could make it.
start_container() {
	local root=(--root="$BUNDLE/rootfs")
	need_root
	# without a mount namespace there is nothing to bind it in
	[[ " $* " != *" --no-mount "* ]] || root=()
	exec {target_output}< <(exec "$TARGET" "${root[@]}" "$@" 2>&1 3>&-)
	TARGETS+=($!)
	read -r -t 30 CONTAINER <&"$target_output" || fail "the target said nothing"
	exec {target_output}<&-
	[[ $CONTAINER =~ ^[0-9]+$ ]] || fail "the target did not come up: $CONTAINER"
	state "$CONTAINER" "$REQUEST"
}

# ask ANNOTATIONS: what the container asks for instead.
ask() {
	state "$CONTAINER" "$1"
}

# The hook

# hook [ARG]...: runs it with this test's policy and log, on INPUT.
hook() {
	observe program "$@" <"$INPUT"
}

# program [ARG]...: the same, for commands of a test's own: in ENVIRONMENT alone, by the command
# ENTER, for 30 seconds at most.
program() {
	program_alone --policy="$POLICY" --log="file:$LOG" --log-format=json "$@"
}

program_alone() {
	"${ENTER[@]}" timeout --foreground --kill-after=5 30 \
		env -i "${ENVIRONMENT[@]}" "$WORK/oci-bpf-token-hook" "$@"
}

# observe COMMAND...: takes down what is before and what comes of it. Nobody may keep descriptor 3:
# bats waits for all who hold it.
observe() {
	look before
	rm -f "$LOG"
	status=0
	"$@" >"$WORK/stdout" 2>"$WORK/stderr" 3>&- || status=$?
	heard
}

heard() {
	stdout=$(tr -d '\0' <"$WORK/stdout")
	stderr=$(tr -d '\0' <"$WORK/stderr")
}

# tool ARG...: runs bpftoken likewise.
tool() {
	status=0
	timeout --kill-after=5 60 env -i "${ENVIRONMENT[@]}" "${ENTER[@]}" "$BPFTOKEN" "$@" \
		>"$WORK/stdout" 2>"$WORK/stderr" 3>&- || status=$?
	heard
}

# What a run may have changed: the container's mounts and the bundle's files.
declare -gA seen
look() {
	seen[$1.mounts]=
	[[ ! -e /proc/$CONTAINER ]] || seen[$1.mounts]=$(</proc/"$CONTAINER"/mountinfo)
	# a directory's size tells nothing
	seen[$1.tree]=$(find "$BUNDLE" -type d -printf '%p %M %U:%G\n' -o -printf '%p %M %U:%G %s\n' | sort)
}

# Expectations

fail() {
	printf '%s\n' "$@" ${row:+"row: $row"} "status: ${status-}" "stdout: ${stdout-}" "stderr: ${stderr-}"
	[[ ! -s ${LOG-} ]] || printf 'log: %s\n' "$(<"$LOG")"
	return 1
} >&2

# same WHAT WANTED FOUND
same() {
	[[ $2 == "$3" ]] || fail "$1:" "$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$3"))"
}

is_status() {
	[[ $status -eq $1 ]] || fail "expected exit code $1"
}

# nothing_changed: neither in the container nor in its bundle.
nothing_changed() {
	look after
	same "the container's mounts" "${seen[before.mounts]}" "${seen[after.mounts]}"
	same "the bundle's files" "${seen[before.tree]}" "${seen[after.tree]}"
}

no_process_is_left() {
	local left
	if left=$(pgrep --list-full --full "^$WORK/oci-bpf-token-hook"); then
		fail "the hook or its helper lives on: $left"
	fi
}

# says MESSAGE: one line of stderr in the form that all have, and with this text.
says() {
	same "standard error" "oci-bpf-token-hook: $1" "$stderr"
	[[ $(wc -l <"$WORK/stderr") -eq 1 ]] || fail "not one line"
	[[ $(wc -c <"$WORK/stderr") -lt 2000 ]] || fail "not under 2,000 bytes"
}

# logged FILTER: what jq prints of the run's one record.
logged() {
	[[ $(wc -l <"$LOG") -eq 1 ]] || fail "not one record"
	jq --raw-output "$1" "$LOG"
}

# refuses CODE MESSAGE: the whole of it, and nothing is left behind.
refuses() {
	is_status "$1"
	says "$2"
	same "standard output" "" "$stdout"
	same "the log" "$1 failed $2" "$(logged '"\(.code) \(.outcome) \(.message)"')"
	nothing_changed
	no_process_is_left
}

# refuses_to_start CODE MESSAGE: before there is a log.
refuses_to_start() {
	is_status "$1"
	says "$2"
	same "standard output" "" "$stdout"
	[[ ! -e $LOG ]] || fail "there is a log"
	nothing_changed
	no_process_is_left
}

# silent: nothing was asked, and nothing happened.
silent() {
	is_status 0
	same "standard output" "" "$stdout"
	same "standard error" "" "$stderr"
	[[ ! -e $LOG ]] || fail "there is a log"
	nothing_changed
	no_process_is_left
}

# mounted [PATH]: the options of each bpffs there in the container, one line for each.
mounted() {
	at=$BUNDLE/rootfs${1:-/sys/fs/bpf} awk '
		{ for (i = 7; $i != "-"; i++) continue }
		$5 == ENVIRON["at"] && $6 == "rw,nosuid,nodev,noexec,relatime" && $(i + 1) == "bpf" {
			print $(i + 3)
		}' "/proc/$CONTAINER/mountinfo"
}

# granted [OPTIONS [PATH]]: one bpffs more, with these mount options, and nothing else.
granted() {
	is_status 0
	same "standard error" "" "$stderr"
	same "the log" "0 delegated granted" "$(logged '"\(.code) \(.outcome) \(.decision)"')"
	same "the mount" "${1:-$GRANTED_OPTIONS}" "$(mounted "${2-}")"
	look after
	[[ $(wc -l <<<"${seen[after.mounts]}") -eq $(($(wc -l <<<"${seen[before.mounts]}") + 1)) ]] ||
		fail "not one mount more: ${seen[after.mounts]}"
	no_process_is_left
}

# each_row FUNCTION: calls it with the two fields of every line of stdin, which " -> " separates.
each_row() {
	local rows
	mapfile -t rows
	for row in "${rows[@]}"; do
		"$1" "${row%% -> *}" "${row#* -> }"
	done
	row=
}
