#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the programs are made of: how they are linked and hardened, and which of libc's functions
# their own code calls.

setup() {
	PROGRAMS=("$HOOK" "$BPFTOKEN")
	OBJECTS=("$BUILD"/spec/libspec.a "$BUILD"/hook/libhook_{pure,system,gate}.a
		"$BUILD"/cmd/oci-bpf-token-hook/CMakeFiles/oci-bpf-token-hook.dir/*.o
		"$BUILD"/cmd/bpftoken/libbpftoken_{pure,parts}.a
		"$BUILD"/cmd/bpftoken/CMakeFiles/bpftoken.dir/*.o)
}

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# headers PROGRAM
headers() {
	readelf --wide --file-header --program-headers --dynamic "$1"
}

# calls FILE...: "FILE SYMBOL" for what each asks others for.
calls() {
	nm --undefined-only --format=posix -A "$@" | sed -E 's/^([^ ]+): ([^ @]+).*/\1 \2/'
}

@test "the hook is a static PIE" {
	[[ $STATIC_HOOK == ON ]] || skip "built without STATIC_HOOK"
	headers=$(headers "$HOOK")
	grep --quiet 'FLAGS_1.* PIE' <<<"$headers"
	! grep --extended-regexp 'INTERP|\(NEEDED\)' <<<"$headers" || return 1
}

@test "both programs are position independent, with full RELRO and no path of libraries" {
	for program in "${PROGRAMS[@]}"; do
		headers=$(headers "$program")
		grep --quiet 'Type: *DYN' <<<"$headers" || fail "$program: no PIE"
		grep --quiet 'GNU_RELRO' <<<"$headers" || fail "$program: no RELRO"
		grep --quiet 'FLAGS.*NOW' <<<"$headers" || fail "$program: symbols are bound late"
		! grep --extended-regexp 'R(UN)?PATH|TEXTREL' <<<"$headers" || fail "$program"
	done
}

@test "nothing in them is both writable and executable, the stack included" {
	for program in "${PROGRAMS[@]}"; do
		headers=$(headers "$program")
		grep --quiet --extended-regexp 'GNU_STACK .* RW +0x' <<<"$headers" ||
			fail "$program: an executable stack"
		[[ $(grep --count ' LOAD ' <<<"$headers") -ge 2 ]] || fail "$program: no segments"
		! grep --extended-regexp ' RWE ' <<<"$headers" || fail "$program"
	done
}

@test "while it runs nothing is both writable and executable" {
	command -v strace >/dev/null || fail "strace: not found; install it"
	[[ -z $SANITIZE ]] || skip "built with sanitizers: their run time maps as it likes"
	strace --quiet=all --trace=mmap,mprotect --output="$BATS_TEST_TMPDIR/maps" \
		"$HOOK" --dry-run <<<'{"id":"a","bundle":"/","pid":7}'
	[[ -s $BATS_TEST_TMPDIR/maps ]]
	! grep 'PROT_WRITE|PROT_EXEC\|PROT_EXEC|PROT_WRITE' "$BATS_TEST_TMPDIR/maps" || return 1
}

@test "stacks are guarded, and libc checks the sizes that the compiler knows" {
	called=$(calls "${OBJECTS[@]}")
	[[ $(grep --count ' __stack_chk_fail$' <<<"$called") -ge 20 ]] || fail "few guards: $called"
	# the sanitizers do that in their own way
	[[ -n $SANITIZE ]] || grep --quiet --extended-regexp ' __[a-z]+_chk$' \
		<<<"$(grep --invert-match stack_chk <<<"$called")" || fail "nothing is checked"
}

# poison.h keeps the names out of the sources; this keeps them out by whatever other way.
@test "their own code and their libraries read no environment, locale or time zone" {
	called=$(calls "${OBJECTS[@]}")
	if [[ $STATIC_HOOK == ON ]]; then
		archives=$(sed --quiet 's/^\(YAJL\|CAP\)_ARCHIVE:[A-Z]*=//p' "$BUILD/CMakeCache.txt")
		[[ $(wc -l <<<"$archives") -eq 2 ]] || fail "the libraries: $archives"
		# shellcheck disable=SC2086 # two paths
		called+=$'\n'$(calls $archives)
	fi
	grep --quiet ' strlen$' <<<"$called" || fail "no symbols were read"
	# bpftoken looks whether standard output wants colours, by NO_COLOR, and at nothing else
	! grep --extended-regexp ' _*(getenv|secure_getenv|setenv|putenv|setlocale|newlocale|localtime|mktime|strftime|tzset|openlog|syslog|gettext|dcgettext|wordexp)(_r|_chk)?$' \
		<<<"$called" || return 1
	! grep ' environ$' <<<"$called" | grep --invert-match 'output.c.o' || return 1
}
