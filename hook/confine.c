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
	CAP_SETPCAP,	     /* only until the bounding set is cut */
};

#define JOB_CAPS ((int)(sizeof(job) / sizeof(job[0])))

/* What is effective; permitted are the job's capabilities, CAP_SETPCAP up to PRIVILEGE_BOUNDING. */
enum privilege {
	PRIVILEGE_START,    /* none */
	PRIVILEGE_BOUNDING, /* CAP_SETPCAP */
	PRIVILEGE_NONE,
	PRIVILEGE_JOB, /* all */
};

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

static bool is_effective(enum privilege privilege, cap_value_t cap)
{
	switch (privilege) {
	case PRIVILEGE_BOUNDING:
		return cap == CAP_SETPCAP;
	case PRIVILEGE_JOB:
		return true;
	default:
		return false;
	}
}

/* Of the job's capabilities those that the process has; what is given up once never comes back. */
static int set_privilege(enum privilege privilege, struct err *err)
{
	__attribute__((cleanup(free_caps))) cap_t caps = cap_get_proc();
	cap_value_t permitted[JOB_CAPS], effective[JOB_CAPS];
	int n_permitted = 0, n_effective = 0;

	if (caps == NULL)
		return err_set(err, EX_OSERR, errno, "privilege: reading capabilities");
	for (int i = 0; i < JOB_CAPS; i++) {
		if (!is_permitted(caps, job[i]) ||
		    (job[i] == CAP_SETPCAP && privilege > PRIVILEGE_BOUNDING))
			continue;
		permitted[n_permitted++] = job[i];
		if (is_effective(privilege, job[i]))
			effective[n_effective++] = job[i];
	}
	/* filled again in place: cap_init would ask the kernel for its version once more */
	cap_clear(caps);
	if (n_permitted != 0)
		cap_set_flag(caps, CAP_PERMITTED, n_permitted, permitted, CAP_SET);
	if (n_effective != 0)
		cap_set_flag(caps, CAP_EFFECTIVE, n_effective, effective, CAP_SET);
	if (cap_set_proc(caps) < 0)
		return err_set(err, EX_OSERR, errno, "privilege: setting capabilities");
	return 0;
}

int confine_raise(struct err *err)
{
	return set_privilege(PRIVILEGE_JOB, err);
}

int confine_lower(struct err *err)
{
	return set_privilege(PRIVILEGE_NONE, err);
}

bool confine_is_privileged(void)
{
	__attribute__((cleanup(free_caps))) cap_t have = cap_get_proc();

	return have != NULL && is_permitted(have, CAP_SYS_ADMIN);
}

/*
 * The bounding set matters where a program is executed, and this one executes none, so it is cut once
 * a request is known: 35 calls that a container which asks for nothing does not pay for. Without
 * CAP_SETPCAP it stays, and such a caller is refused (69). The job's capabilities come next.
 */
static int cut_bounding_set(struct err *err)
{
	int r = set_privilege(PRIVILEGE_BOUNDING, err);

	for (cap_value_t cap = 0; r == 0 && cap < cap_max_bits(); cap++)
		if ((!in_job(cap) || cap == CAP_SETPCAP) && cap_drop_bound(cap) < 0 &&
		    errno != EPERM)
			r = err_set(err, EX_OSERR, errno, "privilege: dropping capability %d", cap);
	return r < 0 ? r : set_privilege(PRIVILEGE_JOB, err);
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
	return set_privilege(PRIVILEGE_START, err);
}

int confine_job(struct err *err)
{
	const struct itimerval watchdog = { .it_value = { .tv_sec = WATCHDOG_SECONDS } };
	const struct sigaction standard = { .sa_handler = SIG_DFL },
			       ignore = { .sa_handler = SIG_IGN };
	sigset_t none;

	umask(022);
	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0 || sigaction(SIGCHLD, &standard, NULL) < 0 ||
	    sigaction(SIGALRM, &standard, NULL) < 0 || sigaction(SIGPIPE, &ignore, NULL) < 0 ||
	    sigaction(SIGXFSZ, &ignore, NULL) < 0 || setitimer(ITIMER_REAL, &watchdog, NULL) < 0)
		return err_set(err, EX_OSERR, errno, "signals");
	return cut_bounding_set(err);
}
