/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of hook/plan: what is to be done, where it cannot be, and how it is shown. */

#include "tests/unit/support.h"

#include <limits.h>
#include <linux/bpf.h>

#include "hook/plan.h"

#define BIT(n) (UINT64_C(1) << (n))

/* What a plan is made of, in short. */
struct facts {
	const char *path, *owner, *mode; /* words of the request; NULL: the default */
	const char *root;		 /* config.json's root.path */
	const char *config;		 /* its other members, with a comma before them */
	const char *uids, *gids;	 /* id maps; NULL: 0 1000000 65536 */
};

/* A plan, and what it points into. */
struct made {
	struct state state;
	struct config config;
	struct request request;
	struct idmap uids, gids;
	struct plan plan;
};

static int make(const struct facts *facts, struct made *made, struct err *err)
{
	static const char map[] = "0 1000000 65536\n";
	const struct delegation granted = { { BIT(BPF_PROG_LOAD), 0, DELEGATION_ANY, 0 } };
	const struct request_words words = { { [REQUEST_CMDS] = "prog_load",
					       [REQUEST_PATH] = facts->path,
					       [REQUEST_MODE] = facts->mode,
					       [REQUEST_OWNER] = facts->owner } };
	const struct plan_facts all = { &made->state, &made->config, &made->request, &made->uids,
					&made->gids };
	const char *uids = facts->uids != NULL ? facts->uids : map;
	const char *gids = facts->gids != NULL ? facts->gids : map;
	char json[1024];

	snprintf(json, sizeof(json), "{\"root\":{\"path\":\"%s\"}%s}",
		 facts->root != NULL ? facts->root : "rootfs", facts->config ? facts->config : "");
	made->state = state_of("{\"id\":\"i\",\"bundle\":\"/run/b\",\"pid\":77}");
	made->config = config_of(json);
	assert_int_equal(idmap_parse(uids, strlen(uids), &made->uids), 0);
	assert_int_equal(idmap_parse(gids, strlen(gids), &made->gids), 0);
	expect_success("request",
		       request_make(&words, REQUEST_FROM_ANNOTATIONS, &made->request, err), err);
	return plan_make(&all, &granted, &made->plan, err);
}

static void made_done(struct made *made)
{
	state_done(&made->state);
	config_done(&made->config);
	request_done(&made->request);
	idmap_done(&made->uids);
	idmap_done(&made->gids);
}

/* ---- good plans ---- */

#define USER ",\"process\":{\"user\":{\"uid\":1000,\"gid\":100}}"

static const struct {
	struct facts facts;
	const char *root;
	uid_t uid;
	gid_t gid;
	mode_t mode;
	const char *path;
} plans[] = {
	{ { 0 }, "/run/b/rootfs", 1000000, 1000000, 0700, "/sys/fs/bpf" },
	{ { .root = "/var/lib/x/merged" },
	  "/var/lib/x/merged",
	  1000000,
	  1000000,
	  0700,
	  "/sys/fs/bpf" },
	{ { .root = "../r" }, "/run/b/../r", 1000000, 1000000, 0700, "/sys/fs/bpf" },
	{ { .root = "." }, "/run/b/.", 1000000, 1000000, 0700, "/sys/fs/bpf" },
	{ { .path = "/run/bpf", .mode = "0755" },
	  "/run/b/rootfs",
	  1000000,
	  1000000,
	  0755,
	  "/run/bpf" },
	{ { .owner = "root", .config = USER },
	  "/run/b/rootfs",
	  1000000,
	  1000000,
	  0700,
	  "/sys/fs/bpf" },
	{ { .owner = "user", .config = USER },
	  "/run/b/rootfs",
	  1001000,
	  1000100,
	  0700,
	  "/sys/fs/bpf" },
	{ { .owner = "user" }, "/run/b/rootfs", 1000000, 1000000, 0700, "/sys/fs/bpf" },
	{ { .owner = "65535:7", .mode = "0" },
	  "/run/b/rootfs",
	  1065535,
	  1000007,
	  0,
	  "/sys/fs/bpf" },
	{ { .owner = "5:6", .uids = "0 1000 1\n5 7 1\n", .gids = "0 3000 1\n1 100000 65535\n" },
	  "/run/b/rootfs",
	  7,
	  100005,
	  0700,
	  "/sys/fs/bpf" },
	{ { .uids = "0 0 4294967295\n", .gids = "0 0 4294967295\n" },
	  "/run/b/rootfs",
	  0,
	  0,
	  0700,
	  "/sys/fs/bpf" },
	/* near misses of the places that cannot be */
	{ { .path = "/process" }, "/run/b/rootfs", 1000000, 1000000, 0700, "/process" },
	{ { .path = "/devices/x" }, "/run/b/rootfs", 1000000, 1000000, 0700, "/devices/x" },
	{ { .path = "/run/proc/x" }, "/run/b/rootfs", 1000000, 1000000, 0700, "/run/proc/x" },
	{ { .config = ",\"linux\":{\"maskedPaths\":[\"/sys/firmware\",\"/sys/fs/bpf/x\"]}" },
	  "/run/b/rootfs",
	  1000000,
	  1000000,
	  0700,
	  "/sys/fs/bpf" },
	{ { .config = ",\"mounts\":[{\"destination\":\"/run\",\"options\":[\"shared\"]}]" },
	  "/run/b/rootfs",
	  1000000,
	  1000000,
	  0700,
	  "/sys/fs/bpf" },
};

