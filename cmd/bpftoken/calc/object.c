/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/calc/object.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <elf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "cmd/bpftoken/calc/btf.h"
#include "cmd/bpftoken/calc/embed.h"

#include "spec/base/poison.h"

/* ---- libbpf's words ---- */

/*
 * The first warning of libbpf's. Its print function is given nothing of the caller's, so this has
 * to be where all can see it; the process is this object's alone.
 */
static facts_string first_warning;

__attribute__((format(printf, 2, 0))) static int note_warning(enum libbpf_print_level level,
							      const char *format, va_list args)
{
	static const char prefix[] = "libbpf: ";
	char line[512];
	const char *text = line;

	if (level != LIBBPF_WARN || first_warning[0] != '\0')
		return 0;
	vsnprintf(line, sizeof(line), format, args);
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, prefix, sizeof(prefix) - 1) == 0)
		text += sizeof(prefix) - 1;
	facts_set(&first_warning, text);
	return 0;
}

/* ---- helpers ---- */

/* Marks the helper functions that instructions call; a call to anything else has a source register. */
static void note_helpers(const uint8_t *insns, size_t n, uint64_t *helpers)
{
	for (size_t i = 0; i < n; i++) {
		struct bpf_insn insn;

		memcpy(&insn, insns + i * sizeof(insn), sizeof(insn));
		if (insn.code == (BPF_JMP | BPF_CALL) && insn.src_reg == 0 && insn.imm >= 0 &&
		    insn.imm < 64 * FACTS_HELPER_MASKS)
			helpers[insn.imm / 64] |= UINT64_C(1) << insn.imm % 64;
	}
}

/*
 * Programs call functions in .text and other functions' sections, which libbpf does not list among
 * programs; so all code of the object is looked at.
 */
static void note_all_helpers(const uint8_t *object, size_t len, uint64_t *helpers)
{
	struct embed_section section;

	for (size_t i = 0; i < embed_sections(object, len); i++)
		if (embed_section(object, len, i, &section) == 0 && section.type == SHT_PROGBITS &&
		    section.executable)
			note_helpers(object + section.offset, section.len / sizeof(struct bpf_insn),
				     helpers);
}

/* ---- the parts of an object ---- */

static void add_programs(struct bpf_object *object, struct facts_writer *writer)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		struct fact_program fact = {
			.type = bpf_program__type(program),
			.attach = bpf_program__expected_attach_type(program),
			.flags = bpf_program__autoload(program) ? 0 : FACT_OPTIONAL,
		};

		/* until it is loaded, libbpf 1.1 keeps something of its own in there */
		if (fact.type == BPF_PROG_TYPE_STRUCT_OPS)
			fact.attach = 0;
		facts_set(&fact.name, bpf_program__name(program));
		facts_set(&fact.section, bpf_program__section_name(program));
		facts_add_program(writer, &fact);
	}
}

static void add_map(const struct bpf_map *map, struct facts_writer *writer)
{
	struct fact_map fact = { .type = bpf_map__type(map) };

	facts_set(&fact.name, bpf_map__name(map));
	facts_add_map(writer, &fact);
}

static void add_maps(struct bpf_object *object, struct facts_writer *writer, uint32_t *flags)
{
	const struct btf *btf = bpf_object__btf(object);
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		const struct bpf_map *inner = bpf_map__inner_map(map);

		add_map(map, writer);
		if (inner != NULL)
			add_map(inner, writer);
		if (btf != NULL && calc_btf_is_special(btf, bpf_map__btf_value_type_id(map)))
			*flags |= FACT_BTF_NEEDED;
	}
	if (btf != NULL && calc_btf_has_special_data(btf))
		*flags |= FACT_BTF_NEEDED;
}

static void add_members(const struct bpf_object *object, const uint8_t *bytes, size_t len,
			struct facts_writer *writer)
{
	const struct btf *btf = bpf_object__btf(object);
	struct embed_section relocations, target;
	struct fact_member member;

	for (size_t i = 0; btf != NULL && i < embed_sections(bytes, len); i++) {
		if (embed_section(bytes, len, i, &relocations) < 0 || relocations.type != SHT_REL ||
		    embed_section(bytes, len, relocations.info, &target) < 0 ||
		    !calc_btf_is_struct_ops(target.name))
			continue;
		for (size_t at = 0; at + sizeof(Elf64_Rel) <= relocations.len;
		     at += sizeof(Elf64_Rel)) {
			Elf64_Rel relocation;

			memcpy(&relocation, bytes + relocations.offset + at, sizeof(relocation));
			if (calc_btf_member(btf, target.name, relocation.r_offset, &member) == 0)
				facts_add_member(writer, &member);
		}
	}
}

int calc_object_describe(const uint8_t *bytes, size_t len, struct facts_writer *writer)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "object");
	uint64_t helpers[FACTS_HELPER_MASKS] = { 0 };
	struct bpf_object *object;
	uint32_t flags = 0;

	libbpf_set_print(note_warning);
	object = bpf_object__open_mem(bytes, len, &options);
	if (object == NULL) {
		facts_add_refusal(writer, errno > 0 && errno <= INT16_MAX ? (uint32_t)errno : EIO,
				  first_warning);
		return -EBADMSG;
	}
	add_programs(object, writer);
	add_maps(object, writer, &flags);
	add_members(object, bytes, len, writer);
	note_all_helpers(bytes, len, helpers);
	if (bpf_object__btf(object) != NULL)
		flags |= FACT_BTF;
	facts_add_object(writer, helpers, flags);
	bpf_object__close(object);
	return 0;
}
