/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of cmd/bpftoken/mount_table: what the two ways to a mount table say of one namespace is the
 * same. As root, in a mount namespace of the test's own.
 */

#include "tests/unit/support.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/bpftoken/host/granted.h"
#include "cmd/bpftoken/host/mount_table.h"
#include "spec/base/defer.h"

#define DIRECTORY "/tmp/mount table \"\\134\n\xff"

static int enter_namespace(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("t", "/tmp", "tmpfs", 0, NULL) < 0 || mkdir(DIRECTORY, 0755) < 0)
		return -1;
	return 0;
}

static const struct mount_entry *find(const struct mount_table *table, const char *point)
{
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->entries[i].point, point) == 0)
			return &table->entries[i];
	return NULL;
}

static void expect_same(const struct mount_table *a, const struct mount_table *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct mount_entry *one = &a->entries[i], *other = NULL;

		for (size_t j = 0; j < b->n && other == NULL; j++)
			if (b->entries[j].device == one->device &&
			    strcmp(b->entries[j].point, one->point) == 0 &&
			    strcmp(b->entries[j].root, one->root) == 0)
				other = &b->entries[j];
		if (other == NULL)
			fail_msg("%s is in one table only", one->point);
		assert_int_equal(one->options == NULL, other->options == NULL);
	}
}

static void test_without_bpffs(void **state)
{
	defer_close int fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_table table;

	(void)state;
	while (umount2("/sys/fs/bpf", MNT_DETACH) == 0)
		continue;
	assert_int_equal(mount_table_read(fd, &table), 0);
	assert_int_equal(table.n, 0);
	assert_int_equal(mount_table_read_mountinfo(fd, &table), 0);
	assert_int_equal(table.n, 0);
}

static void test_both_ways(void **state)
{
	defer_close int fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_table a, b;
	struct granted one, other;

	(void)state;
	assert_int_equal(mount("bpf", DIRECTORY, "bpf", 0,
			       "delegate_cmds=0x8000000000000000:map_create,delegate_progs=any,"
			       "uid=7,gid=8,mode=0750"),
			 0);
	assert_int_equal(mount_table_read(fd, &a), 0);
	assert_int_equal(mount_table_read_mountinfo(fd, &b), 0);
	assert_true(a.n > 2);
	expect_same(&a, &b);
	expect_same(&b, &a);
	assert_non_null(find(&a, DIRECTORY));
	assert_true(granted_parse(find(&a, DIRECTORY)->options, &one));
	assert_true(granted_parse(find(&b, DIRECTORY)->options, &other));
	assert_true(granted_same_lists(&one, &other));
	assert_int_equal(one.uid, 7);
	assert_int_equal(other.gid, 8);
	assert_int_equal(one.mode, 0750);
	assert_true(one.delegation.masks[NAMES_CMDS] == 1);
	assert_true(one.delegation.masks[NAMES_PROGS] == DELEGATION_ANY);
	mount_table_done(&a);
	mount_table_done(&b);
}

/* More mounts than one call lists. */
static void test_many_mounts(void **state)
{
	defer_close int fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_table a, b;

	(void)state;
	for (unsigned i = 0; i < 1100; i++) {
		char path[40];

		snprintf(path, sizeof(path), "/tmp/%u", i);
		assert_int_equal(mkdir(path, 0755), 0);
		assert_int_equal(mount("/tmp", path, NULL, MS_BIND, NULL), 0);
	}
	assert_int_equal(mount_table_read(fd, &a), 0);
	assert_int_equal(mount_table_read_mountinfo(fd, &b), 0);
	assert_true(a.n > 1100);
	assert_int_equal(a.n, b.n);
	assert_non_null(find(&a, "/tmp/0"));
	assert_non_null(find(&a, "/tmp/1099"));
	mount_table_done(&a);
	mount_table_done(&b);
}

/* A tenant binds its bpffs many times: the oldest count. */
static void test_many_bpffs(void **state)
{
	defer_close int fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_table tables[2];

	(void)state;
	for (unsigned i = 0; i < MOUNT_TABLE_BPFFS_MAX + 10; i++) {
		char path[40];

		snprintf(path, sizeof(path), "/tmp/%u", i);
		assert_int_equal(mount(DIRECTORY, path, NULL, MS_BIND, NULL), 0);
	}
	assert_int_equal(mount_table_read(fd, &tables[0]), 0);
	assert_int_equal(mount_table_read_mountinfo(fd, &tables[1]), 0);
	for (size_t i = 0; i < LENGTH(tables); i++) {
		assert_true(tables[i].cut);
		assert_int_equal(tables[i].n_bpffs, MOUNT_TABLE_BPFFS_MAX);
		assert_non_null(find(&tables[i], DIRECTORY)->options);
		mount_table_done(&tables[i]);
	}
}

static void test_no_process(void **state)
{
	defer_close int fd = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_table table;

	(void)state;
	assert_int_equal(mount_table_read(fd, &table), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_bpffs), cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_many_mounts),   cmocka_unit_test(test_many_bpffs),
		cmocka_unit_test(test_no_process),
	};

	if (geteuid() != 0) {
		puts("skipped: it takes root to mount");
		return 77;
	}
	return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
