#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken inject: what it puts into a config.json and takes out again, what it refuses and what it
# warns of, and how the file is replaced.

load helper

setup() {
	WORK=$(mktemp -d "$BATS_TEST_TMPDIR/inject.XXXXXX")
	CONFIG=$WORK/config.json
	(cd "$WORK" && runc spec && mv config.json original)
	cp "$WORK/original" "$CONFIG"
	printf '#!/bin/true\n' >"$WORK/oci-bpf-token-hook"
	chmod +x "$WORK/oci-bpf-token-hook"
	# The least with which nothing is to be said.
	ALL=(--hook="$WORK/oci-bpf-token-hook" --userns "--cap=CAP_BPF,CAP_NET_ADMIN" --profile=xdp)
}

# inject [ARG]...
inject() {
	status=0
	"$BPFTOKEN" inject "$@" >"$WORK/stdout" 2>"$WORK/stderr" || status=$?
	stdout=$(<"$WORK/stdout")
	stderr=$(<"$WORK/stderr")
}

# config [FILE]: what to judge by, in one line.
config() {
	jq -cS "$1" "${2:-$CONFIG}"
}

quiet() {
	is_status 0
	same "standard error" "" "$stderr"
	same "standard output" "" "$stdout"
}

# refused CODE MESSAGE: one line, and the file is as it was.
refused() {
	is_status "$1"
	same "standard error" "bpftoken: inject: $2" "$stderr"
	same "standard output" "" "$stdout"
	cmp "$CONFIG" "$WORK/original"
	same "what lies beside it" "$(printf '%s\n' config.json oci-bpf-token-hook original stderr stdout)" \
		"$(cd "$WORK" && find . -mindepth 1 -printf '%P\n' | sort)"
}

# warned MESSAGE...: just these.
warned() {
	is_status 0
	same "warnings" "$(printf "bpftoken: inject: \"$CONFIG\": warning: %s\n" "$@")" "$stderr"
}

@test "what is asked for is put in" {
	inject "${ALL[@]}" --on-unsupported=ignore "$CONFIG"
	quiet
	[[ $(config .hooks) == '{"createRuntime":[{"args":["oci-bpf-token-hook","createRuntime"],"env":["LC_ALL=C"],"path":"'$WORK'/oci-bpf-token-hook","timeout":30}]}' ]]
	[[ $(config .annotations) == '{"io.bpftoken.on-unsupported":"ignore","io.bpftoken.profile":"xdp"}' ]]
	[[ $(config '.process.capabilities | keys') == '["ambient","bounding","effective","inheritable","permitted"]' ]]
	[[ $(config '[.process.capabilities[][-2:]] | unique') == '[["CAP_BPF","CAP_NET_ADMIN"]]' ]]
	[[ $(config '.linux.namespaces[-1]') == '{"type":"user"}' ]]
	[[ $(config '.linux | [.uidMappings, .gidMappings] | unique') == '[[{"containerID":0,"hostID":100000,"size":65536}]]' ]]
}

@test "all else stays, byte for byte" {
	inject "${ALL[@]}" "$CONFIG"
	quiet
	# Lines were added; those that were there have at most a comma more.
	diff <(sed 's/,$//' "$WORK/original") <(sed 's/,$//' "$CONFIG") >"$WORK/diff" && fail "nothing was added"
	same "lines that are gone" "" "$(sed -n '/^</p' "$WORK/diff")"
	same "tabs" "" "$(grep -v -P '^\t*[^\s]' "$CONFIG")"
	same "the rest" "$(config 'del(.process.capabilities)' "$WORK/original")" \
		"$(config 'del(.hooks, .annotations, .linux.uidMappings, .linux.gidMappings, .process.capabilities)
			| .linux.namespaces |= map(select(.type != "user"))')"
}

