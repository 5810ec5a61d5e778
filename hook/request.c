/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/request.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "spec/base/defer.h"

#include "spec/base/poison.h"

static const char *const key_names[REQUEST_KEYS] = {
	[REQUEST_PROFILE] = "profile",
	[REQUEST_CMDS] = "cmds",
	[REQUEST_MAPS] = "maps",
	[REQUEST_PROGS] = "progs",
	[REQUEST_ATTACHS] = "attachs",
	[REQUEST_PATH] = "path",
	[REQUEST_MODE] = "mode",
	[REQUEST_OWNER] = "owner",
	[REQUEST_ON_UNSUPPORTED] = "on-unsupported",
};

const char *request_key_name(enum request_key key)
{
	return key_names[key];
}

static bool key_asks(enum request_key key)
{
	return key <= REQUEST_ATTACHS;
}

bool request_words_ask(const struct request_words *words)
{
	for (enum request_key key = 0; key < REQUEST_KEYS; key++)
		if (key_asks(key) && words->word[key] != NULL)
			return true;
	return false;
}

static int exit_code(enum request_origin origin)
{
	return origin == REQUEST_FROM_ANNOTATIONS ? EX_DATAERR : EX_USAGE;
}

/* ---- which annotations are this container's ---- */

/* One annotation below our prefix, taken apart. */
struct own_key {
	enum request_key key;
	const char *container; /* after the '/', NULL when there is none */
};

static int split_key(const char *annotation, struct own_key *ret_own, struct err *err)
{
	const char *word = annotation + sizeof(REQUEST_PREFIX) - 1;
	const char *slash = strchr(word, '/');
	size_t len = slash != NULL ? (size_t)(slash - word) : strlen(word);

	for (enum request_key key = 0; key < REQUEST_KEYS; key++) {
		if (strlen(key_names[key]) != len || memcmp(key_names[key], word, len) != 0)
			continue;
		if (slash != NULL && slash[1] == '\0')
			return err_set(err, EX_DATAERR, 0,
				       "annotation %s: no container is named after the slash; name "
				       "one or remove the slash",
				       quote(annotation).text);
		*ret_own = (struct own_key){ key, slash != NULL ? slash + 1 : NULL };
		return 0;
	}
	return err_set(err, EX_DATAERR, 0,
		       "annotation %s: no such key; the keys are " REQUEST_PREFIX
		       "profile, cmds, maps, progs, attachs, path, mode, owner and on-unsupported, "
		       "each alone or with /CONTAINER behind it",
		       quote(annotation).text);
}

/* What the annotations hold besides this container's words. */
struct search {
	const char *container;
	bool own[REQUEST_KEYS]; /* the word came from a key with this container's name */
	bool others_ask;	/* some container of the pod asks for a delegation */
};

static int take_annotation(const struct annotation *annotation, struct search *search,
			   struct request_words *words, struct err *err)
{
	struct own_key own = { 0 };
	int r = split_key(annotation->key, &own, err);

	if (r < 0)
		return r;
	search->others_ask |= key_asks(own.key);
	if (own.container != NULL) {
		if (search->container == NULL || strcmp(own.container, search->container) != 0)
			return 0;
		search->own[own.key] = true;
	} else if (search->own[own.key]) {
		return 0;
	}
	words->word[own.key] = annotation->value;
	return 0;
}

/*
 * A setting without a delegation is a mistake, unless it stands for the whole pod and another
 * container of the pod asks.
 */
static int check_settings(const struct search *search, const struct request_words *words,
			  struct err *err)
{
	for (enum request_key key = REQUEST_PATH; key < REQUEST_KEYS; key++)
		if (words->word[key] != NULL && (search->own[key] || !search->others_ask))
			return err_set(err, EX_DATAERR, 0,
				       "annotation \"" REQUEST_PREFIX
				       "%s\": nothing is asked for; add " REQUEST_PREFIX
				       "profile, cmds, maps, progs or attachs, or remove it",
				       key_names[key]);
	return 0;
}

int request_find_words(const struct state *state, struct request_words *ret_words, struct err *err)
{
	struct request_words words = { 0 };
	struct search search = { .container = state_container_name(state) };

	for (size_t i = 0; i < state->n_annotations; i++) {
		const struct annotation *annotation = &state->annotations[i];
		int r;

		if (strncmp(annotation->key, REQUEST_PREFIX, sizeof(REQUEST_PREFIX) - 1) != 0)
			continue;
		r = take_annotation(annotation, &search, &words, err);
		if (r < 0)
			return r;
	}
	if (!request_words_ask(&words)) {
		int r = check_settings(&search, &words, err);

		if (r < 0)
			return r;
	}
	*ret_words = words;
	return 0;
}

/* ---- what the words say ---- */

bool request_is_profile_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = name[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
			return false;
	}
	return len > 0 && len < 64;
}

static int take_profiles(const char *word, int code, struct request *request, struct err *err)
{
	const char *cursor = word, *item;
	size_t len;
	int r;

	while ((r = delegation_next_item(&cursor, code, &item, &len, err)) > 0) {
		if (!request_is_profile_name(item, len))
			return err_set(err, code, 0,
				       "%s is no profile name; use up to 63 letters, digits, '.', "
				       "'_' and '-'",
				       quote_bytes(item, len).text);
		if (request->n_profiles == REQUEST_PROFILES_MAX)
			return err_set(err, code, 0, "more than %d profiles are named; name fewer",
				       REQUEST_PROFILES_MAX);
		request->profiles[request->n_profiles] = strndup(item, len);
		if (request->profiles[request->n_profiles++] == NULL)
			return err_memory(err);
	}
	if (r == 0 && request->n_profiles == 0)
		return err_set(err, code, 0, "no profile is named; name one or remove the key");
	return r;
}

