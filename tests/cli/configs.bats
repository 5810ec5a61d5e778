#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The shipped configuration of engines: each file has its form, and they agree with one another.
# Whether an engine understands them, the end-to-end tests tell where they have the engine.

# Everything as JSON, once; of YAML an array of the documents.
setup_file() {
	python3 - "$SOURCE/configs" "$BATS_FILE_TMPDIR" <<-'END'
		import json, pathlib, sys, tomllib, yaml
		read = {".yaml": lambda text: list(yaml.safe_load_all(text)),
		        ".toml": tomllib.loads, ".conf": tomllib.loads, ".json": json.loads}
		for path in pathlib.Path(sys.argv[1]).glob("*/**/*.*"):
		    if path.suffix in read:
		        out = pathlib.Path(sys.argv[2], str(path.relative_to(sys.argv[1])).replace("/", "-"))
		        out.write_text(json.dumps(read[path.suffix](path.read_text())))
	END
}

setup() {
	CONFIGS=$SOURCE/configs
	GENERATED=$BUILD/configs
	HOOK_PATH=$PREFIX/libexec/oci/hooks.d/oci-bpf-token-hook
}

# read_file FOLDER/FILE: prints it as JSON.
read_file() {
	cat "$BATS_FILE_TMPDIR/${1//\//-}"
}

# expect ACTUAL EXPECTED
expect() {
	[[ $1 == "$2" ]] || {
		diff <(printf '%s\n' "$2") <(printf '%s\n' "$1") >&2
		return 1
	}
}

@test "the CDI file has one device for each vendor profile, which asks for it by argument" {
	expect "$(jq --sort-keys . "$GENERATED/cdi/bpftoken.json")" \
		"$(jq --sort-keys --arg path "$HOOK_PATH" '{
			cdiVersion: "0.3.0",
			kind: "bpftoken.io/profile",
			devices: [.profiles | keys_unsorted[] | {
				name: .,
				containerEdits: {hooks: [{
					hookName: "createRuntime",
					path: $path,
					args: ["oci-bpf-token-hook", "--profile=\(.)", "createRuntime"],
					env: ["LC_ALL=C"],
					timeout: 30
				}]}
			}]
		}' "$CONFIGS/policy.json")"
}

# What the specification of CDI says of names.
@test "the CDI file's names are well-formed" {
	jq --exit-status '(.kind | test("^[a-z][a-z0-9.-]*[a-z0-9]/[a-z][a-z0-9_-]*[a-z0-9]$"))
		and all(.devices[].name; test("^[a-z0-9][a-z0-9_.:-]*[a-z0-9]$"))' \
		"$GENERATED/cdi/bpftoken.json"
}

# JSON has no comments; a README stands beside it.
@test "each file says what it is and how to install it" {
	find "$CONFIGS"/{podman,crio,containerd,kubernetes} -type f -not -name '*.json' >"$BATS_TEST_TMPDIR/files"
	while read -r file; do
		grep --quiet 'SPDX-License-Identifier: Apache-2.0' "$file"
		head -n 14 "$file" | grep --quiet --extended-regexp \
			'^# (Podman|CRI-O|containerd|Kubernetes)\b' || { echo "$file: what is it?" >&2; false; }
		head -n 14 "$file" | grep --quiet --extended-regexp \
			'Install|Append|kubectl apply|kube play|ctr oci spec' ||
			{ echo "$file: where does it go?" >&2; false; }
	done <"$BATS_TEST_TMPDIR/files"
	for directory in docker bundle selinux; do
		[[ -s $CONFIGS/$directory/README.md ]]
	done
}

@test "the handler has one name and the same annotations everywhere" {
	local v2='.plugins["io.containerd.grpc.v1.cri"].containerd.runtimes'
	local v3='.plugins["io.containerd.cri.v1.runtime"].containerd.runtimes'
	expect "$(read_file kubernetes/cluster/runtimeclass.yaml | jq -r '.[0].handler')" bpf-token
	expect "$(read_file crio/50-bpf-token.conf | jq -c '.crio.runtime.runtimes | keys')" '["bpf-token"]'
	expect "$(read_file containerd/config-v2.toml | jq -c "[.version, ($v2 | keys)]")" '[2,["bpf-token","runc"]]'
	expect "$(read_file containerd/config-v3.toml | jq -c "[.version, ($v3 | keys)]")" '[3,["bpf-token"]]'
	expect "$(read_file containerd/config-v3.toml | jq "$v3")" \
		"$(read_file containerd/config-v2.toml | jq "$v2 | del(.runc)")"
	expect "$(read_file kubernetes/pod.yaml | jq -r '.[0].spec.runtimeClassName')" \
		"$(read_file kubernetes/cluster/runtimeclass.yaml | jq -r '.[0].metadata.name')"
}

