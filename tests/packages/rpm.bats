#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The RPM package, made and read by Debian's rpm; nothing here installs it.

# shellcheck disable=SC2154 # packages.bash sets it
bats_require_minimum_version 1.5.0
load packages

setup_file() {
	make_package RPM
	export RPM=$package
}

query() {
	rpm --query --package "$@" "$RPM"
}

# The folders that are nobody else's.
own_folders() {
	local file folder
	installed_files | while read -r file; do
		folder=${file%/*}
		while [[ $folder == */oci-bpf-token* ]]; do
			echo "$folder"
			folder=${folder%/*}
		done
	done
}

@test "it has what is installed, the documents, the licence and a policy" {
	{
		installed_files
		own_folders
		printf '%s\n' /etc/oci-bpf-token{,/policy.json} \
			/usr/share/doc/oci-bpf-token-hook{/README.md,/CHANGELOG.md} \
			/usr/share/licenses/oci-bpf-token-hook{,/LICENSE}
	} | sort --unique >"$BATS_TEST_TMPDIR/expected"
	diff "$BATS_TEST_TMPDIR/expected" <(query --list | sort)
}

@test "its digests are right and a damaged one's are not" {
	run -0 rpm --checksig "$RPM"
	[[ $output == *"digests OK"* ]]
	cp "$RPM" "$BATS_TEST_TMPDIR/damaged.rpm"
	printf x | dd of="$BATS_TEST_TMPDIR/damaged.rpm" bs=1 conv=notrunc status=none \
		seek=$(($(stat --format=%s "$RPM") - 1000))
	run -1 rpm --checksig "$BATS_TEST_TMPDIR/damaged.rpm"
}

@test "the policy is kept by an upgrade" {
	[[ $(query --configfiles) == /etc/oci-bpf-token/policy.json ]]
	# 16: %config(noreplace), 1 would be %config alone
	[[ $(query --queryformat '[%{FILENAMES} %{FILEFLAGS}\n]' |
		awk '$1 == "/etc/oci-bpf-token/policy.json" { print $2 }') -eq $((1 | 16)) ]]
}

@test "everything is root's and has the usual modes" {
	run -0 query --queryformat '[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME}\n]'
	! grep --invert-match --line-regexp --extended-regexp \
		'(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) root root' <<<"$output" || return 1
	# the two programs, what adds the hook to containerd's base spec, and node-install
	[[ $(grep --count '^-rwxr-xr-x' <<<"$output") -eq 4 ]]
}

@test "it runs no script and cannot be relocated" {
	[[ -z $(query --scripts --triggers) ]]
	[[ $(query --queryformat '%{PREFIXES}') == "(none)" ]]
}

@test "it needs the libraries of bpftoken and recommends a runtime" {
	requires=$(query --requires)
	for library in $(bpftoken_libraries); do
		grep --quiet --fixed-strings "$library()(64bit)" <<<"$requires" ||
			{ echo "$library is not in: $requires" >&2; return 1; }
	done
	[[ $(query --recommends) == "(runc or crun or podman)" ]]
}

@test "it says what it is" {
	[[ $(query --queryformat '%{NAME} %{VERSION}-%{RELEASE} %{LICENSE}') == \
		"oci-bpf-token-hook $PROJECT_VERSION-1 Apache-2.0" ]]
}
