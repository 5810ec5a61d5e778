/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "hook/sys.h"

#include "spec/base/poison.h"

#define WATCHDOG_SECONDS 8

/* Measured: without any one of these some step of the job fails. */
static const cap_value_t job[] = {
	CAP_SYS_ADMIN,	     /* setns, delegate_*, FSCONFIG_CMD_CREATE, fsmount, move_mount */
	CAP_SYS_CHROOT,	     /* setns to a mount namespace */
	CAP_SYS_PTRACE,	     /* /proc/PID/ns and setns by pidfd of another user's process */
	CAP_DAC_READ_SEARCH, /* bundles and root directories below directories of other users */
	CAP_SETUID,	     /* fsuid and */
	CAP_SETGID,	     /* fsgid and groups, to make a missing directory */
};

#define JOB_CAPS ((int)(sizeof(job) / sizeof(job[0])))

static void free_caps(cap_t *caps)
{
	if (*caps != NULL)
		cap_free(*caps);
}

static bool in_job(cap_value_t cap)
{
	for (int i = 0; i < JOB_CAPS; i++)
		if (job[i] == cap)
			return true;
	return false;
}

static bool is_permitted(cap_t caps, cap_value_t cap)
{
	cap_flag_value_t value;

	return cap_get_flag(caps, cap, CAP_PERMITTED, &value) == 0 && value == CAP_SET;
}

enum effective { EFFECTIVE_NONE, EFFECTIVE_JOB, EFFECTIVE_JOB_WITHOUT_FILES };

/* Permitted: those of the job that the caller gave. Effective: those too, or some, or none. */
static int set_caps(cap_t have, enum effective effective, struct err *err)
{
	__attribute__((cleanup(free_caps))) cap_t caps = cap_init();

	if (caps == NULL)
		return err_memory(err);
	for (int i = 0; i < JOB_CAPS; i++) {
		if (!is_permitted(have, job[i]))
			continue;
		cap_set_flag(caps, CAP_PERMITTED, 1, &job[i], CAP_SET);
		if (effective == EFFECTIVE_JOB ||
		    (effective == EFFECTIVE_JOB_WITHOUT_FILES && job[i] != CAP_DAC_READ_SEARCH))
			cap_set_flag(caps, CAP_EFFECTIVE, 1, &job[i], CAP_SET);
	}
	if (cap_set_proc(caps) < 0)
		return err_set(err, EX_OSERR, errno, "privilege: setting capabilities");
	return 0;
}

static int change_caps(enum effective effective, struct err *err)
{
	__attribute__((cleanup(free_caps))) cap_t have = cap_get_proc();

	if (have == NULL)
		return err_set(err, EX_OSERR, errno, "privilege: reading capabilities");
	return set_caps(have, effective, err);
}

int confine_raise(struct err *err)
{
	return change_caps(EFFECTIVE_JOB, err);
}

int confine_lower(struct err *err)
{
	return change_caps(EFFECTIVE_NONE, err);
}

int confine_drop_file_access(struct err *err)
{
	return change_caps(EFFECTIVE_JOB_WITHOUT_FILES, err);
}

bool confine_is_privileged(void)
{
	__attribute__((cleanup(free_caps))) cap_t have = cap_get_proc();

	return have != NULL && is_permitted(have, CAP_SYS_ADMIN);
}

/* Without CAP_SETPCAP the bounding set cannot be cut; such a caller is refused later (69). */
static int cut_caps(struct err *err)
{
	__attribute__((cleanup(free_caps))) cap_t have = cap_get_proc();

	if (have == NULL)
		return err_set(err, EX_OSERR, errno, "privilege: reading capabilities");
	if (is_permitted(have, CAP_SETPCAP))
		for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
			if (!in_job(cap) && cap_drop_bound(cap) < 0)
				return err_set(err, EX_OSERR, errno,
					       "privilege: dropping capability %d", cap);
	return set_caps(have, EFFECTIVE_NONE, err);
}

/*
 * A closed standard descriptor would be the number of the next file opened, and a message would then
 * be written into it.
 */
static int open_standard(struct err *err)
{
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDWR) != fd)
			return err_set(err, EX_OSERR, errno, "standard descriptor %d: /dev/null",
				       fd);
	}
	return 0;
}

void confine_stay_undumpable(void)
{
	sys_call(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int confine_start(struct err *err)
{
	int r;

	if (syscall(SYS_close_range, 3u, ~0u, 0u) < 0)
		return err_set(err, EX_OSERR, errno, "inherited descriptors: close_range");
	r = open_standard(err);
	if (r < 0)
		return r;
	if (getauxval(AT_SECURE) != 0)
		return err_set(err, EX_USAGE, 0,
			       "privilege: this program must not be set-uid or have file "
			       "capabilities; remove them, the runtime starts it as root");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(err, EX_OSERR, errno, "privilege: prctl");
	return cut_caps(err);
}

int confine_job(struct err *err)
{
	const struct itimerval watchdog = { .it_value = { .tv_sec = WATCHDOG_SECONDS } };
	const struct sigaction standard = { .sa_handler = SIG_DFL }, ignore = { .sa_handler = SIG_IGN };
	sigset_t none;

	umask(022);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0 ||
	    sigaction(SIGCHLD, &standard, NULL) < 0 || sigaction(SIGALRM, &standard, NULL) < 0 ||
	    sigaction(SIGPIPE, &ignore, NULL) < 0 || sigaction(SIGXFSZ, &ignore, NULL) < 0 ||
	    setitimer(ITIMER_REAL, &watchdog, NULL) < 0)
		return err_set(err, EX_OSERR, errno, "signals");
	return 0;
}
