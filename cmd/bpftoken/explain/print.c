/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/bpftoken/base/caps.h"
#include "cmd/bpftoken/explain/explanation.h"
#include "cmd/bpftoken/base/output.h"
#include "cmd/bpftoken/policy/rules.h"
#include "cmd/bpftoken/explain/verdict.h"

#include "spec/base/poison.h"

#define BIT(n) (UINT64_C(1) << (n))

/* Labels are two blanks and up to 12 letters. */
#define INDENT 16

__attribute__((format(printf, 2, 3))) static void field(const char *label, const char *format, ...)
{
	char words[4096], padded[32];
	struct text text;
	va_list args;

	text_init(&text, padded, sizeof(padded));
	text_add(&text, "  %s", label);
	text_init(&text, words, sizeof(words));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
	output_wrapped(stdout, padded, INDENT, words);
}

static void heading(const char *word, const char *rest)
{
	printf("%s%s%s%s%s\n", output_colour(stdout, OUTPUT_STRONG), word, output_plain(stdout),
	       rest[0] != '\0' ? ", " : "", rest);
}

/* ---- the request ---- */

static void print_parsed(const struct request *request)
{
	static const char *const owners[] = { "root", "user", NULL };
	char names[REQUEST_PROFILES_MAX * 66];
	struct text text;

	puts("  as parsed:");
	text_init(&text, names, sizeof(names));
	for (size_t i = 0; i < request->n_profiles; i++)
		text_add(&text, "%s%s", i == 0 ? "" : " ", request->profiles[i]);
	if (request->n_profiles != 0)
		field("  profiles", "%s", names);
	rules_print_lists(&request->lists, "    ", INDENT);
	field("  path", "%s", quote(request->path).text);
	field("  mode", "%04o", (unsigned)request->mode);
	if (owners[request->owner] != NULL)
		field("  owner", "%s", owners[request->owner]);
	else
		field("  owner", "%u:%u in the container", request->uid, request->gid);
}

static void print_request(const struct explanation *e)
{
	if (e->is_sandbox) {
		heading("request", "");
		field("none", "it is the sandbox of a pod, which runs no program of the tenant's");
		return;
	}
	if (e->source == NULL)
		return; /* it was not looked for */
	heading("request", e->source);
	for (enum request_key key = 0; key < REQUEST_KEYS; key++)
		if (e->is_asked && e->words.word[key] != NULL)
			field(request_key_name(key), "%s", quote(e->words.word[key]).text);
	if (e->has_request)
		print_parsed(&e->request);
	else if (!e->is_asked && e->verdict.code == 0)
		field("none", "no key of io.bpftoken asks for a delegation");
}

/* ---- the container ---- */

static void print_container(const struct explanation *e)
{
	char caps[2048];
	struct text text;

	if (!e->has_request || !e->has_config)
		return;
	heading("container", e->is_assumed ? "assumed from config.json" : "from the kernel");
	if (e->is_assumed)
		field("because", "%s", e->assumed_because);
	field("id", "%s", quote(e->state.id).text);
	if (e->has_subject)
		field("its root", "host uid %u", e->subject.host_uid);
	field("network", "%s", e->subject.host_network ? "the host's" : "its own");
	field("cgroups", "%s",
	      e->subject.host_cgroup ? "the host's namespace" : "its own namespace");
	text_init(&text, caps, sizeof(caps));
	caps_add_words(&text, e->subject.bounding);
	field("bounding set", "%s", text.len != 0 ? caps : "empty");
}

/* ---- the answer ---- */

static void print_policy(const struct explanation *e)
{
	const struct rules_view view = { &e->policy, &e->request, &e->subject, &e->decision };

	if (!e->has_decision)
		return;
	heading("policy", quote(e->policy_path).text);
	if (e->origin == REQUEST_FROM_COMMAND_LINE)
		puts("  its rules are not asked: the words are root's own, on the hook's command "
		     "line");
	else
		rules_print(&view);
}

static void print_plan(const struct explanation *e)
{
	if (!e->has_plan)
		return;
	heading("plan", e->verdict.code == 0 ? "" : "if it were granted");
	if (e->state.pid != 0)
		field("pid", "%d", (int)e->plan.pid);
	field("root", "%s", quote(e->plan.root).text);
	field("path", "%s", quote(e->plan.path).text);
	if (e->plan.read_only != NULL)
		field("volume", "%s, read-only: the directory must be there already",
		      quote(e->plan.read_only).text);
	field("owner", "%u:%u on the host", e->plan.uid, e->plan.gid);
	field("mode", "%04o", (unsigned)e->plan.mode | 01000u);
	rules_print_lists(&e->plan.delegation, "  delegate_", 20);
}

