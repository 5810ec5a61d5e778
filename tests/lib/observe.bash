# SPDX-License-Identifier: Apache-2.0
# For the tests of "bpftoken record" and "bpftoken watch", loaded after e2e.bash: programs that nobody here
# wrote, from Debian 13, in containers that have just what a test gives them, and somebody who watches.
#
#   TOOLS   the tree with them, below this test's bundle as its root file system

# shellcheck disable=SC2034,SC2120 # what follows is read and called by tests

setup_observe() {
	[[ -x ${BPFTOKEN-} ]] || skip "BPFTOKEN names no bpftoken to test"
	setup_e2e
	make_bundle "$BUNDLE" runc
	rm -r "$BUNDLE/rootfs"
	TOOLS=$BUNDLE/rootfs
	make_tools_rootfs "$TOOLS"
}

make_tools_rootfs() {
	local layer tree
	tree=$("$E2E_LIB/test-tree" tools-trixie)
	layer=$(mktemp -d "$WORK/layer.XXXXXX")
	mkdir -p "$1" "$layer"/{upper/objects/calc,work}
	cp "$TEST_BIN"/*.bpf.o "$layer/upper/objects"
	cp "$TEST_BIN"/calc/*.bpf.o "$layer/upper/objects/calc"
	cp "$TEST_BIN/inside" "$layer/upper"
	chown -R "$MAPPED_ROOT" "$layer/upper"
	mount -t overlay -o "lowerdir=$tree,upperdir=$layer/upper,workdir=$layer/work" overlay "$1"
	printf '%s\n' "$1" >>"$WORK/roots"
}

# prepare_container LISTS COMMAND...: a container that waits, with these lists delegated, as
# "cmds=map_create,prog_load maps=array"; run_target starts the command in it.
prepare_container() {
	local lists=$1 options=() list
	shift
	start_target --net --root="$TOOLS" \
		--setup="mount -t sysfs sysfs $TOOLS/sys && mount --rbind /proc $TOOLS/proc && mount --rbind /dev $TOOLS/dev" \
		-- /usr/bin/setpriv --bounding-set="${CAPS:--all,+bpf,+net_admin,+perfmon}" "$@"
	for list in $lists; do
		options+=("--$list")
	done
	[[ -n $lists ]] || return 0
	run_hook "$(fake_state "$TARGET_PID" "$BUNDLE")" "${options[@]}"
	expect_status 0
}

EVERYTHING_LISTS="cmds=any maps=any progs=any attachs=any"

# observe COMMAND [OPTION]...: bpftoken's, in the background; it watches when this returns.
observe() {
	local i
	"$BPFTOKEN" "$@" >"$WORK/observed" 2>"$WORK/observed.stderr" 3>&- &
	OBSERVER=$!
	for ((i = 0; i < 100; i++)); do
		! grep --quiet ': watching ' "$WORK/observed.stderr" || return 0
		[[ -e /proc/$OBSERVER ]] || break
		sleep 0.05
	done
	! grep --quiet 'this build' "$WORK/observed.stderr" || skip "$(<"$WORK/observed.stderr")"
	fail "it does not watch: $(<"$WORK/observed.stderr")"
}

# end_observe [SIGNAL]: waits for its end; sets output, stderr and status.
end_observe() {
	[[ -z ${1-} ]] || kill "-$1" "$OBSERVER"
	status=0
	wait "$OBSERVER" || status=$?
	output=$(<"$WORK/observed")
	stderr=$(<"$WORK/observed.stderr")
	OBSERVER=
}

teardown_observe() {
	[[ -z ${OBSERVER-} ]] || kill -KILL "$OBSERVER" || return 1
	[[ -z ${WORK-} ]] || teardown_e2e
}

# learn COMMAND...: what record makes of it in a container with everything. Sets need, as LISTS above, and
# own, the words of them that are the programs' own, as "maps=array" a line.
learn() {
	local list
	prepare_container "$EVERYTHING_LISTS" "$@"
	observe record --duration=60 --json --pid="$TARGET_PID"
	run_target
	[[ $status -eq 0 ]] || fail "with everything delegated: $output"
	end_observe
	expect_status 0
	need=$(lists_of '. as $all | (.[$list] + .libbpfProbes[$list])')
	own=$(jq --raw-output '. as $all | ("cmds", "maps", "progs", "attachs") as $list
		| $all[$list][] | "\($list)=\(.)"' <<<"$output")
}

# lists_of FILTER: of the observer's JSON, as LISTS.
lists_of() {
	jq --raw-output '[("cmds", "maps", "progs", "attachs") as $list | '"$1"' | select(length > 0)
		| "\($list)=\(join(","))"] | join(" ")' <<<"$output"
}

# without WORD LISTS: "maps=array" taken out.
without() {
	local list=${1%%=*} word=${1#*=} part out=()
	for part in $2; do
		[[ $part != "$list="* ]] ||
			part=$list=$(tr , '\n' <<<"${part#*=}" | grep --invert-match --line-regexp -- "$word" | paste -sd,)
		[[ $part == *= ]] || out+=("$part")
	done
	printf '%s\n' "${out[*]}"
}
