#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd reads the shipped handler as it is meant, and the base spec has the hook: its containers,
# started by ctr with that spec, get what they ask for.

load ../lib/engine
load ../lib/containerd

setup() {
	setup_engine --tree
}

teardown() {
	stop_containerd
	teardown_e2e
}

# run_command COMMAND [FILTER]...: runs a shell command in a container made from $WORK/base.json, as
# a pod's would be: user namespace, capabilities, and what FILTERs of jq add.
run_command() {
	local command=$1 filter
	shift
	filter=$(printf ' | %s' "${@:-.}")
	COMMAND=$command ROOTFS=$ROOTFS jq '
		["CAP_BPF", "CAP_NET_ADMIN"] as $caps
		| {containerID: 0, hostID: 1000000, size: 65536} as $ids
		| .root = {path: $ENV.ROOTFS}
		| .process.args = ["/bin/sh", "-c", $ENV.COMMAND]
		| .process.capabilities |= map_values($caps)
		| .linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [$ids] | .linux.gidMappings = [$ids]
		| del(.linux.resources, .linux.cgroupsPath, .process.rlimits)'"$filter" \
		"$WORK/base.json" >"$WORK/config.json"
	capture /dev/null ctr run --rm --config "$WORK/config.json" "e2e-$((++CONTAINERS))"
}

# expect_handler FILE: containerd knows the handler, its patterns, spec and runtime from the file.
expect_handler() {
	capture /dev/null containerd --config "$EXAMPLES/$1" config dump
	expect_status 0
	# In TOML, of which containerd quotes the one or the other way.
	handler=$(tr '"' "'" <<<"$output" | sed -n '/runtimes\.bpf-token\]/,/BinaryName/p')
	for line in "pod_annotations = ['io.bpftoken.*', 'io.bpftoken.*/*']" \
		"base_runtime_spec = '/etc/containerd/bpf-token-base.json'" \
		"BinaryName = '/usr/sbin/runc'"; do
		grep --quiet --fixed-strings -- "$line" <<<"$handler" || fail "expected: $line"
	done
}

@test "containerd reads the handler of config version 2" {
	expect_handler config-v2.toml
}

@test "containerd reads the handler of config version 3" {
	[[ $("${ENTER[@]}" containerd --version) != *" 1."* ]] || skip "containerd 1 knows version 2 only"
	expect_handler config-v3.toml
}

make_base_spec() {
	"${ENTER[@]}" ctr oci spec | "$HOST$EXAMPLES/base-spec" "$@" >"$WORK/base.json"
}

@test "containers of the base spec: token with annotation or option, and refused without" {
	local use="inside token /sys/fs/bpf && inside prog xdp xdp token /sys/fs/bpf"
	local ask='.annotations["io.bpftoken.profile"] = "xdp"'
	start_containerd
	make_base_spec
	run_command "$use" "$ask"
	expect_status 0
	expect_line "token ok" "prog ok"
	run_command "$use"
	expect_failure
	expect_output "token EINVAL"
	run_command "echo started" "$ask" 'del(.linux.uidMappings, .linux.gidMappings)
		| .linux.namespaces |= map(select(.type != "user"))'
	expect_failure
	expect_output ""
	expect_hook_exit 69

	# By the option no rule is asked.
	host_policy
	run_command "echo started" "$ask"
	expect_failure
	expect_output ""
	expect_hook_exit 77
	make_base_spec --profile=xdp
	run_command "$use"
	expect_status 0
	expect_line "token ok" "prog ok"
	expect_no_leak
	shown containerd token refused
}

@test "base-spec adds the hook to what ctr prints, with and without options" {
	"${ENTER[@]}" ctr oci spec >"$WORK/spec.json"
	"$HOST$EXAMPLES/base-spec" --profile=xdp <"$WORK/spec.json" >"$WORK/base.json"
	[[ $(jq --compact-output '.hooks.createRuntime[].args' "$WORK/base.json") == \
		'["oci-bpf-token-hook","--profile=xdp","createRuntime"]' ]]
	"$HOST$EXAMPLES/base-spec" <"$WORK/spec.json" >"$WORK/base.json"
	[[ $(jq --compact-output '.hooks.createRuntime[].args' "$WORK/base.json") == \
		'["oci-bpf-token-hook","createRuntime"]' ]]
	[[ -x $HOST$(jq --raw-output '.hooks.createRuntime[].path' "$WORK/base.json") ]]
	diff <(jq --sort-keys 'del(.hooks)' "$WORK/base.json") <(jq --sort-keys . "$WORK/spec.json")
}

@test "the README's table has what was shown" {
	local version
	# containerd prints its name, a package and its version.
	version=$("${ENTER[@]}" containerd --version | cut -d ' ' -f 3 | sed 's/[~+].*//')
	expect_row "containerd $version, runc $(version_of runc)" containerd \
		token refused pod restart network cdi
}
