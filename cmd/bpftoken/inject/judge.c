/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/inject/judge.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/oci-bpf-token-hook/options.h"
#include "hook/decision.h"
#include "hook/plan.h"
#include "hook/request.h"
#include "hook/warn.h"
#include "spec/base/defer.h"
#include "spec/base/list.h"
#include "spec/base/text.h"
#include "spec/config.h"

#include "spec/base/poison.h"

__attribute__((format(printf, 2, 3))) static void note(struct inject_notes *notes, const char *fmt,
						       ...)
{
	struct text text;
	va_list args;

	if (notes->n == INJECT_NOTES_MAX)
		return;
	text_init(&text, notes->text[notes->n], sizeof(notes->text[0]));
	va_start(args, fmt);
	text_vadd(&text, fmt, args);
	va_end(args);
	notes->n++;
}

/* ---- the request ---- */

/* The annotations as the state will have them: the config's own, in an array of the caller's. */
static int make_state(const struct inject_config *config, struct state *state, struct err *err)
{
	static char nothing[] = "", bundle[] = "/";

	*state = (struct state){ .id = nothing, .bundle = bundle };
	for (size_t i = 0; i < config->n_entries; i++) {
		const struct inject_entry *entry = &config->entries[i];
		struct annotation *slot;

		if (entry->in != INJECT_ANNOTATIONS)
			continue;
		slot = list_add(&state->annotations, &state->n_annotations, sizeof(*slot));
		if (slot == NULL)
			return err_memory(err);
		slot->key = entry->key;
		slot->value = entry->value != NULL ? entry->value : nothing;
	}
	return 0;
}

static void state_free_array(struct state *state)
{
	free(state->annotations);
}

/* The words of the hook's command line, which stay the wish's. */
static int option_words(const struct inject_wish *wish, struct request_words *ret_words,
			struct err *err)
{
	static char name[] = INJECT_HOOK_NAME, stage[] = "createRuntime";
	char *argv[INJECT_ARGS_MAX + 3] = { name };
	struct hook_options options;
	enum options_action action;
	int argc = 1, r;

	for (size_t i = 0; i < wish->n_args; i++)
		argv[argc++] = wish->args[i];
	argv[argc++] = stage;
	optind = 0; /* getopt has been at this program's own command line */
	r = options_parse(argc, argv, &options, &action, err);
	if (r == 0 && action != OPTIONS_RUN)
		r = err_set(err, EX_USAGE, 0, "--help and --version mount nothing; remove them");
	if (r == 0 && options.dry_run)
		r = err_set(err, EX_USAGE, 0, "option --dry-run: it mounts nothing; remove it");
	if (r == 0)
		*ret_words = options.words;
	else
		err_prefix(err, "the hook's command line");
	return r;
}

/*
 * What holds whatever the policy says. Without the profiles, which only the host that runs the
 * container has, that is told of a request by its lists alone.
 */
static int check_lists(const struct request *request, const struct state *state, struct err *err)
{
	const struct policy none = { 0 };
	const struct subject subject = { .state = state, .host_uid = 1 };
	struct decision decision;

	if (request->n_profiles != 0)
		return 0;
	policy_decide(&none, POLICY_PATH, request, &subject, &decision);
	if (decision.granted || decision.refusal.code == EX_NOPERM)
		return 0;
	*err = decision.refusal;
	return -EINVAL;
}

/*
 * The request that the hook would read: its command line's, else the annotations'. Returns 1 with a
 * request, 0 when nothing is asked, or a negative errno.
 */
static int find_request(const struct inject_wish *wish, const struct state *state,
			struct request *ret_request, struct err *err)
{
	struct request_words words = { 0 };
	enum request_origin origin = REQUEST_FROM_COMMAND_LINE;
	int r = option_words(wish, &words, err);

	if (r == 0 && !request_words_ask(&words)) {
		origin = REQUEST_FROM_ANNOTATIONS;
		r = request_find_words(state, &words, err);
	}
	if (r < 0 || !request_words_ask(&words))
		return r;
	r = request_make(&words, origin, ret_request, err);
	if (r == 0) {
		r = check_lists(ret_request, state, err);
		if (r < 0)
			request_done(ret_request);
	}
	if (r < 0 && origin == REQUEST_FROM_COMMAND_LINE)
		err_prefix(err, "the hook's command line");
	return r < 0 ? r : 1;
}

/* ---- notes ---- */

/* A version of three numbers below 1.0.2 is of a time that knew no createRuntime hook. */
static void note_version(const struct inject_config *config, const struct inject_wish *wish,
			 struct inject_notes *notes)
{
	const char *version = config->oci_version;

	if (version == NULL)
		note(notes, "ociVersion is missing, and runtimes refuse such a file; add it");
	else if (wish->stage == INJECT_CREATE_RUNTIME &&
		 (strncmp(version, "0.", 2) == 0 || strncmp(version, "1.0.0", 5) == 0 ||
		  strncmp(version, "1.0.1", 5) == 0))
		note(notes,
		     "ociVersion %s knows no createRuntime hooks, which came with 1.0.2; raise it, "
		     "or use --stage=prestart",
		     quote(version).text);
}

