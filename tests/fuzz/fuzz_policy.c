/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy, as the administrator's layer and as the vendor's, and its answers.
 *
 * Promises: whole and in pieces it is read alike; what was read, written again, is read as the
 * same; each answer is a grant or a refusal fit to be shown, and the rule that a refusal prints,
 * put first in this very policy, grants the request.
 */

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static int parse(const char *json, size_t len, size_t chunk, enum policy_layer layer,
		 struct policy *policy, struct err *err)
{
	struct source_memory source = source_memory(json, len, chunk);

	return policy_parse(&source.source, layer, policy, err);
}

static void link_policy(struct policy *policy)
{
	struct err err = { 0 };

	promise(policy_link(policy, &err) == 0, "a policy can be linked", err.msg);
}

static void promise_read_again(const struct policy *policy)
{
	char *json = print_policy(policy, NULL), *again;
	struct policy other = { 0 };
	struct err err = { 0 };

	promise(parse(json, strlen(json), 0, POLICY_ADMINISTRATOR, &other, &err) == 0,
		"written, it is read again", json);
	link_policy(&other);
	again = print_policy(&other, NULL);
	promise(strcmp(json, again) == 0, "it is read as the same", again);
	policy_done(&other);
	free(again);
	free(json);
}

/* The annotations of a container that some rule might be about: each glob taken for a value. */
static struct state state_for(const struct policy *policy)
{
	static char id[] = "i", bundle[] = "/b";
	struct state state = { .id = id, .bundle = bundle };

	state.annotations = calloc(policy->n_trusted + 1, sizeof(*state.annotations));
	promise(state.annotations != NULL, "memory", "");
	for (size_t i = 0; i < policy->n_trusted; i++) {
		struct annotation *annotation = &state.annotations[state.n_annotations++];

		annotation->key = policy->trusted[i];
		annotation->value = id;
		for (size_t j = 0; j < policy->n_rules; j++)
			for (size_t k = 0; k < policy->rules[j].n_annotations; k++)
				if (strcmp(policy->rules[j].annotations[k].key, annotation->key) ==
				    0)
					annotation->value = policy->rules[j].annotations[k].glob;
	}
	return state;
}

/*
 * Puts requests to a policy: all of them to every container, or where a fuzzer draws, one to one.
 */
static void ask(const struct policy *policy, struct draw draw)
{
	static const struct request_words all_words[] = {
		{ { [REQUEST_CMDS] = "prog_load" } },
		{ { [REQUEST_PROFILE] = "xdp",
		    [REQUEST_CMDS] = "map_create",
		    [REQUEST_PATH] = "/run/b*c" } },
		{ { [REQUEST_CMDS] = "any", [REQUEST_PROGS] = "any", [REQUEST_MAPS] = "0x7" } },
	};
	const struct subject subjects[] = {
		{ .host_uid = 0 },
		{ .host_uid = 100000, .host_network = true, .bounding = UINT64_MAX },
		{ .host_uid = 5, .host_cgroup = true },
	};
	struct state state = state_for(policy);

	for (size_t i = 0; i < sizeof(all_words) / sizeof(all_words[0]); i++) {
		struct request request;
		struct err err = { 0 };

		promise(request_make(&all_words[i], REQUEST_FROM_ANNOTATIONS, &request, &err) == 0,
			"a good request", err.msg);
		for (size_t j = 0; j < sizeof(subjects) / sizeof(subjects[0]); j++) {
			struct subject subject = subjects[j];

			subject.state = &state;
			if (draw_takes(draw, i * 3 + j, 9))
				promise_decision(policy, &request, &subject);
		}
		request_done(&request);
	}
	free(state.annotations);
}

/* On top of an administrator's layer that redefines one of its profiles, perhaps. */
static void parse_as_vendor(const char *json, size_t size, struct draw draw)
{
	static const char administrator[] = "{\"version\":1,\"profiles\":{\"xdp\":{\"cmds\":"
					    "\"any\"}},\"rules\":[{\"match\":{},\"allow\":"
					    "{\"profiles\":\"xdp,tc\"}}]}";
	struct policy policy = { 0 };
	struct err err = { 0 };

	promise(parse(administrator, sizeof(administrator) - 1, 0, POLICY_ADMINISTRATOR, &policy,
		      &err) == 0,
		"a good policy", err.msg);
	if (parse(json, size, 0, POLICY_VENDOR, &policy, &err) < 0) {
		promise_refusal(&err, EX_CONFIG);
	} else {
		link_policy(&policy);
		promise(policy.n_rules == 1, "a vendor writes no rules", "");
		promise(policy_profile(&policy, "xdp")->delegation.masks[NAMES_CMDS] ==
				DELEGATION_ANY,
			"the administrator's profile counts", "");
		ask(&policy, draw);
	}
	policy_done(&policy);
}

static void promise_across(const uint8_t *data, size_t size, int r, const struct err *err)
{
	size_t len;
	char *json = across_pieces(data, size, &len);
	struct policy policy = { 0 };
	struct err other = { 0 };
	int other_r = parse(json, len, 0, POLICY_ADMINISTRATOR, &policy, &other);

	promise_same_answer(r, err, other_r, &other);
	policy_done(&policy);
	free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *json = (const char *)data;
	struct draw draw = draw_by(data, size);
	struct policy whole = { 0 }, pieces = { 0 };
	struct err err = { 0 }, other = { 0 };
	int r = parse(json, size, 0, POLICY_ADMINISTRATOR, &whole, &err);
	int other_r =
		parse(json, size, piece_size(data, size), POLICY_ADMINISTRATOR, &pieces, &other);

	promise_same(r, &err, other_r, &other);
	if (size != 0 && draw_takes(draw, 0, 32))
		promise_across(data, size, r, &err);
	if (r < 0) {
		promise_refusal(&err, EX_CONFIG);
	} else {
		link_policy(&whole);
		link_policy(&pieces);
		promise_read_again(&whole);
		ask(&pieces, draw);
	}
	policy_done(&whole);
	policy_done(&pieces);
	parse_as_vendor(json, size, draw);
	return 0;
}
