/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SUPPORT_DECISION_H
#define TESTS_UNIT_SUPPORT_DECISION_H

/* Questions to a policy and their answers, with short forms for both. */

#include "tests/unit/support.h"

#include <linux/capability.h>

#include "hook/decision.h"

#define BIT(n)	  (UINT64_C(1) << (n))
#define CAP(name) BIT(CAP_##name)
#define FILE_NAME "/etc/p.json"

/* A question to the policy, in short: words by key, and the container. */
struct question {
	const char *word[REQUEST_KEYS];
	const char *annotations; /* members of the state's, for the rules */
	uid_t host_uid;
	bool host_network, host_cgroup;
	uint64_t bounding;
};

/* The decision, and what it points into. */
struct answer {
	struct policy policy;
	struct request request;
	struct state state;
	struct decision decision;
};

void decide(const char *policy, const char *vendor, const struct question *question,
	    enum request_origin origin, struct answer *ret_answer);
void answer_done(struct answer *answer);

/* want is NULL for a grant, else the refusal's message. */
void expect_decision(const char *policy, const struct question *question, int code,
		     const char *want);

struct row {
	const char *policy;
	struct question question;
	const char *want;
};

void expect_rows(const struct row *rows, size_t n);

#define V		    "\"version\":1"
#define RULES(rules)	    "{" V ",\"rules\":[" rules "]}"
#define ALLOW(match, allow) "{\"match\":{" match "},\"allow\":{" allow "}}"
#define DENY(match)	    "{\"match\":{" match "},\"deny\":true}"
#define NAMED(name, rest)   "{\"name\":\"" name "\"," rest
#define LOAD		    "\"cmds\":\"prog_load\""
#define ASKS_LOAD	    .word = { [REQUEST_CMDS] = "prog_load" }
#define UID		    .host_uid = 100000

/* What is printed for ASKS_LOAD and UID. */
#define ADVICE(rest) "{\"match\":{\"hostUids\":\"100000\"},\"allow\":{" rest "}}"
#define NO_RULE(rest)                                                                              \
	"policy: no rule matches this container (its root is host uid 100000); to allow it, "      \
	"add to \"rules\" in " FILE_NAME ": " ADVICE(rest)
#define REFUSED(what, rest)                                                                        \
	"policy: " what "; to allow it, put before that rule in " FILE_NAME ": " ADVICE(rest)
#define HIDDEN(what, rule)                                                                         \
	"policy: " what "; " rule " would allow it: move that one before it in " FILE_NAME
#define ASKS(c, m, p, a)                                                                           \
	.word = {                                                                                  \
		[REQUEST_CMDS] = c, [REQUEST_MAPS] = m, [REQUEST_PROGS] = p, [REQUEST_ATTACHS] = a \
	}
#define BEYOND(what)	      "policy: rule 1 (line 1) does not allow " what "; to allow it, @@"
#define WITH(profiles, rules) "{" V ",\"profiles\":{" profiles "},\"rules\":[" rules "]}"
#define XDP		      "\"xdp\":{\"cmds\":\"prog_load\",\"progs\":\"xdp\"}"
#define PROFILE(names)	      .word = { [REQUEST_PROFILE] = names }
#define ANY4		      "\"cmds\":\"any\",\"maps\":\"any\",\"progs\":\"any\",\"attachs\":\"any\""

#endif
