/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* A text that grows; what stdio cannot do is out of memory. */
struct printer {
	FILE *out;
	char *text;
	size_t len;
};

static void printer_init(struct printer *printer)
{
	printer->out = open_memstream(&printer->text, &printer->len);
	promise(printer->out != NULL, "memory", "");
}

static char *printed(struct printer *printer)
{
	promise(fclose(printer->out) == 0, "memory", "");
	return printer->text;
}

static void print_string(FILE *out, const char *value)
{
	size_t len = strlen(value), room = 6 * len + 8;
	char *buf = malloc(room);
	struct text text;

	promise(buf != NULL, "memory", "");
	text_init(&text, buf, room);
	text_add_json(&text, value, len);
	promise(!text.cut, "a JSON string is at most six times as long", value);
	fputs(buf, out);
	free(buf);
}

static void print_member(FILE *out, const char *name, const char *value)
{
	print_string(out, name);
	fputc(':', out);
	print_string(out, value);
}

static const char *comma(size_t i)
{
	return i == 0 ? "" : ",";
}

char *print_state(const struct state *state)
{
	struct printer printer;

	printer_init(&printer);
	fputc('{', printer.out);
	print_member(printer.out, "id", state->id);
	fputc(',', printer.out);
	print_member(printer.out, "bundle", state->bundle);
	fprintf(printer.out, ",\"pid\":%d,\"annotations\":{", (int)state->pid);
	for (size_t i = 0; i < state->n_annotations; i++) {
		fputs(comma(i), printer.out);
		print_member(printer.out, state->annotations[i].key, state->annotations[i].value);
	}
	fputs("}}", printer.out);
	return printed(&printer);
}

/* ---- config.json ---- */

/* As numbers, which libcap reads like names. */
static void print_capabilities(FILE *out, const char *name, uint64_t set)
{
	fprintf(out, "\"%s\":[", name);
	for (unsigned cap = 0, n = 0; cap < 64; cap++)
		if ((set >> cap & 1) != 0)
			fprintf(out, "%s\"%u\"", comma(n++), cap);
	fputc(']', out);
}

static void print_process(FILE *out, const struct config *config)
{
	fprintf(out, "\"process\":{\"user\":{\"uid\":%u,\"gid\":%u},\"env\":[", config->uid,
		config->gid);
	if (config->token_path != NULL) {
		char *variable = NULL;

		promise(asprintf(&variable, "LIBBPF_BPF_TOKEN_PATH=%s", config->token_path) >= 0,
			"memory", "");
		print_string(out, variable);
		free(variable);
	}
	fputs("],\"capabilities\":{", out);
	print_capabilities(out, "bounding", config->bounding);
	fputc(',', out);
	print_capabilities(out, "effective", config->effective);
	fputs("}}", out);
}

static void print_linux(FILE *out, const struct config *config)
{
	fprintf(out,
		"\"linux\":{\"mountLabel\":\"%s\",\"seccomp\":{\"defaultAction\":\"%s\"},"
		"\"maskedPaths\":[",
		config->mount_label ? "x" : "",
		seccomp_blocks_bpf(&config->seccomp) ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW");
	for (size_t i = 0; i < config->n_masked_paths; i++) {
		fputs(comma(i), out);
		print_string(out, config->masked_paths[i]);
	}
	fputs("]}", out);
}

char *print_config(const struct config *config)
{
	struct printer printer;

	printer_init(&printer);
	fputs("{\"root\":{", printer.out);
	print_member(printer.out, "path", config->root_path);
	fputs("},", printer.out);
	print_process(printer.out, config);
	fputs(",\"mounts\":[", printer.out);
	for (size_t i = 0; i < config->n_mounts; i++) {
		fprintf(printer.out, "%s{", comma(i));
		print_member(printer.out, "destination", config->mounts[i].destination);
		fprintf(printer.out, ",\"options\":[%s%s\"x\"]}",
			config->mounts[i].shared ? "\"shared\"," : "",
			config->mounts[i].read_only ? "\"ro\"," : "");
	}
	fputs("],", printer.out);
	print_linux(printer.out, config);
	fputc('}', printer.out);
	return printed(&printer);
}

/* ---- the policy ---- */

static void print_lists(FILE *out, const struct delegation *delegation)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		if (delegation->masks[list] != 0)
			fprintf(out, ",\"%s\":\"0x%llx\"", names_key(list),
				(unsigned long long)delegation->masks[list]);
}

