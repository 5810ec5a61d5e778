# SPDX-License-Identifier: Apache-2.0
# Makes trees of other Debian releases, for scripts that load this file (client-tree, engine-tree).
#
# They set:
#
#   name       the script's, for its messages
#   suite      the release
#   packages   what the tree is to have, by commas
#   tree       where it lies
#   mirror     the Debian mirror; empty: the one that apt on this machine uses
#
# and define prepare DIR, which turns the fresh tree into what the tests want.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '%s\n' "$name: $*" >&2; }
die() { say "$@"; exit 1; }

require() {
	[ "$(id -u)" = 0 ] || die "not root; run it as root"
	for tool in debootstrap unshare flock; do
		command -v "$tool" >/dev/null || die "$tool: not found; install it"
	done
	[ -e "$keyring" ] || die "$keyring: not found; install debian-archive-keyring"
}

# The archive that this machine's own release comes from also holds the other releases.
apt_mirror() {
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
	[ -n "$codename" ] || return 0
	apt-get --print-uris update |
		sed -n "s|^'\(.*\)/dists/$codename/InRelease'.*|\1|p" | head -n 1
}

# An old debootstrap does not know the newest suites, but they all install as sid does.
suite_script() {
	scripts=/usr/share/debootstrap/scripts
	[ -e "$scripts/$suite" ] && printf '%s' "$scripts/$suite" || printf '%s' "$scripts/sid"
}

# In a mount namespace of its own, so that the /proc which debootstrap mounts cannot stay behind.
bootstrap() {
	unshare --mount --propagation private \
		debootstrap --variant=minbase --include="$packages" --keyring="$keyring" \
		"$suite" "$1" "$mirror" "$(suite_script)" >"$1.log" 2>&1 && return
	tail -n 20 "$1.log" >&2
	die "debootstrap failed; its last lines are above, all of them in $1.log"
}

slim() {
	rm -rf "$1/usr/share/doc" "$1/usr/share/man" "$1/usr/share/info" "$1/usr/share/locale" \
		"$1/var/lib/apt/lists" "$1/var/cache/apt" "$1/var/cache/debconf" "$1/var/log"
	# The runtime makes the devices; a tree outside a container should hold none.
	find "$1/dev" -mindepth 1 -delete
}

make_tree() {
	[ -n "$mirror" ] || mirror=$(apt_mirror)
	[ -n "$mirror" ] || die "no Debian mirror in apt's sources; name one with --mirror=URL"
	say "making a tree of Debian $suite with $packages (1-3 minutes) in $tree ..."
	rm -rf "$tree.new"
	bootstrap "$tree.new"
	slim "$tree.new"
	prepare "$tree.new"
	mv "$tree.new" "$tree"
	rm "$tree.new.log"
	say "done: $(du -sh "$tree" | cut -f 1) in $tree"
}

# Makes the tree unless it is there, and prints its path. Of several runs at once, one makes it.
provide_tree() {
	if [ ! -d "$tree" ]; then
		require
		mkdir -p "$(dirname "$tree")"
		exec 9>"$tree.lock"
		flock --nonblock 9 || { say "another run is making $tree, waiting ..."; flock 9; }
		[ -d "$tree" ] || make_tree
	fi
	printf '%s\n' "$tree"
}