@test "twice is once, and nothing is written" {
	inject "${ALL[@]}" "$CONFIG"
	cp "$CONFIG" "$WORK/once"
	before=$(stat -c '%i %Y %Z' "$CONFIG")
	inject "${ALL[@]}" "$CONFIG"
	quiet
	cmp "$CONFIG" "$WORK/once"
	[[ $(stat -c '%i %Y %Z' "$CONFIG") == "$before" ]]
}

@test "what was put in is taken out to the byte, in every layout" {
	for layout in --tab --compact-output "--indent 1" "--indent 7"; do
		# shellcheck disable=SC2086
		jq $layout . "$WORK/original" >"$WORK/laid-out"
		cp "$WORK/laid-out" "$CONFIG"
		inject "${ALL[@]}" --annotation=example.key=x=y "$CONFIG"
		quiet
		# shellcheck disable=SC2086
		jq $layout . "$CONFIG" | cmp - "$CONFIG" # as jq would have written it
		inject --hook="$WORK/oci-bpf-token-hook" --remove --userns --cap=CAP_BPF,CAP_NET_ADMIN \
			--annotation=example.key= "$CONFIG"
		quiet
		cmp "$CONFIG" "$WORK/laid-out"
	done
}

@test "--remove alone takes out the hook and its annotations only" {
	inject "${ALL[@]}" --annotation=example.key=x "$CONFIG"
	config 'del(.hooks) | .annotations |= {"example.key"}' >"$WORK/wanted"
	inject --remove "$CONFIG"
	quiet
	[[ $(config .) == "$(<"$WORK/wanted")" ]]
	inject --remove "$CONFIG"
	quiet
	[[ $(config .) == "$(<"$WORK/wanted")" ]]
}

@test "other hooks stay, and an older place or stage of this one goes" {
	jq --tab '.hooks = {
		prestart: [{path: "/bin/a"}, {path: "/old/oci-bpf-token-hook", args: ["x", "--cmds=any"]}],
		createRuntime: [{path: "/bin/b"}],
		createContainer: [{path: "/opt/oci-bpf-token-hook"}],
		poststop: [{path: "/bin/c", more: [1]}] }' "$WORK/original" >"$CONFIG"
	inject "${ALL[@]}" "$CONFIG"
	quiet
	[[ $(config '.hooks | map_values(map(.path))') == '{"createRuntime":["/bin/b","'$WORK'/oci-bpf-token-hook"],"poststop":["/bin/c"],"prestart":["/bin/a"]}' ]]
	inject "${ALL[@]}" --stage=prestart --hook-args='--log=none  --log=stderr' --hook-args=--log-format=json "$CONFIG"
	quiet
	[[ $(config '.hooks | map_values(map(.path))') == '{"createRuntime":["/bin/b"],"poststop":["/bin/c"],"prestart":["/bin/a","'$WORK'/oci-bpf-token-hook"]}' ]]
	[[ $(config .hooks.prestart[1].args) == '["oci-bpf-token-hook","--log=none","--log=stderr","--log-format=json","prestart"]' ]]
	inject --remove "$CONFIG"
	[[ $(config '.hooks | map_values(map(.path))') == '{"createRuntime":["/bin/b"],"poststop":["/bin/c"],"prestart":["/bin/a"]}' ]]
	[[ $(config .hooks.poststop[0].more) == '[1]' ]]
}

@test "a hook that stands there with the same parameters keeps what else it has" {
	jq --tab --arg path "$WORK/oci-bpf-token-hook" \
		'.hooks.createRuntime = [{timeout: 5, path: $path}]' "$WORK/original" >"$CONFIG"
	inject "${ALL[@]}" "$CONFIG"
	quiet
	[[ $(config '.hooks.createRuntime[].timeout') == 5 ]]
	inject "${ALL[@]}" --hook-args=--log=none "$CONFIG"
	quiet
	[[ $(config '.hooks.createRuntime | map([.timeout, .args[1]])') == '[[30,"--log=none"]]' ]]
}