static bool same_answer(const struct seccomp_verdict *a, const struct seccomp_verdict *b)
{
	return a->depends == b->depends && (a->depends || a->action == b->action);
}

/* All commands that are answered like this one, which is the first of them. */
static uint64_t commands_like(const struct explain_seccomp *seccomp, unsigned first,
			      bool *ret_one_source)
{
	uint64_t commands = 0;

	*ret_one_source = true;
	for (unsigned cmd = first; cmd < 64; cmd++) {
		if ((seccomp->commands & BIT(cmd)) == 0 ||
		    !same_answer(&seccomp->verdicts[cmd], &seccomp->verdicts[first]))
			continue;
		commands |= BIT(cmd);
		*ret_one_source &= seccomp->verdicts[cmd].entry == seccomp->verdicts[first].entry;
	}
	return commands;
}

/* Prints the commands that are answered like the first. Returns them. */
static uint64_t print_answer(const struct explain_seccomp *seccomp, unsigned first)
{
	const struct seccomp_verdict *verdict = &seccomp->verdicts[first];
	char answer[64], by[64] = "several rules", words[1024];
	struct text text;
	bool one_source;
	const uint64_t commands = commands_like(seccomp, first, &one_source);

	verdict_action(verdict, answer, sizeof(answer));
	if (one_source)
		verdict_source(&seccomp->profile, verdict, by, sizeof(by));
	printf("  %s%s%s, by %s\n",
	       output_colour(stdout, seccomp_verdict_passes(verdict) ? OUTPUT_GOOD : OUTPUT_BAD),
	       answer, output_plain(stdout), by);
	text_init(&text, words, sizeof(words));
	delegation_add_words(&text, NAMES_CMDS, commands, " ");
	output_wrapped(stdout, "", 4, words);
	return commands;
}

static void print_seccomp(const struct explanation *e)
{
	const struct explain_seccomp *seccomp = &e->seccomp;
	uint64_t left = seccomp->is_judged ? seccomp->commands : 0;

	if (!e->has_request || !e->has_config)
		return;
	heading("seccomp", seccomp->is_there ? "what linux.seccomp answers to bpf(2)" : "");
	if (!seccomp->is_there)
		field("none", "config.json has no linux.seccomp, so every call passes");
	while (left != 0)
		left &= ~print_answer(seccomp, (unsigned)__builtin_ctzll(left));
}

static void print_warnings(const struct explanation *e)
{
	if (e->warnings.n == 0)
		return;
	heading("warnings", "");
	for (size_t i = 0; i < e->warnings.n; i++) {
		fputs(output_colour(stdout, OUTPUT_WARNING), stdout);
		output_wrapped(stdout, "  -", 4, e->warnings.text[i]);
		fputs(output_plain(stdout), stdout);
	}
	if (e->warnings.dropped != 0)
		printf("  - and %zu more\n", e->warnings.dropped);
}

static void print_verdict(const struct explanation *e)
{
	const char *words = "the hook would mount the bpffs and start the container";

	if (!e->has_request)
		words = "nothing is asked, so the hook does nothing";
	if (e->is_ignored)
		words = "the container would start without a delegation, as on-unsupported=ignore "
			"asks";
	else if (e->verdict.code != 0)
		words = "the hook would refuse, and the container would not start";
	printf("%s%s%s, exit code %d\n", output_colour(stdout, OUTPUT_STRONG), "verdict",
	       output_plain(stdout), e->is_ignored ? 0 : e->verdict.code);
	fputs(output_colour(stdout, e->verdict.code == 0 ? OUTPUT_GOOD : OUTPUT_BAD), stdout);
	output_wrapped(stdout, "", 2, words);
	fputs(output_plain(stdout), stdout);
	if (e->verdict.code != 0)
		output_wrapped(stdout, "", 2, e->verdict.msg);
}

void explanation_print(const struct explanation *e)
{
	print_request(e);
	print_container(e);
	print_policy(e);
	print_plan(e);
	print_seccomp(e);
	print_warnings(e);
	print_verdict(e);
}
