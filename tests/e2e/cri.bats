#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Pods of a Kubernetes node, as far as the Container Runtime Interface: a real containerd with the
# shipped handler and base spec, called by its socket as a kubelet calls it. The network is CNI's own
# plugins in the namespace of this test.

load ../lib/engine
load ../lib/containerd

IMAGE=example.org/e2e/tools:1
CNI=/usr/lib/cni
SOCKET=/run/containerd/containerd.sock

setup() {
	setup_engine --tree
	configure
	wrap_runc
	start_containerd
	import_image
}

teardown() {
	remove_pods
	stop_containerd
	teardown_e2e
}

# ---- the node ----

# The file of this containerd's version, what a test host needs, and CNI's plugins where Debian's
# containerd looks for them.
configure() {
	local etc=$HOST/etc/containerd examples=$HOST$EXAMPLES
	mkdir -p "$etc" "$HOST/etc/cni/net.d" "$HOST$CNI"
	cp "$CNI"/{loopback,ptp,host-local} "$HOST$CNI"
	"${ENTER[@]}" ctr oci spec | "$examples/base-spec" >"$etc/bpf-token-base.json"
	if is_version_1; then
		cp "$examples/config-v2.toml" "$etc/config.toml"
		cat >>"$etc/config.toml" <<-END
			[plugins."io.containerd.grpc.v1.cri"]
			  enable_cdi = true
			  sandbox_image = "$IMAGE"
			  restrict_oom_score_adj = true
			[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.plain]
			  runtime_type = "io.containerd.runc.v2"
		END
	else
		cp "$examples/config-v3.toml" "$etc/config.toml"
		cat >>"$etc/config.toml" <<-END
			[plugins.'io.containerd.cri.v1.images'.pinned_images]
			  sandbox = '$IMAGE'
			[plugins.'io.containerd.cri.v1.runtime']
			  restrict_oom_score_adj = true
			[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.plain]
			  runtime_type = 'io.containerd.runc.v2'
		END
	fi
	cat >"$HOST/etc/cni/net.d/10-e2e.conflist" <<-'END'
		{ "cniVersion": "0.4.0", "name": "e2e", "plugins": [
		    { "type": "ptp", "ipam": { "type": "host-local", "subnet": "10.88.7.0/24" } } ] }
	END
}

# The cgroups of a test host may have no controllers (where version 1 has them all): runc without
# the limits that containerd sets, and else as it is.
wrap_runc() {
	local runc=$HOST/usr/sbin/runc
	[[ -e $runc.e2e ]] || mv "$runc" "$runc.e2e"
	mkdir "$HOST/opt/e2e"
	# shellcheck disable=SC2046 # paths of libraries
	cp "$(command -v jq)" $(ldd "$(command -v jq)" | sed -n 's/.*=> \(.*lib\(jq\|onig\).*\) (.*/\1/p') \
		"$HOST/opt/e2e"
	cat >"$runc" <<-'END'
		#!/bin/sh
		set -eu
		bundle= next=
		for word; do
			[ "$next" != bundle ] || bundle=$word
			next=${word#--}
		done
		case " $* " in *" create "*)
			LD_LIBRARY_PATH=/opt/e2e /opt/e2e/jq 'del(.linux.resources)' "$bundle/config.json" >"$bundle/config.e2e"
			mv "$bundle/config.e2e" "$bundle/config.json" ;;
		esac
		exec /usr/sbin/runc.e2e "$@"
	END
	chmod 0755 "$runc"
}

is_version_1() {
	[[ $("${ENTER[@]}" containerd --version) == *" 1."* ]]
}

