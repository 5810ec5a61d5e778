# SPDX-License-Identifier: Apache-2.0
# A containerd on the host of engine.bash, which loads first; its storage is in memory.

# shellcheck disable=SC2034 # the tests' files use it
EXAMPLES=/usr/share/doc/oci-bpf-token-hook/examples/containerd

start_containerd() {
	local i
	mkdir -p "$HOST/var/lib/containerd"
	"${ENTER[@]}" mount -t tmpfs -o mode=0711 tmpfs /var/lib/containerd
	"${ENTER[@]}" containerd >"$WORK/containerd.log" 2>&1 3>&- &
	CONTAINERD=$!
	for ((i = 0; i < 300; i++)); do
		! "${ENTER[@]}" ctr version >/dev/null 2>&1 || return 0
		kill -0 "$CONTAINERD" || break
		sleep 0.1
	done
	fail "containerd did not come up" "$(tail -n 5 "$WORK/containerd.log")"
}

stop_containerd() {
	[[ -n ${CONTAINERD-} ]] || return 0
	kill "$CONTAINERD"
	wait "$CONTAINERD"
}
