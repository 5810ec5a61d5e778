#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The policy file: who may have written it, and what it may say (78).

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	need_root
	set_up
	start_container
}

teardown() {
	[[ -z ${WORK-} ]] || tear_down
}

# refuses_policy MESSAGE [FILE]
refuses_policy() {
	local file=${2:-$POLICY}
	hook --policy="$file"
	refuses 78 "policy $file: $1"
}

@test "there is none, and the message shows one that would do" {
	local example='{"version":1,"rules":[{"match":{},"allow":{"profiles":"xdp"}}]}'
	rm "$POLICY"
	refuses_policy "there is none, so nothing may be delegated; write one, for example $example, owned by root with mode 0644"
	refuses_policy "there is none, so nothing may be delegated; write one, for example $example, owned by root with mode 0644" \
		"$WORK/missing/policy.json"

	jq --arg profiles '{"xdp": {"cmds": "map_create", "maps": "array"}}' \
		'.profiles = ($profiles | fromjson)' <<<"$example" >"$POLICY"
	hook
	granted
}

@test "the default place, without --policy" {
	# an empty /etc of the hook's own
	ENTER=(unshare --mount sh -c 'mount -t tmpfs -o mode=755 etc /etc && exec "$@"' sh)
	observe program_alone --log="file:$LOG" --log-format=json <"$INPUT"
	[[ $stderr =~ ^oci-bpf-token-hook:\ policy\ /etc/oci-bpf-token/policy.json:\ there\ is\ none ]] ||
		fail "not the default place"
	is_status 78
}

# ---- what kind of file ----

@test "a directory, a FIFO, a device, a socket" {
	rm "$POLICY"
	mkdir "$POLICY"
	refuses_policy "it is a directory; name the file"
	rmdir "$POLICY"
	mkfifo "$POLICY"
	refuses_policy "it is not a regular file; put a file there"
	rm "$POLICY"
	mknod "$POLICY" c 1 5
	refuses_policy "it is not a regular file; put a file there"
}

@test "a file where a directory should be" {
	refuses_policy '"policy.json": Not a directory' "$POLICY/x"
}

@test "symlinks: to a good file, to a FIFO, in a circle, to nothing" {
	mkdir "$WORK/a"
	ln -s ../policy.json "$WORK/a/relative"
	ln -s "$POLICY" "$WORK/a/absolute"
	ln -s a "$WORK/directory"
	hook --policy="$WORK/directory/relative"
	granted
	start_container
	hook --policy="$WORK/a/absolute"
	granted
	start_container

	mkfifo "$WORK/fifo"
	ln -s fifo "$WORK/link"
	refuses_policy "it is not a regular file; put a file there" "$WORK/link"
	ln -s circle "$WORK/circle"
	refuses_policy "symlinks: Too many levels of symbolic links" "$WORK/circle"
	ln -s nowhere "$WORK/dangling"
	hook --policy="$WORK/dangling"
	is_status 78
	ln -s / "$WORK/root"
	refuses_policy "it is a directory; name the file" "$WORK/root"
}

@test "as many symlinks as the kernel follows, and one more" {
	local i
	ln -s policy.json "$WORK/link1"
	for ((i = 2; i <= 41; i++)); do
		ln -s "link$((i - 1))" "$WORK/link$i"
	done
	refuses_policy "symlinks: Too many levels of symbolic links" "$WORK/link41"
	hook --policy="$WORK/link40"
	granted
}

@test "too large, and just not" {
	truncate --size=1048577 "$POLICY"
	refuses_policy "it has 1048577 bytes; at most 1048576 are read"
	{
		printf '{"version":1,"rules":[{"match":{},"allow":{"cmds":"map_create","maps":"array"}}]}'
		head --bytes=$((1048576 - 81)) /dev/zero | tr '\0' ' '
	} >"$POLICY"
	[[ $(stat --format=%s "$POLICY") -eq 1048576 ]] || fail "not the size that is to be tested"
	hook
	granted
}

# ---- whose file, and who else can write ----

@test "the file's owner and mode" {
	chown 1000 "$POLICY"
	refuses_policy "it belongs to user 1000; chown it to root"
	chown 0 "$POLICY"
	chmod 0664 "$POLICY"
	refuses_policy "it is writable by more than root (mode 0664); chmod go-w it"
	chmod 0646 "$POLICY"
	refuses_policy "it is writable by more than root (mode 0646); chmod go-w it"
	chmod 0602 "$POLICY"
	refuses_policy "it is writable by more than root (mode 0602); chmod go-w it"
}

