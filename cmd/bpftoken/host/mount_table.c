/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/host/mount_table.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "cmd/bpftoken/host/proc_file.h"
#include "hook/sys.h"
#include "spec/base/defer.h"
#include "spec/base/list.h"

#include "spec/base/poison.h"

/*
 * The kernel's interface; Debian 12's headers are older. Sources: include/uapi/linux/mount.h and
 * nsfs.h of Linux 6.11, scripts/syscall.tbl (the same numbers on every architecture but alpha).
 */
#define NUMBER_STATMOUNT 457
#define NUMBER_LISTMOUNT 458
#define LIST_FROM_ROOT	 UINT64_MAX /* LSMT_ROOT */
#define GET_NAMESPACE_ID _IOR(NSIO, 0x5, uint64_t)
#define WANT_SB_BASIC	 0x01
#define WANT_MNT_BASIC	 0x02
#define WANT_MNT_ROOT	 0x08
#define WANT_MNT_POINT	 0x10
#define WANT_MNT_OPTIONS 0x80
#define IDS_AT_ONCE	 512
#define STRINGS_MAX	 16384 /* two paths and the options */

struct mount_request { /* struct mnt_id_req, MNT_ID_REQ_SIZE_VER1 */
	uint32_t size, spare;
	uint64_t id, parameter, namespace_id;
};

struct mount_answer { /* struct statmount */
	uint32_t size, options;
	uint64_t mask;
	uint32_t device_major, device_minor;
	uint64_t magic;
	uint32_t sb_flags, type;
	uint64_t id, parent;
	uint32_t old_id, old_parent;
	uint64_t attributes, propagation, peer_group, master, propagate_from;
	uint32_t root, point;
	uint64_t later[50];
	char strings[STRINGS_MAX];
};

_Static_assert(offsetof(struct mount_answer, strings) == 512, "as the kernel lays it out");

void mount_table_done(struct mount_table *table)
{
	for (size_t i = 0; i < table->n; i++)
		mount_entry_done(&table->entries[i]);
	free(table->entries);
	*table = (struct mount_table){ 0 };
}

/* True for one more bpffs to be told apart. */
static bool counts(struct mount_table *table)
{
	if (table->n_bpffs == MOUNT_TABLE_BPFFS_MAX) {
		table->cut = true;
		return false;
	}
	table->n_bpffs++;
	return true;
}

/* ---- statmount ---- */

static int ask(uint64_t namespace_id, uint64_t id, uint64_t want, struct mount_answer *answer,
	       size_t room)
{
	const struct mount_request request = { sizeof(request), 0, id, want, namespace_id };

	return (int)sys_call(NUMBER_STATMOUNT, (long)&request, (long)answer, (long)room, 0, 0);
}

static int add_answer(const struct mount_answer *answer, struct mount_table *table)
{
	struct mount_entry *entry = list_add(&table->entries, &table->n, sizeof(*entry));

	if (entry == NULL)
		return -ENOMEM;
	*entry = (struct mount_entry){
		.id = answer->id,
		.parent = answer->parent,
		.device = (uint64_t)answer->device_major << 32 | answer->device_minor,
		.root = strdup(answer->strings + answer->root),
		.point = strdup(answer->strings + answer->point),
	};
	if ((answer->mask & WANT_MNT_OPTIONS) != 0) {
		entry->options = strdup(answer->strings + answer->options);
		if (entry->options == NULL)
			return -ENOMEM;
	}
	if (entry->root == NULL || entry->point == NULL)
		return -ENOMEM;
	return 0;
}

/* A list that grows while it is read, as a namespace may have a hundred thousand mounts. */
static int list_ids(uint64_t namespace_id, uint64_t **ret_ids, size_t *ret_n)
{
	struct mount_request request = { sizeof(request), 0, LIST_FROM_ROOT, 0, namespace_id };
	defer_free uint64_t *ids = NULL;
	size_t n = 0;

	for (;;) {
		uint64_t *more = reallocarray(ids, n + IDS_AT_ONCE, sizeof(*ids));
		long r;

		if (more == NULL)
			return -ENOMEM;
		ids = more;
		r = sys_call(NUMBER_LISTMOUNT, (long)&request, (long)(ids + n), IDS_AT_ONCE, 0, 0);
		if (r < 0)
			return (int)r;
		n += (size_t)r;
		if (r < IDS_AT_ONCE)
			break;
		request.parameter = ids[n - 1];
	}
	*ret_ids = ids;
	*ret_n = n;
	ids = NULL;
	return 0;
}

