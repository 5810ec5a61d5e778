/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: derive FILE...
 *        derive --member STRUCT MEMBER
 *
 * A second opinion on "bpftoken calc": prints for each file with BPF objects a line of JSON with the
 * map types, program types and attach types that libbpf finds in them, in libbpf's own words. It
 * looks for objects at every offset and hands libbpf all that is behind; it trusts the files. With
 * --member prints the index of a member in a struct of the running kernel's.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct found {
	bool maps[64], progs[64], attachs[64];
	int objects;
};

static int say_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static void look(struct bpf_object *object, struct found *found)
{
	struct bpf_program *program;
	struct bpf_map *map;

	found->objects++;
	bpf_object__for_each_program(program, object)
	{
		if (bpf_program__type(program) == BPF_PROG_TYPE_UNSPEC)
			continue;
		found->progs[bpf_program__type(program)] = true;
		found->attachs[bpf_program__expected_attach_type(program)] = true;
	}
	bpf_object__for_each_map(map, object)
	{
		found->maps[bpf_map__type(map)] = true;
		if (bpf_map__inner_map(map) != NULL)
			found->maps[bpf_map__type(bpf_map__inner_map(map))] = true;
	}
}

static void look_everywhere(const char *bytes, size_t len, struct found *found)
{
	for (size_t at = 0; at + sizeof(Elf64_Ehdr) <= len; at++) {
		Elf64_Ehdr header;

		if (bytes[at] != ELFMAG0)
			continue;
		memcpy(&header, bytes + at, sizeof(header));
		if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_machine != EM_BPF)
			continue;
		struct bpf_object *object = bpf_object__open_mem(bytes + at, len - at, NULL);
		if (object == NULL)
			errx(EXIT_FAILURE, "libbpf opens no object at %zu", at);
		look(object, found);
		bpf_object__close(object);
	}
}

/* libbpf has no word for a bit that is newer than it. */
static const char *word(const char *list, int bit)
{
	if (strcmp(list, "maps") == 0)
		return libbpf_bpf_map_type_str((enum bpf_map_type)bit);
	if (strcmp(list, "progs") == 0)
		return libbpf_bpf_prog_type_str((enum bpf_prog_type)bit);
	return libbpf_bpf_attach_type_str((enum bpf_attach_type)bit);
}

static void print_list(const char *list, const bool *found)
{
	const char *comma = "";

	printf(",\"%s\":[", list);
	for (int bit = 0; bit < 64; bit++)
		if (found[bit]) {
			printf("%s\"%s\"", comma, word(list, bit) != NULL ? word(list, bit) : "?");
			comma = ",";
		}
	putchar(']');
}

static int print_member(const char *type, const char *member)
{
	struct btf *vmlinux = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	int id = vmlinux != NULL ? btf__find_by_name_kind(vmlinux, type, BTF_KIND_STRUCT) : -1;

	if (id < 0)
		errx(EXIT_FAILURE, "the kernel has no struct %s", type);
	const struct btf_type *t = btf__type_by_id(vmlinux, (__u32)id);
	for (int i = 0; i < btf_vlen(t); i++)
		if (strcmp(btf__str_by_offset(vmlinux, btf_members(t)[i].name_off), member) == 0) {
			printf("%d\n", i);
			return EXIT_SUCCESS;
		}
	errx(EXIT_FAILURE, "struct %s has no %s", type, member);
}

int main(int argc, char **argv)
{
	libbpf_set_print(say_nothing);
	if (argc == 4 && strcmp(argv[1], "--member") == 0)
		return print_member(argv[2], argv[3]);
	for (int i = 1; i < argc; i++) {
		struct found found = { 0 };
		struct stat st;
		int fd = open(argv[i], O_RDONLY | O_CLOEXEC);

		if (fd < 0 || fstat(fd, &st) < 0)
			err(EXIT_FAILURE, "%s", argv[i]);
		char *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes == MAP_FAILED)
			err(EXIT_FAILURE, "%s", argv[i]);
		look_everywhere(bytes, (size_t)st.st_size, &found);
		munmap(bytes, (size_t)st.st_size);
		close(fd);
		if (found.objects == 0)
			continue;
		printf("{\"file\":\"%s\"", argv[i]);
		print_list("maps", found.maps);
		print_list("progs", found.progs);
		print_list("attachs", found.attachs);
		puts("}");
	}
	return EXIT_SUCCESS;
}
