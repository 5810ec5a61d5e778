/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cmd/bpftoken/base/output.h"
#include "cmd/bpftoken/policy/commands.h"
#include "cmd/bpftoken/policy/rules.h"
#include "hook/decision.h"
#include "hook/policy_file.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

#define COLUMN 16

static const char help[] =
	"Usage: bpftoken policy show [--json] [FILE]\n"
	"Print a policy as the hook reads it: the profiles of both layers, and each rule\n"
	"with the ceiling that its profiles and lists come to. A policy that the hook\n"
	"would refuse is refused here, too (78).\n"
	"\n"
	"  --json   print one JSON object: file, vendor, trustedAnnotations, profiles\n"
	"           (name, layer, void, cmds, maps, progs, attachs) and rules (number,\n"
	"           name, line, match, deny, void, allow with its lists resolved)\n"
	"  --help   print this\n"
	"\n"
	"FILE is " POLICY_PATH " where it is left out.\n"
	"\n"
	"Example: bpftoken policy show\n";

static const char *layer_word(enum policy_layer layer)
{
	return layer == POLICY_VENDOR ? "vendor" : "administrator";
}

/* ---- text ---- */

static void print_profile(const struct policy_profile *profile)
{
	printf("%sprofile %s%s (%s)\n", output_colour(stdout, OUTPUT_STRONG), profile->name,
	       output_plain(stdout), layer_word(profile->layer));
	if (profile->void_because != NULL)
		output_wrapped(stdout, "  void", COLUMN, profile->void_because);
	else
		rules_print_lists(&profile->delegation, "  ", COLUMN);
}

static void print_globs(const char *label, const struct policy_glob *globs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char words[400];
		struct text text;

		text_init(&text, words, sizeof(words));
		if (globs[i].key != NULL)
			text_add(&text, "%s = ", globs[i].key);
		text_add(&text, "%s", quote(globs[i].glob).text);
		output_wrapped(stdout, i == 0 ? label : "", COLUMN, words);
	}
}

static void print_match(const struct policy_rule *rule)
{
	char words[2048];
	struct text text;

	print_globs("  annotations", rule->annotations, rule->n_annotations);
	text_init(&text, words, sizeof(words));
	decision_add_ranges(rule, &text);
	output_wrapped(stdout, "  host uids", COLUMN, rule->n_host_uids != 0 ? words : "all but 0");
	if (rule->host_network != POLICY_ANY)
		output_wrapped(stdout, "  network", COLUMN,
			       rule->host_network == POLICY_YES ? "the host's" : "its own");
}

static void print_rule(const struct policy_rule *rule)
{
	printf("%s%s%s, line %u\n", output_colour(stdout, OUTPUT_STRONG),
	       decision_rule_name(rule).text, output_plain(stdout), rule->line);
	print_match(rule);
	if (rule->deny) {
		output_wrapped(stdout, "  denies", COLUMN, "every request");
		return;
	}
	if (rule->void_because != NULL)
		output_wrapped(stdout, "  void", COLUMN, rule->void_because);
	for (size_t i = 0; i < rule->n_profiles; i++)
		output_wrapped(stdout, i == 0 ? "  profiles" : "", COLUMN, rule->profiles[i]);
	rules_print_lists(&rule->ceiling, "  ", COLUMN);
	if (rule->n_paths == 0)
		output_wrapped(stdout, "  paths", COLUMN, "\"" REQUEST_DEFAULT_PATH "\"");
	print_globs("  paths", rule->paths, rule->n_paths);
	output_wrapped(stdout, "  host reach", COLUMN, rule->host_reach ? "yes" : "no");
}

static void print_text(const struct policy *policy, const char *path)
{
	printf("policy %s\nvendor %s\n", path, VENDOR_POLICY_PATH);
	for (size_t i = 0; i < policy->n_trusted; i++)
		output_wrapped(stdout, i == 0 ? "trusted" : "", COLUMN,
			       quote(policy->trusted[i]).text);
	for (size_t i = 0; i < policy->n_profiles; i++)
		print_profile(&policy->profiles[i]);
	for (size_t i = 0; i < policy->n_rules; i++)
		print_rule(&policy->rules[i]);
	if (policy->n_rules == 0)
		puts("no rule: what annotations ask for is refused");
}

/* ---- JSON ---- */

static void add_string(struct json_gen *gen, const char *name, const char *value)
{
	json_gen_name(gen, name);
	json_gen_string(gen, value);
}

