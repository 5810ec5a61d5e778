/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_BASE_CDI_H
#define CMD_BPFTOKEN_BASE_CDI_H

/*
 * Writes a CDI file whose devices put the hook into a container, what they ask for on its command
 * line. Source: the CDI specification 0.3.0, the first with all that is used here; engines refuse
 * versions newer than themselves.
 */

#include <stdbool.h>

#include "spec/json_gen.h"

/* True for what every version of CDI takes as a device's name: [A-Za-z]...[A-Za-z0-9_.-]...[A-Za-z0-9]. */
bool cdi_is_device_name(const char *name);

/* Begins a file of devices of a kind, "bpftoken.io/profile". cdi_end ends it. */
void cdi_begin(struct json_gen *gen, const char *kind);
void cdi_end(struct json_gen *gen);

/* Begins a device; the hook's options are added by cdi_option until cdi_device_end. */
void cdi_device(struct json_gen *gen, const char *name);
void cdi_option(struct json_gen *gen, const char *key, const char *value);
void cdi_device_end(struct json_gen *gen);

#endif
