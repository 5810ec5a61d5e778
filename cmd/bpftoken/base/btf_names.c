/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/base/btf_names.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

static const struct {
	const char *enumeration;
	const char *prefix;
} lists[NAMES_LISTS] = {
	[NAMES_CMDS] = { "bpf_cmd", "BPF_" },
	[NAMES_MAPS] = { "bpf_map_type", "BPF_MAP_TYPE_" },
	[NAMES_PROGS] = { "bpf_prog_type", "BPF_PROG_TYPE_" },
	[NAMES_ATTACHS] = { "bpf_attach_type", "BPF_" },
};

static void free_btf(struct btf **btf)
{
	btf__free(*btf);
}

/* Of several names of one value the first counts, as in spec/names_table.c. */
static void take_enumerator(enum names_list list, const char *name, uint64_t value,
			    struct btf_names *names)
{
	const char *prefix = lists[list].prefix;
	char *slot;

	/* "__MAX_..." counts the others; what is no bit is a flag beside a command */
	if (name == NULL || value >= 64 || strncmp(name, prefix, strlen(prefix)) != 0)
		return;
	slot = names->name[list][value];
	names->known.masks[list] |= UINT64_C(1) << value;
	name += strlen(prefix);
	for (size_t i = 0; slot[0] == '\0' || i != 0; i++) {
		slot[i] = '\0';
		if (i + 1 < BTF_NAME_MAX)
			slot[i] = text_lower(name[i]);
		if (slot[i] == '\0')
			return;
	}
}

static int read_list(const struct btf *btf, enum names_list list, struct btf_names *names)
{
	const char *enumeration = lists[list].enumeration;
	int id = btf__find_by_name_kind(btf, enumeration, BTF_KIND_ENUM);
	const struct btf_type *type;

	if (id < 0) /* declared with a value over 32 bits */
		id = btf__find_by_name_kind(btf, enumeration, BTF_KIND_ENUM64);
	if (id < 0)
		return -ENOENT;
	type = btf__type_by_id(btf, (uint32_t)id);
	for (unsigned i = 0; i < btf_vlen(type); i++) {
		if (btf_is_enum64(type))
			take_enumerator(list,
					btf__name_by_offset(btf, btf_enum64(type)[i].name_off),
					btf_enum64_value(&btf_enum64(type)[i]), names);
		else
			take_enumerator(list, btf__name_by_offset(btf, btf_enum(type)[i].name_off),
					(uint32_t)btf_enum(type)[i].val, names);
	}
	return 0;
}

int btf_names_read(const char *path, struct btf_names *ret_names, struct err *err)
{
	struct btf_names names = { 0 };
	char why[128];

	libbpf_set_print(NULL); /* what is wrong is said here */

	__attribute__((cleanup(free_btf))) struct btf *btf = btf__parse(path, NULL);

	if (btf == NULL) {
		libbpf_strerror(errno, why, sizeof(why)); /* it has numbers of its own */
		return err_set(err, EX_DATAERR, 0, "%s: no type information can be read (%s)",
			       quote(path).text, why);
	}
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		if (read_list(btf, list, &names) < 0)
			return err_set(err, EX_DATAERR, 0,
				       "%s: it has no enum %s; name a kernel's type information",
				       quote(path).text, lists[list].enumeration);
	*ret_names = names;
	return 0;
}
