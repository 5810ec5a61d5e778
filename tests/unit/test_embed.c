/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/embed: objects in bytes, and bytes that only look like some. */

#include "tests/unit/support.h"

#include <elf.h>

#include "cmd/bpftoken/calc/embed.h"

/* The smallest object: a header, a table of names, two section headers. */
struct tiny {
	Elf64_Ehdr header;
	char names[16];
	Elf64_Shdr sections[2];
};

static struct tiny tiny(void)
{
	struct tiny tiny = {
		.header = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				     EV_CURRENT },
			.e_type = ET_REL, .e_machine = EM_BPF, .e_version = EV_CURRENT,
			.e_shoff = offsetof(struct tiny, sections), .e_ehsize = sizeof(Elf64_Ehdr),
			.e_shentsize = sizeof(Elf64_Shdr), .e_shnum = 2, .e_shstrndx = 1,
		},
		.names = "\0.shstrtab",
		.sections[1] = {
			.sh_name = 1, .sh_type = SHT_STRTAB,
			.sh_offset = offsetof(struct tiny, names), .sh_size = 11,
		},
	};

	return tiny;
}

/* Puts parts together and finds all objects in them, in memory of just that size. */
static size_t find(const void *bytes, size_t len, struct embed_image *images, size_t max)
{
	char *copy = exact_bytes(bytes, len);
	struct embed_search search = { 0 };
	size_t n = 0, last = 0;

	while (n < max && embed_next((const uint8_t *)copy, len, &search, &images[n]) == 1) {
		assert_true(images[n].offset >= last);
		assert_true(images[n].offset + images[n].len <= len);
		assert_true(search.offset == images[n].offset + images[n].len);
		last = search.offset;
		n++;
	}
	free(copy);
	return n;
}

static void test_a_whole_object(void **state)
{
	struct tiny object = tiny();
	struct embed_image images[2];

	(void)state;
	assert_int_equal(find(&object, sizeof(object), images, 2), 1);
	assert_int_equal(images[0].offset, 0);
	assert_int_equal(images[0].len, sizeof(object));
	assert_true(embed_claims((const uint8_t *)&object, sizeof(object)));
}

/* A section behind the headers counts, one without bytes does not. */
static void test_where_an_object_ends(void **state)
{
	struct {
		struct tiny object;
		char behind[40];
	} bytes = { .object = tiny() };
	struct embed_image image;

	(void)state;
	bytes.object.sections[0] = (Elf64_Shdr){ .sh_type = SHT_PROGBITS,
						 .sh_offset = sizeof(struct tiny),
						 .sh_size = 24 };
	assert_int_equal(find(&bytes, sizeof(bytes), &image, 1), 1);
	assert_int_equal(image.len, sizeof(struct tiny) + 24);
	bytes.object.sections[0].sh_type = SHT_NOBITS;
	bytes.object.sections[0].sh_size = UINT64_MAX;
	assert_int_equal(find(&bytes, sizeof(bytes), &image, 1), 1);
	assert_int_equal(image.len, sizeof(struct tiny));
}

/* In a program objects lie at any address, between bytes that look like headers. */
static void test_embedded_objects(void **state)
{
	struct tiny object = tiny();
	char bytes[3 * sizeof(struct tiny) + 64] = "\x7f"
						   "EL";
	struct embed_image images[4];
	size_t at = 7;

	(void)state;
	memcpy(bytes + 3, ELFMAG, SELFMAG);
	memcpy(bytes + at, &object, sizeof(object));
	memcpy(bytes + at + sizeof(object), &object, sizeof(object));
	memcpy(bytes + sizeof(bytes) - sizeof(object), &object, sizeof(object));
	assert_int_equal(find(bytes, sizeof(bytes), images, 4), 3);
	assert_int_equal(images[0].offset, at);
	assert_int_equal(images[1].offset, at + sizeof(object));
	assert_int_equal(images[2].offset, sizeof(bytes) - sizeof(object));
	/* the last one is cut short by a byte */
	assert_int_equal(find(bytes, sizeof(bytes) - 1, images, 4), 2);
}

