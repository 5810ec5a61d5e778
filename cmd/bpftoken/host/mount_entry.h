/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_HOST_MOUNT_ENTRY_H
#define CMD_BPFTOKEN_HOST_MOUNT_ENTRY_H

/*
 * One mount of a mount namespace, as the kernel shows it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Invariant: strings are the kernel's with its octal escapes undone, so any bytes but NUL. */
struct mount_entry {
	uint64_t id, parent;
	uint64_t device; /* of the file system: which instance it is */
	char *root;	 /* what of the file system is mounted; "/" for all */
	char *point;	 /* where, from the namespace's root */
	char *options;	 /* of a bpffs; NULL for all others */
};

void mount_entry_done(struct mount_entry *entry);

/*
 * Reads one line of a mountinfo file. Returns 1 with an entry that the caller ends with
 * mount_entry_done, 0 for a line of another form (a kernel's to come), or -ENOMEM. Pure.
 */
int mount_entry_parse(const char *line, size_t len, struct mount_entry *ret_entry);

/*
 * Undoes the kernel's octal escapes ("\040") in place. Pure.
 */
void mount_entry_unescape(char *text);

/*
 * True when a path walk to a mount's place ends on another mount: one that covers it, or a directory
 * above it. Told from ids, because paths alone do not say which came first. Pure.
 */
bool mount_entry_is_hidden(const struct mount_entry *entries, size_t n, size_t index);

#endif
