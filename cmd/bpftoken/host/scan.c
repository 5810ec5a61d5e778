/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/host/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/host/mount_table.h"
#include "cmd/bpftoken/host/process.h"
#include "hook/sys.h"
#include "spec/base/defer.h"
#include "spec/base/list.h"

#include "spec/base/poison.h"

/* include/linux/proc_ns.h: the initial user namespace has this inode on every kernel. */
#define INITIAL_USER_NS 0xEFFFFFFDu

static void bpffs_done(struct scan_bpffs *bpffs)
{
	free(bpffs->path);
	free(bpffs->root);
	free(bpffs->namespaces);
}

void scan_done(struct scan *scan)
{
	for (size_t i = 0; i < scan->n_bpffs; i++)
		bpffs_done(&scan->bpffs[i]);
	free(scan->processes);
	free(scan->bpffs);
	free(scan->tokens);
	*scan = (struct scan){ 0 };
}

static void close_dir(DIR **dir)
{
	if (*dir != NULL)
		closedir(*dir);
}

static bool is_gone(int r)
{
	return r == -ENOENT || r == -ESRCH;
}

/* ---- processes ---- */

static int add_process(int proc_fd, const char *name, struct scan *scan)
{
	struct scan_process process = { 0 }, *room;
	char path[40];
	struct text text;
	uint64_t pid;
	int r;

	if (text_parse_u64(name, strlen(name), INT32_MAX, &pid) < 0)
		return 0;
	process.pid = (pid_t)pid;
	text_init(&text, path, sizeof(path));
	text_add(&text, "%s/ns/mnt", name);
	r = process_namespace(proc_fd, path, &process.mount_namespace);
	if (r < 0) {
		scan->n_unseen += !is_gone(r);
		return 0;
	}
	room = list_add(&scan->processes, &scan->n_processes, sizeof(process));
	if (room == NULL)
		return -ENOMEM;
	*room = process;
	return 0;
}

