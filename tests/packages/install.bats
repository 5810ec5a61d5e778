#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The Debian package from its installation to its purge in a clean Debian 12 and a clean Debian 13, with
# that system's own runtimes. tests/e2e/run provides namespaces for it.

# shellcheck disable=SC2034,SC2154 # packages.bash and e2e.bash read and set them
load packages
load ../lib/e2e

setup_file() {
	make_package DEB
	export DEB=$package
	make_package DEB -D CPACK_DEBIAN_PACKAGE_RELEASE=2
	export NEWER_DEB=$package
}

setup() {
	setup_e2e
	mkdir -p "$WORK/run"
	cp "$DEB" "$WORK/run/package.deb"
	cp "$NEWER_DEB" "$WORK/run/newer.deb"
}

teardown() {
	teardown_e2e
}

# use SUITE: from here on commands run in a tree of that suite.
use() {
	tree=$("$SOURCE/tests/lib/test-tree" "install-$1")
	ENTER=("$SOURCE/tests/lib/enter" "$tree" "$WORK")
}

in_tree() {
	capture /dev/null "$@"
}

# What packages leave: all files but dpkg's own record of what it did.
files() {
	in_tree find / -xdev -not -path '/var/lib/dpkg/*' -not -path '/var/log/*' -not -path /mnt \
		-printf '%p %M %U:%G %l\n'
	expect_status 0
	sort <<<"$output"
}

# asks: the container of this test, as an engine would have written it.
asks() {
	make_rootfs "$WORK/run/bundle/rootfs"
	HOOK=/usr/libexec/oci/hooks.d/oci-bpf-token-hook jq -L "$E2E_LIB" 'include "bundle";
		shell("inside map array token /sys/fs/bpf && inside prog xdp xdp token /sys/fs/bpf")
		| annotate("io.bpftoken.profile"; "xdp")
		| .hooks.createRuntime = [ { path: $ENV.HOOK, args: [ "oci-bpf-token-hook", "createRuntime" ],
			env: [ "LC_ALL=C" ] } ]' "$E2E_LIB/bundle.json" >"$WORK/run/bundle/config.json"
}

installed_programs_run() {
	in_tree /usr/libexec/oci/hooks.d/oci-bpf-token-hook --version
	expect_status 0
	expect_line "oci-bpf-token-hook $PROJECT_VERSION" "seccomp filter: built in"
	in_tree bpftoken names progs
	expect_status 0
	[[ $output == *" 6  xdp "* ]]
	in_tree cat /usr/share/containers/oci/hooks.d/oci-bpf-token.json
	[[ $(jq --raw-output .hook.path <<<"$output") == /usr/libexec/oci/hooks.d/oci-bpf-token-hook ]]
}

container() {
	in_tree "$1" run --bundle /run/bundle "$ID-$((++CONTAINERS))"
}

life_of_a_package() {
	local before
	use "$1"
	asks
	before=$(files)

	in_tree dpkg --install /run/package.deb
	expect_status 0
	installed_programs_run

	# Nothing is delegated yet, and who asks is told what to write.
	container runc
	expect_failure
	expect_hook_exit 77
	expect_message '/etc/oci-bpf-token/policy.json' '"allow"' '"profiles": *"xdp"'

	in_tree sh -c 'cat >/etc/oci-bpf-token/policy.json <<-END
		{ "version": 1, "rules": [ { "name": "r", "match": {}, "allow": { "profiles": "xdp" } } ] }
	END'
	expect_status 0
	for runtime in runc crun; do
		container "$runtime"
		expect_status 0
		expect_output $'map ok\nprog ok'
	done

	# An upgrade asks nothing and changes nothing of the administrator's.
	in_tree dpkg --install /run/newer.deb
	expect_status 0
	in_tree dpkg-query --show --showformat '${Version} ${db:Status-Status}' oci-bpf-token-hook
	expect_output "$PROJECT_VERSION-2 installed"
	in_tree cat /etc/oci-bpf-token/policy.json
	[[ $output == *'"name": "r"'* ]]

	in_tree dpkg --remove oci-bpf-token-hook
	expect_status 0
	in_tree ls /etc/oci-bpf-token
	expect_output policy.json
	in_tree dpkg --purge oci-bpf-token-hook
	expect_status 0
	diff <(printf '%s\n' "$before") <(files) >&2 || fail "a purge leaves something"
}

@test "Debian 12: install, refuse, delegate, upgrade, purge" {
	life_of_a_package bookworm
}

@test "Debian 13: install, refuse, delegate, upgrade, purge" {
	life_of_a_package trixie
}
