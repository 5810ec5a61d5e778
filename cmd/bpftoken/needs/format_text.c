/* SPDX-License-Identifier: Apache-2.0 */
/* What people read. */
#include "cmd/bpftoken/needs/format.h"
#include "cmd/bpftoken/base/output.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define INDENT 14

static void print_lists(FILE *to, const char *heading, const struct delegation *delegation)
{
	if (delegation_is_empty(delegation))
		return;
	fprintf(to, "%s%s%s\n", output_colour(to, OUTPUT_STRONG), heading, output_plain(to));
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct format_words words = format_words(delegation, list, ", ");
		char label[24];

		snprintf(label, sizeof(label), "  %s", names_key(list));
		if (words.text[0] != '\0')
			output_wrapped(to, label, INDENT, words.text);
	}
}

void format_text(FILE *to, const struct needs *needs, const struct format_source *source)
{
	char kernel[24];

	fprintf(to, "%zu program%s, %zu map%s (%s)\n", needs->n_programs,
		needs->n_programs == 1 ? "" : "s", needs->n_maps, needs->n_maps == 1 ? "" : "s",
		source->origin);
	print_lists(to, "Needed", &needs->own);
	if (!source->only_own)
		print_lists(to, "On top, for libbpf's own probes", &needs->libbpf);
	output_wrapped(to, "Capabilities", INDENT, format_capabilities(needs, ", ").text);
	snprintf(kernel, sizeof(kernel), "%u.%u or later", NEEDS_KERNEL_MAJOR(needs->kernel),
		 NEEDS_KERNEL_MINOR(needs->kernel));
	output_wrapped(to, "Kernel", INDENT, kernel);
	for (size_t i = 0; i < needs->n_warnings; i++) {
		fputs(output_colour(to, OUTPUT_WARNING), to);
		output_wrapped(to, "Warning", INDENT, needs->warnings[i].text);
		fputs(output_plain(to), to);
	}
}
