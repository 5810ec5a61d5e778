/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/config: what is taken from a config.json, and what a whole one costs. */

#include "tests/unit/support.h"

#include <linux/capability.h>

#include "spec/base/text.h"

#define CAP(name) (UINT64_C(1) << CAP_##name)

/* ---- as Podman writes it ---- */

enum { PODMAN_MAX = 64 * 1024 };

static const char podman_process[] =
	"\"ociVersion\":\"1.1.0\",\"process\":{\"user\":{\"uid\":1000,\"gid\":100,\"umask\":18,"
	"\"additionalGids\":[100]},\"args\":[\"/usr/bin/app\",\"--option=\\\"x\\\"\"],"
	"\"env\":[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\","
	"\"container=podman\",\"LIBBPF_BPF_TOKEN_PATH=/run/bpf\",\"HOME=/\"],\"cwd\":\"/\","
	"\"capabilities\":{\"bounding\":[\"CAP_BPF\",\"CAP_CHOWN\",\"CAP_PERFMON\"],"
	"\"effective\":[\"CAP_BPF\"],\"permitted\":[\"CAP_BPF\",\"CAP_SYS_ADMIN\"],"
	"\"inheritable\":[\"CAP_SYS_ADMIN\"],\"ambient\":[\"CAP_SYS_ADMIN\"]},"
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":1048576,\"soft\":1048576}],"
	"\"oomScoreAdj\":0},\"root\":{\"path\":\"/var/lib/containers/storage/overlay/0/merged\"},"
	"\"hostname\":\"0123456789ab\",";

static const char podman_mounts[] =
	"\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\"]},{\"destination\":\"/"
	"sys\",\"type\":\"sysfs\","
	"\"source\":\"sysfs\",\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]},"
	"{\"destination\":\"/run/.containerenv\",\"type\":\"bind\",\"source\":\"/run/x\","
	"\"options\":[\"bind\",\"rprivate\"]},{\"destination\":\"/shared\",\"type\":\"bind\","
	"\"source\":\"/s\",\"options\":[\"rbind\",\"rshared\"]}],\"annotations\":"
	"{\"io.bpftoken.profile\":\"xdp\",\"io.container.manager\":\"libpod\"},";

static const char podman_linux[] =
	"\"linux\":{\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}],"
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}],"
	"\"sysctl\":{\"net.ipv4.ping_group_range\":\"0 "
	"0\"},\"resources\":{\"pids\":{\"limit\":2048},"
	"\"memory\":{\"limit\":null},\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]},"
	"\"cgroupsPath\":\"machine.slice:libpod:0\",\"namespaces\":[{\"type\":\"pid\"},"
	"{\"type\":\"network\",\"path\":\"/run/netns/"
	"x\"},{\"type\":\"user\"},{\"type\":\"mount\"}],"
	"\"maskedPaths\":[\"/proc/acpi\",\"/proc/kcore\",\"/sys/firmware\",\"/sys/dev/block\"],"
	"\"readonlyPaths\":[\"/proc/asound\",\"/proc/bus\",\"/proc/sys\"],"
	"\"mountLabel\":\"system_u:object_r:container_file_t:s0:c1,c2\",\"seccomp\":{"
	"\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"architectures\":"
	"[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],\"syscalls\":[";

/* A whole config.json: most of it is the seccomp profile, as it is in life. */
static size_t podman_config(char *buf, size_t size)
{
	struct text text;

	text_init(&text, buf, size);
	text_add(&text, "{%s%s%s", podman_process, podman_mounts, podman_linux);
	for (int rule = 0; rule < 12; rule++) {
		text_add(&text, "%s{\"names\":[", rule == 0 ? "" : ",");
		for (int name = 0; name < 110; name++)
			text_add(&text, "%s\"system_call_%02d_%03d\"", name == 0 ? "" : ",", rule,
				 name);
		text_add(&text,
			 "],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":%d,"
			 "\"op\":\"SCMP_CMP_EQ\"}]}",
			 rule);
	}
	text_add(&text, "]}}}\n");
	assert_false(text.cut);
	return text.len;
}

