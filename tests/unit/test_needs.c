/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/needs: what follows from what an object is made of. */

#include "tests/unit/support.h"

#include <linux/bpf.h>

#include "cmd/bpftoken/needs/needs.h"

/* Facts of a row: one program, one map, one struct_ops member, one helper; -1 for none. */
struct row {
	const char *label;
	int prog, attach, map, member, helper;
	const char *section;
	uint32_t flags;
	/* what is wanted, as words; libbpf's part behind '+' */
	const char *cmds, *maps, *progs, *attachs, *caps;
	unsigned kernel;
};

#define NONE		    -1
#define SINCE(major, minor) NEEDS_KERNEL(major, minor)

static struct needs needs_of(const struct row *row)
{
	struct fact_program program = { .type = (uint32_t)row->prog,
					.attach = (uint32_t)row->attach };
	struct fact_map map = { .type = (uint32_t)row->map };
	struct fact_member member = { .index = (uint32_t)row->member };
	struct facts facts = {
		.programs = &program,
		.n_programs = row->prog >= 0,
		.maps = &map,
		.n_maps = row->map >= 0,
		.members = &member,
		.n_members = row->member >= 0,
		.flags = row->flags,
		.n_objects = 1,
	};
	struct needs needs;

	facts_set(&program.name, "a_program");
	facts_set(&program.section, row->section != NULL ? row->section : "");
	facts_set(&map.name, "a_map");
	facts_set(&member.member, "a_member");
	if (row->helper >= 0)
		facts.helpers[row->helper / 64] = UINT64_C(1) << row->helper % 64;
	needs_derive(&facts, "1.1", &needs);
	return needs;
}

static void add_list(struct text *text, const struct needs *needs, enum names_list list)
{
	delegation_add_words(text, list, needs->own.masks[list], ",");
	if (needs->libbpf.masks[list] != 0) {
		text_add(text, "+");
		delegation_add_words(text, list, needs->libbpf.masks[list], ",");
	}
}

static void expect_list(const char *label, const struct needs *needs, enum names_list list,
			const char *want)
{
	char words[1000];
	struct text text;

	text_init(&text, words, sizeof(words));
	add_list(&text, needs, list);
	expect_text(label, words, want);
}

static void expect_capabilities(const char *label, uint64_t capabilities, const char *want)
{
	char words[200];
	struct text text;

	text_init(&text, words, sizeof(words));
	for (size_t i = 0; i < NEEDS_CAPABILITIES; i++)
		if ((capabilities & UINT64_C(1) << needs_capabilities[i].bit) != 0)
			text_add(&text, "%s%s", text.len > 0 ? "," : "",
				 needs_capabilities[i].name + 4);
	expect_text(label, words, want);
}

