#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What "cmake --install" puts where, and that files agree with the program.

setup() {
	ROOT=$BATS_TEST_TMPDIR/root
}

install_all() {
	DESTDIR=$ROOT cmake --install "$BUILD" >"$BATS_TEST_TMPDIR/install.log"
}

@test "every file is installed, and no other" {
	install_all
	diff <(cd "$ROOT$PREFIX" && find . -type f | sort) - <<-'END'
		./bin/bpftoken
		./libexec/oci/hooks.d/oci-bpf-token-hook
		./share/bash-completion/completions/bpftoken
		./share/containers/oci/hooks.d/oci-bpf-token.json
		./share/doc/oci-bpf-token-hook/examples/bundle/README.md
		./share/doc/oci-bpf-token-hook/examples/bundle/config.json
		./share/doc/oci-bpf-token-hook/examples/containerd/base-spec
		./share/doc/oci-bpf-token-hook/examples/containerd/config-v2.toml
		./share/doc/oci-bpf-token-hook/examples/containerd/config-v3.toml
		./share/doc/oci-bpf-token-hook/examples/crio/50-bpf-token.conf
		./share/doc/oci-bpf-token-hook/examples/docker/README.md
		./share/doc/oci-bpf-token-hook/examples/docker/daemon.json
		./share/doc/oci-bpf-token-hook/examples/kubernetes/cluster/admission-policy.yaml
		./share/doc/oci-bpf-token-hook/examples/kubernetes/cluster/kustomization.yaml
		./share/doc/oci-bpf-token-hook/examples/kubernetes/cluster/runtimeclass.yaml
		./share/doc/oci-bpf-token-hook/examples/kubernetes/install/Containerfile
		./share/doc/oci-bpf-token-hook/examples/kubernetes/install/daemonset.yaml
		./share/doc/oci-bpf-token-hook/examples/kubernetes/install/kustomization.yaml
		./share/doc/oci-bpf-token-hook/examples/kubernetes/install/namespace.yaml
		./share/doc/oci-bpf-token-hook/examples/kubernetes/install/node-install
		./share/doc/oci-bpf-token-hook/examples/kubernetes/install/policy.json
		./share/doc/oci-bpf-token-hook/examples/kubernetes/pod.yaml
		./share/doc/oci-bpf-token-hook/examples/kubernetes/uninstall/kustomization.yaml
		./share/doc/oci-bpf-token-hook/examples/kubernetes/uninstall/remove.yaml
		./share/doc/oci-bpf-token-hook/examples/podman/containers.conf
		./share/doc/oci-bpf-token-hook/examples/podman/pod.yaml
		./share/doc/oci-bpf-token-hook/examples/podman/xdp-agent.container
		./share/doc/oci-bpf-token-hook/examples/selinux/README.md
		./share/man/man1/bpftoken.1
		./share/man/man5/oci-bpf-token-policy.json.5
		./share/man/man8/oci-bpf-token-hook.8
		./share/oci-bpf-token/cdi/bpftoken.json
		./share/oci-bpf-token/policy.json
		./share/oci-bpf-token/selinux/oci-bpf-token.cil
		./share/zsh/site-functions/_bpftoken
	END
}

@test "the hook file names the installed program, sets its environment and anchors its pattern" {
	install_all
	file=$ROOT$PREFIX/share/containers/oci/hooks.d/oci-bpf-token.json
	[[ $(jq -r .hook.path "$file") == "$PREFIX/libexec/oci/hooks.d/oci-bpf-token-hook" ]]
	[[ -x $ROOT$(jq -r .hook.path "$file") ]]
	[[ $(jq -c '[.version, .hook.env, .stages]' "$file") == '["1.0.0",["LC_ALL=C"],["createRuntime"]]' ]]
	pattern=$(jq -r '.when.annotations | keys[]' "$file")
	grep --quiet --extended-regexp -- "$pattern" <<<"io.bpftoken.cmds/web"
	for key in example.io.bpftoken.cmds ioxbpftoken.cmds; do
		! grep --extended-regexp -- "$pattern" <<<"$key" || return 1
	done
}

@test "the CDI file, the bundle and containerd's base spec name the installed program" {
	install_all
	examples=$ROOT$PREFIX/share/doc/oci-bpf-token-hook/examples
	{
		jq -r '.devices[].containerEdits.hooks[].path' "$ROOT$PREFIX/share/oci-bpf-token/cdi/bpftoken.json"
		jq -r '.hooks.createRuntime[].path' "$examples/bundle/config.json"
		"$examples/containerd/base-spec" <<<'{}' | jq -r '.hooks.createRuntime[].path'
	} >"$BATS_TEST_TMPDIR/paths"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/paths") -ge 7 ]]
	while read -r path; do
		[[ -x $ROOT$path ]] || { echo "$path is not installed" >&2; false; }
	done <"$BATS_TEST_TMPDIR/paths"
}

@test "the README has every annotation, exit code and the two commands" {
	for word in profile cmds .maps .progs .attachs path mode owner on-unsupported; do
		grep --quiet --fixed-strings -- "${word/#[a-z]/io.bpftoken.${word:0:1}}" "$SOURCE/README.md"
	done
	for code in 0 64 65 69 71 77 78; do
		grep --quiet "^| $code |" "$SOURCE/README.md"
	done
	grep --quiet --line-regexp '## Run it' "$SOURCE/README.md"
	grep --quiet --line-regexp '## Test it' "$SOURCE/README.md"
}
