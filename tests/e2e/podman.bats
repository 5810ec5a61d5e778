#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Podman with the installed files: hooks.d, CDI devices, pods, Quadlet; with crun and runc.
#
# ENGINE_SUITE chooses whose Podman: Debian 12's is this machine's own ("host"); others come from
# trees (tests/lib/engine-tree). What one run has shown is a row of the README's table.

load ../lib/engine

PROFILE=io.bpftoken.profile=xdp
DEVICE=bpftoken.io/profile=xdp
CDI_FILE=/usr/share/oci-bpf-token/cdi/bpftoken.json
EXAMPLES=/usr/share/doc/oci-bpf-token-hook/examples
# What the profile delegates, as the kernel reports it of a token.
MASKS=(
	"token ok"
	"allowed_cmds 0x40021"
	"allowed_maps 0xa034e7e"
	"allowed_progs 0x42"
	"allowed_attachs 0x2a00000001"
)
USE="inside token /sys/fs/bpf && inside map array token /sys/fs/bpf && inside prog xdp xdp token /sys/fs/bpf"

setup() {
	setup_engine
	configure_podman
	IDS=(--uidmap 0:1000000:65536)
	NETWORK=none
	SECCOMP=(--security-opt seccomp=unconfined)
}

teardown() {
	remove_containers
	teardown_e2e
}

# Nothing of systemd runs there, and the machine may lack CAP_SYS_RESOURCE, which raising limits
# needs.
configure_podman() {
	mkdir -p "$HOST"/etc/containers/{containers.conf.d,oci/hooks.d} "$HOST/etc/cdi"
	cat >"$HOST/etc/containers/containers.conf" <<-'END'
		[containers]
		pids_limit = 0
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		log_driver = "k8s-file"
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		[network]
		firewall_driver = "none"
	END
	# For newer libraries (shadow 4.20) only ids of users that exist count.
	echo containers:x:2000:2000::/:/bin/false >>"$HOST/etc/passwd"
	echo containers:1000000:6553600 | tee "$HOST/etc/subuid" >"$HOST/etc/subgid"
}

