#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a container can ask for, each key and each spelling, and what it then gets: the masks of its
# token, the bpffs's place, owner and mode. All of it in containers of runc and crun.
#
# The policy allows everything, so that the request alone decides; refusal.bats has the policies
# that refuse.

load ../lib/e2e

EVERYTHING='{ "match": {}, "allow": {
	"cmds": "any", "maps": "any", "progs": "any", "attachs": "any", "hostReach": true,
	"paths": "/*/*,/*/*/*,/*/*/*/*" } }'

# What the filter "delegate" asks for.
DELEGATED="0x40021 0x4 0x42 0x2000000001"

setup() {
	setup_e2e
	write_rules "$EVERYTHING"
	before=$(host_mounts)
}

teardown() {
	teardown_e2e
}

# token_has RUNTIME MASKS [FILTER]...: the container's token allows just these, which stand in the
# order "CMDS MAPS PROGS ATTACHS".
token_has() {
	local masks
	read -ra masks <<<"$2"
	run_command "$1" "inside token /sys/fs/bpf" createRuntime "${@:3}"
	expect_status 0
	expect_masks "${masks[@]}"
}

# has_none RUNTIME [FILTER]...: the container starts without a bpffs.
has_none() {
	run_command "$1" "inside mounts bpf; echo started" createRuntime "${@:2}"
	expect_status 0
	expect_output started
	expect_mounts "$before"
}

# The four lists

# A list that is not asked for delegates nothing.
each_list_is_its_own() {
	token_has "$1" "0x1 0x0 0x0 0x0" 'request({cmds: "map_create"})'
	token_has "$1" "0x1 0x806 0x0 0x0" \
		'request({cmds: "map_create", maps: "hash,array,lpm_trie"})'
	token_has "$1" "0x20 0x0 0x48 0x0" 'request({cmds: "prog_load", progs: "sched_cls,xdp"})'
	token_has "$1" "0x20 0x0 0x0 0x2000000000" 'request({cmds: "prog_load", attachs: "xdp"})'
	token_has "$1" "$DELEGATED" delegate
}

any_is_any() {
	token_has "$1" "any 0x0 0x0 0x0" 'request({cmds: "any"})'
	token_has "$1" "0x1 any 0x0 0x0" 'request({cmds: "map_create", maps: "any"})'
	token_has "$1" "0x1 0x0 any 0x0" 'request({cmds: "map_create", progs: "any"})'
	token_has "$1" "0x1 0x0 0x0 any" 'request({cmds: "map_create", attachs: "any"})'
	token_has "$1" "any any any any" \
		'request({cmds: "any", maps: "ANY", progs: "Any", attachs: "any\n"})'
}

numbers_are_masks() {
	token_has "$1" "0x40021 0x806 0x42 0x2000000001" \
		'request({cmds: "0x40021", maps: "0x806", progs: "0x42", attachs: "0x2000000001"})'
	token_has "$1" "0x40021 0x1a 0x42 0x2000000001" \
		'request({cmds: "0X40021", maps: "0x1A", progs: "0x042", attachs: "0X2000000001"})'
	token_has "$1" "0x40021 0x806 0x42 0x2000000001" \
		'request({cmds: "262177", maps: "2054", progs: "66", attachs: "137438953473"})'
}

# The same four lists in every spelling.
SPELLED="0x40021 0x804 0x42 0x2000000001"

