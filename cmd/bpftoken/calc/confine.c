/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/calc/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spec/base/defer.h"

#include "spec/base/poison.h"

#define MEMORY_BASE ((size_t)1 << 30)
#define CPU_SECONDS 10

static void free_caps(cap_t *caps)
{
	if (*caps != NULL)
		(void)cap_free(*caps);
}

static int drop_capabilities(void)
{
	defer_with(free_caps) cap_t none = cap_init();

	if (none == NULL || cap_set_proc(none) < 0)
		return -errno;
	return 0;
}

static int close_others(int write_fd)
{
	unsigned fd = (unsigned)write_fd, first = 0;

#ifdef INSTRUMENTED
	first = 3; /* a sanitizer's report is to be seen */
#endif
	if ((fd > first && syscall(SYS_close_range, first, fd - 1, 0) < 0) ||
	    syscall(SYS_close_range, fd + 1, UINT32_MAX, 0) < 0)
		return -errno;
	return 0;
}

static int set_limit(int resource, rlim_t value)
{
	struct rlimit limit = { .rlim_cur = value, .rlim_max = value };

	/* lower is not to be had back, and no more was allowed before */
	if (setrlimit((__rlimit_resource_t)resource, &limit) < 0)
		return -errno;
	return 0;
}

static int set_limits(size_t len)
{
	int r = set_limit(RLIMIT_CPU, CPU_SECONDS);

#ifndef INSTRUMENTED
	struct rlimit old;

	if (r == 0 && getrlimit(RLIMIT_AS, &old) < 0)
		r = -errno;
	/* libbpf keeps some copies of an object */
	if (r == 0 && old.rlim_max > MEMORY_BASE + 16 * len)
		r = set_limit(RLIMIT_AS, MEMORY_BASE + 16 * len);
#else
	(void)len;
#endif
	/* no file can be opened, and memory files stay empty */
	if (r == 0)
		r = set_limit(RLIMIT_FSIZE, 0);
	return r == 0 ? set_limit(RLIMIT_CORE, 0) : r;
}

#ifndef INSTRUMENTED

static void free_filter(scmp_filter_ctx *filter)
{
	if (*filter != NULL)
		seccomp_release(*filter);
}

/* Memory, never executable and never a file's. */
static int allow_memory(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
				     SCMP_SYS(madvise) };
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
				 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
				 SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));

	for (size_t i = 0; r == 0 && i < sizeof(calls) / sizeof(calls[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return r;
}

/*
 * libbpf asks for the kernel's version, libc's qsort for the size of memory. From 1.4 on, libbpf
 * holds a place for each map's descriptor by an empty memory file, which it moves above 2.
 */
static int allow_others(scmp_filter_ctx filter, int write_fd)
{
	static const int calls[] = { SCMP_SYS(uname),	  SCMP_SYS(sysinfo), SCMP_SYS(memfd_create),
				     SCMP_SYS(getrandom), SCMP_SYS(close),   SCMP_SYS(exit_group) };
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
				 SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)write_fd, 0));

	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
				     SCMP_A1(SCMP_CMP_EQ, F_DUPFD_CLOEXEC, 0));
	for (size_t i = 0; r == 0 && i < sizeof(calls) / sizeof(calls[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return r;
}

/* libbpf looks for files that tell more of the kernel, and does without. */
static int refuse_files(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(open),	   SCMP_SYS(openat),	 SCMP_SYS(access),
				     SCMP_SYS(faccessat),  SCMP_SYS(faccessat2), SCMP_SYS(stat),
				     SCMP_SYS(newfstatat), SCMP_SYS(statx) };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(calls) / sizeof(calls[0]); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), calls[i], 0);
	return r;
}

static int install_filter(int write_fd)
{
	defer_with(free_filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r;

	if (filter == NULL)
		return -ENOMEM;
	r = allow_memory(filter);
	if (r == 0)
		r = allow_others(filter, write_fd);
	if (r == 0)
		r = refuse_files(filter);
	return r == 0 ? seccomp_load(filter) : r; /* sets no_new_privs */
}

#else

static int install_filter(int write_fd)
{
	(void)write_fd;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

#endif

int calc_confine(int write_fd, size_t len)
{
	int r;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return -errno;
	r = close_others(write_fd);
	if (r == 0)
		r = drop_capabilities();
	if (r == 0)
		r = set_limits(len);
	return r == 0 ? install_filter(write_fd) : r;
}
