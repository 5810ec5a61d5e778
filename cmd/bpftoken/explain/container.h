/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_EXPLAIN_CONTAINER_H
#define CMD_BPFTOKEN_EXPLAIN_CONTAINER_H

/*
 * What a config.json says of a container that does not run: its annotations, and what the hook takes
 * from the kernel instead once it does.
 */

#include <stdbool.h>

#include "hook/request.h"
#include "spec/base/err.h"
#include "spec/idmap.h"
#include "spec/state.h"

enum container_namespace {
	CONTAINER_USER,
	CONTAINER_MOUNT,
	CONTAINER_NETWORK,
	CONTAINER_CGROUP,
	CONTAINER_NAMESPACES
};

/* Whether the container is to have a namespace of that type for itself. */
enum container_share {
	CONTAINER_HOST,	  /* it is not listed: the host's */
	CONTAINER_OWN,	  /* listed: a new one */
	CONTAINER_JOINED, /* listed with a path */
};

struct container {
	struct annotation *annotations;
	size_t n_annotations;
	enum container_share share[CONTAINER_NAMESPACES];
	char *path[CONTAINER_NAMESPACES]; /* with CONTAINER_JOINED */
	struct idmap uids, gids;	  /* empty where config.json has none */
	char **arguments; /* of this project's own hook among the hooks, "--key=value" and others */
	size_t n_arguments;
};

/*
 * Reads them from the bytes of a config.json. Returns 0, or a negative errno with err filled (65).
 * The caller ends *ret_container with container_done in either case. Pure.
 */
int container_parse(const char *text, size_t len, struct container *ret_container, struct err *err);

void container_done(struct container *container);

/* What the arguments of the hook ask for: words that point into the container. */
struct request_words container_words(const struct container *container);

/* The file that they name with --policy, or NULL. */
const char *container_policy(const struct container *container);

#endif
