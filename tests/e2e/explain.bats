#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What "bpftoken explain" says the hook would do is what the hook does: the same exit code and, of a
# refusal, the same words. It runs the same code; this holds the two ways into it to each other.

load ../lib/e2e

setup() {
	setup_e2e
	: "${BPFTOKEN:?tests/e2e/run needs it for these tests}"
	make_bundle "$BUNDLE" runc
}

teardown() {
	teardown_e2e
}

# agree ANNOTATIONS CODE [HOOK-OPTION]...: for the last target both end with CODE and say the same.
agree() {
	local state said code=$2
	state=$(fake_state "$TARGET_PID" "$BUNDLE" "$1")
	shift 2
	rm -f "$WORK/hook.log"
	run_hook "$state" --dry-run "$@"
	# shellcheck disable=SC2154 # run_hook sets it
	said=$stderr
	expect_status "$code"
	capture "$WORK/state.json" "$BPFTOKEN" explain --state=- --json --policy="$WORK/policy.json" \
		"$@" "$BUNDLE"
	expect_status "$code"
	[[ $TARGET_PID -le 1 || $(jq .container.assumed <<<"$output") != true ]] ||
		fail "the kernel was not asked"
	[[ $(jq .verdict.code <<<"$output") == "$code" ]] || fail "the verdict has another code"
	if [[ $code -eq 0 && $(jq .verdict.ignored <<<"$output") == false ]]; then
		[[ -z $said ]] || fail "the hook complained: $said"
	elif [[ $code -ne 0 ]]; then
		[[ "oci-bpf-token-hook: $(jq --raw-output .verdict.message <<<"$output")" == "$said" ]] ||
			fail "the hook said: $said"
	fi
}

# A row is ANNOTATIONS and the code that both end with.
REQUESTS='{} 0
{"io.bpftoken.cmds":"map_create","io.bpftoken.maps":"array"} 0
{"io.bpftoken.cmds":"prog_load","io.bpftoken.progs":"xdp","io.bpftoken.path":"/run/bpf"} 0
{"io.bpftoken.cmds":"map_create","io.bpftoken.owner":"user","io.bpftoken.mode":"0755"} 0
{"io.bpftoken.cmds":"map_create","io.bpftoken.owner":"7:8"} 0
{"io.bpftoken.cmds":"map_create","io.kubernetes.cri.container-type":"sandbox"} 0
{"io.bpftoken.cmds/web":"map_create","io.kubernetes.cri.container-name":"db"} 0
{"io.bpftoken.cmds/web":"any","io.kubernetes.cri.container-name":"web"} 77
{"io.bpftoken.cmds":"any"} 77
{"io.bpftoken.cmds":"map_create","io.bpftoken.maps":"ringbuf"} 77
{"io.bpftoken.cmds":"prog_load","io.bpftoken.progs":"kprobe"} 77
{"io.bpftoken.cmds":"map_create","io.bpftoken.path":"/tmp"} 77
{"io.bpftoken.cmds":"map_create","io.bpftoken.path":"/proc/bpf"} 77
{"io.bpftoken.cmds":"frobnicate"} 65
{"io.bpftoken.cmds":"xdp"} 65
{"io.bpftoken.cmds":""} 65
{"io.bpftoken.cmd":"map_create"} 65
{"io.bpftoken.path":"/run/bpf"} 65
{"io.bpftoken.maps":"array"} 65
{"io.bpftoken.cmds":"map_create","io.bpftoken.mode":"888"} 65
{"io.bpftoken.cmds":"map_create","io.bpftoken.path":"/a/../b"} 65
{"io.bpftoken.cmds":"map_create","io.bpftoken.owner":"70000:0"} 69
{"io.bpftoken.cmds":"map_create","io.bpftoken.owner":"70000:0","io.bpftoken.on-unsupported":"ignore"} 0
{"io.bpftoken.profile":"none"} 65'

@test "every kind of request" {
	local row
	start_target --net --cgroup
	while read -r row; do
		agree "${row% *}" "${row##* }"
	done <<<"$REQUESTS"
}

@test "options of the hook's own command line" {
	start_target --net --cgroup
	agree '{"io.bpftoken.cmds":"frobnicate"}' 0 --cmds=any --progs=kprobe
	agree '{}' 0 --cmds=map_create --path=/tmp
	agree '{}' 64 --cmds=frobnicate
	agree '{}' 64 --maps=array
	agree '{}' 65 --cmds=map_create --path=/proc/x
	agree '{}' 69 --cmds=map_create --owner=70000:1
	agree '{}' 64 --profile=none
}

