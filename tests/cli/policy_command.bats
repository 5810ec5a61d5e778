#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken policy check, show, test and cdi: what they say of a policy, and every way to get it wrong.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
	policy '{ "version": 1, "trustedAnnotations": [ "ns" ],
  "profiles": { "xdp": { "cmds": "map_create,prog_load", "maps": "array", "progs": "xdp" } },
  "rules": [
    { "name": "net", "match": { "annotations": { "ns": "net-*" } }, "allow": { "profiles": "xdp" } },
    { "match": { "hostUids": "5,100000-165535", "hostNetwork": false },
      "allow": { "profiles": "xdp", "maps": "hash", "paths": "/run/bpf" } } ] }'
}

teardown() {
	tear_down
}

bpftoken_policy() {
	observe "$BPFTOKEN" policy "$@"
}

# refused CODE MESSAGE: all of what it says, and nothing on standard output.
refused() {
	is_status "$1"
	same "standard error" "bpftoken: policy $2" "$stderr"
	same "standard output" "" "$stdout"
}

# prints TEXT: all of standard output, and nothing else.
prints() {
	same "standard output" "$1" "$stdout"
	same "standard error" "" "$stderr"
	[[ $(wc -L <<<"$stdout") -le 80 ]] || fail "wider than 80 columns"
}

@test "--help of each: usage, options and an example, in 90 columns" {
	local sub option
	bpftoken_policy --help
	is_status 0
	[[ $stdout == "Usage: bpftoken policy "*"Example: bpftoken policy "* ]] || fail "not so"
	for sub in check show test cdi; do
		bpftoken_policy "$sub" --help
		is_status 0
		[[ $stdout == "Usage: bpftoken policy $sub "*"Example:"*"bpftoken policy $sub"* ]] || fail "not so"
		[[ $(wc -L <<<"$stdout") -le 90 ]] || fail "wider than 90 columns"
		for option in json help; do
			[[ $sub != cdi || $option != json ]] || continue # it is JSON
			grep --quiet --extended-regexp "^  --$option\\b" <<<"$stdout" || fail "--$option is missing"
		done
	done
}

@test "a wrong command line" {
	observe "$BPFTOKEN" policy
	same "standard error" "bpftoken: policy: arguments: write check, show, test or cdi behind it; see bpftoken policy --help" "$stderr"
	is_status 64
	observe "$BPFTOKEN" policy chekc
	same "standard error" 'bpftoken: policy: argument "chekc": it is none of check, show, test and cdi; see bpftoken policy --help' "$stderr"
	is_status 64
	bpftoken_policy check --draft a b
	refused 64 'check: argument "b": name one file'
	bpftoken_policy show --draft
	refused 64 'show: option "--draft": there is no such option, or it takes no value; see bpftoken policy show --help'
	bpftoken_policy check --frob
	refused 64 'check: option "--frob": there is no such option, or it takes no value; see bpftoken policy check --help'
	bpftoken_policy cdi --json
	refused 64 'cdi: option "--json": there is no such option, or it takes no value; see bpftoken policy cdi --help'
	bpftoken_policy test "$POLICY"
	refused 64 "test: argument \"$POLICY\": it takes options only"
	bpftoken_policy test --annotation=ns
	refused 64 'test: option --annotation: "ns" is not KEY=VALUE'
	bpftoken_policy test --annotation==x
	refused 64 'test: option --annotation: "=x" is not KEY=VALUE'
	bpftoken_policy test --annotation=ns=a --annotation=ns=b
	refused 64 'test: option --annotation: "ns" is given twice'
	bpftoken_policy test --host-uid=4294967295
	refused 64 'test: option --host-uid: "4294967295" is no user id'
	bpftoken_policy test --bounding=CAP_BPF,CAP_FROB
	refused 64 'test: option --bounding: "CAP_FROB" is no capability; write names such as CAP_BPF'
	bpftoken_policy test --cmds=a --cmds=b
	refused 64 'test: option --cmds: it is given twice; give it once'
	bpftoken_policy test --path=/x
	refused 64 'test: option --path: nothing is asked for; add --profile, --cmds, --maps, --progs or --attachs, or remove it'
}

