/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_HOST_GRANTED_H
#define CMD_BPFTOKEN_HOST_GRANTED_H

/*
 * What a bpffs delegates and a token may do, as the kernel shows it.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "spec/base/text.h"
#include "spec/delegation.h"

/* Invariant: unknown holds words that this build has no name for, split by blanks. */
struct granted {
	struct delegation delegation;
	char unknown[NAMES_LISTS][160];
	uid_t uid; /* of a bpffs: the host's ids */
	gid_t gid;
	unsigned mode;
};

/*
 * Reads a bpffs's mount options. False when they delegate nothing. uid and gid are left out by the
 * kernel where they are 0, mode where it is 0777. Source: kernel/bpf/inode.c, bpf_show_options. Pure.
 */
bool granted_parse(const char *options, struct granted *ret_granted);

/*
 * Reads the fdinfo of a token: the lists only. False when it is not a token's. Source:
 * kernel/bpf/token.c, bpf_token_show_fdinfo. Pure.
 */
bool granted_parse_token(const char *fdinfo, struct granted *ret_granted);

bool granted_same_lists(const struct granted *a, const struct granted *b);

/* Adds a list's words with separator between them; nothing for an empty list. Pure. */
void granted_add_words(const struct granted *granted, enum names_list list, const char *separator,
		       struct text *text);

#endif
