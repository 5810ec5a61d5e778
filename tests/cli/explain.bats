#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken explain: its command line, what it shows and what it warns of. That its verdict is the
# hook's is for tests/e2e/explain.bats.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
	config '.linux.namespaces = [ {type: "user"}, {type: "mount"}, {type: "network"}, {type: "cgroup"} ]
		| .linux.uidMappings = [ {containerID: 0, hostID: 1000000, size: 65536} ]
		| .linux.gidMappings = .linux.uidMappings
		| .annotations = { "io.bpftoken.cmds": "map_create", "io.bpftoken.maps": "array" }'
}

teardown() {
	tear_down
}

# explain [OPTION]...: of the test's bundle and policy.
explain() {
	observe "$BPFTOKEN" explain --policy="$POLICY" "$@" "$BUNDLE"
}

# shows CODE FILTER TEXT: the exit code, and what jq makes of the JSON.
shows() {
	explain --json
	is_status "$1"
	same "standard error" "" "$stderr"
	same "$2" "$3" "$(jq --raw-output --compact-output "$2" <<<"$stdout")"
}

# warns TEXT...: these warnings and no others.
warns() {
	explain --json
	same "warnings" "$(printf '%s\n' "$@")" "$(jq --raw-output '.warnings[]' <<<"$stdout")"
}

# The delegation of a program that libbpf loads, which gives no warning.
quiet() {
	policy '{"version": 1, "rules": [{"match": {}, "allow": {"cmds": "any", "maps": "any",
		"progs": "any", "attachs": "any", "paths": "/*,/*/*,/*/*/*,/*/*/*/*", "hostReach": true}}]}'
	config '.annotations = { "io.bpftoken.cmds": "map_create,prog_load", "io.bpftoken.maps": "array",
		"io.bpftoken.progs": "socket_filter", "io.bpftoken.attachs": "cgroup_inet_ingress" }'
}

# refused CODE MESSAGE: nothing could be told.
refused() {
	is_status "$1"
	same "standard error" "bpftoken: explain: $2" "$stderr"
	same "standard output" "" "$stdout"
}

@test "--help: usage, each option and an example, in 90 columns" {
	local option
	observe "$BPFTOKEN" explain --help
	is_status 0
	[[ $stdout == "Usage: bpftoken explain "*"Examples:"*"bpftoken explain /"* ]] || fail "not so"
	[[ $(wc -L <<<"$stdout") -le 90 ]] || fail "wider than 90 columns"
	for option in state policy profile json exit-code help; do
		grep --quiet --extended-regexp "^  --$option\\b" <<<"$stdout" || fail "--$option is missing"
	done
}

@test "a wrong command line" {
	observe "$BPFTOKEN" explain
	refused 64 "arguments: name a bundle, its config.json or a --state; see bpftoken explain --help"
	observe "$BPFTOKEN" explain a b
	refused 64 'argument "b": name one bundle or config.json'
	explain --frob
	refused 64 'option "--frob": there is no such option, or it takes no value; see bpftoken explain --help'
	explain --path=/x
	refused 64 "option --path: nothing is asked for; add --profile, --cmds, --maps, --progs or --attachs, or remove it"
	explain --cmds=any --cmds=any
	refused 64 "option --cmds: it is given twice; give it once"
	explain --exit-code=77
	refused 64 "option --exit-code: it stands alone; leave the bundle out"
	for code in 256 -1 x "" 0x4d; do
		observe "$BPFTOKEN" explain --exit-code="$code"
		refused 64 "option --exit-code: \"$code\" is no exit code; write a number from 0 to 255"
	done
}

# ---- what is read ----

@test "a bundle, its config.json, and neither" {
	need_root
	shows 0 .verdict.code 0
	observe "$BPFTOKEN" explain --policy="$POLICY" "$BUNDLE/config.json"
	is_status 0
	cd "$WORK"
	observe "$BPFTOKEN" explain --policy=policy.json bundle
	is_status 0
	rm "$BUNDLE/config.json"
	explain
	refused 65 "config.json \"$BUNDLE/config.json\": it cannot be found; name a bundle's folder or its config.json: No such file or directory"
	printf '{ "root": ' >"$BUNDLE/config.json"
	explain
	is_status 65
	[[ $stderr == "bpftoken: explain: config.json: line 1, column "*": not JSON: "* ]] || fail "not so"
}

