/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_POLICY_FILE_H
#define HOOK_POLICY_FILE_H

/*
 * Policy files: opened so that only root can have written what is read.
 */

#include "hook/policy.h"

/*
 * Opens a policy file. Every directory on the way, those that symlinks lead through included, and
 * the file itself must be root's and not writable by group or others; the file a regular one.
 * Returns 0 and a descriptor that the caller closes, or a negative errno with err filled: 78, and
 * -ENOENT for a file that is missing.
 */
int policy_file_open(const char *path, int *ret_fd, struct err *err);

/* Where the policy's layers are. */
struct policy_files {
	const char *administrator;
	const char *vendor;
	bool need_rules; /* the administrator's file must be there */
};

/* The open layers; -1 where there is no such file. */
struct policy_layers {
	int administrator, vendor;
};

/*
 * Opens both layers. A missing file is an empty layer, unless rules are needed (78). Returns 0, or a
 * negative errno with err filled (78, 71). Needs CAP_DAC_READ_SEARCH for directories of others. On
 * success the caller ends *ret_layers with policy_layers_close.
 */
int policy_layers_open(const struct policy_files *files, struct policy_layers *ret_layers,
		       struct err *err);

void policy_layers_close(struct policy_layers *layers);

/*
 * Reads the layers into an all-zero policy and links them. Returns 0, or a negative errno with err
 * filled (78). The caller ends *policy with policy_done in either case. Needs no privilege.
 */
int policy_layers_read(const struct policy_files *files, const struct policy_layers *layers,
		       struct policy *policy, struct err *err);

/* Both steps in one, for who has no privilege to lower in between. */
int policy_files_load(const struct policy_files *files, struct policy *policy, struct err *err);

#endif