static void add_strings(struct json_gen *gen, const char *name, char *const *values, size_t n)
{
	json_gen_name(gen, name);
	json_gen_array(gen);
	for (size_t i = 0; i < n; i++)
		json_gen_string(gen, values[i]);
	json_gen_array_end(gen);
}

static void add_profile(struct json_gen *gen, const struct policy_profile *profile)
{
	json_gen_object(gen);
	add_string(gen, "name", profile->name);
	add_string(gen, "layer", layer_word(profile->layer));
	add_string(gen, "void", profile->void_because);
	rules_json_lists(&profile->delegation, gen);
	json_gen_object_end(gen);
}

static void add_match(struct json_gen *gen, const struct policy_rule *rule)
{
	char words[2048];
	struct text text;

	json_gen_name(gen, "match");
	json_gen_object(gen);
	json_gen_name(gen, "annotations");
	json_gen_object(gen);
	for (size_t i = 0; i < rule->n_annotations; i++)
		add_string(gen, rule->annotations[i].key, rule->annotations[i].glob);
	json_gen_object_end(gen);
	text_init(&text, words, sizeof(words));
	decision_add_ranges(rule, &text);
	add_string(gen, "hostUids", rule->n_host_uids != 0 ? words : "1-4294967294");
	json_gen_name(gen, "hostNetwork");
	if (rule->host_network == POLICY_ANY)
		json_gen_string(gen, NULL);
	else
		json_gen_bool(gen, rule->host_network == POLICY_YES);
	json_gen_object_end(gen);
}

static void add_allow(struct json_gen *gen, const struct policy_rule *rule)
{
	json_gen_name(gen, "allow");
	json_gen_object(gen);
	add_strings(gen, "profiles", rule->profiles, rule->n_profiles);
	rules_json_lists(&rule->ceiling, gen);
	json_gen_name(gen, "paths");
	json_gen_array(gen);
	for (size_t i = 0; i < rule->n_paths; i++)
		json_gen_string(gen, rule->paths[i].glob);
	if (rule->n_paths == 0)
		json_gen_string(gen, REQUEST_DEFAULT_PATH);
	json_gen_array_end(gen);
	json_gen_name(gen, "hostReach");
	json_gen_bool(gen, rule->host_reach);
	json_gen_object_end(gen);
}

static void add_rule(struct json_gen *gen, const struct policy_rule *rule)
{
	json_gen_object(gen);
	json_gen_name(gen, "number");
	json_gen_unsigned(gen, rule->number);
	add_string(gen, "name", rule->name);
	json_gen_name(gen, "line");
	json_gen_unsigned(gen, rule->line);
	add_match(gen, rule);
	json_gen_name(gen, "deny");
	json_gen_bool(gen, rule->deny);
	add_string(gen, "void", rule->void_because);
	if (!rule->deny)
		add_allow(gen, rule);
	json_gen_object_end(gen);
}

static void print_json(const struct policy *policy, const char *path)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	json_gen_object(gen);
	add_string(gen, "file", path);
	add_string(gen, "vendor", VENDOR_POLICY_PATH);
	add_strings(gen, "trustedAnnotations", policy->trusted, policy->n_trusted);
	json_gen_name(gen, "profiles");
	json_gen_array(gen);
	for (size_t i = 0; i < policy->n_profiles; i++)
		add_profile(gen, &policy->profiles[i]);
	json_gen_array_end(gen);
	json_gen_name(gen, "rules");
	json_gen_array(gen);
	for (size_t i = 0; i < policy->n_rules; i++)
		add_rule(gen, &policy->rules[i]);
	json_gen_array_end(gen);
	json_gen_object_end(gen);
	output_json(gen);
}

int policy_show(int argc, char **argv)
{
	defer_free char *path = NULL;
	defer_with(policy_done) struct policy policy = { 0 };
	struct policy_files files = { .vendor = VENDOR_POLICY_PATH, .need_rules = true };
	struct policy_arguments arguments;
	struct err err = { 0 };
	int code = policy_arguments_take("policy show", argc, argv, POLICY_TAKES_JSON, &arguments,
					 &path);

	if (code != 0)
		return code;
	if (arguments.help)
		return fputs(help, stdout) < 0 ? EX_OSERR : 0;
	files.administrator = path;
	if (policy_files_load(&files, &policy, &err) < 0) {
		fprintf(stderr, "bpftoken: policy show: %s\n", err.msg);
		return err.code;
	}
	(arguments.json ? print_json : print_text)(&policy, path);
	return 0;
}
