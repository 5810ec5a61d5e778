#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken list: what it shows of stand-ins for containers, and how it takes its command line.

# shellcheck disable=SC2016,SC2034,SC2154 # inner shells expand; helper.bash reads and sets them
load helper

setup() {
	set_up
}

teardown() {
	tear_down
}

# listed FILTER: what jq prints of the one entry of this test's container.
listed() {
	tool list --json "$CONTAINER"
	is_status 0
	[[ $(jq '.containers | length' <<<"$stdout") -eq 1 ]] || fail "not one container"
	jq --compact-output ".containers[0] | $1" <<<"$stdout"
}

delegated_container() {
	start_container "$@"
	hook
	is_status 0
}

@test "--help: usage and an example; options and arguments that are none (64)" {
	tool list --help
	is_status 0
	same "standard error" "" "$stderr"
	[[ $stdout == "Usage: bpftoken list "*"Example: bpftoken list "* ]] || fail "no usage"
	[[ $(wc -L <<<"$stdout") -le 90 ]] || fail "wider than 90 columns"
	tool list --nonsense
	is_status 64
	[[ $stderr == "bpftoken: list: option \"--nonsense\": there is no such option"* ]] || fail "message"
	tool list a b
	is_status 64
	same "message" 'bpftoken: list: argument "b": there is one too many; name one ID or PID' "$stderr"
	tool list ""
	is_status 64
}

@test "a container: its process, path, owner, lists, and what is missing" {
	delegated_container
	same "entry" "$(jq --compact-output --null-input --argjson pid "$CONTAINER" \
		--arg path "$BUNDLE/rootfs/sys/fs/bpf" '[$pid, "target", $path,
		 {uid: 0, gid: 0, hostUid: 1000000, hostGid: 1000000}, "0700", ["map_create"], ["array"], [], [], 0, 1]')" \
		"$(listed '[.pid, .process, .path, .owner, .mode, .cmds, .maps, .progs, .attachs, .tokens, .mountNamespaces]')"
	# the stand-in has not entered its root, so its path is not the one that libbpf knows
	same "missing" '["libbpf looks at /sys/fs/bpf only; set LIBBPF_BPF_TOKEN_PATH to its path in the container"]' \
		"$(listed .missing)"
}

@test "once it has entered its root the path is the container's, and nothing is missing" {
	delegated_container --pivoted
	same "entry" '["/sys/fs/bpf",[]]' "$(listed '[.path, .missing]')"
}

@test "text: one label a line, at most 80 columns, the lists wrapped" {
	need_root
	policy '{"version": 1, "rules": [{"match": {}, "allow": {"cmds": "any", "maps": "any",
		"progs": "any", "attachs": "any", "hostReach": true}}]}'
	start_container --pivoted
	ask '{"io.bpftoken.cmds": "map_create,prog_load",
		"io.bpftoken.maps": "array,hash,percpu_array,percpu_hash,lru_hash,lpm_trie,ringbuf,prog_array"}'
	hook
	is_status 0
	tool list "$CONTAINER"
	is_status 0
	[[ $(wc -L <<<"$stdout") -le 80 ]] || fail "wider than 80 columns"
	[[ $stdout == *$'\n  process  '"$CONTAINER target"$'\n  path     /sys/fs/bpf\n  owner    0:0 inside, 1000000:1000000 on the host, mode 0700\n  cmds     map_create prog_load\n  maps     hash array prog_array percpu_hash percpu_array lru_hash lpm_trie'* ]] ||
		fail "text"
	[[ $stdout == *$'\n  progs    -\n'* ]] || fail "no dash for an empty list"
	[[ $stdout == *"  missing  prog_load without a program type loads nothing; add progs"* ]] ||
		fail "missing"
}

# The masks are the kernel's words: any, and what this build has no name for.
@test "any, and bits without a name" {
	need_root
	policy '{"version": 1, "profiles": {"new": {"cmds": "any", "maps": "0x8000000000000004"}},
		"rules": [{"match": {}, "allow": {"profiles": "new", "hostReach": true}}]}'
	start_container --pivoted
	ask '{"io.bpftoken.profile": "new"}'
	hook
	is_status 0
	same "lists" '[["any"],["array"],[],[]]' "$(listed '[.cmds, .maps, .progs, .attachs]')"
}

@test "a mount over it is said to be in the way" {
	delegated_container
	nsenter --target="$CONTAINER" --mount mount -t tmpfs cover "$BUNDLE/rootfs/sys/fs"
	[[ $(listed .missing) == '["another mount hides it;'* ]] || fail "not hidden: $(listed .missing)"
}

