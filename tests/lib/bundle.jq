# SPDX-License-Identifier: Apache-2.0
# Filters that turn bundle.json into the config.json of one test; see make_bundle in e2e.bash.
# They read two variables of the environment: HOOK, the program, and WORK, the test's directory.

# What the process runs.
def shell($command): .process.args = ["/bin/sh", "-c", $command];

# A hook at a stage, with the arguments that every test gives and those of this one. A second call
# adds a second hook.
def hook($stage; $args):
	.hooks[$stage] += [{
		path: $ENV.HOOK,
		args: (["oci-bpf-token-hook", "--policy=\($ENV.WORK)/policy.json",
			"--log=file:\($ENV.WORK)/hook.log"] + $args + [$stage]),
		env: []
	}];
def createRuntime($args): hook("createRuntime"; $args);
def createRuntime: createRuntime([]);
def prestart($args): hook("prestart"; $args);
def prestart: prestart([]);
# A createRuntime hook at a stage where it does not belong.
def misplaced($stage): createRuntime | .hooks = {($stage): .hooks.createRuntime};
# What hooks need that run inside the container: no log, whose file is not there, and of a sanitized
# one no search for leaks, as /proc is not that of its pid namespace.
def inside:
	.hooks[][] |= (.args |= map(if startswith("--log=") then "--log=none" else . end)
		| .env = ["ASAN_OPTIONS=detect_leaks=0"]);

# A request by annotations: delegate is what the tests' policy allows and bpftool needs.
def annotate($key; $value): .annotations[$key] = $value;
def delegate:
	annotate("io.bpftoken.cmds"; "map_create,prog_load,btf_load")
	| annotate("io.bpftoken.maps"; "array")
	| annotate("io.bpftoken.progs"; "socket_filter,xdp")
	| annotate("io.bpftoken.attachs"; "cgroup_inet_ingress,xdp");
# Any other, as {cmds: "any", path: "/run/bpf"}, added to what is asked for already.
def request($words): .annotations += ($words | with_entries(.key |= "io.bpftoken." + .));
def everything: request({cmds: "any", maps: "any", progs: "any", attachs: "any"});

# Mounts. sysfs and host_sys replace the mount on /sys, no_sys leaves it out.
def no_sys: .mounts |= map(select(.destination != "/sys"));
def mount($mount): .mounts += [$mount];
def sysfs($options): no_sys
	| mount({destination: "/sys", type: "sysfs", source: "sysfs", options: $options});
def host_sys($options): no_sys
	| mount({destination: "/sys", type: "bind", source: "/sys", options: $options});
def tmpfs($destination; $options):
	mount({destination: $destination, type: "tmpfs", source: "tmpfs", options: $options});
def volume($destination; $source; $options):
	mount({destination: $destination, type: "bind", source: $source, options: $options});

# Who the process is and what it may do.
def user($uid; $gid): .process.user = {uid: $uid, gid: $gid};
def capability($name): .process.capabilities |= map_values(. + [$name]);

# Namespaces left out. A user namespace goes with its mappings; without a network namespace of its
# own a container cannot have a sysfs of its own; without a mount namespace nothing can be masked.
def no_namespace($type): .linux.namespaces |= map(select(.type != $type));
def no_mappings: del(.linux.uidMappings, .linux.gidMappings);
def no_user_namespace: no_namespace("user") | no_mappings;
def host_network: no_namespace("network") | host_sys(["rbind", "ro"]);
def no_mount_namespace: no_namespace("mount") | del(.linux.maskedPaths, .linux.readonlyPaths);

# Joins a namespace by its path instead of making one.
def join_namespace($type; $path):
	.linux.namespaces |= map(if .type == $type then .path = $path else . end);

# crun shows only a failed hook's exit code; this is how it is made to keep the message.
def for_runtime($name):
	if $name == "crun" then annotate("run.oci.hooks.stderr"; "\($ENV.WORK)/hook.stderr")
	else . end;
