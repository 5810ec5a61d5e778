/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/run.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hook/sys.h"

/* ---- the gate ---- */

struct run *run;

static void signal_self(int signal)
{
	syscall(SYS_kill, syscall(SYS_gettid), signal);
}

/* True for the call that is to fail. exit(2) cannot, and is not counted. */
static bool is_hit(long number)
{
	enum task task = syscall(SYS_gettid) == run->hook ? HOOK : HELPER;
	bool wanted;

	if (run->hook == 0 || number == SYS_exit)
		return false;
	run->calls[task]++;
	if (task == HELPER)
		run->helper = (pid_t)syscall(SYS_gettid);
	wanted = run->fault.n != 0 ? run->calls[task] == run->fault.n : number == run->fault.call;
	if (!wanted || task != run->fault.task || run->hit)
		return false;
	run->hit = true;
	run->hit_call = number;
	return true;
}

long sys_call(long number, long a, long b, long c, long d, long e)
{
	enum fault_kind kind = is_hit(number) ? run->fault.kind : NONE;
	long r = -run->fault.errnum;

	if (kind == STOPPED)
		signal_self(SIGSTOP);
	if (kind == KILLED_BEFORE)
		signal_self(SIGKILL);
	if (kind != FAIL)
		r = syscall(number, a, b, c, d, e);
	else if (number == SYS_ppoll) /* has waited, else it is chance how far the helper came */
		syscall(number, a, b, c, d, e);
	if (kind == KILLED_AFTER)
		signal_self(SIGKILL);
	return kind != FAIL && r < 0 ? -errno : r;
}

/* The linker puts this before libc's, to see descriptors that are closed twice. */
int __real_close(int fd);
int __wrap_close(int fd);

int __wrap_close(int fd)
{
	int r = __real_close(fd);

	if (r < 0 && errno == EBADF && run != NULL)
		run->bad_closes++;
	return r;
}

/* ---- the container ---- */

static void make_directory(const char *path, uid_t owner)
{
	assert_return_code(mkdir(path, 0755), errno);
	assert_return_code(chown(path, owner, owner), errno);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void make_root(void)
{
	nftw(ROOT, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	make_directory(ROOT, ROOT_ID);
	make_directory(ROOT "/sys", ROOT_ID);
	make_directory(ROOT "/sys/fs", ROOT_ID);
	make_directory(ROOT "/sys/fs/bpf", ROOT_ID);
	make_directory(ROOT "/host", 0);
	assert_return_code(symlink("sys/fs", ROOT "/link"), errno);
}

static void exec_target(const char *option, int output)
{
	dup2(output, STDOUT_FILENO);
	execl(getenv("TARGET"), "target", "--root=" ROOT, option, (char *)NULL);
	_exit(127);
}

struct container start_container(const char *option)
{
	struct container container = { 0 };
	char line[32] = { 0 };
	int ends[2];

	assert_return_code(pipe2(ends, O_CLOEXEC), errno);
	container.parent = fork();
	assert_return_code(container.parent, errno);
	if (container.parent == 0)
		exec_target(option, ends[1]);
	close(ends[1]);
	assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
	close(ends[0]);
	container.pid = (pid_t)strtol(line, NULL, 10);
	assert_true(container.pid > 1);
	return container;
}

void stop_container(const struct container *container)
{
	kill(container->pid, SIGKILL);
	assert_return_code(waitpid(container->parent, NULL, 0), errno);
}

/* ---- what a run must not leave behind ---- */

static char *tree_end;

static int add_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)type;
	(void)where;
	tree_end += sprintf(tree_end, "%s %o %u:%u\n", path, st->st_mode, st->st_uid, st->st_gid);
	return 0;
}

void take_snapshot(const struct container *container, struct snapshot *snapshot)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)container->pid);
	file = fopen(path, "re");
	assert_non_null(file);
	snapshot->mounts[fread(snapshot->mounts, 1, TABLE_MAX - 1, file)] = '\0';
	fclose(file);
	tree_end = snapshot->tree;
	*tree_end = '\0';
	assert_int_equal(nftw(ROOT, add_entry, 16, FTW_PHYS), 0);
}