/* Most namespaces have no bpffs at all: that is told from numbers, before any string is made. */
static int has_bpffs(uint64_t namespace_id, const uint64_t *ids, size_t n)
{
	struct mount_answer answer;

	for (size_t i = 0; i < n; i++) {
		int r = ask(namespace_id, ids[i], WANT_SB_BASIC, &answer,
			    offsetof(struct mount_answer, strings));

		if (r == 0 && answer.magic == BPF_FS_MAGIC)
			return 1;
		if (r < 0 && r != -ENOENT) /* it was unmounted meanwhile */
			return r;
	}
	return 0;
}

/*
 * The options cost a search through the kernel's type information for each delegated bpffs (160 us),
 * so they are asked of a bpffs only.
 */
static int read_one(uint64_t namespace_id, uint64_t id, struct mount_answer *answer,
		    struct mount_table *table)
{
	const uint64_t want = WANT_SB_BASIC | WANT_MNT_BASIC | WANT_MNT_ROOT | WANT_MNT_POINT;
	int r = ask(namespace_id, id, want, answer, sizeof(*answer));
	bool is_bpffs = r == 0 && answer->magic == BPF_FS_MAGIC;

	if (is_bpffs && counts(table))
		r = ask(namespace_id, id, want | WANT_MNT_OPTIONS, answer, sizeof(*answer));
	if (r == -ENOENT || r == -EOVERFLOW) /* no path is that long but a detached one's */
		return 0;
	return r < 0 ? r : add_answer(answer, table);
}

static int read_statmount(uint64_t namespace_id, struct mount_table *table)
{
	defer_free uint64_t *ids = NULL;
	defer_free struct mount_answer *answer = malloc(sizeof(*answer));
	size_t n = 0;
	int r = answer == NULL ? -ENOMEM : list_ids(namespace_id, &ids, &n);

	if (r == 0)
		r = has_bpffs(namespace_id, ids, n);
	if (r <= 0)
		return r;
	r = 0;
	for (size_t i = 0; i < n && r == 0; i++)
		r = read_one(namespace_id, ids[i], answer, table);
	return r;
}

/* ---- mountinfo ---- */

static int add_lines(const char *text, size_t len, struct mount_table *table)
{
	for (const char *end = text + len; text < end;) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t line = (size_t)((stop != NULL ? stop : end) - text);
		struct mount_entry entry, *room;
		int r = mount_entry_parse(text, line, &entry);

		if (r < 0)
			return r;
		if (r > 0) {
			room = list_add(&table->entries, &table->n, sizeof(entry));
			if (room == NULL) {
				mount_entry_done(&entry);
				return -ENOMEM;
			}
			if (entry.options != NULL && !counts(table)) {
				free(entry.options);
				entry.options = NULL;
			}
			*room = entry;
		}
		text += line + 1;
	}
	return 0;
}

int mount_table_read_mountinfo(int dir_fd, struct mount_table *ret_table)
{
	defer_with(mount_table_done) struct mount_table table = { 0 };
	defer_free char *text = NULL;
	size_t len;
	int r = proc_file_read_all(dir_fd, "mountinfo", &text, &len);

	if (r == 0)
		r = add_lines(text, len, &table);
	if (r < 0)
		return r;
	*ret_table = (struct mount_table){ 0 };
	if (table.n_bpffs > 0) {
		*ret_table = table;
		table = (struct mount_table){ 0 };
	}
	return 0;
}

int mount_table_read(int dir_fd, struct mount_table *ret_table)
{
	defer_with(mount_table_done) struct mount_table table = { 0 };
	defer_close int fd = sys_open(dir_fd, "ns/mnt", O_RDONLY, 0);
	uint64_t id;
	int r;

	if (fd < 0)
		return fd;
	r = ioctl(fd, GET_NAMESPACE_ID, &id) < 0 ? -errno : read_statmount(id, &table);
	if (r == -ENOTTY || r == -ENOSYS || r == -EINVAL || r == -EPERM)
		return mount_table_read_mountinfo(dir_fd, ret_table);
	if (r < 0)
		return r;
	*ret_table = table;
	table = (struct mount_table){ 0 };
	return 0;
}