static void test_plans(void **state)
{
	static struct made made;

	(void)state;
	for (size_t i = 0; i < LENGTH(plans); i++) {
		struct err err = { 0 };
		const struct plan *plan = &made.plan;

		expect_success(plans[i].path, make(&plans[i].facts, &made, &err), &err);
		assert_int_equal(plan->pid, 77);
		expect_text("root", plan->root, plans[i].root);
		expect_text("path", plan->path, plans[i].path);
		assert_true(plan->uid == plans[i].uid && plan->gid == plans[i].gid);
		assert_int_equal(plan->mode, plans[i].mode);
		assert_true(plan->delegation.masks[NAMES_CMDS] == BIT(BPF_PROG_LOAD));
		assert_true(plan->delegation.masks[NAMES_PROGS] == DELEGATION_ANY);
		made_done(&made);
	}
}

/* A missing directory is made by the container's root, whoever will own the bpffs. */
static void test_whose_directory(void **state)
{
	const struct facts facts = { .owner = "5:6", .uids = "0 1000 10\n", .gids = "0 3000 10\n" };
	static struct made made;
	struct err err = { 0 };

	(void)state;
	expect_success("5:6", make(&facts, &made, &err), &err);
	assert_true(made.plan.root_uid == 1000 && made.plan.root_gid == 3000);
	assert_true(made.plan.uid == 1005 && made.plan.gid == 3006);
	made_done(&made);
}

/* A volume that is mounted read-only is for whoever makes a missing directory to know. */
static void test_read_only_volumes(void **state)
{
	static struct made made;
	struct facts facts = {
		.path = "/run/bpf",
		.config = ",\"mounts\":[{\"destination\":\"/run\",\"options\":[\"ro\"]}]",
	};
	struct err err = { 0 };

	(void)state;
	expect_success("on it", make(&facts, &made, &err), &err);
	expect_text("volume", made.plan.read_only ? made.plan.read_only : "none", "/run");
	made_done(&made);
	facts.path = NULL;
	expect_success("elsewhere", make(&facts, &made, &err), &err);
	assert_null(made.plan.read_only);
	made_done(&made);
}

/* ---- refused ---- */

#define USES(path, dir)                                                                            \
	"path \"" path "\": runtimes use " dir " after the hooks; choose another path, for "       \
	"example /sys/fs/bpf"
#define MASKED(path)                                                                               \
	"path \"" path "\": linux.maskedPaths of config.json covers it, so the bpffs would be "    \
	"hidden; choose another path or remove that mask"
#define SHARED(path, volume)                                                                       \
	"path \"" path "\": it lies on volume \"" volume "\", which config.json mounts shared, "   \
	"so the bpffs would reach the host; choose another path or mount it private"
#define UNMAPPED(whose, what, map)                                                                 \
	"container: " whose " (" what ") has no id on the host; map that " map " in the "          \
	"container's user namespace"