@test "policies of every kind" {
	local ask='{"io.bpftoken.cmds":"map_create","ns":"a"}'
	start_target --net --cgroup
	write_rules '{ "match": { "hostUids": "5" }, "allow": { "cmds": "any" } }'
	agree "$ask" 77
	write_rules '{ "match": {}, "deny": true }' '{ "match": {}, "allow": { "cmds": "map_create" } }'
	agree "$ask" 77
	write_rules '{ "match": { "hostNetwork": true }, "allow": { "cmds": "map_create" } }'
	agree "$ask" 77
	write_rules '{ "match": {}, "allow": { "cmds": "map_create,frobnicate" } }'
	agree "$ask" 77
	write_policy <<<'{ "version": 1, "trustedAnnotations": ["ns"], "rules": [
		{ "match": { "annotations": { "ns": "b" } }, "deny": true },
		{ "match": { "annotations": { "ns": "?" } }, "allow": { "cmds": "map_create" } } ] }'
	agree "$ask" 0
	agree '{"io.bpftoken.cmds":"map_create","ns":"b"}' 77
	write_policy <<<'{ "version": 1, "rulez": [] }'
	agree "$ask" 78
	write_policy <<<'{ "version": 1'
	agree "$ask" 78
	write_rules '{ "match": {}, "allow": { "cmds": "map_create" } }'
	chmod 0666 "$WORK/policy.json"
	agree "$ask" 78
	rm "$WORK/policy.json"
	agree "$ask" 78
}

@test "containers of every kind" {
	local ask='{"io.bpftoken.cmds":"prog_load","io.bpftoken.progs":"xdp"}'
	start_target --no-user
	agree "$ask" 69
	agree '{"io.bpftoken.cmds":"prog_load","io.bpftoken.on-unsupported":"ignore"}' 0
	start_target --no-mount
	agree "$ask" 69
	start_target --map="1 1000000 10"
	agree "$ask" 69
	start_target --map="0 0 65536" --net --cgroup
	agree "$ask" 77
	start_target # in the host's network
	agree "$ask" 77
	agree '{"io.bpftoken.cmds":"map_create"}' 0
}

@test "bundles of every kind" {
	local ask='{"io.bpftoken.cmds":"map_create"}'
	start_target --net --cgroup
	make_bundle "$BUNDLE" runc '.linux.maskedPaths += ["/sys/fs"]'
	agree "$ask" 65
	make_bundle "$BUNDLE" runc 'volume("/sys/fs/bpf"; "/tmp"; ["bind", "rshared"])'
	agree "$ask" 65
	make_bundle "$BUNDLE" runc 'capability("CAP_PERFMON")'
	agree '{"io.bpftoken.cmds":"prog_load"}' 77
	agree "$ask" 0
	make_bundle "$BUNDLE" runc 'del(.root)'
	agree "$ask" 65
	printf '{' >"$BUNDLE/config.json"
	agree "$ask" 65
	# what comes first is named
	agree '{"io.bpftoken.cmds":"frobnicate"}' 65
	agree "$ask" 64 --cmds=frobnicate
	agree '{}' 0
}

# A state's pid that is none, as createContainer hooks get it.
@test "a state without a process" {
	TARGET_PID=0
	agree '{"io.bpftoken.cmds":"map_create"}' 65
	TARGET_PID=1
	agree '{"io.bpftoken.cmds":"map_create"}' 65
}

# ---- from config.json alone, before there is a container ----

# foretells RUNTIME FILTER CODE: what is said of the bundle is what happens when it is run.
foretells() {
	local code=$3 said
	make_bundle "$BUNDLE" "$1" 'shell("true")' createRuntime "$2"
	capture /dev/null "$BPFTOKEN" explain --json "$BUNDLE"
	expect_status "$code"
	[[ $(jq .container.assumed <<<"$output") != false ]] || fail "there is no kernel to ask"
	said=$(jq --raw-output '.verdict.message // ""' <<<"$output")
	run_container "$1" "$BUNDLE" "$ID-$((++CONTAINERS))"
	if [[ $code -eq 0 ]]; then
		expect_status 0
	else
		expect_failure
		expect_hook_exit "$code"
		[[ $(hook_message) == "oci-bpf-token-hook: $said" ]] || fail "foretold: $said"
	fi
}

foretells_all() {
	foretells "$1" . 0
	foretells "$1" delegate 0
	foretells "$1" 'request({cmds: "any"})' 77
	foretells "$1" 'request({cmds: "frobnicate"})' 65
	foretells "$1" 'request({cmds: "map_create", owner: "70000:0"})' 69
	foretells "$1" 'delegate | .linux.maskedPaths += ["/sys/fs"]' 65
	foretells "$1" 'delegate | host_network' 77
	foretells "$1" 'delegate | no_user_namespace' 69
	foretells "$1" 'delegate | capability("CAP_PERFMON")' 77
	foretells "$1" '.hooks.createRuntime[0].args += ["--cmds=map_create"]' 0
	foretells "$1" '.hooks.createRuntime[0].args += ["--cmds=frobnicate"]' 64
}

@test "from config.json alone, runc" {
	foretells_all runc
}

@test "from config.json alone, crun" {
	foretells_all crun
}
