#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The hook in containers of runc and crun: what works with BPF afterwards, where the mount comes to
# lie in every layout of /sys and of the root, and what the host sees of it.
#
# Most tests are a function that takes the runtime and two tests that call it, so that each result
# names the runtime it is about.

load ../lib/e2e

# What the filter "delegate" asks for, as the kernel reports it of a token.
MASKS=(
	"token ok"
	"allowed_cmds 0x40021"
	"allowed_maps 0x4"
	"allowed_progs 0x42"
	"allowed_attachs 0x2000000001"
)
DELEGATE_OPTIONS='[
	"--cmds=map_create,prog_load,btf_load", "--maps=array",
	"--progs=socket_filter,xdp", "--attachs=cgroup_inet_ingress,xdp" ]'

setup() {
	setup_e2e
	BUNDLE=$WORK/bundle
	RUN_OPTIONS=()
	before=$(host_mounts)
}

teardown() {
	teardown_e2e
}

# run_shell RUNTIME COMMAND [FILTER]...: runs the command in a container.
run_shell() {
	local runtime=$1 command=$2
	shift 2
	make_bundle "$BUNDLE" "$runtime" "shell(\"$command\")" "$@"
	run_container "$runtime" "$BUNDLE" "$ID" "${RUN_OPTIONS[@]}"
}

# delegates RUNTIME [FILTER]...: with these, the container gets what it asked for, owned by its
# root, and can use it; the host's mount table does not change.
delegates() {
	local bpf=/sys/fs/bpf
	run_shell "$1" \
		"inside token $bpf && inside stat $bpf && inside pin $bpf/m token $bpf" "${@:2}"
	expect_status 0
	expect_line "${MASKS[@]}" "stat ok uid=0 gid=0 mode=1700 fstype=bpf" "pin ok"
	expect_mounts "$before"
}

# A client that nobody here wrote

run_bpftool() {
	local runtime=$1 object=$2 pins=/sys/fs/bpf/x
	shift 2
	make_client_rootfs "$BUNDLE/rootfs"
	run_shell "$runtime" \
		"bpftool prog loadall /$object $pins && ls $pins && /inside token /sys/fs/bpf" "$@"
}

bpftool_loads() {
	run_bpftool "$1" xdp.bpf.o "${@:2}"
	expect_status 0
	expect_line count "${MASKS[@]}"
}

bpftool_is_refused() {
	local runtime=$1 object=$2 message=$3
	shift 3
	run_bpftool "$runtime" "$object" "$@"
	expect_failure
	expect_stderr "$message"
}

refused_without_hook() {
	bpftool_is_refused "$1" xdp.bpf.o \
		"Operation not permitted.*Couldn't load trivial BPF program" delegate
}

refused_for_its_type() {
	bpftool_is_refused "$1" sched_cls.bpf.o \
		"prog 'pass': BPF program load failed: Operation not permitted" \
		createRuntime delegate
}

@test "runc: bpftool loads and pins, createRuntime and annotations" {
	bpftool_loads runc createRuntime delegate
}

@test "crun: bpftool loads and pins, createRuntime and annotations" {
	bpftool_loads crun createRuntime delegate
}

@test "runc: bpftool loads and pins, prestart and annotations" {
	bpftool_loads runc prestart delegate
}

@test "crun: bpftool loads and pins, prestart and annotations" {
	bpftool_loads crun prestart delegate
}

@test "runc: bpftool loads and pins, request on the command line" {
	bpftool_loads runc "createRuntime($DELEGATE_OPTIONS)"
}

@test "crun: bpftool loads and pins, request on the command line" {
	bpftool_loads crun "createRuntime($DELEGATE_OPTIONS)"
}

@test "runc: without the hook bpftool is refused" {
	refused_without_hook runc
}

@test "crun: without the hook bpftool is refused" {
	refused_without_hook crun
}

@test "runc: a program type that is not delegated is refused" {
	refused_for_its_type runc
}

@test "crun: a program type that is not delegated is refused" {
	refused_for_its_type crun
}

# The kernel's own answers

