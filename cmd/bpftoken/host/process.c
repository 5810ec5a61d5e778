/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/host/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>

#include "hook/sys.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/idmap.h"

#include "spec/base/poison.h"

/* 340 lines of three ten-digit numbers and the blanks between them. */
#define MAP_BYTES_MAX (IDMAP_EXTENTS_MAX * 36)

int process_open(int proc_fd, pid_t pid)
{
	char name[16];
	struct text text;

	text_init(&text, name, sizeof(name));
	text_add(&text, "%d", (int)pid);
	return sys_open(proc_fd, name, O_PATH | O_DIRECTORY, 0);
}

/* The inode in a namespace's link, "mnt:[4026531840]". Following it would make an inode first. */
int process_namespace(int dir_fd, const char *name, uint64_t *ret_inode)
{
	char link[48];
	ssize_t n = sys_readlink(dir_fd, name, link, sizeof(link) - 1);
	const char *digits;

	if (n < 0)
		return (int)n;
	link[n] = '\0';
	digits = strchr(link, '[');
	if (digits == NULL ||
	    text_parse_u64(digits + 1, strcspn(digits + 1, "]"), UINT64_MAX, ret_inode) < 0)
		return -EIO;
	return 0;
}

void process_container(int dir_fd, struct cgroup_name *ret_name)
{
	char text[8192];
	ssize_t n = proc_file_read(dir_fd, "cgroup", text, sizeof(text));

	cgroup_name_parse(text, n > 0 ? (size_t)n : 0, ret_name);
}

bool process_status(int dir_fd, struct proc_status *ret_status)
{
	char text[8192];

	return proc_file_read(dir_fd, "status", text, sizeof(text)) > 0 &&
	       proc_status_parse(text, ret_status);
}

uint64_t process_start(int proc_fd, pid_t pid)
{
	defer_close int dir_fd = process_open(proc_fd, pid);
	char text[2048];

	if (dir_fd < 0 || proc_file_read(dir_fd, "stat", text, sizeof(text)) <= 0)
		return UINT64_MAX;
	return proc_stat_start(text);
}

bool process_inside(int dir_fd, const char *name, uint32_t outside, uint32_t *ret_inside)
{
	char text[MAP_BYTES_MAX + 1];
	defer_with(idmap_done) struct idmap map = { 0 };
	ssize_t n = proc_file_read(dir_fd, name, text, sizeof(text));

	return n >= 0 && idmap_parse(text, (size_t)n, &map) == 0 &&
	       idmap_inside(&map, outside, ret_inside) == 0;
}

/* True when the process's user namespace is not the one that owns its mount namespace. */
bool process_has_other_user_namespace(int dir_fd, uint64_t user)
{
	defer_close int mount_fd = sys_open(dir_fd, "ns/mnt", O_RDONLY, 0);
	defer_close int owner_fd = mount_fd < 0 ? -1 : ioctl(mount_fd, NS_GET_USERNS);
	struct statx stx;

	return owner_fd >= 0 && sys_stat(owner_fd, "", AT_EMPTY_PATH, &stx) == 0 &&
	       stx.stx_ino != user;
}
