/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a request. The first byte says what the rest is:
 *
 *   c m p a   a list of commands, maps, programs or attach types, as a tenant writes it
 *   C M P A   the same as an administrator does: bits newer than the build, too
 *   r R       the nine words of a request with '|' between them, from annotations or options
 *
 * Promises: an accepted list, written as words, is read as the same mask; an accepted request keeps
 * its invariants, and written again it is the same request.
 */

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* ---- lists ---- */

static void promise_list(enum names_list list, enum delegation_numbers numbers, const char *value)
{
	static char words[8192];
	struct err err = { 0 };
	struct text text;
	uint64_t mask, again = 0;

	if (delegation_parse(list, value, numbers, EX_DATAERR, &mask, &err) < 0) {
		promise_refusal(&err, EX_DATAERR);
		return;
	}
	promise(mask != 0, "an accepted list delegates something", value);
	text_init(&text, words, sizeof(words));
	delegation_add_words(&text, list, mask, strlen(value) % 2 != 0 ? "," : ":");
	if (mask != DELEGATION_ANY && (mask & ~names_known(list)) != 0) {
		promise(numbers == DELEGATION_ALL_BITS, "a tenant names known bits only", value);
		text_init(&text, words, sizeof(words));
		text_add(&text, "0x%llx", (unsigned long long)mask);
	}
	promise(!text.cut && delegation_parse(list, words, numbers, EX_DATAERR, &again, &err) == 0,
		"written as words, it is read again", words);
	promise(again == mask, "it is read as the same mask", words);
}

/* ---- requests ---- */

/* A second opinion on request_path_defect: each part by itself. */
static bool is_canonical(const char *path)
{
	const char *part = path;

	if (path[0] != '/' || strlen(path) > 4095)
		return false;
	while (*part == '/') {
		const char *end = strchrnul(++part, '/');
		size_t len = (size_t)(end - part);

		if (len == 0 || (len == 1 && part[0] == '.') ||
		    (len == 2 && memcmp(part, "..", 2) == 0))
			return false;
		for (; part < end; part++)
			if ((unsigned char)*part < 0x20 || *part == 0x7f)
				return false;
	}
	return true;
}

static void promise_invariants(const struct request *request)
{
	promise(is_canonical(request->path), "a canonical path", request->path);
	promise(request->mode <= 0777, "a mode", "");
	promise(request->n_profiles <= REQUEST_PROFILES_MAX, "not too many profiles", "");
	for (size_t i = 0; i < request->n_profiles; i++)
		promise(request_is_profile_name(request->profiles[i], strlen(request->profiles[i])),
			"profile names", request->profiles[i]);
	promise(request->uid != UINT32_MAX && request->gid != UINT32_MAX, "ids", "");
}

/* The words that a request could have been written as. */
struct written {
	char profiles[REQUEST_PROFILES_MAX * 64];
	char lists[NAMES_LISTS][32];
	char mode[8];
	char owner[32];
	struct request_words words;
};

static void write_request(const struct request *request, struct written *out)
{
	struct text text;

	*out = (struct written){ .words.word = { [REQUEST_PATH] = request->path,
						 [REQUEST_MODE] = out->mode,
						 [REQUEST_OWNER] = out->owner,
						 [REQUEST_ON_UNSUPPORTED] =
							 request->ignore_unsupported ? "ignore" :
										       "fail" } };
	text_init(&text, out->profiles, sizeof(out->profiles));
	for (size_t i = 0; i < request->n_profiles; i++)
		text_add(&text, "%s%s", i == 0 ? "" : " ", request->profiles[i]);
	if (request->n_profiles != 0)
		out->words.word[REQUEST_PROFILE] = out->profiles;
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		uint64_t mask = request->lists.masks[list];

		if (mask == 0)
			continue;
		text_init(&text, out->lists[list], sizeof(out->lists[list]));
		if (mask == DELEGATION_ANY)
			text_add(&text, "any");
		else
			text_add(&text, "0x%llx", (unsigned long long)mask);
		out->words.word[REQUEST_CMDS + (int)list] = out->lists[list];
	}
	snprintf(out->mode, sizeof(out->mode), "%o", (unsigned)request->mode);
	snprintf(out->owner, sizeof(out->owner), "%u:%u", request->uid, request->gid);
	if (request->owner != REQUEST_OWNER_IDS)
		out->words.word[REQUEST_OWNER] =
			request->owner == REQUEST_OWNER_ROOT ? "root" : "user";
}

