#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What sets up a cluster: kubectl renders it whole, and node-install does to a node's root what it
# says, once, and takes it back. The node here is a folder, its containerd two scripts.

# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # a test is a subshell; helper.bash reads and sets them
load helper

KUBERNETES=$SOURCE/configs/kubernetes

setup() {
	set_up
}

teardown() {
	tear_down
}

# ---- manifests ----

# render FOLDER: as JSON, an array of the objects.
render() {
	command -v kubectl >/dev/null || skip "there is no kubectl here"
	kubectl kustomize "$KUBERNETES/$1" >"$WORK/$1.yaml" 2>"$WORK/$1.stderr" ||
		fail "$1: $(<"$WORK/$1.stderr")"
	python3 -c 'import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))' \
		<"$WORK/$1.yaml" >"$WORK/$1.json"
}

# object FOLDER KIND FILTER
object() {
	jq --raw-output --compact-output --arg kind "$2" ".[] | select(.kind == \$kind) | $3" "$WORK/$1.json"
}

@test "install renders: every object, where it belongs" {
	render install
	same "objects" "ConfigMap bpf-token
DaemonSet bpf-token
Namespace null
RuntimeClass null
ValidatingAdmissionPolicy null
ValidatingAdmissionPolicyBinding null" \
		"$(jq --raw-output '.[] | "\(.kind) \(.metadata.namespace)"' "$WORK/install.json" | sort)"
}

