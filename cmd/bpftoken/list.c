/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/host/mount_table.h"
#include "cmd/bpftoken/base/output.h"
#include "cmd/bpftoken/host/scan.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/json_gen.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken list [--json] [ID|PID]\n"
	"Print every container on this host that has a delegated bpffs: engine and id,\n"
	"process, path, owner, what is delegated, and what is missing for it to be of\n"
	"use. Then the tokens that are still held though the bpffs is gone. ID is the\n"
	"beginning of a container's id, PID any process in it.\n"
	"\n"
	"Example: bpftoken list --json | jq '.containers[].path'\n";

#define INDENT 11

/* Names and paths are a tenant's to choose: as text they are quoted unless they are plain. */
static struct quoted shown(const char *value)
{
	struct quoted plain;
	size_t len = strlen(value);
	struct text text;

	for (size_t i = 0; i < len; i++)
		if (!text_is_printable(value[i]) || value[i] == ' ' || value[i] == '"' ||
		    value[i] == '\\')
			return quote(value);
	if (len == 0 || len >= sizeof(plain.text))
		return quote(value);
	text_init(&text, plain.text, sizeof(plain.text));
	text_add(&text, "%s", value);
	return plain;
}

/* ---- for people ---- */

static void print_head(const struct cgroup_name *container)
{
	bool known = container->engine[0] != '\0';

	printf("%s%s %s%s\n", output_colour(stdout, OUTPUT_STRONG),
	       known ? container->engine : "host",
	       container->id[0] != '\0' ? shown(container->id).text : "-", output_plain(stdout));
	if (container->pod[0] != '\0')
		printf("  %-*s%s\n", INDENT - 2, "pod", shown(container->pod).text);
}

static void print_process(pid_t pid, const struct proc_status *status)
{
	printf("  %-*s%d %s\n", INDENT - 2, "process", (int)pid, shown(status->name).text);
}

static void print_lists(const struct granted *granted)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		char words[4096], label[16];
		struct text text;

		text_init(&text, words, sizeof(words));
		granted_add_words(granted, list, " ", &text);
		text_init(&text, label, sizeof(label));
		text_add(&text, "  %s", names_key(list));
		output_wrapped(stdout, label, INDENT, words[0] != '\0' ? words : "-");
	}
}

static void print_owner(const struct scan_bpffs *bpffs)
{
	const struct granted *granted = &bpffs->granted;

	printf("  %-*s", INDENT - 2, "owner");
	if (bpffs->has_inside)
		printf("%u:%u inside, ", bpffs->inside_uid, bpffs->inside_gid);
	printf("%u:%u on the host, mode %04o\n", granted->uid, granted->gid, granted->mode & 0777);
}

static void print_bpffs(const struct scan_bpffs *bpffs)
{
	print_head(&bpffs->container);
	print_process(bpffs->pid, &bpffs->status);
	printf("  %-*s%s\n", INDENT - 2, "path", shown(bpffs->path).text);
	print_owner(bpffs);
	print_lists(&bpffs->granted);
	if (bpffs->n_tokens > 0)
		printf("  %-*s%zu held\n", INDENT - 2, "tokens", bpffs->n_tokens);
	if (bpffs->n_namespaces > 1)
		printf("  %-*salso in %zu more mount namespaces of it\n", INDENT - 2, "seen",
		       bpffs->n_namespaces - 1);
	for (size_t i = 0; i < bpffs->missing.n; i++)
		output_wrapped(stdout, "  missing", INDENT, bpffs->missing.text[i]);
}

static void print_token(const struct scan_token *token)
{
	print_head(&token->container);
	print_process(token->pid, &token->status);
	printf("  %-*sheld as descriptor %d", INDENT - 2, "token", token->fd);
	if (token->n > 1)
		printf(" and %zu more", token->n - 1);
	puts("; its bpffs is not mounted there");
	print_lists(&token->granted);
}

/* ---- for programs ---- */

static void gen_text(struct json_gen *gen, const char *name, const char *value)
{
	json_gen_name(gen, name);
	json_gen_string(gen, value[0] != '\0' ? value : NULL);
}

static void gen_unsigned(struct json_gen *gen, const char *name, uint64_t value)
{
	json_gen_name(gen, name);
	json_gen_unsigned(gen, value);
}

static void gen_container(struct json_gen *gen, const struct cgroup_name *container, pid_t pid,
			  const struct proc_status *status)
{
	gen_text(gen, "engine", container->engine);
	gen_text(gen, "id", container->id);
	gen_text(gen, "pod", container->pod);
	gen_unsigned(gen, "pid", (uint64_t)pid);
	gen_text(gen, "process", status->name);
}

static void gen_words(struct json_gen *gen, const struct granted *granted, enum names_list list)
{
	char words[4096];
	const char *p = words;
	struct text text;

	text_init(&text, words, sizeof(words));
	granted_add_words(granted, list, " ", &text);
	json_gen_name(gen, names_key(list));
	json_gen_array(gen);
	while (*(p += strspn(p, " ")) != '\0') {
		size_t len = strcspn(p, " ");

		json_gen_bytes(gen, p, len);
		p += len;
	}
	json_gen_array_end(gen);
}

static void gen_lists(struct json_gen *gen, const struct granted *granted)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		gen_words(gen, granted, list);
}

