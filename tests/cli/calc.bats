#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken calc: its command line, its formats, files that are no BPF objects, and Debian's objects,
# of which it must say what libbpf itself makes of them.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
	OBJECTS=$BUILD/tests/e2e/bin/calc
}

teardown() {
	tear_down
}

# calc [ARG]...: runs it.
calc() {
	status=0
	timeout 60 "$BPFTOKEN" calc "$@" >"$WORK/stdout" 2>"$WORK/stderr" 3>&- || status=$?
	heard
}

# error CODE MESSAGE: one line, and nothing printed.
error() {
	is_status "$1"
	same "standard error" "bpftoken: calc: $2" "$stderr"
	same "standard output" "" "$stdout"
}

# prints TEXT: that and no more.
prints() {
	is_status 0
	same "standard output" "$1" "$stdout"
}

# lists FILTER: what jq prints of the one object's JSON.
lists() {
	jq --raw-output "$1" <<<"$stdout"
}

# The command line

@test "--help: usage, every format and option, an example, in 90 columns" {
	local word
	calc --help
	is_status 0
	same "standard error" "" "$stderr"
	[[ $stdout == "Usage: bpftoken calc "* ]] || fail "no usage"
	[[ $(wc -L <<<"$stdout") -le 90 ]] || fail "wider than 90 columns"
	for word in --format= --json --name= --own --help Example: text annotations podman kubernetes \
		cdi policy systemd lxd incus mount json; do
		[[ $stdout == *"$word"* ]] || fail "not in there: $word"
	done
}

@test "a wrong command line is 64" {
	calc
	error 64 "argument FILE: it is missing; name a BPF object, or a program or library that embeds one"
	calc --format=yaml x.o
	error 64 "option --format=\"yaml\": there is no such format; use one of text, annotations, podman, kubernetes, cdi, policy, systemd, lxd, incus, mount, json"
	calc --name= x.o
	error 64 "option --name: it is empty; name something"
	calc --frmat=text x.o
	is_status 64
	calc --format
	is_status 64
}

# What is printed

@test "text" {
	calc "$OBJECTS/xdp.bpf.o"
	same "standard error" "" "$stderr"
	libbpf=$("$BPFTOKEN" calc --json "$OBJECTS/xdp.bpf.o" | jq --raw-output .libbpf)
	prints "1 program, 0 maps (bpftoken calc, libbpf $libbpf)
Needed
  cmds        prog_load
  progs       xdp
  attachs     xdp
On top, for libbpf's own probes
  cmds        btf_load
  progs       socket_filter
  attachs     cgroup_inet_ingress
Capabilities  BPF, NET_ADMIN
Kernel        6.9 or later"
}