static void expect_podman(const struct config *config)
{
	expect_text("root", config->root_path, "/var/lib/containers/storage/overlay/0/merged");
	assert_int_equal(config->uid, 1000);
	assert_int_equal(config->gid, 100);
	assert_true(config->bounding == (CAP(BPF) | CAP(CHOWN) | CAP(PERFMON)));
	assert_true(config->effective == CAP(BPF));
	expect_text("token path", config->token_path, "/run/bpf");
	assert_true(config->mount_label);
	assert_int_equal(config->n_masked_paths, 4);
	assert_int_equal(config->n_mounts, 4);
	expect_text("mount", config->mounts[1].destination, "/sys");
	assert_false(config->mounts[1].shared);
	assert_true(config->mounts[3].shared);
}

static void test_a_whole_config(void **state)
{
	static const size_t chunks[] = { 0, 1, 2, 3, 7, 8, 63, 64, 4096, 65536 };
	char *json = malloc(PODMAN_MAX);
	size_t len;

	(void)state;
	assert_non_null(json);
	len = podman_config(json, PODMAN_MAX);
	assert_true(len > 30000 && len < 40000);
	for (size_t i = 0; i < LENGTH(chunks); i++) {
		struct config config = { 0 };
		struct err err = { 0 };

		expect_success("podman", parse_config(json, len, chunks[i], &config, &err), &err);
		expect_podman(&config);
		config_done(&config);
		assert_null(config.root_path);
		config_done(&config); /* an empty config */
	}
	free(json);
}

/* Cut short anywhere, it is refused: no half of a config.json passes for a whole one. */
static void test_a_config_cut_short(void **state)
{
	char *json = malloc(PODMAN_MAX);
	size_t len;

	(void)state;
	assert_non_null(json);
	len = podman_config(json, PODMAN_MAX) - 1; /* the last byte ends a line and nothing else */
	for (size_t cut = 1; cut < len; cut += cut < 6000 || cut > len - 30 ? 1 : 97) {
		struct config config = { 0 };
		struct err err = { 0 };

		expect_refusal("cut", parse_config(json, cut, 0, &config, &err), &err, EX_DATAERR,
			       "line 1, column @@: not JSON: @@");
	}
	free(json);
}

/* ---- member by member ---- */

#define ROOT "\"root\":{\"path\":\"r\"}"

static void test_what_is_absent(void **state)
{
	struct config config = config_of("{" ROOT "}");

	(void)state;
	expect_text("root", config.root_path, "r");
	assert_true(config.uid == 0 && config.gid == 0);
	assert_true(config.bounding == 0 && config.effective == 0);
	assert_true(config.token_path == NULL && !config.mount_label);
	assert_true(config.n_masked_paths == 0 && config.n_mounts == 0);
	config_done(&config);
	config = config_of("{" ROOT
			   ",\"process\":null,\"mounts\":null,\"linux\":{\"maskedPaths\":null,"
			   "\"mountLabel\":null}}");
	assert_true(config.uid == 0 && config.n_mounts == 0 && !config.mount_label);
	config_done(&config);
	config = config_of(
		"{" ROOT ",\"mounts\":[null],\"process\":{\"user\":{\"uid\":4294967294,"
		"\"gid\":0},\"capabilities\":{\"bounding\":null}},\"linux\":{\"mountLabel\":"
		"\"\",\"maskedPaths\":[]}}");
	assert_true(config.uid == 4294967294 && config.bounding == 0 && !config.mount_label);
	config_done(&config);
}

