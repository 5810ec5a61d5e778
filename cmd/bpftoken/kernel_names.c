/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/kernel_names.h"

#include <bpf/btf.h>
#include <errno.h>

#include "spec/base/poison.h"

static const char *const enumerations[NAMES_LISTS] = {
	[NAMES_CMDS] = "bpf_cmd",
	[NAMES_MAPS] = "bpf_map_type",
	[NAMES_PROGS] = "bpf_prog_type",
	[NAMES_ATTACHS] = "bpf_attach_type",
};

static void free_btf(struct btf **btf)
{
	btf__free(*btf);
}

/* The last enumerator is the kernel's own count of them ("__MAX_BPF_CMD") and names nothing. */
static bool is_count(const struct btf *btf, uint32_t name)
{
	const char *text = btf__name_by_offset(btf, name);

	return text != NULL && text[0] == '_' && text[1] == '_';
}

static uint64_t mask_of(const struct btf *btf, const struct btf_type *type)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < btf_vlen(type); i++) {
		const bool wide = btf_is_enum64(type);
		const uint64_t value = wide ? btf_enum64_value(&btf_enum64(type)[i]) :
					      (uint32_t)btf_enum(type)[i].val;
		const uint32_t name =
			wide ? btf_enum64(type)[i].name_off : btf_enum(type)[i].name_off;

		if (value < 64 && !is_count(btf, name))
			mask |= UINT64_C(1) << value;
	}
	return mask;
}

int kernel_names_read(struct delegation *ret_known)
{
	__attribute__((cleanup(free_btf))) struct btf *btf =
		btf__parse("/sys/kernel/btf/vmlinux", NULL);

	if (btf == NULL)
		return errno != 0 ? -errno : -ENOENT;
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		int id = btf__find_by_name_kind(btf, enumerations[list], BTF_KIND_ENUM);

		if (id < 0)
			id = btf__find_by_name_kind(btf, enumerations[list], BTF_KIND_ENUM64);
		if (id < 0)
			return -ENOENT;
		ret_known->masks[list] = mask_of(btf, btf__type_by_id(btf, (uint32_t)id));
	}
	return 0;
}
