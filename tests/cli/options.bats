#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line: help, version, and every way to get it wrong (64).

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
}

teardown() {
	tear_down
}

# refuses_option "ARGS" MESSAGE: each of ARGS is a word.
refuses_option() {
	local args
	read -r -a args <<<"$1"
	hook "${args[@]}"
	refuses_to_start 64 "$2"
}

@test "--help: what it is for, each option once, the exit codes and an example, in 90 columns" {
	local option
	hook --help
	is_status 0
	same "standard error" "" "$stderr"
	[[ $(wc -L <<<"$stdout") -le 90 ]] || fail "wider than 90 columns"
	[[ $stdout == "Usage: oci-bpf-token-hook "* ]] || fail "no usage"
	[[ $stdout == *"Example"*"oci-bpf-token-hook --"* ]] || fail "no example"
	for option in profile cmds maps progs attachs path mode owner on-unsupported policy log \
		log-format dry-run help version; do
		[[ $(grep --count --extended-regexp "^  (--help, )?--$option\\b" <<<"$stdout") -ge 1 ]] ||
			fail "--$option is missing"
	done
	for option in 0 64 65 69 71 77 78; do
		grep --quiet --word-regexp "$option" <<<"$stdout" || fail "$option is missing"
	done
}

@test "--help in the middle of others, and without root's environment or stdin" {
	INPUT=/dev/null
	hook --cmds=map_create --help createRuntime
	is_status 0
	[[ $stdout == Usage:* ]] || fail "no usage"
}

