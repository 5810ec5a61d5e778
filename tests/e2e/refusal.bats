#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is refused, through runc and crun: the container does not start, the runtime's user is told
# why in one line (runc) or by the exit code (crun), the log has it, and nothing stays behind.

load ../lib/e2e

# What the policies of these tests allow where they allow anything.
EVERYTHING='"cmds": "any", "maps": "any", "progs": "any", "attachs": "any",
	"paths": "/*,/*/*,/*/*/*,/*/*/*/*"'

setup() {
	setup_e2e
	ROOT=$BUNDLE/rootfs
	make_rootfs "$ROOT"
	before=$(host_mounts)
}

teardown() {
	teardown_e2e
}

# refuses RUNTIME CODE REGEX [FILTER]...: a container with these is refused with CODE and one line
# that REGEX matches. FILTERs have to add the hook.
refuses() {
	local code=$2 regex=$3 tree
	tree=$(list_root)
	run_command "$1" "echo started" "${@:4}"
	expect_failure
	expect_output ""
	expect_hook_exit "$code"
	expect_message "$regex"
	expect_nothing_left "$tree"
}

# refuses_request RUNTIME CODE REGEX [FILTER]...: the same, with the hook and its record in the log.
refuses_request() {
	refuses "$1" "$2" "$3" createRuntime "${@:4}"
	expect_record "outcome=\"failed\" code=$2 .* message=\""
}

# starts RUNTIME [FILTER]...: what was refused works once its cause is gone.
starts() {
	run_command "$1" "inside token /sys/fs/bpf && echo started" createRuntime "${@:2}"
	expect_status 0
	expect_line "token ok" started
}

list_root() {
	find "$ROOT" -printf '%p %M %U:%G %l\n' | sort
}

expect_nothing_left() {
	expect_mounts "$before"
	diff <(printf '%s\n' "$1") <(list_root) >&2 || fail "the root file system has changed"
	# The kernel cuts the name of a process to 15 bytes. Processes may end while grep reads.
	! grep --no-messages --quiet --line-regexp oci-bpf-token-h /proc/[0-9]*/comm ||
		fail "a process of the hook is left"
}

# Mistakes in the request

unknown_name() {
	refuses_request "$1" 65 \
		'"io.bpftoken.cmds": unknown name "map_creat"; did you mean "map_create"\?' \
		'request({cmds: "prog_load,map_creat"})'
	refuses_request "$1" 65 \
		'"io.bpftoken.maps": unknown name "BPF_MAP_TYPE_ARAY"; did you mean "array"\?' \
		'request({cmds: "map_create", maps: "BPF_MAP_TYPE_ARAY"})'
	refuses_request "$1" 65 '"io.bpftoken.progs": unknown name "xpd"; did you mean "xdp"\?' \
		'request({cmds: "prog_load", progs: "xpd"})'
	refuses_request "$1" 65 \
		'"io.bpftoken.attachs": unknown name "BPFXpd"; did you mean "xdp"\?' \
		'request({cmds: "prog_load", attachs: "BPFXpd"})'
	refuses_request "$1" 65 '"io.bpftoken.maps": "xdp" belongs to progs' \
		'request({cmds: "map_create", maps: "xdp"})'
	refuses_request "$1" 65 \
		'"io.bpftoken.maps": unknown name "qqqqqqq"; "bpftoken names maps" lists' \
		'request({cmds: "map_create", maps: "qqqqqqq"})'
}

# A word that is no list, for each way to write one wrongly.
malformed_list() {
	local word regex
	while IFS='|' read -r word regex; do
		refuses_request "$1" 65 "annotation \"io.bpftoken.cmds\": .*$regex" \
			"request({cmds: \"$word\"})"
	done <<-'END'
		map_create,any|stands alone
		map_create,0x20|stands alone
		map_create,,prog_load|is empty
		|the list is empty
		0x8000000000000000|bit 63 is newer than this build
		map_create\u0001|control byte
	END
}

unknown_key() {
	refuses_request "$1" 65 \
		'annotation "io.bpftoken.cmd": no such key; the keys are .*profile, cmds' \
		delegate 'request({cmd: "map_create"})'
	refuses_request "$1" 65 'annotation "io.bpftoken.cmds/": no container is named' \
		delegate 'request({"cmds/": "map_create"})'
	refuses_request "$1" 65 'annotation "io.bpftoken.Cmds/db": no such key' \
		delegate 'request({"Cmds/db": "map_create"})'
}