static const struct row rows[] = {
	{ "xdp with an array", 6, 37, 2, NONE, NONE, "xdp", FACT_BTF,
	  "map_create,prog_load+btf_load", "array", "xdp+socket_filter", "xdp+cgroup_inet_ingress",
	  "BPF,NET_ADMIN", SINCE(6, 9) },
	{ "a socket filter needs what the probe does", 1, 0, NONE, NONE, NONE, "socket", 0,
	  "prog_load", "", "socket_filter", "cgroup_inet_ingress", "BPF", SINCE(6, 9) },
	{ "a map alone", NONE, 0, 1, NONE, NONE, NULL, 0, "map_create+prog_load", "hash",
	  "+socket_filter", "+cgroup_inet_ingress", "BPF", SINCE(6, 9) },
	{ "nothing but a probe", NONE, 0, NONE, NONE, NONE, NULL, 0, "+prog_load", "",
	  "+socket_filter", "+cgroup_inet_ingress", "BPF", SINCE(6, 9) },
	{ "an unknown section", 0, 0, NONE, NONE, NONE, "xpd", 0, "+prog_load", "",
	  "+socket_filter", "+cgroup_inet_ingress", "BPF", SINCE(6, 9) },

	/* the kernel mends attach type 0 of two types before it looks at the token */
	{ "cgroup_sock", 9, 0, NONE, NONE, NONE, "cgroup/sock", 0, "prog_load", "",
	  "cgroup_sock+socket_filter", "cgroup_inet_sock_create+cgroup_inet_ingress",
	  "BPF,NET_ADMIN", SINCE(6, 9) },
	{ "sk_reuseport", 21, 0, NONE, NONE, NONE, "sk_reuseport", 0, "prog_load", "",
	  "sk_reuseport+socket_filter", "sk_reuseport_select+cgroup_inet_ingress", "BPF",
	  SINCE(6, 9) },

	/* capabilities */
	{ "cgroup_skb attaches with it", 8, 1, NONE, NONE, NONE, "cgroup_skb/egress", 0,
	  "prog_load", "", "cgroup_skb+socket_filter", "cgroup_inet_egress+cgroup_inet_ingress",
	  "BPF,NET_ADMIN", SINCE(6, 9) },
	{ "sk_lookup", 30, 36, NONE, NONE, NONE, "sk_lookup", 0, "prog_load", "",
	  "sk_lookup+socket_filter", "sk_lookup+cgroup_inet_ingress", "BPF", SINCE(6, 9) },
	{ "lirc_mode2", 20, 16, NONE, NONE, NONE, "lirc_mode2", 0, "prog_load", "",
	  "lirc_mode2+socket_filter", "lirc_mode2+cgroup_inet_ingress", "BPF", SINCE(6, 9) },
	{ "netfilter", 32, 45, NONE, NONE, NONE, "netfilter", 0, "prog_load", "",
	  "netfilter+socket_filter", "netfilter+cgroup_inet_ingress", "BPF,NET_ADMIN",
	  SINCE(6, 9) },
	{ "raw_tracepoint", 17, 0, NONE, NONE, NONE, "raw_tp/x", 0, "prog_load", "",
	  "raw_tracepoint+socket_filter", "cgroup_inet_ingress", "BPF,PERFMON", SINCE(6, 9) },
	{ "a socket map", NONE, 0, 15, NONE, NONE, NULL, 0, "map_create+prog_load", "sockmap",
	  "+socket_filter", "+cgroup_inet_ingress", "BPF,NET_ADMIN", SINCE(6, 9) },
	{ "trace_printk", 1, 0, NONE, NONE, 6, "socket", 0, "prog_load", "", "socket_filter",
	  "cgroup_inet_ingress", "BPF,PERFMON", SINCE(6, 9) },
	{ "probe_write_user", 17, 0, NONE, NONE, 36, "raw_tp/x", 0, "prog_load", "",
	  "raw_tracepoint+socket_filter", "cgroup_inet_ingress", "BPF,PERFMON,SYS_ADMIN",
	  SINCE(6, 9) },

	/* type information that the kernel insists on */
	{ "local storage", NONE, 0, 24, NONE, NONE, NULL, FACT_BTF, "map_create,btf_load+prog_load",
	  "sk_storage", "+socket_filter", "+cgroup_inet_ingress", "BPF", SINCE(6, 9) },
	{ "cgroup storage", NONE, 0, 32, NONE, NONE, NULL, FACT_BTF,
	  "map_create,btf_load+prog_load", "cgrp_storage", "+socket_filter", "+cgroup_inet_ingress",
	  "BPF", SINCE(6, 9) },
	{ "a lock in a map", NONE, 0, 1, NONE, NONE, NULL, FACT_BTF | FACT_BTF_NEEDED,
	  "map_create,btf_load+prog_load", "hash", "+socket_filter", "+cgroup_inet_ingress", "BPF",
	  SINCE(6, 9) },
	{ "a callback", 1, 0, NONE, NONE, 181, "socket", FACT_BTF, "prog_load,btf_load", "",
	  "socket_filter", "cgroup_inet_ingress", "BPF", SINCE(6, 9) },
	{ "without any there is none to load", 1, 0, NONE, NONE, 181, "socket", 0, "prog_load", "",
	  "socket_filter", "cgroup_inet_ingress", "BPF", SINCE(6, 9) },

	/* what libbpf probes for */
	{ "a read in an XDP program", 6, 37, NONE, NONE, 113, "xdp", 0, "prog_load", "",
	  "xdp+socket_filter,tracepoint", "xdp+cgroup_inet_ingress", "BPF,NET_ADMIN,PERFMON",
	  SINCE(6, 9) },
	{ "a read in a tracing program", 26, 23, NONE, NONE, 113, "tp_btf/x", 0, "prog_load", "",
	  "tracing+socket_filter", "trace_raw_tp+cgroup_inet_ingress", "BPF,PERFMON", SINCE(6, 9) },
	{ "usdt", 2, 0, NONE, NONE, NONE, "usdt", 0, "prog_load", "", "kprobe+socket_filter",
	  "cgroup_inet_ingress+trace_uprobe_multi", "BPF,PERFMON", SINCE(6, 9) },
	{ "usdt, optional and sleepable", 2, 0, NONE, NONE, NONE, "?usdt.s/x", 0, "prog_load", "",
	  "kprobe+socket_filter", "cgroup_inet_ingress+trace_uprobe_multi", "BPF,PERFMON",
	  SINCE(6, 9) },

	/* newer kernels */
	{ "ext", 28, 0, NONE, NONE, NONE, "freplace/x", FACT_BTF,
	  "prog_load,btf_load,btf_get_fd_by_id", "", "ext+socket_filter", "cgroup_inet_ingress",
	  "BPF,NET_ADMIN,PERFMON", SINCE(6, 15) },
	{ "kprobe.session", 2, 56, NONE, NONE, NONE, "kprobe.session/x", 0, "prog_load", "",
	  "kprobe+socket_filter", "trace_kprobe_session+cgroup_inet_ingress", "BPF,PERFMON",
	  SINCE(6, 10) },
	{ "uprobe.session", 2, 57, NONE, NONE, NONE, "uprobe.session/x", 0, "prog_load", "",
	  "kprobe+socket_filter", "trace_uprobe_session+cgroup_inet_ingress", "BPF,PERFMON",
	  SINCE(6, 13) },
	{ "fsession", 26, 58, NONE, NONE, NONE, "fsession/x", 0, "prog_load", "",
	  "tracing+socket_filter", "trace_fsession+cgroup_inet_ingress", "BPF,PERFMON",
	  SINCE(7, 0) },
	{ "rhash", NONE, 0, 35, NONE, NONE, NULL, 0, "map_create+prog_load", "rhash",
	  "+socket_filter", "+cgroup_inet_ingress", "BPF", SINCE(7, 2) },

	/* struct_ops: the member's place, not what libbpf calls the attach type */
	{ "struct_ops", 27, 0, 26, 7, NONE, "struct_ops/x", FACT_BTF,
	  "map_create,prog_load,btf_load", "struct_ops", "struct_ops+socket_filter",
	  "sk_msg_verdict+cgroup_inet_ingress", "BPF,PERFMON", SINCE(6, 9) },
	{ "struct_ops, a member out of reach", 27, 0, NONE, 64, NONE, "struct_ops/x", FACT_BTF,
	  "prog_load,btf_load", "", "struct_ops+socket_filter", "+cgroup_inet_ingress",
	  "BPF,PERFMON", SINCE(6, 9) },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct row *row = &rows[i];
		struct needs needs = needs_of(row);

		expect_list(row->label, &needs, NAMES_CMDS, row->cmds);
		expect_list(row->label, &needs, NAMES_MAPS, row->maps);
		expect_list(row->label, &needs, NAMES_PROGS, row->progs);
		expect_list(row->label, &needs, NAMES_ATTACHS, row->attachs);
		expect_capabilities(row->label, needs.capabilities, row->caps);
		if (needs.kernel != row->kernel)
			fail_msg("%s: kernel %u.%u", row->label, NEEDS_KERNEL_MAJOR(needs.kernel),
				 NEEDS_KERNEL_MINOR(needs.kernel));
	}
}

