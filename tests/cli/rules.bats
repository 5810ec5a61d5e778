#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the rules of the policy answer (77), and that what a refusal tells to write is the answer.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	need_root
	set_up
	start_container --net --cgroup
}

teardown() {
	[[ -z ${WORK-} ]] || tear_down
}

# The rule that a refusal ends in.
printed_rule() {
	[[ $stderr =~ (\{\"match\".*\})$ ]] || fail "no rule is printed"
	printf '%s' "${BASH_REMATCH[1]}"
}

# follow_advice: puts the printed rule where the message says, and runs the hook again.
follow_advice() {
	local rule where
	rule=$(printed_rule)
	case $stderr in
	*"to allow it, add to \"rules\" in $POLICY: "*) where='.rules += [$rule]' ;;
	*"to allow it, put before that rule in $POLICY: "*) where='.rules = [$rule] + .rules' ;;
	*) fail "it does not say where to put the rule" ;;
	esac
	policy "$(jq --argjson rule "$rule" "$where" "$POLICY")"
	hook
}

# is_refused REGEX: what comes before the rule.
is_refused() {
	[[ $stderr =~ ^oci-bpf-token-hook:\ policy:\ $1 ]] || fail "not refused so: $1"
	refuses 77 "${stderr#oci-bpf-token-hook: }"
	[[ $(logged .decision) == refused ]] || fail "the log does not say so"
}

@test "no rule at all" {
	policy '{"version": 1, "rules": []}'
	hook
	refuses 77 "policy: no rule matches this container (its root is host uid 1000000); to allow it, add to \"rules\" in $POLICY: {\"match\":{\"hostUids\":\"1000000\"},\"allow\":{\"cmds\":\"map_create\",\"maps\":\"array\"}}"
	follow_advice
	granted
}

@test "no rule for this container" {
	policy '{"version": 1, "rules": [{"match": {"hostUids": "1-999999,1000001-4294967294"},
		"allow": {"cmds": "any", "maps": "any"}}]}'
	hook
	is_refused "no rule matches this container \(its root is host uid 1000000\); to allow it, add to "
	follow_advice
	granted
}

@test "a container whose root is the host's needs a rule that names 0" {
	start_container --net --cgroup --map="0 0 4294967295"
	policy '{"version": 1, "rules": [{"match": {}, "allow": {"cmds": "any", "maps": "any"}}]}'
	hook
	refuses 77 "policy: no rule matches this container (its root is host uid 0); to allow it, add to \"rules\" in $POLICY: {\"match\":{\"hostUids\":\"0\"},\"allow\":{\"cmds\":\"map_create\",\"maps\":\"array\"}}"
	follow_advice
	granted rw,mode=700,delegate_cmds=map_create,delegate_maps=array
}

@test "a rule that denies" {
	policy '{"version": 1, "rules": [{"name": "nobody", "match": {}, "deny": true}]}'
	hook
	refuses 77 "policy: rule \"nobody\" (line 1) denies it; to allow it, put before that rule in $POLICY: {\"match\":{\"hostUids\":\"1000000\"},\"allow\":{\"cmds\":\"map_create\",\"maps\":\"array\"}}"
	follow_advice
	granted
}

@test "each list that exceeds the rule is named, and nothing is trimmed" {
	ask '{"io.bpftoken.cmds":"map_create,prog_load","io.bpftoken.maps":"array,hash","io.bpftoken.progs":"xdp"}'
	hook
	refuses 77 "policy: rule \"tests\" (line 1) does not allow cmds prog_load; maps hash; progs xdp; to allow it, put before that rule in $POLICY: {\"match\":{\"hostUids\":\"1000000\"},\"allow\":{\"cmds\":\"map_create,prog_load\",\"maps\":\"hash,array\",\"progs\":\"xdp\"}}"
	follow_advice
	granted "rw,uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create:prog_load,delegate_maps=hash:array,delegate_progs=xdp"
}

@test "any needs a ceiling of any" {
	policy "$(jq '.rules[0].allow.cmds = "0x7fffffffffffffff"' "$POLICY")"
	ask '{"io.bpftoken.cmds":"any"}'
	hook
	is_refused "rule \"tests\" \(line [0-9]+\) does not allow cmds any; \"hostReach\", and cmds any can reach the whole host; to allow it, put before "
	follow_advice
	granted "rw,uid=1000000,gid=1000000,mode=700,delegate_cmds=any"
}