@test "text: lines wrap at column 80 and a pipe gets no colour" {
	calc "$OBJECTS"/*.bpf.o
	is_status 0
	[[ $(wc -L <<<"$stdout") -le 80 ]] || fail "wider than 80 columns"
	[[ $stdout != *$'\033'* ]] || fail "colour"
	[[ $stdout == *$'\nWarning '* ]] || fail "no warning"
}

@test "json: the keys and what they hold" {
	calc --format=json "$OBJECTS/map_lock.bpf.o"
	is_status 0
	same "keys" "attachs capabilities cmds file kernel libbpf libbpfProbes maps progs warnings" \
		"$(lists 'keys | join(" ")')"
	same "file" "$OBJECTS/map_lock.bpf.o" "$(lists .file)"
	same "own" "map_create,prog_load,btf_load array sched_cls cgroup_inet_ingress" \
		"$(lists '[.cmds, .maps, .progs, .attachs | join(",")] | join(" ")')"
	same "probes" '{"cmds":[],"maps":[],"progs":["socket_filter"],"attachs":[]}' \
		"$(jq --compact-output .libbpfProbes <<<"$stdout")"
	same "rest" "CAP_BPF,CAP_NET_ADMIN 6.9 0" \
		"$(lists '"\(.capabilities | join(",")) \(.kernel) \(.warnings | length)"')"
	[[ $(lists .libbpf) =~ ^[0-9]+\.[0-9]+$ ]] || fail "no version"
	cp "$WORK/stdout" "$WORK/first"
	calc --json "$OBJECTS/map_lock.bpf.o"
	same "--json" "$(<"$WORK/first")" "$stdout"
}

@test "json: one object for each file; all other formats unite them" {
	calc --json "$OBJECTS/xdp.bpf.o" "$OBJECTS/map_ringbuf.bpf.o"
	is_status 0
	same "files" "xdp.bpf.o map_ringbuf.bpf.o" \
		"$(jq --slurp --raw-output 'map(.file | split("/")[-1]) | join(" ")' <<<"$stdout")"
	calc --format=annotations --own "$OBJECTS/xdp.bpf.o" "$OBJECTS/map_ringbuf.bpf.o"
	prints "io.bpftoken.cmds=map_create,prog_load
io.bpftoken.maps=ringbuf
io.bpftoken.progs=socket_filter,xdp
io.bpftoken.attachs=cgroup_inet_ingress,xdp"
}

@test "own needs do without libbpf's part" {
	calc --format=mount --own "$OBJECTS/xdp.bpf.o"
	prints "delegate_cmds=prog_load,delegate_progs=xdp,delegate_attachs=xdp"
	calc --format=mount "$OBJECTS/xdp.bpf.o"
	prints "delegate_cmds=prog_load:btf_load,delegate_progs=socket_filter:xdp,delegate_attachs=cgroup_inet_ingress:xdp"
}

@test "what the format has no place for goes to standard error: the version, warnings" {
	calc --format=annotations "$OBJECTS/tracepoint.bpf.o"
	is_status 0
	same "version" "bpftoken: calc: found by libbpf $("$BPFTOKEN" calc --json \
		"$OBJECTS/tracepoint.bpf.o" | jq --raw-output .libbpf)" "${stderr%%$'\n'*}"
	stderr=${stderr#*$'\n'}
	[[ $stderr == "bpftoken: calc: warning: a token loads but never attaches programs of type tracepoint (\"program\"): "* ]] ||
		fail "no warning"
	[[ $stdout != *arning* ]] || fail "among the annotations"
}

@test "a section that libbpf does not know is left out and told with libbpf's version" {
	calc --json "$OBJECTS/unknown.bpf.o"
	is_status 0
	same "lists" '[[],[],[],[]]' "$(jq --compact-output '[.cmds, .maps, .progs, .attachs]' <<<"$stdout")"
	same "warning" "libbpf $(lists .libbpf) does not know sections \"no_such_section\" and so no type of their programs; they are left out; use a newer libbpf, or add what the loader makes of them" \
		"$(lists '.warnings[]')"
}

@test "a program that is loaded on request is counted and told" {
	calc --json "$OBJECTS/optional.bpf.o"
	same "programs" sched_cls "$(lists '.progs[]')"
	same "warning" "programs \"program\" are loaded only when the application asks for it; they are counted" \
		"$(lists '.warnings[]')"
}

@test "freplace: the target's type information, Linux 6.15 and libbpf 1.6" {
	calc --json "$OBJECTS/freplace.bpf.o"
	same "needs" "prog_load,btf_load,btf_get_fd_by_id ext cgroup_inet_ingress 6.15" \
		"$(lists '"\(.cmds | join(",")) \(.progs[]) \(.attachs[]) \(.kernel)"')"
	[[ $(lists '.warnings[]') == *"need libbpf 1.6"* ]] || fail "no warning"
}

@test "struct_ops: the places that this kernel has for the members" {
	[[ -r /sys/kernel/btf/vmlinux ]] || skip "this kernel has no type information"
	calc --json "$OBJECTS/struct_ops.bpf.o"
	# in the object's own struct they are the first three
	same "needs" "struct_ops struct_ops $(places ssthresh undo_cwnd cong_avoid)" \
		"$(lists '"\(.progs[]) \(.maps[]) \(.attachs | join(","))"')"
}

# places MEMBER...: the attach types with the numbers of members of tcp_congestion_ops.
places() {
	local member
	for member; do
		"$DERIVE" --member tcp_congestion_ops "$member"
	done | sort -n | while read -r bit; do
		"$BPFTOKEN" names --json attachs | jq --raw-output ".[] | select(.bit == $bit) | .name"
	done | paste -sd,
}

# Formats are read by those they are for

@test "annotations and the arguments of a CDI device are the hook's" {
	local line annotations args
	need_root
	start_container
	calc --format=annotations "$OBJECTS/map_array.bpf.o"
	annotations=$(jq --raw-input --slurp 'split("\n") | map(select(. != "") |
		capture("(?<key>[^=]*)=(?<value>.*)")) | from_entries' <<<"$stdout")
	policy '{"version": 1, "rules": [{"name": "all", "match": {}, "allow": {"cmds":
		"map_create,prog_load,btf_load", "maps": "array", "progs": "socket_filter",
		"attachs": "cgroup_inet_ingress", "hostReach": true}}]}'
	ask "$annotations"
	hook --dry-run
	is_status 0
	calc --format=cdi --name=array "$OBJECTS/map_array.bpf.o"
	same "device" "bpftoken.io/bpf array createRuntime" \
		"$(lists '"\(.kind) \(.devices[0].name) \(.devices[0].containerEdits.hooks[0].hookName)"')"
	mapfile -t args < <(lists '.devices[0].containerEdits.hooks[0].args[1:][]')
	same "arguments" "--cmds=map_create,prog_load,btf_load --maps=array --progs=socket_filter --attachs=cgroup_inet_ingress createRuntime" \
		"${args[*]}"
	ask '{}'
	hook --dry-run "${args[@]}"
	is_status 0
}

@test "kubernetes: two documents of YAML" {
	python3 -c 'import yaml' 2>"$WORK/stderr" || skip "no YAML parser: $(tail -n 1 "$WORK/stderr")"
	calc --format=kubernetes "$OBJECTS/map_array.bpf.o"
	is_status 0
	stdout=$(python3 -c '
import json, sys, yaml
for document in yaml.safe_load_all(sys.stdin): print(json.dumps(document))' <<<"$stdout")
	same "kinds" "RuntimeClass Pod" "$(jq --slurp --raw-output 'map(.kind) | join(" ")' <<<"$stdout")"
	stdout=$(sed -n 2p <<<"$stdout")
	same "pod" "map-array false bpf-token" \
		"$(lists '"\(.metadata.name) \(.spec.hostUsers) \(.spec.runtimeClassName)"')"
	same "annotations" "map_create,prog_load,btf_load array socket_filter cgroup_inet_ingress" \
		"$(lists '.metadata.annotations | [.["io.bpftoken.cmds", "io.bpftoken.maps",
			"io.bpftoken.progs", "io.bpftoken.attachs"]] | join(" ")')"
	same "container" "map-array BPF" \
		"$(lists '.spec.containers[0] | "\(.name) \(.securityContext.capabilities.add | join(","))"')"
}

@test "podman, lxd, incus: one command of the shell" {
	local format
	for format in podman lxd incus; do
		calc --format="$format" "$OBJECTS/map_array.bpf.o"
		is_status 0
		mapfile -t words < <(eval "set -- $(sed 1d <<<"$stdout")"; printf '%s\n' "$@")
		[[ ${words[0]} = "${format/lxd/lxc}" ]] || fail "not a command"
		[[ ${words[*]} = *array* ]] || fail "without the map"
	done
}

@test "policy: what bpftoken finds in it is what was found" {
	calc --format=policy --name=array "$OBJECTS/map_array.bpf.o"
	same "profile" "map_create,prog_load,btf_load array socket_filter cgroup_inet_ingress" \
		"$(lists '.profiles.array | [.cmds, .maps, .progs, .attachs] | join(" ")')"
}

# Files that are no good

@test "files without a BPF object are 65" {
	local what="no BPF object in it; name an ELF file made by clang -target bpf, or a program or library that embeds some"
	: >"$WORK/empty"
	echo text >"$WORK/text"
	printf '\177ELF' >"$WORK/magic"
	calc "$WORK/empty"
	error 65 "$WORK/empty: $what"
	calc "$WORK/text"
	error 65 "$WORK/text: $what"
	calc "$WORK/magic"
	error 65 "$WORK/magic: $what"
	calc /bin/true
	error 65 "/bin/true: $what"
	calc "$WORK"
	error 65 "$WORK: no regular file; name an object or a program"
	mkfifo "$WORK/fifo"
	calc "$WORK/fifo"
	error 65 "$WORK/fifo: no regular file; name an object or a program"
}

@test "a file that cannot be read is 71" {
	calc "$WORK/none"
	error 71 "$WORK/none: it cannot be opened: No such file or directory"
}

@test "malformed objects are 65" {
	local headers="malformed object: its headers are broken or in the other byte order; build it again for this machine"
	head -c 700 "$OBJECTS/xdp.bpf.o" >"$WORK/short.o"
	calc "$WORK/short.o"
	error 65 "$WORK/short.o: $headers"
	cp "$OBJECTS/xdp.bpf.o" "$WORK/order.o"
	printf '\002\002\001\0\0\0\0\0\0\0\0\0\0\1\0\367' |
		dd of="$WORK/order.o" bs=1 seek=4 conv=notrunc status=none
	calc "$WORK/order.o"
	is_status 65
	# no string table: libbpf has its own words for that
	cp "$OBJECTS/xdp.bpf.o" "$WORK/table.o"
	printf '\377\377' | dd of="$WORK/table.o" bs=1 seek=62 conv=notrunc status=none
	calc "$WORK/table.o"
	is_status 65
	[[ $stderr == "bpftoken: calc: $WORK/table.o: malformed object: libbpf "*" refuses it ("*"); build it again, or use a newer libbpf" ]] ||
		fail "other words"
	[[ $(wc -l <"$WORK/stderr") -eq 1 ]] || fail "not one line"
}

@test "of several files, each bad one is told, json has the good ones, and nothing is half united" {
	calc --json "$WORK/none" "$OBJECTS/xdp.bpf.o" /bin/true
	is_status 71
	[[ $(wc -l <<<"$stderr") -eq 2 ]] || fail "not two lines"
	same "the good one" xdp "$(lists '.progs | join(",")')"
	calc --format=annotations "$OBJECTS/xdp.bpf.o" /bin/true
	is_status 65
	same "standard output" "" "$stdout"
}

@test "a name cannot forge a line or steer a terminal" {
	cp "$OBJECTS/xdp.bpf.o" "$WORK/"$'a\nb\033.o'
	calc --json "$WORK/"$'a\nb\033.o'
	is_status 0
	same "file" "$WORK/"$'a\nb\033.o' "$(lists .file)"
	calc --format=kubernetes "$WORK/"$'a\nb\033.o'
	is_status 0
	[[ $stdout == *'name: "a-b"'* ]] || fail "no plain name"
	calc "$WORK/"$'a\nb\033'
	is_status 71
	[[ $(wc -l <"$WORK/stderr") -eq 1 && $stderr != *$'\033'* ]] || fail "not one plain line"
}

# Objects in other files

@test "a program that embeds objects: all of them, wherever they lie" {
	{
		cat /bin/true
		printf x
		cat "$OBJECTS/xdp.bpf.o"
		printf 'yz\177ELF'
		cat "$OBJECTS/map_ringbuf.bpf.o"
		printf end
	} >"$WORK/program"
	calc --json "$WORK/program"
	is_status 0
	same "lists" "map_create,prog_load ringbuf socket_filter,xdp cgroup_inet_ingress,xdp" \
		"$(lists '[.cmds, .maps, .progs, .attachs | join(",")] | join(" ")')"
	calc "$WORK/program"
	[[ $stdout == "2 programs, 1 map "* ]] || fail "not both"
}

@test "a broken object in a program is told with its place" {
	{ printf x; cat "$OBJECTS/xdp.bpf.o"; } >"$WORK/program"
	printf '\377\377' | dd of="$WORK/program" bs=1 seek=63 conv=notrunc status=none
	calc "$WORK/program"
	is_status 65
	[[ $stderr == *": malformed object at byte 1: libbpf "* ]] || fail "no place"
}

# Speed

@test "a hundred objects in well under a second" {
	local files=("$OBJECTS"/*.bpf.o "$OBJECTS"/*.bpf.o) TIMEFORMAT='%R s, of a processor %U and %S' took
	need_no_sanitizer "they are slow"
	files=("${files[@]:0:100}")
	[[ ${#files[@]} -eq 100 ]] || fail "only ${#files[@]} objects"
	took=$({ time calc --json "${files[@]}"; } 2>&1; exit "$status")
	echo "# 100 objects: $took" >&3
	# the processor's time: others may use the machine
	awk '{ gsub(",", ""); exit !($5 + 0 + $7 < 0.7) }' <<<"$took" || fail "too slow: $took"
}

# Debian's objects

# debian SUITE: sets folder to that release's packages with BPF objects, or skips the test.
debian() {
	need_root
	folder=$("$SOURCE/tests/lib/debian-objects" "$1" 2>"$WORK/stderr") || {
		[[ $? -eq 77 ]] || fail "debian-objects: $(<"$WORK/stderr")"
		skip "$(tail -n 1 "$WORK/stderr")"
	}
}

# agrees SUITE COUNT: on all files of a release's packages, of which at least COUNT have objects.
agrees() {
	local files
	debian "$1"
	mapfile -t files < <(LC_ALL=C grep --recursive --files-with-matches --text --fixed-strings \
		$'\177ELF' "$folder" | sort)
	"$DERIVE" "${files[@]}" >"$WORK/derived"
	calc --json "${files[@]}"
	[[ $(wc -l <"$WORK/derived") -ge $2 ]] || fail "only $(wc -l <"$WORK/derived") files with objects"
	# no file is missing in either, and those without an object are told so
	same "what calc finds" "$(jq --compact-output '{file, maps, progs, attachs}' "$WORK/derived")" \
		"$(jq --compact-output '{file, maps, progs, attachs}' "$WORK/stdout")"
	same "files without" "$((${#files[@]} - $(wc -l <"$WORK/derived")))" \
		"$(grep -c ': no BPF object in it; ' "$WORK/stderr")"
	same "other errors" "" "$(grep -v ': no BPF object in it; ' "$WORK/stderr")"
	# the commands follow from the lists
	jq --slurp --exit-status 'all(.[];
		(.cmds | contains(["map_create"])) == (.maps != []) and
		(.cmds | contains(["prog_load"])) == (.progs != []))' "$WORK/stdout" >"$WORK/verdict" ||
		fail "commands that do not fit"
	echo "# $1: $(wc -l <"$WORK/derived") of ${#files[@]} files have objects" >&3
}

@test "Debian 12's packages: what libbpf makes of each object" {
	agrees bookworm 70
}

@test "Debian 13's packages: what libbpf makes of each object" {
	agrees trixie 80
}

# Debian 13's libbpf and all that it runs with, by Debian 13's loader.
@test "Debian 13's libbpf finds the same" {
	local libraries loader
	need_no_sanitizer "their libraries are not Debian 13's"
	debian trixie
	libraries=$(dirname "$(find "$folder/usr/lib" -name libbpf.so.1)")
	loader=("$libraries"/ld-linux-*.so.*)
	calc --json "$OBJECTS"/*.bpf.o
	cp "$WORK/stdout" "$WORK/here"
	"${loader[0]}" --library-path "$libraries" "$BPFTOKEN" calc --json \
		"$OBJECTS"/*.bpf.o >"$WORK/there" 2>"$WORK/stderr" || fail "$(<"$WORK/stderr")"
	same "what it finds" "$(jq --compact-output 'del(.libbpf, .warnings)' "$WORK/here")" \
		"$(jq --compact-output 'del(.libbpf, .warnings)' "$WORK/there")"
	echo "# libbpf $(jq --slurp --raw-output '.[0].libbpf' "$WORK/here") and $(
		jq --slurp --raw-output '.[0].libbpf' "$WORK/there")" >&3
}