@test "a state: its annotations, its bundle, and a process that is gone" {
	need_root
	state "$DEAD" '{"io.bpftoken.cmds": "prog_load"}' web
	observe "$BPFTOKEN" explain --policy="$POLICY" --json --state="$WORK/state.json"
	is_status 77
	same "the container" "[\"web\",true,\"process $DEAD of the state is gone\",1000000]" \
		"$(jq --compact-output '.container | [.id, .assumed, .because, .hostUid]' <<<"$stdout")"
	same "the request" '["annotations of the state","prog_load"]' \
		"$(jq --compact-output '.request | [.source, .words.cmds]' <<<"$stdout")"
	printf '{ "root": ' >"$BUNDLE/config.json"
	observe "$BPFTOKEN" explain --policy="$POLICY" --json --state="$WORK/state.json"
	is_status 65
	same "what is told" '["request","verdict","warnings"]' "$(jq --compact-output keys <<<"$stdout")"
	[[ $(jq --raw-output .verdict.message <<<"$stdout") == "config.json: line 1, column "* ]] || fail "not so"
	printf '{"id": 1}' >"$WORK/state.json"
	observe "$BPFTOKEN" explain --state="$WORK/state.json"
	is_status 65
	[[ $stderr == "bpftoken: explain: state on standard input: line 1, column 8: id: "* ]] || fail "not so"
	observe "$BPFTOKEN" explain --state="$WORK/none" "$BUNDLE"
	refused 65 "state: \"$WORK/none\": it cannot be opened: No such file or directory"
}

@test "a process that runs: the kernel is asked, by root alone" {
	start_container --map="0 3000000 65536"
	observe "$BPFTOKEN" explain --policy="$POLICY" --json --state="$WORK/state.json"
	is_status 0
	same "the container" '[false,3000000]' \
		"$(jq --compact-output '.container | [.assumed, .hostUid]' <<<"$stdout")"
	nothing_changed

	cp "$BPFTOKEN" "$WORK/bpftoken"
	chmod 0755 "$WORK/bpftoken"
	observe setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$WORK/bpftoken" explain --policy="$POLICY" --json --state="$WORK/state.json"
	is_status 0
	same "the container" "[true,\"only root can look at process $CONTAINER\",1000000]" \
		"$(jq --compact-output '.container | [.assumed, .because, .hostUid]' <<<"$stdout")"
}

@test "the words of the hook that config.json has, and its policy" {
	need_root
	config '.hooks.createRuntime = [ {path: "/usr/libexec/oci/hooks.d/oci-bpf-token-hook",
		args: ["hook", "--cmds=btf_load", "--policy=/nonexistent/policy.json"]} ]'
	observe "$BPFTOKEN" explain --json "$BUNDLE"
	is_status 0
	same "the request" '["the command line of the hook in config.json",["btf_load"]]' \
		"$(jq --compact-output '.request | [.source, .cmds]' <<<"$stdout")"
	same "the policy" '"/nonexistent/policy.json"' "$(jq .policy.file <<<"$stdout")"
	# the words of this command come first
	observe "$BPFTOKEN" explain --json --cmds=prog_load "$BUNDLE"
	same "the request" '["prog_load"]' "$(jq --compact-output .request.cmds <<<"$stdout")"
}

# ---- what is shown ----

@test "all of it, for people, at 80 columns" {
	need_root
	explain
	is_status 0
	same "standard output" "request, annotations of config.json
  cmds          \"map_create\"
  maps          \"array\"
  as parsed:
    cmds        map_create
    maps        array
    path        \"/sys/fs/bpf\"
    mode        0700
    owner       root
container, assumed from config.json
  because       no --state names a running container
  id            \"bundle\"
  its root      host uid 1000000
  network       its own
  cgroups       its own namespace
  bounding set  CAP_BPF
policy, \"$POLICY\"
  rule \"tests\", line 1: allows
    it matches, and the request is within it
plan
  root          \"$BUNDLE/rootfs\"
  path          \"/sys/fs/bpf\"
  volume        \"/sys\", read-only: the directory must be there already
  owner         1000000:1000000 on the host
  mode          1700
  delegate_cmds     map_create
  delegate_maps     array
seccomp
  none          config.json has no linux.seccomp, so every call passes
verdict, exit code 0
  the hook would mount the bpffs and start the container" "$stdout"
}