# ---- check ----

@test "check: a good policy" {
	need_root
	bpftoken_policy check "$POLICY"
	is_status 0
	prints "policy $POLICY
ok       only root can have written it
ok       its form is good"
}

@test "check: a relative path is the same file" {
	need_root
	cd "$WORK"
	bpftoken_policy check policy.json
	is_status 0
	[[ $stdout == "policy $POLICY"$'\n'* ]] || fail "another file"
}

@test "check: the form, with line and column" {
	need_root
	policy '{ "version": 1,
  "rulez": [] }'
	bpftoken_policy check "$POLICY"
	is_status 78
	prints "policy $POLICY
ok       only root can have written it
failure  line 2, column 9: unknown member \"rulez\""
	policy '{ "version": 1, "rules": [ { "match": { "annotations": { "ns": "a" } }, "deny": true } ] }'
	bpftoken_policy check "$POLICY"
	is_status 78
	[[ $stdout == *"failure  line 1, column 28: the rule matches on annotation \"ns\", which a tenant"* ]] ||
		fail "not so"
	cd "$WORK"
	bpftoken_policy check none
	is_status 78
	same "standard output" "policy $WORK/none
failure  \"$WORK/none\": it cannot be opened: No such file or directory" "$stdout"
}

@test "check: who could have written it" {
	need_root
	chmod 0664 "$POLICY"
	bpftoken_policy check "$POLICY"
	is_status 78
	prints "policy $POLICY
failure  it is writable by more than root (mode 0664); chmod go-w it
ok       its form is good"
	bpftoken_policy check --draft "$POLICY"
	is_status 0
	prints "policy $POLICY
ok       its form is good"
	chmod 0644 "$POLICY"
	chmod 0777 "$WORK"
	bpftoken_policy check "$POLICY"
	chmod 0755 "$WORK"
	is_status 78
	[[ $stdout == *"failure  its directory \"${WORK##*/}\" is writable by more than root"* ]] ||
		fail "not so"
}

# As nobody: what root alone has written can be read all the same.
@test "check: without privilege" {
	need_root
	local as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	cp "$BPFTOKEN" "$WORK/bpftoken"
	chmod 0755 "$WORK/bpftoken"
	observe "${as_nobody[@]}" "$WORK/bpftoken" policy check "$POLICY"
	is_status 0
	[[ $stdout == *"ok       only root can have written it"* ]] || fail "not so"
	observe "${as_nobody[@]}" "$WORK/bpftoken" policy show "$POLICY"
	is_status 0
	observe "${as_nobody[@]}" "$WORK/bpftoken" policy test --policy="$POLICY" --cmds=any
	is_status 0
	chmod 0600 "$POLICY"
	observe "${as_nobody[@]}" "$WORK/bpftoken" policy check "$POLICY"
	is_status 78
	[[ $stdout == *"Permission denied"* ]] || fail "not so"
}

@test "check: what is in doubt" {
	need_root
	policy '{ "version": 1, "profiles": { "x": { "cmds": "frobnicate" } }, "rules": [
{ "match": {}, "allow": { "cmds": "prog_load", "progs": "kprobe" } },
{ "name": "late", "match": { "hostUids": "7" }, "allow": { "cmds": "any", "hostReach": true } } ] }'
	bpftoken_policy check "$POLICY"
	is_status 0
	prints "policy $POLICY
ok       only root can have written it
ok       its form is good
warning  profile \"x\" is void, so who asks for it is refused: cmds: unknown name
         \"frobnicate\"; \"bpftoken names cmds\" lists all there are
warning  line 2: rule 1 has no \"hostReach\", so it refuses some of what it lists:
         progs kprobe can reach the whole host