nothing_to_serve() {
	refuses_request "$1" 65 'no command is asked for' 'request({maps: "array"})'
	refuses_request "$1" 65 'no command is asked for' \
		'request({progs: "xdp", attachs: "xdp"})'
	refuses_request "$1" 65 'annotation "io.bpftoken.path": nothing is asked for' \
		'request({path: "/run/bpf"})'
	refuses_request "$1" 65 'annotation "io.bpftoken.on-unsupported": nothing is asked for' \
		'request({"on-unsupported": "ignore"})'
}

# Each value is refused under its key, and quoted.
malformed_setting() {
	local key word regex
	while IFS='|' read -r key word regex; do
		refuses_request "$1" 65 "annotation \"io.bpftoken.$key\": $regex" \
			delegate "request({\"$key\": \"$word\"})"
	done <<-'END'
		path|sys/fs/bpf|"sys/fs/bpf" is not absolute
		path|/run/../sys/fs/bpf|.* holds "\." or "\.\."
		path|/run/bpf/|.* ends in a slash
		path|/run/bpf\n|.* holds a control byte
		mode|0888|"0888" is not an octal mode
		mode|1777|"1777" is not an octal mode
		owner|nobody|"nobody" is no owner
		owner|1000|"1000" is no owner
		on-unsupported|warn|"warn" is neither fail nor ignore
		profile|../x|"../x" is no profile name
	END
}

@test "runc: an unknown name, with the nearest known one" {
	unknown_name runc
}

@test "crun: an unknown name, with the nearest known one" {
	unknown_name crun
}

@test "runc: a malformed list" {
	malformed_list runc
}

@test "crun: a malformed list" {
	malformed_list crun
}

@test "runc: an unknown key" {
	unknown_key runc
}

@test "crun: an unknown key" {
	unknown_key crun
}

@test "runc: maps or progs without cmds, settings without a delegation" {
	nothing_to_serve runc
}

@test "crun: maps or progs without cmds, settings without a delegation" {
	nothing_to_serve crun
}

@test "runc: a malformed path, mode, owner, on-unsupported or profile" {
	malformed_setting runc
}

@test "crun: a malformed path, mode, owner, on-unsupported or profile" {
	malformed_setting crun
}

# The policy's file

# refuses_policy RUNTIME REGEX: the policy as it is now refuses everything.
refuses_policy() {
	refuses_request "$1" 78 "oci-bpf-token-hook: policy $WORK/policy.json: $2" delegate
}

policy_missing() {
	rm "$WORK/policy.json"
	refuses_policy "$1" 'there is none, so nothing may be delegated; write one, .*"rules":'
}

policy_unsafe() {
	chmod 0664 "$WORK/policy.json"
	refuses_policy "$1" 'it is writable by more than root \(mode 0664\); chmod go-w'
	chmod 0602 "$WORK/policy.json"
	refuses_policy "$1" 'it is writable by more than root \(mode 0602\); chmod go-w'
	chmod 0644 "$WORK/policy.json"
	chown 1000 "$WORK/policy.json"
	refuses_policy "$1" 'it belongs to user 1000; chown it to root'
	chown 0 "$WORK/policy.json"
	chmod 0777 "$WORK"
	refuses_policy "$1" "its directory \"${WORK##*/}\" is writable by more than root"
	chmod 1777 "$WORK"
	refuses_policy "$1" "its directory \"${WORK##*/}\" is writable by more than root"
	chmod 0755 "$WORK"
	starts "$1" delegate
}

# The name is safe, what it leads to is not.
policy_behind_a_symlink() {
	mkdir "$WORK/open" "$WORK/kept"
	mv "$WORK/policy.json" "$WORK/kept"
	ln -s open/policy.json "$WORK"
	ln -s ../kept/policy.json "$WORK/open"
	starts "$1" delegate
	chmod 0777 "$WORK/open"
	refuses_policy "$1" 'its directory "open" is writable by more than root'
	chmod 0755 "$WORK/open"
	chown 1000 "$WORK/kept"
	refuses_policy "$1" 'its directory "kept" belongs to user 1000'
}

policy_broken() {
	write_policy <<<'{ "version": 1, "rules": ['
	refuses_policy "$1" 'line 2'
	write_policy <<<'{ "version": 2 }'
	refuses_policy "$1" '.*"2" is no version this build reads'
	write_policy <<<'{ "version": 1, "rules": [ { "match": {}, "alow": {} } ] }'
	refuses_policy "$1" 'line 1.*alow'
	write_rules '{"match": {"annotations": {"team": "net"}}, "allow": {"cmds": "any"}}'
	refuses_policy "$1" '.*matches on annotation "team", which a tenant could write'
}

