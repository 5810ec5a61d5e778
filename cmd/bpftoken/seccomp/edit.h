/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_SECCOMP_EDIT_H
#define CMD_BPFTOKEN_SECCOMP_EDIT_H

/*
 * A seccomp profile changed so that it lets through the bpf(2) commands that a container with a
 * delegation needs, and no others; every other byte of it stays.
 */

#include "cmd/bpftoken/seccomp/profile.h"

/*
 * Takes bpf out of every rule of the profile that text is, and adds rules at the end that allow the
 * commands of the mask and answer EPERM to all others. profile is what seccomp_profile_parse made of
 * text. Returns 0 and a text of *ret_len bytes with a NUL behind it that the caller frees, or a
 * negative errno with err filled. What was made is read and judged again: if it does not answer to
 * each command as it must, nothing is returned (65). Pure.
 */
int seccomp_edit(const char *text, size_t len, const struct seccomp_profile *profile,
		 uint64_t allowed, char **ret_text, size_t *ret_len, struct err *err);

#endif
