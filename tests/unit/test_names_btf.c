/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds the name table against the kernel that runs the test: each enumerator of its four enums is
 * in the table under that name and bit. A kernel newer than the table fails, and then it is time
 * for spec/names_generate. Exit status 77 where the kernel has no BTF.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "spec/names.h"

static const char vmlinux[] = "/sys/kernel/btf/vmlinux";

static const struct list {
	enum names_list list;
	const char *enumeration;
	const char *prefix;
} lists[] = {
	{ NAMES_CMDS, "bpf_cmd", "BPF_" },
	{ NAMES_MAPS, "bpf_map_type", "BPF_MAP_TYPE_" },
	{ NAMES_PROGS, "bpf_prog_type", "BPF_PROG_TYPE_" },
	{ NAMES_ATTACHS, "bpf_attach_type", "BPF_" },
};

static struct btf *btf;

static int load_btf(void **state)
{
	(void)state;
	btf = btf__parse(vmlinux, NULL);
	if (btf == NULL)
		print_error("%s: cannot be parsed: errno %d\n", vmlinux, errno);
	return btf == NULL ? -1 : 0;
}

static int free_btf(void **state)
{
	(void)state;
	btf__free(btf);
	return 0;
}

static const struct btf_type *find_enum(const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_ENUM);

	if (id < 0)
		id = btf__find_by_name_kind(btf, name, BTF_KIND_ENUM64);
	return id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
}

static uint64_t enumerator(const struct btf_type *type, unsigned i, const char **ret_name)
{
	if (btf_is_enum64(type)) {
		*ret_name = btf__name_by_offset(btf, btf_enum64(type)[i].name_off);
		return btf_enum64_value(&btf_enum64(type)[i]);
	}
	*ret_name = btf__name_by_offset(btf, btf_enum(type)[i].name_off);
	return (uint32_t)btf_enum(type)[i].val;
}

/* Under its full name and under the one without prefix. */
static void expect_in_table(const struct list *list, const char *name, int bit)
{
	size_t n_prefix = strlen(list->prefix);

	if (strncmp(name, list->prefix, n_prefix) != 0)
		fail_msg("enum %s: %s has another prefix", list->enumeration, name);

	int full = names_bit(list->list, name, strlen(name));
	int bare = names_bit(list->list, name + n_prefix, strlen(name) - n_prefix);

	if (full != bit || bare != bit)
		fail_msg("%s is %d in this kernel, %d and %d in the table", name, bit, full, bare);
	assert_non_null(names_of_bit(list->list, (unsigned)bit));
}

static void check_list(void **state)
{
	const struct list *list = *state;
	const struct btf_type *type = find_enum(list->enumeration);
	unsigned checked = 0;

	if (type == NULL && list->list == NAMES_CMDS) {
		/* Kernels without tokens may lack it: they pass the command as an int. */
		print_message("no enum %s in this kernel's BTF\n", list->enumeration);
		skip();
	}
	assert_non_null(type);
	for (unsigned i = 0; i < btf_vlen(type); i++) {
		const char *name;
		uint64_t value = enumerator(type, i, &name);

		assert_non_null(name);
		if (value >= 64 || strncmp(name, "__", 2) == 0)
			continue;
		expect_in_table(list, name, (int)value);
		checked++;
	}
	print_message("enum %s: %u names\n", list->enumeration, checked);
	assert_true(checked > 10);
}

int main(void)
{
	if (access(vmlinux, F_OK) != 0) {
		printf("skipped: this kernel shows no BTF (%s: errno %d)\n", vmlinux, errno);
		return 77;
	}

	struct CMUnitTest tests[sizeof(lists) / sizeof(lists[0])];

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tests[i] = (struct CMUnitTest){ lists[i].enumeration, check_list, NULL, NULL,
						(void *)(uintptr_t)&lists[i] };
	return cmocka_run_group_tests(tests, load_btf, free_btf);
}
