/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CHECK_SECCOMP_DEFAULT_H
#define CMD_BPFTOKEN_CHECK_SECCOMP_DEFAULT_H

/*
 * An engine's default seccomp profile (seccomp.json of containers-common, Docker's profile): rules
 * that depend on capabilities, from which the engine makes a container's profile.
 *
 * Source: containers/container-libs common/pkg/seccomp: a rule counts when the container has all
 * capabilities of includes.caps and none of excludes.caps.
 */

#include <stdbool.h>

#include "spec/base/err.h"
#include "spec/base/source.h"

/*
 * Tells whether a container with CAP_BPF and nothing else gets bpf(2) through. Returns 0, or a
 * negative errno with err filled. Pure.
 */
int seccomp_default_parse(struct source *source, bool *ret_allows, struct err *err);

#endif
