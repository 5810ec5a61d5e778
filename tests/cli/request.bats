#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a container asks for in its annotations, and how that can be wrong (65).

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
}

teardown() {
	tear_down
}

# annotation KEY VALUE: as a member of JSON; the value is as it stands in JSON.
annotation() {
	printf '"io.bpftoken.%s":"%s"' "$1" "$2"
}

# repeat N TEXT
repeat() {
	printf "%0.s$2" $(seq "$1")
}

# refuses_key KEY MESSAGE
refuses_key() {
	ask "{$(annotation "$1" map_create)}"
	hook
	refuses 65 "annotation \"io.bpftoken.$1\": $2"
}

# refuses_value "KEY VALUE" MESSAGE: besides a command that could be had.
refuses_value() {
	local key=${1%% *} value=
	[[ $1 != *' '* ]] || value=${1#* }
	if [[ $key == cmds ]]; then
		ask "{$(annotation cmds "$value")}"
	else
		ask "{$(annotation cmds map_create),$(annotation "$key" "$value")}"
	fi
	hook
	refuses 65 "annotation \"io.bpftoken.$key\": $2"
}

@test "keys that do not exist" {
	local keys='no such key; the keys are io.bpftoken.profile, cmds, maps, progs, attachs, path, mode, owner and on-unsupported, each alone or with /CONTAINER behind it'
	each_row refuses_key <<-END
		 -> $keys
		cmd -> $keys
		Cmds -> $keys
		cmds. -> $keys
		on_unsupported -> $keys
		/web -> $keys
		cmd/web -> $keys
		cmds/ -> no container is named after the slash; name one or remove the slash
	END
}

@test "a key that does not exist, with bytes that must not be shown" {
	ask '{"io.bpftoken.\u001b[2J\n":"any"}'
	hook
	refuses 65 'annotation "io.bpftoken.\x1b[2J\n": no such key; the keys are io.bpftoken.profile, cmds, maps, progs, attachs, path, mode, owner and on-unsupported, each alone or with /CONTAINER behind it'
}

@test "settings without a delegation" {
	local key
	for key in path mode owner on-unsupported; do
		ask "{$(annotation "$key" whatever)}"
		hook
		refuses 65 "annotation \"io.bpftoken.$key\": nothing is asked for; add io.bpftoken.profile, cmds, maps, progs or attachs, or remove it"
	done
}

@test "maps or programs without any command" {
	need_root
	start_container
	ask "{$(annotation maps array),$(annotation progs xdp)}"
	hook
	refuses 65 'request: no command is asked for, so a token would serve nothing; add cmds, for example map_create,prog_load'
	hook --maps=array
	refuses 64 'request: no command is asked for, so a token would serve nothing; add cmds, for example map_create,prog_load'
}

@test "lists" {
	each_row refuses_value <<-'END'
		cmds -> the list is empty; leave cmds out instead
		maps  \n -> the list is empty; leave maps out instead
		cmds , -> an item of the list is empty; remove the extra ","
		cmds ,map_create -> an item of the list is empty; remove the extra ","
		cmds map_create,,prog_load -> an item of the list is empty; remove the extra ","
		cmds map_create : , prog_load -> an item of the list is empty; remove the extra ","
		cmds map_create, -> the list ends in ","; remove it
		cmds map_create:\n -> the list ends in ":"; remove it
		cmds map_create\u0001 -> a control byte (0x01) stands in the list; remove it
		cmds map_create\rprog_load -> a control byte (0x0d) stands in the list; remove it
		cmds map_create\u007f -> a control byte (0x7f) stands in the list; remove it
	END
}

@test "names" {
	each_row refuses_value <<-'END'
		cmds map_crate -> unknown name "map_crate"; did you mean "map_create"? "bpftoken names cmds" lists all there are
		cmds zzzzzzzz -> unknown name "zzzzzzzz"; "bpftoken names cmds" lists all there are
		cmds map_create;prog_load -> unknown name "map_create;prog_load"; "bpftoken names cmds" lists all there are
		cmds -1 -> unknown name "-1"; "bpftoken names cmds" lists all there are
		cmds map\u00e9 -> unknown name "map\xc3\xa9"; "bpftoken names cmds" lists all there are
		cmds xdp -> "xdp" belongs to progs; "bpftoken names cmds" lists all there are
		maps BPF_MAP_CREATE -> "BPF_MAP_CREATE" belongs to cmds; "bpftoken names maps" lists all there are
		progs cgroup_inet_ingress -> "cgroup_inet_ingress" belongs to attachs; "bpftoken names progs" lists all there are
		attachs BPFProgTypeSocketFilter -> "BPFProgTypeSocketFilter" belongs to progs; "bpftoken names attachs" lists all there are
	END
}

@test "a name of any length keeps the message short" {
	refuses_value "cmds $(repeat 100000 a)" \
		"unknown name \"$(repeat 120 a)\"...; \"bpftoken names cmds\" lists all there are"
	refuses_value "cmds $(repeat 5000 '\\u00e9')" \
		"unknown name \"$(repeat 15 '\\xc3\\xa9')\"...; \"bpftoken names cmds\" lists all there are"
}

@test "numbers" {
	each_row refuses_value <<-'END'
		cmds 0 -> 0 delegates nothing; leave cmds out instead
		maps 0x0 -> 0 delegates nothing; leave maps out instead
		cmds 0x -> "0x" is not a mask; write it as 0x and hexadecimal digits, or decimal without leading zeros
		cmds 0xzz -> "0xzz" is not a mask; write it as 0x and hexadecimal digits, or decimal without leading zeros
		cmds 007 -> "007" is not a mask; write it as 0x and hexadecimal digits, or decimal without leading zeros
		cmds 1e3 -> "1e3" is not a mask; write it as 0x and hexadecimal digits, or decimal without leading zeros
		cmds 0x10000000000000000 -> "0x10000000000000000" is over 64 bits
		cmds 18446744073709551616 -> "18446744073709551616" is over 64 bits
		cmds 0x8000000000000000 -> bit 63 is newer than this build; an administrator can put the number in a profile of the policy
		cmds any,map_create -> "any" or a number stands alone in a list; "any,map_create" has more in it
		cmds map_create any -> "any" or a number stands alone in a list; "map_create any" has more in it
		maps 0x1:0x2 -> "any" or a number stands alone in a list; "0x1:0x2" has more in it
		maps array,1 -> "any" or a number stands alone in a list; "array,1" has more in it
	END
}

@test "paths" {
	each_row refuses_value <<-'END'
		path -> "" is not absolute; write the plain absolute path inside the container
		path sys/fs/bpf -> "sys/fs/bpf" is not absolute; write the plain absolute path inside the container
		path / -> "/" is the root itself; write the plain absolute path inside the container
		path /a/../b -> "/a/../b" holds "." or ".."; write the plain absolute path inside the container
		path /a/. -> "/a/." holds "." or ".."; write the plain absolute path inside the container
		path //a -> "//a" holds "//"; write the plain absolute path inside the container
		path /a/ -> "/a/" ends in a slash; write the plain absolute path inside the container
		path /a\nb -> "/a\nb" holds a control byte; write the plain absolute path inside the container
		path /a\u007f -> "/a\x7f" holds a control byte; write the plain absolute path inside the container
	END
	refuses_value "path /$(repeat 4095 a)" \
		"\"/$(repeat 119 a)\"... is 4096 bytes or longer; write the plain absolute path inside the container"
}

@test "mode, owner and on-unsupported" {
	each_row refuses_value <<-'END'
		mode -> "" is not an octal mode from 0000 to 0777
		mode 888 -> "888" is not an octal mode from 0000 to 0777
		mode 1777 -> "1777" is not an octal mode from 0000 to 0777
		mode 00700 -> "00700" is not an octal mode from 0000 to 0777
		mode 0x1ff -> "0x1ff" is not an octal mode from 0000 to 0777
		mode u=rwx -> "u=rwx" is not an octal mode from 0000 to 0777
		owner -> "" is no owner; write root, user or UID:GID as seen in the container
		owner bob -> "bob" is no owner; write root, user or UID:GID as seen in the container
		owner 0 -> "0" is no owner; write root, user or UID:GID as seen in the container
		owner 0: -> "0:" is no owner; write root, user or UID:GID as seen in the container
		owner :0 -> ":0" is no owner; write root, user or UID:GID as seen in the container
		owner 1:2:3 -> "1:2:3" is no owner; write root, user or UID:GID as seen in the container
		owner -1:0 -> "-1:0" is no owner; write root, user or UID:GID as seen in the container
		owner 4294967295:0 -> "4294967295:0" is no owner; write root, user or UID:GID as seen in the container
		owner 0:4294967295 -> "0:4294967295" is no owner; write root, user or UID:GID as seen in the container
		on-unsupported -> "" is neither fail nor ignore
		on-unsupported yes -> "yes" is neither fail nor ignore
	END
}

@test "profiles" {
	each_row refuses_value <<-'END'
		profile -> no profile is named; name one or remove the key
		profile a/b -> "a/b" is no profile name; use up to 63 letters, digits, '.', '_' and '-'
		profile * -> "*" is no profile name; use up to 63 letters, digits, '.', '_' and '-'
		profile a,,b -> an item of the list is empty; remove the extra ","
	END
	refuses_value "profile $(repeat 64 a)" \
		"\"$(repeat 64 a)\" is no profile name; use up to 63 letters, digits, '.', '_' and '-'"
	refuses_value "profile $(seq --separator=, 33)" "more than 32 profiles are named; name fewer"
}

@test "a profile that nobody defines" {
	start_container
	policy '{"version": 1, "profiles": {"one": {"cmds": "map_create"}, "two": {"maps": "array"}}}'
	ask "{$(annotation profile onetwo)}"
	hook
	[[ $stderr =~ use\ one\ of:\ one,\ two(,\ [a-z0-9._-]+)*$ ]] || fail "it does not list them"
	refuses 65 "request: profile \"onetwo\" is not defined; define it in $POLICY or use one of: ${stderr##*: }"
	hook --profile=onetwo
	refuses 64 "request: profile \"onetwo\" is not defined; define it in $POLICY or use one of: ${stderr##*: }"
}

# ---- what is granted ----

allow_all() {
	policy '{"version": 1,
		"profiles": {"arrays": {"cmds": "map_create", "maps": "array"},
		             "xdp": {"cmds": "prog_load", "progs": "xdp"}},
		"rules": [{"match": {}, "allow": {"cmds": "any", "maps": "any", "progs": "any",
			"attachs": "any", "paths": "/*,/*/*,/*/*/*", "hostReach": true}}]}'
}