static void note_mapping(const struct inject_config *config, enum inject_place place,
			 struct inject_notes *notes)
{
	for (size_t i = 0; i < config->n_entries; i++) {
		const struct inject_entry *entry = &config->entries[i];

		if (entry->in != place || entry->container_id != 0 || entry->size == 0)
			continue;
		if (entry->host_id == 0)
			note(notes,
			     "linux.%s maps the container's root to the host's, which only a rule "
			     "of the policy that names host uid 0 allows; map another id",
			     inject_place_info(place)->name);
		return;
	}
	note(notes, "linux.%s does not map the container's root, and the hook refuses that (69)",
	     inject_place_info(place)->name);
}

static void note_namespaces(const struct inject_config *config, struct inject_notes *notes)
{
	const struct inject_entry *user = inject_entry(config, INJECT_NAMESPACES, "user");

	if (user == NULL)
		note(notes, "linux.namespaces has no user namespace, and the hook refuses a "
			    "container without (69); add --userns");
	else if (user->value == NULL || user->value[0] == '\0')
		for (enum inject_place place = INJECT_UID_MAPPINGS; place <= INJECT_GID_MAPPINGS;
		     place++)
			note_mapping(config, place, notes);
	if (inject_entry(config, INJECT_NAMESPACES, "mount") == NULL)
		note(notes, "linux.namespaces has no mount namespace, and the hook refuses a "
			    "container without (69); add one");
}

static void fill_map(const struct inject_config *config, enum inject_place place,
		     struct idmap *ret_map)
{
	*ret_map = (struct idmap){ 0 };
	for (size_t i = 0; i < config->n_entries && ret_map->n_extents < IDMAP_EXTENTS_MAX; i++) {
		const struct inject_entry *entry = &config->entries[i];
		struct idmap_extent *extent =
			entry->in != place ?
				NULL :
				list_add(&ret_map->extents, &ret_map->n_extents, sizeof(*extent));

		if (extent != NULL)
			*extent = (struct idmap_extent){ (uint32_t)entry->container_id,
							 (uint32_t)entry->host_id,
							 (uint32_t)entry->size };
	}
}

/* What the hook would say of the plan. Ids that come from elsewhere are taken for good. */
static void note_plan(const struct inject_config *config, const struct config *spec,
		      const struct state *state, const struct request *request,
		      struct inject_notes *notes)
{
	defer_with(idmap_done) struct idmap uids = { 0 }, gids = { 0 };
	const struct plan_facts facts = { state, spec, request, &uids, &gids };
	struct plan plan;
	struct warnings warnings = { .n = 0 };
	struct err err = { 0 };

	fill_map(config, INJECT_UID_MAPPINGS, &uids);
	fill_map(config, INJECT_GID_MAPPINGS, &gids);
	if (uids.n_extents == 0 || gids.n_extents == 0)
		return; /* noted already, or nobody knows them */
	if (plan_make(&facts, &request->lists, &plan, &err) < 0) {
		note(notes, "the hook will refuse this (%d): %.330s", err.code, err.msg);
		return;
	}
	if (request->n_profiles != 0) /* nobody here knows their lists */
		plan.delegation = (struct delegation){ { 0 } };
	warn_collect(&plan, request, spec, false, &warnings);
	for (size_t i = 0; i < warnings.n; i++)
		note(notes, "%s", warnings.text[i]);
}

static int judge(const struct inject_config *config, const struct config *spec,
		 const struct inject_wish *wish, struct inject_notes *notes, struct err *err)
{
	defer_with(state_free_array) struct state state = { 0 };
	defer_with(request_done) struct request request = { 0 };
	int r = make_state(config, &state, err);

	if (r == 0)
		r = find_request(wish, &state, &request, err);
	if (r < 0)
		return r;
	note_version(config, wish, notes);
	note_namespaces(config, notes);
	if (r == 0)
		note(notes, "nothing asks for a delegation, so the hook will do nothing; add "
			    "--profile or --cmds, or let the engine set the annotations");
	else if (state_is_sandbox(&state))
		note(notes, "this is a pod's sandbox, in which the hook does nothing");
	else
		note_plan(config, spec, &state, &request, notes);
	return 0;
}

int inject_judge(const struct json_doc *doc, const struct inject_wish *wish,
		 struct inject_notes *ret_notes, struct err *err)
{
	struct source_memory source = source_memory(doc->text, doc->len, 0);
	defer_with(config_done) struct config spec = { 0 };
	defer_with(inject_config_done) struct inject_config config = { 0 };
	int r = config_parse(&source.source, &spec, err);

	ret_notes->n = 0;
	if (r == 0)
		r = inject_config_read(doc, &config, err);
	return r == 0 ? judge(&config, &spec, wish, ret_notes, err) : r;
}