/* Capabilities in every form that libcap, and so crun, takes. */
static void test_capabilities(void **state)
{
	static const struct {
		const char *name;
		uint64_t want;
	} cases[] = {
		{ "CAP_BPF", CAP(BPF) },
		{ "cap_bpf", CAP(BPF) },
		{ "Cap_Bpf", CAP(BPF) },
		{ "CAP_PERFMON", CAP(PERFMON) },
		{ "CAP_SYS_ADMIN", CAP(SYS_ADMIN) },
		{ "CAP_NET_ADMIN", CAP(NET_ADMIN) },
		{ "CAP_CHECKPOINT_RESTORE", CAP(CHECKPOINT_RESTORE) },
		{ "CAP_CHOWN", CAP(CHOWN) },
		{ "39", CAP(BPF) },
		{ "21", CAP(SYS_ADMIN) },
		{ "CAP_NOSUCH", 0 },
		{ "BPF", 0 },
		{ "", 0 },
		{ "ALL", 0 },
		{ "64", 0 },
		{ "4294967295", 0 },
		{ "-1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char json[200];
		struct config config;

		snprintf(json, sizeof(json),
			 "{" ROOT ",\"process\":{\"capabilities\":{\"bounding\":[\"%s\"],"
			 "\"effective\":[\"CAP_KILL\",\"%s\"]}}}",
			 cases[i].name, cases[i].name);
		config = config_of(json);
		if (config.bounding != cases[i].want ||
		    config.effective != (cases[i].want | CAP(KILL)))
			fail_msg("%s: %llx", json, (unsigned long long)config.bounding);
		config_done(&config);
	}
}

static void test_the_token_path_in_the_environment(void **state)
{
	static const struct {
		const char *env, *want;
	} cases[] = {
		{ "LIBBPF_BPF_TOKEN_PATH=/x", "/x" },
		{ "LIBBPF_BPF_TOKEN_PATH=", "" },
		{ "LIBBPF_BPF_TOKEN_PATH=a=\\u00e9", "a=\xc3\xa9" },
		{ "LIBBPF_BPF_TOKEN_PATH=/x\",\"LIBBPF_BPF_TOKEN_PATH=/y", "/y" },
		{ "LIBBPF_BPF_TOKEN_PATH", "(none)" },
		{ "LIBBPF_BPF_TOKEN_PATHS=/x", "(none)" },
		{ "XLIBBPF_BPF_TOKEN_PATH=/x", "(none)" },
		{ "libbpf_bpf_token_path=/x", "(none)" },
		{ "", "(none)" },
		{ "=", "(none)" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char json[200];
		struct config config;

		snprintf(json, sizeof(json),
			 "{" ROOT ",\"process\":{\"env\":[\"A=b\",\"%s\",\"C=d\"]}}", cases[i].env);
		config = config_of(json);
		expect_text(json, config.token_path ? config.token_path : "(none)", cases[i].want);
		config_done(&config);
	}
}

static const struct {
	const char *json, *want;
} refused[] = {
	{ "{}", "root.path is missing; the bundle has no root" },
	{ "{\"root\":{}}", "root.path is missing; the bundle has no root" },
	{ "{\"root\":{\"path\":null}}", "root.path is missing; the bundle has no root" },
	{ "{\"root\":{\"path\":\"\"}}", "line 1, column 18: root.path: is empty" },
	{ "{\"root\":\"r\"}", "line 1, column 11: root.path: is a string; it must be an object" },
	{ "{" ROOT "," ROOT "}", "line 1, column 27: member \"root\" stands twice in one object" },
	{ "{\"process\":{\"user\":{\"uid\":-1}}}",
	  "line 1, column 28: process.user.uid: \"-1\" is not a user or group id" },
	{ "{\"process\":{\"user\":{\"uid\":4294967295}}}",
	  "line 1, column 36: process.user.uid: \"4294967295\" is not a user or group id" },
	{ "{\"process\":{\"user\":{\"gid\":1.0}}}",
	  "line 1, column 29: process.user.gid: \"1.0\" is not a user or group id" },
	{ "{\"process\":{\"user\":{\"uid\":\"0\"}}}",
	  "line 1, column 29: process.user.uid: is a string; it must be a number" },
	{ "{\"process\":{\"user\":\"root\"}}",
	  "line 1, column 25: process.user.uid: is a string; it must be an object" },
	{ "{\"process\":[]}",
	  "line 1, column 12: process.user.uid: is an array; it must be an object" },
	{ "{\"process\":{\"env\":{}}}",
	  "line 1, column 19: process.env[]: is an object; it must be an array" },
	{ "{\"process\":{\"env\":[1]}}",
	  "line 1, column 20: process.env[]: is a number; it must be a string" },
	{ "{\"process\":{\"capabilities\":{\"bounding\":\"CAP_BPF\"}}}",
	  "line 1, column 48: process.capabilities.bounding[]: is a string; it must be an array" },
	{ "{\"process\":{\"capabilities\":[\"CAP_BPF\"]}}",
	  "line 1, column 28: process.capabilities.bounding[]: is an array; it must be an object" },
	{ "{\"mounts\":{}}", "line 1, column 11: mounts[]: is an object; it must be an array" },
	{ "{\"mounts\":[\"/sys\"]}",
	  "line 1, column 17: mounts[]: is a string; it must be an object" },
	{ "{\"mounts\":[{}]}", "line 1, column 13: mounts[]: has no destination" },
	{ "{\"mounts\":[{\"destination\":\"/a\"},{\"type\":\"x\",\n\"options\":[]}]}",
	  "line 2, column 13: mounts[]: has no destination" },
	{ "{\"mounts\":[{\"destination\":null}]}",
	  "line 1, column 31: mounts[]: has no destination" },
	{ "{\"mounts\":[{\"destination\":\"/a\",\"options\":\"ro\"}]}",
	  "line 1, column 45: mounts[].options[]: is a string; it must be an array" },
	{ "{\"linux\":{\"maskedPaths\":[7]}}",
	  "line 1, column 26: linux.maskedPaths[]: is a number; it must be a string" },
	{ "{\"linux\":{\"mountLabel\":false}}",
	  "line 1, column 28: linux.mountLabel: is true or false; it must be a string" },
	/* what runc takes for another member, whose value it then has twice */
	{ "{\"Process\":{}}", "line 1, column 10: member \"Process\" differs from \"process\" only "
			      "in case, and runtimes disagree on what that means; write "
			      "\"process\"" },
	{ "{\"process\":{\"capabilities\":{\"BOUNDING\":[\"CAP_BPF\"]}}}",
	  "line 1, column 38: member \"BOUNDING\" differs from \"bounding\" only in case, @@" },
	{ "{\"process\":{\"capabilitie\xc5\xbf\":null}}",
	  "line 1, column 27: member \"capabilitie\\xc5\\xbf\" differs from \"capabilities\" only "
	  "in case, @@" },
	{ "{\"linux\":{\"mas\xe2\x84\xaa"
	  "edPaths\":[]}}",
	  "line 1, column 25: member \"mas\\xe2\\x84\\xaaedPaths\" differs from \"maskedPaths\" "
	  "only in case, @@" },
	{ "{\"hooks\":{\"a\":1,\"a\":2}}",
	  "line 1, column 19: member \"a\" stands twice in one object" },
	{ "{\"process\":{\"env\":[\"A=\xed\xa0\x80\"]}}",
	  "line 1, column 24: a byte that is not UTF-8" },
	{ "{" ROOT "}{}", "line 1, column 22: not JSON: parse error: trailing garbage" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		size_t len = strlen(refused[i].json);

		for (size_t chunk = 0; chunk <= len + 1; chunk++) {
			struct config config = { 0 };
			struct err err = { 0 };
			int r = parse_config(refused[i].json, len, chunk, &config, &err);

			expect_refusal(refused[i].json, r, &err, EX_DATAERR, refused[i].want);
			assert_null(config.root_path);
		}
	}
}

/* 10 MB are read; one byte over 16 MiB is refused. */
static void test_sizes(void **state)
{
	const size_t most = CONFIG_MAX_BYTES + 1;
	char *json = malloc(most);
	struct config config = { 0 };
	struct err err = { 0 };
	struct source_memory source;

	(void)state;
	assert_non_null(json);
	memset(json, ' ', most);
	memcpy(json, "{" ROOT, sizeof("{" ROOT) - 1);
	json[10 * 1000 * 1000] = '}';
	source = source_memory(json, most - 1, 0);
	expect_success("16 MiB", config_parse(&source.source, &config, &err), &err);
	config_done(&config);
	source = source_memory(json, most, 0);
	expect_refusal("one more", config_parse(&source.source, &config, &err), &err, EX_DATAERR,
		       "it is longer than 16777216 bytes: File too large");
	free(json);
}

/* ---- paths ---- */

static const struct {
	const char *masked, *path;
	bool want;
} masks[] = {
	{ "", "/sys/fs/bpf", false },
	{ "\"/sys/fs/bpf\"", "/sys/fs/bpf", true },
	{ "\"/sys/fs/\"", "/sys/fs/bpf", true },
	{ "\"/proc\",\"/sys\"", "/sys/fs/bpf", true },
	{ "\"/sys/fs/bpf/x\"", "/sys/fs/bpf", false },
	{ "\"/sys/fs/bp\"", "/sys/fs/bpf", false },
	{ "\"/sys/firmware\",\"/sys/dev/block\"", "/sys/fs/bpf", false },
	{ "\"/\"", "/run/bpf", true },
};

/* Paths in every spelling that runtimes take for the same. */
static const struct {
	const char *written, *want;
} spellings[] = {
	{ "/sys/fs/bpf", "/sys/fs/bpf" },
	{ "/sys/fs/bpf/", "/sys/fs/bpf" },
	{ "//sys///fs/bpf//", "/sys/fs/bpf" },
	{ "/./sys/./fs/bpf/.", "/sys/fs/bpf" },
	{ "sys/fs/bpf", "/sys/fs/bpf" },
	{ "./sys/fs/bpf", "/sys/fs/bpf" },
	{ "/run/../sys/fs/bpf", "/sys/fs/bpf" },
	{ "/sys/fs/x/y/../../bpf", "/sys/fs/bpf" },
	{ "/../../sys/fs/bpf", "/sys/fs/bpf" },
	{ "../sys/fs/bpf", "/sys/fs/bpf" },
	{ "/sys/fs/bpf/x/..", "/sys/fs/bpf" },
	{ "/", "/" },
	{ "", "/" },
	{ ".", "/" },
	{ "..", "/" },
	{ "/..", "/" },
	{ "/a/..", "/" },
	{ "a/../..", "/" },
	{ "//", "/" },
	{ "/...", "/..." },
	{ "/..a/.b/c..", "/..a/.b/c.." },
	{ "/a/...//..", "/a" },
	{ "/ /\\n", "/ /\n" },
};

static void test_spellings_of_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(spellings); i++) {
		char json[400];
		struct config config;

		snprintf(json, sizeof(json),
			 "{" ROOT ",\"mounts\":[{\"destination\":\"%s\"}],"
			 "\"linux\":{\"maskedPaths\":[\"%s\"]}}",
			 spellings[i].written, spellings[i].written);
		config = config_of(json);
		expect_text(json, config.mounts[0].destination, spellings[i].want);
		expect_text(json, config.masked_paths[0], spellings[i].want);
		config_done(&config);
	}
}