every_spelling_is_read() {
	token_has "$1" "$SPELLED" 'request({
		cmds: "map_create,prog_load,btf_load", maps: "array,lpm_trie",
		progs: "socket_filter,xdp", attachs: "cgroup_inet_ingress,xdp" })'
	token_has "$1" "$SPELLED" 'request({
		cmds: "MAP_CREATE,PROG_LOAD,Btf_Load", maps: "ARRAY,LPM_TRIE",
		progs: "SOCKET_FILTER,XDP", attachs: "CGROUP_INET_INGRESS,Xdp" })'
	token_has "$1" "$SPELLED" 'request({
		cmds: "BPF_MAP_CREATE,BPF_PROG_LOAD,bpf_btf_load",
		maps: "BPF_MAP_TYPE_ARRAY,bpf_map_type_lpm_trie",
		progs: "BPF_PROG_TYPE_SOCKET_FILTER,bpf_prog_type_xdp",
		attachs: "BPF_CGROUP_INET_INGRESS,bpf_xdp" })'
	token_has "$1" "$SPELLED" 'request({
		cmds: "BPFMapCreate,BPFProgLoad,BPFBtfLoad",
		maps: "BPFMapTypeArray,BPFMapTypeLpmTrie",
		progs: "BPFProgTypeSocketFilter,BPFProgTypeXdp",
		attachs: "BPFCgroupInetIngress,BPFXdp" })'
	token_has "$1" "$SPELLED" 'request({
		cmds: "map_create,BPF_PROG_LOAD,BPFBtfLoad", maps: "ARRAY,BPFMapTypeLpmTrie",
		progs: "BPF_PROG_TYPE_SOCKET_FILTER,xdp",
		attachs: "BPFCgroupInetIngress,BPF_XDP" })'
}

every_separator_is_read() {
	local lists separator
	for separator in ',' ':' ' ' '\t' '\n' ', ' ' : ' ',\n  '; do
		lists=$(printf '%s"%s",' \
			cmds: "map_create${separator}prog_load${separator}btf_load" \
			maps: "array${separator}lpm_trie" progs: "socket_filter${separator}xdp" \
			attachs: "cgroup_inet_ingress${separator}xdp")
		token_has "$1" "$SPELLED" "request({${lists%,}})"
	done
	# As "|" and ">" blocks of YAML end.
	token_has "$1" "$SPELLED" 'request({
		cmds: "map_create\nprog_load\nbtf_load\n", maps: "array lpm_trie\n",
		progs: "  socket_filter\n  xdp\n", attachs: "cgroup_inet_ingress,\nxdp\n" })'
}

@test "runc: each of the four lists" {
	each_list_is_its_own runc
}

@test "crun: each of the four lists" {
	each_list_is_its_own crun
}

@test "runc: any, in each list and in all" {
	any_is_any runc
}

@test "crun: any, in each list and in all" {
	any_is_any crun
}

@test "runc: numbers" {
	numbers_are_masks runc
}

@test "crun: numbers" {
	numbers_are_masks crun
}

@test "runc: every spelling of a name" {
	every_spelling_is_read runc
}

@test "crun: every spelling of a name" {
	every_spelling_is_read crun
}

@test "runc: every separator of a list" {
	every_separator_is_read runc
}

@test "crun: every separator of a list" {
	every_separator_is_read crun
}

# What the masks mean to the kernel: the neighbour of what is delegated is refused.

only_the_commands_work() {
	run_command "$1" "cd /sys/fs/bpf; inside map array token .; inside prog xdp xdp token ." \
		createRuntime everything 'request({cmds: "map_create"})'
	expect_output $'map ok\nprog EPERM'
	run_command "$1" "cd /sys/fs/bpf; inside map array token .; inside prog xdp xdp token ." \
		createRuntime everything 'request({cmds: "prog_load"})'
	expect_output $'map EPERM\nprog ok'
}

only_the_map_types_work() {
	run_command "$1" "cd /sys/fs/bpf
		for type in hash array lpm_trie ringbuf; do inside map \$type token .; done" \
		createRuntime everything 'request({maps: "array,ringbuf"})'
	expect_output $'map EPERM\nmap ok\nmap EPERM\nmap ok'
}

only_the_program_types_work() {
	run_command "$1" "cd /sys/fs/bpf
		for type in socket_filter sched_cls xdp cgroup_skb; do
			inside prog \$type 0 token .
		done" \
		createRuntime everything 'request({progs: "sched_cls,xdp"})'
	expect_output $'prog EPERM\nprog ok\nprog ok\nprog EPERM'
}

