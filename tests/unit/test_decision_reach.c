/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of hook/decision: what reaches the host. */

#include "tests/unit/support_decision.h"

#include <linux/bpf.h>

#define REACHES(what)                                                                              \
	"policy: rule 1 (line 1) does not allow \"hostReach\", and " what "; to allow it, @@"
#define WHOLE	" can reach the whole host"
#define NETWORK " can reach the host's network, which the container shares"
#define CGROUPS " can reach the host's cgroups, whose namespace the container shares"
#define MEMORY                                                                                     \
	" with CAP_PERFMON or CAP_SYS_ADMIN in the container's bounding set can read the "         \
	"host's kernel memory"
#define MAP_CREATE "map_create"

static const struct {
	struct question question;
	const char *want;
} reaches[] = {
	/* nothing that reaches further */
	{ { ASKS(MAP_CREATE, NULL, NULL, NULL), UID }, NULL },
	{ { ASKS(MAP_CREATE, "hash", "xdp,socket_filter", "any"), UID }, NULL },
	{ { ASKS(MAP_CREATE, NULL, "cgroup_skb,sock_ops", NULL), UID }, NULL },
	/* types that see the whole host */
	{ { ASKS(MAP_CREATE, NULL, "kprobe", NULL), UID }, REACHES("progs kprobe" WHOLE) },
	{ { ASKS(MAP_CREATE, NULL, "xdp,tracing,lsm", NULL), UID },
	  REACHES("progs tracing,lsm" WHOLE) },
	{ { ASKS(MAP_CREATE, "struct_ops,hash", NULL, NULL), UID },
	  REACHES("maps struct_ops" WHOLE) },
	{ { ASKS("map_create,btf_get_fd_by_id", NULL, NULL, NULL), UID },
	  REACHES("cmds btf_get_fd_by_id" WHOLE) },
	{ { ASKS("btf_get_fd_by_id", "struct_ops", "syscall", NULL), UID },
	  REACHES("cmds btf_get_fd_by_id" WHOLE ", and maps struct_ops" WHOLE
		  ", and progs syscall" WHOLE) },
	/* any */
	{ { ASKS("any", NULL, NULL, NULL), UID }, REACHES("cmds any" WHOLE) },
	{ { ASKS(MAP_CREATE, "any", NULL, NULL), UID }, REACHES("maps any" WHOLE) },
	{ { ASKS(MAP_CREATE, NULL, "any", NULL), UID }, REACHES("progs any" WHOLE) },
	{ { ASKS(MAP_CREATE, NULL, NULL, "any"), UID }, NULL },
	{ { ASKS(MAP_CREATE, NULL, "any", NULL), UID, .host_network = true, .host_cgroup = true },
	  REACHES("progs any" WHOLE) },
	/* the host's network */
	{ { ASKS(MAP_CREATE, NULL, "xdp,sched_cls,cgroup_skb", NULL), UID, .host_network = true },
	  REACHES("progs sched_cls,xdp" NETWORK) },
	{ { ASKS(MAP_CREATE, "hash", NULL, "any"), UID, .host_network = true }, NULL },
	{ { ASKS(MAP_CREATE, NULL, "cgroup_skb", NULL), UID, .host_network = true }, NULL },
	/* the host's cgroups */
	{ { ASKS(MAP_CREATE, NULL, "xdp,cgroup_skb,sock_ops", NULL), UID, .host_cgroup = true },
	  REACHES("progs cgroup_skb,sock_ops" CGROUPS) },
	{ { ASKS(MAP_CREATE, NULL, "xdp", NULL), UID, .host_cgroup = true }, NULL },
	{ { ASKS(MAP_CREATE, NULL, "xdp,cgroup_skb,kprobe", NULL), UID, .host_network = true,
	    .host_cgroup = true },
	  REACHES("progs kprobe" WHOLE ", and progs xdp" NETWORK
		  ", and progs cgroup_skb" CGROUPS) },
	/* capabilities that let any program read kernel memory */
	{ { ASKS("prog_load", NULL, NULL, NULL), UID, .bounding = CAP(PERFMON) },
	  REACHES("cmds prog_load" MEMORY) },
	{ { ASKS("map_create,prog_load", NULL, NULL, NULL), UID, .bounding = CAP(SYS_ADMIN) },
	  REACHES("cmds prog_load" MEMORY) },
	{ { ASKS("prog_load", NULL, "socket_filter", NULL), UID,
	    .bounding = CAP(PERFMON) | CAP(SYS_ADMIN) | CAP(BPF) },
	  REACHES("cmds prog_load" MEMORY) },
	{ { ASKS(MAP_CREATE, "hash", "xdp", NULL), UID, .bounding = CAP(PERFMON) | CAP(SYS_ADMIN) },
	  NULL },
	{ { ASKS("prog_load", "hash", "xdp", NULL), UID,
	    .bounding = ~(CAP(PERFMON) | CAP(SYS_ADMIN)) },
	  NULL },
	{ { ASKS("any", NULL, NULL, NULL), UID, .bounding = CAP(PERFMON) },
	  REACHES("cmds any" WHOLE ", and cmds any" MEMORY) },
};