# Go's path.Match, of which a star ends at a slash.
@test "containerd's patterns let every key through, with and without a container's name" {
	read_file containerd/config-v3.toml | jq -r '.. | .pod_annotations? // empty | .[]' \
		>"$BATS_TEST_TMPDIR/patterns"
	sed 's/[.]/\\./g; s/[*]/[^\/]*/g' "$BATS_TEST_TMPDIR/patterns" >"$BATS_TEST_TMPDIR/regexes"
	for key in profile cmds maps progs attachs path mode owner on-unsupported; do
		for name in "io.bpftoken.$key" "io.bpftoken.$key/agent"; do
			grep --quiet --line-regexp --file="$BATS_TEST_TMPDIR/regexes" <<<"$name"
		done
	done
	! grep --line-regexp --file="$BATS_TEST_TMPDIR/regexes" <<<"org.io.bpftoken.cmds" || return 1
}

@test "the pods have a user namespace, the annotation and its capabilities" {
	expect "$(read_file kubernetes/pod.yaml | jq -c '.[0] | [.spec.hostUsers, .metadata.annotations,
		.spec.containers[].securityContext.capabilities.add]')" \
		'[false,{"io.bpftoken.profile/agent":"xdp"},["BPF","NET_ADMIN"]]'
	expect "$(read_file kubernetes/pod.yaml | jq -r '.[0].spec.containers[].name')" agent
	expect "$(read_file podman/pod.yaml | jq -c '.[0].metadata.annotations')" \
		'{"io.bpftoken.profile":"xdp","io.podman.annotations.userns":"auto"}'
	jq --exit-status '.profiles.xdp' "$CONFIGS/policy.json" >/dev/null
}

@test "the admission policy denies the hook's keys to namespaces without the label" {
	expect "$(read_file kubernetes/cluster/admission-policy.yaml | jq -c '[.[].kind], [.[].apiVersion] | unique')" \
		"$(printf '%s\n' '["ValidatingAdmissionPolicy","ValidatingAdmissionPolicyBinding"]' \
			'["admissionregistration.k8s.io/v1"]')"
	expect "$(read_file kubernetes/cluster/admission-policy.yaml | jq -r '.[1].spec.policyName')" \
		"$(read_file kubernetes/cluster/admission-policy.yaml | jq -r '.[0].metadata.name')"
	expect "$(read_file kubernetes/cluster/admission-policy.yaml | jq -r '.[0].spec.validations[].expression')" \
		"!has(object.metadata.annotations) || !object.metadata.annotations.exists(key, key.startsWith('io.bpftoken.'))"
	expect "$(read_file kubernetes/cluster/admission-policy.yaml | jq -c '.[1].spec |
		[.validationActions, .matchResources.namespaceSelector.matchExpressions]')" \
		'[["Deny"],[{"key":"bpftoken.io/annotations","operator":"NotIn","values":["allowed"]}]]'
}

@test "the bundle and Docker's configuration are what their READMEs say" {
	jq --exit-status --arg path "$HOOK_PATH" '.hooks.createRuntime[0].path == $path
		and .linux.uidMappings[0].hostID == 1000000
		and .process.capabilities.effective == ["CAP_BPF", "CAP_NET_ADMIN"]' \
		"$GENERATED/bundle/config.json"
	expect "$(jq -c . "$CONFIGS/docker/daemon.json")" \
		'{"userns-remap":"default","features":{"cdi":true}}'
}

# The end-to-end tests compare the rows that have "yes" in them with what they have shown.
@test "the README's table of engines has no row that no test speaks for" {
	rows=$(sed -n '/^| engine | token/,/^$/p' "$SOURCE/README.md" | tail -n +3)
	[[ $(wc -l <<<"$rows") -ge 12 ]]
	! grep ' yes ' <<<"$rows" | grep --extended-regexp --invert-match \
		'^\| ((Podman|Docker|containerd) [0-9.]+( by CRI)?, )?(runc|crun) [0-9.]+ \|' || return 1
	! grep --invert-match ' yes ' <<<"$rows" | sed 's/^|[^|]*|//' |
		grep --extended-regexp --invert-match '^( (not run here|–) \|)+$' || return 1
}