@test "a file that root alone reads, of a group that cannot write" {
	chmod 0040 "$POLICY"
	chown 0:1000 "$POLICY"
	hook
	granted
}

# in_directory OWNER MODE: puts the policy in one, below others that are good.
in_directory() {
	rm -rf "$WORK/dir"
	mkdir -p "$WORK/dir/sub"
	cp "$POLICY" "$WORK/dir/sub/policy.json"
	chown "$1" "$WORK/dir"
	chmod "$2" "$WORK/dir"
}

@test "each directory on the way: its owner and mode" {
	in_directory 0 0777
	refuses_policy 'its directory "dir" is writable by more than root (mode 0777); chmod go-w it' \
		"$WORK/dir/sub/policy.json"
	in_directory 0 01777
	refuses_policy 'its directory "dir" is writable by more than root (mode 1777); chmod go-w it' \
		"$WORK/dir/sub/policy.json"
	in_directory 0 0775
	refuses_policy 'its directory "dir" is writable by more than root (mode 0775); chmod go-w it' \
		"$WORK/dir/sub/policy.json"
	in_directory 1000 0755
	refuses_policy 'its directory "dir" belongs to user 1000; chown it to root' \
		"$WORK/dir/sub/policy.json"
	in_directory 0 0700
	hook --policy="$WORK/dir/sub/policy.json"
	granted
}

@test "each directory that a symlink leads through" {
	in_directory 0 0777
	ln -s "$WORK/dir/sub/policy.json" "$WORK/file"
	refuses_policy 'its directory "dir" is writable by more than root (mode 0777); chmod go-w it' \
		"$WORK/file"
	ln -s dir/sub "$WORK/to"
	refuses_policy 'its directory "dir" is writable by more than root (mode 0777); chmod go-w it' \
		"$WORK/to/policy.json"
	# and one that a symlink leads out of again
	ln -s ../policy.json "$WORK/dir/out"
	refuses_policy 'its directory "dir" is writable by more than root (mode 0777); chmod go-w it' \
		"$WORK/dir/out"
	ln -s dir/../policy.json "$WORK/through"
	refuses_policy 'its directory "dir" is writable by more than root (mode 0777); chmod go-w it' \
		"$WORK/through"
}

@test "a name that a terminal must not see" {
	mkdir "$WORK/"$'dir\e[2J'
	chmod 0777 "$WORK/"$'dir\e[2J'
	ln -s $'dir\e[2J/x' "$WORK/link"
	refuses_policy 'its directory "dir\x1b[2J" is writable by more than root (mode 0777); chmod go-w it' \
		"$WORK/link"
}

# ---- what it says ----

# refuses_text FORMAT MESSAGE
refuses_text() {
	# shellcheck disable=SC2059 # the row is a format
	printf "$1" >"$POLICY"
	refuses_policy "$2"
}