@test "a refusal: each rule and why" {
	need_root
	policy '{"version": 1, "trustedAnnotations": ["ns"], "rules": [
		{"name": "a", "match": {"annotations": {"ns": "a-*"}}, "allow": {"cmds": "any"}},
		{"name": "b", "match": {"hostUids": "5"}, "allow": {"cmds": "any"}},
		{"name": "c", "match": {"hostNetwork": true}, "allow": {"cmds": "any"}},
		{"name": "d", "match": {}, "deny": true},
		{"name": "e", "match": {}, "allow": {"cmds": "any", "maps": "any", "hostReach": true}}]}'
	config '.annotations.ns = "b"'
	shows 77 '[.policy.rules[] | [.name, .result, .why]]' '[["a","passed over","annotation \"ns\" is \"b\", which \"a-*\" does not match"],["b","passed over","its root is host uid 1000000, and \"hostUids\" is 5"],["c","passed over","it has a network of its own, and \"hostNetwork\" is true"],["d","refuses","it matches, and the request is not within it"],["e","not reached","an earlier rule decides"]]'
	shows 77 .verdict.message "policy: rule \"d\" (line 5) denies it; rule \"e\" (line 6) would allow it: move that one before it in $POLICY"
	explain
	is_status 77
	[[ $stdout == *"verdict, exit code 77"*"would refuse, and the container would not start"* ]] || fail "not so"
}

@test "nothing is asked" {
	need_root
	config 'del(.annotations)'
	explain
	is_status 0
	same "standard output" "request, annotations of config.json
  none          no key of io.bpftoken asks for a delegation
verdict, exit code 0
  nothing is asked, so the hook does nothing" "$stdout"
	config '.annotations = {"io.bpftoken.cmds": "any", "io.kubernetes.cri.container-type": "sandbox"}'
	explain
	is_status 0
	[[ $stdout == *"it is the sandbox of a pod"* ]] || fail "not so"
}

@test "no colour where there is no terminal" {
	need_root
	explain
	[[ $stdout != *$'\033'* ]] || fail "there is"
}

@test "colour on a terminal, and never with NO_COLOR" {
	need_root
	local command="$BPFTOKEN explain --policy=$POLICY $BUNDLE"
	observe env TERM=xterm script --quiet --return --command "$command" /dev/null
	is_status 0
	[[ $stdout == *$'\033[1m'* ]] || fail "there is none"
	observe env TERM=xterm NO_COLOR=1 script --quiet --return --command "$command" /dev/null
	is_status 0
	[[ $stdout == *verdict* && $stdout != *$'\033'* ]] || fail "there is"
}

# ---- what is assumed of the container ----

@test "namespaces and maps of config.json" {
	need_root
	shows 0 '.container | [.hostUid, .hostNetwork, .hostCgroup]' '[1000000,false,false]'
	config '.linux.namespaces |= map(select(.type == "user" or .type == "mount"))'
	shows 0 '.container | [.hostUid, .hostNetwork, .hostCgroup]' '[1000000,true,true]'
	config '.linux.namespaces += [ {type: "network", path: "/proc/self/ns/net"} ]'
	shows 0 .container.hostNetwork true
	config '.linux.namespaces |= map(select(.type != "mount"))'
	shows 69 .verdict.message "container: it shares the host's mount namespace, so the bpffs would land on the host; give it a mount namespace of its own"
	config '.linux.namespaces = [ {type: "mount"} ]'
	shows 69 .verdict.message "container: it has no user namespace of its own, and BPF tokens exist nowhere else; start it with one (podman --userns=auto, Kubernetes hostUsers: false)"
	config '.linux.namespaces += [ {type: "user"} ] | .linux.uidMappings[0].containerID = 1'
	shows 69 .verdict.message "container: its root (user 0) has no id on the host; map user 0 in the container's user namespace"
	config '.annotations["io.bpftoken.on-unsupported"] = "ignore"'
	shows 0 '.verdict | [.code, .ignored]' '[0,true]'
}