policy_no_file() {
	rm "$WORK/policy.json"
	mkdir "$WORK/policy.json"
	refuses_policy "$1" 'it is a directory'
	rmdir "$WORK/policy.json"
	mkfifo "$WORK/policy.json"
	refuses_policy "$1" 'it is not a regular file'
}

@test "runc: no policy" {
	policy_missing runc
}

@test "crun: no policy" {
	policy_missing crun
}

@test "runc: a policy that others can write" {
	policy_unsafe runc
}

@test "crun: a policy that others can write" {
	policy_unsafe crun
}

@test "runc: a policy that a symlink leads to" {
	policy_behind_a_symlink runc
}

@test "crun: a policy that a symlink leads to" {
	policy_behind_a_symlink crun
}

@test "runc: a policy with a defect" {
	policy_broken runc
}

@test "crun: a policy with a defect" {
	policy_broken crun
}

@test "runc: a policy that is no file" {
	policy_no_file runc
}

@test "crun: a policy that is no file" {
	policy_no_file crun
}

# The policy's answer

# Does what the message says: puts the rule that it prints before the policy's own.
follow_advice() {
	local message rule policy
	message=$(hook_message)
	rule=${message#*" $WORK/policy.json: "}
	policy=$(jq --argjson rule "$rule" '.rules = [$rule] + .rules' "$WORK/policy.json")
	write_policy <<<"$policy"
}

# refuses_until_advised RUNTIME REGEX [FILTER]...: refused, and the very rule that the message
# prints makes the same container start.
refuses_until_advised() {
	refuses_request "$1" 77 "oci-bpf-token-hook: policy: $2" "${@:3}"
	follow_advice
	run_command "$1" "echo started" createRuntime "${@:3}"
	expect_status 0
	expect_output started
	expect_record 'decision="granted" outcome="delegated" code=0'
}

no_rule_at_all() {
	write_rules
	refuses_until_advised "$1" \
		'no rule matches this container \(its root is host uid 1000000\)' delegate
	# It is for this container alone.
	refuses_request "$1" 77 'no rule matches this container \(its root is host uid 2000000\)' \
		delegate '.linux.uidMappings[0].hostID = 2000000'
}

no_rule_matches() {
	write_rules '{"match": {"hostUids": "0-999999,1000001"}, "allow": {"cmds": "any"}}' \
		'{"match": {"hostNetwork": true}, "allow": {"cmds": "any"}}'
	refuses_until_advised "$1" 'no rule matches this container' delegate
}

beyond_the_ceiling() {
	local list words
	cp "$WORK/policy.json" "$WORK/policy.before"
	while read -r list words; do
		cp "$WORK/policy.before" "$WORK/policy.json"
		refuses_until_advised "$1" \
			"rule \"tests\" \(line [0-9]+\) does not allow $list ${words##*,};" \
			delegate "request({$list: \"$words\"})"
	done <<-END
		cmds map_create,btf_get_fd_by_id
		maps array,lpm_trie
		progs xdp,sched_cls
		attachs xdp,cgroup_inet_egress
	END
}

any_beyond_the_ceiling() {
	refuses_until_advised "$1" 'rule "tests" .* does not allow maps any;' \
		delegate 'request({maps: "any"})'
}

path_beyond_the_ceiling() {
	refuses_until_advised "$1" 'rule "tests" .* does not allow path "/run/bpf\*\[x\] ,\?";' \
		delegate 'request({path: "/run/bpf*[x] ,?"})'
	write_rules '{"name": "tests", "match": {}, "allow": {"cmds": "any", "maps": "any",
		"progs": "any", "attachs": "any", "paths": "/run/*,/run/*/*"}}'
	refuses_until_advised "$1" 'rule "tests" .* does not allow path "/run/.hidden/bpf";' \
		delegate 'request({path: "/run/.hidden/bpf"})'
}

profile_beyond_the_ceiling() {
	write_policy <<-'END'
		{ "version": 1,
		  "profiles": { "hashes": { "cmds": "map_create", "maps": "hash,lru_hash" } },
		  "rules": [ { "match": {},
		               "allow": { "cmds": "map_create", "maps": "hash,array" } } ] }
	END
	refuses_until_advised "$1" 'rule 1 \(line [0-9]+\) does not allow maps lru_hash;' \
		'request({profile: "hashes", maps: "array"})'
}

# A tenant's words in a trusted annotation must not make the printed rule match all, or nothing.
advice_quotes_annotations() {
	write_policy <<-'END'
		{ "version": 1, "trustedAnnotations": ["team", "unset"],
		  "rules": [ { "match": { "annotations": { "team": "net-*" } },
		               "allow": { "cmds": "any" } } ] }
	END
	refuses_until_advised "$1" 'no rule matches this container' \
		delegate 'annotate("team"; "a\"b\\c[d]*?, {é}\n: end")'
	refuses_request "$1" 77 'no rule matches this container' \
		delegate 'annotate("team"; "a\"b\\c[d]xyz, {é}\n: ends")'
}

