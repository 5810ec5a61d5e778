/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/filter/table.h"

#include <err.h>
#include <sysexits.h>

/* Its table is the one that counts; it has no other use for its main here. */
int generate(int argc, char **argv);
#define main generate
#include "hook/filter_generate.c"
#undef main

void table_init(struct table *table, const char *arch)
{
	uint32_t token = seccomp_arch_resolve_name(arch);

	if (token == 0)
		errx(EX_USAGE, "%s: libseccomp knows no such architecture", arch);
	*table = (struct table){ .arch = token };
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct table_rule *rule = &table->rules[table->n_rules++];
		int number = seccomp_syscall_resolve_name_arch(token, rules[i].call);

		if (number < 0)
			errx(EX_SOFTWARE, "%s: %s has no such call", rules[i].call, arch);
		*rule = (struct table_rule){ .call = rules[i].call, .number = (uint32_t)number };
		for (size_t k = 0; k < CONDITIONS_MAX; k++)
			rule->conditions[k] = (struct table_condition){
				rules[i].conditions[k].arg,
				rules[i].conditions[k].mask,
				rules[i].conditions[k].want,
			};
	}
}

bool table_rule_allows(const struct table_rule *rule, const struct seccomp_data *data)
{
	if ((uint32_t)data->nr != rule->number)
		return false;
	for (size_t i = 0; i < TABLE_CONDITIONS_MAX; i++)
		if ((data->args[rule->conditions[i].arg] & rule->conditions[i].mask) !=
		    rule->conditions[i].want)
			return false;
	return true;
}

bool table_allows(const struct table *table, const struct seccomp_data *data)
{
	if (data->arch != table->arch)
		return false;
	for (size_t i = 0; i < table->n_rules; i++)
		if (table_rule_allows(&table->rules[i], data))
			return true;
	return false;
}

void table_print_rule(FILE *to, const struct table_rule *rule)
{
	const char *before = "(";

	fputs(rule->call, to);
	for (size_t i = 0; i < TABLE_CONDITIONS_MAX && rule->conditions[i].mask != 0; i++) {
		fprintf(to, "%sarg%u & 0x%llx == 0x%llx", before, rule->conditions[i].arg,
			(unsigned long long)rule->conditions[i].mask,
			(unsigned long long)rule->conditions[i].want);
		before = ", ";
	}
	if (before[0] == ',')
		fputc(')', to);
	fputc('\n', to);
}
