/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as calls of bpf(2) that a tenant has made: learned from, and each held against a delegation.
 * Promises: what is learned keeps the invariants of needs and can be printed in every format; every
 * refusal has a reason, in words fit to be shown.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/needs/format.h"
#include "cmd/bpftoken/record/learn.h"
#include "cmd/bpftoken/watch/reason.h"
#include "spec/base/text.h"

/* One call: a byte that tells its result and flags, one of the command, and attr. */
#define RECORD 80

static struct observe_event read_event(const uint8_t *data)
{
	static const int results[] = { 0, 3, -EPERM, -EPERM, -EINVAL, -EACCES };
	struct observe_event event = { .ret = results[(data[0] & 15) % 6], .attr_len = RECORD - 2 };

	event.flags = data[0] >> 4;
	event.cmd = data[1] < 0xf0 ? data[1] % 48u : data[1] * 0x01010101u;
	event.effective = (uint64_t)data[2] << 35 | (uint64_t)data[3] << 12;
	for (size_t i = 0; i < NAMES_LISTS; i++)
		event.token_masks[i] = (uint64_t)data[4 + i] * 0x0101010101010101u;
	memcpy(event.comm, data + 2, sizeof(event.comm));
	memcpy(event.attr, data + 2, RECORD - 2);
	return event;
}

static void promise_shown(const char *words)
{
	size_t len = strlen(words);

	promise(len > 0 && len < 1900, "it is said, and shortly", words);
	for (size_t i = 0; i < len; i++)
		promise(text_is_printable(words[i]), "it can be shown", words);
}

static void explain(const struct observe_event *event)
{
	struct reason_facts facts = { (event->cmd & 1) != 0, { { event->effective } } };
	char words[2048], fix[2048];
	struct reason reason;
	struct text text;
	struct call call;

	call_read(event, &call);
	reason_find(event, &call, &facts, &reason);
	promise(reason.kind < REASON_KINDS && reason_word(reason.kind) != NULL, "it has a word",
		"");
	text_init(&text, words, sizeof(words));
	reason_add_words(&text, &reason, &call);
	promise_shown(words);
	text_init(&text, fix, sizeof(fix));
	reason_add_fix(&text, &reason);
	promise_shown(fix);
	promise(reason.kind != REASON_CAPABILITY || reason.capability != NULL, "it is named",
		words);
	promise(reason.kind != REASON_LACKS || !delegation_is_empty(&reason.missing),
		"something is missing", words);
}

static void print_all(const struct needs *needs)
{
	static const char *const formats[] = { "text", "annotations", "policy", "cdi", "json" };
	const struct format_source source = { "name", "fuzz", false };
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	promise(to != NULL, "memory", "");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		format_find(formats[i])->print(to, needs, &source);
	fclose(to);
	promise(len > 0, "something is printed", "");
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct learn learn = { 0 };
	struct needs needs = { 0 };

	for (; size >= RECORD; data += RECORD, size -= RECORD) {
		struct observe_event event = read_event(data);

		promise(learn_add(&learn, &event) == 0, "memory", "");
		if (reason_is_refused(&event))
			explain(&event);
	}
	learn_needs(&learn, &needs);
	promise(needs.n_warnings <= NEEDS_WARNINGS_MAX, "warnings have room", "");
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		promise((needs.own.masks[list] & needs.libbpf.masks[list]) == 0,
			"libbpf's part is on top", "");
	if (!delegation_is_empty(&needs.own) || !delegation_is_empty(&needs.libbpf))
		print_all(&needs);
	learn_done(&learn);
	return 0;
}
