/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/calc/embed.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "spec/base/poison.h"

#if __BYTE_ORDER == __LITTLE_ENDIAN
#define BYTE_ORDER_HERE ELFDATA2LSB
#else
#define BYTE_ORDER_HERE ELFDATA2MSB
#endif

static bool within(uint64_t offset, uint64_t size, size_t len)
{
	return offset <= len && size <= len - offset;
}

/* The header of an object, copied out since objects lie at any address. */
static bool read_header(const uint8_t *object, size_t len, Elf64_Ehdr *ret_header)
{
	Elf64_Ehdr header;

	if (len < sizeof(header))
		return false;
	memcpy(&header, object, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != BYTE_ORDER_HERE ||
	    header.e_ident[EI_VERSION] != EV_CURRENT || header.e_type != ET_REL ||
	    header.e_machine != EM_BPF)
		return false;
	if (header.e_ehsize != sizeof(header) || header.e_shentsize != sizeof(Elf64_Shdr) ||
	    header.e_shnum == 0 || header.e_shoff < sizeof(header) ||
	    !within(header.e_shoff, (uint64_t)header.e_shnum * sizeof(Elf64_Shdr), len))
		return false;
	*ret_header = header;
	return true;
}

static Elf64_Shdr read_section(const uint8_t *object, const Elf64_Ehdr *header, size_t i)
{
	Elf64_Shdr section;

	memcpy(&section, object + header->e_shoff + i * sizeof(section), sizeof(section));
	return section;
}

static bool has_bytes(const Elf64_Shdr *section)
{
	return section->sh_type != SHT_NOBITS && section->sh_type != SHT_NULL;
}

/* Where an object ends, or 0 when one of its sections reaches out of the bytes. */
static size_t object_len(const uint8_t *object, size_t len, const Elf64_Ehdr *header, size_t *steps)
{
	size_t end = header->e_shoff + header->e_shnum * sizeof(Elf64_Shdr);

	for (size_t i = 0; i < header->e_shnum; i++) {
		Elf64_Shdr section = read_section(object, header, i);

		++*steps;
		if (!has_bytes(&section))
			continue;
		if (!within(section.sh_offset, section.sh_size, len))
			return 0;
		if (section.sh_offset + section.sh_size > end)
			end = section.sh_offset + section.sh_size;
	}
	return end;
}

bool embed_claims(const uint8_t *bytes, size_t len)
{
	Elf64_Ehdr header;

	if (len < sizeof(header))
		return false;
	memcpy(&header, bytes, sizeof(header));
	return memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
	       (header.e_machine == EM_BPF || header.e_machine == __builtin_bswap16(EM_BPF));
}

int embed_next(const uint8_t *bytes, size_t len, struct embed_search *search,
	       struct embed_image *ret_image)
{
	while (search->offset < len) {
		const uint8_t *found =
			memmem(bytes + search->offset, len - search->offset, ELFMAG, SELFMAG);
		size_t offset, size = 0;
		Elf64_Ehdr header;

		if (found == NULL)
			break;
		if (search->steps > EMBED_STEPS_MAX)
			return -E2BIG;
		offset = (size_t)(found - bytes);
		if (read_header(found, len - offset, &header))
			size = object_len(found, len - offset, &header, &search->steps);
		search->offset = offset + (size > 0 ? size : SELFMAG);
		if (size > 0) {
			*ret_image = (struct embed_image){ .offset = offset, .len = size };
			return 1;
		}
	}
	search->offset = len;
	return 0;
}

size_t embed_sections(const uint8_t *object, size_t len)
{
	Elf64_Ehdr header;

	return read_header(object, len, &header) ? header.e_shnum : 0;
}

/* The name at an offset of the string table, when that ends within it. */
static const char *section_name(const uint8_t *object, size_t len, const Elf64_Ehdr *header,
				uint32_t offset)
{
	Elf64_Shdr names;

	if (header->e_shstrndx >= header->e_shnum)
		return NULL;
	names = read_section(object, header, header->e_shstrndx);
	if (names.sh_type != SHT_STRTAB || !within(names.sh_offset, names.sh_size, len) ||
	    offset >= names.sh_size ||
	    memchr(object + names.sh_offset + offset, '\0', names.sh_size - offset) == NULL)
		return NULL;
	return (const char *)object + names.sh_offset + offset;
}

int embed_section(const uint8_t *object, size_t len, size_t i, struct embed_section *ret_section)
{
	Elf64_Ehdr header;
	Elf64_Shdr section;
	const char *name;

	if (!read_header(object, len, &header) || i >= header.e_shnum)
		return -EINVAL;
	section = read_section(object, &header, i);
	name = section_name(object, len, &header, section.sh_name);
	if (name == NULL ||
	    (has_bytes(&section) && !within(section.sh_offset, section.sh_size, len)))
		return -EINVAL;
	*ret_section = (struct embed_section){
		.type = section.sh_type,
		.executable = (section.sh_flags & SHF_EXECINSTR) != 0,
		.info = section.sh_info,
		.name = name,
		.offset = has_bytes(&section) ? section.sh_offset : 0,
		.len = has_bytes(&section) ? section.sh_size : 0,
	};
	return 0;
}