@test "--version: name and number, and whether the seccomp filter is in" {
	hook --version
	is_status 0
	same "standard error" "" "$stderr"
	[[ ${stdout%%$'\n'*} =~ ^oci-bpf-token-hook\ [0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "no version"
	[[ ${stdout#*$'\n'} =~ ^seccomp\ filter:\ .+$ ]] || fail "no word on the filter"
}

full_output() {
	program "$@" >/dev/full
}

@test "--help and --version that cannot be written" {
	local option
	for option in --help --version; do
		observe full_output "$option"
		is_status 71
		says "standard output: No space left on device"
	done
}

@test "options that do not exist, lack a value or must not have one" {
	each_row refuses_option <<-'END'
		--bogus -> option "--bogus": there is no such option, or it takes no value; see --help
		--bogus=1 -> option "--bogus=1": there is no such option, or it takes no value; see --help
		--dry-run=1 -> option "--dry-run=1": there is no such option, or it takes no value; see --help
		--help=1 -> option "--help=1": there is no such option, or it takes no value; see --help
		-h -> option "-h": there is no such option, or it takes no value; see --help
		-xyz -> option "-x": there is no such option, or it takes no value; see --help
		--cmds -> option "--cmds": its value is missing; see --help
		--policy -> option "--policy": its value is missing; see --help
		--log -> option "--log": its value is missing; see --help
	END
}

@test "getopt's own answers are no option's number" {
	# 1, ':' (58) and '?' (63) mean something to getopt
	ask '{}'
	hook --cmds=map_create --maps=array --dry-run -- prestart
	[[ $status -ne 64 ]] || fail "a usage error"
}

@test "--policy takes a canonical absolute path" {
	each_row refuses_option <<-'END'
		--policy= -> option --policy: "" is not absolute; write the plain absolute path
		--policy=policy.json -> option --policy: "policy.json" is not absolute; write the plain absolute path
		--policy=/ -> option --policy: "/" is the root itself; write the plain absolute path
		--policy=/etc/../x -> option --policy: "/etc/../x" holds "." or ".."; write the plain absolute path
		--policy=/etc//x -> option --policy: "/etc//x" holds "//"; write the plain absolute path
		--policy=/etc/ -> option --policy: "/etc/" ends in a slash; write the plain absolute path
	END
}

@test "--log and --log-format" {
	each_row refuses_option <<-'END'
		--log= -> option --log: "" is none of stderr, syslog, file:/PATH and none
		--log=journal -> option --log: "journal" is none of stderr, syslog, file:/PATH and none
		--log=file:log -> option --log: "file:log" is none of stderr, syslog, file:/PATH and none
		--log=none --log=none --log=none --log=none --log=none -> option --log: it is given more than 4 times
		--log-format=xml -> option --log-format: "xml" is neither text nor json
		--log-format= -> option --log-format: "" is neither text nor json
	END
}

@test "phases" {
	each_row refuses_option <<-'END'
		createContainer -> phase "createContainer": such hooks run inside the container, where nobody may delegate; make it a createRuntime or prestart hook
		startContainer -> phase "startContainer": such hooks run inside the container, where nobody may delegate; make it a createRuntime or prestart hook
		poststart -> argument "poststart": only one createRuntime or prestart can stand there; see --help
		createruntime -> argument "createruntime": only one createRuntime or prestart can stand there; see --help
		createRuntime prestart -> argument "prestart": only one createRuntime or prestart can stand there; see --help
		prestart -- prestart -> argument "prestart": only one createRuntime or prestart can stand there; see --help
		- -> argument "-": only one createRuntime or prestart can stand there; see --help
	END
	hook ""
	refuses_to_start 64 \
		'argument "": only one createRuntime or prestart can stand there; see --help'
}

@test "createRuntime, prestart or neither, before and behind the options" {
	local phase
	ask '{}'
	for phase in createRuntime prestart; do
		hook "$phase"
		silent
		observe program_alone "$phase" --log=none <"$INPUT"
		silent
		hook -- "$phase"
		silent
	done
	hook
	silent
}

@test "the request on the command line: given twice, or settings alone" {
	each_row refuses_option <<-'END'
		--cmds=map_create --cmds=map_create -> option --cmds: it is given twice; give it once
		--path=/a --profile=x --path=/a -> option --path: it is given twice; give it once
		--path=/a -> option --path: nothing is asked for; add --profile, --cmds, --maps, --progs or --attachs, or remove it
		--mode=0700 -> option --mode: nothing is asked for; add --profile, --cmds, --maps, --progs or --attachs, or remove it
		--owner=root -> option --owner: nothing is asked for; add --profile, --cmds, --maps, --progs or --attachs, or remove it
		--on-unsupported=ignore -> option --on-unsupported: nothing is asked for; add --profile, --cmds, --maps, --progs or --attachs, or remove it
	END
}

# These are seen when the state is there, and so are in the log.
refuses_word() {
	hook "--cmds=map_create" "$1"
	refuses 64 "$2"
}

@test "the request on the command line: bad values" {
	each_row refuses_word <<-'END'
		--profile=a/b -> option --profile: "a/b" is no profile name; use up to 63 letters, digits, '.', '_' and '-'
		--profile= -> option --profile: no profile is named; name one or remove the key
		--maps= -> option --maps: the list is empty; leave maps out instead
		--maps=hash,,array -> option --maps: an item of the list is empty; remove the extra ","
		--progs=xdpp -> option --progs: unknown name "xdpp"; did you mean "xdp"? "bpftoken names progs" lists all there are
		--attachs=0x -> option --attachs: "0x" is not a mask; write it as 0x and hexadecimal digits, or decimal without leading zeros
		--path=sys -> option --path: "sys" is not absolute; write the plain absolute path inside the container
		--mode=8 -> option --mode: "8" is not an octal mode from 0000 to 0777
		--owner=me -> option --owner: "me" is no owner; write root, user or UID:GID as seen in the container
		--on-unsupported=no -> option --on-unsupported: "no" is neither fail nor ignore
	END
}

@test "bytes of an option that are not printable are escaped" {
	hook $'--\e[31mred\n'
	refuses_to_start 64 \
		'option "--\x1b[31mred\n": there is no such option, or it takes no value; see --help'
	hook "--$(printf '\377%.0s' {1..3000})"
	is_status 64
	[[ $(wc -c <"$WORK/stderr") -lt 2000 ]] || fail "not under 2,000 bytes"
	[[ $(wc -l <"$WORK/stderr") -eq 1 ]] || fail "not one line"
}

@test "POSIXLY_CORRECT changes nothing" {
	ask '{}'
	ENVIRONMENT+=(POSIXLY_CORRECT=1)
	hook createRuntime --dry-run
	silent
}
