/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_CONFINE_H
#define HOOK_CONFINE_H

/*
 * What the process may do, cut down before it reads a byte, whatever its caller left behind.
 */

#include <stdbool.h>

#include "spec/base/err.h"

/*
 * Leaves of the process what the job needs: no descriptor above 2, three open standard ones, no new
 * privileges, not dumpable (kernel.md section 1.5: a container root that shares the pid namespace
 * could otherwise read this process through its child), and of the capabilities only the job's, none
 * of them effective. Refuses to run set-uid or with file
 * capabilities (64). Returns 0, or a negative errno with err filled.
 */
int confine_start(struct err *err);

/*
 * The rest, once a request is known: umask 022, the bounding set cut to the job's, default SIGCHLD,
 * no signal blocked, no death by a log's reader that is gone or a file that may not grow, and a
 * watchdog: SIGALRM ends the process after 8 seconds. On success the job's capabilities are
 * effective: files are opened next.
 */
int confine_job(struct err *err);

/* Makes the capabilities of the job effective, or none. */
int confine_raise(struct err *err);
int confine_lower(struct err *err);

/* True when the process holds CAP_SYS_ADMIN at all. */
bool confine_is_privileged(void);

/* Says it again after a change of file system ids, which makes the kernel reconsider. */
void confine_stay_undumpable(void);

#endif
