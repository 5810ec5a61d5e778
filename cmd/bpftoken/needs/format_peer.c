/* SPDX-License-Identifier: Apache-2.0 */
/* Others that delegate: systemd, LXD, Incus, mount(8). Each spells the lists in its own way. */
#include "cmd/bpftoken/needs/format.h"

#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

/* ---- systemd ---- */

/* systemd's word: the enumerator up to its first '_', each part behind it with one capital. */
static void add_camel(struct text *text, enum names_list list, const char *name)
{
	static const char *const prefixes[NAMES_LISTS] = { "BPF", "BPFMapType", "BPFProgType",
							   "BPF" };
	bool begins = true;

	text_add(text, "%s", prefixes[list]);
	for (; *name != '\0'; name++) {
		bool lower = *name >= 'a' && *name <= 'z';

		if (*name != '_')
			text_add(text, "%c", begins && lower ? *name - 'a' + 'A' : *name);
		begins = *name == '_';
	}
}

static struct format_words camel_words(uint64_t mask, enum names_list list)
{
	struct format_words words = { { 0 } };
	struct text text;

	text_init(&text, words.text, sizeof(words.text));
	for (unsigned bit = 0; bit < 64; bit++)
		if ((mask & UINT64_C(1) << bit) != 0 && names_of_bit(list, bit) != NULL) {
			text_add(&text, "%s", text.len > 0 ? "," : "");
			add_camel(&text, list, names_of_bit(list, bit));
		}
	return words;
}

void format_systemd(FILE *to, const struct needs *needs, const struct format_source *source)
{
	static const char *const keys[NAMES_LISTS] = { "Commands", "Maps", "Programs",
						       "Attachments" };
	struct delegation delegation = needs_delegation(needs, source->only_own);

	fprintf(to,
		"# found by %s; for systemd 258 or later\n"
		"[Service]\n"
		"PrivateUsers=yes\n"
		"PrivateMounts=yes\n"
		"DelegateNamespaces=mnt\n"
		"PrivateBPF=yes\n",
		source->origin);
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct format_words words = camel_words(delegation.masks[list], list);

		if (words.text[0] != '\0')
			fprintf(to, "BPFDelegate%s=%s\n", keys[list], words.text);
	}
}

/* ---- LXD, Incus, mount(8) ---- */

/* What a peer calls the four lists, and what it puts between their words. */
struct peer {
	const char *keys[NAMES_LISTS];
	const char *separator;
};

static void print_settings(FILE *to, const struct peer *peer, const struct delegation *delegation)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct format_words words = format_words(delegation, list, peer->separator);

		if (words.text[0] != '\0')
			fprintf(to, " \\\n  %s=%s", peer->keys[list], words.text);
	}
	fputc('\n', to);
}

void format_lxd(FILE *to, const struct needs *needs, const struct format_source *source)
{
	static const struct peer lxd = {
		{ "security.delegate_bpf.cmd_types", "security.delegate_bpf.map_types",
		  "security.delegate_bpf.prog_types", "security.delegate_bpf.attach_types" },
		":"
	};
	struct delegation delegation = needs_delegation(needs, source->only_own);

	fprintf(to, "# found by %s; put your container in the place of CONTAINER\n",
		source->origin);
	fputs("lxc config set CONTAINER security.delegate_bpf=true", to);
	print_settings(to, &lxd, &delegation);
}

void format_incus(FILE *to, const struct needs *needs, const struct format_source *source)
{
	static const struct peer incus = {
		{ "security.bpffs.delegate_cmds", "security.bpffs.delegate_maps",
		  "security.bpffs.delegate_progs", "security.bpffs.delegate_attachs" },
		","
	};
	struct delegation delegation = needs_delegation(needs, source->only_own);

	fprintf(to, "# found by %s; put your instance in the place of INSTANCE\n", source->origin);
	fputs("incus config set INSTANCE", to);
	print_settings(to, &incus, &delegation);
}

void format_mount(FILE *to, const struct needs *needs, const struct format_source *source)
{
	struct delegation delegation = needs_delegation(needs, source->only_own);
	const char *comma = "";

	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct format_words words = format_words(&delegation, list, ":");

		if (words.text[0] == '\0')
			continue;
		fprintf(to, "%sdelegate_%s=%s", comma, names_key(list), words.text);
		comma = ",";
	}
	fputc('\n', to);
}