@test "the DaemonSet runs the ConfigMap's node-install on the node's root" {
	local map name=spec.template.spec
	render install
	map=$(object install ConfigMap .metadata.name)
	[[ $map == bpf-token-node-* ]] || fail "its name has no hash: a change would reach no node"
	same "volumes" "[{\"host\":\"/\"},{\"config\":\"$map\"}]" "$(object install DaemonSet \
		".$name.volumes | map({(.name): (.hostPath.path // .configMap.name)})")"
	same "mounts" '{"host":"/host","config":"/config"}' "$(object install DaemonSet \
		".$name.initContainers[0].volumeMounts | map({(.name): .mountPath}) | add")"
	same "command" '["/bin/sh","/config/node-install","--root=/host","--config=/config","install"]' \
		"$(object install DaemonSet ".$name.initContainers[0].command")"
	for file in node-install policy.json; do
		same "$file" "$(<"$KUBERNETES/install/$file")" "$(object install ConfigMap ".data[\"$file\"]")"
	done
	same "images" '["registry.example.org/oci-bpf-token-hook:0.1.0"]' \
		"$(object install DaemonSet "[.$name | .initContainers[], .containers[] | .image] | unique")"
}

@test "uninstall is install with another last word" {
	render install
	render uninstall
	same "objects" "$(jq --sort-keys 'map(if .kind == "DaemonSet"
			then .spec.template.spec.initContainers[0].command[-1] = "remove" else . end)
			| sort_by(.kind)' "$WORK/install.json")" \
		"$(jq --sort-keys 'sort_by(.kind)' "$WORK/uninstall.json")"
}

@test "the nodes' policy is a good one" {
	observe "$BPFTOKEN" policy check --draft "$KUBERNETES/install/policy.json"
	is_status 0
	[[ $stdout != *failure* ]] || fail "not good"
}

# ---- node-install ----

# make_node [VERSION]: a node's root, with a containerd of that version.
make_node() {
	need_root
	[[ $PREFIX == /usr ]] || skip "node-install is for a build with the prefix /usr, not $PREFIX"
	NODE=$WORK/node
	FROM=$WORK/from
	DESTDIR=$FROM cmake --install "$BUILD" >"$WORK/install.log" || fail "$(<"$WORK/install.log")"
	mkdir -p "$NODE"/{bin,etc,usr/bin,var/lib} "$WORK/config"
	cp "$(command -v busybox)" "$NODE/bin/sh"
	cp "$KUBERNETES/install/policy.json" "$WORK/config"
	[[ -n ${1-} ]] || return 0
	mkdir "$NODE/etc/containerd"
	printf '#!/bin/sh\necho "containerd example.org/containerd %s 0123"\n' "$1" >"$NODE/usr/bin/containerd"
	printf '#!/bin/sh\necho "{\\"ociVersion\\": \\"1.0.2\\", \\"root\\": {\\"path\\": \\"rootfs\\"}}"\n' >"$NODE/usr/bin/ctr"
	chmod 0755 "$NODE"/usr/bin/*
}

node_install() {
	observe timeout 60 "$KUBERNETES/install/node-install" --root="$NODE" --from="$FROM" \
		--config="$WORK/config" --no-restart "$@"
}

# tree: every file of the node, with mode, owner and sum.
tree() {
	(cd "$NODE" && find . -type d -printf '%p %m %u\n' -o -printf '%p %m %u ' -exec sha256sum {} \; | sort)
}

# written: the files that the last run has written.
written() {
	sed -n 's/^node-install: \(.*\): written$/\1/p' <<<"$stdout"
}

config() {
	printf '%s\n' "$NODE/etc/containerd/config.toml"
}

runtimes() {
	python3 -c 'import json, sys, tomllib
data = tomllib.load(open(sys.argv[1], "rb"))
plugins = data["plugins"]
cri = plugins.get("io.containerd.cri.v1.runtime") or plugins["io.containerd.grpc.v1.cri"]
print(data["version"], *sorted(cri["containerd"]["runtimes"]))' "$(config)"
}

COMMON="/usr/libexec/oci/hooks.d/oci-bpf-token-hook
/usr/share/oci-bpf-token/policy.json
/usr/share/oci-bpf-token/cdi/bpftoken.json
/usr/share/containers/oci/hooks.d/oci-bpf-token.json
/etc/oci-bpf-token/policy.json"

@test "a node with containerd 2 and no configuration: set up, the same again, and undone" {
	local before after
	make_node v2.1.9
	before=$(tree)
	node_install install
	is_status 0
	same "files" "$COMMON
/etc/containerd/bpf-token-base.json
/etc/containerd/config.toml" "$(written)"
	same "runtimes" "3 bpf-token" "$(runtimes)"
	same "mode" "755 0 0" "$(stat --format='%a %u %g' "$NODE/usr/libexec/oci/hooks.d/oci-bpf-token-hook")"
	same "hook of the base spec" '["oci-bpf-token-hook","createRuntime"]' \
		"$(jq --compact-output '.hooks.createRuntime[0].args' "$NODE/etc/containerd/bpf-token-base.json")"
	[[ $stdout == *"ok delegation: "*"node-install: done" ]] || fail "it was not tried"
	after=$(tree)
	node_install install
	is_status 0
	same "files" "" "$(written)"
	same "the node" "$after" "$(tree)"
	node_install remove
	is_status 0
	# directories that others may use by now stay
	same "files" "$(grep --invert-match ' 0123' <<<"$before" | grep '\.' | grep -v '^[^ ]* 755 root$')" \
		"$(tree | grep --invert-match '^[^ ]* 755 root$')"
	[[ ! -e $NODE/usr/libexec/oci && ! -e $NODE/etc/oci-bpf-token && ! -e $NODE/var/lib/oci-bpf-token ]] ||
		fail "folders are left: $(tree)"
}

@test "a configuration that is there keeps every byte, with the handler behind it" {
	local text="# mine
version = 2
[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]
  runtime_type = \"io.containerd.runc.v2\"
[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.other]
  runtime_type = \"io.containerd.runc.v2\""
	make_node 1.7.24
	printf '%s\n' "$text" >"$(config)"
	chmod 0640 "$(config)"
	node_install install
	is_status 0
	same "runtimes" "2 bpf-token other runc" "$(runtimes)"
	same "its own part" "$text" "$(sed '/^# oci-bpf-token: begin/,$d' "$(config)")"
	same "mode" 640 "$(stat --format=%a "$(config)")"
	node_install remove
	is_status 0
	same "the file" "$text" "$(<"$(config)")"
}

@test "containerd 1.7 without a runtime of its own gets the one that it would forget" {
	make_node 1.7.24
	printf 'version = 2\n[plugins]\n' >"$(config)"
	node_install install
	is_status 0
	same "runtimes" "2 bpf-token runc" "$(runtimes)"
}

@test "files that are there and differ are left alone, and stay when it is undone" {
	make_node
	mkdir -p "$NODE/etc/oci-bpf-token"
	echo '{"version": 1}' >"$NODE/etc/oci-bpf-token/policy.json"
	node_install install
	is_status 0
	[[ $stdout == *"node-install: /etc/oci-bpf-token/policy.json: it is there already, left as it is"* ]] ||
		fail "not told"
	node_install remove
	is_status 0
	same "the policy" '{"version": 1}' "$(<"$NODE/etc/oci-bpf-token/policy.json")"
}

@test "CRI-O gets its file" {
	make_node
	mkdir "$NODE/etc/crio"
	node_install install
	is_status 0
	same "file" "$(<"$SOURCE/configs/crio/50-bpf-token.conf")" \
		"$(<"$NODE/etc/crio/crio.conf.d/50-bpf-token.conf")"
}

@test "a newer policy replaces the one it wrote, and a broken one is an error" {
	make_node
	node_install install
	jq '.rules[0].name = "new"' "$KUBERNETES/install/policy.json" >"$WORK/config/policy.json"
	node_install install
	is_status 0
	same "files" /etc/oci-bpf-token/policy.json "$(written)"
	echo '{"version": 1, "rulez": []}' >"$WORK/config/policy.json"
	node_install install
	is_status 1
	[[ $stderr == *"the node's files are not in order"* ]] || fail "not told"
}

@test "a wrong command line, and help" {
	observe "$KUBERNETES/install/node-install" --help
	is_status 0
	[[ $stdout == "Usage: node-install "*"Example: node-install "* ]] || fail "no help"
	observe "$KUBERNETES/install/node-install"
	is_status 64
	same "standard error" "node-install: install or remove? see --help" "$stderr"
	observe "$KUBERNETES/install/node-install" --frob install
	is_status 64
	observe "$KUBERNETES/install/node-install" --no-restart --from="$WORK" --root="$WORK" install
	is_status 1
	[[ $stderr == "node-install: $WORK/usr/libexec/oci/hooks.d/oci-bpf-token-hook: not found; unpack"* ]] ||
		fail "not told"
}
