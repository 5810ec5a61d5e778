#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The logs: what a record says in either form, and that no log, whatever it is, breaks or delays the
# start of a container.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	need_root
	set_up
	start_container
}

teardown() {
	[[ -z ${WORK-} ]] || tear_down
}

# log_to OPTION...: runs the hook with these logs.
log_to() {
	observe program_alone --policy="$POLICY" "$@" <"$INPUT"
}

# delegated: whatever became of the log.
delegated() {
	is_status 0
	same "the mount" "$GRANTED_OPTIONS" "$(mounted)"
	no_process_is_left
}

# quickly COMMAND...: within three seconds.
quickly() {
	local start=$SECONDS
	"$@"
	[[ $((SECONDS - start)) -le 3 ]] || fail "it took $((SECONDS - start)) seconds"
}

RECORD='time=[0-9]+\.[0-9]{3} decision="granted" outcome="delegated" code=0 id="test" pid=PID hostUid=1000000 source="rule \\"tests\\"" path="/sys/fs/bpf" cmds="map_create" maps="array" progs="" attachs=""'

# is_record TEXT: the one of a delegation, in text.
is_record() {
	[[ $1 =~ ^${RECORD/PID/$CONTAINER}$ ]] || fail "not the record: $1"
}

# ---- forms ----

@test "text to a file: one line, appended, for root's eyes" {
	local before after
	before=$(date +%s)
	log_to --log="file:$LOG"
	after=$(date +%s)
	delegated
	same "standard error" "" "$stderr"
	is_record "$(<"$LOG")"
	[[ $(stat --format=%a:%u:%g "$LOG") == 600:0:0 ]] || fail "$(stat "$LOG")"
	[[ $(<"$LOG") =~ ^time=([0-9]+) ]]
	((before <= BASH_REMATCH[1] && BASH_REMATCH[1] <= after)) || fail "not the time"

	program_alone --policy="$POLICY" --log="file:$LOG" <"$INPUT" 3>&-
	[[ $(wc -l <"$LOG") -eq 2 ]] || fail "not appended"
	[[ $(tail --lines=1 "$LOG") == *' outcome="already delegated" code=0 '* ]] ||
		fail "not the second run's record"
}

@test "text of a refusal" {
	ask '{"io.bpftoken.cmds":"map_create,prog_load"}'
	log_to --log="file:$LOG"
	is_status 77
	[[ $(<"$LOG") == *' decision="refused" outcome="failed" code=77 id="test" '*' source="rule \"tests\"" '*' cmds="map_create,prog_load" '*' message="policy: rule \"tests\" (line 1) does not allow cmds prog_load; '* ]] ||
		fail "not the refusal's record"
}

@test "json: the types of all fields" {
	config 'del(.process.capabilities)'
	log_to --log="file:$LOG" --log-format=json
	delegated
	same "the record" \
		"attachs:string cmds:string code:number decision:string hostUid:number id:string maps:string outcome:string path:string pid:number progs:string source:string time:number warnings:array" \
		"$(logged '[to_entries[] | "\(.key):\(.value | type)"] | sort | join(" ")')"
	same "the warning" \
		"process.capabilities lack CAP_BPF, without which no token can be made; add it" \
		"$(logged '.warnings[0]')"
}

@test "every line is JSON, also of what fails at once" {
	local text
	for text in '' '{' '[]' '{"id":"x"}' '{"id":"\u001b\"\\\n","bundle":"/b","pid":1,"annotations":{"io.bpftoken.cmds":"any"}}' \
		'{"id":"\ud83d\ude00é","bundle":"/b","pid":7,"annotations":{"io.bpftoken.x":"any"}}'; do
		printf '%s' "$text" >"$WORK/state.json"
		hook
		is_status 65
		logged . >"$WORK/record"
		[[ $(logged .code) -eq 65 && $(logged .outcome) == failed ]] || fail "not that record"
	done
	same "the id" $'\U1f600é' "$(logged .id)"
}

