# SPDX-License-Identifier: Apache-2.0
# What the end-to-end tests share: bundles, containers, stand-ins for containers, and expectations.
#
# A test file loads this and calls setup_e2e from setup and teardown_e2e from teardown.
# tests/e2e/run provides the environment:
#
#   HOOK         the hook's binary
#   TEST_BIN     folder with attacker, inside, target, xdp.bpf.o and sched_cls.bpf.o
#   CLIENT_TREE  the Debian 13 tree with bpftool, empty where the run goes without
#   E2E_DIR      a tmpfs below /run: policies count only where each directory above is root's
#
# setup_e2e provides:
#
#   WORK         this test's directory
#   BUNDLE       where in it its bundle is to lie
#   ID           a container id that no other test has
#   ENTER        the command that enters the mount namespace to run things in; empty: the test's own
#
# What runs a program sets status, output and stderr, and does not fail by itself.

E2E_LIB=${BASH_SOURCE[0]%/*}
MAPPED_ROOT=1000000:1000000

# Setting up and cleaning up

setup_e2e() {
	export WORK
	umask 022
	WORK=$(mktemp -d "${E2E_DIR:?start the tests with tests/e2e/run}/XXXXXX")
	# Container root has to reach its root file system.
	chmod 0755 "$WORK"
	BUNDLE=$WORK/bundle
	ID=e2e-$BATS_SUITE_TEST_NUMBER
	ENTER=()
	TARGETS=()
	CONTAINERS=0
	write_policy <<-'END'
		{ "version": 1,
		  "rules": [ { "name": "tests", "match": {},
		               "allow": { "cmds": "map_create,prog_load,btf_load",
		                          "maps": "array,hash", "progs": "socket_filter,xdp",
		                          "attachs": "cgroup_inet_ingress,xdp",
		                          "paths": "/sys/fs/bpf,/run/bpf" } } ] }
	END
}

# Removing the directory fails, and with it the test, when a mount has been left below it.
teardown_e2e() {
	delete_containers
	stop_targets
	unmount_roots
	rm -rf --one-file-system "$WORK"
}

delete_containers() {
	local runtime id
	[[ -e $WORK/containers ]] || return 0
	while read -r runtime id; do
		delete_container "$runtime" "$id"
	done <"$WORK/containers"
}

stop_targets() {
	local pid
	for pid in "${TARGETS[@]}"; do
		[[ ! -e /proc/$pid ]] || kill -KILL "$pid"
	done
}

unmount_roots() {
	local dir
	[[ -e $WORK/roots ]] || return 0
	while read -r dir; do
		umount "$dir"
	done <"$WORK/roots"
}

# Reads the policy of this test from stdin; setup_e2e has written one that allows "delegate".
write_policy() {
	cat >"$WORK/policy.json"
}

# write_rules RULE...: the same, from rules in JSON.
write_rules() {
	printf '%s\n' "$@" | jq --slurp '{version: 1, rules: .}' | write_policy
}

# Reads the vendor's policy from stdin and puts it where the hook was built to look for it: on a
# layer of this run's mount namespace alone, so the host's own folder stays as it is.
write_vendor_policy() {
	local file folder layer
	file=$(vendor_policy_path)
	folder=${file%/*/*}
	[[ -d $folder ]] || fail "$folder: not found; it is where the hook looks for $file"
	layer=$(mktemp -d "$WORK/layer.XXXXXX")
	mkdir "$layer"/{upper,work}
	mount -t overlay -o "lowerdir=$folder,upperdir=$layer/upper,workdir=$layer/work" \
		overlay "$folder"
	printf '%s\n' "$folder" >>"$WORK/roots"
	mkdir -p "${file%/*}"
	cat >"$file"
}

# Of the two policies that the program names in its strings, the one that its help does not.
vendor_policy_path() {
	local administrator
	administrator=$("$HOOK" --help | sed -n 's/.*--policy=FILE.*(default \(.*\))$/\1/p')
	LC_ALL=C grep --text --null-data --line-regexp '/[ -~]*/policy\.json' "$HOOK" |
		tr '\0' '\n' | grep --fixed-strings --line-regexp --invert-match "$administrator"
}

# Bundles

# make_rootfs DIR: a shell and the program "inside", owned by the ids that a container's root has.
make_rootfs() {
	mkdir -p "$1"/{bin,dev,proc,sys,tmp,run}
	cp "$(command -v busybox)" "$1/bin/busybox"
	ln -s busybox "$1/bin/sh"
	cp "$TEST_BIN/inside" "$1/bin/inside"
	chown -hR "$MAPPED_ROOT" "$1"
}