@test "an annotation that is there is changed where it stands" {
	jq --tab '.annotations = {"a": "1", "io.bpftoken.profile": "tc", "z": null}' "$WORK/original" >"$CONFIG"
	inject "${ALL[@]}" --annotation='z=a"b\c=d' "$CONFIG"
	quiet
	[[ $(jq -c .annotations "$CONFIG") == '{"a":"1","io.bpftoken.profile":"xdp","z":"a\"b\\c=d"}' ]]
}

@test "an annotation that says the same in other bytes stays" {
	sed '1a\	"annotations": { "io.bpftoken.profile" : "\\u0078dp" },' "$WORK/original" >"$CONFIG"
	inject "${ALL[@]}" "$CONFIG"
	quiet
	grep --quiet --fixed-strings '"annotations": { "io.bpftoken.profile" : "\u0078dp" },' "$CONFIG"
}

@test "a user namespace that is there stays, unless other ids are given" {
	jq --tab '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 7, size: 1}]
		| .linux.gidMappings = .linux.uidMappings' "$WORK/original" >"$CONFIG"
	inject "${ALL[@]}" "$CONFIG"
	quiet
	[[ $(config '.linux.uidMappings[].hostID, .linux.gidMappings[].hostID' | xargs) == '7 7' ]]
	inject "${ALL[@]}" --userns=5000:10 "$CONFIG"
	quiet
	[[ $(config '.linux | [.uidMappings, .gidMappings] | unique[]') == '[{"containerID":0,"hostID":5000,"size":10}]' ]]
	[[ $(config '[.linux.namespaces[] | select(.type == "user")] | length') == 1 ]]
	jq --tab '.linux.namespaces[] |= if .type == "user" then .path = "/proc/1/ns/user" else . end' \
		"$CONFIG" >"$WORK/original"
	cp "$WORK/original" "$CONFIG"
	inject "${ALL[@]}" "$CONFIG"
	quiet
	inject "${ALL[@]}" --userns=1:1 "$CONFIG"
	refused 65 "\"$CONFIG\": linux.namespaces: the user namespace is joined by its path \"/proc/1/ns/user\" and has the mappings it was made with; remove HOSTID:SIZE, or that path"
}

@test "null counts as absent, and empty as there" {
	jq --compact-output '.hooks = null | .annotations = {} | .linux.namespaces += [null] | .process.capabilities.bounding = null' \
		"$WORK/original" >"$CONFIG"
	inject "${ALL[@]}" "$CONFIG"
	quiet
	[[ $(config '.hooks.createRuntime | length') == 1 ]]
	[[ $(config '.process.capabilities.bounding') == '["CAP_BPF","CAP_NET_ADMIN"]' ]]
}

@test "standard input goes to standard output, and --output elsewhere" {
	status=0
	"$BPFTOKEN" inject "${ALL[@]}" - <"$CONFIG" >"$WORK/stdout"
	"$BPFTOKEN" inject "${ALL[@]}" --output=- "$CONFIG" | cmp - "$WORK/stdout"
	inject "${ALL[@]}" --output="$WORK/new" "$CONFIG"
	quiet
	cmp "$CONFIG" "$WORK/original"
	inject "${ALL[@]}" "$CONFIG"
	cmp "$CONFIG" "$WORK/new"
	status=0
	"$BPFTOKEN" inject "${ALL[@]}" - <"$CONFIG" >/dev/full 2>"$WORK/stderr" || status=$?
	is_status 71
}

@test "the file keeps its mode and owner, and a symlink leads on to it" {
	need_root
	chmod 0604 "$CONFIG"
	chown 12:34 "$CONFIG"
	ln -s config.json "$WORK/link"
	inject "${ALL[@]}" "$WORK/link"
	quiet
	[[ -L $WORK/link && $(stat -c '%a %u:%g' "$CONFIG") == '604 12:34' ]]
	[[ $(config .hooks) != null ]]
	cd "$WORK"
	inject --remove config.json
	quiet
	[[ $(config .hooks) == null ]]
	[[ -z $(find "$WORK" -name '.bpftoken*') ]]
}

