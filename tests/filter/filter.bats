#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The seccomp filter of the program that was built: it allows what its table says, kills for all
# else, and every line of the table is needed by some run.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load ../cli/helper

setup() {
	need_root
	set_up
	policy "$(jq '.rules[0].allow.paths = "/sys/fs/bpf,/a/*"' "$POLICY")"
}

teardown() {
	[[ -z ${WORK-} ]] || tear_down
}

# ---- what is needed, and no more ----

@test "the program that the hook hands to the kernel is the one that was generated" {
	start_container
	"$FILTER" dump "$WORK/oci-bpf-token-hook" --policy="$POLICY" --log=none \
		<"$INPUT" >"$WORK/dumped" 3>&-
	diff "$GENERATED/filter_program.inc" "$WORK/dumped"
	[[ $(wc -l <"$WORK/dumped") -gt 50 ]] || fail "only a few instructions"
}

@test "every path of it allows a line of the table or kills the process" {
	"$FILTER" walk "$ARCHITECTURE" "$GENERATED/filter_program.inc"
}

@test "the proof finds out every change of the program" {
	"$FILTER" mutate "$ARCHITECTURE" "$GENERATED/filter_program.inc"
}

@test "a cross build makes the program of the target" {
	local target
	for target in x86_64 aarch64 riscv64; do
		"$GENERATED/filter_generate" "$target" >"$WORK/$target"
		"$FILTER" walk "$target" "$WORK/$target"
	done
	! "$FILTER" walk aarch64 "$WORK/x86_64" 2>/dev/null || fail "one is as good as the other"
	! "$GENERATED/filter_generate" pdp11 2>/dev/null || fail "there is such a processor"
}

# ---- every line is needed ----

# use STATUS [OPTION...] -- ARG...: a run of the hook whose calls count, in ENVIRONMENT alone and by
# the command ENTER.
use() {
	local want=$1 options=()
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	status=0
	"${ENTER[@]}" env -i "${ENVIRONMENT[@]}" "$FILTER" use "${options[@]}" "$WORK/used" \
		"$WORK/oci-bpf-token-hook" "${@:2}" \
		<"$INPUT" >"$WORK/stdout" 2>"$WORK/stderr" 3>&- || status=$?
	heard
	is_status "$want"
}

# A /dev/log that somebody reads.
with_syslog() {
	local ready
	exec {daemon}< <(exec perl -MIO::Socket::UNIX -MSocket -e '
		my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => shift) or die $!;
		$| = 1;
		print "ready\n";
		1 while defined $s->recv(my $d, 65536)' "$WORK/syslog" 3>&-)
	TARGETS+=($!)
	read -r -t 30 ready <&"$daemon" || fail "the daemon did not come up"
	# shellcheck disable=SC2016 # the inner shell is to expand it
	ENTER=(unshare --mount sh -c 'mount -t tmpfs -o mode=755 dev /dev &&
		mknod /dev/null c 1 3 && ln -s "$0" /dev/log && exec "$@"' "$WORK/syslog")
}

# A policy that takes more memory than libc has at hand.
large_policy() {
	jq --null-input --arg pad "$(printf '%03000d' 0)" '{version: 1,
		profiles: ([range(150) | {key: "p\(.)", value: {description: $pad, cmds: "map_create"}}] |
			from_entries),
		rules: [range(100) | {name: "\(.)\($pad[:50])", match: {hostUids: "1-2"},
			allow: {cmds: "map_create"}}]}' >"$1"
}

@test "every line of the table is of use to some run" {
	# by all logs, with and without the vDSO
	with_syslog
	start_container
	use 0 -- --policy="$POLICY" --log="file:$LOG" --log=stderr --log=syslog
	ENTER=()
	start_container
	ENVIRONMENT=(GLIBC_TUNABLES=glibc.pthread.rseq=0)
	use 0 --without-vdso -- --policy="$POLICY" --log="file:$LOG" --log-format=json
	ENVIRONMENT=()
	# already delegated, then with directories that are made, and one made and removed again
	use 0 -- --policy="$POLICY" --log=none
	ask '{"io.bpftoken.cmds":"map_create","io.bpftoken.path":"/a/b"}'
	use 0 -- --policy="$POLICY" --log=none
	start_container --setup="mount -t tmpfs -o nr_inodes=2,mode=755 few $BUNDLE/rootfs/run"
	use 71 -- --cmds=map_create --path=/run/a/b --log=none
	# a destination that is moved while the bpffs is attached to it
	start_container
	use 65 --lose-path -- --policy="$POLICY" --log=none
	# a helper that never ends
	start_container
	use 71 --stop-helper -- --policy="$POLICY" --log=none
	# a policy and a config.json that take memory
	large_policy "$WORK/large.json"
	use 77 -- --policy="$WORK/large.json" --log=none
	config '.mounts += [range(60000) | {destination: "/volume/\(.)/of/some/length", options: ["ro"]}]'
	use 77 -- --policy="$WORK/large.json" --log=none
	# and libc asked to take huge pages for it
	ENVIRONMENT=(GLIBC_TUNABLES=glibc.malloc.hugetlb=1)
	use 77 -- --policy="$WORK/large.json" --log=none

	"$FILTER" rules | sort >"$WORK/rules"
	sort --unique "$WORK/used" >"$WORK/some"
	same "the lines of the table that no run used" "" "$(comm -23 "$WORK/rules" "$WORK/some")"
}

# ---- and what is not needed is gone ----

@test "a stop in the middle of a wait takes no other call" {
	start_container
	use 0 --disturb -- --policy="$POLICY" --log=none
}

# violate CALL OTHER: the hook makes OTHER in the place of its first CALL.
violate() {
	start_container
	status=0
	env -i "$FILTER" violate "$1" "$2" "$WORK/oci-bpf-token-hook" \
		--policy="$POLICY" --log="file:$LOG" <"$INPUT" >"$WORK/stdout" 2>"$WORK/stderr" 3>&- ||
		status=$?
	heard
}

@test "a violation kills the process, and nothing has been mounted" {
	local call
	for call in execve execveat socket connect mount umount2 ptrace process_vm_readv clone clone3 \
		kill tgkill fchownat init_module kexec_load mprotect setuid unshare pivot_root chroot \
		perf_event_open io_uring_setup bpf ioctl setns x32; do
		row=$call
		violate openat2 "$call" # whose arguments suit no line of the table
		is_status 159 # 128 and SIGSYS
		same "the mount" "" "$(mounted)"
		no_process_is_left
	done
	row=
}

@test "a violation of the helper kills it alone, and its parent tells" {
	violate fsopen execve
	is_status 71
	says "container: the helper in its user namespace was killed; nothing was mounted, do not let the container's root see the host's processes"
	same "the mount" "" "$(mounted)"
	no_process_is_left
}
