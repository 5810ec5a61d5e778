#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The source tarball: whole, and enough to build and test the project.

bats_require_minimum_version 1.5.0

setup_file() {
	local out=$BATS_FILE_TMPDIR/package
	(cd "$BUILD" && cpack --config CPackSourceConfig.cmake -B "$out") >"$BATS_FILE_TMPDIR/log"
	export TARBALL=$out/oci-bpf-token-hook-$PROJECT_VERSION.tar.gz
}

@test "it holds every file of the project, and no build and no history" {
	tar --list --gzip --file "$TARBALL" | sed --quiet 's|^[^/]*/||; /./p' |
		grep --invert-match '/$' | sort >"$BATS_TEST_TMPDIR/there"
	! grep --extended-regexp '^(build/|\.git/|\.git$)' "$BATS_TEST_TMPDIR/there" || return 1
	grep --quiet --line-regexp CMakePresets.json "$BATS_TEST_TMPDIR/there"
	[[ -e $SOURCE/.git ]] || skip "these sources are no clone, so there is no list of files"
	run comm -23 <(git -C "$SOURCE" ls-files | sort) "$BATS_TEST_TMPDIR/there"
	[[ -z $output ]] || { echo "not in the tarball: $output" >&2; return 1; }
}

@test "it builds, and its unit tests pass" {
	cd "$BATS_TEST_TMPDIR"
	tar --extract --gzip --file "$TARBALL"
	cmake -S "oci-bpf-token-hook-$PROJECT_VERSION" -B build -G Ninja -D CMAKE_BUILD_TYPE=Debug \
		-D CMAKE_COMPILE_WARNING_AS_ERROR=ON >log || { cat log >&2; return 1; }
	cmake --build build >log || { cat log >&2; return 1; }
	ctest --test-dir build --label-regex unit --no-tests=error >log || { cat log >&2; return 1; }
	grep '100% tests passed' log
	[[ $(build/cmd/oci-bpf-token-hook/oci-bpf-token-hook --version) == *" $PROJECT_VERSION"* ]]
}