# make_client_rootfs DIR: the Debian 13 tree under a writable layer that adds the BPF objects and
# "inside" to its root.
make_client_rootfs() {
	local layer
	[[ -n $CLIENT_TREE ]] || skip "run without the Debian 13 tree (--without-client)"
	layer=$(mktemp -d "$WORK/layer.XXXXXX")
	mkdir -p "$1" "$layer"/{upper,work}
	cp "$TEST_BIN"/{xdp,sched_cls}.bpf.o "$TEST_BIN/inside" "$layer/upper"
	chown -R "$MAPPED_ROOT" "$layer/upper"
	mount -t overlay -o "lowerdir=$CLIENT_TREE,upperdir=$layer/upper,workdir=$layer/work" \
		overlay "$1"
	printf '%s\n' "$1" >>"$WORK/roots"
}

# make_bundle DIR RUNTIME [FILTER]...: a bundle around DIR/rootfs, which is made unless it is there.
# FILTERs are jq filters on bundle.json, those of bundle.jq included.
make_bundle() {
	local dir=$1 runtime=$2 filter
	shift 2
	filter="include \"bundle\"; for_runtime(\"$runtime\")$(printf ' | %s' "${@:-.}")"
	[[ -d $dir/rootfs ]] || make_rootfs "$dir/rootfs"
	jq -L "$E2E_LIB" "$filter" "$E2E_LIB/bundle.json" >"$dir/config.json"
}

# Containers

# run_container RUNTIME BUNDLE ID [OPTION]...: runs it to its end. OPTIONs are those of the
# runtime's "run". What the hook wrote to stderr is in stderr: runc quotes it, crun keeps a file.
run_container() {
	local runtime=$1 bundle=$2 id=$3
	shift 3
	printf '%s %s\n' "$runtime" "$id" >>"$WORK/containers"
	rm -f "$WORK/hook.stderr" "$WORK/hook.log"
	capture /dev/null "$runtime" --root "$WORK/$runtime" run "$@" --bundle "$bundle" "$id"
	[[ ! -s $WORK/hook.stderr ]] || stderr+=$'\n'$(<"$WORK/hook.stderr")
}

# run_command RUNTIME COMMAND [FILTER]...: runs a shell command in one more container of $BUNDLE.
run_command() {
	local runtime=$1 command=$2
	shift 2
	make_bundle "$BUNDLE" "$runtime" "shell(\"$command\")" "$@"
	run_container "$runtime" "$BUNDLE" "$ID-$((++CONTAINERS))"
}

# start_container RUNTIME BUNDLE ID [OPTION]...: the same, but yields once its process runs.
start_container() {
	run_container "$@" --detach
}

# exec_container RUNTIME ID COMMAND...: runs one more process in a started container.
exec_container() {
	local runtime=$1
	shift
	capture /dev/null "$runtime" --root "$WORK/$runtime" exec "$@"
}

# delete_container RUNTIME ID: ends it and removes what the runtime knows of it.
delete_container() {
	"${ENTER[@]}" "$1" --root "$WORK/$1" delete --force "$2"
}

# capture STDIN COMMAND...: sets status, output and stderr. Nobody may keep descriptor 3: bats waits
# for all who hold it.
capture() {
	local input=$1
	shift
	status=0
	timeout --kill-after=5 60 "${ENTER[@]}" "$@" \
		<"$input" >"$WORK/stdout" 2>"$WORK/stderr" 3>&- || status=$?
	output=$(<"$WORK/stdout")
	stderr=$(<"$WORK/stderr")
}

# The hook without a runtime

# start_target [OPTION]... [-- COMMAND...]: a stand-in for a created container (tests/e2e/target.c).
# Sets TARGET_PID, what a runtime would write into the state.
start_target() {
	exec {TARGET_OUTPUT}< <(exec "$TEST_BIN/target" "$@" 2>&1 3>&-)
	TARGET_PARENT=$!
	TARGETS+=("$TARGET_PARENT")
	read -r -t 10 TARGET_PID <&"$TARGET_OUTPUT" || fail "the target did not come up"
	[[ $TARGET_PID =~ ^[0-9]+$ ]] || fail "the target did not come up: $TARGET_PID"
}

# run_target: starts the last target's command and waits for its end; its stderr is in output, too.
run_target() {
	kill -USR1 "$TARGET_PID"
	output=$(cat <&"$TARGET_OUTPUT")
	stderr=
	status=0
	wait "$TARGET_PARENT" || status=$?
}

