#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers that cannot have it, whoever asks and whatever the policy says: each has a message of
# its own, and nothing is left in them. And what on-unsupported=ignore makes of that.

# shellcheck disable=SC2034,SC2154 # helper.bash reads and sets them
load helper

setup() {
	set_up
}

teardown() {
	tear_down
}

allow_paths() {
	policy '{"version": 1, "rules": [{"match": {}, "allow": {"cmds": "map_create", "maps": "array",
		"paths": "/*,/*/*,/*/*/*,/*/*/*/*"}}]}'
}

# ask_for PATH: there.
ask_for() {
	ask "{\"io.bpftoken.cmds\":\"map_create\",\"io.bpftoken.maps\":\"array\",\"io.bpftoken.path\":\"$1\"}"
}

NO_USER='container: it has no user namespace of its own, and BPF tokens exist nowhere else; start it with one (podman --userns=auto, Kubernetes hostUsers: false)'
NO_MOUNT="container: it shares the host's mount namespace, so the bpffs would land on the host; give it a mount namespace of its own"

# start_process COMMAND...: in the background, until the test ends; sets process to what it prints
# first.
start_process() {
	local output
	exec {output}< <(exec "$@" 3>&-)
	TARGETS+=($!)
	read -r -t 30 process <&"$output" || fail "it said nothing: $*"
}

# ---- its namespaces ----

@test "no user namespace of its own" {
	start_container --no-user
	hook
	refuses 69 "$NO_USER"
	hook --cmds=map_create
	refuses 69 "$NO_USER"
}

@test "no mount namespace of its own" {
	start_container --no-mount
	hook
	refuses 69 "$NO_MOUNT"
	start_container --no-mount --no-user
	hook
	refuses 69 "$NO_MOUNT"
}

@test "a mount namespace that another user namespace owns" {
	# that of the first container, with a process that has gone on to a user namespace of its own
	start_container
	# shellcheck disable=SC2016 # the inner shell is to expand it
	start_process nsenter --target "$CONTAINER" --mount \
		unshare --user sh -c 'echo $$; exec sleep 60'
	echo 0 1000000 1 >"/proc/$process/uid_map"
	echo 0 1000000 1 >"/proc/$process/gid_map"
	state "$process" "$REQUEST"
	hook
	refuses 69 "container: its mount namespace does not belong to its user namespace; have the runtime make both for the container: Operation not permitted"
}

@test "a user namespace inside another container's" {
	start_container
	# shellcheck disable=SC2016 # the inner shell is to expand it
	start_process nsenter --target "$CONTAINER" --user --mount \
		unshare --user --mount sh -c 'echo $$; exec sleep 60'
	nsenter --target "$CONTAINER" --user sh -c \
		"echo 0 0 1 >/proc/$process/uid_map && echo 0 0 1 >/proc/$process/gid_map"
	state "$process" "$REQUEST"
	hook
	refuses 69 "container: its user namespace is a child of another container's; start it from the host"
}

@test "a user namespace that a user of the host has made" {
	need_root
	# shellcheck disable=SC2016 # the inner shell is to expand it
	start_process setpriv --reuid=12345 --regid=12345 --clear-groups \
		unshare --user --mount --map-root-user sh -c 'echo $$; exec sleep 60'
	state "$process" "$REQUEST"
	hook
	refuses 69 "container: its user namespace belongs to user 12345 of the host; have the engine make it as root"
}

# ---- its process ----

@test "a process that is gone, was never there, or cannot be" {
	local pid
	need_root
	sh -c 'exit 0' &
	pid=$!
	wait "$pid"
	for pid in "$pid" "$DEAD" 2147483647; do
		state "$pid" "$REQUEST"
		hook
		refuses 71 "container: process $pid (did its runtime end it?): No such process"
	done
}

@test "a process that has ended and was not waited for" {
	need_root
	# shellcheck disable=SC2016 # the inner shell is to expand it
	start_process sh -c 'sleep 0.2 & echo $!; exec sleep 60'
	until grep --quiet '^State:.Z' "/proc/$process/status"; do
		sleep 0.01
	done
	state "$process" "$REQUEST"
	hook
	refuses 71 "container: process $process ended meanwhile: No such process"
}

@test "a kernel thread" {
	need_root
	[[ -e /proc/2/status && ! -s /proc/2/cmdline ]] || skip "kernel threads are not in sight here"
	state 2 "$REQUEST"
	hook
	refuses 69 "$NO_USER"
}

