/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_NEEDS_FACTS_H
#define CMD_BPFTOKEN_NEEDS_FACTS_H

/*
 * What libbpf makes of the objects in a file, and the message in which a confined process hands it
 * over. Whoever reads the message must take its writer for an enemy: libbpf can be brought to write
 * where it should not. Pure.
 *
 * A message is FACTS_MAGIC, then records, each a letter and its fields: numbers of four or eight
 * bytes in this machine's order, strings as a byte of length and so many bytes, none of them NUL.
 *
 *   P  program     type, attach type, flags (4 each), name, section
 *   M  map         type, flags, name
 *   S  struct_ops  index in the object's own type, name of the type, name of the member
 *   O  the rest    four masks of helpers (8 each), flags
 *   R  refusal     errno, libbpf's words; instead of what else would come, and only before Z
 *   Z  the end; nothing follows
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/base/err.h"

#define FACTS_MAGIC	   "bpffacts"
#define FACTS_MAX	   ((size_t)1024 * 1024)
#define FACTS_RECORDS_MAX  8192
#define FACTS_STRING_MAX   255
#define FACTS_HELPER_MASKS 4

typedef char facts_string[FACTS_STRING_MAX + 1];

enum {
	FACT_OPTIONAL = 1, /* SEC("?..."): loaded only when the application asks for it */
	FACT_PROGRAM_FLAGS = FACT_OPTIONAL,
};

enum {
	FACT_BTF = 1,	     /* there is type information to be loaded */
	FACT_BTF_NEEDED = 2, /* and what the kernel would not take without it */
	FACT_OBJECT_FLAGS = FACT_BTF | FACT_BTF_NEEDED,
};

struct fact_program {
	uint32_t type, attach, flags;
	facts_string name, section;
};

struct fact_map {
	uint32_t type;
	facts_string name;
};

/* A function in a struct_ops map: its member there, whose index the kernel takes for attach type. */
struct fact_member {
	uint32_t index;
	facts_string type, member;
};

struct facts {
	struct fact_program *programs;
	struct fact_map *maps;
	struct fact_member *members;
	size_t n_programs, n_maps, n_members;
	uint64_t helpers[FACTS_HELPER_MASKS]; /* bit n of all: the helper function n is called */
	uint32_t flags;
	size_t n_objects; /* described whole, in the order of the file */
	/* libbpf would not open the next object: its errno (else 0) and its words, maybe none */
	uint32_t refusal;
	facts_string refusal_text;
};

void facts_done(struct facts *facts);

/* Whether a program's section is of a kind: "usdt", "usdt/..." or "?usdt.s/..." for "usdt". */
bool facts_has_section(const struct facts *facts, const char *kind);

/* ---- the writer ---- */

/* A message in a buffer of the caller's; once something did not fit, full is true. */
struct facts_writer {
	uint8_t *bytes;
	size_t cap, len;
	bool full;
};

void facts_begin(struct facts_writer *writer, uint8_t *bytes, size_t cap);
void facts_add_program(struct facts_writer *writer, const struct fact_program *program);
void facts_add_map(struct facts_writer *writer, const struct fact_map *map);
void facts_add_member(struct facts_writer *writer, const struct fact_member *member);
void facts_add_object(struct facts_writer *writer, const uint64_t *helpers, uint32_t flags);
void facts_add_refusal(struct facts_writer *writer, uint32_t errnum, const char *text);
void facts_end(struct facts_writer *writer);

/* A string cut to what a message can carry. */
void facts_set(facts_string *string, const char *value);

/* ---- the reader ---- */

/*
 * Reads a whole message. Returns 0 with *ret_facts, which the caller ends with facts_done; -EBADMSG
 * for anything but a message; -ENOMEM. On failure nothing is left to end.
 */
int facts_parse(const uint8_t *bytes, size_t len, struct facts *ret_facts);

#endif