@test "a path, and the globs that allow it" {
	ask '{"io.bpftoken.cmds":"map_create","io.bpftoken.path":"/run/bpf"}'
	hook
	is_refused 'rule "tests" \(line 1\) does not allow path "/run/bpf"; to allow it, put before '
	policy "$(jq '.rules[0].allow.paths = "/*,/run/.*,/run/*/*"' "$POLICY")"
	hook
	is_refused 'rule "tests" \(line [0-9]+\) does not allow path "/run/bpf"'
	follow_advice
	granted "rw,uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create" /run/bpf
}

@test "a path that means something to globs and lists" {
	ask '{"io.bpftoken.cmds":"map_create","io.bpftoken.path":"/run/a*b,[c]:d e"}'
	hook
	is_refused 'rule "tests" \(line 1\) does not allow path '
	follow_advice
	granted "rw,uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create" '/run/a*b,[c]:d\040e'
}

@test "an earlier rule hides one that would allow it" {
	policy '{"version": 1, "rules": [
		{"name": "first", "match": {"hostUids": "1000000"}, "allow": {"cmds": "prog_load"}},
		{"match": {}, "deny": true},
		{"name": "third", "match": {}, "allow": {"cmds": "map_create", "maps": "any"}}]}'
	hook
	refuses 77 "policy: rule \"first\" (line 2) does not allow cmds map_create; maps array; rule \"third\" (line 4) would allow it: move that one before it in $POLICY"
	policy "$(jq '.rules = [.rules[2], .rules[0], .rules[1]]' "$POLICY")"
	hook
	granted
}

# ---- what the engine says of the container ----

trust_namespace() {
	policy '{"version": 1, "trustedAnnotations": ["io.kubernetes.cri.sandbox-namespace"],
		"rules": [{"name": "net", "allow": {"cmds": "map_create", "maps": "array"},
		           "match": {"annotations": {"io.kubernetes.cri.sandbox-namespace": "net-*"}}}]}'
}

ask_from() {
	ask "{\"io.bpftoken.cmds\":\"map_create\",\"io.bpftoken.maps\":\"array\",\"io.kubernetes.cri.sandbox-namespace\":\"$1\"}"
}

@test "a trusted annotation: matches, does not, is absent" {
	trust_namespace
	ask_from net-a
	hook
	granted
	start_container --net --cgroup
	hook
	is_refused "no rule matches this container"
	[[ $stderr == *'{"match":{"hostUids":"1000000"},'* ]] || fail "not the rule without a namespace"
	ask_from web
	hook
	is_refused "no rule matches this container"
	[[ $stderr == *'{"match":{"annotations":{"io.kubernetes.cri.sandbox-namespace":"web"},"hostUids":"1000000"},'* ]] ||
		fail "not the rule for that namespace"
	follow_advice
	granted
}

@test "a trusted annotation with bytes that mean something to globs or terminals" {
	trust_namespace
	ask_from 'w*b\u001b[2J\"é'
	hook
	is_refused "no rule matches this container"
	LC_ALL=C grep --quiet '[^ -~]' <<<"$stderr" && fail "bytes that are not printable"
	follow_advice
	granted
}

# ---- what reaches the host ----

allow_without_reach() {
	policy '{"version": 1, "rules": [{"match": {}, "allow": {"cmds": "any", "maps": "any",
		"progs": "any", "attachs": "any"}}]}'
}

# needs_reach ANNOTATIONS REASON
needs_reach() {
	ask "$1"
	hook
	refuses 77 "policy: rule 1 (line 1) does not allow \"hostReach\", and $2; to allow it, put before that rule in $POLICY: $(printed_rule)"
	[[ $(printed_rule | jq .allow.hostReach) == true ]] || fail "the rule does not say hostReach"
}

@test "host reach: names of class host, of every list" {
	allow_without_reach
	needs_reach '{"io.bpftoken.cmds":"map_create,btf_get_fd_by_id"}' \
		"cmds btf_get_fd_by_id can reach the whole host"
	needs_reach '{"io.bpftoken.cmds":"map_create","io.bpftoken.maps":"array,struct_ops"}' \
		"maps struct_ops can reach the whole host"
	needs_reach '{"io.bpftoken.cmds":"prog_load","io.bpftoken.progs":"xdp,kprobe,lsm"}' \
		"progs kprobe,lsm can reach the whole host"
	needs_reach '{"io.bpftoken.cmds":"any"}' "cmds any can reach the whole host"
	follow_advice
	granted "rw,uid=1000000,gid=1000000,mode=700,delegate_cmds=any"
}