static void test_no_objects(void **state)
{
	static const struct {
		const char *label;
		size_t offset;
		uint64_t value;
		size_t size;
	} cases[] = {
		{ "32 bits", EI_CLASS, ELFCLASS32, 1 },
		{ "the other byte order", EI_DATA, ELFDATA2MSB, 1 },
		{ "no version", EI_VERSION, 0, 1 },
		{ "an executable", offsetof(Elf64_Ehdr, e_type), ET_EXEC, 2 },
		{ "another machine", offsetof(Elf64_Ehdr, e_machine), EM_X86_64, 2 },
		{ "a header of another size", offsetof(Elf64_Ehdr, e_ehsize), 63, 2 },
		{ "section headers of another size", offsetof(Elf64_Ehdr, e_shentsize), 63, 2 },
		{ "no sections", offsetof(Elf64_Ehdr, e_shnum), 0, 2 },
		{ "a section too many", offsetof(Elf64_Ehdr, e_shnum), 3, 2 },
		{ "all sections", offsetof(Elf64_Ehdr, e_shnum), 65535, 2 },
		{ "sections in the header", offsetof(Elf64_Ehdr, e_shoff), 63, 8 },
		{ "sections outside", offsetof(Elf64_Ehdr, e_shoff), sizeof(struct tiny), 8 },
		{ "sections far outside", offsetof(Elf64_Ehdr, e_shoff), UINT64_MAX - 15, 8 },
		{ "a section that reaches out",
		  offsetof(struct tiny, sections[1]) + offsetof(Elf64_Shdr, sh_size),
		  sizeof(struct tiny), 8 },
		{ "a section that wraps around",
		  offsetof(struct tiny, sections[1]) + offsetof(Elf64_Shdr, sh_size),
		  UINT64_MAX - 32, 8 },
		{ "a section outside",
		  offsetof(struct tiny, sections[1]) + offsetof(Elf64_Shdr, sh_offset), UINT64_MAX,
		  8 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct tiny object = tiny();
		struct embed_image image;

		memcpy((char *)&object + cases[i].offset, &cases[i].value, cases[i].size);
		if (find(&object, sizeof(object), &image, 1) != 0)
			fail_msg("%s: taken for an object", cases[i].label);
	}
}

static void test_every_cut(void **state)
{
	struct tiny object = tiny();
	struct embed_image image;

	(void)state;
	for (size_t len = 0; len < sizeof(object); len++) {
		char *copy = exact_bytes((const char *)&object, len);

		assert_int_equal(find(&object, len, &image, 1), 0);
		assert_int_equal(embed_claims((const uint8_t *)copy, len),
				 len >= sizeof(Elf64_Ehdr));
		free(copy);
	}
}

/* Headers that all lead to one long table whose last section reaches out. */
static void test_hostile_headers_end(void **state)
{
	enum { HEADERS = 2000, SECTIONS = 65535 };
	size_t table = HEADERS * sizeof(Elf64_Ehdr), len = table + SECTIONS * sizeof(Elf64_Shdr);
	uint8_t *bytes = calloc(1, len);
	struct embed_search search = { 0 };
	struct embed_image image;
	Elf64_Shdr last = { .sh_type = SHT_PROGBITS, .sh_offset = UINT64_MAX };

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < HEADERS; i++) {
		struct tiny object = tiny();

		object.header.e_shnum = SECTIONS;
		object.header.e_shoff = table - i * sizeof(Elf64_Ehdr);
		memcpy(bytes + i * sizeof(Elf64_Ehdr), &object.header, sizeof(Elf64_Ehdr));
	}
	memcpy(bytes + len - sizeof(last), &last, sizeof(last));
	assert_int_equal(embed_next(bytes, len, &search, &image), -E2BIG);
	assert_true(search.steps < EMBED_STEPS_MAX + 2 * SECTIONS);
	free(bytes);
}

static void test_claims(void **state)
{
	struct tiny object = tiny();
	const uint8_t *bytes = (const uint8_t *)&object;

	(void)state;
	object.header.e_shoff = UINT64_MAX;
	assert_true(embed_claims(bytes, sizeof(object)));
	object.header.e_machine = 0xf700; /* as a machine of the other byte order writes it */
	assert_true(embed_claims(bytes, sizeof(object)));
	object.header.e_machine = EM_X86_64;
	assert_false(embed_claims(bytes, sizeof(object)));
}

static void test_sections(void **state)
{
	struct tiny object = tiny();
	const uint8_t *bytes = (const uint8_t *)&object;
	struct embed_section section;

	(void)state;
	object.sections[0].sh_flags = SHF_EXECINSTR;
	assert_int_equal(embed_sections(bytes, sizeof(object)), 2);
	assert_int_equal(embed_sections(bytes, sizeof(object) - 1), 0);
	assert_int_equal(embed_section(bytes, sizeof(object), 1, &section), 0);
	assert_string_equal(section.name, ".shstrtab");
	assert_int_equal(section.type, SHT_STRTAB);
	assert_int_equal(section.offset, offsetof(struct tiny, names));
	assert_int_equal(section.len, 11);
	assert_false(section.executable);
	assert_int_equal(embed_section(bytes, sizeof(object), 0, &section), 0);
	assert_string_equal(section.name, "");
	assert_true(section.executable);
	assert_int_equal(section.len, 0);
	assert_int_equal(embed_section(bytes, sizeof(object), 2, &section), -EINVAL);
}

static void test_bad_names(void **state)
{
	struct embed_section section;

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct tiny object = tiny();

		if (i == 0)
			object.sections[1].sh_name = 11; /* behind the table */
		else if (i == 1)
			object.sections[1].sh_size = 10; /* no NUL any more */
		else if (i == 2)
			object.header.e_shstrndx = 2;
		else if (i == 3)
			object.sections[1].sh_type = SHT_PROGBITS;
		else
			object.sections[1].sh_offset = UINT64_MAX - 4;
		if (embed_section((const uint8_t *)&object, sizeof(object), 1, &section) == 0)
			fail_msg("bad name %d is taken", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_object),
		cmocka_unit_test(test_where_an_object_ends),
		cmocka_unit_test(test_embedded_objects),
		cmocka_unit_test(test_no_objects),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_hostile_headers_end),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_bad_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
