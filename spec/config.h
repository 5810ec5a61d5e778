/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_CONFIG_H
#define SPEC_CONFIG_H

/*
 * What the hook has to know of a bundle's config.json.
 *
 * Source: opencontainers/runtime-spec config.md and config-linux.md 1.0 to 1.3. The id mappings are
 * left out on purpose: a user namespace joined by path has none there, so the kernel's count.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/base/err.h"
#include "spec/base/source.h"
#include "spec/seccomp.h"

#define CONFIG_MAX_BYTES (16 << 20)

struct config_mount {
	char *destination; /* canonical: absolute, no "//", ".", ".." or trailing slash */
	bool shared;	/* options hold shared or rshared: what is mounted there reaches the host */
	bool read_only; /* options hold ro or rro; crun makes it so only after the hooks */
};

struct config {
	char *root_path; /* set; relative to the bundle unless absolute */
	uint32_t uid;	 /* process.user, as seen inside; 0 when absent */
	uint32_t gid;
	uint64_t bounding; /* process.capabilities, one bit per capability */
	uint64_t effective;
	char *token_path; /* LIBBPF_BPF_TOKEN_PATH in process.env, NULL when it is not set */
	bool mount_label; /* linux.mountLabel is set and not empty (SELinux) */
	struct seccomp seccomp;
	char **masked_paths; /* canonical, too */
	size_t n_masked_paths;
	struct config_mount *mounts; /* in the order in which they are mounted */
	size_t n_mounts;
};

/*
 * Reads a config.json. Returns 0, or a negative errno with err filled (65). On success the caller
 * owns *ret_config and ends it with config_done. Pure.
 */
int config_parse(struct source *source, struct config *ret_config, struct err *err);

void config_done(struct config *config);

/* True when the runtime will put a mask over path once the hooks are done. */
bool config_masks(const struct config *config, const char *path);

/*
 * The destination of the volume that path lies on, when config.json mounts it shared, else NULL. The
 * last mount that covers path counts: it hides the ones before it.
 */
const char *config_shared_volume(const struct config *config, const char *path);

/* The same of a volume that config.json mounts read-only. */
const char *config_read_only_volume(const struct config *config, const char *path);

#endif
