/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_HOOK_H
#define HOOK_HOOK_H

/*
 * One run of the hook, from the state on standard input to the mount.
 */

#include <stdbool.h>

#include "hook/report.h"
#include "hook/request.h"

/* What the command line says. */
struct hook_options {
	struct request_words words;
	const char *policy;	   /* the administrator's file */
	const char *vendor_policy; /* the vendor's */
	struct report_options report;
	bool dry_run;
};

/*
 * Reads the state, decides, mounts and reports. Returns the exit code (sysexits.h; 0: delegated,
 * already delegated, or nothing asked). Expects confine_start to have been called. A container that
 * asks for nothing costs the reading of standard input and no other file.
 */
int hook_run(const struct hook_options *options);

#endif