# What still runs holds the host's mounts. Where there is no such host, this machine's containers
# are not the test's.
remove_containers() {
	[[ ${#ENTER[@]} -eq 0 ]] || capture /dev/null podman rm --all --force --time 0
}

# podman RUNTIME COMMAND [ARG]...: crun limits devices with a program, for which it raises a limit.
run_podman() {
	local runtime=$1 command=$2 options=()
	shift 2
	[[ $runtime != crun || $command != run ]] || options=(--cgroups=disabled)
	capture /dev/null podman --runtime "$runtime" "$command" "${options[@]}" "$@"
}

# run_command RUNTIME COMMAND [OPTION]...: runs a shell command in a container that may use BPF and
# asks for nothing yet.
run_command() {
	local runtime=$1 command=$2
	shift 2
	run_podman "$runtime" run --rm "${IDS[@]}" --network="$NETWORK" "${SECCOMP[@]}" \
		--cap-add BPF --cap-add NET_ADMIN "$@" --rootfs "$ROOTFS" /bin/sh -c "$command"
}

expect_token() {
	expect_status 0
	expect_line "${MASKS[@]}" "map ok" "prog ok"
	expect_no_leak
}

# import_image NAME: of the container's root; its program uses the token.
import_image() {
	chown -hR 0:0 "$ROOTFS"
	tar --directory "$ROOTFS" --create . |
		"${ENTER[@]}" podman import --quiet \
			--change "CMD [\"/bin/sh\", \"-c\", \"$USE\"]" - "$1" >/dev/null
}

# Annotation and hooks.d

delegates() {
	run_command "$1" "$USE && inside stat /sys/fs/bpf" --annotation "$PROFILE"
	expect_token
	expect_line "stat ok uid=0 gid=0 mode=1700 fstype=bpf"
	shown "$1" token
}

# Without the annotation; with it but without a rule; with it but without a user namespace.
refused_without() {
	run_command "$1" "$USE"
	expect_failure
	expect_output "token EINVAL"

	host_policy
	run_command "$1" "echo started" --annotation "$PROFILE"
	expect_refusal "$1" 77 'no rule .*to allow it.*"allow":\{"profiles":"xdp"\}'

	IDS=()
	run_command "$1" "echo started" --annotation "$PROFILE"
	expect_refusal "$1" 69 "user namespace"
	shown "$1" refused
}

# expect_refusal RUNTIME CODE REGEX: no container, and what Podman's user reads; of crun the code.
expect_refusal() {
	expect_failure
	expect_output ""
	expect_hook_exit "$2"
	[[ $1 = crun ]] || expect_stderr "oci-bpf-token-hook: .*$3"
	expect_no_leak
}

@test "podman run --userns=auto with an image" {
	import_image localhost/e2e
	run_podman crun run --rm --userns=auto --network=none "${SECCOMP[@]}" --cap-add BPF \
		--cap-add NET_ADMIN --annotation "$PROFILE" localhost/e2e
	expect_token
}

@test "crun: podman run with an annotation" {
	delegates crun
}

@test "runc: podman run with an annotation" {
	delegates runc
}

@test "crun: refused without annotation, rule or user namespace" {
	refused_without crun
}

@test "runc: refused without annotation, rule or user namespace" {
	refused_without runc
}

# In other circumstances

restarts() {
	run_podman "$1" run --detach --name again "${IDS[@]}" --network=none "${SECCOMP[@]}" \
		--cap-add BPF --cap-add NET_ADMIN --annotation "$PROFILE" \
		--rootfs "$ROOTFS" /bin/sh -c "exec busybox sleep 600"
	expect_status 0
	use_in_container again
	run_podman "$1" restart --time 0 again
	expect_status 0
	use_in_container again
	shown "$1" restart
}

use_in_container() {
	capture /dev/null podman exec "$1" /bin/sh -c "$USE && inside mounts bpf | busybox wc -l"
	expect_token
	expect_line 1
}

# The profile's programs reach the network that they are loaded for, so that takes a word more.
on_the_network_of_the_host() {
	NETWORK=host
	run_command "$1" "echo started" --annotation "$PROFILE"
	expect_refusal "$1" 77 'does not allow "hostReach"'
	host_policy '{"match": {"hostNetwork": true}, "allow": {"profiles": "xdp", "hostReach": true}}'
	run_command "$1" "$USE" --annotation "$PROFILE"
	expect_token
	shown "$1" network
}

read_only_with_init() {
	run_command "$1" "$USE && ! busybox touch /x && busybox head -n 1 /proc/1/cmdline" \
		--annotation "$PROFILE" --read-only --init
	expect_token
	expect_stderr "Read-only file system"
	[[ $output == *podman-init* ]] || fail "expected an init as process 1"
	shown "$1" readonly
}

@test "crun: a restarted container has it again" {
	restarts crun
}

@test "runc: a restarted container has it again" {
	restarts runc
}

@test "crun: --network=host needs hostReach" {
	on_the_network_of_the_host crun
}

@test "runc: --network=host needs hostReach" {
	on_the_network_of_the_host runc
}

@test "crun: --read-only with --init" {
	read_only_with_init crun
}

@test "runc: --read-only with --init" {
	read_only_with_init runc
}

# CDI: no annotation, no hook file, no rule.

enable_devices() {
	rm "$HOST$POLICY"
	ln -s "$CDI_FILE" "$HOST/etc/cdi/bpftoken.json"
}

device_delegates() {
	enable_devices
	mv "$HOST$HOOKS_D" "$WORK/hooks.d.json"
	run_command "$1" "$USE" --device "$DEVICE"
	expect_token

	# The other way in, too, if it asks for the same.
	mv "$WORK/hooks.d.json" "$HOST$HOOKS_D"
	host_policy '{"match": {}, "allow": {"profiles": "xdp,tc"}}'
	run_command "$1" "$USE && inside mounts bpf | busybox wc -l" --device "$DEVICE" \
		--annotation "$PROFILE"
	expect_token
	expect_line 1
	run_command "$1" "echo started" --device "$DEVICE" --annotation io.bpftoken.profile=tc
	expect_refusal "$1" 65 "already"
	shown "$1" cdi
}

@test "crun: a CDI device, alone and with hooks.d" {
	device_delegates crun
}

@test "runc: a CDI device, alone and with hooks.d" {
	device_delegates runc
}

@test "without a CDI file there is no such device" {
	run_command crun "echo started" --device "$DEVICE"
	expect_failure
	expect_stderr "$DEVICE"
}

# Shipped examples

pod_is_played() {
	local version
	version=$(version_of podman)
	[[ $version != 4.* ]] ||
		skip "Podman $version without systemd gives its pods a cgroup that refuses /dev/null"
	import_image registry.example.org/xdp-agent:1
	run_podman "$1" kube play --network none "$EXAMPLES/podman/pod.yaml"
	expect_status 0
	capture /dev/null podman wait xdp-agent-agent
	expect_output 0
	capture /dev/null podman logs xdp-agent-agent
	expect_token
	shown "$1" pod
}

@test "crun: podman kube play of the shipped pod" {
	pod_is_played crun
}

@test "runc: podman kube play of the shipped pod" {
	pod_is_played runc
}

@test "the shipped containers.conf lets hook files lie below /etc" {
	cp "$HOST$EXAMPLES/podman/containers.conf" \
		"$HOST/etc/containers/containers.conf.d/50-bpf-token.conf"
	mv "$HOST$HOOKS_D" "$HOST/etc/containers/oci/hooks.d/"
	run_command crun "$USE" --annotation "$PROFILE"
	expect_token
	[[ $stderr != *containers.conf* ]] || fail "Podman does not understand its configuration"
}

# What Quadlet makes of the shipped file, run as systemd would, but in no unit's cgroup.
@test "the shipped Quadlet file starts a container that has it" {
	local quadlet=/usr/libexec/podman/quadlet start
	[[ -x $HOST$quadlet ]] || skip "Podman $(version_of podman) has no Quadlet"
	import_image registry.example.org/xdp-agent:1
	capture /dev/null env QUADLET_UNIT_DIRS="$EXAMPLES/podman" "$quadlet" -dryrun
	expect_status 0
	start=$(sed -n 's/^ExecStart=//p' <<<"$output")
	start=${start//%N/xdp-agent} start=${start//%t//run}
	start=${start/--cgroups=split/--cgroups=disabled}
	[[ $start == *"podman run"*"$PROFILE"* ]] || fail "expected a command"
	read -ra start <<<"${start/--rm /}"
	capture /dev/null "${start[@]}"
	expect_status 0
	capture /dev/null podman wait systemd-xdp-agent
	expect_output 0
	capture /dev/null podman logs systemd-xdp-agent
	expect_token
}

# What blocks bpf(2)

# Debian 12's seccomp profile allows bpf(2) with CAP_SYS_ADMIN only, later ones with CAP_BPF.
seccomp_blocks_bpf() {
	[[ $(jq --compact-output '[.syscalls[] | select((.names | index("bpf")) and
		.action == "SCMP_ACT_ALLOW") | .includes.caps[]] | index("CAP_BPF")' \
		"$HOST/usr/share/containers/seccomp.json") == null ]]
}

BLOCKED='linux.seccomp blocks bpf\(2\)'

@test "a seccomp profile that blocks bpf(2) is warned of in the log" {
	host_file "$HOOKS_D" \
		'.hook.args |= (.[:1] + ["--log=file:\($ENV.WORK)/hook.log"] + .[1:])'
	SECCOMP=()
	run_command crun "inside token /sys/fs/bpf" --annotation "$PROFILE"
	if seccomp_blocks_bpf; then
		expect_output "token EPERM"
		expect_record 'outcome="delegated"' "$BLOCKED"
	else
		expect_line "token ok"
		! grep --extended-regexp "$BLOCKED" "$WORK/hook.log" || fail "there is nothing to warn of"
	fi
}

@test "a seccomp profile that blocks bpf(2) is warned of by --dry-run" {
	local bundle hook pid
	run_podman crun run --detach --name again "${IDS[@]}" --network=none --cap-add BPF \
		--cap-add NET_ADMIN --rootfs "$ROOTFS" /bin/sh -c "exec busybox sleep 600"
	expect_status 0
	capture /dev/null podman inspect --format '{{.State.Pid}} {{.OCIConfigPath}}' again
	read -r pid bundle <<<"${output%/config.json}"
	fake_state "$pid" "$bundle" '{"io.bpftoken.profile": "xdp"}' >"$WORK/state.json"
	hook=$(jq --raw-output .hook.path "$HOST$HOOKS_D")
	capture "$WORK/state.json" "$hook" --dry-run
	expect_status 0
	expect_line 'path: "/sys/fs/bpf"'
	if seccomp_blocks_bpf; then
		grep --quiet --extended-regexp "$BLOCKED" <<<"$output" || fail "expected a warning"
	else
		! grep --extended-regexp "$BLOCKED" <<<"$output" || fail "there is nothing to warn of"
	fi
}

# Rootless

# As a user who has never heard of it meets it, with one id and no helper.
rootless_is_refused() {
	make_user
	rootless "$1"
	expect_status 0
	rootless "$1" --annotation "$PROFILE"
	expect_failure
	expect_hook_exit 69
	[[ $1 = runc ]] || stderr+=$'\n'$(<"$WORK/home/hook.stderr")
	expect_stderr "oci-bpf-token-hook: .*rootless.*sudo podman run"
	shown "$1" rootless
}

make_user() {
	echo "e2e:x:1234:1234::$WORK/home:/bin/sh" >>"$HOST/etc/passwd"
	echo "e2e:x:1234:" >>"$HOST/etc/group"
	make_rootfs "$WORK/home/rootfs"
	mkdir -p "$WORK"/home/{run,rootfs/etc}
	chown -hR 1234:1234 "$WORK/home"
}

# rootless RUNTIME [OPTION]...: detached, because Podman 4 otherwise waits 20 s more for its conmon.
rootless() {
	local runtime=$1 options=()
	shift
	[[ $runtime != crun ]] || options=(--cgroups=disabled)
	as_user podman --runtime "$runtime" run --detach --network=none "${options[@]}" \
		--annotation run.oci.hooks.stderr="$WORK/home/hook.stderr" "$@" \
		--rootfs "$WORK/home/rootfs" /bin/sh -c "exec busybox sleep 1"
}

as_user() {
	capture /dev/null setpriv --reuid 1234 --regid 1234 --clear-groups env --ignore-environment \
		--chdir="$WORK/home" PATH="$PATH" HOME="$WORK/home" XDG_RUNTIME_DIR="$WORK/home/run" \
		"$@"
}

@test "crun: rootless is refused, and told why" {
	rootless_is_refused crun
}

@test "runc: rootless is refused, and told why" {
	rootless_is_refused runc
}

# What the README says of this Podman.

@test "crun: the README's table has what was shown" {
	expect_row "Podman $(version_of podman), crun $(version_of crun)" crun "${COLUMNS_OF_TABLE[@]}"
}

@test "runc: the README's table has what was shown" {
	expect_row "Podman $(version_of podman), runc $(version_of runc)" runc "${COLUMNS_OF_TABLE[@]}"
}
