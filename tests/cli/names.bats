#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken names: what a list may hold, and what build and kernel know of it.

load helper

setup() {
	WORK=$BATS_TEST_TMPDIR
}

# names [ARG]...
names() {
	status=0
	"$BPFTOKEN" names "$@" >"$WORK/stdout" 2>"$WORK/stderr" || status=$?
	stdout=$(<"$WORK/stdout")
	stderr=$(<"$WORK/stderr")
}

has_line() {
	grep --quiet --line-regexp --fixed-strings -- "$1" "$WORK/stdout" || fail "no line: $1"
}

# make_types: the types of a kernel that has two names which no build knows, and lacks many.
make_types() {
	cat >"$WORK/kernel.c" <<-'END'
		enum bpf_cmd { BPF_MAP_CREATE, BPF_PROG_LOAD = 5, BPF_PROG_RUN = 10, BPF_PROG_TEST_RUN = 10,
			BPF_DREAM = 62, __MAX_BPF_CMD, BPF_COMMON_ATTRS = 1 << 16 } cmd;
		enum bpf_map_type { BPF_MAP_TYPE_HASH = 1 } map;
		enum bpf_prog_type { BPF_PROG_TYPE_XDP = 6, BPF_PROG_TYPE_DREAM = 63, __MAX_BPF_PROG_TYPE } prog;
		enum bpf_attach_type { BPF_XDP = 37 } attach;
	END
	clang -target bpf -g -O2 -c "$WORK/kernel.c" -o "$WORK/kernel.o"
}

@test "every name has a line, under a heading" {
	names --btf=<(:)
	is_status 65
	make_types
	names --btf="$WORK/kernel.o"
	is_status 0
	same "standard error" "" "$stderr"
	same "the heading" "LIST     BIT  NAME                              BUILD  KERNEL   CLASS OR TOKEN" \
		"$(head -n 1 "$WORK/stdout")"
	has_line "cmds       0  map_create                        yes    yes      asked since 6.9"
	has_line "cmds       4  map_get_next_key                  yes    no       inert (open)"
	has_line "cmds      10  prog_test_run                     yes    yes      inert (open)"
	has_line "cmds      12  map_get_next_id                   yes    no       inert (host)"
	has_line "cmds      19  btf_get_fd_by_id                  yes    no       asked since 6.15"
	has_line "cmds      62  dream                             no     yes      unknown"
	has_line "maps       1  hash                              yes    yes"
	has_line "progs      2  kprobe                            yes    no       host"
	has_line "progs      6  xdp                               yes    yes      net"
	has_line "progs      8  cgroup_skb                        yes    no       cgroup"
	has_line "progs     63  dream                             no     yes      host"
	has_line "attachs   37  xdp                               yes    yes"
	[[ -z $(awk 'length > 80' "$WORK/stdout") ]]
	! grep ' $' "$WORK/stdout" || return 1
	[[ $stdout != *$'\033'* ]]
}

@test "one list, and all of them in their order" {
	make_types
	for list in cmds maps progs attachs; do
		names --btf="$WORK/kernel.o" "$list"
		[[ $(tail -n +2 "$WORK/stdout" | awk '{ print $1 }' | uniq) == "$list" ]]
		tail -n +2 "$WORK/stdout" | awk '{ print $2 }' | sort --check=silent --numeric --unique
		tail -n +2 "$WORK/stdout" >>"$WORK/all"
	done
	names --btf="$WORK/kernel.o"
	tail -n +2 "$WORK/stdout" | cmp - "$WORK/all"
}

