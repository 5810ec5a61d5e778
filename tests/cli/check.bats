#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bpftoken check: what it says of a host, of an image's files, and of what is wrong with either.

# shellcheck disable=SC2016,SC2034,SC2154 # inner shells expand; helper.bash reads and sets them
load helper

setup() {
	set_up
	ROOT=$WORK/root
	mkdir -p "$ROOT"
}

teardown() {
	tear_down
}

# put FILE: writes stdin to a file of the image.
put() {
	mkdir -p "$ROOT/${1%/*}"
	cat >"$ROOT/$1"
	chmod -R go-w "$ROOT"
}

# put_hook [FILE]: a program of the hook's name in the image.
put_hook() {
	put usr/libexec/oci/hooks.d/oci-bpf-token-hook <<<'not run'
	chmod 0755 "$ROOT/usr/libexec/oci/hooks.d/oci-bpf-token-hook"
}

# put_shipped_hook_file: the hooks.d file of this package.
put_shipped_hook_file() {
	put usr/share/containers/oci/hooks.d/oci-bpf-token.json \
		<"$BUILD/configs/hooks.d/oci-bpf-token.json"
}

# look_for SUBJECT: sets found to "result detail / fix" of each line of that subject in the image.
look_for() {
	tool check --json --root="$ROOT"
	same "standard error" "" "$stderr"
	found=$(jq --raw-output --arg subject "$1" --arg root "$ROOT" \
		'.[] | select(.subject == $subject) | "\(.result) \(.detail) / \(.fix // "-")" | gsub($root; "")' \
		<<<"$stdout")
}

# says_of SUBJECT PATTERN: there is one line of it, and it is like the glob.
says_of() {
	look_for "$1"
	# shellcheck disable=SC2053 # it is a glob
	[[ $found == $2 && $found != *$'\n'* ]] || fail "expected of $1: $2" "found: $found"
}

@test "--help: usage, options, exit codes and an example; what is wrong with a command line (64)" {
	tool check --help
	is_status 0
	same "standard error" "" "$stderr"
	[[ $stdout == "Usage: bpftoken check "*"--policy=FILE"*"--root=DIR"*"Exit codes:"*"Example: "* ]] ||
		fail "help"
	[[ $(wc -L <<<"$stdout") -le 90 ]] || fail "wider than 90 columns"
	tool check --nonsense
	is_status 64
	tool check host
	is_status 64
	same "message" 'bpftoken: check: argument "host": it takes options only; see bpftoken check --help' "$stderr"
	tool check --policy=policy.json
	is_status 64
	tool check --root=relative
	is_status 64
	tool check --root=/nonesuch
	is_status 65
	same "message" 'bpftoken: check: root "/nonesuch": it cannot be opened (No such file or directory)' "$stderr"
}

@test "this host: a delegation, token, map and program for real, within 80 columns" {
	local subject
	need_root
	tool check --policy="$POLICY"
	is_status 0
	same "standard error" "" "$stderr"
	[[ $(wc -L <<<"$stdout") -le 80 ]] || fail "wider than 80 columns"
	for subject in kernel delegation token map program; do
		grep --quiet "^ok      $subject" <<<"$stdout" || fail "$subject"
	done
	grep --quiet "refused without$" <<<"$stdout" || fail "it does not say that none goes without"
	! grep --quiet $'\033' <<<"$stdout" || fail "colours, though this is no terminal"
}

@test "--json: an array of subject, result, detail and fix" {
	need_root
	tool check --json --policy="$POLICY"
	is_status 0
	jq --exit-status 'type == "array" and length > 5 and all(.[];
		keys == ["detail", "fix", "result", "subject"]
		and (.result | . == "ok" or . == "warning" or . == "failure")
		and (.detail | type == "string" and length > 0)
		and (.fix | type == "string" or . == null)
		and (.result == "ok" or .fix != null))' <<<"$stdout" >/dev/null || fail "form"
}

