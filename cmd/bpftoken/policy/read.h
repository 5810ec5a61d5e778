/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_POLICY_READ_H
#define CMD_BPFTOKEN_POLICY_READ_H

/*
 * One file of the policy, whoever owns it: for who looks at a draft.
 */

#include "hook/policy.h"

/* The layer that a path is of: the vendor's for the vendor's file, else the administrator's. */
enum policy_layer policy_layer_of(const char *path);

/*
 * Adds the file to *policy as policy_parse does. Returns 0, or a negative errno with err filled:
 * *ret_unread tells a file that could not be read from one with a defect. The caller ends *policy in
 * either case.
 */
int policy_read(const char *path, struct policy *policy, bool *ret_unread, struct err *err);

#endif
