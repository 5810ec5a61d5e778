/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/calc/btf.h"

#include <errno.h>
#include <string.h>

#include "spec/base/poison.h"

/* Types within types; and steps for one answer, since types may be huge or refer to each other. */
#define DEPTH_MAX 16
#define STEPS_MAX 4096

static const char *const special_structs[] = {
	"bpf_spin_lock", "bpf_res_spin_lock", "bpf_timer",   "bpf_wq",	    "bpf_task_work",
	"bpf_list_head", "bpf_list_node",     "bpf_rb_root", "bpf_rb_node", "bpf_refcount",
};

static const char *const special_tags[] = { "kptr", "kptr_untrusted", "percpu_kptr", "uptr" };

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; name != NULL && i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof((names)[0]))

static const struct btf_type *skip_modifiers(const struct btf *btf, uint32_t id, uint32_t *ret_id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	for (int i = 0; i < DEPTH_MAX && type != NULL && (btf_is_mod(type) || btf_is_typedef(type));
	     i++) {
		id = type->type;
		type = btf__type_by_id(btf, id);
	}
	*ret_id = id;
	return type;
}

/* A pointer with a tag that makes it a kernel pointer. */
static bool is_kernel_pointer(const struct btf *btf, const struct btf_type *pointer)
{
	const struct btf_type *type = btf__type_by_id(btf, pointer->type);

	for (int i = 0; i < DEPTH_MAX && type != NULL && btf_is_mod(type); i++) {
		if (btf_is_type_tag(type) &&
		    IS_ONE_OF(btf__name_by_offset(btf, type->name_off), special_tags))
			return true;
		type = btf__type_by_id(btf, type->type);
	}
	return false;
}

/* Types lie within types, DEPTH_MAX of them. NOLINTBEGIN(misc-no-recursion) */

static bool is_special(const struct btf *btf, uint32_t id, int depth, int *steps);

static bool has_special_member(const struct btf *btf, const struct btf_type *type, int depth,
			       int *steps)
{
	const struct btf_member *members = btf_members(type);

	for (unsigned i = 0; i < btf_vlen(type); i++)
		if (is_special(btf, members[i].type, depth, steps))
			return true;
	return false;
}

static bool has_special_variable(const struct btf *btf, const struct btf_type *section, int depth,
				 int *steps)
{
	const struct btf_var_secinfo *variables = btf_var_secinfos(section);

	for (unsigned i = 0; i < btf_vlen(section); i++) {
		const struct btf_type *variable = btf__type_by_id(btf, variables[i].type);

		if (variable != NULL && btf_is_var(variable) &&
		    is_special(btf, variable->type, depth, steps))
			return true;
	}
	return false;
}

static bool is_special(const struct btf *btf, uint32_t id, int depth, int *steps)
{
	const struct btf_type *type = skip_modifiers(btf, id, &id);

	if (type == NULL || depth == 0 || --*steps < 0)
		return false;
	if (btf_is_ptr(type))
		return is_kernel_pointer(btf, type);
	if (btf_is_array(type))
		return is_special(btf, btf_array(type)->type, depth - 1, steps);
	if (btf_is_datasec(type))
		return has_special_variable(btf, type, depth - 1, steps);
	if (!btf_is_struct(type) && !btf_is_union(type))
		return false;
	return IS_ONE_OF(btf__name_by_offset(btf, type->name_off), special_structs) ||
	       has_special_member(btf, type, depth - 1, steps);
}

/* NOLINTEND(misc-no-recursion) */

bool calc_btf_is_special(const struct btf *btf, uint32_t type)
{
	int steps = STEPS_MAX;

	return is_special(btf, type, DEPTH_MAX, &steps);
}

bool calc_btf_is_struct_ops(const char *section)
{
	if (*section == '?')
		section++;
	return strcmp(section, ".struct_ops") == 0 || strcmp(section, ".struct_ops.link") == 0;
}

/* Sections whose variables are no memory of a map's. */
static bool is_no_data(const char *section)
{
	static const char *const names[] = { ".maps", ".kconfig", ".ksyms", "license", "version" };

	return section == NULL || IS_ONE_OF(section, names) || calc_btf_is_struct_ops(section);
}

bool calc_btf_has_special_data(const struct btf *btf)
{
	int steps = STEPS_MAX;

	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (type != NULL && btf_is_datasec(type) &&
		    !is_no_data(btf__name_by_offset(btf, type->name_off)) &&
		    has_special_variable(btf, type, DEPTH_MAX, &steps))
			return true;
	}
	return false;
}

/* ---- struct_ops ---- */

static void set_type_name(facts_string *string, const char *name)
{
	char *flavour;

	facts_set(string, name);
	flavour = strstr(*string, "___");
	if (flavour != NULL && flavour != *string)
		*flavour = '\0';
}

static int member_at(const struct btf *btf, uint32_t id, uint64_t offset,
		     struct fact_member *ret_member)
{
	const struct btf_type *type = skip_modifiers(btf, id, &id);
	const struct btf_member *members;

	if (type == NULL || !btf_is_struct(type))
		return -ENOENT;
	members = btf_members(type);
	for (uint32_t i = 0; i < btf_vlen(type); i++)
		if (btf_member_bit_offset(type, i) == offset * 8) {
			ret_member->index = i;
			set_type_name(&ret_member->type, btf__name_by_offset(btf, type->name_off));
			facts_set(&ret_member->member,
				  btf__name_by_offset(btf, members[i].name_off));
			return 0;
		}
	return -ENOENT;
}

int calc_btf_member(const struct btf *btf, const char *section, uint64_t offset,
		    struct fact_member *ret_member)
{
	int id = btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
	const struct btf_var_secinfo *variables;

	if (type == NULL)
		return -ENOENT;
	variables = btf_var_secinfos(type);
	for (unsigned i = 0; i < btf_vlen(type); i++) {
		const struct btf_type *variable = btf__type_by_id(btf, variables[i].type);

		if (variable != NULL && btf_is_var(variable) && offset >= variables[i].offset &&
		    offset - variables[i].offset < variables[i].size)
			return member_at(btf, variable->type, offset - variables[i].offset,
					 ret_member);
	}
	return -ENOENT;
}

int calc_btf_kernel_index(const struct btf *vmlinux, const struct fact_member *member)
{
	int id = btf__find_by_name_kind(vmlinux, member->type, BTF_KIND_STRUCT);
	const struct btf_type *type = id > 0 ? btf__type_by_id(vmlinux, (uint32_t)id) : NULL;

	for (unsigned i = 0; type != NULL && i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(vmlinux, btf_members(type)[i].name_off);

		if (name != NULL && strcmp(name, member->member) == 0)
			return (int)i;
	}
	return -ENOENT;
}
