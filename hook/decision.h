/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_DECISION_H
#define HOOK_DECISION_H

/*
 * The decision: does the policy let this container have what it asks for? Pure: the hook, its dry
 * run and "bpftoken explain" call the same function with the same values.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "hook/policy.h"
#include "hook/request.h"
#include "spec/state.h"

/* What is known of the container that asks, from the kernel and from config.json. */
struct subject {
	const struct state *state;
	uid_t host_uid;	   /* the host's number for the container's root */
	bool host_network; /* it is in the host's network namespace */
	bool host_cgroup;  /* it is in the host's cgroup namespace */
	uint64_t bounding; /* capability bounding set from config.json */
};

struct decision {
	bool granted;
	struct delegation delegation; /* what is asked for, the profiles' lists included */
	const struct policy_rule
		*rule;	    /* that decided; NULL: none did, or nobody asked the rules */
	struct err refusal; /* when not granted: 77, or 65 and 64 for the request's own */
};

/*
 * Unites the request's lists with its profiles' and asks the rules, unless the request came from
 * the command line. policy_path is named in messages. policy is linked and outlives the decision.
 */
void policy_decide(const struct policy *policy, const char *policy_path,
		   const struct request *request, const struct subject *subject,
		   struct decision *ret_decision);

/*
 * Tells why a delegation to this subject reaches the whole host, as text; false when it does not.
 * Source: kernel.md section 6, measured: tracing types see every process, network types in the
 * host's network namespace its devices, cgroup types in the host's cgroup namespace its root
 * cgroup, and any program at all reads kernel memory when its loader has CAP_PERFMON.
 */
bool decision_host_reach(const struct delegation *delegation, const struct subject *subject,
			 struct text *why);

/* Whether a rule is about a container, or the first thing that tells them apart. */
enum decision_result {
	DECISION_MATCHES,
	DECISION_OTHER_UID,
	DECISION_OTHER_NETWORK,
	DECISION_NO_ANNOTATION,
	DECISION_OTHER_ANNOTATION,
};

struct decision_match {
	enum decision_result result;
	size_t annotation; /* which of the rule's, with the last two */
};

/* Matches a rule with a container, as policy_decide does: it takes the first that matches. */
struct decision_match decision_match(const struct policy_rule *rule, const struct subject *subject);

/* Adds that answer in words: "its root is host uid 5, and "hostUids" is 100000-165535". */
void decision_add_match(const struct policy_rule *rule, const struct subject *subject,
			struct decision_match match, struct text *text);

/* Adds the rule's host uids as the policy has them: "5,100000-165535". */
void decision_add_ranges(const struct policy_rule *rule, struct text *text);

/* The rule's name in messages and records: rule "network team" or rule 2. */
struct quoted decision_rule_name(const struct policy_rule *rule);

#endif
