/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_EXPLAIN_WARN_H
#define CMD_BPFTOKEN_EXPLAIN_WARN_H

/*
 * What will keep a delegation from being of use, as far as it can be told before the container runs.
 */

#include "cmd/bpftoken/explain/explanation.h"

/* Warns of annotation keys that look like this project's and are not. Needs the state. */
void explain_warn_keys(struct explanation *explanation);

/* All other warnings, with the container's seccomp profile judged. Needs the request. */
void explain_warn(struct explanation *explanation);

#endif
