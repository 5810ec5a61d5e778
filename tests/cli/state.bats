#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The state on standard input: whatever it is but a state, it is bad input (65) and soon known.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
}

teardown() {
	tear_down
}

# refuses_state FORMAT MESSAGE: what printf makes of the format.
refuses_state() {
	# shellcheck disable=SC2059 # the row is a format
	printf "$1" >"$WORK/state.json"
	hook
	refuses 65 "state on standard input: $2"
}

# refuses_input FILE MESSAGE
refuses_input() {
	INPUT=$1
	hook
	refuses 65 "state on standard input: $2"
}

# repeat N TEXT
repeat() {
	printf "%0.s$2" $(seq "$1")
}

@test "nothing" {
	refuses_input /dev/null "it is empty; start this program as a hook, or pipe in what \"runc state ID\" or \"crun state ID\" prints"
}

@test "standard input is closed" {
	observe program <&-
	refuses 65 "state on standard input: it cannot be read: Bad file descriptor"
}

@test "standard input is open for writing alone" {
	observe program 0>/dev/null
	refuses 65 "state on standard input: it cannot be read: Bad file descriptor"
}

@test "standard input is a directory" {
	refuses_input "$WORK" "it cannot be read: Is a directory"
}

@test "endless zeros, random bytes, a full device" {
	refuses_input /dev/zero "line 1, column 1: a NUL"
	refuses_input /dev/full "line 1, column 1: a NUL"
	INPUT=/dev/urandom
	hook
	is_status 65
}

@test "an endless stream of blanks" {
	observe program < <(exec yes '' 3>&-)
	refuses 65 "state on standard input: it is longer than 1048576 bytes: File too large"
}

# takes_ten_seconds COMMAND: the hook, reading what the command writes, which does not end.
takes_ten_seconds() {
	local start=$SECONDS
	observe program < <(exec 3>&-; "$@")
	refuses 65 "state on standard input: it does not end within 10 seconds; write the OCI state and close the pipe"
	[[ $((SECONDS - start)) -le 14 ]] || fail "it took $((SECONDS - start)) seconds"
}

never_ends() {
	cat "$WORK/state.json"
	exec sleep 20
}

drips() {
	for _ in {1..100}; do
		printf ' '
		sleep 0.2
	done
}

@test "a state whose pipe is never closed" {
	takes_ten_seconds never_ends
}

@test "a state that comes byte by byte, for ever" {
	takes_ten_seconds drips
}

# writes_state FILL: a state that is refused early, and as many bytes after it. It tells on descriptor 4
# how the writing ended, which a pipe without a reader would end by a signal.
writes_state() {
	local ended=0
	{ printf '{"id":"a","id":"a"' && yes '' | head -c "$1"; } || ended=$?
	echo "$ended" >&4
}

# A runtime that cannot write the whole state tells of that, not of what the hook said: crun before
# 1.28 shows "exit code: -33".
@test "who writes the state is read to the end, whatever the hook says" {
	local fill
	need_root
	for fill in 10 200000 3000000; do
		observe program < <(writes_state "$fill" 3>&- 4>"$WORK/ended")
		refuses 65 'state on standard input: line 1, column 14: member "id" stands twice in one object'
		[[ $(<"$WORK/ended") == 0 ]] || fail "$fill bytes: the writer ended with $(<"$WORK/ended")"
		observe program createContainer < <(sleep 0.3; writes_state "$fill" 3>&- 4>"$WORK/ended")
		is_status 64
		[[ $(<"$WORK/ended") == 0 ]] || fail "$fill bytes: the writer ended with $(<"$WORK/ended")"
	done
}