# The image of the sandbox and of all containers: busybox and "inside", which wait until they end.
import_image() {
	local dir=$WORK/image id
	mkdir "$dir" "$dir/root"
	make_rootfs "$dir/root"
	tar --create --file="$dir/layer.tar" --directory="$dir/root" --owner=0 --group=0 .
	id=$(sha256sum "$dir/layer.tar" | cut -d ' ' -f 1)
	jq --null-input --arg id "sha256:$id" '{architecture: "amd64", os: "linux",
		config: {Cmd: ["/bin/busybox", "sleep", "1000"]},
		rootfs: {type: "layers", diff_ids: [$id]}}' >"$dir/config.json"
	jq --null-input --arg image "$IMAGE" '[{Config: "config.json", RepoTags: [$image],
		Layers: ["layer.tar"]}]' >"$dir/manifest.json"
	tar --create --file="$dir/image.tar" --directory="$dir" config.json manifest.json layer.tar
	"${ENTER[@]}" ctr --namespace k8s.io images import "$dir/image.tar" >"$WORK/import.log" 2>&1 ||
		fail "the image: $(<"$WORK/import.log")"
}

# ---- calls ----

# call NAME REQUEST: sets status, output and stderr.
call() {
	printf '%s\n' "$2" >"$WORK/request.json"
	status=0
	"$E2E_LIB/cri" "/proc/$TARGET_PID/root$SOCKET" "$1" <"$WORK/request.json" \
		>"$WORK/answer" 2>"$WORK/stderr" 3>&- || status=$?
	output=$(<"$WORK/answer")
	stderr=$(<"$WORK/stderr")
}

# answer FILTER: of the last call, which must have worked.
answer() {
	expect_status 0 || return 1
	jq --raw-output "$1" <<<"$output"
}