@test "values cannot end a line, add a field or steer a terminal" {
	local id='x\" code=0 outcome=\"delegated\n\u001b[2J\u009b\u2028é'
	ask '{"io.bpftoken.cmds":"any"}'
	state "$CONTAINER" '{"io.bpftoken.cmds":"any"}' "$id"
	log_to --log="file:$LOG"
	is_status 77
	[[ $(wc -l <"$LOG") -eq 1 ]] || fail "not one line"
	! LC_ALL=C grep --quiet '[^ -~]' "$LOG" || fail "bytes that are not printable"
	grep --quiet --fixed-strings \
		'id="x\" code=0 outcome=\"delegated\u000a\u001b[2J\u009b\u2028\u00e9" ' "$LOG" ||
		fail "not escaped"
	log_to --log="file:$LOG" --log-format=json
	same "the id" "$(printf '"%s"' "$id" | jq .)" "$(jq .id "$LOG")"
}

# The longest request that a tenant can make: every name, a path of 4,095 bytes, each four of which
# become twelve when they are escaped, and an id that no runtime would take.
ask_for_everything() {
	local path id
	path=$(printf '\xf0\x9f\x98\x80%.0s' {1..1023})
	id=$(printf 'x%.0s' {1..20000})
	state "$CONTAINER" "{\"io.bpftoken.cmds\":\"0x1fffffffff\",\"io.bpftoken.maps\":\"0x3ffffffff\",\"io.bpftoken.progs\":\"0x1ffffffff\",\"io.bpftoken.attachs\":\"0x3ffffffffffffff\",\"io.bpftoken.path\":\"/$path\"}" \
		"$id"
}

@test "a record of the longest request is whole" {
	ask_for_everything
	log_to --log="file:$LOG" --log-format=json
	is_status 77
	same "the lists" "37 34 33 58" \
		"$(logged '[.cmds, .maps, .progs, .attachs | split(",") | length] | join(" ")')"
	same "the message" "${stderr#oci-bpf-token-hook: }" "$(logged .message)"
	same "the path" "$(jq '.annotations["io.bpftoken.path"]' "$INPUT")" "$(jq .path "$LOG")"
	log_to --log="file:$LOG"
	[[ $(<"$LOG") == *' message="policy: '*'"' ]] || fail "cut"
}

# ---- places ----

@test "stderr: a refusal's line and its record" {
	log_to --log=stderr
	delegated
	is_record "$stderr"
	ask '{"io.bpftoken.cmds":"any"}'
	log_to --log=stderr --log-format=json
	is_status 77
	[[ $(wc -l <<<"$stderr") -eq 2 ]] || fail "not two lines"
	[[ $(grep --count '^oci-bpf-token-hook: policy: ' <<<"$stderr") -eq 1 ]] || fail "no line"
	[[ $(grep '^{' <<<"$stderr" | jq .code) -eq 77 ]] || fail "no record"
}

@test "none" {
	log_to --log=none
	delegated
	same "standard error" "" "$stderr"
}

@test "several at once" {
	log_to --log="file:$LOG" --log=stderr --log="file:$LOG.2" --log=none
	delegated
	is_record "$(<"$LOG")"
	same "the logs" "$(<"$LOG")" "$(<"$LOG.2")"
	same "the logs" "$(<"$LOG")" "$stderr"
}

@test "the host's file is written, not one of that name in the container" {
	mkdir "$WORK/logs"
	start_container --setup="mount -t tmpfs other $WORK/logs"
	log_to --log="file:$WORK/logs/log"
	delegated
	is_record "$(<"$WORK/logs/log")"
	[[ ! -e /proc/$CONTAINER/root$WORK/logs/log ]] || fail "it is in the container"
}

@test "ten hooks at once write ten lines" {
	local i
	ask '{"io.bpftoken.cmds":"any"}'
	for i in {1..10}; do
		program_alone --policy="$POLICY" --log="file:$LOG" --log-format=json \
			<"$INPUT" >/dev/null 2>&1 3>&- &
		pids[i]=$!
	done
	for i in {1..10}; do
		wait "${pids[i]}" || [[ $? -eq 77 ]]
	done
	[[ $(jq --raw-output .code "$LOG" | grep --count --line-regexp 77) -eq 10 ]] ||
		fail "not ten records"
}

