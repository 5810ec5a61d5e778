/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle's config.json, and the plan and warnings made of it.
 *
 * Promises: whole and in pieces it is read alike; what was read, written again, is read as the
 * same; a plan is absolute and its text is fit to be shown, and so is every warning.
 */

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "hook/warn.h"

static int parse(const char *json, size_t len, size_t chunk, struct config *ret, struct err *err)
{
	struct source_memory source = source_memory(json, len, chunk);

	return config_parse(&source.source, ret, err);
}

static void promise_read_again(const struct config *config)
{
	char *json = print_config(config), *again;
	struct config other = { 0 };
	struct err err = { 0 };

	promise(parse(json, strlen(json), 0, &other, &err) == 0, "written, it is read again", json);
	again = print_config(&other);
	promise(strcmp(json, again) == 0, "it is read as the same", again);
	config_done(&other);
	free(again);
	free(json);
}

static void promise_lines(const char *lines)
{
	for (; *lines != '\0'; lines++)
		promise(*lines == '\n' || text_is_printable(*lines), "printable lines", lines);
}

static void promise_plan(const struct config *config, char *path, enum request_owner owner)
{
	static char id[] = "i", bundle[] = "/b";
	static struct plan plan;
	static struct warnings warnings;
	static char lines[8192];
	const struct state state = { .id = id, .bundle = bundle, .pid = 7 };
	const struct request request = { .path = path, .owner = owner };
	struct idmap_extent extent = { 0, 100000, 65536 };
	const struct idmap map = { &extent, 1 };
	const struct plan_facts facts = { &state, config, &request, &map, &map };
	const struct delegation granted = { { UINT64_MAX, 1, 2, 4 } };
	struct err err = { 0 };
	struct text text;

	if (plan_make(&facts, &granted, &plan, &err) < 0) {
		promise_refusal(&err, err.code == EX_UNAVAILABLE ? EX_UNAVAILABLE : EX_DATAERR);
		return;
	}
	promise(plan.root[0] == '/' || config->root_path[0] == '/', "an absolute root", plan.root);
	promise(!config_masks(config, path) && config_shared_volume(config, path) == NULL,
		"neither a mask nor a shared volume", path);
	text_init(&text, lines, sizeof(lines));
	plan_add_text(&plan, &text);
	promise_lines(lines);
	warn_collect(&plan, &request, config, true, &warnings);
	for (size_t i = 0; i < warnings.n; i++) {
		promise_lines(warnings.text[i]);
		promise(strchr(warnings.text[i], '\n') == NULL, "a warning is a line",
			warnings.text[i]);
	}
}

static void promise_across(const uint8_t *data, size_t size, int r, const struct err *err)
{
	size_t len;
	char *json = across_pieces(data, size, &len);
	struct config config = { 0 };
	struct err other = { 0 };
	int other_r = parse(json, len, 0, &config, &other);

	promise_same_answer(r, err, other_r, &other);
	config_done(&config);
	free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char paths[][16] = { "/sys/fs/bpf", "/run/bpf", "/a" };
	const char *json = (const char *)data;
	struct config whole = { 0 }, pieces = { 0 };
	struct err err = { 0 }, other = { 0 };
	int r = parse(json, size, 0, &whole, &err);
	int other_r = parse(json, size, piece_size(data, size), &pieces, &other);

	promise_same(r, &err, other_r, &other);
	if (size != 0 && draw_takes(draw_by(data, size), 0, 32))
		promise_across(data, size, r, &err);
	if (r < 0) {
		promise_refusal(&err, EX_DATAERR);
		return 0;
	}
	promise_read_again(&whole);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		promise_plan(&pieces, paths[i],
			     i % 2 == 0 ? REQUEST_OWNER_USER : REQUEST_OWNER_ROOT);
	config_done(&whole);
	config_done(&pieces);
	return 0;
}