denied() {
	write_rules '{"name": "no more", "match": {}, "deny": true}'
	refuses_until_advised "$1" 'rule "no more" \(line [0-9]+\) denies it' delegate
}

hidden_rule() {
	write_rules '{"name": "narrow", "match": {}, "allow": {"cmds": "map_create"}}' \
		'{"name": "other", "match": {"hostNetwork": true}, "allow": {'"$EVERYTHING"'}}' \
		'{"name": "wide", "match": {}, "allow": {'"$EVERYTHING"'}}'
	refuses_request "$1" 77 \
		'rule "narrow" .*; rule "wide" \(line [0-9]+\) would allow it: move that one' \
		delegate
	write_rules '{"match": {}, "deny": true}' '{"match": {}, "allow": {'"$EVERYTHING"'}}'
	refuses_request "$1" 77 'rule 1 .* denies it; rule 2 .* would allow it' delegate
}

unknown_profile() {
	write_policy <<-'END'
		{ "version": 1, "profiles": { "arrays": { "cmds": "map_create", "maps": "array" } },
		  "rules": [ { "match": {}, "allow": { "profiles": "arrays" } } ] }
	END
	refuses_request "$1" 65 'profile "array" is not defined; .* use one of: .*arrays' \
		'request({profile: "array"})'
}

# A name from the future voids what holds it, and that says so when it is used.
void_profile() {
	write_policy <<-'END'
		{ "version": 1,
		  "profiles": { "future": { "cmds": "map_create", "maps": "array,qubits" },
		                "arrays": { "cmds": "map_create", "maps": "array" } },
		  "rules": [
		    { "match": { "hostNetwork": true }, "allow": { "profiles": "future" } },
		    { "match": {}, "allow": { "profiles": "arrays" } } ] }
	END
	refuses_request "$1" 77 'profile "future" is void: .*"qubits"' \
		'request({profile: "future"})'
	starts "$1" 'request({profile: "arrays"})'
}

void_rule() {
	write_rules '{"match": {}, "allow": {"cmds": "any", "maps": "qubits"}}'
	refuses_request "$1" 77 'rule 1 \(line [0-9]+\) is void: .*"qubits"' delegate
}

@test "runc: a policy without rules, until the printed rule is in it" {
	no_rule_at_all runc
}

@test "crun: a policy without rules, until the printed rule is in it" {
	no_rule_at_all crun
}

@test "runc: no rule that matches, until the printed rule is in it" {
	no_rule_matches runc
}

@test "crun: no rule that matches, until the printed rule is in it" {
	no_rule_matches crun
}

@test "runc: names beyond the rule, until the printed rule is in the policy" {
	beyond_the_ceiling runc
}

@test "crun: names beyond the rule, until the printed rule is in the policy" {
	beyond_the_ceiling crun
}

@test "runc: any beyond the rule, until the printed rule is in the policy" {
	any_beyond_the_ceiling runc
}

@test "crun: any beyond the rule, until the printed rule is in the policy" {
	any_beyond_the_ceiling crun
}

@test "runc: a path beyond the rule, until the printed rule is in the policy" {
	path_beyond_the_ceiling runc
}

@test "crun: a path beyond the rule, until the printed rule is in the policy" {
	path_beyond_the_ceiling crun
}

@test "runc: a profile beyond the rule, until the printed rule is in the policy" {
	profile_beyond_the_ceiling runc
}

@test "crun: a profile beyond the rule, until the printed rule is in the policy" {
	profile_beyond_the_ceiling crun
}

@test "runc: the printed rule quotes trusted annotations" {
	advice_quotes_annotations runc
}

@test "crun: the printed rule quotes trusted annotations" {
	advice_quotes_annotations crun
}

@test "runc: a rule that denies, until the printed rule is in the policy" {
	denied runc
}

@test "crun: a rule that denies, until the printed rule is in the policy" {
	denied crun
}

@test "runc: a rule hidden by an earlier one is named" {
	hidden_rule runc
}

@test "crun: a rule hidden by an earlier one is named" {
	hidden_rule crun
}

@test "runc: an unknown profile, with those there are" {
	unknown_profile runc
}

@test "crun: an unknown profile, with those there are" {
	unknown_profile crun
}

@test "runc: a profile with a name that is not known" {
	void_profile runc
}

