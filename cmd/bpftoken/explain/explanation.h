/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_EXPLAIN_EXPLANATION_H
#define CMD_BPFTOKEN_EXPLAIN_EXPLANATION_H

/*
 * All that can be told about a delegation before its container starts, found by the code that the
 * hook itself runs.
 */

#include "cmd/bpftoken/explain/container.h"
#include "cmd/bpftoken/explain/notes.h"
#include "cmd/bpftoken/seccomp/filter.h"
#include "hook/decision.h"
#include "hook/plan.h"
#include "hook/policy.h"

struct explain_options {
	const char *target; /* a bundle or a config.json; NULL: the state's bundle */
	const char
		*state; /* a file, "-" for standard input; NULL: the annotations of config.json */
	const char *policy; /* NULL: that of the hook in config.json, or the one installed */
	struct request_words words;
	bool json;
};

/* The container's seccomp profile, and what it answers to the commands that matter. */
struct explain_seccomp {
	bool is_there; /* config.json has one */
	bool is_judged;
	uint64_t commands; /* those that were judged */
	struct seccomp_verdict verdicts[64];
	struct seccomp_profile profile;
	struct seccomp_filter filter;
};

/*
 * Invariants: has_X says that X is complete. verdict is the first thing that the hook would have
 * stumbled over, with its code; 0 when it would mount, or when nothing is asked.
 */
struct explanation {
	const struct explain_options *options;
	char *text; /* config.json */
	size_t len;
	char *config_path;
	struct container container;
	bool has_state;
	struct state state;
	bool owns_state; /* its parts are the state file's, not the container's */
	bool has_config;
	struct config config;

	bool is_asked, is_sandbox, has_request;
	const char *source; /* of the words, as people read it */
	enum request_origin origin;
	struct request_words words;
	struct request request;

	bool has_subject, is_assumed;
	char assumed_because[200];
	struct subject subject;
	struct idmap uids, gids;
	bool selinux;

	const char *policy_path;
	bool has_policy, has_decision, has_plan;
	struct policy policy;
	struct decision decision;
	struct plan plan;

	struct explain_seccomp seccomp;
	struct notes warnings;
	bool is_ignored; /* on-unsupported=ignore turns the verdict into a start without delegation */
	struct err verdict;
};

/*
 * Explains. What the options name is read; nothing is changed. Returns the exit code that the hook
 * would have had, or the code of what kept it from being told, which is then the verdict. The caller
 * ends *ret with explanation_done. Effective capabilities are given up on the way.
 */
int explanation_make(const struct explain_options *options, struct explanation *ret);

void explanation_done(struct explanation *explanation);

/* Shows it on standard output. */
void explanation_print(const struct explanation *explanation);
void explanation_json(const struct explanation *explanation);

#endif
