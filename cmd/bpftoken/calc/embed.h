/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CALC_EMBED_H
#define CMD_BPFTOKEN_CALC_EMBED_H

/*
 * BPF objects within bytes: a file that is one, or an executable or library that carries some, as
 * skeletons do in their read-only data. Pure; the bytes are hostile.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More objects than this in one file are not looked for. */
#define EMBED_MAX 256

/* An object: len bytes from offset on, both within the bytes that were searched. */
struct embed_image {
	size_t offset, len;
};

/* A search; all zero at its beginning. */
struct embed_search {
	size_t offset; /* where it goes on */
	size_t steps;  /* section headers that were looked at */
};

/* Section headers that one search looks at; a hostile file has far more that lead nowhere. */
#define EMBED_STEPS_MAX ((size_t)4 * 1024 * 1024)

/*
 * Finds the next BPF object. An object is a 64-bit ELF relocatable file for BPF in this machine's
 * byte order whose section headers and sections lie within the bytes; it ends where the last of them
 * does, and the search goes on there. Returns 1 with an object, 0 when there is none any more, -E2BIG
 * when it has looked at EMBED_STEPS_MAX section headers. The work for all objects in n bytes is of
 * order n and those steps.
 */
int embed_next(const uint8_t *bytes, size_t len, struct embed_search *search,
	       struct embed_image *ret_image);

/* Whether bytes begin as a BPF object of any byte order does, be it whole or broken. */
bool embed_claims(const uint8_t *bytes, size_t len);

/* A section of an object. */
struct embed_section {
	uint32_t type, info;
	bool executable;
	const char *name;   /* terminated, within the object's bytes */
	size_t offset, len; /* within the object; len is 0 for a section without bytes (.bss) */
};

/* How many sections an object has; 0 for bytes that are no object. */
size_t embed_sections(const uint8_t *object, size_t len);

/* Yields section i. Returns 0, or -EINVAL for one that is not there or reaches out of the object. */
int embed_section(const uint8_t *object, size_t len, size_t i, struct embed_section *ret_section);

#endif