only_the_attach_types_work() {
	run_command "$1" "cd /sys/fs/bpf
		inside prog cgroup_skb cgroup_inet_ingress token .
		inside prog cgroup_skb cgroup_inet_egress token .
		inside prog xdp xdp token ." \
		createRuntime everything 'request({attachs: "cgroup_inet_egress"})'
	expect_output $'prog EPERM\nprog ok\nprog EPERM'
}

# The most there is: with the capabilities for them, types of every kind.
everything_works() {
	run_command "$1" "cd /sys/fs/bpf
		for type in hash array lpm_trie ringbuf; do inside map \$type token .; done
		for type in socket_filter sched_cls xdp cgroup_skb tracepoint raw_tracepoint; do
			inside prog \$type 0 token .
		done
		inside prog xdp xdp token .; inside prog xdp xdp" \
		createRuntime everything 'capability("CAP_PERFMON")'
	expect_output "$(printf '%s\n' "map ok"{,,,} "prog ok"{,,,,,,} "prog EPERM")"
}

@test "runc: a command that is not delegated is refused" {
	only_the_commands_work runc
}

@test "crun: a command that is not delegated is refused" {
	only_the_commands_work crun
}

@test "runc: map types that are not delegated are refused" {
	only_the_map_types_work runc
}

@test "crun: map types that are not delegated are refused" {
	only_the_map_types_work crun
}

@test "runc: program types that are not delegated are refused" {
	only_the_program_types_work runc
}

@test "crun: program types that are not delegated are refused" {
	only_the_program_types_work crun
}

@test "runc: attach types that are not delegated are refused" {
	only_the_attach_types_work runc
}

@test "crun: attach types that are not delegated are refused" {
	only_the_attach_types_work crun
}

@test "runc: everything delegated works, with a token alone" {
	everything_works runc
}

@test "crun: everything delegated works, with a token alone" {
	everything_works crun
}

# Profiles

# Reads a policy whose profiles everybody may have.
write_profiles() {
	jq '{version: 1, profiles: ., rules: [{match: {}, allow: {profiles: (keys | join(",")),
		maps: "hash"}}]}' | write_policy
}

profiles_are_united() {
	write_profiles <<-'END'
		{ "arrays": { "cmds": "map_create", "maps": "array" },
		  "filters": { "description": "socket filters", "cmds": "prog_load,btf_load",
		               "progs": "socket_filter", "attachs": "cgroup_inet_ingress" },
		  "xdp-1.0_a": { "cmds": "0x20", "progs": "BPF_PROG_TYPE_XDP",
		                 "attachs": "BPFXdp" } }
	END
	token_has "$1" "0x1 0x4 0x0 0x0" 'request({profile: "arrays"})'
	token_has "$1" "0x40020 0x0 0x2 0x1" 'request({profile: "filters\n"})'
	token_has "$1" "$DELEGATED" 'request({profile: "arrays,filters:xdp-1.0_a"})'
	token_has "$1" "0x40021 0x6 0x2 0x1" 'request({profile: "filters arrays", maps: "hash"})'
}

# Root's own words need no rule, but find the same profiles.
profile_on_the_command_line() {
	write_policy <<-'END'
		{ "version": 1, "profiles": { "arrays": { "cmds": "map_create", "maps": "array" } },
		  "rules": [ { "match": {}, "deny": true } ] }
	END
	run_command "$1" "inside token /sys/fs/bpf" \
		'createRuntime(["--profile=arrays", "--maps=hash"])'
	expect_status 0
	expect_masks 0x1 0x6 0x0 0x0
}