@test "a terminal gets colours, but not with NO_COLOR" {
	need_root
	status=0
	TERM=xterm NO_COLOR='' script --quiet --return --command "$BPFTOKEN check" /dev/null \
		>"$WORK/stdout" 2>/dev/null 3>&- || status=$?
	grep --quiet $'^\033\\[32mok' "$WORK/stdout" || fail "no colour: $(cat -v "$WORK/stdout")"
	TERM=xterm NO_COLOR=1 script --quiet --return --command "$BPFTOKEN check" /dev/null \
		>"$WORK/stdout" 2>/dev/null 3>&- || status=$?
	! grep --quiet $'\033' "$WORK/stdout" || fail "colour: $(cat -v "$WORK/stdout")"
}

@test "a host that can make no user namespace (69)" {
	need_root
	# only below a user namespace is there a limit of one's own; that one is not the host's root's
	ENTER=(unshare --user --map-root-user)
	tool check --json --policy="$POLICY"
	is_status 69
	same "delegation" "warning not tried, nor token, map and program: it takes root in the host's user namespace" \
		"$(jq --raw-output '.[] | select(.subject == "delegation") | "\(.result) \(.detail)"' <<<"$stdout")"
	same "kernel" ok "$(jq --raw-output '.[] | select(.subject == "kernel") | .result' <<<"$stdout")"
}

@test "without privilege: says what it could not try (69)" {
	need_root
	ENTER=(setpriv --reuid=1234 --regid=1234 --clear-groups)
	tool check --policy="$POLICY"
	is_status 69
	[[ $stdout == *"warning delegation  not tried, nor token, map and program"* ]] || fail "delegation"
	! grep --quiet '^ok *token' <<<"$stdout" || fail "a token"
}

@test "a system call that fails is told as that (71), and other people's processes stay untouched" {
	need_root
	# here the number of the container means another process in /proc, or none
	ENTER=(unshare --pid --fork --kill-child)
	tool check --json --policy="$POLICY"
	is_status 71
	same "delegation" "failure /proc: it is not the procfs of this pid namespace / mount one there" \
		"$(jq --raw-output '.[] | select(.subject == "delegation") | "\(.result) \(.detail) / \(.fix)"' <<<"$stdout")"
}

# --- files, below another root ---

@test "--root: nothing is tried or run, and an empty image has only warnings" {
	tool check --root="$ROOT"
	is_status 0
	[[ $stdout != *delegation* && $stdout != *kernel* ]] || fail "the host was looked at"
	[[ $(wc -L <<<"$stdout") -le 80 ]] || fail "wider than 80 columns"
	says_of policy "warning /etc/oci-bpf-token/policy.json is not there, so no annotation gets anything; 0 vendor profiles / write one, *"
	says_of hooks.d "warning no file in /usr/share/containers/oci/hooks.d names the hook, * / install *"
	says_of cdi "ok no CDI file names the hook / -"
	says_of runtimes "warning there is no container runtime in * / *"
}

@test "the package's own files are well" {
	need_root
	put_hook
	put_shipped_hook_file
	put usr/share/oci-bpf-token/policy.json <"$SOURCE/configs/policy.json"
	put etc/oci-bpf-token/policy.json <"$POLICY"
	says_of hooks.d "ok /usr/share/containers/oci/hooks.d/oci-bpf-token.json / -"
	says_of policy "ok /etc/oci-bpf-token/policy.json: 1 rules, 5 profiles / -"
	is_status 0
}

@test "policies: unsafe and broken are failures (78), others warnings" {
	need_root
	put etc/oci-bpf-token/policy.json <<<'{"version": 1, "rules": [ ]'
	says_of policy "failure policy /etc/oci-bpf-token/policy.json: line 2, column *"
	is_status 78
	put etc/oci-bpf-token/policy.json <"$POLICY"
	chmod 0666 "$ROOT/etc/oci-bpf-token/policy.json"
	says_of policy "failure policy /etc/oci-bpf-token/policy.json: it is writable by more than root (mode 0666) / chmod go-w it"
	is_status 78
	put etc/oci-bpf-token/policy.json <<<'{"version": 1, "rules": [{"match": {}, "deny": true}]}'
	says_of policy "warning /etc/oci-bpf-token/policy.json has no rule that allows, * / *"
	is_status 0
	put etc/oci-bpf-token/policy.json <<<'{"version": 1, "rules": [
		{"match": {}, "allow": {"cmds": "map_create", "maps": "array"}},
		{"name": "new", "match": {}, "allow": {"progs": "quantum"}}]}'
	look_for policy
	[[ $found == "ok "*$'\n'"warning rule \"new\" (line 3) refuses all: "*"quantum"* ]] ||
		fail "$found"
	is_status 0
}