@test "not JSON: line and column" {
	each_row refuses_text <<-'END'
		{ -> line 1, column 1: not JSON: parse error: premature EOF
		[] -> line 1, column 1: the text is not a JSON object
		{"version":1}x -> line 1, column 14: not JSON: parse error: trailing garbage
		{"version":1,\n  // no\n} -> line 2, column 2: not JSON: lexical error: probable comment found in input text, comments are not enabled
		{"version":1,\n"rules":[\n{"match":{},}]} -> line 3, column 13: not JSON: parse error: invalid object key (must be a string)
		{"version":1,\n\n  "x\xff":2} -> line 3, column 5: a byte that is not UTF-8
		{"version":1,"version":1} -> line 1, column 22: member "version" stands twice in one object
		\0 -> line 1, column 1: a NUL
	END
	: >"$POLICY"
	refuses_policy "it is empty"
}

@test "members that are missing, unknown or of the wrong type" {
	each_row refuses_text <<-'END'
		{} -> line 1, column 2: "version" is missing; write "version": 1
		{"version":2} -> line 1, column 12: version: "2" is no version this build reads; write 1
		{"version":"1"} -> line 1, column 14: version: is a string; it must be a number
		{"version":1,"rule":[]} -> line 1, column 19: unknown member "rule"
		{"version":1,"rules":{}} -> line 1, column 22: rules[]: is an object; it must be an array
		{"version":1,"rules":null} -> line 1, column 25: rules[]: is null; it must be an array
		{"version":1,"rules":[1]} -> line 1, column 23: rules[]: is a number; it must be an object
		{"version":1,"rules":[\n{"match":{},"alow":{}}]} -> line 2, column 18: unknown member "alow"
		{"version":1,"rules":[{"match":{"hostUid":"1"},"deny":true}]} -> line 1, column 41: unknown member "hostUid"
		{"version":1,"trustedAnnotations":["a",1]} -> line 1, column 40: trustedAnnotations[]: is a number; it must be a string
	END
}

@test "rules" {
	each_row refuses_text <<-'END'
		{"version":1,"rules":[{"deny":true}]} -> line 1, column 35: rules[]: the rule has no "match"; write "match": {} for every container
		{"version":1,"rules":[{"match":{}}]} -> line 1, column 34: rules[]: a rule has either "allow" or "deny": true; this one has neither
		{"version":1,"rules":[{"match":{},"allow":{},"deny":true}]} -> line 1, column 57: rules[]: a rule has either "allow" or "deny": true; this one has both
		{"version":1,"rules":[{"match":{},"deny":false}]} -> line 1, column 46: rules[].deny: is false; write true, or "allow" instead
		{"version":1,"rules":[\n{"match":{"annotations":{"a":"b"}},"deny":true}]} -> line 2, column 1: the rule matches on annotation "a", which a tenant could write; list it in "trustedAnnotations" only if the engine always sets it itself
		{"version":1,"rules":[{"match":{"hostUids":"5-1"},"deny":true}]} -> line 1, column 48: rules[].match.hostUids: "5-1" is no range of user ids; write it as 100000-165535
		{"version":1,"rules":[{"match":{"hostUids":"1-4294967295"},"deny":true}]} -> line 1, column 57: rules[].match.hostUids: "1-4294967295" is no range of user ids; write it as 100000-165535
		{"version":1,"rules":[{"match":{"hostUids":""},"deny":true}]} -> line 1, column 45: rules[].match.hostUids: the list is empty; leave the member out instead
		{"version":1,"rules":[{"match":{"hostUids":5},"deny":true}]} -> line 1, column 44: rules[].match.hostUids: is a number; it must be a string
		{"version":1,"rules":[{"match":{"hostNetwork":"no"},"deny":true}]} -> line 1, column 50: rules[].match.hostNetwork: is a string; it must be true or false
		{"version":1,"rules":[{"match":{},"allow":{"cmds":"map_create,"}}]} -> line 1, column 63: rules[].allow.cmds: the list ends in ","; remove it
		{"version":1,"rules":[{"match":{},"allow":{"paths":"run/*"}}]} -> line 1, column 58: rules[].allow.paths: "run/*" is not absolute; begin it with a slash
		{"version":1,"rules":[{"match":{},"allow":{"hostReach":1}}]} -> line 1, column 56: rules[].allow.hostReach: is a number; it must be true or false
		{"version":1,"rules":[{"match":{},"allow":{"profiles":"a/b"}}]} -> line 1, column 59: rules[].allow.profiles: "a/b" is no profile name
	END
}

@test "profiles" {
	each_row refuses_text <<-'END'
		{"version":1,"profiles":{"a b":{}}} -> line 1, column 32: profiles.*: "a b" is no profile name; use up to 63 letters, digits, '.', '_' and '-'
		{"version":1,"profiles":{"a":{}}} -> line 1, column 31: profiles.*: the profile delegates nothing; add cmds, maps, progs or attachs
		{"version":1,"profiles":{"a":{"cmds":"0"}}} -> line 1, column 40: profiles.*.cmds: 0 delegates nothing; leave cmds out instead
		{"version":1,"profiles":{"a":{"cmds":["map_create"]}}} -> line 1, column 38: profiles.*.cmds: is an array; it must be a string
		{"version":1,"profiles":{"a":{"commands":"any"}}} -> line 1, column 40: unknown member "commands"
	END
}

@test "a defect of form refuses everything, also what no rule is asked for" {
	policy '{"version": 1, "rules": [], "profiles": {"a": {"cmds": "map_create,"}, "b": {"cmds": "map_create"}}}'
	hook --profile=b
	refuses 78 "policy $POLICY: line 1, column 68: profiles.*.cmds: the list ends in \",\"; remove it"
}