@test "crun: a profile with a name that is not known" {
	void_profile crun
}

@test "runc: a rule with a name that is not known" {
	void_rule runc
}

@test "crun: a rule with a name that is not known" {
	void_rule crun
}

# What reaches the host needs "hostReach", of the same rule.

# needs_host_reach RUNTIME REGEX [FILTER]...: a rule that allows everything but that refuses it.
needs_host_reach() {
	write_rules '{"match": {}, "allow": {'"$EVERYTHING"'}}'
	refuses_request "$1" 77 "rule 1 .* does not allow \"hostReach\", and $2" "${@:3}"
	write_rules '{"match": {}, "allow": {'"$EVERYTHING"', "hostReach": true}}'
	starts "$1" "${@:3}"
}

# needs_no_host_reach RUNTIME [FILTER]...: the same rule allows it.
needs_no_host_reach() {
	write_rules '{"match": {}, "allow": {'"$EVERYTHING"'}}'
	starts "$@"
}

host_class() {
	needs_host_reach "$1" 'progs kprobe can reach the whole host' \
		'request({cmds: "prog_load", progs: "kprobe,xdp"})'
	needs_host_reach "$1" 'maps struct_ops can reach the whole host' \
		'request({cmds: "map_create", maps: "struct_ops,array"})'
	needs_host_reach "$1" 'cmds btf_get_fd_by_id can reach the whole host' \
		'request({cmds: "btf_get_fd_by_id,map_create"})'
	needs_no_host_reach "$1" \
		'request({cmds: "map_create,prog_load", maps: "array", progs: "xdp,cgroup_skb"})'
}

any_reaches_the_host() {
	local list
	for list in cmds maps progs; do
		needs_host_reach "$1" "$list any can reach the whole host" delegate \
			"request({$list: \"any\"})"
	done
	needs_no_host_reach "$1" delegate 'request({attachs: "any"})'
}

network_class() {
	needs_host_reach "$1" "progs xdp can reach the host's network, which the container shares" \
		'request({cmds: "prog_load", progs: "xdp,cgroup_skb"})' host_network
	needs_no_host_reach "$1" 'request({cmds: "prog_load", progs: "cgroup_skb"})' host_network
	needs_no_host_reach "$1" 'request({cmds: "prog_load", progs: "xdp"})'
}

cgroup_class() {
	needs_host_reach "$1" "progs cgroup_skb,sock_ops can reach the host's cgroups" \
		'request({cmds: "prog_load", progs: "xdp,cgroup_skb,sock_ops"})' \
		'no_namespace("cgroup")'
	needs_no_host_reach "$1" 'request({cmds: "prog_load", progs: "xdp"})' \
		'no_namespace("cgroup")'
	needs_no_host_reach "$1" 'request({cmds: "prog_load", progs: "cgroup_skb,sock_ops"})'
}

# In the bounding set is enough: a program that it executes can have it.
capability_that_reads_the_kernel() {
	local capability bounding
	for capability in CAP_PERFMON CAP_SYS_ADMIN; do
		bounding=".process.capabilities.bounding += [\"$capability\"]"
		needs_host_reach "$1" \
			"cmds prog_load with CAP_PERFMON or CAP_SYS_ADMIN .* kernel memory" \
			delegate "$bounding"
		needs_no_host_reach "$1" 'request({cmds: "map_create", maps: "array"})' "$bounding"
	done
}

# Root's own words are not held against rules, so there is no "hostReach" to ask for.
command_line_needs_no_host_reach() {
	write_rules
	run_command "$1" "inside token /sys/fs/bpf" \
		'createRuntime(["--cmds=prog_load", "--progs=kprobe,xdp"])' host_network
	expect_status 0
	expect_masks 0x20 0x0 0x44 0x0
}

@test "runc: hostReach: types and commands that reach the host" {
	host_class runc
}

@test "crun: hostReach: types and commands that reach the host" {
	host_class crun
}

@test "runc: hostReach: any" {
	any_reaches_the_host runc
}

@test "crun: hostReach: any" {
	any_reaches_the_host crun
}

@test "runc: hostReach: network types in the host's network namespace" {
	network_class runc
}

@test "crun: hostReach: network types in the host's network namespace" {
	network_class crun
}

@test "runc: hostReach: cgroup types in the host's cgroup namespace" {
	cgroup_class runc
}

@test "crun: hostReach: cgroup types in the host's cgroup namespace" {
	cgroup_class crun
}

@test "runc: hostReach: CAP_PERFMON or CAP_SYS_ADMIN in the bounding set" {
	capability_that_reads_the_kernel runc
}