@test "not JSON, or not an object" {
	each_row refuses_state <<-'END'
		{"id":"a" -> line 1, column 9: not JSON: parse error: premature EOF
		{"id":"a"\n,"b -> line 2, column 3: not JSON: parse error: premature EOF
		[] -> line 1, column 1: the text is not a JSON object
		"a" -> line 1, column 3: the text is not a JSON object
		12 -> line 1, column 2: the text is not a JSON object
		null -> line 1, column 4: the text is not a JSON object
		{"id":"a","bundle":"/b"} x -> line 1, column 26: not JSON: parse error: trailing garbage
		{"id":"a","bundle":"/b"}{} -> line 1, column 25: not JSON: parse error: trailing garbage
		{"id":"a",/* */"bundle":"/b"} -> line 1, column 10: not JSON: lexical error: probable comment found in input text, comments are not enabled
		{"id":"a","bundle":"/b","x":NaN} -> line 1, column 29: not JSON: lexical error: invalid char in json text
		{"id":"a\\q","bundle":"/b"} -> line 1, column 9: not JSON: lexical error: inside a string, '\' occurs before a character which it may not
	END
}

@test "bytes that are no text" {
	each_row refuses_state <<-'END'
		\xef\xbb\xbf{"id":"a","bundle":"/b"} -> line 1, column 1: not JSON: lexical error: invalid char in json text
		{"id":"a\xff","bundle":"/b"} -> line 1, column 9: a byte that is not UTF-8
		{"id":"a\xc0\xaf","bundle":"/b"} -> line 1, column 9: a byte that is not UTF-8
		{"id":"a\xed\xa0\x80","bundle":"/b"} -> line 1, column 10: a byte that is not UTF-8
		{"id":"a\xf4\x90\x80\x80","bundle":"/b"} -> line 1, column 10: a byte that is not UTF-8
		{"id":"\\ud800","bundle":"/b"} -> line 1, column 14: half of a \u surrogate pair
		{"id":"\\udc00\\ud800","bundle":"/b"} -> line 1, column 13: half of a \u surrogate pair
		{"id":"a\0b","bundle":"/b"} -> line 1, column 9: a NUL
		{"id":"a\\u0000b","bundle":"/b"} -> line 1, column 14: a NUL
		{"id":"a","bundle":"/b"}\0 -> line 1, column 25: a NUL
		\x7fELF\x02\x01\x01 -> line 1, column 1: not JSON: lexical error: invalid char in json text
	END
}

@test "a member twice, wherever" {
	each_row refuses_state <<-'END'
		{"id":"a","bundle":"/b","id":"b"} -> line 1, column 28: member "id" stands twice in one object
		{"id":"a","bundle":"/b","\\u0069d":"b"} -> line 1, column 33: member "id" stands twice in one object
		{"id":"a","bundle":"/b","annotations":{"x":"1","x":"2"}} -> line 1, column 50: member "x" stands twice in one object
		{"id":"a","bundle":"/b","other":{"x":{"y":1,"y":2}}} -> line 1, column 47: member "y" stands twice in one object
	END
}

@test "members that are missing or wrong" {
	each_row refuses_state <<-'END'
		{} -> id is missing
		{"bundle":"/b"} -> id is missing
		{"id":"a"} -> bundle is missing
		{"id":"","bundle":"/b"} -> line 1, column 8: id: is empty; a container has a name
		{"id":1,"bundle":"/b"} -> line 1, column 7: id: is a number; it must be a string
		{"id":"a","bundle":"b"} -> line 1, column 22: bundle: "b" is not an absolute path
		{"id":"a","bundle":""} -> line 1, column 21: bundle: "" is not an absolute path
		{"id":"a","bundle":"/b","pid":"1"} -> line 1, column 33: pid: is a string; it must be a number
		{"id":"a","bundle":"/b","pid":-1} -> line 1, column 32: pid: "-1" is not a process id
		{"id":"a","bundle":"/b","pid":1.5} -> line 1, column 33: pid: "1.5" is not a process id
		{"id":"a","bundle":"/b","pid":1e3} -> line 1, column 33: pid: "1e3" is not a process id
		{"id":"a","bundle":"/b","pid":2147483648} -> line 1, column 40: pid: "2147483648" is not a process id
		{"id":"a","bundle":"/b","pid":18446744073709551617} -> line 1, column 50: pid: "18446744073709551617" is not a process id
		{"id":"a","bundle":"/b","annotations":[]} -> line 1, column 39: annotations.*: is an array; it must be an object
		{"id":"a","bundle":"/b","annotations":{"x":1}} -> line 1, column 44: annotations.*: is a number; it must be a string
	END
}

@test "too deep, too long, too many" {
	{
		printf '{"id":"a","bundle":"/b","x":%s' "$(repeat 16 '[')"
		printf '%s}' "$(repeat 16 ']')"
	} >"$WORK/state.json"
	hook
	refuses 65 "state on standard input: line 1, column 44: objects and arrays are nested too deep"

	repeat 1000000 '[' >"$WORK/state.json"
	hook
	refuses 65 "state on standard input: line 1, column 1: the text is not a JSON object"

	{
		printf '{"id":"a","bundle":"/b","x":"'
		head --bytes=1048576 /dev/zero | tr '\0' a
		printf '"}'
	} >"$WORK/state.json"
	hook
	refuses 65 "state on standard input: it is longer than 1048576 bytes: File too large"

	{
		printf '{"id":"a","bundle":"/b","x":{'
		seq 40000 | sed 's/.*/"&":1,/'
		printf '"z":1}}'
	} >"$WORK/state.json"
	hook
	refuses 65 "state on standard input: line 32766, column 7: there are too many members, or their names are made to collide"
}

# What runtimes do write, and asks for nothing.
is_silent_on() {
	# shellcheck disable=SC2059 # the row is a format
	printf "$1" >"$WORK/state.json"
	hook
	silent
}

@test "states that ask for nothing" {
	each_row is_silent_on <<-'END'
		{"id":"a","bundle":"/b"}
		{"ociVersion":"1.0","id":"a","pid":0,"bundle":"\\/b","status":"created","root":"\\/b\\/r"}
		{"id":"a","bundle":"/b","annotations":null}
		{"id":"a","bundle":"/b","annotations":{}}
		{"id":"a","bundle":"/b","annotations":{"x":null,"y":"\\ud83d\\ude00"}}
		{"id":"a","bundle":"/b","annotations":{"io.bpftokens.cmds":"any","io.bpftoken":"any"}}
		\n { "id" : "\\u00e9" ,\t"bundle" : "/b" }\r\n\n
	END
}

byte_by_byte() {
	local i LC_ALL=C
	for ((i = 0; i < ${#1}; i++)); do
		printf '%s' "${1:i:1}"
		sleep 0.002
	done
}

@test "a state in small pieces" {
	observe program < <(exec 3>&-; byte_by_byte '{"id":"a","bundle":"/b","x":"\ud83d\ude00é"}')
	silent
}

@test "the sandbox of a pod asks for nothing, whatever the pod asks for" {
	local type
	for type in io.kubernetes.cri.container-type io.kubernetes.cri-o.ContainerType; do
		ask "{\"$type\": \"sandbox\", \"io.bpftoken.cmds\": \"any\", \"io.bpftoken.typo\": \"\"}"
		hook
		silent
		hook --cmds=any
		silent
	done
}

@test "a pid that a createContainer or startContainer hook is given" {
	local pid
	for pid in 0 1; do
		state "$pid" "$REQUEST"
		hook
		refuses 65 "state on standard input: pid is $([[ $pid -eq 1 ]] && echo 1 || echo 0 or missing); use this program as a createRuntime or prestart hook (createContainer and startContainer hooks run inside the container and get no usable pid)"
	done
	printf '{"id":"a","bundle":"/b","annotations":%s}' "$REQUEST" >"$WORK/state.json"
	hook
	refuses 65 "state on standard input: pid is 0 or missing; use this program as a createRuntime or prestart hook (createContainer and startContainer hooks run inside the container and get no usable pid)"
}
