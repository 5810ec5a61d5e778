/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_PLAN_H
#define HOOK_PLAN_H

/*
 * The plan: everything that the mount needs, as data. The hook carries it out, its dry run and
 * "bpftoken explain" print it.
 */

#include <limits.h>
#include <sys/types.h>

#include "hook/request.h"
#include "spec/config.h"
#include "spec/delegation.h"
#include "spec/idmap.h"
#include "spec/state.h"

/* Invariants: root and path are absolute; path is canonical; ids are the host's. */
struct plan {
	pid_t pid;
	char root[PATH_MAX];   /* the container's root directory, as the runtime names it */
	const char *path;      /* inside that root; owned by the request */
	const char *read_only; /* the volume it lies on where that is read-only, or NULL */
	const struct config_mount *mounts; /* the config's: a name may lead to another volume yet */
	size_t n_mounts;
	struct delegation delegation;
	uid_t uid; /* who owns the bpffs */
	gid_t gid;
	mode_t mode;
	uid_t root_uid; /* the container's root: who makes a missing directory */
	gid_t root_gid;
};

/*
 * Runtimes themselves still write below these after the hooks (labels and sysctls through /proc,
 * devices in /dev), so nothing that a container owns may take their place (CVE-2019-19921,
 * CVE-2025-52881).
 */
#define PLAN_RUNTIME_DIRS 2
extern const char *const plan_runtime_dirs[PLAN_RUNTIME_DIRS];

/* What is known when a plan is made. */
struct plan_facts {
	const struct state *state;
	const struct config *config;
	const struct request *request;
	const struct idmap *uids;
	const struct idmap *gids;
};

/*
 * Makes a plan for what was granted. Returns 0, or a negative errno with err filled: 65 when the
 * destination cannot be (below /proc or /dev, under a mask, on a shared volume, root.path too long),
 * 69 when the container's root or the owner has no id on the host. Pure.
 */
int plan_make(const struct plan_facts *facts, const struct delegation *granted,
	      struct plan *ret_plan, struct err *err);

/* Adds the plan as "key: value" lines, the delegation as the kernel's mount options. */
void plan_add_text(const struct plan *plan, struct text *text);

#endif