@test "crun: hostReach: CAP_PERFMON or CAP_SYS_ADMIN in the bounding set" {
	capability_that_reads_the_kernel crun
}

@test "runc: hostReach: not asked of the command line" {
	command_line_needs_no_host_reach runc
}

@test "crun: hostReach: not asked of the command line" {
	command_line_needs_no_host_reach crun
}

# Containers that cannot have it

no_user_namespace() {
	refuses_request "$1" 69 \
		'container: it has no user namespace of its own.*; start it with one' \
		delegate no_user_namespace
}

# The host's own, which systemd mounts and which a container without a mount namespace sees.
bpffs_of_host() {
	host_mounts | sed -n '/ - bpf /p'
}

# In a mount namespace that ends with the test: such a container mounts in its runtime's.
no_mount_namespace() {
	local before
	start_target --no-user
	enter_target --mount
	before=$(bpffs_of_host)
	run_command "$1" "echo started" createRuntime delegate no_user_namespace no_mount_namespace
	expect_failure
	expect_output ""
	expect_hook_exit 69
	expect_message 'container: it shares the host.s mount namespace.*; give it a mount'
	[[ $(bpffs_of_host) == "$before" ]] || fail "a bpffs is mounted"
}

owner_unmapped() {
	refuses_request "$1" 69 \
		'the owner asked for \(user 65536\) has no id on the host; map that user' \
		delegate 'request({owner: "65536:0"})'
	refuses_request "$1" 69 \
		'the owner asked for \(group 65536\) has no id on the host; map that group' \
		delegate 'request({owner: "0:65536"})'
	refuses_request "$1" 69 'process.user \(user 65536\) has no id on the host' \
		delegate 'request({owner: "user"})' 'user(65536; 0)'
}

@test "runc: no user namespace" {
	no_user_namespace runc
}

@test "crun: no user namespace" {
	no_user_namespace crun
}

@test "runc: no mount namespace" {
	no_mount_namespace runc
}

@test "crun: no mount namespace" {
	no_mount_namespace crun
}

@test "runc: an owner who is not mapped" {
	owner_unmapped runc
}

@test "crun: an owner who is not mapped" {
	owner_unmapped crun
}

# refuses_target CODE REGEX: the same of a stand-in, for what no runtime lets happen.
refuses_target() {
	local annotations='{"io.bpftoken.cmds": "map_create", "io.bpftoken.maps": "array"}'
	make_bundle "$BUNDLE" runc
	run_hook "$(fake_state "$TARGET_PID" "$BUNDLE" "$annotations")"
	expect_status "$1"
	expect_message "$2"
	expect_record "outcome=\"failed\" code=$1 .* message=\""
}

@test "target whose root is not mapped" {
	start_target --map="1 1000001 65535"
	refuses_target 69 'container: its root \(user 0\) has no id on the host; map user 0'
	expect_mounts "$before"
}

@test "target whose root's group is not mapped" {
	start_target --uid-map="0 1000000 65536" --gid-map="1 1000001 65535"
	refuses_target 69 'its root \(group 0\) has no id on the host; map that group'
	expect_mounts "$before"
}

@test "target without a mount namespace" {
	start_target --no-mount
	refuses_target 69 'container: it shares the host.s mount namespace'
	expect_mounts "$before"
}

# A rootless engine's hook has a user namespace above it.
@test "target of a rootless engine" {
	start_target
	enter_target --user
	chmod 0777 "$WORK"
	refuses_target 69 'host: this engine runs in a user namespace itself \(rootless\)'
}

# Hooks of the stages inside the container

# stage_by_name RUNTIME STAGE [FILTER]...: the hook's arguments name the stage.
stage_by_name() {
	refuses "$1" 64 \
		"phase \"$2\": such hooks run inside the container.*; make it a createRuntime" \
		"hook(\"$2\"; [])" inside delegate "${@:3}"
}

# misplaced_hook RUNTIME STAGE [FILTER]...: they name another, so the state has to tell. Its pid is
# 1 (runc) or 0 (crun); a createContainer hook's /proc is the host's, where 1 is not the container.
misplaced_hook() {
	refuses "$1" 65 \
		'pid is (1|0 or missing); use this program as a createRuntime or prestart hook' \
		"misplaced(\"$2\")" inside delegate "${@:3}"
}

create_container_stage() {
	stage_by_name "$1" createContainer
	misplaced_hook "$1" createContainer
	misplaced_hook "$1" createContainer no_user_namespace
	misplaced_hook "$1" createContainer 'request({"on-unsupported": "ignore"})'
}