@test "a failed write leaves the file as it was" {
	need_root
	mkdir "$WORK/small"
	mount -t tmpfs -o size=16k,nr_inodes=5 small "$WORK/small"
	head -c 8000 /dev/zero | tr '\0' ' ' | cat "$CONFIG" - >"$WORK/small/config.json" || umount "$WORK/small"
	cp "$WORK/small/config.json" "$WORK/before"
	inject "${ALL[@]}" "$WORK/small/config.json"
	left=$(ls -A "$WORK/small")
	cmp "$WORK/small/config.json" "$WORK/before" && same=yes
	umount "$WORK/small"
	is_status 71
	[[ $stderr == "bpftoken: inject: \"$WORK/small/config.json\": it cannot be written: No space left on device" ]] || fail "message"
	[[ ${same-} == yes && $left == config.json ]]
}

@test "a file that has changed since it was read is not replaced" {
	need_no_sanitizer "such a program cannot be traced"
	# the name of the new file needs the process's number, which is a good moment to wait
	strace -qq -o "$WORK/trace" -e trace=getpid -e inject=getpid:delay_enter=2000000 \
		"$BPFTOKEN" inject "${ALL[@]}" "$CONFIG" 2>"$WORK/stderr" 3>&- &
	for ((i = 0; i < 300; i++)); do
		[[ ! -s $WORK/trace ]] || break
		sleep 0.1
	done
	echo >>"$CONFIG"
	cp "$CONFIG" "$WORK/original"
	status=0
	wait $! || status=$?
	is_status 71
	same "standard error" "bpftoken: inject: \"$CONFIG\": it has changed since it was read; try again" \
		"$(<"$WORK/stderr")"
	cmp "$CONFIG" "$WORK/original"
	[[ -z $(find "$WORK" -name '.bpftoken*') ]]
}

@test "what the hook would refuse is refused" {
	inject --cmds=prog_lod "$CONFIG"
	refused 65 "\"$CONFIG\": annotation \"io.bpftoken.cmds\": unknown name \"prog_lod\"; did you mean \"prog_load\"? \"bpftoken names cmds\" lists all there are"
	inject --hook-args=--cmds=prog_lod "$CONFIG"
	refused 64 "\"$CONFIG\": the hook's command line: option --cmds: unknown name \"prog_lod\"; did you mean \"prog_load\"? \"bpftoken names cmds\" lists all there are"
	inject --hook-args=--dry-run "$CONFIG"
	refused 64 "\"$CONFIG\": the hook's command line: option --dry-run: it mounts nothing; remove it"
	inject --annotation=io.bpftoken.comands=any "$CONFIG"
	is_status 65
	[[ $stderr == *'annotation "io.bpftoken.comands": no such key'* ]]
	inject --maps=array "$CONFIG"
	refused 65 "\"$CONFIG\": request: no command is asked for, so a token would serve nothing; add cmds, for example map_create,prog_load"
	inject --mode=0755 "$CONFIG"
	refused 65 "\"$CONFIG\": annotation \"io.bpftoken.mode\": nothing is asked for; add io.bpftoken.profile, cmds, maps, progs or attachs, or remove it"
}

@test "a config.json that the hook would refuse is refused" {
	cases=0
	while IFS='|' read -r place text; do
		printf '%s' "$text" >"$WORK/original"
		cp "$WORK/original" "$CONFIG"
		inject "${ALL[@]}" "$CONFIG"
		is_status 65
		[[ $stderr == "bpftoken: inject: \"$CONFIG\": line $place: "* ]] || fail "not at line $place"
		cmp "$CONFIG" "$WORK/original"
		cases=$((cases + 1))
	done <<-'END'
		1, column 17|{"root":{},"root":{}}
		1, column 11|{"a":[1,2,]}
		1, column 1|[]
		1, column 28|{"root":{"path":"x"},"Hooks":{}}
		1, column 30|{"root":{"path":"x"},"hooks":[]}
	END
	[[ $cases -eq 5 ]]
}

