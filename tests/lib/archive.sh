# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced: packages and trees of any Debian suite, from the mirrors that this machine's apt uses, with
# signatures checked and apt's own state left as it is. What is made is kept in $CACHE.
#
# The caller defines die() and, for what takes long, say().

# shellcheck disable=SC2034 # for whoever sources this
CACHE=${OCI_BPF_TOKEN_CACHE:-/var/cache/oci-bpf-token-hook}
archive_keys=/usr/share/keyrings/debian-archive-keyring.gpg

# archive_require TOOL...: ends the program unless it is root's and the tools are there.
archive_require() {
	[ "$(id -u)" = 0 ] || die "not root; run it as root"
	[ -e "$archive_keys" ] || die "$archive_keys: not found; install debian-archive-keyring"
	for tool; do
		command -v "$tool" >/dev/null || die "$tool: not found; tests/lib/packages installs it"
	done
}

# archive_mirrors: the base URLs of this machine's repositories that have a component "main".
archive_mirrors() {
	# shellcheck disable=SC2016 # apt's fields, not the shell's
	apt-get indextargets --format '$(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		awk '$1 == "main" && !seen[$2]++ { print $2 }'
}

# archive_open DIR SUITE ARCH: makes DIR an apt of its own for one suite, with DIR/apt.conf. Takes the
# first mirror that has the suite and the keyring's signature; sets archive_mirror to it.
archive_open() {
	mkdir -p "$1/state/lists/partial" "$1/cache/archives/partial"
	: >"$1/state/status"
	cat >"$1/apt.conf" <<END
Dir::Etc::SourceList "$1/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$1/state";
Dir::State::status "$1/state/status";
Dir::Cache "$1/cache";
APT::Architecture "$3";
APT::Architectures { "$3"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
	for archive_mirror in $(archive_mirrors); do
		printf 'deb [signed-by=%s] %s %s main\n' "$archive_keys" "$archive_mirror" "$2" \
			>"$1/sources.list"
		# apt calls a missing suite or a bad signature a warning and exits 0.
		if apt-get -qq -c "$1/apt.conf" -o APT::Update::Error-Mode=any update \
			>"$1/log" 2>&1; then
			return 0
		fi
	done
	cat "$1/log" >&2
	die "no mirror of this machine's apt has Debian's suite $2; the last answer is above"
}

# archive_download DIR PACKAGE...: downloads into DIR/debs, from what archive_open has opened.
archive_download() (
	mkdir -p "$1/debs"
	cd "$1/debs" || exit 1
	shift
	apt-get -qq -c ../apt.conf download "$@" >../log 2>&1 || {
		cat ../log >&2
		die "$*: cannot be downloaded; apt's answer is above"
	}
)

# archive_lock FILE: waits until no other run makes what lies beside FILE, and keeps it so.
archive_lock() {
	mkdir -p "$(dirname "$1")"
	exec 9>"$1"
	flock --nonblock 9 || { say "another run is making the same, waiting ..."; flock 9; }
}

# archive_bootstrap DIR SUITE ARCHS PACKAGES: a minimal tree in DIR of the first of ARCHS, where packages
# of the others can be installed, too. ARCHS and PACKAGES are joined by commas. Its own mount namespace
# keeps what is mounted meanwhile from staying behind.
archive_bootstrap() {
	archive_open "$1.apt" "$2" "${3%%,*}"
	# The way to the mirror is this machine's: proxies, or a mirror that is a snapshot of the past.
	apt-config dump Acquire >"$1.apt/acquire.conf"
	# shellcheck disable=SC2016 # mmdebstrap's parameter, not this shell's
	unshare --mount --propagation private \
		mmdebstrap --mode=root --variant=minbase --architectures="$3" --include="$4" \
		--aptopt="$1.apt/acquire.conf" --customize-hook='rm "$1"/etc/apt/apt.conf.d/99mmdebstrap' \
		"$2" "$1" "deb [signed-by=$archive_keys] $archive_mirror $2 main" >"$1.log" 2>&1 || {
		tail -n 20 "$1.log" >&2
		die "mmdebstrap failed; its last lines are above, all of them in $1.log"
	}
	rm -rf "$1.apt" "$1.log"
	# Whoever enters the tree brings its own devices.
	find "$1/dev" -mindepth 1 -delete
}
