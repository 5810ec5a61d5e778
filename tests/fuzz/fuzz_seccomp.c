/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seccomp profile, or a config.json with one: read, judged and changed.
 *
 * Promises: what is refused is refused in words; the places found lie in the text, in order; a
 * changed profile answers as it was made to, keeps every byte outside its list of rules, and a second
 * change changes nothing.
 */

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/seccomp/edit.h"
#include "cmd/bpftoken/seccomp/filter.h"
#include "spec/names_gate.h"

static void promise_places(const struct seccomp_profile *profile, const char *text, size_t len)
{
	size_t last = profile->array.begin;

	promise(profile->default_end <= len, "the default action lies in the text", text);
	promise(profile->array.begin <= profile->array.end && profile->array.end <= len,
		"the rules lie in the text", text);
	for (size_t i = 0; i < profile->n_entries; i++) {
		const struct seccomp_entry *entry = &profile->entries[i];

		promise(entry->span.begin > last && entry->span.end > entry->span.begin &&
				entry->span.end < profile->array.end,
			"rules lie in order", text + last);
		promise(text[entry->span.begin] == '{' && text[entry->span.end - 1] == '}',
			"a rule is an object", text + entry->span.begin);
		last = entry->array.begin;
		for (size_t j = 0; j < entry->n_names; j++) {
			const struct seccomp_span *name = &entry->names[j].span;

			promise(name->begin > last && name->end < entry->array.end,
				"names lie in order", text + entry->span.begin);
			promise(text[name->begin] == '"' && text[name->end - 1] == '"',
				"a name is a string", text + name->begin);
			last = name->begin;
		}
		last = entry->span.end - 1;
	}
}

static void judge(const struct seccomp_profile *profile)
{
	struct seccomp_filter filter = { 0 };
	struct err err = { 0 };

	if (seccomp_filter_build(profile, &filter, &err) < 0) {
		promise_refusal(&err, EX_DATAERR);
		return;
	}
	for (unsigned cmd = 0; cmd < 64; cmd++)
		(void)seccomp_filter_judge(&filter, profile, cmd);
	seccomp_filter_done(&filter);
}

/* What stands in front of the rules and behind them. */
static void promise_rest(const char *text, size_t len, const struct seccomp_profile *profile,
			 const char *edited, size_t edited_len)
{
	const bool had = profile->array.end != 0;
	const size_t head = had ? profile->array.begin + 1 : profile->default_end;
	const size_t tail = len - (had ? profile->array.end - 1 : profile->default_end);

	promise(edited_len >= head + tail, "it is not shorter than what stays", edited);
	promise(memcmp(edited, text, head) == 0, "what stands before the rules stays", edited);
	promise(memcmp(edited + edited_len - tail, text + len - tail, tail) == 0,
		"what stands behind the rules stays", edited);
}

static void change(const char *text, size_t len, const struct seccomp_profile *profile)
{
	const uint64_t allowed =
		names_cmds_of_gate(NAMES_GATE_OPEN) | names_cmds_of_gate(NAMES_GATE_TOKEN);
	char *edited = NULL, *again = NULL;
	size_t edited_len = 0, again_len = 0;
	struct seccomp_profile other = { 0 };
	struct err err = { 0 };

	if (seccomp_edit(text, len, profile, allowed, &edited, &edited_len, &err) < 0) {
		promise_refusal(&err, EX_DATAERR);
		return;
	}
	promise_rest(text, len, profile, edited, edited_len);
	promise(seccomp_profile_parse(edited, edited_len, &other, &err) == 0, "it is read again",
		edited);
	promise_places(&other, edited, edited_len);
	promise(seccomp_edit(edited, edited_len, &other, allowed, &again, &again_len, &err) == 0,
		"it is changed again", edited);
	promise(again_len == edited_len && memcmp(again, edited, again_len) == 0,
		"a second change changes nothing", again);
	seccomp_profile_done(&other);
	free(edited);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1); /* with the NUL that callers put behind it */
	struct seccomp_profile profile = { 0 };
	struct err err = { 0 };

	promise(text != NULL, "memory", "");
	memcpy(text, data, size);
	text[size] = '\0';
	if (seccomp_profile_parse(text, size, &profile, &err) < 0) {
		promise_refusal(&err, EX_DATAERR);
	} else {
		promise_places(&profile, text, size);
		judge(&profile);
		change(text, size, &profile);
	}
	seccomp_profile_done(&profile);
	free(text);
	return 0;
}