only_what_is_delegated_works() {
	run_shell "$1" "cd /sys/fs/bpf
		inside map array; inside map array token .; inside map hash token .
		inside prog xdp xdp; inside prog xdp xdp token .
		inside prog sched_cls 0 token .; inside prog xdp cgroup_inet_egress token ." \
		createRuntime delegate
	expect_output "map EPERM
map ok
map EPERM
prog EPERM
prog ok
prog EPERM
prog EPERM"
}

without_a_request_nothing_is_mounted() {
	run_shell "$1" "inside mounts bpf; inside stat /sys/fs/bpf" createRuntime
	expect_status 0
	expect_output "stat ok uid=65534 gid=65534 mode=0555 fstype=sysfs"
	expect_mounts "$before"
}

@test "runc: maps and programs work with the token, and only those delegated" {
	only_what_is_delegated_works runc
}

@test "crun: maps and programs work with the token, and only those delegated" {
	only_what_is_delegated_works crun
}

@test "runc: without a request the container starts and nothing is mounted" {
	without_a_request_nothing_is_mounted runc
}

@test "crun: without a request the container starts and nothing is mounted" {
	without_a_request_nothing_is_mounted crun
}

# Layouts of /sys

@test "runc: /sys a fresh sysfs" {
	delegates runc createRuntime delegate 'sysfs(["nosuid", "noexec", "nodev"])'
}

@test "crun: /sys a fresh sysfs" {
	delegates crun createRuntime delegate 'sysfs(["nosuid", "noexec", "nodev"])'
}

@test "runc: /sys a read-only sysfs" {
	delegates runc createRuntime delegate 'sysfs(["ro"])'
}

@test "crun: /sys a read-only sysfs" {
	delegates crun createRuntime delegate 'sysfs(["ro"])'
}

@test "runc: /sys the host's" {
	delegates runc createRuntime delegate 'host_sys(["rbind"])'
}

@test "crun: /sys the host's" {
	delegates crun createRuntime delegate 'host_sys(["rbind"])'
}

@test "runc: /sys the host's, read-only" {
	delegates runc createRuntime delegate 'host_sys(["rbind", "ro"])'
}

@test "crun: /sys the host's, read-only" {
	delegates crun createRuntime delegate 'host_sys(["rbind", "ro"])'
}

@test "runc: /sys the host's, private" {
	delegates runc createRuntime delegate 'host_sys(["rbind", "rprivate"])'
}

@test "crun: /sys the host's, private" {
	delegates crun createRuntime delegate 'host_sys(["rbind", "rprivate"])'
}

# The directory is made by the container's root, not by the host's.
destination_is_created() {
	local dir
	delegates "$1" createRuntime delegate no_sys
	for dir in sys/fs sys/fs/bpf; do
		[[ $(stat --format=%u:%g "$BUNDLE/rootfs/$dir") == "$MAPPED_ROOT" ]] ||
			fail "$dir: wrong owner"
	done
}

@test "runc: no /sys, the destination is created" {
	destination_is_created runc
}

@test "crun: no /sys, the destination is created" {
	destination_is_created crun
}

# Layouts of the root

@test "runc: read-only root" {
	delegates runc createRuntime delegate '.root.readonly = true'
}

@test "crun: read-only root" {
	delegates crun createRuntime delegate '.root.readonly = true'
}

@test "runc: absolute root path" {
	delegates runc createRuntime delegate ".root.path = \"$BUNDLE/rootfs\""
}

@test "crun: absolute root path" {
	delegates crun createRuntime delegate ".root.path = \"$BUNDLE/rootfs\""
}

@test "runc: shared root propagation" {
	delegates runc createRuntime delegate '.linux.rootfsPropagation = "shared"'
}

@test "crun: shared root propagation" {
	delegates crun createRuntime delegate '.linux.rootfsPropagation = "shared"'
}

without_pivot_root() {
	RUN_OPTIONS=(--no-pivot)
	delegates "$1" createRuntime delegate
}

@test "runc: --no-pivot" {
	without_pivot_root runc
}

@test "crun: --no-pivot" {
	without_pivot_root crun
}

