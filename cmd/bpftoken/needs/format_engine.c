/* SPDX-License-Identifier: Apache-2.0 */
/* Container engines that start this project's hook. */
#include "cmd/bpftoken/needs/format.h"

#include <string.h>

#include "spec/base/poison.h"

void format_annotations(FILE *to, const struct needs *needs, const struct format_source *source)
{
	struct delegation delegation = needs_delegation(needs, source->only_own);

	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct format_words words = format_words(&delegation, list, ",");

		if (words.text[0] != '\0')
			fprintf(to, "io.bpftoken.%s=%s\n", names_key(list), words.text);
	}
}

/* Words of lists hold nothing that a shell or YAML reads for anything else. */
void format_podman(FILE *to, const struct needs *needs, const struct format_source *source)
{
	struct delegation delegation = needs_delegation(needs, source->only_own);

	fprintf(to, "# found by %s; put your image in the place of IMAGE\n", source->origin);
	fputs("podman run --rm --userns=auto \\\n", to);
	fprintf(to, "  --cap-add=%s \\\n", format_capabilities(needs, ",").text);
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct format_words words = format_words(&delegation, list, ",");

		if (words.text[0] != '\0')
			fprintf(to, "  --annotation=io.bpftoken.%s=%s \\\n", names_key(list),
				words.text);
	}
	fputs("  IMAGE\n", to);
}

void format_kubernetes(FILE *to, const struct needs *needs, const struct format_source *source)
{
	struct delegation delegation = needs_delegation(needs, source->only_own);
	struct format_label label = format_label(source->name);

	fprintf(to,
		"# found by %s; put your image in the place of IMAGE\n"
		"apiVersion: node.k8s.io/v1\n"
		"kind: RuntimeClass\n"
		"metadata:\n"
		"  name: bpf-token\n"
		"handler: bpf-token\n"
		"---\n"
		"apiVersion: v1\n"
		"kind: Pod\n"
		"metadata:\n"
		"  name: \"%s\"\n"
		"  annotations:\n",
		source->origin, label.text);
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct format_words words = format_words(&delegation, list, ",");

		if (words.text[0] != '\0')
			fprintf(to, "    io.bpftoken.%s: \"%s\"\n", names_key(list), words.text);
	}
	fprintf(to,
		"spec:\n"
		"  hostUsers: false\n"
		"  runtimeClassName: bpf-token\n"
		"  containers:\n"
		"  - name: \"%s\"\n"
		"    image: IMAGE\n"
		"    securityContext:\n"
		"      seccompProfile:\n"
		"        type: RuntimeDefault\n"
		"      capabilities:\n"
		"        add: [\"%s\"]\n",
		label.text, format_capabilities(needs, "\", \"").text);
}
