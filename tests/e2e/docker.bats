#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Docker with the shipped daemon.json and the CDI devices, as its README says.

load ../lib/engine

EXAMPLES=/usr/share/doc/oci-bpf-token-hook/examples/docker
DEVICE=bpftoken.io/profile=xdp
USE="inside token /sys/fs/bpf && inside map array token /sys/fs/bpf && inside prog xdp xdp token /sys/fs/bpf"

setup() {
	setup_engine --tree
	rm "$HOST$POLICY"
	[[ $BATS_TEST_DESCRIPTION == *README* ]] || start_docker
}

teardown() {
	stop_docker
	teardown_e2e
}

# The user "dockremap" is the one that "userns-remap": "default" stands for. The network is left as
# it is, since no container here needs any.
start_docker() {
	local i
	mkdir -p "$HOST"/etc/{docker,cdi} "$HOST/var/lib/docker"
	cp "$HOST$EXAMPLES/daemon.json" "$HOST/etc/docker/"
	ln -s /usr/share/oci-bpf-token/cdi/bpftoken.json "$HOST/etc/cdi/"
	echo dockremap:x:2000:2000::/:/bin/false >>"$HOST/etc/passwd"
	echo dockremap:x:2000: >>"$HOST/etc/group"
	echo dockremap:1000000:65536 | tee "$HOST/etc/subuid" >"$HOST/etc/subgid"
	"${ENTER[@]}" mount -t tmpfs -o mode=0710 tmpfs /var/lib/docker
	# Before 28.2 CDI is among the experimental features.
	"${ENTER[@]}" dockerd --experimental --bridge=none --iptables=false --ip6tables=false \
		>"$WORK/dockerd.log" 2>&1 3>&- &
	DOCKERD=$!
	for ((i = 0; i < 300; i++)); do
		"${ENTER[@]}" docker version >/dev/null 2>&1 && break
		kill -0 "$DOCKERD" || break
		sleep 0.1
	done
	chown -hR 0:0 "$ROOTFS"
	tar --directory "$ROOTFS" --create . | "${ENTER[@]}" docker import - e2e >/dev/null ||
		fail "$(tail -n 5 "$WORK/dockerd.log")"
}

stop_docker() {
	[[ -n ${DOCKERD-} ]] || return 0
	"${ENTER[@]}" docker ps --all --quiet | xargs --no-run-if-empty "${ENTER[@]}" docker rm --force \
		>/dev/null
	kill "$DOCKERD"
	wait "$DOCKERD"
}

# run_docker COMMAND [OPTION]...: runs a shell command in a container that may use BPF.
run_docker() {
	local command=$1
	shift
	capture /dev/null docker run --network=none --cap-add BPF --cap-add NET_ADMIN "$@" \
		e2e /bin/sh -c "$command"
}

expect_token() {
	expect_status 0
	expect_line "token ok" "map ok" "prog ok"
	expect_no_leak
}

@test "docker run with a CDI device, and refused without it or a user namespace" {
	run_docker "$USE && inside stat /sys/fs/bpf" --rm --device "$DEVICE"
	expect_token
	expect_line "stat ok uid=0 gid=0 mode=1700 fstype=bpf"
	run_docker "$USE" --rm
	expect_failure
	expect_output "token EINVAL"
	run_docker "echo started" --rm --device "$DEVICE" --userns=host
	expect_failure
	expect_output ""
	expect_hook_exit 69
	expect_stderr "oci-bpf-token-hook: container: it has no user namespace of its own"
	shown docker token refused cdi
}

@test "docker run --read-only --init" {
	run_docker "$USE && ! busybox touch /x && busybox head -n 1 /proc/1/cmdline" --rm \
		--device "$DEVICE" --read-only --init
	expect_token
	expect_stderr "Read-only file system"
	[[ $output == *docker-init* ]] || fail "expected an init as process 1"
	shown docker readonly
}

@test "docker restart" {
	run_docker "exec busybox sleep 600" --detach --name again --device "$DEVICE"
	expect_status 0
	use_in_container
	capture /dev/null docker restart --time 0 again
	expect_status 0
	use_in_container
	shown docker restart
}

use_in_container() {
	capture /dev/null docker exec again /bin/sh -c "$USE && inside mounts bpf | busybox wc -l"
	expect_token
	expect_line 1
}

@test "the README's table has what was shown" {
	expect_row "Docker $(version_of docker), runc $(version_of runc)" docker \
		token refused restart readonly cdi rootless
}