static void test_masks(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(masks); i++) {
		char json[200];
		struct config config;

		snprintf(json, sizeof(json), "{" ROOT ",\"linux\":{\"maskedPaths\":[%s]}}",
			 masks[i].masked);
		config = config_of(json);
		if (config_masks(&config, masks[i].path) != masks[i].want)
			fail_msg("%s: %s", json, masks[i].path);
		config_done(&config);
	}
}

#define MOUNT(destination, options)                                                                \
	"{\"destination\":\"" destination "\",\"options\":[" options "]}"

static const struct {
	const char *mounts, *path, *want; /* want: the volume that is mounted shared */
} volumes[] = {
	{ "", "/sys/fs/bpf", NULL },
	{ MOUNT("/sys", "\"ro\""), "/sys/fs/bpf", NULL },
	{ MOUNT("/sys", "\"rbind\",\"rshared\""), "/sys/fs/bpf", "/sys" },
	{ MOUNT("/sys", "\"shared\",\"ro\""), "/sys/fs/bpf", "/sys" },
	{ MOUNT("/sys", "\"rslave\",\"private\""), "/sys/fs/bpf", NULL },
	{ MOUNT("/sys", "\"SHARED\",\"sharedx\",\"share\""), "/sys/fs/bpf", NULL },
	{ MOUNT("/", "\"shared\""), "/sys/fs/bpf", "/" },
	{ MOUNT("/sys/fs/bpf", "\"shared\""), "/sys/fs/bpf", "/sys/fs/bpf" },
	{ MOUNT("/sys/fs/bpf/x", "\"shared\""), "/sys/fs/bpf", NULL },
	{ MOUNT("/sysx", "\"shared\""), "/sys/fs/bpf", NULL },
	/* the last mount that covers the path hides those before it */
	{ MOUNT("/sys", "\"shared\"") "," MOUNT("/sys/fs", ""), "/sys/fs/bpf", NULL },
	{ MOUNT("/sys/fs", "\"shared\"") "," MOUNT("/sys", ""), "/sys/fs/bpf", NULL },
	{ MOUNT("/sys", "") "," MOUNT("/sys/fs", "\"shared\""), "/sys/fs/bpf", "/sys/fs" },
	{ MOUNT("/sys", "\"shared\"") "," MOUNT("/run", ""), "/sys/fs/bpf", "/sys" },
	{ MOUNT("/run", "\"shared\"") "," MOUNT("/run", ""), "/run/bpf", NULL },
	{ "{\"destination\":\"/run\"}", "/run/bpf", NULL },
};

