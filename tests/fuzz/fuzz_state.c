/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state on standard input, and the annotations in it, from a tenant to the policy's answer.
 *
 * Promises: whole and in pieces it is read alike; what was read, written again, is read as the
 * same; the words found in annotations make a request that keeps its invariants, or a refusal.
 */

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static int parse(const char *json, size_t len, size_t chunk, struct state *ret, struct err *err)
{
	struct source_memory source = source_memory(json, len, chunk);

	return state_parse(&source.source, ret, err);
}

static void promise_invariants(const struct state *state)
{
	promise(state->id[0] != '\0', "an id", state->id);
	promise(state->bundle[0] == '/', "an absolute bundle", state->bundle);
	promise(state->pid >= 0, "a pid", "");
	for (size_t i = 0; i < state->n_annotations; i++)
		promise(state_annotation(state, state->annotations[i].key) ==
				state->annotations[i].value,
			"no two annotations of one key", state->annotations[i].key);
}

static void promise_read_again(const struct state *state)
{
	char *json = print_state(state), *again;
	struct state other = { 0 };
	struct err err = { 0 };

	promise(parse(json, strlen(json), 0, &other, &err) == 0, "written, it is read again", json);
	again = print_state(&other);
	promise(strcmp(json, again) == 0, "it is read as the same", again);
	state_done(&other);
	free(again);
	free(json);
}

/* The policy that a tenant's words are held against: one rule denies, one grants something. */
static void put_to_policy(const struct state *state, const struct request *request)
{
	static const char json[] =
		"{\"version\":1,\"trustedAnnotations\":[\"ns\"],\"profiles\":{\"xdp\":{\"cmds\":"
		"\"prog_load\"}},"
		"\"rules\":[{\"match\":{\"annotations\":{\"ns\":\"bad\"}},\"deny\":true},"
		"{\"match\":{},\"allow\":{\"profiles\":\"xdp\",\"paths\":\"/sys/fs/bpf,/run/"
		"*\"}}]}";
	const struct subject subject = { .state = state, .host_uid = 100000 };
	static struct policy policy; /* read once: it is the same for every input */
	struct source_memory source = source_memory(json, sizeof(json) - 1, 0);
	struct err err = { 0 };

	promise(policy.n_rules != 0 ||
			(policy_parse(&source.source, POLICY_ADMINISTRATOR, &policy, &err) == 0 &&
			 policy_link(&policy, &err) == 0),
		"a good policy", err.msg);
	promise_decision(&policy, request, &subject);
}

static void ask(const struct state *state)
{
	struct request_words words;
	struct request request;
	struct err err = { 0 };

	(void)state_is_sandbox(state);
	if (request_find_words(state, &words, &err) < 0) {
		promise_refusal(&err, EX_DATAERR);
		return;
	}
	if (!request_words_ask(&words))
		return;
	if (request_make(&words, REQUEST_FROM_ANNOTATIONS, &request, &err) < 0) {
		promise_refusal(&err, EX_DATAERR);
		return;
	}
	promise(request_path_defect(request.path) == NULL, "a canonical path", request.path);
	put_to_policy(state, &request);
	request_done(&request);
}

static void promise_across(const uint8_t *data, size_t size, int r, const struct err *err)
{
	size_t len;
	char *json = across_pieces(data, size, &len);
	struct state state = { 0 };
	struct err other = { 0 };
	int other_r = parse(json, len, 0, &state, &other);

	promise_same_answer(r, err, other_r, &other);
	state_done(&state);
	free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *json = (const char *)data;
	struct state whole = { 0 }, pieces = { 0 };
	struct err err = { 0 }, other = { 0 };
	int r = parse(json, size, 0, &whole, &err);
	int other_r = parse(json, size, piece_size(data, size), &pieces, &other);

	promise_same(r, &err, other_r, &other);
	if (size != 0 && draw_takes(draw_by(data, size), 0, 32))
		promise_across(data, size, r, &err);
	if (r < 0) {
		promise_refusal(&err, EX_DATAERR);
		return 0;
	}
	promise_invariants(&whole);
	promise_read_again(&whole);
	ask(&pieces);
	state_done(&whole);
	state_done(&pieces);
	return 0;
}
