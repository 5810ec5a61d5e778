/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the message of a process that libbpf's input has taken over. Promises: what is
 * accepted, written again, is read as the same facts; what follows from it keeps its invariants and
 * can be printed in every format.
 */

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/bpftoken/needs/facts.h"
#include "cmd/bpftoken/needs/format.h"
#include "cmd/bpftoken/needs/needs.h"

static size_t write_facts(const struct facts *facts, uint8_t *bytes, size_t cap)
{
	const uint64_t nothing[FACTS_HELPER_MASKS] = { 0 };
	struct facts_writer writer;

	facts_begin(&writer, bytes, cap);
	for (size_t i = 0; i < facts->n_programs; i++)
		facts_add_program(&writer, &facts->programs[i]);
	for (size_t i = 0; i < facts->n_maps; i++)
		facts_add_map(&writer, &facts->maps[i]);
	for (size_t i = 0; i < facts->n_members; i++)
		facts_add_member(&writer, &facts->members[i]);
	for (size_t i = 0; i < facts->n_objects; i++)
		facts_add_object(&writer, i == 0 ? facts->helpers : nothing,
				 i == 0 ? facts->flags : 0);
	if (facts->refusal != 0)
		facts_add_refusal(&writer, facts->refusal, facts->refusal_text);
	facts_end(&writer);
	promise(!writer.full, "facts fit into a message", "");
	return writer.len;
}

static void promise_same_facts(const struct facts *facts, const struct facts *other)
{
	promise(facts->n_programs == other->n_programs && facts->n_maps == other->n_maps &&
			facts->n_members == other->n_members &&
			facts->n_objects == other->n_objects && facts->flags == other->flags &&
			facts->refusal == other->refusal,
		"written again, as many facts are read", "");
	promise(memcmp(facts->helpers, other->helpers, sizeof(facts->helpers)) == 0 &&
			memcmp(facts->refusal_text, other->refusal_text, FACTS_STRING_MAX) == 0,
		"the rest is the same", "");
	/* strings are zero to their ends, so the structs have no bytes of their own */
	promise(facts->n_programs == 0 || memcmp(facts->programs, other->programs,
						 facts->n_programs * sizeof(*facts->programs)) == 0,
		"the same programs", "");
	promise(facts->n_maps == 0 ||
			memcmp(facts->maps, other->maps, facts->n_maps * sizeof(*facts->maps)) == 0,
		"the same maps", "");
	promise(facts->n_members == 0 || memcmp(facts->members, other->members,
						facts->n_members * sizeof(*facts->members)) == 0,
		"the same members", "");
}

static void promise_invariants(const struct needs *needs)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		promise((needs->own.masks[list] & needs->libbpf.masks[list]) == 0,
			"libbpf's part is on top", names_key(list));
	promise((needs->own.masks[NAMES_CMDS] & UINT64_C(1) << 28) == 0, "nothing inert", "");
	promise(needs->kernel >= NEEDS_KERNEL(6, 9), "no token before 6.9", "");
	promise(needs->n_warnings <= NEEDS_WARNINGS_MAX, "not too many warnings", "");
	for (size_t i = 0; i < needs->n_warnings; i++)
		for (const char *p = needs->warnings[i].text; *p != '\0'; p++)
			promise(text_is_printable(*p), "a warning is one printable line",
				needs->warnings[i].text);
}

static void print_formats(const struct needs *needs, const char *name)
{
	static const char *const names[] = { "text",  "annotations", "podman",	"kubernetes",
					     "cdi",   "policy",	     "systemd", "lxd",
					     "incus", "mount",	     "json" };
	static char buf[262144];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct format_source source = { .name = name, .origin = "a fuzzer" };
		FILE *to = fmemopen(buf, sizeof(buf), "w");

		promise(to != NULL, "memory", "");
		format_find(names[i])->print(to, needs, &source);
		promise(fclose(to) == 0, "it can be printed", names[i]);
		for (const char *p = buf; *p != '\0'; p++)
			promise(*p == '\n' || text_is_printable(*p), "printable lines", buf);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[2 * FACTS_MAX];
	struct facts facts, again;
	struct needs needs, twice;
	int r = facts_parse(data, size, &facts);

	promise(r == 0 || r == -EBADMSG, "a message or none", "");
	if (r < 0)
		return 0;
	promise(facts_parse(bytes, write_facts(&facts, bytes, sizeof(bytes)), &again) == 0,
		"facts that are written again are read", "");
	promise_same_facts(&facts, &again);
	if (facts.refusal == 0) {
		needs_derive(&facts, "1.1", &needs);
		promise_invariants(&needs);
		twice = needs;
		needs_unite(&twice, &needs);
		promise(memcmp(&twice.own, &needs.own, sizeof(needs.own)) == 0 &&
				twice.n_warnings == needs.n_warnings,
			"the same need twice is no more", "");
		print_formats(&needs, facts.n_programs > 0 ? facts.programs[0].name : "");
	}
	facts_done(&facts);
	facts_done(&again);
	return 0;
}