# As the containers of a Kubernetes pod join the pod's user namespace. runc 1.1 wants the mappings
# all the same; crun takes them from the namespace.
user_namespace_is_joined() {
	local join
	start_target --no-mount
	join="join_namespace(\"user\"; \"/proc/$TARGET_PID/ns/user\")"
	delegates "$1" createRuntime delegate "$join" "${@:2}"
}

@test "runc: user namespace joined by path" {
	user_namespace_is_joined runc
}

@test "crun: user namespace joined by path, no mappings" {
	user_namespace_is_joined crun no_mappings
}

# Without a runtime: a container that has entered its root before its hooks are called, as those of
# youki before 0.6 have, and one that has not. A sanitized hook searches /proc for its leaks.
target_is_delegated() {
	local annotations='{"io.bpftoken.cmds": "map_create", "io.bpftoken.maps": "array"}'
	local root=$BUNDLE/rootfs
	make_bundle "$BUNDLE" runc
	start_target --net --root="$root" "$@" \
		--setup="mount -t sysfs sysfs $root/sys && mount --rbind /proc $root/proc" \
		-- /bin/inside map array token /sys/fs/bpf
	run_hook "$(fake_state "$TARGET_PID" "$BUNDLE" "$annotations")"
	expect_status 0
	run_target
	expect_status 0
	expect_output "map ok"
	expect_mounts "$before"
}

@test "target that has not entered its root" {
	target_is_delegated
}

@test "target that has entered its root" {
	target_is_delegated --pivoted
}

# What reaches the host

# crun up to 1.21 leaves a bind mount without a propagation option shared with the host while the
# hooks run: what is mounted on it then shows on the host, and stays there.
mounts_do_not_leak() {
	local runtime=$1
	use_shared_mounts
	before=$(host_mounts)
	grep --quiet ' /sys .* shared:' <<<"$before" || fail "/sys is not shared: nothing to test"

	make_bundle "$BUNDLE" "$runtime" createRuntime delegate 'shell("sleep 60")' "${@:2}"
	start_container "$runtime" "$BUNDLE" "$ID"
	expect_status 0
	expect_mounts "$before"
	exec_container "$runtime" "$ID" inside token /sys/fs/bpf
	expect_line "${MASKS[@]}"

	delete_container "$runtime" "$ID"
	expect_mounts "$before"
}

@test "runc: no leak through a shared /sys" {
	mounts_do_not_leak runc 'host_sys(["rbind", "ro"])'
}

@test "crun: no leak through a shared /sys" {
	mounts_do_not_leak crun 'host_sys(["rbind", "ro"])'
}

@test "runc: no leak through a shared root" {
	mounts_do_not_leak runc 'host_sys(["rbind"])' '.linux.rootfsPropagation = "rshared"'
}

@test "crun: no leak through a shared root" {
	mounts_do_not_leak crun 'host_sys(["rbind"])' '.linux.rootfsPropagation = "rshared"'
}

# Called again

same_request_twice_is_one_mount() {
	run_shell "$1" "inside token /sys/fs/bpf && inside mounts bpf | wc -l" \
		createRuntime createRuntime delegate
	expect_status 0
	expect_line "${MASKS[@]}" 1
}

different_request_is_refused() {
	run_shell "$1" true "createRuntime($DELEGATE_OPTIONS)" \
		'createRuntime(["--cmds=map_create", "--maps=hash"])'
	expect_failure
	expect_hook_exit 65
	expect_mounts "$before"
}

container_runs_again() {
	delegates "$1" createRuntime delegate
	delete_container "$1" "$ID"
	delegates "$1" createRuntime delegate
}

@test "runc: the same request twice is one mount" {
	same_request_twice_is_one_mount runc
}

@test "crun: the same request twice is one mount" {
	same_request_twice_is_one_mount crun
}

@test "runc: two different requests are refused" {
	different_request_is_refused runc
}

@test "crun: two different requests are refused" {
	different_request_is_refused crun
}

@test "runc: a container that is run again is delegated again" {
	container_runs_again runc
}

@test "crun: a container that is run again is delegated again" {
	container_runs_again crun
}