# The shell's pid is the hook's: it becomes the hook.
as_its_own_container() {
	# shellcheck disable=SC2016 # the inner shell is to expand it
	sh -c 'printf "{\"id\":\"a\",\"pid\":%s,\"bundle\":\"%s\",\"annotations\":%s}" \
		$$ "$1" "$2" >"$3"; shift 3; exec "$@" <"$0"' "$WORK/state.json" \
		"$BUNDLE" "$REQUEST" "$WORK/state.json" \
		"$WORK/oci-bpf-token-hook" --policy="$POLICY" --log="file:$LOG" --log-format=json
}

@test "the hook's own process" {
	need_root
	observe as_its_own_container
	refuses 69 "$NO_MOUNT"
}

# ---- its ids ----

NO_ROOT="container: its root (user 0) has no id on the host; map user 0 in the container's user namespace"

@test "its root has no id on the host" {
	start_container --map="1 1000001 100"
	hook
	refuses 69 "$NO_ROOT"
	start_container --map=
	hook
	refuses 69 "$NO_ROOT"
	start_container --uid-map="0 1000000 100" --gid-map="1 1000001 100"
	hook
	refuses 69 "container: its root (group 0) has no id on the host; map that group in the container's user namespace"
}

# refuses_owner OWNER WHOSE
refuses_owner() {
	local kind=${2##* (}
	ask "{\"io.bpftoken.cmds\":\"map_create\",\"io.bpftoken.owner\":\"$1\"}"
	hook
	refuses 69 "container: $2 has no id on the host; map that ${kind% *} in the container's user namespace"
}

@test "its owner has no id on the host" {
	start_container --map="0 1000000 10"
	refuses_owner 10:0 "the owner asked for (user 10)"
	refuses_owner 0:4294967294 "the owner asked for (group 4294967294)"
	config '.process.user = {uid: 99, gid: 0}'
	refuses_owner user "process.user (user 99)"
	config '.process.user = {uid: 9, gid: 100}'
	refuses_owner user "process.user (group 100)"
}

# ---- its destination ----

# refuses_path PATH MESSAGE [CODE]
refuses_path() {
	ask_for "$1"
	hook
	refuses "${3:-65}" "path \"$1\": $2"
}

@test "a path that maskedPaths will cover" {
	local mask
	start_container
	for mask in /sys/fs/bpf /sys/fs/bpf/ /sys/fs /sys; do
		config ".linux.maskedPaths = [\"$mask\"]"
		refuses_path /sys/fs/bpf \
			"linux.maskedPaths of config.json covers it, so the bpffs would be hidden; choose another path or remove that mask"
	done
	config '.linux.maskedPaths = ["/sys/fs/bp", "/sys/fs/bpf/x", "/sys/fs/bpfx"]'
	hook
	granted
}

@test "a path on a volume that is mounted shared" {
	start_container
	config '.mounts = [{destination: "/sys", options: ["ro"]}, {destination: "/sys/fs", options: ["rbind", "rshared"]}]'
	refuses_path /sys/fs/bpf \
		'it lies on volume "/sys/fs", which config.json mounts shared, so the bpffs would reach the host; choose another path or mount it private'
	config '.mounts = [{destination: "/sys/fs/bpf", options: ["shared"]}]'
	refuses_path /sys/fs/bpf \
		'it lies on volume "/sys/fs/bpf", which config.json mounts shared, so the bpffs would reach the host; choose another path or mount it private'
	# the last mount that covers it counts
	config '.mounts = [{destination: "/sys", options: ["rshared"]}, {destination: "/sys/fs", options: ["rprivate"]}]'
	hook
	granted
}

@test "paths that runtimes themselves use after the hooks" {
	start_container
	allow_paths
	refuses_path /proc "runtimes use /proc after the hooks; choose another path, for example /sys/fs/bpf"
	refuses_path /proc/bpf "runtimes use /proc after the hooks; choose another path, for example /sys/fs/bpf"
	refuses_path /dev/shm/bpf "runtimes use /dev after the hooks; choose another path, for example /sys/fs/bpf"
	ask_for /devices
	hook
	granted "$GRANTED_OPTIONS" /devices
}

# Runtimes follow the image's symlinks: its /dev is where /dev leads.
@test "a path that /dev or /proc of the image leads to" {
	local root=$BUNDLE/rootfs
	local leads='of the container leads there, which runtimes use after the hooks; choose another path, for example /sys/fs/bpf'
	ln -s /run/devices "$root/dev"
	ln -s ../run "$root/proc-away"
	ln -s proc-away "$root/proc"
	start_container --setup="mkdir -p $root/run/devices"
	allow_paths
	refuses_path /run "/proc $leads"
	refuses_path /run/bpf "/proc $leads"
	rm "$root/proc"
	refuses_path /run/devices "/dev $leads"
	refuses_path /run/devices/shm/bpf "/dev $leads"
	ask_for /run/bpf
	hook
	granted "$GRANTED_OPTIONS" /run/bpf
}

@test "a path on the file system that is mounted where /dev leads" {
	local root=$BUNDLE/rootfs
	mkdir "$root/devices"
	ln -s /devices "$root/dev"
	start_container --setup="mount -t tmpfs -o mode=755 dev $root/devices &&
		mkdir -p $root/devices/shm && mount -t tmpfs shm $root/devices/shm"
	allow_paths
	refuses_path /devices/shm \
		"/dev of the container leads there, which runtimes use after the hooks; choose another path, for example /sys/fs/bpf"
}

@test "symlinks and files on the way" {
	local root=$BUNDLE/rootfs
	mkdir "$root/a"
	ln -s /etc "$root/absolute"
	ln -s ../../../.. "$root/a/up"
	ln -s /proc/self/root "$root/magic"
	ln -s sys/fs/bpf "$root/last"
	touch "$root/file"
	mkfifo "$root/fifo"
	start_container
	allow_paths
	for link in absolute a/up magic last; do
		refuses_path "/$link" "\"/$link\" is a symlink in the container, and none is followed; ask for the path it leads to"
		refuses_path "/$link/x" "\"/$link\" is a symlink in the container, and none is followed; ask for the path it leads to"
	done
	for file in file fifo; do
		refuses_path "/$file" "\"/$file\" is not a directory in the container; choose another path"
		refuses_path "/$file/x" "\"/$file\" is not a directory in the container; choose another path"
	done
}

@test "a destination on a mount that others share: they do not get it" {
	local root=$BUNDLE/rootfs
	start_container --setup="mount -t tmpfs -o mode=755 run $root/run && mkdir $root/run/bpf &&
		mount --make-shared $root/run && mount --bind $root/run $root/sys"
	allow_paths
	ask_for /run/bpf
	hook
	granted "$GRANTED_OPTIONS" /run/bpf
}

@test "a directory that the container's root may not make" {
	mkdir "$BUNDLE/rootfs/closed"
	chown 0:0 "$BUNDLE/rootfs/closed"
	start_container
	allow_paths
	refuses_path /closed/a/b \
		"it does not exist in the container, and the container's root could not make it; create that directory in the image: Permission denied" 71
}

@test "a destination that cannot be made where it is read-only" {
	start_container --setup="mount -o remount,bind,ro $BUNDLE/rootfs"
	allow_paths
	refuses_path /a/b \
		"it does not exist in the container, and the container's root could not make it; create that directory in the image: Read-only file system" 71
}

@test "a destination that does not exist on a read-only volume" {
	config '.mounts += [{destination: "/run/data", options: ["rbind", "ro"]}]'
	start_container
	allow_paths
	refuses_path /run/data/bpf \
		'it does not exist on volume "/run/data", which config.json mounts read-only; create that directory on the volume or choose another path'
}

@test "a destination that does not exist on a read-only volume that a symlink leads to" {
	local root=$BUNDLE/rootfs
	ln -s /run/data "$root/volume"
	mkdir "$root/run/data"
	config '.mounts += [{destination: "/run/data"}, {destination: "/volume", options: ["rbind", "ro"]}]'
	start_container --setup="mount -t tmpfs -o mode=777 data $root/run/data"
	allow_paths
	refuses_path /run/data/bpf \
		'it does not exist on volume "/volume", which config.json mounts read-only; create that directory on the volume or choose another path'
	# the last that is mounted there counts
	config '.mounts += [{destination: "/run/data"}]'
	hook
	granted "$GRANTED_OPTIONS" /run/data/bpf
}

@test "a name that no file system takes" {
	local name
	name=$(printf '%0300d' 0)
	start_container
	hook --cmds=map_create --path="/$name"
	is_status 65
	[[ $stderr == 'oci-bpf-token-hook: path "/0000'*'"...: File name too long' ]] || fail "not that"
	nothing_changed
}

@test "more missing directories than are made" {
	local deep
	deep=$(printf '/d%.0s' {1..33})
	start_container
	policy "$(jq --arg path "$deep" '.rules[0].allow.paths = $path' "$POLICY")"
	refuses_path "$deep" \
		"it does not exist in the container, and the container's root could not make it; create that directory in the image: File name too long" 71
}

# ---- twice ----

@test "the same again is already there, another is refused naming both" {
	start_container
	hook
	granted
	hook
	is_status 0
	same "standard error" "" "$stderr"
	same "the log" "0 already delegated granted" "$(logged '"\(.code) \(.outcome) \(.decision)"')"
	nothing_changed

	ask '{"io.bpftoken.cmds":"map_create","io.bpftoken.maps":"array","io.bpftoken.mode":"0755"}'
	hook
	refuses 65 'path "/sys/fs/bpf": the container has another delegation there already (cmds=0x1,maps=0x4,progs=0x0,attachs=0x0,owner=1000000:1000000,mode=0700; asked: cmds=0x1,maps=0x4,progs=0x0,attachs=0x0,owner=1000000:1000000,mode=0755); ask in one place only, annotations or a CDI device'
	ask '{"io.bpftoken.cmds":"map_create"}'
	hook
	is_status 65
	nothing_changed
}

@test "any is already there, and less is another" {
	start_container
	hook --cmds=any --maps=any
	is_status 0
	hook --cmds=any --maps=any
	is_status 0
	[[ $(logged .outcome) == "already delegated" ]] || fail "not already delegated"
	hook --cmds=map_create --maps=any
	is_status 65
	[[ $stderr == *"(cmds=0xffffffffffffffff,maps=0xf"*"asked: cmds=0x1,maps=0xffffffffffffffff,"* ]] ||
		fail "both are not named"
}

@test "a bpffs of somebody else's is mounted over" {
	start_container --setup="mount -t tmpfs none $BUNDLE/rootfs/sys"
	allow_paths
	mkdir -p "$BUNDLE/rootfs/run/bpf"
	# the host's own bpffs, without any delegation
	nsenter --target "$CONTAINER" --mount mount -t bpf host "$BUNDLE/rootfs/run/bpf"
	ask_for /run/bpf
	hook
	granted "$GRANTED_OPTIONS" /run/bpf
}

# ---- the host ----

@test "a rootless engine is told so, before the policy and config.json are looked at" {
	need_root
	rm "$POLICY" "$BUNDLE/config.json"
	ENTER=(unshare --user --map-root-user)
	hook
	refuses 69 "host: this engine runs in a user namespace itself (rootless), and the kernel lets only the host's root delegate BPF; run the container with a rootful engine, for example sudo podman run --userns=auto"
}

@test "a caller without privilege" {
	need_root
	install --directory --mode=0777 "$WORK/open"
	LOG=$WORK/open/log
	ENTER=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	hook
	refuses 69 "host: this hook runs without CAP_SYS_ADMIN; run the container with a rootful engine"
	ENTER=(setpriv --bounding-set=-sys_admin)
	hook
	refuses 69 "host: this hook runs without CAP_SYS_ADMIN; run the container with a rootful engine"
}

# pretend INJECTION...: how other kernels answer. The seccomp filter looks at the call that strace puts
# in the place of one it suppresses; getpid is one that it knows.
pretend() {
	local injections=("${@/#/--inject=}")
	command -v strace >/dev/null || fail "strace: not found; install it"
	ENTER=(strace --quiet=all --follow-forks --output=/dev/null
		"${injections[@]/%/:syscall=getpid}")
}

@test "a kernel without tokens takes every option" {
	start_container
	pretend fsconfig:retval=0
	hook
	refuses 69 "kernel: it cannot delegate BPF (no BPF tokens); use Linux 6.9 or later"
}

@test "a kernel without bpffs, or without the calls to mount it" {
	start_container
	pretend fsopen:error=ENODEV
	hook
	refuses 69 "kernel: it has no bpffs; use one with CONFIG_BPF_SYSCALL, Linux 6.9 or later: No such device"
	pretend fsopen:error=ENOSYS
	hook
	refuses 69 "kernel: it has no bpffs; use one with CONFIG_BPF_SYSCALL, Linux 6.9 or later: Function not implemented"
}

# Which of its fsconfig calls is the last: the one that creates.
creating_call() {
	strace --follow-forks --trace=fsconfig --output="$WORK/trace" \
		"$WORK/oci-bpf-token-hook" --policy="$POLICY" --log=none <"$INPUT" 3>&-
	grep --count fsconfig "$WORK/trace"
}

@test "a kernel that takes the delegation and then refuses the bpffs" {
	local n
	start_container
	n=$(creating_call)
	start_container
	pretend "fsconfig:error=EPERM:when=$n"
	hook
	refuses 69 "kernel: it takes the delegation and then refuses the bpffs; use Linux 6.9 or later, or look for a security module's refusal in its log: Operation not permitted"
}

# ---- on-unsupported=ignore ----

# ignores MESSAGE: the container starts without, and that is said.
ignores() {
	local warning="warning: no delegation, as on-unsupported=ignore asks: $1"
	is_status 0
	says "$warning"
	same "the log" "0 ignored $warning" "$(logged '"\(.code) \(.outcome) \(.message)"')"
	nothing_changed
}

ignoring() {
	ask "$(jq --compact-output '. + {"io.bpftoken.on-unsupported": "ignore"}' <<<"$1")"
}

@test "ignore: what host, kernel or container cannot have" {
	start_container --no-user
	ignoring "$REQUEST"
	hook
	ignores "$NO_USER"
	hook --cmds=map_create
	refuses 69 "$NO_USER"
	hook --cmds=map_create --on-unsupported=ignore
	ignores "$NO_USER"

	start_container --map="1 1000001 100"
	ignoring "$REQUEST"
	hook
	ignores "$NO_ROOT"

	start_container
	ignoring "$REQUEST"
	pretend fsconfig:retval=0
	hook
	ignores "kernel: it cannot delegate BPF (no BPF tokens); use Linux 6.9 or later"

	ENTER=(unshare --user --map-root-user)
	hook
	ignores "host: this engine runs in a user namespace itself (rootless), and the kernel lets only the host's root delegate BPF; run the container with a rootful engine, for example sudo podman run --userns=auto"
}

@test "ignore: where it can be had, it is" {
	start_container
	ignoring "$REQUEST"
	hook
	granted
}

@test "ignore: nothing but that" {
	start_container
	ignoring '{"io.bpftoken.cmds":"any"}'
	hook
	is_status 77 # the policy's refusal
	nothing_changed

	ignoring "$REQUEST"
	policy '{'
	hook
	is_status 78
	nothing_changed
	rm "$POLICY"
	hook
	is_status 78
	nothing_changed

	ignoring '{"io.bpftoken.cmds":"map_crate"}'
	hook
	is_status 65
	nothing_changed

	policy '{"version": 1, "rules": [{"match": {}, "allow": {"cmds": "any", "maps": "any"}}]}'
	ignoring "$REQUEST"
	pretend fsmount:error=EIO
	hook
	refuses 71 "bpffs: fsmount: Input/output error"
}

# ---- --dry-run ----

@test "--dry-run prints the plan and changes nothing" {
	start_container
	hook --dry-run
	is_status 0
	same "standard error" "" "$stderr"
	same "the plan" "pid: $CONTAINER
root: \"$BUNDLE/rootfs\"
path: \"/sys/fs/bpf\"
owner: 1000000:1000000 on the host
mode: 1700
delegate_cmds: map_create (0x1)
delegate_maps: array (0x4)" "$stdout"
	same "the log" "0 dry run granted" "$(logged '"\(.code) \(.outcome) \(.decision)"')"
	nothing_changed
}

@test "--dry-run says what would be warned of, and makes no directory" {
	start_container
	allow_paths
	config 'del(.process.capabilities)'
	ask_for /new/bpf
	hook --dry-run
	is_status 0
	[[ $stdout == *$'\n''warning: process.capabilities lack CAP_BPF, without which no token can be made; add it'* ]] ||
		fail "no warning for the capability"
	[[ $stdout == *$'\n''warning: libbpf looks at "/sys/fs/bpf" in this container; set LIBBPF_BPF_TOKEN_PATH="/new/bpf" in its environment'* ]] ||
		fail "no warning for the path"
	nothing_changed
}

@test "--dry-run of what is refused" {
	start_container
	ask '{"io.bpftoken.cmds":"any"}'
	hook --dry-run
	is_status 77
	same "standard output" "" "$stdout"
	nothing_changed
	config '.linux.maskedPaths = ["/sys"]'
	ask "$REQUEST"
	hook --dry-run
	is_status 65
	nothing_changed
}

to_a_full_device() {
	program --dry-run >/dev/full
}

@test "--dry-run that cannot be written" {
	start_container
	observe to_a_full_device <"$INPUT"
	refuses 71 "standard output: No space left on device"
}
