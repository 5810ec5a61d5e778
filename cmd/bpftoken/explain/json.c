/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cmd/bpftoken/base/caps.h"
#include "cmd/bpftoken/explain/explanation.h"
#include "cmd/bpftoken/base/output.h"
#include "cmd/bpftoken/policy/rules.h"
#include "cmd/bpftoken/explain/verdict.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

static void string(struct json_gen *gen, const char *name, const char *value)
{
	json_gen_name(gen, name);
	json_gen_string(gen, value);
}

static void number(struct json_gen *gen, const char *name, uint64_t value)
{
	json_gen_name(gen, name);
	json_gen_unsigned(gen, value);
}

static void boolean(struct json_gen *gen, const char *name, bool value)
{
	json_gen_name(gen, name);
	json_gen_bool(gen, value);
}

static void octal(struct json_gen *gen, const char *name, unsigned mode)
{
	char digits[16];
	struct text text;

	text_init(&text, digits, sizeof(digits));
	text_add(&text, "%04o", mode);
	string(gen, name, digits);
}

static void add_verdict(const struct explanation *e, struct json_gen *gen)
{
	json_gen_name(gen, "verdict");
	json_gen_object(gen);
	number(gen, "code", (unsigned)(e->is_ignored ? 0 : e->verdict.code));
	boolean(gen, "asked", e->is_asked);
	boolean(gen, "ignored", e->is_ignored);
	string(gen, "message", e->verdict.code != 0 ? e->verdict.msg : NULL);
	json_gen_object_end(gen);
}

static void add_request(const struct explanation *e, struct json_gen *gen)
{
	json_gen_name(gen, "request");
	json_gen_object(gen);
	string(gen, "source", e->source);
	json_gen_name(gen, "words");
	json_gen_object(gen);
	for (enum request_key key = 0; key < REQUEST_KEYS; key++)
		if (e->words.word[key] != NULL)
			string(gen, request_key_name(key), e->words.word[key]);
	json_gen_object_end(gen);
	if (e->has_request) {
		rules_json_lists(&e->request.lists, gen);
		json_gen_name(gen, "profiles");
		json_gen_array(gen);
		for (size_t i = 0; i < e->request.n_profiles; i++)
			json_gen_string(gen, e->request.profiles[i]);
		json_gen_array_end(gen);
		string(gen, "path", e->request.path);
		octal(gen, "mode", e->request.mode);
	}
	json_gen_object_end(gen);
}

static void add_container(const struct explanation *e, struct json_gen *gen)
{
	json_gen_name(gen, "container");
	json_gen_object(gen);
	string(gen, "id", e->state.id);
	string(gen, "bundle", e->state.bundle);
	boolean(gen, "assumed", e->is_assumed);
	if (e->is_assumed)
		string(gen, "because", e->assumed_because);
	if (e->has_subject)
		number(gen, "hostUid", e->subject.host_uid);
	boolean(gen, "hostNetwork", e->subject.host_network);
	boolean(gen, "hostCgroup", e->subject.host_cgroup);
	json_gen_name(gen, "bounding");
	caps_json(gen, e->subject.bounding);
	json_gen_object_end(gen);
}

static void add_policy(const struct explanation *e, struct json_gen *gen)
{
	const struct rules_view view = { &e->policy, &e->request, &e->subject, &e->decision };

	json_gen_name(gen, "policy");
	json_gen_object(gen);
	string(gen, "file", e->policy_path);
	string(gen, "vendor", VENDOR_POLICY_PATH);
	json_gen_name(gen, "rules");
	rules_json(&view, gen);
	json_gen_object_end(gen);
}

static void add_plan(const struct explanation *e, struct json_gen *gen)
{
	json_gen_name(gen, "plan");
	json_gen_object(gen);
	number(gen, "pid", (uint64_t)e->plan.pid);
	string(gen, "root", e->plan.root);
	string(gen, "path", e->plan.path);
	number(gen, "uid", e->plan.uid);
	number(gen, "gid", e->plan.gid);
	octal(gen, "mode", (unsigned)e->plan.mode | 01000u);
	rules_json_lists(&e->plan.delegation, gen);
	json_gen_object_end(gen);
}

static void add_seccomp(const struct explanation *e, struct json_gen *gen)
{
	const struct explain_seccomp *seccomp = &e->seccomp;

	json_gen_name(gen, "seccomp");
	json_gen_array(gen);
	for (unsigned cmd = 0; seccomp->is_judged && cmd < 64; cmd++) {
		char answer[64], by[64];

		if ((seccomp->commands & BIT(cmd)) == 0)
			continue;
		verdict_action(&seccomp->verdicts[cmd], answer, sizeof(answer));
		verdict_source(&seccomp->profile, &seccomp->verdicts[cmd], by, sizeof(by));
		json_gen_object(gen);
		string(gen, "command", names_of_bit(NAMES_CMDS, cmd));
		boolean(gen, "passes", seccomp_verdict_passes(&seccomp->verdicts[cmd]));
		string(gen, "answer", answer);
		string(gen, "by", by);
		json_gen_object_end(gen);
	}
	json_gen_array_end(gen);
}

void explanation_json(const struct explanation *e)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	json_gen_object(gen);
	add_verdict(e, gen);
	add_request(e, gen);
	if (e->has_request && e->has_config)
		add_container(e, gen);
	if (e->has_decision)
		add_policy(e, gen);
	if (e->has_plan)
		add_plan(e, gen);
	if (e->has_request && e->has_config)
		add_seccomp(e, gen);
	json_gen_name(gen, "warnings");
	json_gen_array(gen);
	for (size_t i = 0; i < e->warnings.n; i++)
		json_gen_string(gen, e->warnings.text[i]);
	json_gen_array_end(gen);
	json_gen_object_end(gen);
	output_json(gen);
}