@test "a long record is written at once, whoever else writes" {
	[[ ${SANITIZE-} != coverage ]] || skip "built with line counters, whose writing takes as long"
	local slow
	command -v strace >/dev/null || fail "strace: not found; install it"
	ask_for_everything
	# this one is held up after each write
	env -i "${ENVIRONMENT[@]}" "$(command -v strace)" --quiet=all --output=/dev/null \
		--inject=write:delay_exit=500000 \
		"$WORK/oci-bpf-token-hook" --policy="$POLICY" --log="file:$LOG" --log-format=json \
		<"$INPUT" >/dev/null 2>&1 3>&- &
	slow=$!
	until [[ -s $LOG ]]; do
		sleep 0.01
	done
	program_alone --policy="$POLICY" --log="file:$LOG" --log-format=json \
		<"$INPUT" >/dev/null 2>&1 3>&- || [[ $? -eq 77 ]]
	wait "$slow" || [[ $? -eq 77 ]]
	[[ $(jq .code "$LOG" | grep --count --line-regexp 77) -eq 2 ]] || fail "not two records"
}

# ---- logs that cannot be written ----

# goes_on_without PATH REASON
goes_on_without() {
	start_container
	quickly log_to --log="file:$1" --log="file:$LOG"
	delegated
	says "log \"$1\": it must be a regular file and no symlink, in a directory that exists; the run goes on without it: $2"
	is_record "$(<"$LOG")"
}

@test "a FIFO, with a reader and without; a symlink; a directory; a device; nowhere" {
	local reader
	mkfifo "$WORK/fifo"
	goes_on_without "$WORK/fifo" "No such device or address"
	exec {reader}<>"$WORK/fifo"
	goes_on_without "$WORK/fifo" "Invalid argument"
	exec {reader}<&-
	ln -s "$WORK/target" "$WORK/link"
	goes_on_without "$WORK/link" "Too many levels of symbolic links"
	[[ ! -e $WORK/target ]] || fail "it was followed"
	mkdir "$WORK/dir"
	goes_on_without "$WORK/dir" "Is a directory"
	goes_on_without /dev/null "Invalid argument"
	goes_on_without "$WORK/nowhere/log" "No such file or directory"
	goes_on_without "$WORK/policy.json/log" "Not a directory"
}

@test "the message about a log that cannot be written comes first, a refusal stays a refusal" {
	ask '{"io.bpftoken.cmds":"any"}'
	log_to --log="file:$WORK"
	is_status 77
	[[ $(wc -l <<<"$stderr") -eq 2 && ${stderr%%$'\n'*} == *": log "* ]] || fail "not two lines"
}

@test "a full file system" {
	mkdir "$WORK/full"
	mount -t tmpfs -o size=4k,nr_inodes=2 full "$WORK/full"
	head --bytes=4096 /dev/zero >"$WORK/full/log"
	log_to --log="file:$WORK/full/log"
	delegated
	umount "$WORK/full"
}

@test "a limit on the size of files" {
	ENTER=(prlimit --fsize=0)
	log_to --log="file:$LOG"
	delegated
}

# ---- readers of stderr ----

# hook_alone SCRIPT ARG...: the hook by a shell of its own that redirects its stderr. The test's shell
# must not have that as its own: it would tell it by what signal the hook has died.
hook_alone() {
	timeout --foreground --kill-after=5 30 env -i "${ENVIRONMENT[@]}" "$BASH" -c "$1" \
		"$WORK/oci-bpf-token-hook" "${@:2}" 3>&-
}

# The reading end is gone when the hook starts.
without_reader() {
	# shellcheck disable=SC2016 # the inner shell is to expand it
	hook_alone 'exec 2> >(exec true) && wait $! && exec "$0" "$@"' "$@"
}

@test "nobody reads stderr: a delegation stays one" {
	# the log of stderr fails, the file's record is written
	observe without_reader --policy="$POLICY" --log=stderr --log="file:$LOG" <"$INPUT"
	delegated
	is_record "$(<"$LOG")"
}

@test "nobody reads stderr: a refusal keeps its exit code and its record" {
	ask '{"io.bpftoken.cmds":"any"}'
	observe without_reader --policy="$POLICY" --log="file:$LOG" --log-format=json <"$INPUT"
	is_status 77
	[[ $(logged .code) -eq 77 ]] || fail "no record"
	: >"$WORK/state.json"
	observe without_reader --log="file:$LOG" --log-format=json <"$INPUT"
	is_status 65
	[[ $(logged .code) -eq 65 ]] || fail "no record"
	observe without_reader --bogus
	is_status 64
}

