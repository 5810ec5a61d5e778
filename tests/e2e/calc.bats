#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What "bpftoken calc" says of an object, put to the kernel: with just that delegation and those
# capabilities Debian 13's bpftool loads it in a container, and with any bit or capability of the
# object's own less it does not.
#
# libbpf itself is of two minds about some attach types (those that it calls optional): unless it may
# load a cgroup_sock program, it leaves them at 0. For them the bit is tested where libbpf's mind is
# made up, with that type delegated, too.

load ../lib/e2e

# The attach types that libbpf may leave at 0.
OPTIONAL='xdp|cgroup_inet_egress|cgroup_sock_ops|cgroup_device|sk_skb_stream_verdict|sk_msg_verdict|lirc_mode2|flow_dissector'

setup() {
	[[ -x ${BPFTOKEN-} ]] || skip "BPFTOKEN names no bpftoken to test"
	setup_e2e
	make_bundle "$BUNDLE" runc
	rm -r "$BUNDLE/rootfs"
	make_client_rootfs "$BUNDLE/rootfs"
	cp -r "$TEST_BIN/calc" "$BUNDLE/rootfs/calc"
	chown -R "$MAPPED_ROOT" "$BUNDLE/rootfs/calc"
}

teardown() {
	[[ -z ${WORK-} ]] || teardown_e2e
}

# judge OBJECT: sets need to what calc says of it.
declare -gA need
judge() {
	local list
	capture /dev/null "$BPFTOKEN" calc --json "$TEST_BIN/calc/$1.bpf.o"
	expect_status 0
	for list in cmds maps progs attachs; do
		need[$list]=$(jq --raw-output ".$list | join(\",\")" <<<"$output")
		need[probe_$list]=$(jq --raw-output ".libbpfProbes.$list | join(\",\")" <<<"$output")
	done
	need[caps]=$(jq --raw-output '.capabilities | map(ltrimstr("CAP_") | ascii_downcase) | join(",")' \
		<<<"$output")
}

# without WORD LIST: the list with one word less.
without() {
	tr , '\n' <<<"$2" | sed "/^$1\$/d" | paste -sd,
}

# join LIST...: the lists that are not empty as one.
join() {
	printf '%s\n' "$@" | sed '/^$/d' | paste -sd,
}

