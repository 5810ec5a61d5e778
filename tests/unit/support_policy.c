/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/support.h"

int parse_policy(const char *json, size_t len, size_t chunk, enum policy_layer layer,
		 struct policy *policy, struct err *err)
{
	char *bytes = exact_bytes(json, len);
	struct source_memory source = source_memory(bytes, len, chunk);
	int r = policy_parse(&source.source, layer, policy, err);

	free(bytes);
	return r;
}

struct policy policy_of(const char *administrator, const char *vendor)
{
	struct policy policy = { 0 };
	struct err err = { 0 };
	int r = parse_policy(administrator, strlen(administrator), 0, POLICY_ADMINISTRATOR, &policy,
			     &err);

	expect_success(administrator, r, &err);
	if (vendor != NULL)
		expect_success(vendor,
			       parse_policy(vendor, strlen(vendor), 0, POLICY_VENDOR, &policy,
					    &err),
			       &err);
	expect_success("policy_link", policy_link(&policy, &err), &err);
	return policy;
}