@test "--policy names another file, which is not below the root" {
	need_root
	printf '{' >"$WORK/other.json"
	tool check --json --root="$ROOT" --policy="$WORK/other.json"
	is_status 78
	[[ $(jq --raw-output '.[] | select(.subject == "policy") | .detail' <<<"$stdout") == "policy $WORK/other.json: line 1"* ]] ||
		fail "policy"
}

# hook_file FILTER: the package's hooks.d file, changed by jq.
hook_file() {
	jq "$1" "$BUILD/configs/hooks.d/oci-bpf-token.json" |
		put usr/share/containers/oci/hooks.d/oci-bpf-token.json
}

@test "hooks.d files that do not work are failures (65)" {
	local at=/usr/share/containers/oci/hooks.d/oci-bpf-token.json
	put_hook
	hook_file '.hook.path = "/opt/oci-bpf-token-hook"'
	says_of hooks.d "failure $at: \"/opt/oci-bpf-token-hook\" is not there / *"
	is_status 65
	hook_file '.hook.path = "oci-bpf-token-hook"'
	says_of hooks.d "failure $at: its path \"oci-bpf-token-hook\" is not absolute / *"
	hook_file '.stages = ["poststart"]'
	says_of hooks.d "failure $at: none of its stages is createRuntime or prestart / *"
	hook_file '.when = {}'
	says_of hooks.d "failure $at: when is empty, so it never runs / *"
	put usr/share/containers/oci/hooks.d/oci-bpf-token.json <<<'{ "version": '
	says_of hooks.d "failure $at: line 2, column *"
	is_status 65
	chmod 0644 "$ROOT/usr/libexec/oci/hooks.d/oci-bpf-token-hook"
	hook_file .
	says_of hooks.d "failure $at: \"/usr/libexec/oci/hooks.d/oci-bpf-token-hook\" is no executable file / *"
}

@test "hooks.d files that work for some only are warnings" {
	local at=/usr/share/containers/oci/hooks.d/oci-bpf-token.json
	put_hook
	hook_file 'del(.hook.env)'
	says_of hooks.d "warning $at: without hook.env the hook starts with the engine's environment / *"
	is_status 0
	hook_file '.when.annotations = {"^io\\.bpftoken\\.cmds$": "."}'
	says_of hooks.d "warning $at: when.annotations matches no container that asks by io.bpftoken.profile, * / *"
	hook_file '.when.annotations = {".": "."}'
	says_of hooks.d "warning $at: when.annotations matches keys of others, too * / *"
	is_status 0
}

@test "hooks.d: of others nothing is said; what engines do not read, and directories they are told of" {
	put_hook
	put_shipped_hook_file
	put usr/share/containers/oci/hooks.d/nvidia.json <<-'END'
		{"version": "1.0.0", "hook": {"path": "/x"}, "when": {"always": true}, "stages": ["prestart"]}
	END
	put usr/share/containers/oci/hooks.d/README <<<'no JSON'
	says_of hooks.d "ok /usr/share/containers/oci/hooks.d/oci-bpf-token.json / -"

	mkdir -p "$ROOT/etc/containers/oci"
	mv "$ROOT/usr/share/containers/oci/hooks.d" "$ROOT/etc/containers/oci/hooks.d"
	look_for hooks.d
	[[ $found == "ok /etc/containers/oci/hooks.d/oci-bpf-token.json / -"$'\n'"warning only /etc/containers/oci/hooks.d names the hook, which engines do not read by default / "* ]] ||
		fail "$found"
	put etc/containers/containers.conf.d/hooks.conf <<-'END'
		[engine]
		hooks_dir = [ "/usr/share/containers/oci/hooks.d",
		              "/etc/containers/oci/hooks.d" ]
	END
	says_of hooks.d "ok /etc/containers/oci/hooks.d/oci-bpf-token.json / -"

	rm "$ROOT/etc/containers/containers.conf.d/hooks.conf"
	mkdir -p "$ROOT/srv"
	mv "$ROOT/etc/containers/oci/hooks.d" "$ROOT/srv/hooks"
	says_of hooks.d "warning no file in * / *"
	put etc/crio/crio.conf.d/10-hooks.conf <<<'[crio.runtime]
hooks_dir = ["/srv/hooks"]'
	says_of hooks.d "ok /srv/hooks/oci-bpf-token.json / -"
}