@test "a user namespace that is joined has its maps in the kernel alone" {
	need_root
	quiet
	config '.linux.namespaces[0].path = "/proc/1/ns/mnt" | del(.linux.uidMappings, .linux.gidMappings)'
	warns "the user namespace is joined by path, so its id maps are not in config.json; 0 on host uid 100000 is taken for them"
}

# ---- warnings ----

@test "none where there is nothing to warn of" {
	need_root
	quiet
	warns
}

@test "keys that look like ours and are not" {
	need_root
	quiet
	config '.annotations += {"io.bpftokens.cmds": "any", "IO.bpftoken.path": "/x"}'
	warns 'annotation "io.bpftokens.cmds" is none of this project'\''s, so nothing is asked by it; was io.bpftoken.cmds meant?' \
		'annotation "IO.bpftoken.path" is none of this project'\''s, so nothing is asked by it; was io.bpftoken.path meant?'
	config 'del(.annotations["io.bpftoken.cmds", "io.bpftoken.maps", "io.bpftoken.progs", "io.bpftoken.attachs"])'
	explain
	is_status 0
	[[ $stdout == *"nothing is asked"* && $stdout == *"was io.bpftoken.cmds meant?"* ]] || fail "not so"
}

@test "capabilities, libbpf's probe, inert commands, the path, and what keeps the user out" {
	need_root
	quiet
	config '.process.capabilities.effective = []'
	warns "process.capabilities lack CAP_BPF, without which no token can be made; add it"
	config '.process.user.uid = 7'
	warns "process.capabilities lack CAP_BPF, without which no token can be made; add it" \
		"mode 0700 keeps process.user (7) out of the bpffs; ask for owner user or mode 0755"
	config '.process.user.uid = 0'
	quiet
	config '.annotations["io.bpftoken.progs"] = "xdp" | .process.capabilities.effective += ["CAP_BPF"]'
	warns "process.capabilities lack CAP_NET_ADMIN, which some of the program types need; add it" \
		"libbpf's own probe fails without progs socket_filter and attachs cgroup_inet_ingress; add both for programs that use libbpf"
	quiet
	config '.annotations["io.bpftoken.cmds"] += ",link_create,prog_get_next_id"'
	warns "no kernel checks these commands against a token: prog_get_next_id,link_create"
	quiet
	config '.annotations["io.bpftoken.path"] = "/run/bpf"'
	warns 'libbpf looks at "/sys/fs/bpf" in this container; set LIBBPF_BPF_TOKEN_PATH="/run/bpf" in its environment'
}

@test "masked paths: on the destination a refusal, on what libbpf reads a warning" {
	need_root
	quiet
	config '.linux.maskedPaths += ["/sys/kernel"]'
	warns "linux.maskedPaths covers /sys/kernel/btf/vmlinux, without which libbpf can relocate no program (CO-RE) and find no kernel function; take it out"
	config '.linux.maskedPaths += ["/sys/fs"]'
	shows 65 .verdict.message 'path "/sys/fs/bpf": linux.maskedPaths of config.json covers it, so the bpffs would be hidden; choose another path or remove that mask'
}

@test "names that this kernel lacks" {
	need_root
	quiet
	[[ -r /sys/kernel/btf/vmlinux ]] || skip "the kernel shows no type information"
	# one that is newer than any kernel, by its number in the hook's own words
	observe "$BPFTOKEN" explain --json --policy="$POLICY" --cmds=0x8000000000000020 "$BUNDLE"
	is_status 0
	same "warnings" "this kernel lacks these cmds: 0x8000000000000000" \
		"$(jq --raw-output '.warnings[] | select(startswith("this kernel"))' <<<"$stdout")"
}

# ---- seccomp ----