start_container_stage() {
	local path='.hooks.startContainer[0].path = "/bin/hook"'
	ldd "$HOOK" 2>&1 | grep --quiet 'statically linked\|not a dynamic' ||
		skip "the hook is not static and does not run in the container's root"
	cp "$HOOK" "$ROOT/bin/hook"
	stage_by_name "$1" startContainer "$path"
	misplaced_hook "$1" startContainer "$path"
	misplaced_hook "$1" startContainer "$path" no_user_namespace
}

@test "runc: a createContainer hook" {
	create_container_stage runc
}

@test "crun: a createContainer hook" {
	create_container_stage crun
}

@test "runc: a startContainer hook" {
	start_container_stage runc
}

@test "crun: a startContainer hook" {
	start_container_stage crun
}

# Destinations

# refuses_path RUNTIME CODE PATH REGEX [FILTER]...
refuses_path() {
	write_rules '{"match": {}, "allow": {'"$EVERYTHING"'}}'
	refuses_request "$1" "$2" "path \"$3\": $4" delegate "request({path: \"$3\"})" "${@:5}"
}

masked_path() {
	refuses_path "$1" 65 /sys/fs/bpf 'linux.maskedPaths of config.json covers it' \
		'.linux.maskedPaths += ["/sys/fs/bpf"]'
	refuses_path "$1" 65 /sys/fs/bpf 'linux.maskedPaths of config.json covers it' \
		'.linux.maskedPaths += ["/sys/fs"]'
	starts "$1" delegate '.linux.maskedPaths += ["/sys/fs/bp", "/sys/fs/cgroup"]'
}

# On the host's side of the volume nothing may appear, and nothing be created.
shared_volume() {
	local option
	mkdir -p "$ROOT/data" "$WORK/volume"
	chown "$MAPPED_ROOT" "$ROOT/data" "$WORK/volume"
	mount --bind "$WORK/volume" "$WORK/volume"
	printf '%s\n' "$WORK/volume" >>"$WORK/roots"
	mount --make-shared "$WORK/volume"
	before=$(host_mounts)
	for option in shared rshared; do
		refuses_path "$1" 65 /data/a/b \
			'it lies on volume "/data", which config.json mounts shared' \
			"volume(\"/data\"; \"$WORK/volume\"; [\"rbind\", \"$option\"])"
	done
	[[ -z $(ls -A "$WORK/volume") ]] || fail "the volume has changed"
}

# refuses_symlinks RUNTIME TARGET: whichever component of the path is one, it is named, and neither
# it nor anything behind it is used.
refuses_symlinks() {
	local component
	for component in /a /a/b /a/b/c; do
		rm -rf "$ROOT/a"
		mkdir -p "$ROOT${component%/*}"
		ln -s "$2" "$ROOT$component"
		chown -hR "$MAPPED_ROOT" "$ROOT"
		refuses_path "$1" 65 /a/b/c "\"$component\" is a symlink in the container"
	done
}

# The container and the host both have what these lead to.
symlink_absolute() {
	refuses_symlinks "$1" /tmp
}

symlink_relative() {
	refuses_symlinks "$1" ../../../../../../../../run
}

symlink_dangling() {
	refuses_symlinks "$1" nowhere
}

symlink_loop() {
	refuses_symlinks "$1" /a/b/c
}

symlink_to_the_host() {
	mkdir "$WORK/host"
	chmod 0777 "$WORK/host"
	refuses_symlinks "$1" "$WORK/host"
	[[ -z $(ls -A "$WORK/host") ]] || fail "the host's directory has changed"
}

file_in_the_way() {
	touch "$ROOT/run/file"
	mkfifo "$ROOT/run/fifo"
	refuses_path "$1" 65 /run/file '"/run/file" is not a directory in the container'
	refuses_path "$1" 65 /run/file/bpf '"/run/file" is not a directory in the container'
	refuses_path "$1" 65 /run/fifo '"/run/fifo" is not a directory in the container'
}

# Runtimes mount the container's devices where the image's /dev leads.
symlinked_runtime_directory() {
	rmdir "$ROOT/dev"
	mkdir "$ROOT/devices"
	ln -s devices "$ROOT/dev"
	chown -h "$MAPPED_ROOT" "$ROOT/dev" "$ROOT/devices"
	refuses_path "$1" 65 /devices '/dev of the container leads there'
	refuses_path "$1" 65 /devices/shm '/dev of the container leads there'
	refuses_path "$1" 65 /devices/bpf '/dev of the container leads there'
}

runtime_directories() {
	local path
	for path in /proc /proc/fs/bpf /dev/bpf; do
		refuses_path "$1" 65 "$path" "runtimes use /(proc|dev) after the hooks"
	done
}