# fake_state PID BUNDLE [ANNOTATIONS]: prints the state of a created container as runc writes it.
fake_state() {
	jq --null-input --compact-output --arg id "$ID" --argjson pid "$1" --arg bundle "$2" \
		--argjson annotations "${3:-null}" \
		'{ociVersion: "1.0.2", id: $id, status: "creating", pid: $pid, bundle: $bundle}
		 + if $annotations == null then {} else {annotations: $annotations} end'
}

# run_hook STATE [ARG]...: runs the hook with the state on its stdin and nothing in its environment.
run_hook() {
	printf '%s\n' "$1" >"$WORK/state.json"
	shift
	capture "$WORK/state.json" env -i "$HOOK" --policy="$WORK/policy.json" \
		--log=file:"$WORK/hook.log" "$@"
}

# Mount namespaces

# host_mounts: the mount table that a leak from a container would show in.
host_mounts() {
	"${ENTER[@]}" cat /proc/self/mountinfo
}

# use_shared_mounts: from here on runtimes, hooks and host_mounts are in a mount namespace whose
# mounts are shared, as on a host with systemd.
use_shared_mounts() {
	start_target --no-user --setup='mount --make-rshared /'
	enter_target --mount
}

# enter_target NAMESPACE...: from here on runtimes, hooks and host_mounts are in these (options of
# nsenter) of the last target.
enter_target() {
	ENTER=(nsenter --target="$TARGET_PID" "$@" --)
}

# Expectations

# fail MESSAGE...: ends the test, showing what the last program said.
fail() {
	printf '%s\n' "$@" "status: ${status-}" "output: ${output-}" "stderr: ${stderr-}"
	[[ ! -s $WORK/hook.log ]] || printf 'hook log: %s\n' "$(<"$WORK/hook.log")"
	return 1
} >&2

expect_status() {
	[[ $status -eq $1 ]] || fail "expected exit code $1"
}

expect_failure() {
	[[ $status -ne 0 ]] || fail "expected a failure"
}

# expect_line LINE...: each is a whole line of output.
expect_line() {
	local line
	for line; do
		grep --quiet --fixed-strings --line-regexp -- "$line" <<<"$output" ||
			fail "expected the line: $line"
	done
}

# expect_output TEXT: all of the output.
expect_output() {
	[[ $output == "$1" ]] || fail "expected exactly: $1"
}

# expect_stderr REGEX: some of stderr.
expect_stderr() {
	grep --quiet --extended-regexp -- "$1" <<<"$stderr" || fail "expected on stderr: $1"
}

# expect_hook_exit CODE: the runtime says that a hook ended so.
expect_hook_exit() {
	expect_stderr "exit (status|code:) $1\\b"
}

# hook_message: prints what the hook wrote to stderr, line by line. runc quotes it in its log as a
# string of Go: of its escapes, those for a line's end, quote and backslash occur in messages.
hook_message() {
	sed '/^time=.* level=error msg=/ {
		s/\\\\/\x01/g; s/\\n/\n/g; s/\\"/"/g; s/\x01/\\/g
	}' <<<"$stderr" | sed -n 's/^\(.* stderr: \)\{0,1\}\(oci-bpf-token-hook: \)/\2/p'
}

# expect_message REGEX...: the hook wrote one line, and each matches some of it.
expect_message() {
	local message regex
	message=$(hook_message)
	[[ -n $message && $message != *$'\n'* ]] || fail "expected one line of the hook's"
	for regex; do
		grep --quiet --extended-regexp -- "$regex" <<<"$message" ||
			fail "expected in the hook's line: $regex"
	done
}

# expect_record REGEX...: the last container's hook left one audit record, and each matches some of
# it.
expect_record() {
	local regex
	[[ -e $WORK/hook.log && $(wc -l <"$WORK/hook.log") -eq 1 ]] ||
		fail "expected one audit record"
	for regex; do
		grep --quiet --extended-regexp -- "$regex" "$WORK/hook.log" ||
			fail "expected in the audit record: $regex"
	done
}

expect_no_record() {
	[[ ! -e $WORK/hook.log ]] || fail "expected no audit record"
}

# expect_masks CMDS MAPS PROGS ATTACHS: "inside token" was all that ran, and these are its token's.
expect_masks() {
	expect_output "$(printf '%s\n' "token ok" "allowed_cmds $1" "allowed_maps $2" \
		"allowed_progs $3" "allowed_attachs $4")"
}

# expect_mounts TABLE: host_mounts is what it was.
expect_mounts() {
	diff <(printf '%s\n' "$1") <(host_mounts) >&2 || fail "the host's mount table has changed"
}
