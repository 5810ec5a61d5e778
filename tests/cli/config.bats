#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The bundle's config.json: found, opened without harm, bounded, and read as strictly as the state.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	need_root
	set_up
	start_container
	CONFIG=$BUNDLE/config.json
}

teardown() {
	[[ -z ${WORK-} ]] || tear_down
}

# from_directory COMMAND...: with it as the working directory.
from_directory() (
	cd "$1" || return
	shift
	"$@"
)

# refuses_file MESSAGE: and does so at once.
refuses_file() {
	local start=$SECONDS
	hook
	refuses 65 "config.json \"$CONFIG\": $1"
	[[ $((SECONDS - start)) -le 2 ]] || fail "it took $((SECONDS - start)) seconds"
}

@test "there is none" {
	rm "$CONFIG"
	hook
	refuses 65 "bundle \"$BUNDLE\": there is no config.json in it, nor in the working directory; the state must name the container's bundle"
}

@test "the bundle is not there" {
	printf '{"id":"a","pid":%s,"bundle":"/nowhere","annotations":%s}' "$CONTAINER" "$REQUEST" \
		>"$WORK/state.json"
	hook
	refuses 65 'bundle "/nowhere": there is no config.json in it, nor in the working directory; the state must name the container'"'"'s bundle'
}

@test "the bundle is the working directory, as crun before 1.27 has it" {
	mv "$CONFIG" "$WORK/config.json"
	config_elsewhere=$WORK/config.json
	jq ".root.path = \"$BUNDLE/rootfs\"" "$config_elsewhere" >"$WORK/new"
	mv "$WORK/new" "$config_elsewhere"
	observe from_directory "$WORK" program <"$INPUT"
	granted
}

@test "what is wrong with the one in the working directory is said of that one" {
	rm "$CONFIG"
	mkfifo "$WORK/config.json"
	observe from_directory "$WORK" program <"$INPUT"
	refuses 65 'config.json "config.json": it is not a regular file; put a file there'
}

@test "a FIFO, a device, a directory, a socket, and symlinks to them" {
	rm "$CONFIG"
	mkfifo "$CONFIG"
	refuses_file "it is not a regular file; put a file there"
	mv "$CONFIG" "$WORK/fifo"
	ln -s "$WORK/fifo" "$CONFIG"
	refuses_file "it is not a regular file; put a file there"
	ln -sf /dev/zero "$CONFIG"
	refuses_file "it is not a regular file; put a file there"
	ln -sf /dev/tty "$CONFIG"
	refuses_file "it is not a regular file; put a file there"
	rm "$CONFIG"
	mknod "$CONFIG" c 1 5
	refuses_file "it is not a regular file; put a file there"
	rm "$CONFIG"
	mkdir "$CONFIG"
	refuses_file "it is not a regular file; put a file there"
}

@test "a symlink to a good one" {
	mv "$CONFIG" "$WORK/real.json"
	ln -s "$WORK/real.json" "$CONFIG"
	hook
	granted
}

@test "a symlink in a circle" {
	ln -sf config.json "$CONFIG"
	hook
	refuses 71 "config.json \"$CONFIG\": open: Too many levels of symbolic links"
}

@test "a file and directories of another user, closed to all others" {
	chown -R 1234:1234 "$CONFIG" "$BUNDLE"
	chmod 0400 "$CONFIG"
	chmod 0700 "$BUNDLE"
	# the container's own way to its root must stay
	chown -R 1000000:1000000 "$BUNDLE/rootfs"
	chmod 0711 "$BUNDLE"
	hook
	granted
}

@test "300 MB, sparse and real" {
	local free
	truncate --size=300M "$CONFIG"
	refuses_file "it has 314572800 bytes; at most 16777216 are read"
	free=$(stat --file-system --format='%a * %S / 1048576' "$BUNDLE")
	[[ $((free)) -gt 400 ]] || skip "real: not 400 MB free in $BUNDLE; sparse was refused"
	head --bytes=300M /dev/zero | tr '\0' ' ' >"$CONFIG"
	refuses_file "it has 314572800 bytes; at most 16777216 are read"
	rm "$CONFIG"
}

# padded BYTES: the good config, with blanks up to that size.
padded() {
	local size
	size=$(stat --format=%s "$CONFIG")
	head --bytes=$(($1 - size)) /dev/zero | tr '\0' ' ' >>"$CONFIG"
}

@test "10 MB are read, with something in them" {
	jq '.annotations = ([range(120000) | {key: "key\(.)", value: ("x" * 80)}] | from_entries)' \
		"$CONFIG" >"$WORK/large"
	mv "$WORK/large" "$CONFIG"
	[[ $(stat --format=%s "$CONFIG") -gt 10000000 ]] || fail "not 10 MB"
	hook
	granted
}

@test "16 MiB are read, one byte more is not" {
	padded 16777216
	hook
	granted
	start_container
	padded 16777217
	refuses_file "it has 16777217 bytes; at most 16777216 are read"
}

