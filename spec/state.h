/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_STATE_H
#define SPEC_STATE_H

/*
 * The OCI state that a runtime writes to a hook's standard input.
 *
 * Source: opencontainers/runtime-spec runtime.md, and what runc 1.1 to 1.3 and crun 1.8 to 1.28
 * write (crun 1.28 with newlines and "\/" escapes, and with a member "root" of its own).
 */

#include <stdbool.h>
#include <sys/types.h>

#include "spec/base/err.h"
#include "spec/base/source.h"

#define STATE_MAX_BYTES (1 << 20)

struct annotation {
	char *key;
	char *value;
};

/* Invariants: id and bundle are set; no two annotations have one key. */
struct state {
	char *id;
	char *bundle; /* absolute */
	pid_t pid;    /* 0 when the state has none: createContainer under crun, poststop */
	struct annotation *annotations;
	size_t n_annotations;
};

/*
 * Reads a state. Returns 0, or a negative errno with err filled (65). On success the caller owns
 * *ret_state and ends it with state_done. Pure.
 */
int state_parse(struct source *source, struct state *ret_state, struct err *err);

void state_done(struct state *state);

/* The value of an annotation, owned by the state, or NULL. */
const char *state_annotation(const struct state *state, const char *key);

/*
 * The name that this container has in its pod, or NULL outside pods. Sources: containerd
 * (io.kubernetes.cri.container-name), CRI-O and Podman kube play (io.kubernetes.container.name).
 */
const char *state_container_name(const struct state *state);

/* True for the sandbox (pause) container of a pod, which runs no program of the tenant's. */
bool state_is_sandbox(const struct state *state);

#endif
