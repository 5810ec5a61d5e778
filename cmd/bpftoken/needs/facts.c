/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/needs/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec/base/list.h"

#include "spec/base/poison.h"

#define MAGIC_LEN (sizeof(FACTS_MAGIC) - 1)

void facts_done(struct facts *facts)
{
	free(facts->programs);
	free(facts->maps);
	free(facts->members);
	*facts = (struct facts){ 0 };
}

bool facts_has_section(const struct facts *facts, const char *kind)
{
	size_t len = strlen(kind);

	for (size_t i = 0; i < facts->n_programs; i++) {
		const char *section = facts->programs[i].section;

		section += *section == '?';
		if (strncmp(section, kind, len) == 0 && strchr("/.", section[len]) != NULL)
			return true; /* the terminating NUL counts, too */
	}
	return false;
}

void facts_set(facts_string *string, const char *value)
{
	size_t len = value != NULL ? strnlen(value, FACTS_STRING_MAX) : 0;

	memset(*string, 0, sizeof(*string));
	if (len > 0)
		memcpy(*string, value, len);
}

/* ---- the writer ---- */

static void put(struct facts_writer *writer, const void *bytes, size_t len)
{
	if (writer->full || len > writer->cap - writer->len) {
		writer->full = true;
		return;
	}
	memcpy(writer->bytes + writer->len, bytes, len);
	writer->len += len;
}

static void put_letter(struct facts_writer *writer, char letter)
{
	put(writer, &letter, 1);
}

static void put_u32(struct facts_writer *writer, uint32_t value)
{
	put(writer, &value, sizeof(value));
}

static void put_string(struct facts_writer *writer, const char *value)
{
	uint8_t len = (uint8_t)strnlen(value, FACTS_STRING_MAX);

	put(writer, &len, 1);
	put(writer, value, len);
}

void facts_begin(struct facts_writer *writer, uint8_t *bytes, size_t cap)
{
	*writer = (struct facts_writer){ .cap = cap };
	writer->bytes = bytes;
	put(writer, FACTS_MAGIC, MAGIC_LEN);
}

void facts_add_program(struct facts_writer *writer, const struct fact_program *program)
{
	put_letter(writer, 'P');
	put_u32(writer, program->type);
	put_u32(writer, program->attach);
	put_u32(writer, program->flags);
	put_string(writer, program->name);
	put_string(writer, program->section);
}

void facts_add_map(struct facts_writer *writer, const struct fact_map *map)
{
	put_letter(writer, 'M');
	put_u32(writer, map->type);
	put_string(writer, map->name);
}

void facts_add_member(struct facts_writer *writer, const struct fact_member *member)
{
	put_letter(writer, 'S');
	put_u32(writer, member->index);
	put_string(writer, member->type);
	put_string(writer, member->member);
}

void facts_add_object(struct facts_writer *writer, const uint64_t *helpers, uint32_t flags)
{
	put_letter(writer, 'O');
	put(writer, helpers, FACTS_HELPER_MASKS * sizeof(*helpers));
	put_u32(writer, flags);
}

void facts_add_refusal(struct facts_writer *writer, uint32_t errnum, const char *text)
{
	put_letter(writer, 'R');
	put_u32(writer, errnum);
	put_string(writer, text);
}

void facts_end(struct facts_writer *writer)
{
	put_letter(writer, 'Z');
}

/* ---- the reader ---- */

struct reader {
	const uint8_t *bytes;
	size_t len;
	size_t records;
};

static int take(struct reader *reader, void *ret_bytes, size_t len)
{
	if (len > reader->len)
		return -EBADMSG;
	memcpy(ret_bytes, reader->bytes, len);
	reader->bytes += len;
	reader->len -= len;
	return 0;
}

static int take_u32(struct reader *reader, uint32_t *ret_value)
{
	return take(reader, ret_value, sizeof(*ret_value));
}

static int take_string(struct reader *reader, facts_string *ret_string)
{
	uint8_t len;

	if (take(reader, &len, 1) < 0 || len > reader->len ||
	    memchr(reader->bytes, '\0', len) != NULL)
		return -EBADMSG;
	memset(*ret_string, 0, sizeof(*ret_string));
	return take(reader, *ret_string, len);
}

