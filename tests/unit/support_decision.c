/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/support_decision.h"

void decide(const char *policy, const char *vendor, const struct question *question,
	    enum request_origin origin, struct answer *ret_answer)
{
	char json[1024];
	struct request_words words;
	struct err err = { 0 };
	struct subject subject = {
		.state = &ret_answer->state,
		.host_uid = question->host_uid,
		.host_network = question->host_network,
		.host_cgroup = question->host_cgroup,
		.bounding = question->bounding,
	};

	snprintf(json, sizeof(json), "{\"id\":\"i\",\"bundle\":\"/b\",\"annotations\":{%s}}",
		 question->annotations != NULL ? question->annotations : "");
	ret_answer->policy = policy_of(policy, vendor);
	ret_answer->state = state_of(json);
	memcpy(words.word, question->word, sizeof(words.word));
	expect_success(policy, request_make(&words, origin, &ret_answer->request, &err), &err);
	policy_decide(&ret_answer->policy, FILE_NAME, &ret_answer->request, &subject,
		      &ret_answer->decision);
}

void answer_done(struct answer *answer)
{
	policy_done(&answer->policy);
	request_done(&answer->request);
	state_done(&answer->state);
}

void expect_decision(const char *policy, const struct question *question, int code,
		     const char *want)
{
	static struct answer answer;

	decide(policy, NULL, question, REQUEST_FROM_ANNOTATIONS, &answer);
	if (want == NULL) {
		expect_success(policy, answer.decision.granted ? 0 : -1, &answer.decision.refusal);
		assert_int_equal(answer.decision.refusal.code, 0);
	} else {
		expect_refusal(policy, answer.decision.granted ? 0 : -1, &answer.decision.refusal,
			       code, want);
	}
	answer_done(&answer);
}

void expect_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_decision(rows[i].policy, &rows[i].question, EX_NOPERM, rows[i].want);
}
