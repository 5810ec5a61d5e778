#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The Debian package: what is in it, what it needs, what lintian says.

# shellcheck disable=SC2154 # packages.bash sets it
bats_require_minimum_version 1.5.0
load packages

setup_file() {
	make_package DEB
	export DEB=$package
}

field() {
	dpkg-deb --field "$DEB" "$1"
}

@test "it has what is installed, the documents and a policy, and no other file" {
	{
		installed_files
		printf '%s\n' /etc/oci-bpf-token/policy.json \
			/usr/share/lintian/overrides/oci-bpf-token-hook \
			/usr/share/doc/oci-bpf-token-hook/{README.md,changelog.gz,changelog.Debian.gz,copyright}
	} | sort >"$BATS_TEST_TMPDIR/expected"
	diff "$BATS_TEST_TMPDIR/expected" <(dpkg-deb --fsys-tarfile "$DEB" | tar --list |
		sed --quiet 's/^\.\(.*[^/]\)$/\1/p' | sort)
}

@test "everything is root's and has the usual modes, whatever the umask was" {
	run -0 dpkg-deb --contents "$DEB"
	[[ $output == *root/root* ]]
	! grep --invert-match --extended-regexp \
		'^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) root/root ' <<<"$output" || return 1
	# the two programs, what adds the hook to containerd's base spec, and node-install
	[[ $(grep --count '^-rwxr-xr-x' <<<"$output") -eq 4 ]]
}

@test "the policy is a configuration file without a rule, the vendor's is none" {
	dpkg-deb --control "$DEB" "$BATS_TEST_TMPDIR/control"
	[[ $(<"$BATS_TEST_TMPDIR/control/conffiles") == /etc/oci-bpf-token/policy.json ]]
	policy=$(dpkg-deb --fsys-tarfile "$DEB" | tar --extract --to-stdout ./etc/oci-bpf-token/policy.json)
	[[ $(jq --compact-output . <<<"$policy") == '{"version":1,"rules":[]}' ]]
}

@test "it runs no script" {
	dpkg-deb --control "$DEB" "$BATS_TEST_TMPDIR/control"
	[[ $(ls "$BATS_TEST_TMPDIR/control") == $'conffiles\ncontrol\nmd5sums' ]]
}

@test "it depends on the packages of bpftoken's libraries and recommends a runtime" {
	depends=$(field Depends)
	[[ -n $(bpftoken_libraries) ]]
	for library in $(bpftoken_libraries); do
		owner=$(dpkg --search "*/$library" | sed 's/:.*//' | sort --unique)
		grep --quiet --extended-regexp "(^|, )$owner( |,|\$)" <<<"$depends" ||
			{ echo "$library is of $owner, which is not in: $depends" >&2; return 1; }
	done
	[[ $(field Recommends) == "runc | crun | podman" ]]
}

@test "its version is the project's, in the changelog, too" {
	version=$(field Version)
	[[ $version == "$PROJECT_VERSION-1" ]]
	[[ $(dpkg-parsechangelog --file "$SOURCE/configs/packages/debian/changelog" --show-field Version) == "$version" ]]
	grep --quiet "^## $PROJECT_VERSION" "$SOURCE/CHANGELOG.md"
}

@test "lintian finds neither error nor warning" {
	run -0 lintian --allow-root --fail-on error,warning "$DEB"
	[[ -z $output ]] || { echo "$output" >&2; return 1; }
}