# grants ANNOTATIONS OPTIONS [PATH]: in a container of its own.
grants() {
	start_container
	ask "$1"
	hook
	granted "rw,$2" "${3-}"
}

@test "every spelling of a name" {
	local value
	allow_all
	for value in "map_create prog_load" "MAP_CREATE,Prog_Load" "BPF_MAP_CREATE:bpf_prog_load" \
		"BPFMapCreate\\tBPFProgLoad" " map_create , prog_load \\n" 0x21 33 0X21; do
		grants "{$(annotation cmds "$value")}" \
			"uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create:prog_load"
	done
}

@test "all four lists, and any" {
	allow_all
	grants "{$(annotation cmds any),$(annotation maps "hash"),$(annotation progs ANY),$(annotation attachs xdp)}" \
		"uid=1000000,gid=1000000,mode=700,delegate_cmds=any,delegate_maps=hash,delegate_progs=any,delegate_attachs=xdp"
}

@test "profiles and lists are united" {
	allow_all
	grants "{$(annotation profile "arrays,xdp"),$(annotation maps hash)}" \
		"uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create:prog_load,delegate_maps=hash:array,delegate_progs=xdp"
}

@test "mode" {
	local value
	allow_all
	for value in 0 0000 700 0700 0755 777; do
		start_container
		ask "{$(annotation cmds map_create),$(annotation mode "$value")}"
		hook
		is_status 0
		# the kernel leaves its default, 0777, out
		[[ $value == 777 && $(mounted) != *mode=* ]] ||
			[[ $(mounted) == *",mode=$((10#$value)),"* ]] || fail "mode $value: $(mounted)"
	done
}