static const struct {
	struct facts facts;
	int code;
	const char *want;
} refused[] = {
	{ { .path = "/proc" }, EX_DATAERR, USES("/proc", "/proc") },
	{ { .path = "/proc/self/x" }, EX_DATAERR, USES("/proc/self/x", "/proc") },
	{ { .path = "/dev" }, EX_DATAERR, USES("/dev", "/dev") },
	{ { .path = "/dev/shm/bpf" }, EX_DATAERR, USES("/dev/shm/bpf", "/dev") },
	{ { .config = ",\"linux\":{\"maskedPaths\":[\"/proc/kcore\",\"/sys/fs\"]}" },
	  EX_DATAERR,
	  MASKED("/sys/fs/bpf") },
	{ { .path = "/run/a\"b", .config = ",\"linux\":{\"maskedPaths\":[\"/run/a\\\"b\"]}" },
	  EX_DATAERR,
	  MASKED("/run/a\\\"b") },
	{ { .config = ",\"mounts\":[{\"destination\":\"/"
		      "sys\",\"options\":[\"rbind\",\"rshared\"]}]" },
	  EX_DATAERR,
	  SHARED("/sys/fs/bpf", "/sys") },
	{ { .path = "/v/x",
	    .config = ",\"mounts\":[{\"destination\":\"/v\\u001b\",\"options\":[\"shared\"]},"
		      "{\"destination\":\"/v\",\"options\":[\"shared\"]}]" },
	  EX_DATAERR,
	  SHARED("/v/x", "/v") },
	{ { .uids = "1 1000000 65535\n" }, EX_UNAVAILABLE, UNMAPPED("its root", "user 0", "user") },
	{ { .gids = "1 1000000 65535\n" },
	  EX_UNAVAILABLE,
	  UNMAPPED("its root", "group 0", "group") },
	{ { .uids = "" }, EX_UNAVAILABLE, UNMAPPED("its root", "user 0", "user") },
	{ { .owner = "user", .config = ",\"process\":{\"user\":{\"uid\":65536}}" },
	  EX_UNAVAILABLE,
	  UNMAPPED("process.user", "user 65536", "user") },
	{ { .owner = "user", .config = ",\"process\":{\"user\":{\"gid\":4294967294}}" },
	  EX_UNAVAILABLE,
	  UNMAPPED("process.user", "group 4294967294", "group") },
	{ { .owner = "70000:0" },
	  EX_UNAVAILABLE,
	  UNMAPPED("the owner asked for", "user 70000", "user") },
	{ { .owner = "0:70000" },
	  EX_UNAVAILABLE,
	  UNMAPPED("the owner asked for", "group 70000", "group") },
};

static void test_refused(void **state)
{
	static struct made made;

	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		struct err err = { 0 };

		expect_refusal(refused[i].want, make(&refused[i].facts, &made, &err), &err,
			       refused[i].code, refused[i].want);
		made_done(&made);
	}
}

/* bundle and root.path together may be 4,095 bytes. */
static void test_long_roots(void **state)
{
	char *json = malloc(2 * PATH_MAX);
	static struct plan plan;

	(void)state;
	assert_non_null(json);
	for (int len = PATH_MAX - 8 - 3; len < PATH_MAX - 8 + 3; len++) { /* 8: "/run/b/" and NUL */
		struct state run = state_of("{\"id\":\"i\",\"bundle\":\"/run/b\",\"pid\":77}");
		struct idmap_extent extent = { 0, 1, 1 };
		const struct idmap map = { &extent, 1 };
		char path[] = "/sys/fs/bpf";
		struct request request = { .path = path };
		const struct delegation granted = { { 1, 0, 0, 0 } };
		struct config config;
		struct err err = { 0 };
		int r;

		sprintf(json, "{\"root\":{\"path\":\"%0*d\"}}", len, 0);
		config = config_of(json);
		r = plan_make(&(struct plan_facts){ &run, &config, &request, &map, &map }, &granted,
			      &plan, &err);
		if (len <= PATH_MAX - 8)
			expect_success("root", r, &err);
		else
			expect_refusal("root", r, &err, EX_DATAERR,
				       "config.json: root.path: File name too long");
		config_done(&config);
		state_done(&run);
	}
	free(json);
}

/* ---- how it is shown ---- */

static void test_the_plan_in_words(void **state)
{
	struct plan plan = {
		.pid = 77,
		.root = "/run/b \"x\"/\x1b\n",
		.path = "/sys/fs/bpf",
		.delegation = { { BIT(BPF_MAP_CREATE) | BIT(BPF_PROG_LOAD), 0, DELEGATION_ANY,
				  BIT(BPF_XDP) | BIT(63) } },
		.uid = 100000,
		.gid = 4294967294,
		.mode = 0750,
	};
	char buf[1024], want[1024];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof(buf));
	plan_add_text(&plan, &text);
	snprintf(want, sizeof(want),
		 "pid: 77\nroot: \"/run/b \\\"x\\\"/\\x1b\\n\"\npath: \"/sys/fs/bpf\"\n"
		 "owner: 100000:4294967294 on the host\nmode: 1750\n"
		 "delegate_cmds: map_create:prog_load (0x21)\ndelegate_progs: any\n"
		 "delegate_attachs: xdp:0x8000000000000000 (0x%llx)\n",
		 (unsigned long long)plan.delegation.masks[NAMES_ATTACHS]);
	expect_text("plan", buf, want);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_whose_directory),
		cmocka_unit_test(test_read_only_volumes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long_roots),
		cmocka_unit_test(test_the_plan_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