# The administrator's profile of the same name takes the place of the vendor's.
vendor_profiles_are_seen() {
	write_vendor_policy <<-'END'
		{ "version": 1,
		  "profiles": { "vendor-arrays": { "cmds": "map_create", "maps": "array" },
		                "vendor-filters": { "cmds": "prog_load", "progs": "socket_filter",
		                                    "attachs": "cgroup_inet_ingress" } } }
	END
	write_policy <<-'END'
		{ "version": 1,
		  "profiles": { "vendor-filters": { "cmds": "prog_load", "progs": "xdp" } },
		  "rules": [ { "match": {},
		               "allow": { "profiles": "vendor-arrays,vendor-filters" } } ] }
	END
	token_has "$1" "0x1 0x4 0x0 0x0" 'request({profile: "vendor-arrays"})'
	token_has "$1" "0x21 0x4 0x40 0x0" 'request({profile: "vendor-filters,vendor-arrays"})'
}

# On a host whose administrator has written no policy, root's own words can name the vendor's.
vendor_profiles_need_no_policy() {
	write_vendor_policy <<-'END'
		{ "version": 1,
		  "profiles": { "vendor-arrays": { "cmds": "map_create", "maps": "array" } } }
	END
	rm "$WORK/policy.json"
	run_command "$1" "inside token /sys/fs/bpf" 'createRuntime(["--profile=vendor-arrays"])'
	expect_status 0
	expect_masks 0x1 0x4 0x0 0x0
}

@test "runc: profiles, alone and united with each other and with lists" {
	profiles_are_united runc
}

@test "crun: profiles, alone and united with each other and with lists" {
	profiles_are_united crun
}

@test "runc: a profile on the command line" {
	profile_on_the_command_line runc
}

@test "crun: a profile on the command line" {
	profile_on_the_command_line crun
}

@test "runc: profiles of the vendor, and one redefined" {
	vendor_profiles_are_seen runc
}

@test "crun: profiles of the vendor, and one redefined" {
	vendor_profiles_are_seen crun
}

@test "runc: a profile of the vendor without a policy" {
	vendor_profiles_need_no_policy runc
}

@test "crun: a profile of the vendor without a policy" {
	vendor_profiles_need_no_policy crun
}

# Who is asked for: the containers of a pod have the same annotations.

# How each engine names the container "web".
NAMED=(
	'annotate("io.kubernetes.cri.container-name"; "web")'
	'annotate("io.kubernetes.container.name"; "web")'
)

own_key_wins() {
	local named
	for named in "${NAMED[@]}"; do
		token_has "$1" "0x1 0x2 0x0 0x0" "$named" \
			'request({cmds: "map_create", maps: "array", "maps/web": "hash"})'
		token_has "$1" "0x1 0x2 0x0 0x0" "$named" \
			'request({"maps/web": "hash", "cmds/web": "map_create", maps: "array"})'
		token_has "$1" "0x1 0x4 0x0 0x0" "$named" \
			'request({cmds: "map_create", maps: "array", "maps/db": "hash"})'
	done
}

keys_of_others_are_ignored() {
	local named
	for named in "${NAMED[@]}"; do
		has_none "$1" "$named" 'request({"cmds/db": "map_create", "maps/db": "array"})'
		has_none "$1" "$named" 'request({"cmds/db": "map_create", "path": "/run/bpf"})'
		has_none "$1" "$named" \
			'request({"cmds/webs": "map_create", "cmds/we": "map_create"})'
	done
	has_none "$1" 'request({"cmds/web": "map_create"})'
	expect_no_record
}

# Not even a request that is an error: the pod's sandbox has the annotations of all its containers.
sandbox_is_skipped() {
	local key
	for key in io.kubernetes.cri.container-type io.kubernetes.cri-o.ContainerType; do
		has_none "$1" "annotate(\"$key\"; \"sandbox\")" delegate
		expect_no_record
		has_none "$1" "annotate(\"$key\"; \"sandbox\")" 'request({cmds: "nonsense"})'
		expect_no_record
		token_has "$1" "$DELEGATED" "annotate(\"$key\"; \"container\")" delegate
	done
}

@test "runc: the key with the container's own name wins" {
	own_key_wins runc
}