@test "a symlink of the image leads to the image's files, not to the host's" {
	put_hook
	put real/oci-bpf-token.json <"$BUILD/configs/hooks.d/oci-bpf-token.json"
	mkdir -p "$ROOT/usr/share/containers/oci"
	ln -s /real "$ROOT/usr/share/containers/oci/hooks.d"
	says_of hooks.d "ok /usr/share/containers/oci/hooks.d/oci-bpf-token.json / -"
	ln -s "$WORK/outside" "$ROOT/real/outside.json"
	: >"$WORK/outside"
	look_for hooks.d
	[[ $found == *"outside.json: it cannot be read"* ]] || fail "$found"
}

@test "names of an image's files steer no terminal" {
	put_hook
	put $'usr/share/containers/oci/hooks.d/\033[2J\n.json' <<<'{'
	says_of hooks.d "failure /usr/share/containers/oci/hooks.d/?\[2J?.json: line 2, column *"
	put etc/containers/containers.conf <<<$'hooks_dir = ["/srv/\033[31m"]'
	mkdir -p "$ROOT"/srv/$'\033[31m'
	: >"$ROOT"/srv/$'\033[31m/a.json'
	tool check --root="$ROOT"
	is_status 65
	! LC_ALL=C grep --quiet $'[^\n -~]' "$WORK/stdout" || fail "a control byte: $(cat -v "$WORK/stdout")"
}

# cdi FILTER: a CDI file with one device that asks by its arguments, changed by jq.
cdi() {
	jq --null-input '{cdiVersion: "0.6.0", kind: "bpftoken.io/bpf", devices: [{name: "xdp", containerEdits: {hooks: [
		{hookName: "createRuntime", path: "/usr/libexec/oci/hooks.d/oci-bpf-token-hook",
		 args: ["oci-bpf-token-hook", "--profile=xdp"], env: ["LC_ALL=C"]}]}}]}
		| .devices[0].containerEdits.hooks[0] |= ('"$1"')' | put etc/cdi/bpftoken.json
}

@test "CDI files" {
	put_hook
	cdi .
	says_of cdi "ok /etc/cdi/bpftoken.json / -"
	is_status 0
	cdi '.path = "/opt/oci-bpf-token-hook"'
	says_of cdi 'failure /etc/cdi/bpftoken.json: "/opt/oci-bpf-token-hook" is not there / *'
	is_status 65
	cdi '.hookName = "startContainer"'
	says_of cdi "failure /etc/cdi/bpftoken.json: its hookName is not createRuntime or prestart / *"
	cdi 'del(.env)'
	says_of cdi "warning /etc/cdi/bpftoken.json: without env * / *"
	is_status 0
	cdi '.args = ["oci-bpf-token-hook"]'
	says_of cdi "warning /etc/cdi/bpftoken.json: its hook asks for nothing by itself, * / *"
	cdi '.args += ["--cmds=map_creat"]'
	says_of cdi 'failure /etc/cdi/bpftoken.json: --cmds: *"map_creat"*map_create*'
	is_status 65
	put var/run/cdi/other.json <<<'{"kind": "nvidia.com/gpu", "devices": [{"containerEdits": {"hooks": [{"path": "/x"}]}}]}'
	cdi .
	says_of cdi "ok /etc/cdi/bpftoken.json / -"
	put etc/cdi/bpftoken.json <<<'{'
	says_of cdi "failure /etc/cdi/bpftoken.json: line 2, column *"
	rm "$ROOT/etc/cdi/bpftoken.json"
	put etc/cdi/bpftoken.yaml <<<'path: /usr/libexec/oci/hooks.d/oci-bpf-token-hook'
	says_of cdi "warning /etc/cdi/bpftoken.yaml names the hook, but is YAML, which is not judged / *"
}

