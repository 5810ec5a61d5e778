/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_WARN_H
#define HOOK_WARN_H

/*
 * What will keep a delegation that was granted from being of use. Nothing here changes a decision;
 * the log and "bpftoken explain" show it.
 */

#include <stdbool.h>

#include "hook/plan.h"
#include "hook/request.h"
#include "spec/config.h"

#define WARN_MAX 10

struct warnings {
	char text[WARN_MAX][200];
	size_t n;
};

/* Collects the warnings for a plan. selinux: the host enforces SELinux. Pure. */
void warn_collect(const struct plan *plan, const struct request *request,
		  const struct config *config, bool selinux, struct warnings *ret_warnings);

#endif