@test "owner" {
	allow_all
	config '.process.user = {uid: 33, gid: 44}'
	grants "{$(annotation cmds map_create),$(annotation owner root)}" \
		"uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create"
	grants "{$(annotation cmds map_create),$(annotation owner user)}" \
		"uid=1000033,gid=1000044,mode=700,delegate_cmds=map_create"
	grants "{$(annotation cmds map_create),$(annotation owner 65535:1)}" \
		"uid=1065535,gid=1000001,mode=700,delegate_cmds=map_create"
}

@test "path: one that is there, one that is made" {
	allow_all
	grants "{$(annotation cmds map_create),$(annotation path /run)}" \
		"uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create" /run
	grants "{$(annotation cmds map_create),$(annotation path "/a b/c")}" \
		"uid=1000000,gid=1000000,mode=700,delegate_cmds=map_create" '/a\040b/c'
	[[ $(stat --format=%u:%g:%a "$BUNDLE/rootfs/a b/c") == 1000000:1000000:755 ]] ||
		fail "not made by the container's root: $(stat "$BUNDLE/rootfs/a b/c")"
	rmdir "$BUNDLE/rootfs/a b"/{c,}
}

# ---- one container of a pod ----

@test "a key with this container's name wins over the bare one, whatever their order" {
	local name
	for name in io.kubernetes.cri.container-name io.kubernetes.container.name; do
		start_container
		ask "{$(annotation cmds any),$(annotation cmds/web map_create),$(annotation maps/web array),$(annotation maps any),\"$name\":\"web\"}"
		hook
		granted
	done
}