note     line 2: rule 1 looks at no annotation and no host uid: whoever may
         write annotations may have what it allows
warning  line 3: rule \"late\" can never match: rule 1 (line 2) takes every
         container that it would; move it up or remove it
note     line 3: rule \"late\" has \"hostReach\": what it allows may see and change
         the whole host"
	bpftoken_policy check --json "$POLICY"
	is_status 0
	same "as JSON" '[true,["ok","ok","warning","warning","note","warning","note"],[null,null,null,2,2,3,3]]' \
		"$(jq --compact-output '[.ok, [.findings[].level], [.findings[].line]]' <<<"$stdout")"
}

@test "check: a policy without rules" {
	need_root
	policy '{ "version": 1 }'
	bpftoken_policy check "$POLICY"
	is_status 0
	[[ $stdout == *"note     it has no rule, so what annotations ask for is refused" ]] || fail "not so"
}

# ---- the vendor's file ----

# with_vendor TEXT: commands see this as the vendor's policy, in a mount namespace of their own.
with_vendor() {
	local share=${PREFIX:?}/share
	printf '%s\n' "$1" >"$WORK/vendor.json"
	# shellcheck disable=SC2016 # the inner shell is to expand it
	ENTER=(unshare --mount sh -c '
		mount -t tmpfs -o mode=0755 share "$0" && mkdir "$0/oci-bpf-token" &&
		cp "$1" "$0/oci-bpf-token/policy.json" && shift && exec "$@"' "$share" "$WORK/vendor.json")
}

@test "both layers: the vendor's profiles, unless they are redefined" {
	need_root
	with_vendor '{ "version": 1, "profiles": { "xdp": { "cmds": "btf_load" }, "tc": { "cmds": "prog_load", "progs": "sched_cls" } } }'
	observe "${ENTER[@]}" "$BPFTOKEN" policy show --json "$POLICY"
	is_status 0
	same "profiles" '[["xdp","administrator","map_create"],["tc","vendor","prog_load"]]' \
		"$(jq --compact-output '[.profiles[] | [.name, .layer, .cmds[0]]]' <<<"$stdout")"
	observe "${ENTER[@]}" "$BPFTOKEN" policy check "$POLICY"
	is_status 0
	observe "${ENTER[@]}" "$BPFTOKEN" policy check "$PREFIX/share/oci-bpf-token/policy.json"
	is_status 0
	with_vendor '{ "version": 1, "rules": [ { "match": {}, "deny": true } ] }'
	observe "${ENTER[@]}" "$BPFTOKEN" policy check "$POLICY"
	is_status 78
	[[ $stdout == *"failure  the vendor's file $PREFIX/share/oci-bpf-token/policy.json: line 1,"* ]] ||
		fail "not so"
}

# ---- show ----

@test "show: profiles and rules, resolved" {
	need_root
	bpftoken_policy show "$POLICY"
	is_status 0
	prints "policy $POLICY
vendor $PREFIX/share/oci-bpf-token/policy.json
trusted         \"ns\"
profile xdp (administrator)
  cmds          map_create prog_load
  maps          array
  progs         xdp
rule \"net\", line 4
  annotations   ns = \"net-*\"
  host uids     all but 0
  profiles      xdp
  cmds          map_create prog_load
  maps          array
  progs         xdp
  paths         \"/sys/fs/bpf\"
  host reach    no
rule 2, line 5
  host uids     5,100000-165535
  network       its own
  profiles      xdp
  cmds          map_create prog_load
  maps          hash array
  progs         xdp
  paths         \"/run/bpf\"
  host reach    no"
}

@test "show: as JSON" {
	need_root
	bpftoken_policy show --json "$POLICY"
	is_status 0
	same "the head" "[\"$POLICY\",[\"ns\"],2]" \
		"$(jq --compact-output '[.file, .trustedAnnotations, (.rules | length)]' <<<"$stdout")"
	same "rule 2" '{"number":2,"name":null,"line":5,"match":{"annotations":{},"hostUids":"5,100000-165535","hostNetwork":false},"deny":false,"void":null,"allow":{"profiles":["xdp"],"cmds":["map_create","prog_load"],"maps":["hash","array"],"progs":["xdp"],"attachs":[],"paths":["/run/bpf"],"hostReach":false}}' \
		"$(jq --compact-output '.rules[1]' <<<"$stdout")"
}

@test "show: what the hook refuses is refused" {
	need_root
	chmod 0666 "$POLICY"
	bpftoken_policy show "$POLICY"
	refused 78 "show: policy $POLICY: it is writable by more than root (mode 0666); chmod go-w it"
	rm "$POLICY"
	bpftoken_policy show "$POLICY"
	is_status 78
	[[ $stderr == "bpftoken: policy show: policy $POLICY: there is none, so nothing may be delegated; "* ]] ||
		fail "not so"
}

# ---- test ----

# answers CODE [OPTION]...: that is the exit code and the verdict's.
answers() {
	local code=$1
	shift
	bpftoken_policy test --policy="$POLICY" --json "$@"
	is_status "$code"
	same "standard error" "" "$stderr"
	[[ $(jq .verdict.code <<<"$stdout") == "$code" ]] || fail "another verdict"
	[[ $(jq '.verdict.message | type == "string"' <<<"$stdout") == "$(jq --null-input "$code != 0")" ]] ||
		fail "message and code disagree"
}

# results: what came of each rule, in one line.
results() {
	jq --raw-output '[.rules[].result] | join(",")' <<<"$stdout"
}

@test "test: each answer, and the rule that gives it" {
	need_root
	answers 0 --annotation=io.bpftoken.profile=xdp --annotation=ns=net-a
	same "rules" "allows,not reached" "$(results)"
	answers 77 --annotation=io.bpftoken.profile=xdp
	same "rules" "passed over,refuses" "$(results)"
	answers 0 --annotation=io.bpftoken.profile=xdp --annotation=io.bpftoken.path=/run/bpf
	same "rules" "passed over,allows" "$(results)"
	answers 0 --annotation=io.bpftoken.profile=xdp --annotation=io.bpftoken.path=/run/bpf --host-uid=5
	answers 77 --annotation=io.bpftoken.profile=xdp --annotation=io.bpftoken.path=/run/bpf --host-uid=6
	same "rules" "passed over,passed over" "$(results)"
	same "why" 'its root is host uid 6, and "hostUids" is 5,100000-165535' \
		"$(jq --raw-output '.rules[1].why' <<<"$stdout")"
	answers 77 --annotation=io.bpftoken.profile=xdp --host-network
	same "why" "it shares the host's network, and \"hostNetwork\" is false" \
		"$(jq --raw-output '.rules[1].why' <<<"$stdout")"
	answers 77 --annotation=io.bpftoken.profile=xdp --annotation=ns=net-a --bounding=CAP_BPF,perfmon
	answers 0 --annotation=io.bpftoken.profile=xdp --annotation=ns=net-a --bounding=CAP_BPF
	answers 77 --annotation=io.bpftoken.profile=xdp --annotation=ns=net-a --host-network
	answers 0 --annotation=io.bpftoken.profile=xdp --annotation=ns=net-a --host-cgroup
}

@test "test: what cannot be, what is not asked, and words of the hook's command line" {
	need_root
	answers 65 --annotation=io.bpftoken.cmds=frobnicate
	answers 65 --annotation=io.bpftoken.profile=none
	answers 65 --annotation=io.bpftoken.frob=1
	answers 0
	[[ $(jq .verdict.asked <<<"$stdout") == false ]] || fail "it is asked"
	answers 0 --annotation=io.bpftoken.cmds=any --annotation=io.kubernetes.cri.container-type=sandbox
	[[ $(jq .verdict.asked <<<"$stdout") == false ]] || fail "it is asked"
	answers 0 --cmds=any --progs=kprobe
	same "rules" "" "$(results)"
	answers 64 --profile=none
	answers 64 --cmds=frobnicate
	printf '{' >"$POLICY"
	answers 78 --annotation=io.bpftoken.cmds=any
	answers 0 --cmds=any
}

@test "test: for people" {
	need_root
	bpftoken_policy test
	is_status 0
	prints "verdict: nothing is asked, exit code 0
  ask by --annotation=io.bpftoken.profile=NAME, or by --profile=NAME"
	cd "$WORK"
	bpftoken_policy test --policy=policy.json --annotation=io.bpftoken.profile=xdp
	is_status 77
	same "the rules" "  rule \"net\", line 4: passed over
    it has no annotation \"ns\"
  rule 2, line 5: refuses
    it matches, and the request is not within it
verdict: refused, exit code 77" "$(sed -n '/^  rule/,/^verdict/p' <<<"$stdout")"
	[[ $stdout != *$'\033'* ]] || fail "colour, and no terminal"
}

# ---- cdi ----

# devices FILTER: of what was printed, as far as it is what CDI 0.3.0 asks for.
devices() {
	jq --exit-status --raw-output '
		if .cdiVersion == "0.3.0" and .kind == "bpftoken.io/profile" and (.devices | length > 0)
			and all(.devices[]; .name | test("^[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?$"))
		then .devices[] | '"$1"' else error("no CDI file") end' <<<"$stdout"
}

@test "cdi: a device for each profile, which asks for it by argument" {
	need_root
	bpftoken_policy cdi "$POLICY"
	is_status 0
	same "standard error" "" "$stderr"
	same "device" 'xdp ["oci-bpf-token-hook","--profile=xdp","createRuntime"] ["LC_ALL=C"]' \
		"$(devices '"\(.name) \(.containerEdits.hooks[0] | .args, .env | tojson)"' | paste -sd' ' |
			sed 's/ xdp / /')"
}