@test "seccomp: each command, as the kernel would answer" {
	need_root
	quiet
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, syscalls: [
		{names: ["read"], action: "SCMP_ACT_ALLOW"},
		{names: ["write", "bpf"], action: "SCMP_ACT_ALLOW",
		 args: [{index: 0, value: 36, op: "SCMP_CMP_EQ"}]},
		{names: ["bpf"], action: "SCMP_ACT_ERRNO", errnoRet: 13,
		 args: [{index: 0, value: 4, op: "SCMP_CMP_LT"}]}]}'
	shows 0 '[.seccomp[] | select(.command | . == "map_create" or . == "prog_load" or . == "token_create" or . == "obj_pin") | [.command, .passes, .answer, .by]]' '[["map_create",false,"EACCES","syscalls[2]"],["prog_load",false,"ENOSYS","defaultAction"],["obj_pin",false,"ENOSYS","defaultAction"],["token_create",true,"allowed","syscalls[1]"]]'
	warns 'linux.seccomp keeps bpf(2) from doing map_create,prog_load; use a profile that allows them, such as "bpftoken seccomp" makes'
	explain
	same "for people" 'seccomp, what linux.seccomp answers to bpf(2)
  EACCES, by syscalls[2]
    map_create map_lookup_elem map_update_elem map_delete_elem
  ENOSYS, by defaultAction
    map_get_next_key prog_load obj_pin obj_get prog_attach prog_detach
    prog_test_run obj_get_info_by_fd raw_tracepoint_open
    map_lookup_and_delete_elem map_freeze map_lookup_batch
    map_lookup_and_delete_batch map_update_batch map_delete_batch link_create
    link_update iter_create link_detach prog_bind_map prog_stream_read_by_fd
    prog_assoc_struct_ops
  allowed, by syscalls[1]
    token_create' "$(sed -n '/^seccomp/,/^warnings/{/^warnings/!p}' <<<"$stdout")"
	"$BPFTOKEN" seccomp --cmds=map_create,prog_load "$BUNDLE/config.json" >"$WORK/config.json"
	mv "$WORK/config.json" "$BUNDLE/config.json"
	warns
	explain
	[[ $stdout == *$'\n  allowed, by several rules\n    map_create '* ]] || fail "not so"
}

# A profile that lets just the delegated commands through is no help either.
@test "seccomp: the commands that no token gates" {
	need_root
	quiet
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls: [0, 2, 5, 36 |
		{names: ["bpf"], action: "SCMP_ACT_ALLOW", args: [{index: 0, value: ., op: "SCMP_CMP_EQ"}]}]}'
	explain --json
	[[ $(jq --raw-output '.warnings[]' <<<"$stdout") == "linux.seccomp keeps bpf(2) from doing map_lookup_elem,map_delete_elem,"*", for which clients need no token; use a profile that allows them, such as \"bpftoken seccomp\" makes" ]] ||
		fail "not so"
}

@test "seccomp: what depends on arguments, and what no runtime takes" {
	need_root
	quiet
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls: [
		{names: ["bpf"], action: "SCMP_ACT_ALLOW", args: [{index: 2, value: 64, op: "SCMP_CMP_LE"}]}]}'
	shows 0 '[.seccomp[].answer] | unique' '["depends on the other arguments"]'
	config '.linux.seccomp.defaultAction = "SCMP_ACT_FROB"'
	explain --json
	same "warnings" 1 "$(jq '.warnings | length' <<<"$stdout")"
	[[ $(jq --raw-output '.warnings[0]' <<<"$stdout") == "linux.seccomp cannot be judged: line "* ]] || fail "not so"
}

# ---- exit codes ----

@test "what a bare exit code means" {
	local code
	for code in 0 64 65 69 71 77 78 1 126 127 134 137 139 142 159; do
		observe "$BPFTOKEN" explain --exit-code="$code"
		is_status 0
		[[ $stdout == "exit code $code"$'\n  '*$'\nlook at: '* ]] || fail "not so"
		[[ $(wc -L <<<"$stdout") -le 80 ]] || fail "wider than 80 columns"
		observe "$BPFTOKEN" explain --json --exit-code="$code"
		same "JSON" "$code true true" \
			"$(jq --raw-output '"\(.code) \(.meaning | length > 10) \(.lookAt | length > 0)"' <<<"$stdout")"
	done
	observe "$BPFTOKEN" explain --exit-code=77
	[[ $stdout == *"the policy refuses it"* ]] || fail "not so"
	observe "$BPFTOKEN" explain --exit-code=143
	[[ $stdout == *"ended by signal 15, SIGTERM"* ]] || fail "not so"
	observe "$BPFTOKEN" explain --exit-code=42
	[[ $stdout == *"not one of the hook's, which are 0, 64, 65, 69, 71, 77 and 78"* ]] || fail "not so"
}