@test "keys with other containers' names are theirs" {
	ask "{$(annotation cmds/db any),\"io.kubernetes.cri.container-name\":\"web\"}"
	hook
	silent
	ask "{$(annotation cmds/db any)}"
	hook
	silent
	ask "{$(annotation cmds/db any),$(annotation path /run),\"io.kubernetes.cri.container-name\":\"web\"}"
	hook
	silent
}

@test "keys with other containers' names must exist all the same" {
	ask "{$(annotation cmd/db any),\"io.kubernetes.cri.container-name\":\"web\"}"
	hook
	is_status 65
}

@test "a setting of this container alone, while another asks" {
	ask "{$(annotation cmds/db any),$(annotation path/web /run),\"io.kubernetes.cri.container-name\":\"web\"}"
	hook
	refuses 65 'annotation "io.bpftoken.path": nothing is asked for; add io.bpftoken.profile, cmds, maps, progs or attachs, or remove it'
}

# ---- root's own words ----

@test "the command line is the whole request, and no rule is asked" {
	policy '{"version": 1, "rules": [{"match": {}, "deny": true}]}'
	start_container
	ask "{$(annotation cmds any),$(annotation typo x),$(annotation mode 0)}"
	hook --cmds=map_create --maps=array createRuntime
	granted
	[[ $(logged .source) == "command line" ]] || fail "not the command line's"
}

@test "the command line needs no policy, unless it names a profile" {
	start_container
	rm "$POLICY"
	hook --cmds=map_create --maps=array
	granted
	start_container
	policy '{"version": 1, "profiles": {"own": {"cmds": "map_create", "maps": "array"}}}'
	hook --profile=own
	granted
}

@test "the command line takes bits that this build does not know" {
	start_container
	hook --cmds=0x8000000000000001 --maps=array
	granted # the kernel takes what it does not know either, and does not show it
	[[ $(logged .cmds) == map_create,0x8000000000000000 ]] || fail "not in the log"
}