/* Types and attach types are bits of a delegation: there are none above 63. */
static int take_type(struct reader *reader, uint32_t *ret_type)
{
	int r = take_u32(reader, ret_type);

	return r == 0 && *ret_type > 63 ? -EBADMSG : r;
}

static int take_program(struct reader *reader, struct facts *facts)
{
	struct fact_program *program =
		list_add(&facts->programs, &facts->n_programs, sizeof(*program));

	if (program == NULL)
		return -ENOMEM;
	if (take_type(reader, &program->type) < 0 || take_type(reader, &program->attach) < 0 ||
	    take_u32(reader, &program->flags) < 0 ||
	    (program->flags & ~(uint32_t)FACT_PROGRAM_FLAGS) != 0 ||
	    take_string(reader, &program->name) < 0 || take_string(reader, &program->section) < 0)
		return -EBADMSG;
	return 0;
}

static int take_map(struct reader *reader, struct facts *facts)
{
	struct fact_map *map = list_add(&facts->maps, &facts->n_maps, sizeof(*map));

	if (map == NULL)
		return -ENOMEM;
	if (take_type(reader, &map->type) < 0 || take_string(reader, &map->name) < 0)
		return -EBADMSG;
	return 0;
}

static int take_member(struct reader *reader, struct facts *facts)
{
	struct fact_member *member = list_add(&facts->members, &facts->n_members, sizeof(*member));

	if (member == NULL)
		return -ENOMEM;
	if (take_u32(reader, &member->index) < 0 || take_string(reader, &member->type) < 0 ||
	    take_string(reader, &member->member) < 0)
		return -EBADMSG;
	return 0;
}

static int take_object(struct reader *reader, struct facts *facts)
{
	uint64_t helpers[FACTS_HELPER_MASKS];
	uint32_t flags;

	if (take(reader, helpers, sizeof(helpers)) < 0 || take_u32(reader, &flags) < 0 ||
	    (flags & ~(uint32_t)FACT_OBJECT_FLAGS) != 0)
		return -EBADMSG;
	for (size_t i = 0; i < FACTS_HELPER_MASKS; i++)
		facts->helpers[i] |= helpers[i];
	facts->flags |= flags;
	facts->n_objects++;
	return 0;
}

static int take_refusal(struct reader *reader, struct facts *facts)
{
	if (take_u32(reader, &facts->refusal) < 0 || facts->refusal == 0 ||
	    facts->refusal > INT16_MAX || take_string(reader, &facts->refusal_text) < 0 ||
	    reader->len != 1 || reader->bytes[0] != 'Z')
		return -EBADMSG;
	return 0;
}

static int take_records(struct reader *reader, struct facts *facts)
{
	for (char letter;;) {
		int r;

		if (take(reader, &letter, 1) < 0)
			return -EBADMSG;
		if (letter == 'Z')
			return reader->len == 0 ? 0 : -EBADMSG;
		if (++reader->records > FACTS_RECORDS_MAX)
			return -EBADMSG;
		switch (letter) {
		case 'P':
			r = take_program(reader, facts);
			break;
		case 'M':
			r = take_map(reader, facts);
			break;
		case 'S':
			r = take_member(reader, facts);
			break;
		case 'O':
			r = take_object(reader, facts);
			break;
		case 'R':
			r = take_refusal(reader, facts);
			break;
		default:
			r = -EBADMSG;
		}
		if (r < 0)
			return r;
	}
}

int facts_parse(const uint8_t *bytes, size_t len, struct facts *ret_facts)
{
	struct reader reader = { .bytes = bytes, .len = len };
	struct facts facts = { 0 };
	char magic[MAGIC_LEN];
	int r;

	if (len > FACTS_MAX || take(&reader, magic, MAGIC_LEN) < 0 ||
	    memcmp(magic, FACTS_MAGIC, MAGIC_LEN) != 0)
		return -EBADMSG;
	r = take_records(&reader, &facts);
	if (r < 0) {
		facts_done(&facts);
		return r;
	}
	*ret_facts = facts;
	return 0;
}