@test "crun: the key with the container's own name wins" {
	own_key_wins crun
}

@test "runc: keys with another container's name are ignored" {
	keys_of_others_are_ignored runc
}

@test "crun: keys with another container's name are ignored" {
	keys_of_others_are_ignored crun
}

@test "runc: the pod's sandbox is skipped" {
	sandbox_is_skipped runc
}

@test "crun: the pod's sandbox is skipped" {
	sandbox_is_skipped crun
}

# Owner and mode

# stats RUNTIME EXPECTED [FILTER]...: what the process sees of the bpffs, and if it gets a token.
stats() {
	run_command "$1" "inside stat /sys/fs/bpf; inside token /sys/fs/bpf | head -n 1" \
		createRuntime delegate "${@:3}"
	expect_output "stat ok $2"
}

MINE="fstype=bpf"$'\n'"token ok"
NOT_MINE="fstype=bpf"$'\n'"token EACCES"

owner_root() {
	stats "$1" "uid=0 gid=0 mode=1700 $MINE"
	stats "$1" "uid=0 gid=0 mode=1700 $MINE" 'request({owner: "root"})'
	stats "$1" "uid=0 gid=0 mode=1700 $NOT_MINE" 'user(1000; 2000)'
	expect_record 'warnings=.*ask for owner user or mode 0755'
}

owner_user() {
	stats "$1" "uid=1000 gid=2000 mode=1700 $MINE" 'user(1000; 2000)' 'request({owner: "user"})'
	stats "$1" "uid=0 gid=0 mode=1700 $MINE" 'request({owner: "user"})'
	stats "$1" "uid=65534 gid=65535 mode=1700 $MINE" 'user(65534; 65535)' \
		'request({owner: "user"})'
}

# As seen inside: the gid's map differs from the uid's, so a mix-up shows.
owner_ids() {
	local gids='.linux.gidMappings[0].hostID = 2000000'
	stats "$1" "uid=1000 gid=2000 mode=1700 $MINE" 'request({owner: "1000:2000"})' \
		'user(1000; 2000)' "$gids"
	stats "$1" "uid=1000 gid=2000 mode=1700 $NOT_MINE" 'request({owner: "1000:2000"})' \
		'user(1001; 2000)' "$gids"
	stats "$1" "uid=0 gid=1 mode=1700 $MINE" 'request({owner: "0:1"})' "$gids"
}

# Even root needs a capability over files where the mode shuts it out.
mode_is_set() {
	stats "$1" "uid=0 gid=0 mode=1755 $MINE" 'request({mode: "0755"})' 'user(1000; 2000)'
	stats "$1" "uid=0 gid=0 mode=1750 $NOT_MINE" 'request({mode: "750"})' 'user(1000; 2000)'
	stats "$1" "uid=0 gid=2000 mode=1750 $MINE" 'request({mode: "750", owner: "0:2000"})' \
		'user(1000; 2000)'
	stats "$1" "uid=0 gid=0 mode=1000 $NOT_MINE" 'request({mode: "0000"})'
	stats "$1" "uid=0 gid=0 mode=1000 $MINE" 'request({mode: "0"})' \
		'capability("CAP_DAC_OVERRIDE")'
	stats "$1" "uid=0 gid=0 mode=1777 $MINE" 'request({mode: "777"})' 'user(1000; 2000)'
}

# The owner alone is not enough.
without_capability_no_token() {
	run_command "$1" "inside token /sys/fs/bpf" createRuntime delegate 'user(1000; 2000)' \
		'request({owner: "user"})' '.process.capabilities |= map_values(. - ["CAP_BPF"])'
	expect_output "token EPERM"
	expect_record 'warnings=.*process.capabilities lack CAP_BPF'
}

@test "runc: owner root" {
	owner_root runc
}

@test "crun: owner root" {
	owner_root crun
}

@test "runc: owner user" {
	owner_user runc
}

@test "crun: owner user" {
	owner_user crun
}

