/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/cgroup_name: whose container a cgroup path tells of. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/host/cgroup_name.h"

#define HEX   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID   "8e3f4a1c_22d7_4a0e_9c1f_5b6a7c8d9e0f"

static void expect_name(const char *text, const char *engine, const char *id, const char *pod)
{
	char *bytes = exact_bytes(text, strlen(text));
	struct cgroup_name name;

	cgroup_name_parse(bytes, strlen(text), &name);
	free(bytes);
	expect_text(text, name.engine, engine);
	expect_text(text, name.id, id);
	expect_text(text, name.pod, pod);
}

static void test_engines(void **state)
{
	static const struct {
		const char *text, *engine, *id, *pod;
	} cases[] = {
		{ "0::/system.slice/docker-" HEX ".scope\n", "docker", HEX, "" },
		{ "0::/docker/" HEX "\n", "docker", HEX, "" },
		{ "0::/system.slice:docker:" HEX "\n", "docker", HEX, "" },
		{ "0::/machine.slice/libpod-" HEX ".scope/container\n", "podman", HEX, "" },
		{ "0::/libpod_parent/libpod-" HEX "\n", "podman", HEX, "" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" HEX
		  ".scope\n",
		  "podman", HEX, "" },
		{ "0::/machine.slice/libpod-conmon-" HEX ".scope\n", "systemd",
		  "libpod-conmon-" HEX ".scope", "" },
		{ "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID
		  ".slice/crio-" HEX ".scope\n",
		  "cri-o", HEX, UID },
		{ "0::/kubepods.slice/kubepods-pod" UID ".slice/cri-containerd-" HEX ".scope\n",
		  "containerd", HEX, UID },
		{ "0::/kubepods-besteffort-pod" UID ".slice:cri-containerd:" HEX "\n", "containerd",
		  HEX, UID },
		{ "0::/kubepods/burstable/pod8e3f4a1c-22d7/" HEX "\n", "kubernetes", HEX,
		  "8e3f4a1c-22d7" },
		{ "0::/system.slice/nerdctl-" HEX ".scope\n", "nerdctl", HEX, "" },
		{ "0::/lxc.payload.web-1\n", "lxc", "web-1", "" },
		{ "0::/lxc/web-1/init.scope\n", "lxc", "web-1", "" },
		{ "0::/machine.slice/machine-debian.scope/payload\n", "systemd-nspawn", "debian",
		  "" },
		{ "0::/machine.slice/systemd-nspawn@deb.service/payload\n", "systemd-nspawn", "deb",
		  "" },
		{ "0::/system.slice/runc-web.scope\n", "runc", "web", "" },
		{ "0::/user.slice/crun-web.scope\n", "crun", "web", "" },
		{ "0::/system.slice/cron.service\n", "systemd", "cron.service", "" },
		{ "0::/user.slice/user-0.slice/session-3.scope\n", "systemd", "session-3.scope",
		  "" },
		{ "0::/e2e-17\n", "oci", "e2e-17", "" },
		{ "0::/user.slice\n", "", "", "" },
		{ "0::/\n", "", "", "" },
		{ "0::/../../x\n", "oci", "x", "" },
		{ "", "", "", "" },
		{ "nonsense", "", "", "" },
		{ "0:", "", "", "" },
		/* too short for an engine's id: somebody's own name */
		{ "0::/docker/abc\n", "oci", "abc", "" },
		{ "0::/docker-abc.scope\n", "systemd", "docker-abc.scope", "" },
		/* a digit too many, and one that is none */
		{ "0::/docker-" HEX "g.scope\n", "systemd", "docker-" HEX "g.scope", "" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		expect_name(cases[i].text, cases[i].engine, cases[i].id, cases[i].pod);
}

/* Version 1 has a line for each controller, and a runtime may use some of them only. */
static void test_version_1(void **state)
{
	(void)state;
	expect_name("9:name=systemd:/\n8:pids:/docker/" HEX "\n0::/\n", "docker", HEX, "");
	expect_name("4:memory:/user.slice\n1:name=systemd:/system.slice/a.service\n0::/\n",
		    "systemd", "a.service", "");
}

/* A tenant makes what it likes below its own cgroup, and cannot pass for another. */
static void test_forged_names(void **state)
{
	(void)state;
	expect_name("0::/docker-" HEX ".scope/docker-" OTHER ".scope\n", "docker", HEX, "");
	expect_name("0::/lxc.payload.c1/system.slice/docker-" OTHER ".scope\n", "lxc", "c1", "");
	expect_name("0::/kubepods/pod1/" HEX "/pod2/" OTHER "\n", "kubernetes", HEX, "1");
	expect_name("0::/docker-" HEX ".scope/a.service\n", "docker", HEX, "");
	/* the kernel escapes no line end here, so that one begins what looks like a line */
	expect_name("0::/docker-" HEX ".scope/x\n0::/lxc.payload.y\n", "docker", HEX, "");
	expect_name("0::/lxc.payload.\x1b[2J\n", "lxc", "\x1b[2J", "");
}

static void test_long_names(void **state)
{
	char text[700] = "0::/lxc.payload.";
	struct cgroup_name name;

	(void)state;
	memset(text + strlen(text), 'a', 600);
	cgroup_name_parse(text, strlen(text), &name);
	assert_int_equal(strlen(name.id), sizeof(name.id) - 1);
}

/* Any bytes: the sanitizers are the judges. */
static void test_random_bytes(void **state)
{
	static const char *const pieces[] = { "0::/", "/",	   "\n", "docker-", ".scope",  HEX,
					      "pod",  "kubepods-", ":",	 ".slice:", "libpod-", "" };
	uint64_t seed = 7;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		char text[512] = "";
		struct cgroup_name name;
		size_t len = 0;

		for (unsigned i = 0; i < 6; i++) {
			const char *piece = pieces[next_random(&seed) % LENGTH(pieces)];

			memcpy(text + len, piece, strlen(piece));
			len += strlen(piece);
		}
		char *bytes = exact_bytes(text, len);

		cgroup_name_parse(bytes, len, &name);
		assert_non_null(name.engine);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engines),	     cmocka_unit_test(test_version_1),
		cmocka_unit_test(test_forged_names), cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