@test "containerd's pod_annotations" {
	# containerd LIST: a handler with these
	containerd() {
		put etc/containerd/config.toml <<-END
			version = 3
			[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.bpf]
			  runtime_type = 'io.containerd.runc.v2'
			  $1
		END
	}
	containerd "pod_annotations = ['io.bpftoken.*', 'io.bpftoken.*/*']"
	says_of containerd "ok *runtimes.bpf\" lets our keys through / -"
	containerd "pod_annotations = ['io.bpftoken.*']"
	says_of containerd 'warning *: pod_annotations hold back io.bpftoken.profile/CONTAINER, * / *'
	containerd "pod_annotations = ['io.bpftoken.cmds', 'io.bpftoken.*/*']"
	says_of containerd 'warning *: pod_annotations hold back io.bpftoken.profile, io.bpftoken.maps, * / *'
	containerd "# pod_annotations = ['io.bpftoken.*']"
	says_of containerd 'warning /etc/containerd/config.toml: no pod_annotations in it * / *'
	is_status 0
}

@test "default seccomp profiles" {
	put usr/share/containers/seccomp.json <<-'END'
		{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
			{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
			{"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_SYS_ADMIN"]}}]}
	END
	says_of seccomp "warning /usr/share/containers/seccomp.json blocks bpf(2) for a container with CAP_BPF alone / *"
	put etc/containers/seccomp.json <<-'END'
		{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
			{"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}}]}
	END
	says_of seccomp "ok /etc/containers/seccomp.json lets bpf(2) through with CAP_BPF / -"
	put etc/containers/seccomp.json <<<'[]'
	says_of seccomp "failure /etc/containers/seccomp.json: *"
	is_status 65
}

@test "sysctls and security modules" {
	put proc/sys/user/max_user_namespaces <<<0
	says_of sysctl "failure user.max_user_namespaces=0: no user namespace can be made, * / sysctl *"
	is_status 69
	put proc/sys/user/max_user_namespaces <<<100
	put proc/sys/kernel/unprivileged_bpf_disabled <<<0
	says_of sysctl "warning kernel.unprivileged_bpf_disabled=0: * / *"
	put proc/sys/kernel/unprivileged_bpf_disabled <<<1
	says_of sysctl "ok kernel.unprivileged_bpf_disabled=1: * / -"
	put sys/kernel/security/lsm <<<'lockdown,capability,apparmor,bpf'
	put sys/kernel/security/lockdown <<<'none [integrity] confidentiality'
	says_of security 'ok modules: "lockdown,capability,apparmor,bpf"; AppArmor looks at *; a BPF LSM *'
	says_of lockdown "ok integrity: *"
	put sys/kernel/security/lockdown <<<'none integrity [confidentiality]'
	says_of lockdown "warning confidentiality: * / *"
	put sys/fs/selinux/enforce <<<1
	says_of selinux "warning enforcing: *EACCES* / *semodule -i *oci-bpf-token.cil*"
	put sys/fs/selinux/enforce <<<0
	says_of selinux "ok permissive / -"
	is_status 0
}

# --- programs, in mount namespaces of their own ---

# with_programs COMMAND...: runs it where /usr/local/sbin has the programs of $WORK/programs alone.
with_programs() {
	ENTER=(unshare --mount --propagation private sh -c '
		mount --bind "$0/programs" /usr/local/sbin && exec "$@"' "$WORK")
	tool "$@"
}

# program NAME: a script from stdin.
fake() {
	mkdir -p "$WORK/programs"
	cat >"$WORK/programs/$1"
	chmod 0755 "$WORK/programs/$1"
}

# version_line NAME: what check says of it.
version_line() {
	jq --raw-output --arg subject "$1" '.[] | select(.subject == $subject) | "\(.result) \(.detail)"' <<<"$stdout"
}

@test "versions of runtimes against what is known of them" {
	need_root
	fake crun <<<$'#!/bin/sh\necho crun version 1.21'
	fake runc <<<$'#!/bin/sh\necho runc version 1.3.6'
	fake youki <<<$'#!/bin/sh\necho youki version 0.5.7'
	fake containerd <<<$'#!/bin/sh\necho containerd github.com/containerd/containerd 1.7.24 88bf19b'
	fake crio <<<$'#!/bin/sh\necho no number'
	with_programs check --json
	[[ $(version_line crun) == "ok 1.21.0: while hooks run it shares a bind-mounted /sys"* ]] || fail crun
	same runc "ok 1.3.6" "$(version_line runc)"
	[[ $(version_line youki) == "warning 0.5.7: "* ]] || fail youki
	[[ $(version_line containerd) == "warning 1.7.24: it ignores Kubernetes hostUsers: false"* ]] || fail containerd
	same crio 'warning its version is unclear: "no number"' "$(version_line crio)"
}

@test "runtimes are run bounded, without privilege, input or environment" {
	local start=$SECONDS
	need_root
	fake crun <<<$'#!/bin/sh\nsleep 1000 & sleep 1000'
	fake runc <<-'END'
		#!/bin/sh
		read -r line && exit 1
		[ "$(env | grep -cvE '^(PATH|LC_ALL|HOME|PWD|OLDPWD|SHLVL|_)=')" = 0 ] || exit 2
		grep -q 'CapEff:.0000000000000000' /proc/self/status || exit 3
		echo runc version 1.2.3
	END
	fake podman <<<$'#!/bin/sh\nexec yes'
	fake docker <<<$'#!/bin/sh\nexit 1'
	fake nerdctl <<<$'#!/bin/sh\necho nerdctl version 9.9.9; touch '"$WORK/ran"
	chmod 0777 "$WORK/programs/nerdctl"
	with_programs check --json
	same crun "warning /usr/local/sbin/crun does not print its version" "$(version_line crun)"
	same runc "ok 1.2.3" "$(version_line runc)"
	same podman "warning /usr/local/sbin/podman does not print its version" "$(version_line podman)"
	same docker "warning /usr/local/sbin/docker does not print its version" "$(version_line docker)"
	same nerdctl "warning /usr/local/sbin/nerdctl is not root's alone to write, so it was not run" "$(version_line nerdctl)"
	[[ ! -e $WORK/ran ]] || fail "it was run"
	[[ $((SECONDS - start)) -lt 40 ]] || fail "not bounded"
	! pgrep --full "^sleep 1000$" >/dev/null || fail "a child lives on"
}

@test "the program that a hooks.d file names is asked whether it is the hook" {
	local layer=$WORK/layer at=/usr/share/containers/oci/hooks.d/oci-bpf-token.json
	need_root
	mkdir -p "$layer"/{upper,work}
	mkdir -p "$layer/upper/containers/oci/hooks.d"
	# here FILTER [PROGRAM]: what check says where the file is changed so
	here() {
		jq "$1" "$BUILD/configs/hooks.d/oci-bpf-token.json" >"$layer/upper/containers/oci/hooks.d/oci-bpf-token.json"
		ENTER=(unshare --mount --propagation private sh -c '
			mount -t overlay -o "lowerdir=/usr/share,upperdir=$0/upper,workdir=$0/work" overlay /usr/share &&
			exec "$@"' "$layer")
		tool check --json --policy="$POLICY"
		jq --raw-output '.[] | select(.subject == "hooks.d") | "\(.result) \(.detail)"' <<<"$stdout"
	}
	same "the hook" "ok $at" "$(here ".hook.path = \"$WORK/oci-bpf-token-hook\"")"
	printf '#!/bin/sh\necho something else\n' >"$WORK/other"
	chmod 0755 "$WORK/other"
	same "another" "failure $at: \"$WORK/other\" is another program" "$(here ".hook.path = \"$WORK/other\"")"
	printf '#!/bin/sh\necho oci-bpf-token-hook 9.9.9\n' >"$WORK/other"
	[[ $(here ".hook.path = \"$WORK/other\"") == "warning $at: \"$WORK/other\" is \"oci-bpf-token-hook 9.9.9\", this tool is "* ]] ||
		fail "version"
}
