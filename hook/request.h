/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_REQUEST_H
#define HOOK_REQUEST_H

/*
 * What a container asks for: from its annotations, which a tenant writes, or from the hook's own
 * command line, which only root writes. Both give the same nine words.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "spec/delegation.h"
#include "spec/state.h"

enum request_key {
	REQUEST_PROFILE,
	REQUEST_CMDS, /* the four lists stand in the order of enum names_list */
	REQUEST_MAPS,
	REQUEST_PROGS,
	REQUEST_ATTACHS,
	REQUEST_PATH,
	REQUEST_MODE,
	REQUEST_OWNER,
	REQUEST_ON_UNSUPPORTED,
	REQUEST_KEYS
};

#define REQUEST_DEFAULT_PATH "/sys/fs/bpf"
#define REQUEST_PROFILES_MAX 32

#define REQUEST_PREFIX "io.bpftoken."

/* The key as it stands after REQUEST_PREFIX and after "--": "profile", "cmds", ... */
const char *request_key_name(enum request_key key);

/* The words as written, NULL where a key is absent. Not owned. */
struct request_words {
	const char *word[REQUEST_KEYS];
};

/* True when the words ask for a delegation and do not merely say where or how. */
bool request_words_ask(const struct request_words *words);

enum request_origin { REQUEST_FROM_ANNOTATIONS, REQUEST_FROM_COMMAND_LINE };

enum request_owner { REQUEST_OWNER_ROOT, REQUEST_OWNER_USER, REQUEST_OWNER_IDS };

/* Invariant: path is canonical (request_path_defect). */
struct request {
	enum request_origin origin;
	char *profiles[REQUEST_PROFILES_MAX];
	size_t n_profiles;
	struct delegation lists; /* added to the profiles' */
	char *path;
	mode_t mode; /* 0 to 0777 */
	enum request_owner owner;
	uid_t uid; /* with REQUEST_OWNER_IDS, as seen inside the container */
	gid_t gid;
	bool ignore_unsupported;
};

/*
 * Finds this container's words among the state's annotations: "io.bpftoken.KEY/CONTAINER" for its
 * own name before "io.bpftoken.KEY". Returns 0, or a negative errno with err filled (65): an
 * unknown key, a setting without a delegation. Pure.
 */
int request_find_words(const struct state *state, struct request_words *ret_words, struct err *err);

/*
 * Makes a request of words that ask for a delegation. Returns 0, or a negative errno with err
 * filled (65 for annotations, 64 for the command line). On success the caller owns *ret_request and
 * ends it with request_done. Pure.
 */
int request_make(const struct request_words *words, enum request_origin origin,
		 struct request *ret_request, struct err *err);

void request_done(struct request *request);

/*
 * Judges an absolute path: no ".", "..", "//", trailing slash or control byte, not "/" itself, under
 * 4,096 bytes. Returns NULL when it is canonical, else what is wrong with it.
 */
const char *request_path_defect(const char *path);

/* True for a name that a profile may have: letters, digits, '.', '_', '-', at most 63 of them. */
bool request_is_profile_name(const char *name, size_t len);

#endif