/* ---- warnings ---- */

static void expect_warning(const struct row *row, const char *want)
{
	struct needs needs = needs_of(row);

	for (size_t i = 0; i < needs.n_warnings; i++) {
		expect_shown(row->label, needs.warnings[i].text);
		if (strstr(needs.warnings[i].text, want) != NULL)
			return;
	}
	fail_msg("%s: no warning with \"%s\"", row->label, want);
}

static void test_warnings(void **state)
{
	static const struct {
		struct row row;
		const char *want;
	} cases[] = {
		{ { "kprobe", 2, 0, NONE, NONE, NONE, "kprobe/x", 0, .kernel = 0 },
		  "type kprobe, uprobe or usdt (\"a_program\"): perf_event_open(2)" },
		{ { "tracepoint", 5, 0, NONE, NONE, NONE, "tp/x", 0, .kernel = 0 },
		  "raw_tp and tp_btf" },
		{ { "perf_event", 7, 0, NONE, NONE, NONE, "perf_event", 0, .kernel = 0 },
		  "there is no other way" },
		{ { "perf buffer", NONE, 0, 4, NONE, NONE, NULL, 0, .kernel = 0 },
		  "perf event arrays (\"a_map\")" },
		{ { "unknown", 0, 0, NONE, NONE, NONE, "xpd\x1b", 0, .kernel = 0 },
		  "libbpf 1.1 does not know sections \"xpd\\x1b\"" },
		{ { "host", 26, 24, NONE, NONE, NONE, "fentry/x", 0, .kernel = 0 },
		  "program types tracing reach the whole host" },
		{ { "memory", 6, 37, NONE, NONE, 6, "xdp", 0, .kernel = 0 },
		  "read the host's kernel memory" },
		{ { "usdt", 2, 0, NONE, NONE, NONE, "usdt/x", 0, .kernel = 0 }, "libbpf 1.3" },
		{ { "ext", 28, 0, NONE, NONE, NONE, "freplace/x", 0, .kernel = 0 }, "libbpf 1.6" },
		{ { "member", 27, 0, NONE, 3, NONE, "struct_ops/x", 0, .kernel = 0 },
		  "place in their struct" },
		{ { "far member", 27, 0, NONE, 64, NONE, "struct_ops/x", 0, .kernel = 0 },
		  "beyond the 64th (\"a_member\")" },
		{ { "unnamed", 63, 0, NONE, NONE, NONE, "new", 0, .kernel = 0 },
		  "progs hold 0x8000000000000000" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		expect_warning(&cases[i].row, cases[i].want);
}

static void test_what_is_good_has_no_warning(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct needs needs = needs_of(&rows[i]);

		if (needs.n_warnings > 0)
			fail_msg("%s: %s", rows[i].label, needs.warnings[0].text);
	}
}

static void test_no_warning_comes_twice(void **state)
{
	struct needs needs = { 0 };

	(void)state;
	for (int i = 0; i < 2 * NEEDS_WARNINGS_MAX; i++)
		needs_warn(&needs, "warning %d", i / 2);
	assert_int_equal(needs.n_warnings, NEEDS_WARNINGS_MAX);
	needs_warn(&needs, "one more");
	assert_int_equal(needs.n_warnings, NEEDS_WARNINGS_MAX);
}

/* ---- several files ---- */

static void test_union(void **state)
{
	struct needs all = needs_of(&rows[0]), filter = needs_of(&rows[1]);
	struct delegation delegation;

	(void)state;
	needs_unite(&all, &filter);
	/* what one needs by itself is no more libbpf's part for the other */
	expect_list("cmds", &all, NAMES_CMDS, "map_create,prog_load+btf_load");
	expect_list("progs", &all, NAMES_PROGS, "socket_filter,xdp");
	expect_list("attachs", &all, NAMES_ATTACHS, "cgroup_inet_ingress,xdp");
	expect_capabilities("capabilities", all.capabilities, "BPF,NET_ADMIN");
	assert_int_equal(all.n_programs, 2);
	assert_int_equal(all.n_maps, 1);
	delegation = needs_delegation(&all, true);
	assert_true((delegation.masks[NAMES_CMDS] & UINT64_C(1) << BPF_BTF_LOAD) == 0);
	delegation = needs_delegation(&all, false);
	assert_true((delegation.masks[NAMES_CMDS] & UINT64_C(1) << BPF_BTF_LOAD) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_what_is_good_has_no_warning),
		cmocka_unit_test(test_no_warning_comes_twice),
		cmocka_unit_test(test_union),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