@test "runc: a path below a masked one" {
	masked_path runc
}

@test "crun: a path below a masked one" {
	masked_path crun
}

@test "runc: a path on a shared volume" {
	shared_volume runc
}

@test "crun: a path on a shared volume" {
	shared_volume crun
}

@test "runc: a path with an absolute symlink" {
	symlink_absolute runc
}

@test "crun: a path with an absolute symlink" {
	symlink_absolute crun
}

@test "runc: a path with a relative symlink" {
	symlink_relative runc
}

@test "crun: a path with a relative symlink" {
	symlink_relative crun
}

@test "runc: a path with a dangling symlink" {
	symlink_dangling runc
}

@test "crun: a path with a dangling symlink" {
	symlink_dangling crun
}

@test "runc: a path with a symlink loop" {
	symlink_loop runc
}

@test "crun: a path with a symlink loop" {
	symlink_loop crun
}

@test "runc: a path with a symlink to the host" {
	symlink_to_the_host runc
}

@test "crun: a path with a symlink to the host" {
	symlink_to_the_host crun
}

@test "runc: a path with a file in it" {
	file_in_the_way runc
}

@test "crun: a path with a file in it" {
	file_in_the_way crun
}

@test "runc: paths in /proc and /dev" {
	runtime_directories runc
}

@test "crun: paths in /proc and /dev" {
	runtime_directories crun
}

# Where a directory cannot be made

# The hook makes none that the container's root could not make, and takes back what it made.

# refuses_creation RUNTIME PATH REASON [FILTER]...
refuses_creation() {
	refuses_request "$1" 71 "path \"/run/a/.*: it does not exist in the container, .*: $3\$" \
		delegate "request({path: \"$2\"})" "${@:4}"
}

cannot_be_created() {
	local name
	printf -v name '%0256d' 0
	write_rules '{"match": {}, "allow": {'"$EVERYTHING"'}}'
	refuses_creation "$1" "/run/a/b/$name" 'File name too long'
	refuses_creation "$1" /run/a/b/c 'No space left on device' \
		'tmpfs("/run"; ["nr_inodes=3", "mode=755"])'
	chown 0:0 "$ROOT/run"
	refuses_creation "$1" /run/a/b 'Permission denied'
}

# Runtimes mount where the image's symlinks lead.
symlinked_volume_is_kept() {
	write_rules '{"match": {}, "allow": {'"$EVERYTHING"'}}'
	mkdir "$WORK/volume" "$ROOT/run/data"
	ln -s run/data "$ROOT/data"
	chown "$MAPPED_ROOT" "$WORK/volume" "$ROOT/run/data"
	run_command "$1" "echo started" createRuntime delegate 'request({path: "/run/data/bpf"})' \
		"volume(\"/data\"; \"$WORK/volume\"; [\"bind\", \"ro\"])"
	expect_failure
	expect_output ""
	expect_message 'path "/run/data/bpf": it does not exist on volume "/data"'
	[[ -z $(ls -A "$WORK/volume") ]] || fail "the volume has changed"
}

# The container's root owns what lies on it, but this container must not write there. While hooks
# run, some runtimes have not made it read-only yet.
read_only_volume_is_kept() {
	write_rules '{"match": {}, "allow": {'"$EVERYTHING"'}}'
	mkdir "$WORK/volume"
	chown "$MAPPED_ROOT" "$WORK/volume"
	run_command "$1" "echo started" createRuntime delegate 'request({path: "/run/a/b"})' \
		"volume(\"/run\"; \"$WORK/volume\"; [\"bind\", \"ro\"])"
	expect_failure
	expect_output ""
	expect_message 'path "/run/a/b": it does not exist'
	[[ -z $(ls -A "$WORK/volume") ]] || fail "the volume has changed"
}

@test "runc: a path that cannot be created" {
	cannot_be_created runc
}

@test "crun: a path that cannot be created" {
	cannot_be_created crun
}

@test "runc: a path that does not exist on a read-only volume" {
	read_only_volume_is_kept runc
}

@test "crun: a path that does not exist on a read-only volume" {
	read_only_volume_is_kept crun
}

@test "runc: a path on a read-only volume that a symlink of the image leads to" {
	symlinked_volume_is_kept runc
}

@test "crun: a path on a read-only volume that a symlink of the image leads to" {
	symlinked_volume_is_kept crun
}

@test "runc: a path where a symlink of the image takes /dev" {
	symlinked_runtime_directory runc
}

@test "crun: a path where a symlink of the image takes /dev" {
	symlinked_runtime_directory crun
}