# onto_a_full_pipe FREE ARG...: stderr is a pipe that nobody reads, with so many bytes left in it.
onto_a_full_pipe() {
	local pipe size=65536
	rm -f "$WORK/pipe"
	mkfifo "$WORK/pipe"
	exec {pipe}<>"$WORK/pipe"
	head --bytes=$((size - $1)) /dev/zero >&"$pipe"
	# shellcheck disable=SC2016 # the inner shell is to expand it
	hook_alone "exec 2>&$pipe"' && exec "$0" "$@"' "${@:2}"
}

@test "a pipe that is full and not read delays nothing" {
	quickly observe onto_a_full_pipe 0 --policy="$POLICY" --log=stderr <"$INPUT"
	delegated
	ask '{"io.bpftoken.cmds":"any"}'
	quickly observe onto_a_full_pipe 0 --policy="$POLICY" --log=stderr <"$INPUT"
	is_status 77
}

@test "a pipe with less room than a long record needs" {
	ask_for_everything
	log_to --log="file:$LOG"
	is_status 77
	[[ $(wc -c <"$LOG") -gt 4096 ]] || fail "the record is not long enough to test it"
	quickly observe onto_a_full_pipe 8192 --policy="$POLICY" --log=stderr <"$INPUT"
	is_status 77
	quickly observe onto_a_full_pipe 4096 --policy="$POLICY" --log=stderr <"$INPUT"
	is_status 77
}

# ---- syslog ----

# Gives the hook a /dev of its own, with this test's socket as /dev/log.
with_syslog() {
	# shellcheck disable=SC2016 # the inner shell is to expand it
	ENTER=(unshare --mount sh -c 'mount -t tmpfs -o mode=755 dev /dev &&
		mknod /dev/null c 1 3 && ln -s "$0" /dev/log && exec "$@"' "$WORK/syslog")
}

# start_daemon SCRIPT: perl with a datagram socket $s of that name, which says when it is bound.
start_daemon() {
	local ready
	exec {daemon}< <(exec perl -MIO::Socket::UNIX -MSocket -e '
		$| = 1;
		my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => shift) or die $!;
		print "ready\n";
		'"$1" "$WORK/syslog" 3>&-)
	TARGETS+=($!)
	read -r -t 30 ready <&"$daemon" || fail "the daemon did not come up"
}

@test "syslog: one datagram, with its priority, for a delegation and for a refusal" {
	local line
	start_daemon 'while (defined $s->recv(my $d, 65536)) { $d =~ s/\n/NEWLINE/g; print "$d\n" }'
	with_syslog
	log_to --log=syslog
	delegated
	same "standard error" "" "$stderr"
	read -r -t 10 line <&"$daemon" || fail "nothing came"
	[[ $line =~ ^'<86>oci-bpf-token-hook['[0-9]+']: '(.*)$ ]] || fail "not its head: $line"
	is_record "${BASH_REMATCH[1]}"

	ask '{"io.bpftoken.cmds":"any"}'
	log_to # syslog is the default
	is_status 77
	read -r -t 10 line <&"$daemon" || fail "nothing came"
	[[ $line =~ ^'<84>oci-bpf-token-hook['[0-9]+']: time='.*' code=77 ' ]] || fail "not that: $line"

	log_to --log=syslog --log-format=json
	read -r -t 10 line <&"$daemon" || fail "nothing came"
	jq --exit-status '.code == 77' <<<"${line#*: }" >/dev/null || fail "not JSON: $line"
	! read -r -t 0.2 line <&"$daemon" || fail "more than one datagram: $line"
}

@test "syslog: a daemon that does not read delays nothing" {
	start_daemon '
		my $c = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => $s->hostpath) or die $!;
		$c->blocking(0);
		1 while defined $c->send("x" x 1000);
		print "full\n";
		sleep 60;'
	read -r -t 30 _ <&"$daemon" || fail "the socket did not fill"
	with_syslog
	quickly log_to --log=syslog
	delegated
	same "standard error" "" "$stderr"
}

@test "syslog: there is none, or nobody is behind it" {
	with_syslog
	log_to --log=syslog
	delegated
	same "standard error" "" "$stderr"
	start_container
	start_daemon 'exit'
	log_to --log=syslog
	delegated
	same "standard error" "" "$stderr"
}
