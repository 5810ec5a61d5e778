/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "hook/report.h"
#include "spec/json.h"

void promise(bool kept, const char *what, const char *shown)
{
	if (kept)
		return;
	fprintf(stderr, "broken promise: %s\n%s\n", what, shown);
	abort();
}

void promise_refusal(const struct err *err, int code)
{
	size_t len = strlen(err->msg);

	promise(err->code == code, "the exit code of a refusal", err->msg);
	promise(len > 0 && len < 1900, "a refusal of some length", err->msg);
	for (size_t i = 0; i < len; i++)
		promise(text_is_printable(err->msg[i]), "a refusal is one printable line",
			err->msg);
}

void promise_same(int r, const struct err *err, int other_r, const struct err *other)
{
	promise(r == other_r && err->code == other->code && strcmp(err->msg, other->msg) == 0,
		"read alike, whole and in pieces; in pieces:", other->msg);
}

void promise_same_answer(int r, const struct err *err, int other_r, const struct err *other)
{
	promise((r < 0) == (other_r < 0) && err->code == other->code,
		"read alike, wherever the reader's first piece ends",
		r < 0 ? err->msg : other->msg);
}

static size_t sum_of(const uint8_t *data, size_t size, size_t len)
{
	size_t sum = size;

	for (size_t i = 0; i < size && i < len; i++)
		sum = sum * 31 + data[i];
	return sum;
}

size_t piece_size(const uint8_t *data, size_t size)
{
	return sum_of(data, size, 64) % 13 + 1;
}

struct draw draw_by(const uint8_t *data, size_t size)
{
	return (struct draw){ sum_of(data, size, size) };
}

bool draw_takes(struct draw draw, size_t which, size_t of)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	return draw.number % of == which;
#else
	(void)draw;
	return which < of;
#endif
}

enum { FIRST_PIECE = 65536 }; /* of spec/json.c */

char *across_pieces(const uint8_t *data, size_t size, size_t *ret_len)
{
	size_t cut = piece_size(data, size) * size / 14 % FIRST_PIECE;
	char *out = malloc(FIRST_PIECE - cut + size);

	promise(out != NULL, "memory", "");
	memset(out, ' ', FIRST_PIECE - cut);
	memcpy(out + FIRST_PIECE - cut, data, size);
	*ret_len = FIRST_PIECE - cut + size;
	return out;
}

/* ---- decisions ---- */

/* Anything that is an object passes: only the form of a record is looked at. */
static const struct json_format any_object = {
	.code = EX_SOFTWARE,
	.max_bytes = 65536,
	.max_members = 64,
	.max_depth = 3,
};

static void promise_record(const struct request *request, const struct subject *subject,
			   const struct decision *decision)
{
	static char json[49152];
	const struct report_record record = {
		.time = 1,
		.outcome = "failed",
		.state = subject->state,
		.request = request,
		.decision = decision,
		.message = decision->granted ? NULL : decision->refusal.msg,
	};
	struct source_memory source;
	struct err err = { 0 };
	struct text text;

	text_init(&text, json, sizeof(json));
	report_add_json(&text, &record);
	source = source_memory(json, text.len, 0);
	promise(!text.cut && json_parse(&any_object, NULL, &source.source, &err) == 0,
		"a record is JSON", json);
	for (size_t i = 0; i < text.len; i++)
		promise(text_is_printable(json[i]), "a record is one printable line", json);
}

/* The policy with the printed rule first, as an administrator would paste it. */
static void promise_advice(const struct policy *policy, const struct request *request,
			   const struct subject *subject, const char *refusal, const char *rule)
{
	char *json = print_policy(policy, rule);
	struct source_memory source = source_memory(json, strlen(json), 0);
	struct policy advised = { 0 };
	struct decision decision;
	struct err err = { 0 };

	promise(policy_parse(&source.source, POLICY_ADMINISTRATOR, &advised, &err) == 0,
		"the advised rule makes a good policy", refusal);
	promise(policy_link(&advised, &err) == 0, "it can be linked", err.msg);
	policy_decide(&advised, "/p", request, subject, &decision);
	promise(decision.granted && decision.rule == &advised.rules[0],
		"the advised rule grants what was refused", refusal);
	policy_done(&advised);
	free(json);
}

void promise_decision(const struct policy *policy, const struct request *request,
		      const struct subject *subject)
{
	struct decision decision;
	const char *rule;

	policy_decide(policy, "/p", request, subject, &decision);
	promise_record(request, subject, &decision);
	if (decision.granted)
		return;
	if (decision.refusal.code == EX_DATAERR || decision.refusal.code == EX_USAGE) {
		promise_refusal(&decision.refusal, request->origin == REQUEST_FROM_ANNOTATIONS ?
							   EX_DATAERR :
							   EX_USAGE);
		return;
	}
	promise_refusal(&decision.refusal, EX_NOPERM);
	rule = strstr(decision.refusal.msg, ": {\"match\":{");
	if (rule != NULL)
		promise_advice(policy, request, subject, decision.refusal.msg, rule + 2);
}