static void gen_owner(struct json_gen *gen, const struct scan_bpffs *bpffs)
{
	json_gen_name(gen, "owner");
	json_gen_object(gen);
	if (bpffs->has_inside) {
		gen_unsigned(gen, "uid", bpffs->inside_uid);
		gen_unsigned(gen, "gid", bpffs->inside_gid);
	}
	gen_unsigned(gen, "hostUid", bpffs->granted.uid);
	gen_unsigned(gen, "hostGid", bpffs->granted.gid);
	json_gen_object_end(gen);
}

static void gen_bpffs(struct json_gen *gen, const struct scan_bpffs *bpffs)
{
	char mode[8];
	struct text text;

	json_gen_object(gen);
	gen_container(gen, &bpffs->container, bpffs->pid, &bpffs->status);
	json_gen_name(gen, "path");
	json_gen_string(gen, bpffs->path);
	gen_owner(gen, bpffs);
	text_init(&text, mode, sizeof(mode));
	text_add(&text, "%04o", bpffs->granted.mode & 0777);
	gen_text(gen, "mode", mode);
	gen_lists(gen, &bpffs->granted);
	gen_unsigned(gen, "tokens", bpffs->n_tokens);
	gen_unsigned(gen, "mountNamespaces", bpffs->n_namespaces);
	json_gen_name(gen, "missing");
	json_gen_array(gen);
	for (size_t i = 0; i < bpffs->missing.n; i++)
		json_gen_string(gen, bpffs->missing.text[i]);
	json_gen_array_end(gen);
	json_gen_object_end(gen);
}

static void gen_token(struct json_gen *gen, const struct scan_token *token)
{
	json_gen_object(gen);
	gen_container(gen, &token->container, token->pid, &token->status);
	gen_unsigned(gen, "fd", (uint64_t)token->fd);
	gen_unsigned(gen, "tokens", token->n);
	gen_lists(gen, &token->granted);
	json_gen_object_end(gen);
}

/* ---- the command ---- */

static void print_text(const struct scan *scan)
{
	for (size_t i = 0; i < scan->n_bpffs; i++)
		print_bpffs(&scan->bpffs[i]);
	for (size_t i = 0; i < scan->n_tokens; i++)
		print_token(&scan->tokens[i]);
}

static void print_json(const struct scan *scan)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	json_gen_object(gen);
	json_gen_name(gen, "containers");
	json_gen_array(gen);
	for (size_t i = 0; i < scan->n_bpffs; i++)
		gen_bpffs(gen, &scan->bpffs[i]);
	json_gen_array_end(gen);
	json_gen_name(gen, "tokens");
	json_gen_array(gen);
	for (size_t i = 0; i < scan->n_tokens; i++)
		gen_token(gen, &scan->tokens[i]);
	json_gen_array_end(gen);
	gen_unsigned(gen, "unseen", scan->n_unseen);
	json_gen_object_end(gen);
	output_json(gen);
}

static void warn_of_unseen(const struct scan *scan)
{
	size_t all = scan->n_processes + scan->n_unseen;

	if (scan->n_unseen > 0)
		fprintf(stderr,
			"bpftoken: list: warning: %zu of %zu processes could not be looked at, "
			"their containers may be missing; run as root, in the host's pid and user "
			"namespaces\n",
			scan->n_unseen, all);
	if (scan->n_cut > 0)
		fprintf(stderr,
			"bpftoken: list: warning: %zu mount namespaces have more than %d bpffs; "
			"only the oldest of each were looked at\n",
			scan->n_cut, MOUNT_TABLE_BPFFS_MAX);
	if (scan->n_crowded > 0)
		fprintf(stderr,
			"bpftoken: list: warning: %zu processes have more than %d descriptors; "
			"tokens among the others were not looked for\n",
			scan->n_crowded, SCAN_FDS_MAX);
}

static int run(bool json, const char *word)
{
	defer_with(scan_done) struct scan scan = { 0 };
	struct err err = { 0 };
	bool found;

	if (scan_host(&scan, &err) < 0) {
		fprintf(stderr, "bpftoken: list: %s\n", err.msg);
		return err.code;
	}
	warn_of_unseen(&scan);
	if (word != NULL)
		scan_keep(&scan, word);
	found = scan.n_bpffs + scan.n_tokens > 0;
	if (json)
		print_json(&scan);
	else if (found || word != NULL)
		print_text(&scan);
	else
		puts("no container has a delegated bpffs");
	if (found || word == NULL)
		return 0;
	fprintf(stderr,
		"bpftoken: list: container or process %s: it has no delegated bpffs and no token; "
		"bpftoken list shows all that have\n",
		quote(word).text);
	return EX_DATAERR;
}

int command_list(int argc, char **argv)
{
	enum { OPTION_JSON = 256, OPTION_HELP };
	static const struct option options[] = { { "json", no_argument, NULL, OPTION_JSON },
						 { "help", no_argument, NULL, OPTION_HELP },
						 { 0 } };
	bool json = false;

	for (int option; (option = args_next(argc, argv, options)) != ARGS_END;) {
		if (option == ARGS_WRONG)
			return EX_USAGE;
		if (option == OPTION_HELP)
			return fputs(help, stdout) < 0 ? EX_OSERR : 0;
		json = true;
	}
	if (optind + 1 < argc)
		return args_wrong("list", "argument %s: there is one too many; name one ID or PID",
				  quote(argv[argc - 1]).text);
	if (optind < argc && argv[optind][0] == '\0')
		return args_wrong("list", "argument \"\": it is empty; name an ID or PID");
	return run(json, argv[optind]);
}