# run_pod HANDLER ANNOTATIONS [--host-users]: sets POD and POD_CONFIG.
run_pod() {
	local userns='{mode: "POD", uids: [$ids], gids: [$ids]}'
	[[ ${3-} != --host-users ]] || userns='{mode: "NODE"}'
	: $((++CONTAINERS))
	POD_CONFIG=$(jq --null-input --argjson annotations "$2" --arg name "pod-$CONTAINERS" '
		{hostId: 1000000, containerId: 0, length: 65536} as $ids
		| {metadata: {name: $name, uid: $name, namespace: "net-tools"},
			logDirectory: "/run/log-pods", annotations: $annotations,
			linux: {securityContext: {namespaceOptions: {pid: "CONTAINER",
				usernsOptions: '"$userns"'}}}}')
	call RunPodSandbox "$(jq --arg handler "$1" '{config: ., runtimeHandler: $handler}' <<<"$POD_CONFIG")"
	POD=$(answer .podSandboxId)
	printf '%s\n' "$POD" >>"$WORK/pods"
}

remove_pods() {
	local pod
	[[ -e $WORK/pods ]] || return 0
	while read -r pod; do
		for name in StopPodSandbox RemovePodSandbox; do
			call "$name" "{\"podSandboxId\": \"$pod\"}"
			expect_status 0
		done
	done <"$WORK/pods"
}

# create_container NAME [FILTER]: in that pod, with the capabilities that XDP takes. Sets CONTAINER.
create_container() {
	call CreateContainer "$(jq --arg pod "$POD" --arg name "$1" --arg image "$IMAGE" '
		{podSandboxId: $pod, sandboxConfig: ., config: {metadata: {name: $name},
			image: {image: $image}, logPath: "\($name).log",
			linux: {securityContext: {capabilities: {addCapabilities: ["BPF", "NET_ADMIN"]},
				namespaceOptions: .linux.securityContext.namespaceOptions}}}}
		| '"${2:-.}" <<<"$POD_CONFIG")"
	CONTAINER=$(answer .containerId)
}

start_container() {
	call StartContainer "{\"containerId\": \"$CONTAINER\"}"
}

# run_in_pod NAME [FILTER]: one more container that runs.
run_in_pod() {
	create_container "$@"
	start_container
	expect_status 0
}

# inside COMMAND...: what the program "inside" says in the last container; output is what it printed.
inside() {
	call ExecSync "$(jq --null-input --arg id "$CONTAINER" \
		'{containerId: $id, timeout: 20, cmd: (["/bin/inside"] + $ARGS.positional)}' --args -- "$@")"
	expect_status 0
	output=$(jq --raw-output '.stdout // "" | @base64d' <<<"$output")
}

expect_delegated() {
	inside token /sys/fs/bpf
	expect_line "token ok"
	inside prog xdp xdp token /sys/fs/bpf
	expect_line "prog ok"
	inside prog sched_cls 0 token /sys/fs/bpf
	expect_line "prog EPERM" # not of the profile xdp
}

expect_nothing() {
	inside token /sys/fs/bpf
	expect_output "token EINVAL"
}

# ---- what is shown ----

ASK='{"io.bpftoken.profile": "xdp"}'

@test "a pod that asks: its containers have it, its sandbox has not" {
	local pid
	run_pod bpf-token "$ASK"
	pid=$("${ENTER[@]}" ctr --namespace k8s.io tasks list | awk -v id="$POD" '$1 == id { print $2 }')
	[[ -n $pid ]] || fail "the sandbox has no process"
	! "${ENTER[@]}" cat "/proc/$pid/mountinfo" | grep --quiet ' - bpf ' ||
		fail "the sandbox has a bpffs"
	run_in_pod agent
	expect_delegated
	run_in_pod second
	expect_delegated
	expect_no_leak
	run_pod bpf-token '{}'
	run_in_pod agent
	expect_nothing
	shown cri token pod
}

@test "a key for one container: only that one has it" {
	run_pod bpf-token '{"io.bpftoken.profile/agent": "xdp"}'
	run_in_pod agent
	expect_delegated
	run_in_pod other
	expect_nothing
}

@test "a handler that passes no annotation: nothing is asked" {
	run_pod plain "$ASK"
	run_in_pod agent
	expect_nothing
}

@test "a container that is started again in its pod has it again" {
	run_pod bpf-token "$ASK"
	run_in_pod agent
	call StopContainer "{\"containerId\": \"$CONTAINER\", \"timeout\": 1}"
	expect_status 0
	run_in_pod agent '.config.metadata.attempt = 1'
	expect_delegated
	shown cri restart
}

@test "a CDI device: without an annotation, and beside one" {
	mkdir -p "$HOST/etc/cdi"
	ln -s /usr/share/oci-bpf-token/cdi/bpftoken.json "$HOST/etc/cdi"
	host_policy # by the device no rule is asked
	run_pod plain '{}'
	run_in_pod agent '.config.CDIDevices = [{name: "bpftoken.io/profile=xdp"}]'
	expect_delegated
	run_in_pod other
	expect_nothing
	host_policy '{"match": {}, "allow": {"profiles": "xdp"}}'
	run_pod bpf-token "$ASK"
	run_in_pod agent '.config.CDIDevices = [{name: "bpftoken.io/profile=xdp"}]'
	expect_delegated
	shown cri cdi
}

# expect_refused WORDS: the container does not start, and its status says why.
expect_refused() {
	create_container agent
	start_container
	[[ $status -ne 0 && $stderr == *"$1"* ]] || fail "StartContainer: $stderr"
	call ContainerStatus "{\"containerId\": \"$CONTAINER\"}"
	[[ $(answer '.status | "\(.state) \(.reason)"') == "CONTAINER_EXITED StartError" ]] ||
		fail "its state: $output"
	[[ $(answer .status.message) == *"$1"* ]] || fail "its message: $output"
}

@test "a refused pod: the status has the hook's words" {
	host_policy '{"match": {"annotations": {"io.kubernetes.cri.sandbox-namespace": "db-*"}},
		"allow": {"profiles": "xdp"}}'
	host_file "$POLICY" '.trustedAnnotations = ["io.kubernetes.cri.sandbox-namespace"]'
	run_pod bpf-token "$ASK"
	expect_refused "no rule matches this container"
	# what the message says to do
	host_file "$POLICY" '.rules[0].match.annotations[] = "net-*"'
	run_pod bpf-token "$ASK"
	run_in_pod agent
	expect_delegated
	run_pod bpf-token "$ASK" --host-users
	expect_refused "it has no user namespace of its own"
	run_pod bpf-token '{"io.bpftoken.profil": "xdp"}'
	expect_refused "io.bpftoken.profil"
	shown cri refused
}

@test "the README's table has what was shown" {
	local version
	version=$("${ENTER[@]}" containerd --version | cut -d ' ' -f 3 | sed 's/[~+].*//')
	expect_row "containerd $version by CRI, runc $(version_of runc)" cri \
		token refused pod restart cdi
}
