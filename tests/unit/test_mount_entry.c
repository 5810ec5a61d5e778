/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/mount_entry: lines of mountinfo, and which mount hides which. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/host/mount_entry.h"

static int parse(const char *line, struct mount_entry *ret_entry)
{
	char *bytes = exact_bytes(line, strlen(line));
	int r = mount_entry_parse(bytes, strlen(line), ret_entry);

	free(bytes);
	return r;
}

static void test_lines(void **state)
{
	static const struct {
		const char *line;
		uint64_t id, parent, device;
		const char *root, *point, *options;
	} cases[] = {
		{ "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
		  36, 35, 98ull << 32, "/mnt1", "/mnt2", NULL },
		{ "63 43 0:39 / /sys/fs/bpf rw,relatime - bpf bpf rw,delegate_cmds=any", 63, 43, 39,
		  "/", "/sys/fs/bpf", "rw,delegate_cmds=any" },
		{ "63 43 0:39 / /a\\040b\\012c\\134d rw shared:1 master:2 - bpf a\\040b rw", 63, 43,
		  39, "/", "/a b\nc\\d", "rw" },
		{ "1 1 0:2 / /\\04 rw - tmpfs x rw", 1, 1, 2, "/", "/\\04", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct mount_entry entry;

		print_message("%s\n", cases[i].line);
		assert_int_equal(parse(cases[i].line, &entry), 1);
		assert_int_equal(entry.id, cases[i].id);
		assert_int_equal(entry.parent, cases[i].parent);
		assert_int_equal(entry.device, cases[i].device);
		expect_text("root", entry.root, cases[i].root);
		expect_text("point", entry.point, cases[i].point);
		if (cases[i].options == NULL)
			assert_null(entry.options);
		else
			expect_text("options", entry.options, cases[i].options);
		mount_entry_done(&entry);
	}
}

static void test_other_lines(void **state)
{
	static const char *const cases[] = {
		"",
		"36",
		"36 35 98:0 / / rw - ext3 x",
		"36 35 98:0 / / rw ext3 x rw",
		"36 35 98 / / rw - ext3 x rw",
		"x 35 98:0 / / rw - ext3 x rw",
		"36 -1 98:0 / / rw - ext3 x rw",
		"36 35 :0 / / rw - ext3 x rw",
		"- - - - - - - - -",
	};
	struct mount_entry entry;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		print_message("%s\n", cases[i]);
		assert_int_equal(parse(cases[i], &entry), 0);
	}
}

/* Mounts as "id parent point"; the first is asked about. */
struct row {
	uint64_t id, parent;
	const char *point;
};

static bool is_hidden(const struct row *rows, size_t n)
{
	struct mount_entry entries[8] = { 0 };
	char points[8][40];

	for (size_t i = 0; i < n; i++) {
		snprintf(points[i], sizeof(points[i]), "%s", rows[i].point);
		entries[i].id = rows[i].id;
		entries[i].parent = rows[i].parent;
		entries[i].point = points[i];
	}
	return mount_entry_is_hidden(entries, n, 0);
}

#define ROOT                                                                                       \
	{                                                                                          \
		1, 0, "/"                                                                          \
	}
#define SYS                                                                                        \
	{                                                                                          \
		2, 1, "/sys"                                                                       \
	}
#define BPF                                                                                        \
	{                                                                                          \
		3, 2, "/sys/fs/bpf"                                                                \
	}

static void test_seen(void **state)
{
	static const struct row plain[] = { BPF, SYS, ROOT };
	static const struct row neighbours[] = {
		BPF, SYS, ROOT, { 4, 2, "/sys/fs/cgroup" }, { 5, 2, "/sys/fs/bp" }
	};
	static const struct row below[] = { BPF, SYS, ROOT, { 4, 3, "/sys/fs/bpf/x" } };
	/* the host's bpffs lies under it */
	static const struct row on_another[] = { { 9, 3, "/sys/fs/bpf" }, BPF, SYS, ROOT };
	/* a root moved over the old one, as runtimes do without pivot_root */
	static const struct row moved_root[] = { BPF, SYS, ROOT, { 7, 7, "/" } };
	static const struct row own_parent[] = { { 3, 3, "/sys/fs/bpf" } };
	static const struct row circle[] = { { 3, 4, "/a" }, { 4, 3, "/b" } };

	(void)state;
	assert_false(is_hidden(plain, LENGTH(plain)));
	assert_false(is_hidden(neighbours, LENGTH(neighbours)));
	assert_false(is_hidden(below, LENGTH(below)));
	assert_false(is_hidden(on_another, LENGTH(on_another)));
	assert_false(is_hidden(moved_root, LENGTH(moved_root)));
	assert_false(is_hidden(own_parent, LENGTH(own_parent)));
	assert_false(is_hidden(circle, LENGTH(circle)));
}

static void test_hidden(void **state)
{
	static const struct row on_top[] = { BPF, SYS, ROOT, { 4, 3, "/sys/fs/bpf" } };
	static const struct row masked[] = { BPF, SYS, ROOT, { 4, 2, "/sys/fs" } };
	static const struct row masked_sys[] = { BPF, SYS, ROOT, { 4, 2, "/sys" } };
	static const struct row deep[] = {
		{ 3, 5, "/a/b/c" }, { 5, 6, "/a/b" }, { 6, 1, "/a" }, ROOT, { 7, 6, "/a" }
	};

	(void)state;
	assert_true(is_hidden(on_top, LENGTH(on_top)));
	assert_true(is_hidden(masked, LENGTH(masked)));
	assert_true(is_hidden(masked_sys, LENGTH(masked_sys)));
	assert_true(is_hidden(deep, LENGTH(deep)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_other_lines),
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