@test "a file that grows while it is read" {
	# the size is judged once it is open; what is read after that is bounded, too
	padded 16777216
	ENTER=(strace --quiet=all --follow-forks --output=/dev/null
		--inject=statx:delay_exit=1500000:when=2 --trace-path="$CONFIG")
	observe program < <(cat "$INPUT"; (sleep 0.3; printf ' ' >>"$CONFIG") >/dev/null 2>&1 3>&- &)
	wait_for_growth
	is_status 65
	says "config.json: it is longer than 16777216 bytes: File too large"
}

wait_for_growth() {
	[[ $(stat --format=%s "$CONFIG") -eq 16777217 ]] || fail "the file has not grown"
}

# ---- what it says ----

# refuses_config FORMAT MESSAGE
refuses_config() {
	# shellcheck disable=SC2059 # the row is a format
	printf "$1" >"$CONFIG"
	hook
	refuses 65 "config.json: $2"
}

@test "not JSON, not an object, not text" {
	: >"$CONFIG"
	hook
	refuses 65 "config.json: it is empty"
	each_row refuses_config <<-'END'
		{ -> line 1, column 1: not JSON: parse error: premature EOF
		[] -> line 1, column 1: the text is not a JSON object
		{\n"root":{"path":"rootfs"},\n"x":nope} -> line 3, column 5: not JSON: lexical error: invalid string in json text
		{"root":{"path":"rootfs"},"x":"\xff"} -> line 1, column 32: a byte that is not UTF-8
		{"root":{"path":"root\0fs"}} -> line 1, column 22: a NUL
		{"root":{"path":"root\\u0000fs"}} -> line 1, column 27: a NUL
		{"root":{"path":"rootfs"},"root":{}} -> line 1, column 32: member "root" stands twice in one object
		{"root":{"path":"rootfs","path":"/"}} -> line 1, column 31: member "path" stands twice in one object
		{"root":{"path":"rootfs"},"x":{"y":[{"z":1,"z":2}]}} -> line 1, column 46: member "z" stands twice in one object
	END
}

@test "members that are missing or wrong" {
	each_row refuses_config <<-'END'
		{} -> root.path is missing; the bundle has no root
		{"root":{}} -> root.path is missing; the bundle has no root
		{"root":null} -> root.path is missing; the bundle has no root
		{"root":[]} -> line 1, column 9: root.path: is an array; it must be an object
		{"root":{"path":""}} -> line 1, column 18: root.path: is empty
		{"root":{"path":1}} -> line 1, column 17: root.path: is a number; it must be a string
		{"root":{"path":"r"},"process":{"user":{"uid":-1}}} -> line 1, column 48: process.user.uid: "-1" is not a user or group id
		{"root":{"path":"r"},"process":{"user":{"gid":4294967295}}} -> line 1, column 56: process.user.gid: "4294967295" is not a user or group id
		{"root":{"path":"r"},"mounts":[{}]} -> line 1, column 33: mounts[]: has no destination
		{"root":{"path":"r"},"mounts":{}} -> line 1, column 31: mounts[]: is an object; it must be an array
		{"root":{"path":"r"},"linux":{"maskedPaths":["/a",1]}} -> line 1, column 51: linux.maskedPaths[]: is a number; it must be a string
	END
}

@test "nesting" {
	printf '{"root":{"path":"rootfs"},"x":%s%s}' \
		"$(printf '[%.0s' {1..31})" "$(printf ']%.0s' {1..31})" >"$CONFIG"
	hook
	granted
	start_container
	printf '{"root":{"path":"rootfs"},"x":%s%s}' \
		"$(printf '[%.0s' {1..32})" "$(printf ']%.0s' {1..32})" >"$CONFIG"
	hook
	refuses 65 "config.json: line 1, column 62: objects and arrays are nested too deep"
}

@test "a root that is not there, or no directory" {
	config '.root.path = "nowhere"'
	hook
	refuses 71 "container root \"$BUNDLE/nowhere\": No such file or directory"
	config '.root.path = "config.json"'
	hook
	refuses 71 "container root \"$BUNDLE/config.json\": Not a directory"
	config '.root.path = "/'"$(printf 'a%.0s' {1..4096})"'"'
	hook
	refuses 65 "config.json: root.path: File name too long"
}

@test "a root that the container does not have where it is said to be" {
	mkdir "$WORK/other"
	config ".root.path = \"$WORK/other\""
	start_container --setup="mount -t tmpfs other $WORK/other"
	hook
	refuses 71 "container root \"$WORK/other\": it is neither the root of the container's mount namespace nor at that path in it; report the runtime and its version"
}

@test "an absolute root, and one by way of a symlink" {
	config ".root.path = \"$BUNDLE/rootfs\""
	hook
	granted
	start_container
	ln -s rootfs "$BUNDLE/link"
	config '.root.path = "link"'
	hook
	granted
}