/* Everything that a rule objects to is named at once. */
static void test_all_objections(void **state)
{
	static const struct row rows[] = {
		{ RULES(ALLOW("", "")),
		  { .word = { [REQUEST_CMDS] = "prog_load",
			      [REQUEST_PROGS] = "kprobe",
			      [REQUEST_PATH] = "/run/x" },
		    UID },
		  BEYOND("cmds prog_load; progs kprobe; path \"/run/x\"; \"hostReach\", and progs "
			 "kprobe can reach the whole host") },
		{ RULES(ALLOW("", LOAD)),
		  { .word = { [REQUEST_CMDS] = "prog_load", [REQUEST_PATH] = "/run/x" },
		    UID,
		    .bounding = CAP(PERFMON) },
		  BEYOND("path \"/run/x\"; \"hostReach\", and cmds prog_load" MEMORY) },
		{ RULES(ALLOW("", LOAD ",\"hostReach\":true")),
		  { .word = { [REQUEST_CMDS] = "prog_load",
			      [REQUEST_PROGS] = "kprobe",
			      [REQUEST_PATH] = "/run/x" },
		    UID },
		  BEYOND("progs kprobe; path \"/run/x\"") },
	};

	(void)state;
	expect_rows(rows, LENGTH(rows));
}

/* Each without "hostReach", with it false, and with it true: then all of it is granted. */
static void test_host_reach(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(reaches); i++) {
		expect_decision(RULES(ALLOW("", ANY4)), &reaches[i].question, EX_NOPERM,
				reaches[i].want);
		expect_decision(RULES(ALLOW("", ANY4 ",\"hostReach\":false")), &reaches[i].question,
				EX_NOPERM, reaches[i].want);
		expect_decision(RULES(ALLOW("", ANY4 ",\"hostReach\":true")), &reaches[i].question,
				EX_NOPERM, NULL);
	}
}

/* Every program type, by its class, in every situation. */
static void test_host_reach_of_each_type(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		struct delegation delegation = { { [NAMES_PROGS] = BIT(bit) } };
		enum names_class class = names_prog_class(bit);

		for (unsigned situation = 0; situation < 4; situation++) {
			struct subject subject = { .host_network = (situation & 1) != 0,
						   .host_cgroup = (situation & 2) != 0,
						   .bounding = UINT64_MAX };
			bool want = class == NAMES_CLASS_HOST || class == NAMES_CLASS_NONE ||
				    (class == NAMES_CLASS_NET && subject.host_network) ||
				    (class == NAMES_CLASS_CGROUP && subject.host_cgroup);
			char buf[256];
			struct text why;

			text_init(&why, buf, sizeof(buf));
			if (decision_host_reach(&delegation, &subject, &why) != want)
				fail_msg("progs bit %u, situation %u: %s", bit, situation, buf);
			assert_int_equal(why.len != 0, want);
		}
	}
}

/* Of the other lists: everything newer than the build, and two known bits. */
static void test_host_reach_of_other_lists(void **state)
{
	const struct subject subject = { .host_network = true, .host_cgroup = true };

	(void)state;
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		for (unsigned bit = 0; list != NAMES_PROGS && bit < 64; bit++) {
			struct delegation delegation = { { 0 } };
			bool newer = (names_known(list) & BIT(bit)) == 0;
			bool want =
				(list == NAMES_CMDS && (newer || bit == BPF_BTF_GET_FD_BY_ID)) ||
				(list == NAMES_MAPS && (newer || bit == BPF_MAP_TYPE_STRUCT_OPS));
			char buf[256];
			struct text why;

			delegation.masks[list] = BIT(bit);
			text_init(&why, buf, sizeof(buf));
			if (decision_host_reach(&delegation, &subject, &why) != want)
				fail_msg("%s bit %u: %s", names_key(list), bit, buf);
		}
	}
}

/* A number that a profile holds reaches the host when this build has no name for its bits. */
static void test_host_reach_of_numbers_in_profiles(void **state)
{
	const struct question question = { PROFILE("n"), UID };

	(void)state;
	expect_decision(WITH("\"n\":{\"cmds\":\"0x8000000000000020\"}",
			     ALLOW("", "\"profiles\":\"n\"")),
			&question, EX_NOPERM, REACHES("cmds 0x8000000000000000" WHOLE));
	expect_decision(WITH("\"n\":{\"cmds\":\"0x20\",\"progs\":\"0x8000000000000040\"}",
			     ALLOW("", "\"profiles\":\"n\"")),
			&question, EX_NOPERM, REACHES("progs 0x8000000000000000" WHOLE));
	expect_decision(WITH("\"n\":{\"cmds\":\"0x20\",\"progs\":\"0x40\",\"attachs\":"
			     "\"0x8000000000000000\"}",
			     ALLOW("", "\"profiles\":\"n\"")),
			&question, EX_NOPERM, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_objections),
		cmocka_unit_test(test_host_reach),
		cmocka_unit_test(test_host_reach_of_each_type),
		cmocka_unit_test(test_host_reach_of_other_lists),
		cmocka_unit_test(test_host_reach_of_numbers_in_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