@test "host reach: the host's network and cgroup namespaces" {
	allow_without_reach
	ask '{"io.bpftoken.cmds":"prog_load","io.bpftoken.progs":"xdp,cgroup_skb"}'
	hook
	granted "rw,uid=1000000,gid=1000000,mode=700,delegate_cmds=prog_load,delegate_progs=xdp:cgroup_skb"
	start_container --cgroup
	needs_reach '{"io.bpftoken.cmds":"prog_load","io.bpftoken.progs":"xdp,cgroup_skb"}' \
		"progs xdp can reach the host's network, which the container shares"
	start_container --net
	needs_reach '{"io.bpftoken.cmds":"prog_load","io.bpftoken.progs":"xdp,cgroup_skb"}' \
		"progs cgroup_skb can reach the host's cgroups, whose namespace the container shares"
	follow_advice
	is_status 0
}

@test "host reach: capabilities that let any program read the kernel" {
	local cap
	allow_without_reach
	for cap in CAP_PERFMON CAP_SYS_ADMIN cap_sys_admin; do
		config ".process.capabilities.bounding = [\"$cap\"]"
		needs_reach '{"io.bpftoken.cmds":"prog_load","io.bpftoken.progs":"socket_filter"}' \
			"cmds prog_load with CAP_PERFMON or CAP_SYS_ADMIN in the container's bounding set can read the host's kernel memory"
	done
	follow_advice
	is_status 0
}

# ---- mixed fleets ----

@test "a name that this build does not know voids its rule only" {
	policy '{"version": 1, "rules": [
		{"match": {"hostUids": "5"}, "allow": {"cmds": "from_the_future"}},
		{"match": {}, "allow": {"cmds": "map_create", "maps": "array"}}]}'
	hook
	granted
	start_container --net --cgroup
	policy '{"version": 1, "rules": [{"match": {}, "allow": {"cmds": "map_create,map_crate"}}]}'
	hook
	refuses 77 "policy: rule 1 (line 1) is void: cmds: unknown name \"map_crate\"; did you mean \"map_create\"? \"bpftoken names cmds\" lists all there are; to allow it, put before that rule in $POLICY: {\"match\":{\"hostUids\":\"1000000\"},\"allow\":{\"cmds\":\"map_create\",\"maps\":\"array\"}}"
	follow_advice
	granted
}

@test "a name that this build does not know voids its profile and the rules with it" {
	policy '{"version": 1,
		"profiles": {"new": {"cmds": "map_create,from_the_future"},
		             "old": {"cmds": "map_create", "maps": "array"}},
		"rules": [{"match": {}, "allow": {"profiles": "old"}}]}'
	ask '{"io.bpftoken.profile":"new"}'
	hook
	refuses 77 'policy: profile "new" is void: cmds: unknown name "from_the_future"; "bpftoken names cmds" lists all there are'
	ask '{"io.bpftoken.profile":"old"}'
	hook
	granted
	start_container --net --cgroup
	policy "$(jq '.rules[0].allow.profiles = "old,new"' "$POLICY")"
	ask '{"io.bpftoken.profile":"old"}'
	hook
	is_refused 'rule 1 \(line [0-9]+\) is void: profile "new" is void; to allow it, put before'
}

# ---- the message holds whatever there is to say ----

@test "a refusal of the longest request stays under 2,000 bytes, and its rule is whole" {
	local cmds maps progs attachs
	policy '{"version": 1, "rules": [{"match": {}, "allow": {"cmds": "iter_create"}}]}'
	cmds=0x1fffffffff maps=0x3ffffffff progs=0x1ffffffff attachs=0x3ffffffffffffff
	ask "{\"io.bpftoken.cmds\":\"$cmds\",\"io.bpftoken.maps\":\"$maps\",\"io.bpftoken.progs\":\"$progs\",\"io.bpftoken.attachs\":\"$attachs\"}"
	hook
	is_refused 'rule 1 \(line 1\) does not allow cmds '
	follow_advice
	is_status 0
}
