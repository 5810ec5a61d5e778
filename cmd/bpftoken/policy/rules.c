/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/policy/rules.h"

#include <stdio.h>
#include <string.h>

#include "cmd/bpftoken/base/output.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

/* What came of one rule. */
enum result { PASSED_OVER, ALLOWS, REFUSES, NOT_REACHED, NOT_ASKED };

static const char *const result_words[] = {
	[PASSED_OVER] = "passed over", [ALLOWS] = "allows",	  [REFUSES] = "refuses",
	[NOT_REACHED] = "not reached", [NOT_ASKED] = "not asked",
};

static enum result result_of(const struct rules_view *view, size_t i, struct text *why)
{
	const struct policy_rule *rule = &view->policy->rules[i];
	const struct policy_rule *decides = view->decision->rule;

	if (view->request->origin == REQUEST_FROM_COMMAND_LINE) {
		text_add(why, "the request stands on the hook's command line, which is root's own");
		return NOT_ASKED;
	}
	if (decides != NULL && rule > decides) {
		text_add(why, "an earlier rule decides");
		return NOT_REACHED;
	}
	if (rule == decides) {
		text_add(why, view->decision->granted ?
				      "it matches, and the request is within it" :
				      "it matches, and the request is not within it");
		return view->decision->granted ? ALLOWS : REFUSES;
	}
	if (decides == NULL && view->decision->refusal.code != 0 &&
	    view->decision->refusal.code != EX_NOPERM) {
		text_add(why, "the request itself cannot be");
		return NOT_ASKED;
	}
	decision_add_match(rule, view->subject, decision_match(rule, view->subject), why);
	return PASSED_OVER;
}

static enum output_colour colour_of(enum result result)
{
	return result == ALLOWS ? OUTPUT_GOOD : result == REFUSES ? OUTPUT_BAD : OUTPUT_PLAIN;
}

void rules_print(const struct rules_view *view)
{
	for (size_t i = 0; i < view->policy->n_rules; i++) {
		const struct policy_rule *rule = &view->policy->rules[i];
		char why[600], words[800];
		struct text why_text, text;
		enum result result;

		text_init(&why_text, why, sizeof(why));
		result = result_of(view, i, &why_text);
		printf("  %s, line %u: %s%s%s\n", decision_rule_name(rule).text, rule->line,
		       output_colour(stdout, colour_of(result)), result_words[result],
		       output_plain(stdout));
		text_init(&text, words, sizeof(words));
		text_add(&text, "%s", why);
		output_wrapped(stdout, "", 4, words);
	}
	if (view->policy->n_rules == 0)
		puts("  it has no rule");
}

void rules_json(const struct rules_view *view, struct json_gen *gen)
{
	json_gen_array(gen);
	for (size_t i = 0; i < view->policy->n_rules; i++) {
		const struct policy_rule *rule = &view->policy->rules[i];
		char why[600];
		struct text text;
		enum result result;

		text_init(&text, why, sizeof(why));
		result = result_of(view, i, &text);
		json_gen_object(gen);
		json_gen_name(gen, "number");
		json_gen_unsigned(gen, rule->number);
		json_gen_name(gen, "name");
		json_gen_string(gen, rule->name);
		json_gen_name(gen, "line");
		json_gen_unsigned(gen, rule->line);
		json_gen_name(gen, "result");
		json_gen_string(gen, result_words[result]);
		json_gen_name(gen, "why");
		json_gen_string(gen, why);
		json_gen_object_end(gen);
	}
	json_gen_array_end(gen);
}

void rules_print_lists(const struct delegation *delegation, const char *prefix, unsigned column)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		char words[4096], label[40];
		struct text text;

		if (delegation->masks[list] == 0)
			continue;
		text_init(&text, words, sizeof(words));
		delegation_add_words(&text, list, delegation->masks[list], " ");
		text_init(&text, label, sizeof(label));
		text_add(&text, "%s%s", prefix, names_key(list));
		output_wrapped(stdout, label, column, words);
	}
}

void rules_json_lists(const struct delegation *delegation, struct json_gen *gen)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		const uint64_t mask = delegation->masks[list];

		json_gen_name(gen, names_key(list));
		json_gen_array(gen);
		if (mask == DELEGATION_ANY)
			json_gen_string(gen, "any");
		for (unsigned bit = 0; mask != DELEGATION_ANY && bit < 64; bit++) {
			char number[24];
			struct text text;

			if ((mask & BIT(bit)) == 0)
				continue;
			text_init(&text, number, sizeof(number));
			text_add(&text, "0x%llx", (unsigned long long)BIT(bit));
			json_gen_string(gen, names_of_bit(list, bit) != NULL ?
						     names_of_bit(list, bit) :
						     number);
		}
		json_gen_array_end(gen);
	}
}