@test "cdi: what it prints is what the hook takes" {
	local args
	start_container
	bpftoken_policy cdi "$POLICY"
	is_status 0
	mapfile -t args < <(devices '.containerEdits.hooks[0].args[1:][]')
	ask '{}'
	hook "${args[@]}"
	granted 'rw,uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create:prog_load,delegate_maps=array,delegate_progs=xdp'
}

@test "cdi: profiles that are void, or have no name for a device" {
	need_root
	policy '{"version": 1, "profiles": {"7up": {"cmds": "map_create"}, "end-": {"cmds": "map_create"},
		"odd": {"maps": "frobmap"}, "good.one": {"cmds": "map_create"}}}'
	bpftoken_policy cdi --draft "$POLICY"
	is_status 0
	same "devices" good.one "$(devices .name)"
	same "standard error" 'bpftoken: policy cdi: profile "7up" is left out: CDI wants a name that begins with a letter and ends with a letter or digit; rename it
bpftoken: policy cdi: profile "end-" is left out: CDI wants a name that begins with a letter and ends with a letter or digit; rename it
bpftoken: policy cdi: profile "odd" is left out: maps: unknown name "frobmap"; "bpftoken names maps" lists all there are' "$stderr"
}

@test "cdi: no profile, a broken or an unsafe policy" {
	need_root
	policy '{"version": 1}'
	bpftoken_policy cdi --draft "$POLICY"
	refused 65 "cdi: $POLICY: it has no profile to make a device of; write one under \"profiles\", bpftoken calc --format=policy prints some"
	policy '{"version": 1, "rulez": []}'
	bpftoken_policy cdi --draft "$POLICY"
	is_status 78
	policy '{"version": 1, "profiles": {"x": {"cmds": "map_create"}}}'
	chmod 0666 "$POLICY"
	bpftoken_policy cdi "$POLICY"
	is_status 78
	[[ $stderr == *"$POLICY"*"writable by more than root"* ]] || fail "it is unsafe"
	bpftoken_policy cdi --draft "$POLICY"
	is_status 0
}