static void test_shared_volumes(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(volumes); i++) {
		char json[300];
		struct config config;
		const char *got;

		snprintf(json, sizeof(json), "{" ROOT ",\"mounts\":[%s]}", volumes[i].mounts);
		config = config_of(json);
		got = config_shared_volume(&config, volumes[i].path);
		expect_text(json, got ? got : "none", volumes[i].want ? volumes[i].want : "none");
		config_done(&config);
	}
}

static const struct {
	const char *mounts, *path, *want;
} read_only[] = {
	{ "", "/run/bpf", NULL },
	{ MOUNT("/run", "\"rw\""), "/run/bpf", NULL },
	{ MOUNT("/run", "\"nosuid\",\"ro\""), "/run/bpf", "/run" },
	{ MOUNT("/run", "\"rro\""), "/run/bpf", "/run" },
	{ MOUNT("/run", "\"RO\",\"roo\",\"r\""), "/run/bpf", NULL },
	{ MOUNT("/run/", "\"ro\""), "/run/bpf", "/run" },
	{ MOUNT("/run", "\"ro\"") "," MOUNT("/run/bpf", ""), "/run/bpf", NULL },
	{ MOUNT("/run/bpf", "") "," MOUNT("/run", "\"ro\""), "/run/bpf", "/run" },
	{ MOUNT("/run", "\"ro\"") "," MOUNT("/sys", ""), "/run/bpf", "/run" },
	{ MOUNT("/", "\"ro\""), "/run/bpf", "/" },
	{ MOUNT("/run", "\"ro\",\"shared\""), "/run/bpf", "/run" },
};

static void test_read_only_volumes(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(read_only); i++) {
		char json[300];
		struct config config;
		const char *got;

		snprintf(json, sizeof(json), "{" ROOT ",\"mounts\":[%s]}", read_only[i].mounts);
		config = config_of(json);
		got = config_read_only_volume(&config, read_only[i].path);
		expect_text(json, got ? got : "none",
			    read_only[i].want ? read_only[i].want : "none");
		config_done(&config);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_config),
		cmocka_unit_test(test_a_config_cut_short),
		cmocka_unit_test(test_what_is_absent),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_the_token_path_in_the_environment),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_spellings_of_paths),
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_shared_volumes),
		cmocka_unit_test(test_read_only_volumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
