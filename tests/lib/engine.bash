# SPDX-License-Identifier: Apache-2.0
# Hosts with a container engine, for the tests of engines; loads e2e.bash and adds to it.
#
# Such a host is a root file system with the installed hook, in mount and network namespaces of its
# own: this machine's root or the tree of another Debian release, under a layer in the test's
# directory that takes whatever the engine and the installation write. It is gone with the test.
#
# tests/e2e/run's caller provides in addition:
#
#   BUILD          the build directory to install from
#   ENGINE_SUITE   the release whose engines to test; "host" or empty: this machine's
#
# setup_engine provides:
#
#   HOST           the host's root file system, as the test sees it; $WORK has the same path in both
#   ROOTFS         a container's root file system
#   ROWS           where the rows of the README's table are written

# shellcheck source=tests/lib/e2e.bash
. "${BASH_SOURCE[0]%/*}/e2e.bash"

HOOKS_D=/usr/share/containers/oci/hooks.d/oci-bpf-token.json
POLICY=/etc/oci-bpf-token/policy.json

# setup_engine [--tree]: with --tree, where this machine's engines are not the ones to test.
setup_engine() {
	local tree=/
	setup_e2e
	if [[ ${ENGINE_SUITE:=host} != host ]]; then
		tree=$("$E2E_LIB/engine-tree" "$ENGINE_SUITE")
	elif [[ ${1-} = --tree ]]; then
		skip "this engine is tested from a tree only (ENGINE_SUITE=trixie or sid)"
	fi
	ROWS=${BUILD:?name the build directory to install from}/engines
	make_host "$tree"
	install_hook
	enter_host
	ROOTFS=$WORK/rootfs
	make_rootfs "$ROOTFS"
	mkdir "$ROOTFS/etc"
	chown "$MAPPED_ROOT" "$ROOTFS/etc"
}

# make_host TREE: a writable layer over it.
make_host() {
	local layer
	HOST=$WORK/host
	layer=$(mktemp -d "$WORK/layer.XXXXXX")
	chmod 0755 "$layer"
	mkdir "$HOST" "$layer"/{upper,work}
	mount -t overlay -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work" overlay "$HOST"
	printf '%s\n' "$HOST" >>"$WORK/roots"
}

install_hook() {
	DESTDIR=$HOST cmake --install "$BUILD" >"$WORK/install.log" 2>&1 ||
		fail "$(<"$WORK/install.log")"
	mkdir -p "$HOST${POLICY%/*}"
	host_policy '{"match": {}, "allow": {"profiles": "xdp"}}'
}

# host_policy RULE...: the host's policy from now on.
host_policy() {
	write_rules "$@"
	cp "$WORK/policy.json" "$HOST$POLICY"
}

# enter_host: from here on programs run there. /run and Podman's storage are layers of their own,
# because an overlay cannot be the upper layer of another.
enter_host() {
	mkdir -p "$HOST/var/lib/containers"
	start_target --no-user --net --root="$HOST" --pivoted --setup="set -e
		mount -t proc proc $HOST/proc
		mount -t sysfs sysfs $HOST/sys
		mount -t cgroup2 cgroup2 $HOST/sys/fs/cgroup
		mount --rbind /dev $HOST/dev
		mount -t tmpfs tmpfs $HOST/dev/shm
		mount -t tmpfs -o mode=0755 tmpfs $HOST/run
		mount -t tmpfs -o mode=0755 tmpfs $HOST/var/lib/containers
		mkdir -p $HOST$WORK && mount --bind $WORK $HOST$WORK"
	enter_target --mount --net
	# As on a host with systemd: what a hook's mount leaks to would show.
	"${ENTER[@]}" mount --make-rshared /
}

# host_file PATH FILTER: changes a JSON file of the host with a filter of jq.
host_file() {
	jq "$2" "$HOST$1" >"$WORK/changed.json"
	cp "$WORK/changed.json" "$HOST$1"
}

# expect_no_leak: the host has no bpffs, whatever containers have.
expect_no_leak() {
	! host_mounts | grep --quiet ' - bpf ' || fail "a container's bpffs shows on the host"
}

# The README's table: a test that has passed says what it has shown.

COLUMNS_OF_TABLE=(token refused pod restart network readonly cdi rootless)

# shown RUNTIME COLUMN...: these work.
shown() {
	local column
	for column in "${@:2}"; do
		printf '%s %s\n' "$1" "$column" >>"$BATS_FILE_TMPDIR/shown"
	done
}

# row ENGINE RUNTIME COLUMN...: prints the table's row from what was shown with the runtime. COLUMNs
# are those that the engine has; what was not run has no other words.
row() {
	local column cell
	printf '| %s |' "$1"
	for column in "${COLUMNS_OF_TABLE[@]}"; do
		cell=–
		[[ " ${*:3} " != *" $column "* ]] || cell="not run here"
		! grep --quiet --line-regexp "$2 $column" "$BATS_FILE_TMPDIR/shown" || cell=yes
		printf ' %s |' "$cell"
	done
	echo
}

# expect_row ENGINE RUNTIME COLUMN...: the README has exactly that row, and the build directory, too.
# For the last tests of a file.
expect_row() {
	local row
	[[ -z ${BATS_TEST_FILTER-} ]] || skip "only some of the tests were run (--filter)"
	row=$(row "$@")
	mkdir -p "$ROWS"
	printf '%s\n' "$row" >"$ROWS/$1.md"
	has_row "$row" "$E2E_LIB/../../README.md" ||
		fail "the README's table of engines lacks the row that this run has shown:" "$row"
}

# has_row ROW FILE: where the releases of engines move under the tests, of whatever version.
has_row() {
	[[ $ENGINE_SUITE == sid ]] || {
		grep --quiet --fixed-strings --line-regexp -- "$1" "$2"
		return
	}
	local version='[0-9][0-9.]*[0-9]'
	grep --quiet --line-regexp -- "$(sed "s/$version/$version/g" <<<"$1")" "$2"
}

# version_of PROGRAM: its upstream version on the host.
version_of() {
	"${ENTER[@]}" "$1" --version | sed -n '1 s/^.*version //p' | cut -d + -f 1
}
