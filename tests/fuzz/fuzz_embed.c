/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a file in which BPF objects are looked for. Promises: each object lies within the
 * bytes and behind the one before; cut out, it is found again, whole; so is it behind other bytes;
 * what is told of its sections lies within it.
 */

#include "tests/fuzz/fuzz.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/calc/embed.h"

/* A second opinion on where sections lie, from the headers themselves. */
static void promise_whole(const uint8_t *object, size_t len)
{
	Elf64_Ehdr header;

	memcpy(&header, object, sizeof(header));
	promise(header.e_shoff <= len && header.e_shnum <= (len - header.e_shoff) / 64,
		"section headers lie in their object", "");
	for (size_t i = 0; i < header.e_shnum; i++) {
		Elf64_Shdr section;

		memcpy(&section, object + header.e_shoff + i * sizeof(section), sizeof(section));
		promise(section.sh_type == SHT_NULL || section.sh_type == SHT_NOBITS ||
				(section.sh_offset <= len &&
				 section.sh_size <= len - section.sh_offset),
			"sections lie in their object", "");
	}
}

static void promise_sections(const uint8_t *object, size_t len)
{
	size_t n = embed_sections(object, len);
	struct embed_section section;

	promise(n > 0, "an object has sections", "");
	promise(embed_section(object, len, n, &section) < 0, "no section behind the last", "");
	for (size_t i = 0; i < n; i++) {
		if (embed_section(object, len, i, &section) < 0)
			continue;
		promise(section.offset <= len && section.len <= len - section.offset,
			"a section lies in its object", section.name);
		promise((const uint8_t *)section.name >= object &&
				(const uint8_t *)section.name + strlen(section.name) < object + len,
			"a name lies in its object", section.name);
	}
}

/* The object alone, in memory of just its size, with so many bytes in front. */
static void promise_found_again(const uint8_t *object, size_t len, size_t in_front)
{
	uint8_t *copy = calloc(1, in_front + len);
	struct embed_search search = { 0 };
	struct embed_image image;

	promise(copy != NULL, "memory", "");
	memcpy(copy + in_front, object, len);
	promise(embed_next(copy, in_front + len, &search, &image) == 1 &&
			image.offset == in_front && image.len == len,
		"an object that is cut out is found whole", "");
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct embed_search search = { 0 };
	struct embed_image image;
	size_t last = 0;

	(void)embed_claims(data, size);
	(void)embed_sections(data, size);
	while (embed_next(data, size, &search, &image) == 1) {
		promise(image.offset >= last && image.len > 0 && image.offset <= size &&
				image.len <= size - image.offset,
			"objects lie in the bytes, one behind the other", "");
		last = image.offset + image.len;
		promise(search.offset == last, "the search goes on behind an object", "");
		promise(embed_claims(data + image.offset, image.len), "an object claims to be one",
			"");
		promise_whole(data + image.offset, image.len);
		promise_sections(data + image.offset, image.len);
		promise_found_again(data + image.offset, image.len, 0);
		promise_found_again(data + image.offset, image.len, 3);
	}
	promise(search.offset == size, "the search ends at the end", "");
	return 0;
}