static bool is_dots(const char *part, size_t len)
{
	return (len == 1 || len == 2) && part[0] == '.' && part[len - 1] == '.';
}

const char *request_path_defect(const char *path)
{
	if (path[0] != '/')
		return "is not absolute";
	if (path[1] == '\0')
		return "is the root itself";
	if (strlen(path) >= PATH_MAX)
		return "is 4096 bytes or longer";
	for (const char *p = path; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return "holds a control byte";
	for (const char *part = path; *part == '/';) {
		size_t len = strcspn(++part, "/");

		if (len == 0)
			return part[0] == '\0' ? "ends in a slash" : "holds \"//\"";
		if (is_dots(part, len))
			return "holds \".\" or \"..\"";
		part += len;
	}
	return NULL;
}

static int take_path(const char *word, int code, struct request *request, struct err *err)
{
	const char *defect = request_path_defect(word);

	if (defect != NULL)
		return err_set(err, code, 0,
			       "%s %s; write the plain absolute path inside the container",
			       quote(word).text, defect);
	request->path = strdup(word);
	return request->path != NULL ? 0 : err_memory(err);
}

static int take_mode(const char *word, int code, struct request *request, struct err *err)
{
	size_t len = strlen(word);
	mode_t mode = 0;

	for (size_t i = 0; i < len && len <= 4; i++) {
		if (word[i] < '0' || word[i] > '7')
			len = 0;
		else
			mode = mode << 3 | (mode_t)(word[i] - '0');
	}
	if (len == 0 || len > 4 || mode > 0777)
		return err_set(err, code, 0, "%s is not an octal mode from 0000 to 0777",
			       quote(word).text);
	request->mode = mode;
	return 0;
}

static int take_owner(const char *word, int code, struct request *request, struct err *err)
{
	const char *colon = strchr(word, ':');
	uint64_t uid, gid;

	if (strcmp(word, "root") == 0 || strcmp(word, "user") == 0) {
		request->owner = word[0] == 'r' ? REQUEST_OWNER_ROOT : REQUEST_OWNER_USER;
		return 0;
	}
	if (colon == NULL ||
	    text_parse_u64(word, (size_t)(colon - word), UINT32_MAX - 1, &uid) < 0 ||
	    text_parse_u64(colon + 1, strlen(colon + 1), UINT32_MAX - 1, &gid) < 0)
		return err_set(err, code, 0,
			       "%s is no owner; write root, user or UID:GID as seen in the "
			       "container",
			       quote(word).text);
	request->owner = REQUEST_OWNER_IDS;
	request->uid = (uid_t)uid;
	request->gid = (gid_t)gid;
	return 0;
}

static int take_on_unsupported(const char *word, int code, struct request *request, struct err *err)
{
	if (strcmp(word, "fail") != 0 && strcmp(word, "ignore") != 0)
		return err_set(err, code, 0, "%s is neither fail nor ignore", quote(word).text);
	request->ignore_unsupported = word[0] == 'i';
	return 0;
}

static int take_list(enum request_key key, const char *word, int code, struct request *request,
		     struct err *err)
{
	enum names_list list = (enum names_list)(key - REQUEST_CMDS);
	enum delegation_numbers numbers = request->origin == REQUEST_FROM_COMMAND_LINE ?
						  DELEGATION_ALL_BITS :
						  DELEGATION_KNOWN_BITS;

	return delegation_parse(list, word, numbers, code, &request->lists.masks[list], err);
}

static int take_word(enum request_key key, const char *word, struct request *request,
		     struct err *err)
{
	int code = exit_code(request->origin);

	switch (key) {
	case REQUEST_PROFILE:
		return take_profiles(word, code, request, err);
	case REQUEST_PATH:
		return take_path(word, code, request, err);
	case REQUEST_MODE:
		return take_mode(word, code, request, err);
	case REQUEST_OWNER:
		return take_owner(word, code, request, err);
	case REQUEST_ON_UNSUPPORTED:
		return take_on_unsupported(word, code, request, err);
	default:
		return take_list(key, word, code, request, err);
	}
}

/* Says where a word stood: annotation "io.bpftoken.cmds", or option --cmds. */
static void prefix_word(enum request_origin origin, enum request_key key, struct err *err)
{
	if (origin == REQUEST_FROM_ANNOTATIONS)
		err_prefix(err, "annotation \"" REQUEST_PREFIX "%s\"", key_names[key]);
	else
		err_prefix(err, "option --%s", key_names[key]);
}

int request_make(const struct request_words *words, enum request_origin origin,
		 struct request *ret_request, struct err *err)
{
	defer_with(request_done) struct request request = { .origin = origin, .mode = 0700 };

	for (enum request_key key = 0; key < REQUEST_KEYS; key++) {
		if (words->word[key] != NULL) {
			int r = take_word(key, words->word[key], &request, err);

			if (r < 0) {
				prefix_word(origin, key, err);
				return r;
			}
		}
	}
	if (request.path == NULL)
		request.path = strdup(REQUEST_DEFAULT_PATH);
	if (request.path == NULL)
		return err_memory(err);
	*ret_request = request;
	request = (struct request){ 0 };
	return 0;
}

void request_done(struct request *request)
{
	for (size_t i = 0; i < request->n_profiles; i++)
		free(request->profiles[i]);
	free(request->path);
	*request = (struct request){ 0 };
}