@test "runc: owner UID:GID" {
	owner_ids runc
}

@test "crun: owner UID:GID" {
	owner_ids crun
}

@test "runc: mode" {
	mode_is_set runc
}

@test "crun: mode" {
	mode_is_set crun
}

@test "runc: the owner without CAP_BPF gets no token" {
	without_capability_no_token runc
}

@test "crun: the owner without CAP_BPF gets no token" {
	without_capability_no_token crun
}

# Path

path_that_exists() {
	make_rootfs "$BUNDLE/rootfs"
	mkdir "$BUNDLE/rootfs/run/bpf"
	run_command "$1" "inside token /run/bpf && inside stat /sys/fs/bpf" \
		createRuntime delegate 'request({path: "/run/bpf"})'
	expect_status 0
	expect_line "token ok" "allowed_maps 0x4" \
		"stat ok uid=65534 gid=65534 mode=0555 fstype=sysfs"
	expect_mounts "$before"
}

# Parents, too, with the ids of the container's root and of nobody else.
path_is_created() {
	local dir
	run_command "$1" "inside token /run/a/b && inside stat /run/a/b" createRuntime delegate \
		'request({path: "/run/a/b", owner: "user"})' 'user(1000; 2000)' \
		'.linux.gidMappings[0].hostID = 2000000'
	expect_status 0
	expect_line "token ok" "stat ok uid=1000 gid=2000 mode=1700 fstype=bpf"
	for dir in a a/b; do
		[[ $(stat --format=%u:%g:%a "$BUNDLE/rootfs/run/$dir") == 1000000:2000000:755 ]] ||
			fail "$dir: $(stat "$BUNDLE/rootfs/run/$dir")"
	done
	expect_mounts "$before"
}

# The tmpfs belongs to the container's user namespace: there the host's root has no id at all.
path_is_created_on_a_tmpfs() {
	run_command "$1" \
		"inside token /run/a/b >/tmp/token && for dir in /run /run/a /run/a/b; do
			inside stat \$dir
		done" \
		createRuntime delegate 'request({path: "/run/a/b", mode: "0711"})' \
		'tmpfs("/run"; ["mode=755"])'
	expect_status 0
	expect_output "stat ok uid=0 gid=0 mode=0755 fstype=tmpfs
stat ok uid=0 gid=0 mode=0755 fstype=tmpfs
stat ok uid=0 gid=0 mode=1711 fstype=bpf"
}

# A volume without a propagation option is shared with the host by some runtimes while hooks run.
path_on_a_volume_stays_inside() {
	mkdir -p "$WORK/volume/bpf"
	chown -R "$MAPPED_ROOT" "$WORK/volume"
	use_shared_mounts
	"${ENTER[@]}" mount --bind "$WORK/volume" "$WORK/volume"
	"${ENTER[@]}" mount --make-shared "$WORK/volume"
	before=$(host_mounts)
	make_bundle "$BUNDLE" "$1" createRuntime delegate 'shell("sleep 60")' \
		'request({path: "/data/bpf"})' "volume(\"/data\"; \"$WORK/volume\"; [\"rbind\"])"
	start_container "$1" "$BUNDLE" "$ID"
	expect_status 0
	expect_mounts "$before"
	exec_container "$1" "$ID" inside token /data/bpf
	expect_line "token ok" "allowed_maps 0x4"
	delete_container "$1" "$ID"
	expect_mounts "$before"
}

client_finds_another_path() {
	make_client_rootfs "$BUNDLE/rootfs"
	run_command "$1" "bpftool prog loadall xdp.bpf.o /opt/bpf/x && ls /opt/bpf/x" \
		createRuntime delegate 'request({path: "/opt/bpf"})' \
		'.process.env += ["LIBBPF_BPF_TOKEN_PATH=/opt/bpf"]'
	expect_status 0
	expect_line count
	run_command "$1" "bpftool prog loadall xdp.bpf.o /opt/bpf/x" \
		createRuntime delegate 'request({path: "/opt/bpf"})'
	expect_failure
	expect_record 'warnings=.*LIBBPF_BPF_TOKEN_PATH'
}

