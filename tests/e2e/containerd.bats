#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd reads the shipped handler as it is meant, and the base spec has the hook.

load ../lib/engine

EXAMPLES=/usr/share/doc/oci-bpf-token-hook/examples/containerd

setup() {
	setup_engine
}

teardown() {
	teardown_e2e
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
