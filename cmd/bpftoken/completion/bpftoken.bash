# SPDX-License-Identifier: Apache-2.0
# Completion of bpftoken(1) for bash. Commands and options are those that --help prints, so that they
# are never other than the program's.

# _bpftoken_help PROGRAM [COMMAND [SUBCOMMAND]]: its help without the examples, which name other
# programs, too.
_bpftoken_help() {
	"$@" --help 2>/dev/null | sed '/^Examples\{0,1\}:/,$d'
}

# _bpftoken_commands PROGRAM
_bpftoken_commands() {
	_bpftoken_help "$1" | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'
}

# _bpftoken_subcommands PROGRAM COMMAND: what its usage lines name behind it.
_bpftoken_subcommands() {
	_bpftoken_help "$1" "$2" |
		sed -n "s/^\(Usage:\)\{0,1\} *bpftoken $2 \([a-z][a-z]*\)\( .*\)\{0,1\}\$/\2/p"
}

# _bpftoken_options PROGRAM [COMMAND [SUBCOMMAND]]: with '=' behind those that must have a value, and
# both ways for those that may. Each command has --help.
_bpftoken_options() {
	{ echo --help && _bpftoken_help "$@"; } | grep -oE -- '--[a-z][a-z-]*(\[=|=)?' | awk '
		{
			name = $0
			sub(/\[?=$/, "", name)
			if ($0 ~ /\[=$/)
				value[name] = "may"
			else if (value[name] == "")
				value[name] = $0 ~ /=$/ ? "must" : ""
		}
		END {
			for (name in value) {
				if (value[name] != "must")
					print name
				if (value[name] != "")
					print name "="
			}
		}'
}

# _bpftoken_list PROGRAM LIST: its names.
_bpftoken_list() {
	echo any
	"$1" names "$2" 2>/dev/null | awk 'NR > 1 { print $3 }'
}

# _bpftoken_profiles PROGRAM: those of the policy, as far as the caller may read it.
_bpftoken_profiles() {
	"$1" policy show --json 2>/dev/null |
		sed -n '/^  "rules"/q; s/^ *"name": "\([^"]*\)",\{0,1\}$/\1/p'
}

# _bpftoken_values PROGRAM OPTION: the words that its value can be made of; nothing where it is
# a file, or anyone's guess.
_bpftoken_values() {
	case $2 in
	--cmds | --maps | --progs | --attachs) _bpftoken_list "$1" "${2#--}" ;;
	--profile) _bpftoken_profiles "$1" ;;
	--cap | --bounding) printf '%s\n' CAP_BPF CAP_NET_ADMIN CAP_PERFMON CAP_SYS_ADMIN ;;
	--stage) printf '%s\n' createRuntime prestart ;;
	--userns) echo 100000:65536 ;;
	--owner) printf '%s\n' root user ;;
	--mode) printf '%s\n' 0700 0750 0755 ;;
	--on-unsupported) printf '%s\n' fail ignore ;;
	--exit-code) printf '%s\n' 0 64 65 69 71 77 78 ;;
	--duration) printf '%s\n' 30s 5m 1h ;;
	--format)
		printf '%s\n' text annotations podman kubernetes cdi policy systemd lxd incus mount json
		;;
	--annotation)
		printf 'io.bpftoken.%s=\n' profile cmds maps progs attachs path mode owner on-unsupported
		;;
	esac
}

# _bpftoken_takes_file OPTION
_bpftoken_takes_file() {
	case $1 in
	--policy | --output | --state | --btf | --root | --hook | --cgroup) ;;
	*) false ;;
	esac
}

# _bpftoken_takes_list OPTION: its values stand in a row, with commas between them.
_bpftoken_takes_list() {
	case $1 in
	--cmds | --maps | --progs | --attachs | --profile | --cap | --bounding) ;;
	*) false ;;
	esac
}

# _bpftoken_needs_value OPTION PROGRAM [COMMAND [SUBCOMMAND]]: it may stand in the next word.
_bpftoken_needs_value() {
	local options
	options=$'\n'$(_bpftoken_options "${@:2}")$'\n'
	[[ $options == *$'\n'"$1="$'\n'* && $options != *$'\n'"$1"$'\n'* ]]
}

# _bpftoken_complete_value PROGRAM OPTION VALUE BEFORE: fills candidates, each with BEFORE in front.
_bpftoken_complete_value() {
	local done='' value=$3
	if _bpftoken_takes_file "$2"; then
		compopt -o filenames 2>/dev/null
		mapfile -t candidates < <(compgen -f -P "$4" -- "$value")
		return
	fi
	if _bpftoken_takes_list "$2"; then
		compopt -o nospace 2>/dev/null
		done=${value%"${value##*,}"}
	fi
	mapfile -t candidates < <(compgen -P "$4$done" -W "$(_bpftoken_values "$1" "$2")" \
		-- "${value#"$done"}")
}

# _bpftoken_complete_argument WORD PROGRAM COMMAND [SUBCOMMAND]: the same for an argument.
_bpftoken_complete_argument() {
	local words=
	case $3 in
	names) words="cmds maps progs attachs" ;;
	*) [[ $# -eq 4 ]] || words=$(_bpftoken_subcommands "$2" "$3") ;;
	esac
	if [[ -n $words ]]; then
		mapfile -t candidates < <(compgen -W "$words" -- "$1")
	else
		compopt -o filenames 2>/dev/null
		mapfile -t candidates < <(compgen -f -- "$1")
	fi
}

# _bpftoken PROGRAM WORD: WORD is what readline will replace. It cuts words at '=' and ':', this does
# not: the words are those of the line.
_bpftoken() {
	local line=${COMP_LINE:0:COMP_POINT} words word last subcommands candidates=() call=("$1")
	read -ra words <<<"$line"
	[[ $line != *[[:blank:]] ]] || words+=('')
	word=${words[-1]} last=${words[-2]-}
	if [[ ${#words[@]} -gt 2 ]]; then
		call+=("${words[1]}")
		subcommands=$'\n'$(_bpftoken_subcommands "${call[@]}")$'\n'
		[[ ${#words[@]} -eq 3 || $subcommands != *$'\n'"${words[2]}"$'\n'* ]] ||
			call+=("${words[2]}")
	fi
	set -- "$1" "${2#[=:]}"
	if [[ $word == --*=* ]]; then
		_bpftoken_complete_value "$1" "${word%%=*}" "${word#*=}" "${word%%=*}="
	elif [[ $word == -* ]]; then
		mapfile -t candidates < <(compgen -W "$(_bpftoken_options "${call[@]}")" -- "$word")
	elif [[ ${#call[@]} -eq 1 ]]; then
		mapfile -t candidates < <(compgen -W "$(_bpftoken_commands "$1")" -- "$word")
	elif [[ $last == --* && $last != *=* ]] && _bpftoken_needs_value "$last" "${call[@]}"; then
		_bpftoken_complete_value "$1" "$last" "$word" ''
	else
		_bpftoken_complete_argument "$word" "${call[@]}"
	fi
	[[ ${candidates[*]} != *= ]] || compopt -o nospace 2>/dev/null
	COMPREPLY=("${candidates[@]#"${word%"$2"}"}")
}

complete -F _bpftoken bpftoken
