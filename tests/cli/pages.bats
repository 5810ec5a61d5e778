#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What --help, the manual pages and the completions say of the programs is one and the same, and true.

setup_file() {
	PAGES=$BATS_FILE_TMPDIR
	export PAGES
	# So wide that no option is broken at a hyphen.
	render cmd/bpftoken/bpftoken.1 1000
	render cmd/oci-bpf-token-hook/oci-bpf-token-policy.json.5 1000
	render cmd/oci-bpf-token-hook/oci-bpf-token-hook.8 1000
}

# render FILE WIDTH: its text, and what man has to say against it.
render() {
	local name=${1##*/}
	MANWIDTH=$2 MAN_KEEP_FORMATTING='' man --warnings --local-file "$SOURCE/$1" \
		2>"$PAGES/$name.warnings" | col -bx >"$PAGES/$name"
}

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# same WHAT WANTED FOUND: as sets of lines.
same() {
	diff <(printf '%s\n' "$2" | sort -u) <(printf '%s\n' "$3" | sort -u) >"$BATS_TEST_TMPDIR/diff" ||
		fail "$1: '<' is missing, '>' is too much:" "$(<"$BATS_TEST_TMPDIR/diff")"
}

# The commands of bpftoken, and as "policy check" those below them.

help_of() {
	# shellcheck disable=SC2086 # a call is one word or two
	"$BPFTOKEN" $1 --help
}

# What is before the examples, in which other programs' options stand.
help_before_examples() {
	help_of "$1" | sed '/^Examples\{0,1\}:/,$d'
}

commands() {
	help_before_examples "" | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'
}

subcommands() {
	help_before_examples "$1" |
		sed -n "s/^\(Usage:\)\{0,1\} *bpftoken $1 \([a-z][a-z]*\)\( .*\)\{0,1\}\$/\2/p"
}

calls() {
	local command subcommand
	for command in $(commands); do
		echo "$command"
		for subcommand in $(subcommands "$command"); do
			echo "$command $subcommand"
		done
	done
}

# The options of a text, but for --help, which each command has.
options_in() {
	grep --only-matching --extended-regexp -- '(^|[^-a-z])--[a-z][a-z-]*' | sed 's/^[^-]//' | sort -u |
		sed '/^--help$/d'
}

# page_section COMMAND: what bpftoken(1) says of it.
page_section() {
	sed -n "/^   $1\$/,/^\( \{0,3\}\)[^ ]/p" "$PAGES/bpftoken.1" | sed 1d
}

# bash_offers WORD...: what bash offers for the last of them.
bash_offers() {
	bash --norc -c '
		. "$SOURCE/cmd/bpftoken/completion/bpftoken.bash"
		COMP_LINE=$* COMP_POINT=${#COMP_LINE}
		_bpftoken "$BPFTOKEN" "${COMP_LINE##* }"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

# zsh sends SIGCONT to what is still in a pipeline when its last program has ended. Where that meets
# the SIGSTOP by which LeakSanitizer holds its own process, both wait forever: no look for leaks there.
WITHOUT_LEAKS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

# zsh_offers WORD...: the same of zsh, whose own functions can only be called on a terminal.
zsh_offers() {
	ASAN_OPTIONS=$WITHOUT_LEAKS zsh -f -c '
		_describe() { print -rl -- ${plain%%:*} ${valued%%:*} ${items%%:*} }
		compadd() { while [[ $1 != -- ]] { shift }; shift; print -rl -- "$@" }
		compset() { : }
		_files() { print FILE }
		words=("$BPFTOKEN" "$@")
		CURRENT=$#words
		PREFIX=$words[-1]
		. "$SOURCE/cmd/bpftoken/completion/_bpftoken"' zsh "$@"
}

@test "page and completions have the commands of --help" {
	wanted=$(commands)
	[[ $wanted == *names* ]]
	same "the page" "$wanted" "$(sed -n '/^COMMANDS$/,/^ENVIRONMENT$/s/^   \([^ ].*\)$/\1/p' "$PAGES/bpftoken.1")"
	same "bash" "$wanted" "$(bash_offers bpftoken "")"
	same "zsh" "$wanted" "$(zsh_offers "")"
	for command in $wanted; do
		[[ -n $(subcommands "$command") ]] || continue
		same "bash, $command" "$(subcommands "$command")" "$(bash_offers bpftoken "$command" "")"
		same "zsh, $command" "$(subcommands "$command")" "$(zsh_offers "$command" "")"
	done
}

# synopsis CALL: the lines of bpftoken(1)'s synopsis that are about it.
synopsis() {
	sed -n '/^SYNOPSIS$/,/^DESCRIPTION$/p' "$PAGES/bpftoken.1" | grep --extended-regexp "^ +bpftoken $1( |\$)"
}

@test "page and completions have the options of each command's --help, and no other" {
	for command in $(commands); do
		all=
		while read -r call; do
			wanted=$(help_before_examples "$call" | options_in)
			all+=$wanted$'\n'
			# shellcheck disable=SC2086
			same "bash, $call" "--help"$'\n'"$wanted" "$(bash_offers bpftoken $call -- | sed 's/=$//')"
			# shellcheck disable=SC2086
			same "zsh, $call" "--help"$'\n'"$wanted" "$(zsh_offers $call -- | sed 's/=$//')"
			for option in $(synopsis "$call" | options_in); do
				[[ $'\n'$wanted$'\n' == *$'\n'"$option"$'\n'* || -n $(subcommands "$call") ]] ||
					fail "the synopsis, $call: $option is too much"
			done
		done < <(calls | grep --extended-regexp "^$command( |\$)")
		same "the page, $command" "${all%$'\n'}" "$(page_section "$command" | options_in)"
		[[ -n $(synopsis "$command") ]] || fail "the synopsis has no $command"
	done
}

@test "every option of --help is there" {
	while read -r call; do
		for option in $(help_before_examples "$call" | options_in); do
			# with a value or without one: the --help behind it keeps the command from running
			# shellcheck disable=SC2086
			said=$("$BPFTOKEN" $call "$option=x" --help 2>&1 >/dev/null || echo "exit code $?")
			# shellcheck disable=SC2086
			[[ $said != *'there is no such option'* ]] ||
				"$BPFTOKEN" $call "$option" --help >/dev/null || fail "$call: $option"
		done
	done < <(calls)
}

@test "--help fits 80 columns and has an example" {
	while read -r call; do
		text=$(help_of "$call")
		[[ $text == "Usage: bpftoken "* ]] || fail "$call: no usage"
		grep --quiet --extended-regexp '^Examples?:' <<<"$text" || fail "$call: no example"
		same "$call: longer than 80 columns" "" "$(awk 'length > 80' <<<"$text")"
	done < <(echo && calls)
	[[ $("$HOOK" --help) == *$'\nExample'* ]]
}

@test "the pages have no warning" {
	for page in bpftoken.1 oci-bpf-token-policy.json.5 oci-bpf-token-hook.8; do
		[[ -s $PAGES/$page ]]
		same "$page" "" "$(<"$PAGES/$page.warnings")"
	done
}

# exit_codes PAGE: the numbers in its list of them.
exit_codes() {
	sed -n '/^EXIT STATUS$/,/^EXAMPLES$/s/^     \([0-9][0-9]*\) .*/\1/p' "$PAGES/$1"
}

# help_codes PROGRAM
help_codes() {
	"$1" --help | sed -n '/^Exit codes:/,/^$/p' | grep --only-matching --word-regexp '[0-9]*'
}

@test "exit codes are the same everywhere" {
	wanted=$(printf '%s\n' 0 64 65 69 71 77 78)
	same "bpftoken(1)" "$wanted" "$(exit_codes bpftoken.1)"
	same "oci-bpf-token-hook(8)" "$wanted" "$(exit_codes oci-bpf-token-hook.8)"
	same "bpftoken --help" "$wanted" "$(help_codes "$BPFTOKEN")"
	same "oci-bpf-token-hook --help" "$wanted" "$(help_codes "$HOOK")"
}

@test "oci-bpf-token-hook(8) has the hook's options and annotations" {
	same "options in the synopsis" "$("$HOOK" --help | options_in)" \
		"$(sed -n '/^SYNOPSIS$/,/^DESCRIPTION$/p' "$PAGES/oci-bpf-token-hook.8" | options_in)"
	same "options described" "$("$HOOK" --help | options_in)" \
		"$(sed -n '/^   Options$/,/^   Policy$/p' "$PAGES/oci-bpf-token-hook.8" | options_in)"
	for word in io.bpftoken.{profile,cmds,path,mode,owner,on-unsupported} .maps .progs .attachs; do
		grep --quiet --word-regexp --fixed-strings -- "$word" "$PAGES/oci-bpf-token-hook.8" ||
			fail "the page lacks $word"
	done
}

@test "oci-bpf-token-policy.json(5) has every key that the hook reads, and no other" {
	same "keys" "$(sed -n '/^static const struct json_rule rules/,/^}/s/^.*{ "\([^"]*\)".*/\1/p' "$SOURCE/hook/policy_parse.c" |
		sed 's/\[\]//g; s/\.\*//g; s/.*\.//' | grep .)" \
		"$(sed -n 's/^\.It Va //p' "$SOURCE/cmd/oci-bpf-token-hook/oci-bpf-token-policy.json.5" | sed 's/ , /\n/g')"
}

@test "the policies that the pages show are policies" {
	[[ $EUID -eq 0 ]] || skip "needs root: a policy counts only where it is root's"
	sed -n '/^\.Bd -literal/,/^\.Ed/p' "$SOURCE/cmd/oci-bpf-token-hook/oci-bpf-token-policy.json.5" |
		awk -v dir="$BATS_TEST_TMPDIR" '
			/^\.Bd/ { n++; next } /^\.Ed/ { next } { print > (dir "/policy." n) }'
	shown=0
	for policy in "$BATS_TEST_TMPDIR"/policy.*; do
		[[ $(head -c 1 "$policy") == '{' ]] || continue
		chmod 0644 "$policy"
		status=0
		# of a process that is not there, which is found out after the policy was read
		"$HOOK" --policy="$policy" --log=none <<<'{"id": "x", "pid": 4194304, "bundle": "/",
			"annotations": {"io.bpftoken.cmds": "prog_load"}}' 2>"$BATS_TEST_TMPDIR/stderr" || status=$?
		[[ $status -ne 78 && $status -ne 0 ]] || fail "$policy: $status" "$(<"$BATS_TEST_TMPDIR/stderr")"
		shown=$((shown + 1))
	done
	[[ $shown -eq 3 ]]
}

# Values of options

@test "completions know what a value can be" {
	names=$("$BPFTOKEN" names progs | awk 'NR > 1 { print $3 }')
	for option in --progs= "--progs "; do
		# shellcheck disable=SC2086
		same "bash, $option" "any"$'\n'"$names" "$(bash_offers bpftoken inject $option'' | sed 's/^--progs=//')"
	done
	same "zsh" "any"$'\n'"$names" "$(zsh_offers inject --progs=)"
	same "zsh, next word" "any"$'\n'"$names" "$(zsh_offers inject --progs "")"
	[[ $(bash_offers bpftoken inject --maps=hash,lpm) == --maps=hash,lpm_trie ]]
	[[ $(bash_offers bpftoken inject --stage=pre) == --stage=prestart ]]
	[[ $(bash_offers bpftoken inject --output=/etc/hostn) == --output=/etc/hostname ]]
	[[ $(zsh_offers inject --output=) == FILE ]]
	[[ $(bash_offers bpftoken inject /etc/hostn) == /etc/hostname ]]
	[[ $(zsh_offers inject "") == FILE ]]
	[[ $(bash_offers bpftoken names p) == progs ]]
	[[ $(zsh_offers names "") == cmds*attachs ]]
}

@test "completions know the profiles of the policy" {
	[[ $(commands) == *policy* ]] || skip "this build has no policy command"
	[[ $EUID -eq 0 ]] || skip "needs root: a policy counts only where it is root's"
	echo '{"version": 1, "profiles": {"one": {"cmds": "any"}, "two": {"cmds": "any"}}, "rules":
		[{"name": "three", "match": {}, "allow": {"profiles": "one"}}]}' >"$BATS_TEST_TMPDIR/policy"
	chmod 0644 "$BATS_TEST_TMPDIR/policy"
	# the program, with this policy instead of the host's
	cat >"$BATS_TEST_TMPDIR/bpftoken" <<-END
		#!/bin/sh
		[ "\$1 \$2" != "policy show" ] || set -- "\$@" "$BATS_TEST_TMPDIR/policy"
		exec "$BPFTOKEN" "\$@"
	END
	chmod +x "$BATS_TEST_TMPDIR/bpftoken"
	# shellcheck disable=SC2030,SC2031 # for this test alone
	export BPFTOKEN=$BATS_TEST_TMPDIR/bpftoken
	[[ $'\n'$(zsh_offers inject --profile=)$'\n' == *$'\none\n'* ]] || fail "zsh: no profile"
	same "zsh" "$("$BPFTOKEN" policy show --json | jq -r '.profiles[].name')" "$(zsh_offers inject --profile=)"
	[[ $(bash_offers bpftoken inject --profile=one,tw) == --profile=one,two ]]
}

@test "the formats that completions offer are those of calc" {
	[[ $(commands) == *calc* ]] || skip "this build has no calc command"
	help=$(help_of calc)
	for format in $(zsh_offers calc --format=); do
		grep --quiet --word-regexp -- "$format" <<<"$help" || fail "calc has no format $format"
	done
}

# Typed on a terminal, where the shells themselves cut and replace words.

# type_into SHELL SETUP TEXT
type_into() {
	{
		sleep 1
		printf '%s\n' "$2"
		sleep 1
		printf '%s' "$3"
		sleep 1
		printf '\nexit\n'
	} | (
		cd "$BATS_TEST_TMPDIR" || exit
		# shellcheck disable=SC2031
		TERM=dumb PATH=${BPFTOKEN%/*}:$PATH ASAN_OPTIONS=$WITHOUT_LEAKS \
			timeout 30 script --quiet --command "$1" /dev/null >"$BATS_TEST_TMPDIR/terminal"
	)
}

typed=$'bpftoken nam\tpro\t--js\t>answer; echo --cmds=x; bpftoken inject --cmds=map_cr\t,prog_loa\t --on-uns\tfa\t --outp\tres\t conf\t'

judge_typed() {
	[[ $(jq -c 'map(.list) | unique' "$BATS_TEST_TMPDIR/answer") == '["progs"]' ]] || fail "$(<"$BATS_TEST_TMPDIR/terminal")"
	[[ $(jq -r '.annotations | "\(.["io.bpftoken.cmds"]) \(.["io.bpftoken.on-unsupported"])"' "$BATS_TEST_TMPDIR/result") == "map_create,prog_load fail" ]] ||
		fail "$(<"$BATS_TEST_TMPDIR/terminal")"
}

@test "bash completes what is typed" {
	echo '{"root": {"path": "r"}}' >"$BATS_TEST_TMPDIR/config.json"
	: >"$BATS_TEST_TMPDIR/result"
	type_into "bash --norc -i" ". '$SOURCE/cmd/bpftoken/completion/bpftoken.bash'" "$typed"
	judge_typed
}

@test "zsh completes what is typed" {
	echo '{"root": {"path": "r"}}' >"$BATS_TEST_TMPDIR/config.json"
	: >"$BATS_TEST_TMPDIR/result"
	type_into "zsh -f -i" "fpath=('$SOURCE/cmd/bpftoken/completion' \$fpath); autoload -U compinit; compinit -u -D" "$typed"
	judge_typed
}