@test "runc: another path that exists" {
	path_that_exists runc
}

@test "crun: another path that exists" {
	path_that_exists crun
}

@test "runc: another path that is created with its parents" {
	path_is_created runc
}

@test "crun: another path that is created with its parents" {
	path_is_created crun
}

@test "runc: another path that is created on a tmpfs" {
	path_is_created_on_a_tmpfs runc
}

@test "crun: another path that is created on a tmpfs" {
	path_is_created_on_a_tmpfs crun
}

@test "runc: another path on a shared volume" {
	path_on_a_volume_stays_inside runc
}

@test "crun: another path on a shared volume" {
	path_on_a_volume_stays_inside crun
}

@test "runc: bpftool finds another path by its variable" {
	client_finds_another_path runc
}

@test "crun: bpftool finds another path by its variable" {
	client_finds_another_path crun
}

# Where the bundle and its root are

# As "runc run" and "crun run -b ." have it.
bundle_is_relative() {
	make_bundle "$BUNDLE" "$1" createRuntime delegate 'shell("inside token /sys/fs/bpf")'
	cd "$BUNDLE" || return
	run_container "$1" . "$ID-1"
	expect_status 0
	expect_line "token ok" "allowed_maps 0x4"
	cd "$WORK" || return
	run_container "$1" bundle "$ID-2"
	expect_status 0
	expect_line "token ok" "allowed_maps 0x4"
}

# The host's symlinks are root's and are followed, unlike the container's.
bundle_is_a_symlink() {
	ln -s bundle "$WORK/link"
	make_bundle "$BUNDLE" "$1" createRuntime delegate 'shell("inside token /sys/fs/bpf")'
	run_container "$1" "$WORK/link" "$ID"
	expect_status 0
	expect_line "token ok" "allowed_maps 0x4"
}

# runc refuses such a root itself.
root_has_a_symlink() {
	local root
	ln -s bundle "$WORK/link"
	for root in "$WORK/link/rootfs" ../link/rootfs; do
		token_has "$1" "$DELEGATED" delegate ".root.path = \"$root\""
	done
}

target_root_has_a_symlink() {
	local annotations='{"io.bpftoken.cmds": "map_create", "io.bpftoken.maps": "array"}'
	local root=$BUNDLE/rootfs path
	ln -s bundle "$WORK/link"
	for path in "$WORK/link/rootfs" ../link/rootfs rootfs; do
		make_bundle "$BUNDLE" runc ".root.path = \"$path\""
		start_target --net --root="$root" "$@" \
			--setup="mount -t sysfs sysfs $root/sys && mount --rbind /proc $root/proc" \
			-- /bin/inside map array token /sys/fs/bpf
		run_hook "$(fake_state "$TARGET_PID" "$WORK/link" "$annotations")"
		expect_status 0
		run_target
		expect_output "map ok"
	done
	expect_mounts "$before"
}

@test "runc: the bundle by a relative path" {
	bundle_is_relative runc
}

@test "crun: the bundle by a relative path" {
	bundle_is_relative crun
}

@test "runc: the bundle by a symlink" {
	bundle_is_a_symlink runc
}

@test "crun: the bundle by a symlink" {
	bundle_is_a_symlink crun
}

@test "crun: a root path with a symlink" {
	root_has_a_symlink crun
}

@test "target that has not entered its root: a root path with a symlink" {
	target_root_has_a_symlink
}

@test "target that has entered its root: a root path with a symlink" {
	target_root_has_a_symlink --pivoted
}

# on-unsupported

ignored_where_impossible() {
	has_none "$1" delegate 'request({"on-unsupported": "ignore"})' no_user_namespace
	expect_record 'outcome="ignored" code=0' 'message="warning: .* it has no user namespace'
	has_none "$1" delegate 'request({"on-unsupported": "ignore", owner: "0:70000"})'
	expect_record 'outcome="ignored" code=0' 'message="warning: .* \(group 70000\) has no id'
}