@test "wrong use" {
	each_row wrong_use <<-END
		--userns=1 -> option --userns: "1" is no ID:SIZE of ids on the host; write it as 100000:65536
		--userns=4294967295:1 -> option --userns: "4294967295:1" is no ID:SIZE of ids on the host; write it as 100000:65536
		--cap=CAP_BFP -> option --cap: "CAP_BFP" is no capability; capabilities(7) names them, for example CAP_BPF
		--cap=39 -> option --cap: "39" is no capability; capabilities(7) names them, for example CAP_BPF
		--stage=poststop -> option --stage: "poststop" is neither createRuntime nor prestart; at no other stage can the hook work
		--hook=hook -> option --hook: "hook" is not absolute; write the plain absolute path
		--annotation=x -> option --annotation: "x" is no KEY=TEXT
		--cmds=a --cmds=b -> option --cmds: "io.bpftoken.cmds" is given twice; give it once
		--remov=1 -> option "--remov=1": there is no such option, or it takes no value; see bpftoken inject --help
	END
	inject
	refused 64 "arguments: no file is named; name a config.json, or - for standard input"
	inject "$CONFIG" more
	refused 64 'argument "more": one file at a time can be edited'
	inject "$WORK/none"
	refused 65 "\"$WORK/none\": it cannot be opened: No such file or directory"
	inject /dev/null
	refused 65 '"/dev/null": it is no regular file; name a config.json'
}

wrong_use() {
	# shellcheck disable=SC2086
	inject $1 "$CONFIG"
	refused 64 "$2"
}

@test "what keeps the container from its delegation is said" {
	hook=--hook=$WORK/oci-bpf-token-hook
	inject "$hook" --userns "$CONFIG"
	warned 'nothing asks for a delegation, so the hook will do nothing; add --profile or --cmds, or let the engine set the annotations'
	cp "$WORK/original" "$CONFIG"
	inject "$hook" --profile=xdp "$CONFIG"
	warned 'linux.namespaces has no user namespace, and the hook refuses a container without (69); add --userns'
	inject "$hook" --userns=0:1 --cap=CAP_BPF "$CONFIG"
	warned 'linux.uidMappings maps the container'\''s root to the host'\''s, which only a rule of the policy that names host uid 0 allows; map another id' \
		'linux.gidMappings maps the container'\''s root to the host'\''s, which only a rule of the policy that names host uid 0 allows; map another id'
	jq --tab '.ociVersion = "1.0.1" | .linux.namespaces |= map(select(.type != "mount"))' "$WORK/original" >"$CONFIG"
	inject "$hook" --userns --profile=xdp --path=/proc/x "$CONFIG"
	warned 'ociVersion "1.0.1" knows no createRuntime hooks, which came with 1.0.2; raise it, or use --stage=prestart' \
		'linux.namespaces has no mount namespace, and the hook refuses a container without (69); add one' \
		'the hook will refuse this (65): path "/proc/x": runtimes use /proc after the hooks; choose another path, for example /sys/fs/bpf'
	cp "$WORK/original" "$CONFIG"
	inject --hook=/none --userns --cmds=prog_load --progs=xdp "$CONFIG"
	warned 'process.capabilities lack CAP_BPF, without which no token can be made; add it' \
		'process.capabilities lack CAP_NET_ADMIN, which some of the program types need; add it' \
		"libbpf's own probe fails without progs socket_filter and attachs cgroup_inet_ingress; add both for programs that use libbpf" \
		'the hook "/none" is not on this host, and without it the container does not start; install it, or name it with --hook'
}
