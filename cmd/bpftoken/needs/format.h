/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_NEEDS_FORMAT_H
#define CMD_BPFTOKEN_NEEDS_FORMAT_H

/*
 * Needs in the words of those that grant them: annotations, container engines, systemd, LXD, Incus,
 * mount(8). Pure but for the stream that a format is printed on.
 */

#include <stdbool.h>
#include <stdio.h>

#include "cmd/bpftoken/needs/needs.h"

/* What is printed; the strings are the caller's and outlive the call. */
struct format_source {
	const char *name;   /* what a profile, pod or device is to be called; any bytes */
	const char *origin; /* who found the needs, as "bpftoken calc, libbpf 1.1"; no line end */
	bool only_own;	    /* leave out what libbpf's probes add */
};

struct format {
	const char *name; /* as --format takes it */
	/* print needs that are not empty */
	void (*print)(FILE *to, const struct needs *needs, const struct format_source *source);
	bool tells_origin;   /* it prints who found the needs */
	bool tells_warnings; /* and warnings */
};

/* The format with a name, or NULL. */
const struct format *format_find(const char *name);

/* The names of all formats with ", " between them; a static string. */
const char *format_names(void);

/* One JSON object about a file, as json_gen writes it; file may be NULL for no such member. */
struct json_gen;
void format_json_object(struct json_gen *gen, const char *file, const char *libbpf,
			const struct needs *needs);

/* ---- for the files of this module ---- */

/* A name made of the source's: at most 63 of a-z, 0-9 and inner '-'; never empty. */
struct format_label {
	char text[64];
};
struct format_label format_label(const char *name);

/* The words of a list that is to be delegated, separated; empty for an empty list. */
struct format_words {
	char text[2048];
};
struct format_words format_words(const struct delegation *delegation, enum names_list list,
				 const char *separator);

/* Capabilities without "CAP_", separated. */
struct format_words format_capabilities(const struct needs *needs, const char *separator);

void format_text(FILE *to, const struct needs *needs, const struct format_source *source);
void format_json(FILE *to, const struct needs *needs, const struct format_source *source);
void format_annotations(FILE *to, const struct needs *needs, const struct format_source *source);
void format_podman(FILE *to, const struct needs *needs, const struct format_source *source);
void format_kubernetes(FILE *to, const struct needs *needs, const struct format_source *source);
void format_cdi(FILE *to, const struct needs *needs, const struct format_source *source);
void format_policy(FILE *to, const struct needs *needs, const struct format_source *source);
void format_systemd(FILE *to, const struct needs *needs, const struct format_source *source);
void format_lxd(FILE *to, const struct needs *needs, const struct format_source *source);
void format_incus(FILE *to, const struct needs *needs, const struct format_source *source);
void format_mount(FILE *to, const struct needs *needs, const struct format_source *source);

#endif