# in_container CAPS CMDS MAPS PROGS ATTACHS COMMAND...: runs it in a fresh container that has just that.
in_container() {
	local root=$BUNDLE/rootfs caps=-all options=() list
	[[ -z $1 ]] || caps+=$(printf ',+%s' ${1//,/ })
	shift
	for list in cmds maps progs attachs; do
		[[ -z $1 ]] || options+=("--$list=$1")
		shift
	done
	start_target --root="$root" \
		--setup="mount --rbind /sys $root/sys && mount --rbind /proc $root/proc" \
		-- /usr/bin/setpriv --bounding-set="$caps" "$@"
	run_hook "$(fake_state "$TARGET_PID" "$BUNDLE")" "${options[@]}"
	expect_status 0
	run_target
}

# load_object OBJECT CAPS CMDS MAPS PROGS ATTACHS: has bpftool load it in there.
load_object() {
	in_container "${@:2}" /usr/sbin/bpftool prog loadall "/calc/$1.bpf.o" /sys/fs/bpf/p
}

# The same with what calc says, but for changes KEY=LIST.
load_with() {
	local change
	local -A now
	for change in "${!need[@]}"; do
		now[$change]=${need[$change]}
	done
	for change in "${@:2}"; do
		now[${change%%=*}]=${change#*=}
	done
	load_object "$1" "${now[caps]}" "$(join "${now[cmds]}" "${now[probe_cmds]}")" \
		"$(join "${now[maps]}" "${now[probe_maps]}")" \
		"$(join "${now[progs]}" "${now[probe_progs]}")" \
		"$(join "${now[attachs]}" "${now[probe_attachs]}")"
}

loads() {
	load_with "$@"
	[[ $status -eq 0 ]] || fail "$*: it does not load"
}

does_not_load() {
	load_with "$@"
	[[ $status -ne 0 ]] || fail "$*: it loads all the same"
}

# Skips the test when the kernel does not take the object from anybody.
need_support() {
	load_object "$1" bpf,net_admin,perfmon,sys_admin any any any any
	[[ $status -eq 0 ]] ||
		skip "this host does not load it: $(grep --max-count=1 -e 'failed: ' -e 'failed to ' -e rror \
			<<<"$(grep -v MEMLOCK <<<"$output")")"
}

each_list_is_least() {
	local object=$1 list word
	for list in cmds maps progs; do
		for word in ${need[$list]//,/ }; do
			does_not_load "$object" "$list=$(without "$word" "${need[$list]}")"
		done
	done
}

each_attach_type_is_least() {
	local object=$1 word decided=()
	if [[ ${need[attachs]} =~ ^($OPTIONAL)$ ]]; then
		# it is 0, whether the type is delegated or not
		loads "$object" attachs=
		decided=("probe_progs=$(join "${need[probe_progs]}" cgroup_sock)"
			"probe_attachs=$(join "${need[probe_attachs]}" cgroup_inet_sock_create)")
		loads "$object" "${decided[@]}"
	fi
	for word in ${need[attachs]//,/ }; do
		does_not_load "$object" "${decided[@]}" "attachs=$(without "$word" "${need[attachs]}")"
	done
}

# cgroup_skb programs are loaded without CAP_NET_ADMIN; attaching them takes it.
each_capability_is_least() {
	local object=$1 word
	for word in ${need[caps]//,/ }; do
		if [[ ${need[progs]} = cgroup_skb && $word = net_admin ]]; then
			loads "$object" "caps=$(without "$word" "${need[caps]}")"
		else
			does_not_load "$object" "caps=$(without "$word" "${need[caps]}")"
		fi
	done
}

least() {
	judge "$1"
	need_support "$1"
	loads "$1"
	each_list_is_least "$1"
	each_attach_type_is_least "$1"
	each_capability_is_least "$1"
}

# What libbpf needs on top, it needs.

@test "libbpf's own probes: a socket filter, for global data at least" {
	judge printk
	loads printk
	loads printk probe_cmds=
	does_not_load printk probe_progs=
}

@test "libbpf's own probes: attach type 0, which it loads XDP programs with" {
	judge xdp
	loads xdp probe_cmds=
	does_not_load xdp probe_attachs=
}

@test "libbpf's probe for reads: an XDP program that reads memory" {
	judge probe_read
	loads probe_read
	does_not_load probe_read probe_progs=socket_filter
}

@test "usdt: loaded for either way to attach it" {
	judge usdt
	loads usdt
	loads usdt probe_attachs=
	does_not_load usdt progs=
	does_not_load usdt attachs= probe_attachs=
}

# A loader that probes for nothing gets along with the needs of the object's own.

# bit LIST WORD: its number.
bit() {
	"$BPFTOKEN" names --json "$1" | jq --arg name "$2" '.[] | select(.name == $name) | .bit'
}

# raw OBJECT PROGS ATTACHS: loads a program of the object's type, by the system call alone.
raw() {
	in_container "${need[caps]}" "${need[cmds]}" "" "$2" "$3" /inside prog \
		"$(bit progs "${need[progs]}")" "$(bit attachs "${need[attachs]}")" token /sys/fs/bpf
}

@test "own needs alone: types whose attach type libbpf leaves at 0" {
	local object
	for object in xdp cgroup_skb cgroup_device sockops sk_skb sk_msg flow_dissector; do
		judge "$object"
		raw "$object" "${need[progs]}" "${need[attachs]}"
		[[ $output == "prog ok" ]] || fail "$object: it does not load"
		raw "$object" "${need[progs]}" cgroup_inet_ingress
		[[ $output != "prog ok" ]] || fail "$object: it loads without its attach type"
		raw "$object" socket_filter "${need[attachs]}"
		[[ $output != "prog ok" ]] || fail "$object: it loads without its type"
	done
}

@test "just what it needs: action" {
	least action
}

@test "just what it needs: callback" {
	least callback
}

@test "just what it needs: cgroup connect" {
	least cgroup_connect
}

@test "just what it needs: cgroup device" {
	least cgroup_device
}

@test "just what it needs: cgroup post bind" {
	least cgroup_post_bind
}

@test "just what it needs: cgroup skb" {
	least cgroup_skb
}

@test "just what it needs: cgroup sock" {
	least cgroup_sock
}

@test "just what it needs: cgroup sockopt" {
	least cgroup_sockopt
}

@test "just what it needs: cgroup sysctl" {
	least cgroup_sysctl
}

@test "just what it needs: fentry" {
	least fentry
}

@test "just what it needs: flow dissector" {
	least flow_dissector
}

@test "just what it needs: globals" {
	least globals
}

@test "just what it needs: iter" {
	least iter
}

@test "just what it needs: kprobe" {
	least kprobe
}

@test "just what it needs: kprobe multi" {
	least kprobe_multi
}

@test "just what it needs: lirc mode2" {
	least lirc_mode2
}

@test "just what it needs: lsm" {
	least lsm
}

@test "just what it needs: lwt in" {
	least lwt_in
}

@test "just what it needs: lwt out" {
	least lwt_out
}

@test "just what it needs: lwt seg6local" {
	least lwt_seg6local
}

@test "just what it needs: lwt xmit" {
	least lwt_xmit
}

@test "just what it needs: map array" {
	least map_array
}

@test "just what it needs: map devmap" {
	least map_devmap
}

@test "just what it needs: map in map" {
	least map_in_map
}

@test "just what it needs: map lock" {
	least map_lock
}

@test "just what it needs: map lpm trie" {
	least map_lpm_trie
}

@test "just what it needs: map ringbuf" {
	least map_ringbuf
}

@test "just what it needs: map sockmap" {
	least map_sockmap
}

@test "just what it needs: map storage" {
	least map_storage
}

@test "just what it needs: map timer" {
	least map_timer
}

@test "just what it needs: perf event" {
	least perf_event
}

@test "just what it needs: printk" {
	least printk
}

@test "just what it needs: probe read" {
	least probe_read
}

@test "just what it needs: raw tracepoint" {
	least raw_tracepoint
}

@test "just what it needs: raw tracepoint writable" {
	least raw_tracepoint_writable
}

@test "just what it needs: sk lookup" {
	least sk_lookup
}

@test "just what it needs: sk msg" {
	least sk_msg
}

@test "just what it needs: sk reuseport" {
	least sk_reuseport
}

@test "just what it needs: sk skb" {
	least sk_skb
}

@test "just what it needs: socket" {
	least socket
}

@test "just what it needs: sockops" {
	least sockops
}

@test "just what it needs: struct ops" {
	least struct_ops
}

@test "just what it needs: subprogram" {
	least subprogram
}

@test "just what it needs: syscall" {
	least syscall
}

@test "just what it needs: tc" {
	least tc
}

@test "just what it needs: tp btf" {
	least tp_btf
}

@test "just what it needs: tracepoint" {
	least tracepoint
}

@test "just what it needs: xdp" {
	least xdp
}

@test "just what it needs: xdp cpumap" {
	least xdp_cpumap
}

@test "just what it needs: xdp devmap" {
	least xdp_devmap
}
