/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CHECK_TRIAL_H
#define CMD_BPFTOKEN_CHECK_TRIAL_H

/*
 * A delegation tried for real: a throw-away container of this program's own gets a delegated bpffs
 * by the hook's own code and uses it.
 */

#include "spec/base/err.h"

/* What was done, in this order. */
enum trial_step {
	TRIAL_CONTAINER, /* user, mount, network and cgroup namespaces were made */
	TRIAL_BPFFS,	 /* the delegated bpffs was mounted */
	TRIAL_USE,	 /* the container tried to use it; the results below are its */
	TRIAL_END,
};

/* Results are 0 or positive, or a negative errno; without and with are without and with the token. */
struct trial {
	enum trial_step step; /* that failed, TRIAL_END when none did */
	struct err err;
	int token;
	int map_without, map_with;
	int program_without, program_with;
};

/*
 * Tries it. Takes root in the initial user namespace and a few milliseconds. All is done by children
 * that die with this process, in namespaces that end with them, so nothing is left behind however it
 * ends. Fills *ret_trial; err says why a step failed (69 or 71).
 */
void trial_run(struct trial *ret_trial);

#endif
