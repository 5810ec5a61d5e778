/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/names: how far each program type reaches, and what it takes to load. */

#include "tests/unit/support.h"

#include <limits.h>

#include "spec/names.h"
#include "spec/names_table.h"

/* The published list of the design, so that a type changes its class here and there or nowhere. */
static const struct {
	const char *name;
	enum names_class class;
} published[] = {
	{ "kprobe", NAMES_CLASS_HOST },
	{ "tracepoint", NAMES_CLASS_HOST },
	{ "perf_event", NAMES_CLASS_HOST },
	{ "raw_tracepoint", NAMES_CLASS_HOST },
	{ "raw_tracepoint_writable", NAMES_CLASS_HOST },
	{ "tracing", NAMES_CLASS_HOST },
	{ "lsm", NAMES_CLASS_HOST },
	{ "ext", NAMES_CLASS_HOST },
	{ "struct_ops", NAMES_CLASS_HOST },
	{ "syscall", NAMES_CLASS_HOST },
	{ "lirc_mode2", NAMES_CLASS_HOST },
	{ "sock_ops", NAMES_CLASS_CGROUP },
};

static enum names_class published_class(const char *name)
{
	if (strncmp(name, "cgroup_", strlen("cgroup_")) == 0)
		return NAMES_CLASS_CGROUP;
	for (size_t i = 0; i < LENGTH(published); i++)
		if (strcmp(published[i].name, name) == 0)
			return published[i].class;
	return NAMES_CLASS_NET;
}

static void test_every_type_has_a_class(void **state)
{
	const struct names_table *table = names_table(NAMES_PROGS);

	(void)state;
	for (size_t i = 0; i < table->n_entries; i++)
		if (names_prog_class(table->entries[i].bit) == NAMES_CLASS_NONE)
			fail_msg("program type %s has no class; add it to names_class.c and, "
				 "unless it is net, to this test",
				 table->entries[i].name);
}

static void test_classes(void **state)
{
	const struct names_table *table = names_table(NAMES_PROGS);

	(void)state;
	for (size_t i = 0; i < table->n_entries; i++) {
		enum names_class class = names_prog_class(table->entries[i].bit);

		if (class != published_class(table->entries[i].name))
			fail_msg("program type %s: class %d, want %d", table->entries[i].name,
				 (int)class, (int)published_class(table->entries[i].name));
	}
	for (size_t i = 0; i < LENGTH(published); i++) /* no slip in the list itself */
		assert_true(names_bit(NAMES_PROGS, published[i].name, strlen(published[i].name)) >=
			    0);
}

/* The rest of the types is loaded with CAP_BPF alone. */
static void test_capabilities(void **state)
{
	static const struct {
		const char *name;
		bool net_admin, perfmon;
	} cases[] = {
		{ "socket_filter", false, false },
		{ "cgroup_skb", false, false },
		{ "sk_lookup", false, false },
		{ "syscall", false, false },
		{ "xdp", true, false },
		{ "netfilter", true, false },
		{ "cgroup_device", true, false },
		{ "kprobe", false, true },
		{ "tracing", false, true },
		{ "ext", true, true },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		int bit = names_bit(NAMES_PROGS, cases[i].name, strlen(cases[i].name));

		assert_true(bit >= 0);
		if ((names_net_admin_progs() >> bit & 1) != cases[i].net_admin ||
		    (names_perfmon_progs() >> bit & 1) != cases[i].perfmon)
			fail_msg("%s", cases[i].name);
	}
	assert_true((names_net_admin_progs() & ~names_known(NAMES_PROGS)) == 0);
}

static void test_class_of_unknown_bits(void **state)
{
	uint64_t known = names_known(NAMES_PROGS);

	(void)state;
	for (unsigned bit = 0; bit < 64; bit++)
		if ((known >> bit & 1) == 0)
			assert_int_equal(names_prog_class(bit), NAMES_CLASS_HOST);
	assert_int_equal(names_prog_class(64), NAMES_CLASS_HOST);
	assert_int_equal(names_prog_class(UINT_MAX), NAMES_CLASS_HOST);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type_has_a_class),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_class_of_unknown_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