static int compare_processes(const void *a, const void *b)
{
	const struct scan_process *x = a, *y = b;

	if (x->mount_namespace != y->mount_namespace)
		return x->mount_namespace < y->mount_namespace ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int find_processes(int proc_fd, struct scan *scan, struct err *err)
{
	int fd = sys_open(proc_fd, ".", O_RDONLY | O_DIRECTORY, 0);
	defer_with(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int r = 0;

	if (dir == NULL)
		return err_set(err, EX_OSERR, fd < 0 ? -fd : errno, "/proc");
	while (r == 0 && (entry = readdir(dir)) != NULL)
		r = add_process(proc_fd, entry->d_name, scan);
	if (r < 0)
		return err_memory(err);
	if (scan->n_processes > 0)
		qsort(scan->processes, scan->n_processes, sizeof(scan->processes[0]),
		      compare_processes);
	return 0;
}

/* ---- bpffs ---- */

/* The first process of a mount namespace: what entered it later is not the container's own. */
static pid_t oldest(int proc_fd, const struct scan_process *processes, size_t n,
		    uint64_t *ret_start)
{
	size_t best = 0;

	*ret_start = UINT64_MAX;
	for (size_t i = 0; i < n; i++) {
		uint64_t start = process_start(proc_fd, processes[i].pid);

		if (start < *ret_start) {
			*ret_start = start;
			best = i;
		}
	}
	return processes[best].pid;
}

static void judge(int dir_fd, struct scan_bpffs *bpffs, bool hidden)
{
	struct missing_facts facts = {
		.granted = &bpffs->granted,
		.path = bpffs->path,
		.root = bpffs->root,
		.hidden = hidden,
		.pid = bpffs->pid,
		.status = bpffs->status,
		.owner_mapped = bpffs->has_inside,
	};
	uint64_t user = 0;

	if (process_namespace(dir_fd, "ns/user", &user) == 0) {
		facts.host_user_namespace = user == INITIAL_USER_NS;
		facts.other_user_namespace = process_has_other_user_namespace(dir_fd, user);
	}
	missing_collect(&facts, &bpffs->missing);
}

static struct scan_bpffs *find_same(struct scan *scan, const struct scan_bpffs *bpffs)
{
	for (size_t i = scan->n_bpffs; i-- > 0;) {
		struct scan_bpffs *other = &scan->bpffs[i];

		if (other->device == bpffs->device && strcmp(other->path, bpffs->path) == 0 &&
		    strcmp(other->root, bpffs->root) == 0 &&
		    strcmp(other->container.engine, bpffs->container.engine) == 0 &&
		    strcmp(other->container.id, bpffs->container.id) == 0)
			return other;
	}
	return NULL;
}

/* Takes the strings of *bpffs where it stands for the older process. */
static int add_bpffs(struct scan *scan, uint64_t mount_namespace, struct scan_bpffs *bpffs)
{
	struct scan_bpffs *same = find_same(scan, bpffs);
	uint64_t *namespace;

	if (same == NULL) {
		same = list_add(&scan->bpffs, &scan->n_bpffs, sizeof(*same));
		if (same == NULL)
			return -ENOMEM;
		same->start = UINT64_MAX;
	}
	namespace = list_add(&same->namespaces, &same->n_namespaces, sizeof(*namespace));
	if (namespace == NULL)
		return -ENOMEM;
	*namespace = mount_namespace;
	if (same->path != NULL && same->start <= bpffs->start)
		return 0;
	free(same->path);
	free(same->root);
	bpffs->namespaces = same->namespaces;
	bpffs->n_namespaces = same->n_namespaces;
	*same = *bpffs;
	bpffs->path = bpffs->root = NULL;
	return 0;
}

/* All delegated bpffs of one mount namespace, whose oldest process dir_fd stands for. */
static int add_table(int dir_fd, struct scan *scan, uint64_t mount_namespace,
		     const struct scan_bpffs *common, const struct mount_table *table)
{
	int r = 0;

	for (size_t i = 0; i < table->n && r == 0; i++) {
		const struct mount_entry *entry = &table->entries[i];
		struct scan_bpffs bpffs = *common;

		if (entry->options == NULL || !granted_parse(entry->options, &bpffs.granted))
			continue;
		bpffs.device = entry->device;
		bpffs.path = strdup(entry->point);
		bpffs.root = strdup(entry->root);
		bpffs.has_inside =
			process_inside(dir_fd, "uid_map", bpffs.granted.uid, &bpffs.inside_uid) &&
			process_inside(dir_fd, "gid_map", bpffs.granted.gid, &bpffs.inside_gid);
		if (bpffs.path == NULL || bpffs.root == NULL) {
			r = -ENOMEM;
		} else {
			judge(dir_fd, &bpffs, mount_entry_is_hidden(table->entries, table->n, i));
			r = add_bpffs(scan, mount_namespace, &bpffs);
		}
		free(bpffs.path);
		free(bpffs.root);
	}
	return r;
}

static bool table_delegates(const struct mount_table *table)
{
	struct granted granted;

	for (size_t i = 0; i < table->n; i++)
		if (table->entries[i].options != NULL &&
		    granted_parse(table->entries[i].options, &granted))
			return true;
	return false;
}

/* One mount namespace, with the processes in it. */
static int visit(int proc_fd, struct scan *scan, const struct scan_process *processes, size_t n)
{
	defer_with(mount_table_done) struct mount_table table = { 0 };
	struct scan_bpffs common = { 0 };
	int r = -ENOENT;

	/* Any process will do, as long as it lives. */
	for (size_t i = 0; i < n && is_gone(r); i++) {
		defer_close int dir_fd = process_open(proc_fd, processes[i].pid);

		r = dir_fd < 0 ? dir_fd : mount_table_read(dir_fd, &table);
	}
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		scan->n_unseen += is_gone(r) ? 0 : n;
		return 0;
	}
	scan->n_cut += table.cut;
	if (!table_delegates(&table))
		return 0;
	common.pid = oldest(proc_fd, processes, n, &common.start);
	defer_close int dir_fd = process_open(proc_fd, common.pid);

	if (dir_fd < 0 || !process_status(dir_fd, &common.status))
		return 0; /* the namespace has lost its last process */
	process_container(dir_fd, &common.container);
	return add_table(dir_fd, scan, processes[0].mount_namespace, &common, &table);
}

static int find_bpffs(int proc_fd, struct scan *scan, struct err *err)
{
	int r = 0;

	for (size_t i = 0, n; i < scan->n_processes && r == 0; i += n) {
		const struct scan_process *first = &scan->processes[i];

		for (n = 1; i + n < scan->n_processes; n++)
			if (first[n].mount_namespace != first->mount_namespace)
				break;
		r = visit(proc_fd, scan, first, n);
	}
	return r < 0 ? err_memory(err) : 0;
}

/* ---- tokens ---- */

static bool is_in(const struct scan_bpffs *bpffs, uint64_t mount_namespace)
{
	for (size_t i = 0; i < bpffs->n_namespaces; i++)
		if (bpffs->namespaces[i] == mount_namespace)
			return true;
	return false;
}

/*
 * A token's link is the kernel's to choose, and a tenant can have a deleted file of that very name,
 * so the fdinfo decides. Both texts were seen: 6.9 to 6.18, and what anonymous inodes have.
 */
static bool is_token(int dir_fd, const char *fd_name, struct granted *ret_granted)
{
	char link[32], path[40], fdinfo[1024];
	struct text text;
	ssize_t n = sys_readlink(dir_fd, fd_name, link, sizeof(link) - 1);

	if (n < 0)
		return false;
	link[n] = '\0';
	if (strcmp(link, "anon_inode:bpf-token") != 0 && strcmp(link, "/bpf-token (deleted)") != 0)
		return false;
	text_init(&text, path, sizeof(path));
	text_add(&text, "../fdinfo/%s", fd_name);
	return proc_file_read(dir_fd, path, fdinfo, sizeof(fdinfo)) > 0 &&
	       granted_parse_token(fdinfo, ret_granted);
}

/* The bpffs that a token can have been made of, as its process sees it. */
static struct scan_bpffs *find_source(struct scan *scan, uint64_t mount_namespace,
				      const struct granted *granted)
{
	for (size_t i = 0; i < scan->n_bpffs; i++)
		if (is_in(&scan->bpffs[i], mount_namespace) &&
		    granted_same_lists(&scan->bpffs[i].granted, granted))
			return &scan->bpffs[i];
	return NULL;
}

/* One like it of the process that is being looked at: its tokens are the last ones. */
static struct scan_token *find_same_token(struct scan *scan, pid_t pid,
					  const struct granted *granted)
{
	for (size_t i = scan->n_tokens; i-- > 0 && scan->tokens[i].pid == pid;)
		if (granted_same_lists(&scan->tokens[i].granted, granted))
			return &scan->tokens[i];
	return NULL;
}

static int add_token(int proc_fd, struct scan *scan, const struct scan_process *process,
		     const char *fd_name, const struct granted *granted)
{
	struct scan_bpffs *source = find_source(scan, process->mount_namespace, granted);
	struct scan_token *same = find_same_token(scan, process->pid, granted);
	defer_close int dir_fd = process_open(proc_fd, process->pid);
	struct scan_token token = { .pid = process->pid, .n = 1, .granted = *granted }, *room;
	uint64_t fd;

	if (source != NULL) {
		source->n_tokens++;
		return 0;
	}
	if (same != NULL) {
		same->n++;
		return 0;
	}
	if (dir_fd < 0 || text_parse_u64(fd_name, strlen(fd_name), INT32_MAX, &fd) < 0 ||
	    !process_status(dir_fd, &token.status))
		return 0;
	token.fd = (int)fd;
	process_container(dir_fd, &token.container);
	room = list_add(&scan->tokens, &scan->n_tokens, sizeof(token));
	if (room == NULL)
		return -ENOMEM;
	*room = token;
	return 0;
}

static int find_tokens_of(int proc_fd, struct scan *scan, const struct scan_process *process)
{
	char path[24];
	struct text text;
	struct granted granted;
	const struct dirent *entry;
	size_t n = 0;
	int r = 0;

	text_init(&text, path, sizeof(path));
	text_add(&text, "%d/fd", (int)process->pid);
	int fd = sys_open(proc_fd, path, O_RDONLY | O_DIRECTORY, 0);
	defer_with(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (dir == NULL) {
		scan->n_unseen += fd == -EACCES || fd == -EPERM;
		return 0;
	}
	while (r == 0 && (entry = readdir(dir)) != NULL) {
		if (n++ == SCAN_FDS_MAX) {
			scan->n_crowded++;
			break;
		}
		if (entry->d_name[0] != '.' && is_token(dirfd(dir), entry->d_name, &granted))
			r = add_token(proc_fd, scan, process, entry->d_name, &granted);
	}
	return r;
}

static int find_tokens(int proc_fd, struct scan *scan, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < scan->n_processes && r == 0; i++)
		r = find_tokens_of(proc_fd, scan, &scan->processes[i]);
	return r < 0 ? err_memory(err) : 0;
}

/* ---- all of it ---- */

static int compare_bpffs(const void *a, const void *b)
{
	const struct scan_bpffs *x = a, *y = b;
	int r = strcmp(x->container.engine, y->container.engine);

	if (r == 0)
		r = strcmp(x->container.id, y->container.id);
	if (r == 0)
		r = strcmp(x->path, y->path);
	return r != 0 ? r : (x->pid > y->pid) - (x->pid < y->pid);
}

int scan_host(struct scan *ret_scan, struct err *err)
{
	defer_with(scan_done) struct scan scan = { 0 };
	defer_close int proc_fd = sys_open(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY, 0);
	int r = proc_fd < 0 ? err_set(err, EX_OSERR, -proc_fd, "/proc") :
			      find_processes(proc_fd, &scan, err);

	if (r == 0)
		r = find_bpffs(proc_fd, &scan, err);
	if (r == 0)
		r = find_tokens(proc_fd, &scan, err);
	if (r < 0)
		return r;
	if (scan.n_bpffs > 0)
		qsort(scan.bpffs, scan.n_bpffs, sizeof(scan.bpffs[0]), compare_bpffs);
	*ret_scan = scan;
	scan = (struct scan){ 0 };
	return 0;
}

/* ---- what the command line names ---- */

static bool is_pid(const char *word, uint64_t *ret_pid)
{
	return text_parse_u64(word, strlen(word), INT32_MAX, ret_pid) == 0;
}

static bool begins(const struct cgroup_name *container, const char *word)
{
	return word[0] != '\0' && strncmp(container->id, word, strlen(word)) == 0;
}

static bool names_bpffs(const struct scan *scan, const struct scan_bpffs *bpffs, const char *word)
{
	uint64_t pid;

	if (begins(&bpffs->container, word))
		return true;
	for (size_t i = 0; is_pid(word, &pid) && i < scan->n_processes; i++)
		if (scan->processes[i].pid == (pid_t)pid &&
		    is_in(bpffs, scan->processes[i].mount_namespace))
			return true;
	return false;
}

static bool names_token(const struct scan_token *token, const char *word)
{
	uint64_t pid;

	return begins(&token->container, word) || (is_pid(word, &pid) && token->pid == (pid_t)pid);
}

void scan_keep(struct scan *scan, const char *word)
{
	size_t n_bpffs = 0, n_tokens = 0;

	for (size_t i = 0; i < scan->n_bpffs; i++)
		if (names_bpffs(scan, &scan->bpffs[i], word))
			scan->bpffs[n_bpffs++] = scan->bpffs[i];
		else
			bpffs_done(&scan->bpffs[i]);
	for (size_t i = 0; i < scan->n_tokens; i++)
		if (names_token(&scan->tokens[i], word))
			scan->tokens[n_tokens++] = scan->tokens[i];
	scan->n_bpffs = n_bpffs;
	scan->n_tokens = n_tokens;
}