/* What voids a part of a policy is gone from it; a name that nobody knows voids it again. */
static const char void_list[] = ",\"cmds\":\"no_such_name\"";

static void print_profiles(FILE *out, const struct policy *policy)
{
	fputs(",\"profiles\":{", out);
	for (size_t i = 0; i < policy->n_profiles; i++) {
		const struct policy_profile *profile = &policy->profiles[i];

		fputs(comma(i), out);
		print_string(out, profile->name);
		fputs(":{\"description\":\"\"", out);
		if (profile->void_because != NULL)
			fputs(void_list, out);
		else
			print_lists(out, &profile->delegation);
		fputc('}', out);
	}
	fputc('}', out);
}

static void print_match(FILE *out, const struct policy_rule *rule)
{
	fputs("\"match\":{\"annotations\":{", out);
	for (size_t i = 0; i < rule->n_annotations; i++) {
		fputs(comma(i), out);
		print_member(out, rule->annotations[i].key, rule->annotations[i].glob);
	}
	fputc('}', out);
	for (size_t i = 0; i < rule->n_host_uids; i++)
		fprintf(out, "%s%u-%u%s", i == 0 ? ",\"hostUids\":\"" : ",",
			rule->host_uids[i].first, rule->host_uids[i].last,
			i + 1 == rule->n_host_uids ? "\"" : "");
	if (rule->host_network != POLICY_ANY)
		fprintf(out, ",\"hostNetwork\":%s",
			rule->host_network == POLICY_YES ? "true" : "false");
	fputc('}', out);
}

/* The ceiling holds the profiles' lists once the policy is linked, so they need no names here. */
static void print_allow(FILE *out, const struct policy_rule *rule)
{
	fprintf(out, ",\"allow\":{\"hostReach\":%s", rule->host_reach ? "true" : "false");
	if (rule->void_because != NULL)
		fputs(void_list, out);
	else
		print_lists(out, &rule->ceiling);
	if (rule->n_paths != 0) {
		char *paths = NULL;
		size_t len = 0;
		FILE *joined = open_memstream(&paths, &len);

		promise(joined != NULL, "memory", "");
		for (size_t i = 0; i < rule->n_paths; i++)
			fprintf(joined, "%s%s", comma(i), rule->paths[i].glob);
		fclose(joined);
		fputc(',', out);
		print_member(out, "paths", paths);
		free(paths);
	}
	fputc('}', out);
}

static void print_rule(FILE *out, const struct policy_rule *rule)
{
	fputc('{', out);
	if (rule->name != NULL) {
		print_member(out, "name", rule->name);
		fputc(',', out);
	}
	print_match(out, rule);
	if (rule->deny)
		fputs(",\"deny\":true", out);
	else
		print_allow(out, rule);
	fputc('}', out);
}

char *print_policy(const struct policy *policy, const char *first)
{
	struct printer printer;

	printer_init(&printer);
	fputs("{\"version\":1,\"trustedAnnotations\":[", printer.out);
	for (size_t i = 0; i < policy->n_trusted; i++) {
		fputs(comma(i), printer.out);
		print_string(printer.out, policy->trusted[i]);
	}
	fputc(']', printer.out);
	print_profiles(printer.out, policy);
	fprintf(printer.out, ",\"rules\":[%s", first != NULL ? first : "");
	for (size_t i = 0; i < policy->n_rules; i++) {
		fputs(comma(i + (first != NULL)), printer.out);
		print_rule(printer.out, &policy->rules[i]);
	}
	fputs("]}", printer.out);
	return printed(&printer);
}
