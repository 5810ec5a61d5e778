/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/missing: what keeps a delegation from being of use. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/host/missing.h"

#define BPF (1ull << 39)

/* A container to which nothing is missing. */
static struct missing_facts good_facts(const struct granted *granted)
{
	return (struct missing_facts){
		.granted = granted,
		.path = "/sys/fs/bpf",
		.root = "/",
		.pid = 42,
		.status = { .effective = BPF, .bounding = BPF },
		.owner_mapped = true,
	};
}

static struct granted granted_of(const char *options)
{
	struct granted granted;

	granted_parse(options, &granted);
	return granted;
}

static const char whole[] = "delegate_cmds=map_create:prog_load,delegate_maps=array,"
			    "delegate_progs=xdp,delegate_attachs=xdp";

static void expect_missing(const char *label, const struct missing_facts *facts, const char *want)
{
	struct missing missing;

	missing_collect(facts, &missing);
	if (want == NULL) {
		if (missing.n != 0)
			fail_msg("%s: %s", label, missing.text[0]);
		return;
	}
	assert_int_equal(missing.n, 1);
	expect_like(label, missing.text[0], want);
}

static void test_nothing(void **state)
{
	struct granted granted = granted_of(whole);
	struct missing_facts facts = good_facts(&granted);

	(void)state;
	expect_missing("nothing", &facts, NULL);
}

static void test_lists(void **state)
{
	static const struct {
		const char *options, *want;
	} cases[] = {
		{ "delegate_maps=array", "it delegates no command, @@" },
		{ "delegate_cmds=link_create:prog_attach",
		  "its commands are none that the kernel @@" },
		{ "delegate_cmds=map_create", "map_create without a map type @@" },
		{ "delegate_cmds=prog_load,delegate_attachs=xdp",
		  "prog_load without a program type @@" },
		{ "delegate_cmds=prog_load,delegate_progs=xdp",
		  "prog_load without an attach type @@" },
		{ "delegate_cmds=btf_load", NULL },
		{ "delegate_cmds=any,delegate_maps=any,delegate_progs=any,delegate_attachs=any",
		  NULL },
		/* a newer kernel's words are words all the same */
		{ "delegate_cmds=map_create,delegate_maps=quantum", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct granted granted = granted_of(cases[i].options);
		struct missing_facts facts = good_facts(&granted);

		expect_missing(cases[i].options, &facts, cases[i].want);
	}
}

static void test_mount(void **state)
{
	struct granted granted = granted_of(whole);
	struct missing_facts facts = good_facts(&granted);

	(void)state;
	facts.hidden = true;
	expect_missing("hidden", &facts, "another mount hides it; @@");
	facts = good_facts(&granted);
	facts.root = "/pins";
	expect_missing("root", &facts, "only a directory of the bpffs @@");
	facts = good_facts(&granted);
	facts.path = "/run/bpf";
	expect_missing("path", &facts, "@@set LIBBPF_BPF_TOKEN_PATH@@");
}

static void test_process(void **state)
{
	struct granted granted = granted_of(whole);
	struct missing_facts facts = good_facts(&granted);

	(void)state;
	facts.status.bounding = facts.status.effective = 0;
	expect_missing("bounding", &facts, "process 42 has no CAP_BPF in its bounding set; @@");
	facts = good_facts(&granted);
	facts.status.effective = ~BPF;
	expect_missing("effective", &facts, "process 42 has no effective CAP_BPF; @@");
	facts = good_facts(&granted);
	facts.status.seccomp = 2;
	expect_missing("seccomp", &facts, "a seccomp filter holds process 42, @@");
	facts = good_facts(&granted);
	facts.owner_mapped = false;
	expect_missing("owner", &facts,
		       "its owner has no id in the user namespace of process 42, @@");
	facts.other_user_namespace = true;
	expect_missing("other", &facts, "process 42 is in another user namespace @@");
	facts.host_user_namespace = true;
	expect_missing("host", &facts, "process 42 is in the host's user namespace, @@");
}

/* All at once: there is room, and none is cut. */
static void test_everything(void **state)
{
	struct granted granted = granted_of("delegate_cmds=map_create:prog_load");
	struct missing_facts facts = { .granted = &granted,
				       .path = "/x",
				       .root = "/y",
				       .hidden = true,
				       .pid = 4194304,
				       .status.seccomp = 2 };
	struct missing missing;

	(void)state;
	missing_collect(&facts, &missing);
	assert_int_equal(missing.n, 9);
	for (size_t i = 0; i < missing.n; i++)
		assert_null(strstr(missing.text[i], "..."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),	   cmocka_unit_test(test_lists),
		cmocka_unit_test(test_mount),	   cmocka_unit_test(test_process),
		cmocka_unit_test(test_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
