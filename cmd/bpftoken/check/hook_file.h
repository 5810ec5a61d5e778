/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CHECK_HOOK_FILE_H
#define CMD_BPFTOKEN_CHECK_HOOK_FILE_H

/*
 * A hooks.d file: when Podman, CRI-O and NRI's hook injector add a hook to a container.
 *
 * Source: containers/container-libs common/pkg/hooks/1.0.0 and oci-hooks.5. Each condition that is
 * there must hold; each pair of annotation patterns must match some annotation, with Go's RE2,
 * anywhere in key and value.
 */

#include "cmd/bpftoken/check/check.h"
#include "spec/base/source.h"

struct hook_pattern {
	char *key, *value;
};

enum hook_stage {
	HOOK_STAGE_PRESTART = 1,
	HOOK_STAGE_CREATE_RUNTIME = 2,
	HOOK_STAGE_OTHER = 4, /* where the hook cannot do its work */
};

struct hook_file {
	char *version, *path;
	bool has_env; /* at least one entry */
	bool no_time; /* timeout 0, which runtimes refuse */
	struct hook_pattern *patterns;
	size_t n_patterns;
	bool has_always, always;
	bool narrowed;	 /* by commands or hasBindMounts */
	unsigned stages; /* of enum hook_stage */
};

/* Reads one. Returns 0, or a negative errno with err filled. The caller ends it in either case. */
int hook_file_parse(struct source *source, struct hook_file *file, struct err *err);

void hook_file_done(struct hook_file *file);

/* True when the file is about our hook: by its program, or by patterns for our keys. Pure. */
bool hook_file_is_ours(const struct hook_file *file);

/*
 * Adds what is wrong with it, all but the program: stages, patterns that match too little or too
 * much, environment. Yields how many lines that was. Pure.
 */
size_t hook_file_judge(struct check *check, const char *name, const struct hook_file *file);

#endif
