/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/observe/target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cmd/bpftoken/host/process.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

static void close_dir(DIR **dir)
{
	if (*dir != NULL)
		closedir(*dir);
}

/* The inode of a namespace of this process; 0 when it cannot be told. */
static uint64_t own_namespace(const char *name)
{
	defer_close int dir_fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint64_t inode = 0;

	return dir_fd >= 0 && process_namespace(dir_fd, name, &inode) == 0 ? inode : 0;
}

struct observe_filter target_all(void)
{
	return (struct observe_filter){ .scope = OBSERVE_ALL,
					.own_pid = (uint32_t)getpid(),
					.pid_ns = (uint32_t)own_namespace("ns/pid") };
}

int target_process(const char *pid, struct observe_filter *ret_filter, struct err *err)
{
	uint64_t number;
	char path[40];
	struct text text;

	if (text_parse_u64(pid, strlen(pid), INT32_MAX, &number) < 0 || number == 0)
		return err_set(err, EX_USAGE, 0, "%s is no process id", quote(pid).text);
	text_init(&text, path, sizeof(path));
	text_add(&text, "/proc/%d", (int)number);
	if (access(path, F_OK) < 0)
		return err_set(err, EX_DATAERR, 0, "there is no process %d", (int)number);
	*ret_filter = target_all();
	ret_filter->scope = OBSERVE_PROCESS;
	ret_filter->value = number;
	return 0;
}

int target_cgroup(const char *path, struct observe_filter *ret_filter, struct err *err)
{
	struct statfs fs;
	struct stat st;

	if (stat(path, &st) < 0 || statfs(path, &fs) < 0)
		return err_set(err, EX_DATAERR, errno, "%s", quote(path).text);
	if (fs.f_type != CGROUP2_SUPER_MAGIC || !S_ISDIR(st.st_mode))
		return err_set(err, EX_DATAERR, 0,
			       "%s is no cgroup of version 2; name a directory below "
			       "/sys/fs/cgroup",
			       quote(path).text);
	*ret_filter = target_all();
	ret_filter->scope = OBSERVE_CGROUP;
	ret_filter->value = st.st_ino; /* which the kernel takes for its id */
	return 0;
}

/* ---- containers ---- */

bool target_is_meant(const char *word, const struct cgroup_name *container)
{
	return *word != '\0' && container->id[0] != '\0' &&
	       (strncmp(container->id, word, strlen(word)) == 0 ||
		strstr(container->id, word) != NULL || strcmp(container->pod, word) == 0);
}

bool target_container_of(pid_t pid, struct cgroup_name *ret_name)
{
	defer_close int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	defer_close int dir_fd = proc_fd < 0 ? -1 : process_open(proc_fd, pid);

	*ret_name = (struct cgroup_name){ .engine = "" };
	if (dir_fd < 0)
		return false;
	process_container(dir_fd, ret_name);
	return true;
}

/* Calls visit for each process of the host until it returns true. */
static bool each_process(bool (*visit)(void *ctx, int dir_fd), void *ctx)
{
	defer_with(close_dir) DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (proc != NULL && !found && (entry = readdir(proc)) != NULL) {
		uint64_t pid;

		if (text_parse_u64(entry->d_name, strlen(entry->d_name), INT32_MAX, &pid) < 0)
			continue;
		defer_close int dir_fd = process_open(dirfd(proc), (pid_t)pid);

		found = dir_fd >= 0 && visit(ctx, dir_fd);
	}
	return found;
}

uint64_t target_own_mount_ns(void)
{
	return own_namespace("ns/mnt");
}

struct search {
	const char *word;
	uint64_t own; /* a mount namespace that is no container's */
	struct cgroup_name container;
	uint64_t mount_ns; /* 0: none yet */
	bool ambiguous;
};

static bool match(void *ctx, int dir_fd)
{
	struct search *search = ctx;
	struct cgroup_name container;
	uint64_t mount_ns;

	process_container(dir_fd, &container);
	if (!target_is_meant(search->word, &container) ||
	    process_namespace(dir_fd, "ns/mnt", &mount_ns) < 0 || mount_ns == search->own)
		return false;
	if (search->mount_ns == 0) {
		search->container = container;
		search->mount_ns = mount_ns;
	}
	search->ambiguous |= strcmp(container.id, search->container.id) != 0;
	return search->ambiguous;
}

int target_container(const char *id, struct observe_filter *ret_filter, struct err *err)
{
	struct search search = { .word = id, .own = target_own_mount_ns() };

	each_process(match, &search);
	if (search.mount_ns == 0)
		return err_set(
			err, EX_DATAERR, 0,
			"no running container has %s in its id; name one that \"podman ps\" or "
			"\"crictl ps\" lists, or wait for it with record --wait",
			quote(id).text);
	if (search.ambiguous)
		return err_set(err, EX_DATAERR, 0,
			       "%s is in the ids of several containers; write more of the id",
			       quote(id).text);
	*ret_filter = target_all();
	ret_filter->scope = OBSERVE_MOUNT_NS;
	ret_filter->value = search.mount_ns;
	return 0;
}

static bool is_in(void *ctx, int dir_fd)
{
	const uint64_t *wanted = ctx;
	uint64_t mount_ns;

	return process_namespace(dir_fd, "ns/mnt", &mount_ns) == 0 && mount_ns == *wanted;
}

bool target_lives(uint64_t mount_ns)
{
	return each_process(is_in, &mount_ns);
}