@test "--json says the same" {
	make_types
	names --btf="$WORK/kernel.o" --json cmds
	is_status 0
	[[ $(jq -c '.[] | select(.bit == 0, .bit == 1, .bit == 62)' "$WORK/stdout") == '{"list":"cmds","bit":0,"name":"map_create","build":true,"kernel":true,"token":"asked","since":"6.9"}
{"list":"cmds","bit":1,"name":"map_lookup_elem","build":true,"kernel":false,"token":"open"}
{"list":"cmds","bit":62,"name":"dream","build":false,"kernel":true,"token":null}' ]]
	names --btf="$WORK/kernel.o" --json
	[[ $(jq -c '.[] | select(.name == "dream" or .name == "lsm")' "$WORK/stdout" | tail -n 2) == '{"list":"progs","bit":29,"name":"lsm","class":"host","build":true,"kernel":false}
{"list":"progs","bit":63,"name":"dream","class":"host","build":false,"kernel":true}' ]]
	jq -r '.[] | "\(.list) \(.bit) \(.name)"' "$WORK/stdout" >"$WORK/json"
	names --btf="$WORK/kernel.o"
	tail -n +2 "$WORK/stdout" | awk '{ print $1, $2, $3 }' | cmp - "$WORK/json"
}

@test "the running kernel is asked" {
	names progs
	is_status 0
	if [[ -r /sys/kernel/btf/vmlinux ]]; then
		same "standard error" "" "$stderr"
		has_line "progs      6  xdp                               yes    yes      net"
	else
		has_line "progs      6  xdp                               yes    unknown  net"
	fi
}

@test "where the kernel hides its types, its column says unknown" {
	need_root
	# shellcheck disable=SC2016
	unshare --mount --propagation private sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' sh \
		"$BPFTOKEN" names progs >"$WORK/stdout" 2>"$WORK/stderr"
	[[ $(<"$WORK/stderr") == 'bpftoken: names: warning: "/sys/kernel/btf/vmlinux": no type information can be read ('*')' ]]
	has_line "progs      6  xdp                               yes    unknown  net"
	# shellcheck disable=SC2016
	unshare --mount --propagation private sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' sh \
		"$BPFTOKEN" names --json progs 2>&1 >"$WORK/stdout" | grep --quiet warning
	[[ $(jq -c 'map(.kernel) | unique' "$WORK/stdout") == '[null]' ]]
}

@test "colour on a terminal only, and never with NO_COLOR" {
	make_types
	command="$BPFTOKEN names --btf=$WORK/kernel.o cmds"
	on_terminal=$(env -u NO_COLOR TERM=xterm script --quiet --command "$command" /dev/null)
	[[ $on_terminal == *$'\033[1mLIST'* && $on_terminal == *$'\033[33mno'* ]]
	[[ $(TERM=xterm NO_COLOR=1 script --quiet --command "$command" /dev/null) != *$'\033'* ]]
	[[ $(env -u NO_COLOR TERM=dumb script --quiet --command "$command" /dev/null) != *$'\033'* ]]
}

@test "wrong use, and types that are none" {
	names prgs
	is_status 64
	same "standard error" 'bpftoken: names: argument "prgs": it is no list; write one of cmds, maps, progs and attachs, or nothing' "$stderr"
	names cmds maps
	is_status 64
	same "standard error" 'bpftoken: names: argument "maps": there is one too many; name one list' "$stderr"
	names --btf="$WORK/none"
	is_status 65
	same "standard error" "bpftoken: names: \"$WORK/none\": no type information can be read (No such file or directory)" "$stderr"
	same "standard output" "" "$stdout"
	echo 'int x;' | clang -target bpf -g -O2 -x c -c - -o "$WORK/other.o"
	names --btf="$WORK/other.o"
	is_status 65
	same "standard error" "bpftoken: names: \"$WORK/other.o\": it has no enum bpf_cmd; name a kernel's type information" "$stderr"
	run "$BPFTOKEN" nmes
	[[ $status -eq 64 && $output == 'bpftoken: command "nmes": there is none of that name; see bpftoken --help' ]]
	run "$BPFTOKEN" -h
	[[ $status -eq 64 && $output == 'bpftoken: option "-h": there is none of that name; see bpftoken --help' ]]
}