@test "the beginning of an id names it; what has none is an error that says so (65)" {
	local id
	delegated_container
	id=$(listed .id)
	if [[ $id != null ]]; then
		tool list --json "$(jq --raw-output '.[0:4]' <<<"$id")"
		is_status 0
		[[ $(jq --argjson pid "$CONTAINER" '[.containers[].pid] | index($pid)' <<<"$stdout") != null ]] ||
			fail "not found by id"
	fi
	tool list nonesuch
	is_status 65
	same "standard output" "" "$stdout"
	[[ $stderr == *'bpftoken: list: container or process "nonesuch": it has no delegated bpffs and no token; bpftoken list shows all that have' ]] ||
		fail "message"
	tool list --json $$
	is_status 65
	same "containers" "[]" "$(jq --compact-output .containers <<<"$stdout")"
}

@test "any process of the container names it; the oldest one is shown" {
	local pid
	delegated_container
	nsenter --target="$CONTAINER" --mount sleep 60 3>&- &
	pid=$!
	TARGETS+=("$pid")
	until [[ $(readlink "/proc/$pid/ns/mnt") == "$(readlink "/proc/$CONTAINER/ns/mnt")" ]]; do
		sleep 0.05
	done
	tool list --json "$pid"
	is_status 0
	same "pids" "[$CONTAINER]" "$(jq --compact-output '[.containers[].pid]' <<<"$stdout")"
}

@test "hostile names of mounts and processes are escaped" {
	local at
	need_root
	at=$BUNDLE/rootfs/$'e\033[31m\nevil "path\\'
	mkdir "$at"
	unshare --mount --propagation private sh -c '
		mount -t bpf -o delegate_cmds=map_create bpf "$1" && exec "$2" list --json $$' \
		sh "$at" "$BPFTOKEN" >"$WORK/json" 2>/dev/null
	same "path" "$at" "$(jq --raw-output '.containers[0].path' "$WORK/json")"
	unshare --mount --propagation private sh -c '
		mount -t bpf -o delegate_cmds=map_create bpf "$1" && exec "$2" list $$' \
		sh "$at" "$BPFTOKEN" >"$WORK/text" 2>/dev/null
	! LC_ALL=C grep --quiet $'[^\n -~]' "$WORK/text" || fail "a control byte: $(cat -v "$WORK/text")"
	grep --quiet --fixed-strings 'e\x1b[31m\nevil \"path\\"' "$WORK/text" || fail "$(<"$WORK/text")"
}

@test "a bpffs in the host's user namespace: said to be of no use" {
	need_root
	unshare --mount --propagation private sh -c '
		mount -t bpf -o delegate_maps=any bpf /sys/fs/bpf && exec "$1" list --json $$' \
		sh "$BPFTOKEN" >"$WORK/json" 2>/dev/null
	[[ $(jq --compact-output '.containers[0].missing' "$WORK/json") == *"it delegates no command"*"is in the host's user namespace, where tokens do not exist"* ]] ||
		fail "$(<"$WORK/json")"
}

@test "a bpffs whose owner the container does not know was made for another: said so" {
	need_root
	start_container
	# the classic mistake: mounted in the container's mount namespace with the host's credentials
	nsenter --target="$CONTAINER" --mount mount -t bpf -o delegate_cmds=map_create,delegate_maps=array \
		bpf "$BUNDLE/rootfs/sys/fs/bpf"
	[[ $(listed .missing) == *"its owner has no id in the user namespace of process $CONTAINER"* ]] ||
		fail "$(listed .missing)"
	same "owner" '{"hostUid":0,"hostGid":0}' "$(listed .owner)"
}

@test "processes that come and go meanwhile are no error" {
	local churn
	need_root
	delegated_container
	(while :; do unshare --mount true; done) 3>&- &
	churn=$!
	for _ in {1..10}; do
		tool list --json "$CONTAINER"
		is_status 0
		[[ $(jq '.containers | length' <<<"$stdout") -eq 1 ]] || fail "lost"
	done
	kill "$churn"
	wait "$churn" || [[ $? -eq 143 ]]
}

@test "without privilege: what could not be seen is said on standard error, exit 0" {
	need_root
	delegated_container
	chmod 0755 "$WORK"
	ENTER=(setpriv --reuid=1234 --regid=1234 --clear-groups)
	tool list --json
	is_status 0
	same "containers" "[]" "$(jq --compact-output .containers <<<"$stdout")"
	[[ $(jq .unseen <<<"$stdout") -gt 0 ]] || fail "nothing unseen"
	[[ $stderr =~ ^bpftoken:\ list:\ warning:\ [0-9]+\ of\ [0-9]+\ processes\ could\ not\ be\ looked\ at,.*run\ as\ root ]] ||
		fail "no warning"
	tool list
	is_status 0
	same "text" "no container has a delegated bpffs" "$stdout"
}

@test "in a user namespace of its own: the same" {
	need_root
	delegated_container
	ENTER=(unshare --user --map-root-user)
	tool list --json
	is_status 0
	same "containers" "[]" "$(jq --compact-output .containers <<<"$stdout")"
	[[ $stderr == "bpftoken: list: warning: "* ]] || fail "no warning"
}

@test "a standard output that takes nothing is an error (71)" {
	need_root
	status=0
	"$BPFTOKEN" list >/dev/full 2>"$WORK/stderr" || status=$?
	is_status 71
}