static void promise_same_request(const struct request *a, const struct request *b)
{
	promise(memcmp(&a->lists, &b->lists, sizeof(a->lists)) == 0 &&
			a->n_profiles == b->n_profiles,
		"the same lists", "");
	for (size_t i = 0; i < a->n_profiles; i++)
		promise(strcmp(a->profiles[i], b->profiles[i]) == 0, "the same profiles",
			b->profiles[i]);
	promise(strcmp(a->path, b->path) == 0, "the same path", b->path);
	promise(a->mode == b->mode && a->owner == b->owner && a->uid == b->uid &&
			a->gid == b->gid && a->ignore_unsupported == b->ignore_unsupported,
		"the same settings", "");
}

static void put_to_policy(const struct request *request)
{
	static const char json[] =
		"{\"version\":1,\"profiles\":{\"xdp\":{\"cmds\":\"prog_load\"},"
		"\"v\":{\"cmds\":\"no_such_name\"}},\"rules\":[{\"match\":{},\"allow\":"
		"{\"profiles\":\"xdp\"}}]}";
	static char id[] = "i";
	const struct state state = { .id = id, .bundle = id };
	const struct subject subject = { .state = &state, .host_uid = 5, .host_network = true };
	static struct policy policy; /* read once: it is the same for every input */
	struct source_memory source = source_memory(json, sizeof(json) - 1, 0);
	struct err err = { 0 };

	promise(policy.n_rules != 0 ||
			(policy_parse(&source.source, POLICY_ADMINISTRATOR, &policy, &err) == 0 &&
			 policy_link(&policy, &err) == 0),
		"a good policy", err.msg);
	promise_decision(&policy, request, &subject);
}

static void promise_request(char *value, enum request_origin origin)
{
	int code = origin == REQUEST_FROM_ANNOTATIONS ? EX_DATAERR : EX_USAGE;
	static struct written written;
	struct request_words words = { { 0 } };
	struct request request, again;
	struct err err = { 0 };

	for (enum request_key key = 0; key < REQUEST_KEYS && value != NULL; key++) {
		char *word = strsep(&value, "|");

		words.word[key] = word[0] != '\0' ? word : NULL;
	}
	if (!request_words_ask(&words))
		return;
	if (request_make(&words, origin, &request, &err) < 0) {
		promise_refusal(&err, code);
		return;
	}
	promise_invariants(&request);
	write_request(&request, &written);
	promise(request_make(&written.words, origin, &again, &err) == 0,
		"written, it is read again", err.msg);
	promise_same_request(&request, &again);
	put_to_policy(&request);
	request_done(&request);
	request_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char kinds[] = "cmpaCMPA";
	const char *kind;
	char *value;

	if (size == 0)
		return 0;
	value = strndup((const char *)data + 1, size - 1);
	promise(value != NULL, "memory", "");
	kind = memchr(kinds, data[0], sizeof(kinds) - 1);
	if (kind != NULL)
		promise_list((enum names_list)((kind - kinds) % NAMES_LISTS),
			     kind - kinds < NAMES_LISTS ? DELEGATION_KNOWN_BITS :
							  DELEGATION_ALL_BITS,
			     value);
	else
		promise_request(value, data[0] == 'R' ? REQUEST_FROM_COMMAND_LINE :
							REQUEST_FROM_ANNOTATIONS);
	free(value);
	return 0;
}
