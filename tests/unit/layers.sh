#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: layers.sh SOURCE_DIR NM SPEC_ARCHIVE PURE_ARCHIVE PURE_SOURCE...
#
# Includes go cmd -> hook -> spec, never back, and what is left of the mount is pure: no descriptor,
# no clock, no environment. Told from the include lines, and from the symbols that the archives ask
# libc for. PURE_SOURCE are the files of hook/ that are left of the mount.

set -eu

cd "$1"
nm=$2 spec_archive=$3 pure_archive=$4
shift 4
failed=0

fail() {
	echo "layers: $*" >&2
	failed=1
}

# includes FILE... prints "FILE: what is included" for each include line.
includes() {
	grep -HE '^[[:space:]]*#[[:space:]]*include' "$@" |
		sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*/: /'
}

# matching PATTERN prints the lines of its input that match; that none does is no error.
matching() {
	grep -E "$1" || [ $? -eq 1 ]
}

# forbid WHY PATTERN FILE... fails for each include that matches, and when there is nothing to read.
forbid() {
	why=$1 pattern=$2
	shift 2
	[ -e "${1-}" ] || fail "$why: there is no file to look at"
	found=$(includes "$@" | matching ": $pattern")
	[ -z "$found" ] || fail "$why:
$found"
}

# The header of each .c file that has one of its name.
headers_of() {
	for source; do
		[ ! -e "hook/${source%.c}.h" ] || echo "hook/${source%.c}.h"
	done
}

check_directions() {
	forbid "spec includes what is above it" '"(hook|cmd|tests)/' \
		spec/*.c spec/*.h spec/base/*.c spec/base/*.h
	forbid "hook includes what is above it" '"(cmd|tests)/' hook/*.c hook/*.h
	forbid "a command includes a test" '"tests/' cmd/*/*.c cmd/*/*.h
}

# base/defer.h is for both sides: it holds defer_close, and the symbols show that nobody closes here.
check_pure_includes() {
	system='<(unistd|fcntl|poll|time|signal|sched|syslog)\.h>'
	system="$system|<sys/(stat|socket|mount|syscall|wait|time|ioctl)\.h>|\"hook/sys\.h\""
	system="($system)"
	for file in spec/*.c spec/*.h spec/base/*.c spec/base/*.h; do
		case $file in
		spec/base/defer.h | spec/names_generate.c) ;;
		*) forbid "not pure" "$system" "$file" ;;
		esac
	done
	for source; do
		forbid "not pure" "$system" "hook/$source"
	done
	for header in $(headers_of "$@"); do
		forbid "not pure" "$system" "$header"
	done
	for file in spec/*.[ch] spec/base/*.[ch] hook/*.[ch] cmd/*/*.[ch]; do
		case $file in
		spec/json.c | spec/json_gen.c) ;;
		*) forbid "only spec/json.c and spec/json_gen.c know yajl" '<yajl' "$file" ;;
		esac
	done
}

# Undefined symbols of an archive as "FILE: SYMBOL". Not json_memory.c's last words: where an
# allocation of yajl's fails there is no way back, and the program ends with a message.
undefined() {
	"$nm" --undefined-only --format=posix -A "$1" |
		sed -E 's/^[^[]*\[([^]]*)\]: ([^ @]+).*/\1: \2/' | sort -u |
		grep -vxE 'json_memory\.c\.o: (fprintf|__fprintf_chk|fwrite|stderr|_Exit|_exit)'
}

check_symbols() {
	calls='open|open64|openat|creat|read|pread|readv|write|pwrite|writev|close|dup|dup2|pipe'
	calls="$calls|stat|lstat|fstat|statx|access|mkdir|unlink|mount|ioctl|fcntl|poll|select"
	calls="$calls|socket|connect"
	calls="$calls|send|recv|syscall|fork|vfork|clone|execve|kill|getpid|getuid|setns|unshare"
	calls="$calls|getenv|secure_getenv|__secure_getenv|environ|setlocale|time|clock_gettime"
	calls="$calls|gettimeofday|localtime|gmtime|strftime|sleep|nanosleep|random|rand|getrandom"
	calls="$calls|fopen|fread|fwrite|fputs|puts|printf|fprintf|perror|stdin|stdout|stderr"
	calls="$calls|exit|_exit|_Exit"
	for archive in "$spec_archive" "$pure_archive"; do
		undefined "$archive" | grep -q . || fail "$archive: no symbols were found"
		found=$(undefined "$archive" | matching ": (__)?($calls)(_chk)?\$")
		[ -z "$found" ] || fail "$archive is not pure, it calls:
$found"
	done
}

check_directions
check_pure_includes "$@"
check_symbols
exit "$failed"
