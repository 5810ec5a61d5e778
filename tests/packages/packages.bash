# SPDX-License-Identifier: Apache-2.0
# What the tests of packages share. BUILD is the build folder, SOURCE the project's.

# make_package GENERATOR [OPTION]...: makes it anew below BATS_FILE_TMPDIR and sets package.
make_package() {
	local out
	out=$(mktemp -d "$BATS_FILE_TMPDIR/$1.XXXXXX")
	# Whoever builds may have any umask.
	(umask 077 && cd "$BUILD" && cpack -G "$1" -B "$out" "${@:2}") >"$out.log" 2>&1 ||
		{ cat "$out.log" >&2; return 1; }
	rm -rf "$out/_CPack_Packages"
	package=$(find "$out" -type f)
	[[ -f $package ]] || { echo "not one package: $package" >&2; return 1; }
}

# bpftoken_libraries: the names of the libraries that it is linked with, "libc.so.6" and so on.
bpftoken_libraries() {
	readelf --wide --dynamic "$BPFTOKEN" | sed --quiet 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

# installed_files: what "cmake --install" installs, as packages have it.
installed_files() {
	local root=$BATS_TEST_TMPDIR/installed
	DESTDIR=$root cmake --install "$BUILD" >/dev/null
	(cd "$root" && find . -type f | sed 's/^\.//; s|^\(/usr/share/man/.*\)|\1.gz|')
}