ignored_only_where_impossible() {
	token_has "$1" "$DELEGATED" delegate 'request({"on-unsupported": "ignore"})'
	expect_record 'outcome="delegated" code=0'
}

refusal_is_not_ignored() {
	write_rules '{"match": {}, "deny": true}'
	run_command "$1" "echo started" createRuntime delegate \
		'request({"on-unsupported": "ignore"})'
	expect_failure
	expect_output ""
	expect_hook_exit 77
	expect_record 'outcome="failed" code=77'
}

mistake_is_not_ignored() {
	run_command "$1" "echo started" createRuntime delegate \
		'request({"on-unsupported": "ignore", cmds: "map_creat"})'
	expect_failure
	expect_output ""
	expect_hook_exit 65
}

@test "runc: on-unsupported=ignore starts a container that cannot have it" {
	ignored_where_impossible runc
}

@test "crun: on-unsupported=ignore starts a container that cannot have it" {
	ignored_where_impossible crun
}

@test "runc: on-unsupported=ignore delegates where it can" {
	ignored_only_where_impossible runc
}

@test "crun: on-unsupported=ignore delegates where it can" {
	ignored_only_where_impossible crun
}

@test "runc: on-unsupported=ignore and a refusal of the policy" {
	refusal_is_not_ignored runc
}

@test "crun: on-unsupported=ignore and a refusal of the policy" {
	refusal_is_not_ignored crun
}

@test "runc: on-unsupported=ignore and a mistake" {
	mistake_is_not_ignored runc
}

@test "crun: on-unsupported=ignore and a mistake" {
	mistake_is_not_ignored crun
}

# The command line

# It is the whole request: annotations are not even read, and no rule is asked.
command_line_is_all() {
	write_rules '{"match": {}, "deny": true}'
	run_command "$1" "inside stat /run/bpf && inside token /run/bpf" 'createRuntime([
		"--cmds=map_create:btf_load", "--maps=0x6", "--progs=any", "--attachs=BPFXdp",
		"--path=/run/bpf", "--mode=0750", "--owner=1000:2000", "--on-unsupported=fail" ])' \
		'request({cmds: "nonsense", path: "/opt/bpf", unknown: "key"})' 'user(1000; 2000)'
	expect_status 0
	expect_line "stat ok uid=1000 gid=2000 mode=1750 fstype=bpf" "token ok" \
		"allowed_cmds 0x40001" "allowed_maps 0x6" "allowed_progs any" \
		"allowed_attachs 0x2000000000"
	expect_record 'source="command line"'
}

dry_run_changes_nothing() {
	run_command "$1" "inside mounts bpf; echo started" 'createRuntime(["--dry-run"])' delegate \
		'request({path: "/run/a/b"})'
	expect_status 0
	expect_output started
	expect_record 'decision="granted" outcome="dry run" code=0' 'path="/run/a/b"' 'maps="array"'
	[[ ! -e $BUNDLE/rootfs/run/a ]] || fail "/run/a was created"
	expect_mounts "$before"
}

dry_run_refuses() {
	write_rules '{"match": {}, "deny": true}'
	run_command "$1" "echo started" 'createRuntime(["--dry-run"])' delegate
	expect_failure
	expect_output ""
	expect_hook_exit 77
}

@test "runc: the command line is the whole request" {
	command_line_is_all runc
}

@test "crun: the command line is the whole request" {
	command_line_is_all crun
}

@test "runc: --dry-run starts the container and changes nothing" {
	dry_run_changes_nothing runc
}

@test "crun: --dry-run starts the container and changes nothing" {
	dry_run_changes_nothing crun
}

@test "runc: --dry-run refuses as the hook would" {
	dry_run_refuses runc
}

@test "crun: --dry-run refuses as the hook would" {
	dry_run_refuses crun
}