unsigned count(const char *text, const char *word)
{
	unsigned n = 0;

	for (text = strstr(text, word); text != NULL; text = strstr(text + 1, word))
		n++;
	return n;
}

unsigned bpffs_below_root(const struct snapshot *snapshot)
{
	char line[TABLE_MAX];
	unsigned n = 0;

	for (const char *p = snapshot->mounts; *p != '\0'; p += *p == '\n') {
		size_t len = strcspn(p, "\n");

		memcpy(line, p, len);
		line[len] = '\0';
		n += strstr(line, DELEGATED) != NULL &&
		     strstr(line, " rw,nosuid,nodev,noexec,relatime - bpf ") != NULL;
		p += len;
	}
	return n;
}

/* ---- one run ---- */

static int descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < DESCRIPTORS_MAX; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void set_masks(struct delegation *delegation)
{
	delegation->masks[NAMES_CMDS] = UINT64_C(1) << BPF_MAP_CREATE;
	delegation->masks[NAMES_MAPS] = UINT64_C(1) << BPF_MAP_TYPE_ARRAY;
	delegation->masks[NAMES_PROGS] = UINT64_C(1) << BPF_PROG_TYPE_XDP;
	delegation->masks[NAMES_ATTACHS] = UINT64_C(1) << BPF_XDP;
}

/* What the hook does, between the reading of the state and the report. */
static void mount_here(pid_t pid, const char *path, mode_t mode)
{
	struct plan plan = {
		.pid = pid,
		.root = ROOT,
		.path = path,
		.uid = ROOT_ID,
		.gid = ROOT_ID,
		.mode = mode,
		.root_uid = ROOT_ID,
		.root_gid = ROOT_ID,
	};
	struct ns_target target = { .pidfd = -1, .process_fd = -1, .proc_fd = -1 };

	set_masks(&plan.delegation);
	run->result = ns_open(pid, &target, &run->err);
	if (run->result == 0)
		run->result = mount_make(&plan, &target, &run->outcome, &run->err);
	ns_target_done(&target);
}

static void look_for_children(void)
{
	siginfo_t info = { 0 };
	int r = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL);

	run->dead_child = r == 0 && info.si_pid != 0;
	run->living_child = r == 0 && info.si_pid == 0;
}

static void run_in_child(pid_t pid, const char *path, mode_t mode)
{
	int before = descriptors();

	prctl(PR_SET_DUMPABLE, 0);
	alarm(30);
	run->hook = (pid_t)syscall(SYS_gettid);
	mount_here(pid, path, mode);
	run->hook = 0;
	run->more_descriptors = descriptors() - before;
	look_for_children();
	run->finished = true;
	_exit(0);
}

pid_t start_run(const struct container *container, const char *path, mode_t mode,
		const struct fault *fault)
{
	pid_t child;

	*run = (struct run){ .fault = *fault };
	child = fork();
	assert_return_code(child, errno);
	if (child == 0)
		run_in_child(container->pid, path, mode);
	return child;
}

void run_once(const struct container *container, const char *path, mode_t mode,
	      const struct fault *fault)
{
	pid_t child = start_run(container, path, mode, fault);

	assert_return_code(waitpid(child, NULL, 0), errno);
}

/* ---- the host ---- */

int leave_the_host_alone(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("fault", "/run", "tmpfs", 0, "mode=755") < 0 || mkdir(BUNDLE, 0755) < 0)
		return -1;
	umask(022);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	run = mmap(NULL, sizeof(*run), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return run != MAP_FAILED ? 0 : -1;
}

/* EBADF: the kernel knows the command. */
bool has_tokens(void)
{
	struct {
		uint32_t flags, bpffs_fd;
	} attr = { 0, UINT32_MAX };

	return syscall(SYS_bpf, 36 /* BPF_TOKEN_CREATE */, &attr, sizeof(attr)) < 0 &&
	       errno == EBADF;
}
