#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken seccomp: its command line, what it prints and every way to get it wrong.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
	PROFILE=$WORK/profile.json
	printf '{\n\t"defaultAction": "SCMP_ACT_ERRNO",\n\t"syscalls": [\n\t\t{ "names": ["bpf", "read"], "action": "SCMP_ACT_ALLOW" }\n\t]\n}\n' >"$PROFILE"
}

teardown() {
	tear_down
}

seccomp() {
	observe "$BPFTOKEN" seccomp "$@"
}

# refused CODE MESSAGE: all of what it says, and nothing on standard output.
refused() {
	is_status "$1"
	same "standard error" "bpftoken: seccomp: $2" "$stderr"
	same "standard output" "" "$stdout"
}

# allowed FILTER: the numbers of the commands that standard output allows, by jq.
allowed() {
	jq --compact-output "[$1 | .syscalls[] | select(.names == [\"bpf\"] and .action == \"SCMP_ACT_ALLOW\").args[].value]" \
		<<<"$stdout"
}

# Those that no token gates: 36 makes one.
OPEN=1,2,3,4,6,7,8,9,10,15,17,21,22,24,25,26,27,28,29,33,34,35,36,37,38

@test "--help: usage, each option and an example, in 90 columns" {
	seccomp --help
	is_status 0
	[[ $stdout == "Usage: bpftoken seccomp "*"Example:"*"bpftoken seccomp --"* ]] || fail "not so"
	[[ $(wc -L <<<"$stdout") -le 90 ]] || fail "wider than 90 columns"
	for option in cmds profile policy help; do
		grep --quiet --extended-regexp "^  --$option\\b" <<<"$stdout" || fail "--$option is missing"
	done
}

@test "the delegated commands and those that no token gates, and no others" {
	seccomp --cmds=map_create,prog_load "$PROFILE"
	is_status 0
	same "allowed" "[0,1,2,3,4,5,${OPEN#1,2,3,4,}]" "$(allowed .)"
	seccomp --cmds=BPFMapCreate "$PROFILE"
	same "allowed" "[0,$OPEN]" "$(allowed .)"
	# any: what a token is checked for
	seccomp --cmds=any "$PROFILE"
	same "allowed" "[0,1,2,3,4,5,6,7,8,9,10,15,17,18,19,${OPEN#*,17,}]" "$(allowed .)"
}

@test "all else stays as it was, byte for byte" {
	seccomp --cmds=map_create "$PROFILE"
	is_status 0
	same "the rest" "$(sed 's/"bpf", //' "$PROFILE")" \
		"$(grep --invert-match '"names": \["bpf"\]' <<<"$stdout" | sed 's/ },$/ }/')"
}

@test "standard input, and a second time" {
	seccomp --cmds=map_create "$PROFILE"
	cp "$WORK/stdout" "$WORK/first"
	INPUT=$WORK/first
	observe "$BPFTOKEN" seccomp --cmds=map_create - <"$WORK/first"
	is_status 0
	same "a second time" "$(<"$WORK/first")" "$stdout"
}

@test "a config.json: its linux.seccomp" {
	config ".linux.seccomp = $(<"$PROFILE") | .tail = 1"
	seccomp --cmds=map_create "$BUNDLE/config.json"
	is_status 0
	same "allowed" "[0,$OPEN]" "$(allowed .linux.seccomp)"
	same "the rest" "$(jq 'del(.linux.seccomp)' "$BUNDLE/config.json")" \
		"$(jq 'del(.linux.seccomp)' <<<"$stdout")"
	config 'del(.linux.seccomp)'
	seccomp --cmds=map_create "$BUNDLE/config.json"
	refused 65 "\"$BUNDLE/config.json\": linux.seccomp is missing, so no call is filtered; there is nothing to change"
}

@test "profiles of the policy" {
	need_root
	policy '{"version": 1, "profiles": {"one": {"cmds": "map_create"}, "two": {"cmds": "btf_load"}}}'
	seccomp --policy="$POLICY" --profile=one,two "$PROFILE"
	is_status 0
	same "allowed" "[0,1,2,3,4,6,7,8,9,10,15,17,18,${OPEN#*,17,}]" "$(allowed .)"
	seccomp --policy="$POLICY" --profile=one --cmds=prog_load "$PROFILE"
	same "allowed" "[0,1,2,3,4,5,${OPEN#1,2,3,4,}]" "$(allowed .)"
	cp "$WORK/stdout" "$WORK/absolute"
	cd "$WORK"
	seccomp --policy=policy.json --profile=one --cmds=prog_load "$PROFILE"
	is_status 0
	cmp "$WORK/stdout" "$WORK/absolute"
	seccomp --policy="$POLICY" --profile=three "$PROFILE"
	refused 64 "request: profile \"three\" is not defined; define it in $POLICY or use one of: one, two"
	chmod 0666 "$POLICY"
	seccomp --policy="$POLICY" --profile=one "$PROFILE"
	refused 78 "policy $POLICY: it is writable by more than root (mode 0666); chmod go-w it"
}

@test "a wrong command line" {
	seccomp
	refused 64 "arguments: name one profile, or - for standard input; see bpftoken seccomp --help"
	seccomp --cmds=any
	refused 64 "arguments: name one profile, or - for standard input; see bpftoken seccomp --help"
	seccomp --cmds=any a b
	refused 64 "arguments: name one profile, or - for standard input; see bpftoken seccomp --help"
	seccomp "$PROFILE"
	refused 64 "options: no command is delegated; add --cmds or --profile, as the container asks for it"
	seccomp --frob "$PROFILE"
	refused 64 'option "--frob": there is no such option, or it takes no value; see bpftoken seccomp --help'
	seccomp "$PROFILE" --cmds
	refused 64 'option "--cmds": its value is missing; see bpftoken seccomp --help'
	seccomp --cmds=frobnicate "$PROFILE"
	refused 64 'option --cmds: unknown name "frobnicate"; "bpftoken names cmds" lists all there are'
	seccomp --cmds= "$PROFILE"
	is_status 64
}

@test "what is no profile" {
	seccomp --cmds=any "$WORK/none"
	refused 65 "\"$WORK/none\": it cannot be opened: No such file or directory"
	seccomp --cmds=any "$WORK"
	refused 65 "\"$WORK\": it cannot be read: Is a directory"
	printf '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [' >"$PROFILE"
	seccomp --cmds=any "$PROFILE"
	is_status 65
	[[ $stderr == "bpftoken: seccomp: \"$PROFILE\": line 1, column 49: "* ]] || fail "no place"
	printf '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": null}' >"$PROFILE"
	seccomp --cmds=any "$PROFILE"
	is_status 65
	same "standard output" "" "$stdout"
	printf '{"defaultAction": "SCMP_ACT_NONE"}' >"$PROFILE"
	seccomp --cmds=any "$PROFILE"
	refused 65 "\"$PROFILE\": line 1, column 33: defaultAction: \"SCMP_ACT_NONE\" is no action; write one of libseccomp's, for example SCMP_ACT_ERRNO"
	truncate --size=17M "$PROFILE"
	seccomp --cmds=any "$PROFILE"
	refused 65 "\"$PROFILE\": it has more than 16777216 bytes, which is too large"
}

@test "a standard output that is full" {
	observe sh -c '"$0" seccomp --cmds=any "$1" >/dev/full' "$BPFTOKEN" "$PROFILE"
	is_status 71
	[[ $stderr == "bpftoken: standard output: "* ]] || fail "not so"
}
