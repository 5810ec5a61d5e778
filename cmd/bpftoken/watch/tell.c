/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/watch/tell.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/bpftoken/base/output.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/json_gen.h"

#include "spec/base/poison.h"

/* ---- what was told already ---- */

static struct tell_kept describe(const struct refusal *refusal)
{
	struct tell_kept kept = {
		.used = true,
		.mount_ns = refusal->event->mount_ns,
		.cmd = refusal->call->cmd,
		.map_type = refusal->call->map_type,
		.prog_type = refusal->call->prog_type,
		.attach = refusal->call->attach,
		.kind = refusal->reason->kind,
		.missing = refusal->reason->missing,
	};

	memcpy(kept.comm, refusal->event->comm, sizeof(kept.comm));
	memcpy(kept.id, refusal->container->id, sizeof(kept.id));
	return kept;
}

static bool is_alike(const struct tell_kept *a, const struct tell_kept *b)
{
	return a->mount_ns == b->mount_ns && a->cmd == b->cmd && a->map_type == b->map_type &&
	       a->prog_type == b->prog_type && a->attach == b->attach && a->kind == b->kind &&
	       memcmp(&a->missing, &b->missing, sizeof(a->missing)) == 0 &&
	       memcmp(a->comm, b->comm, sizeof(a->comm)) == 0;
}

/* True for one that was told; its count goes up. */
static bool is_told(struct tell *tell, const struct tell_kept *new)
{
	for (size_t i = 0; i < TELL_KEPT; i++)
		if (tell->kept[i].used && is_alike(&tell->kept[i], new)) {
			tell->kept[i].again++;
			return true;
		}
	tell->kept[tell->n_kept++ % TELL_KEPT] = *new;
	return false;
}

/* ---- words ---- */

static void add_name(struct text *text, enum names_list list, uint32_t bit)
{
	const char *name = bit < 64 ? names_of_bit(list, bit) : NULL;

	if (name != NULL)
		text_add(text, "%s", name);
	else
		text_add(text, "%u", bit);
}

/* "prog_load xdp/xdp", "map_create hash". */
static void add_call(struct text *text, const struct call *call)
{
	add_name(text, NAMES_CMDS, call->cmd);
	if (call->map_type != CALL_NONE) {
		text_add(text, " ");
		add_name(text, NAMES_MAPS, call->map_type);
	}
	if (call->prog_type != CALL_NONE) {
		text_add(text, " ");
		add_name(text, NAMES_PROGS, call->prog_type);
	}
	if (call->attach != CALL_NONE) {
		text_add(text, "/");
		add_name(text, NAMES_ATTACHS, call->attach);
	}
}

static void add_container(struct text *text, const struct cgroup_name *container)
{
	if (container->id[0] == '\0')
		text_add(text, "container");
	else
		text_add(text, "%s %s", container->engine,
			 quote_bytes(container->id, strnlen(container->id, 64)).text);
}

/* UTC: libc would read a zone from the environment, which this program does not. */
static void add_clock(struct text *text)
{
	unsigned second;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	second = (unsigned)(now.tv_sec % 86400); /* of the day */
	text_add(text, "%02u:%02u:%02uZ", second / 3600, second / 60 % 60, second % 60);
}

static void print_line(const struct refusal *refusal)
{
	const struct observe_event *event = refusal->event;
	char line[4096];
	struct text text;

	text_init(&text, line, sizeof(line));
	add_clock(&text);
	text_add(&text, " ");
	add_container(&text, refusal->container);
	text_add(&text, " %s[%u] ",
		 quote_bytes(event->comm, strnlen(event->comm, sizeof(event->comm))).text,
		 event->pid);
	add_call(&text, refusal->call);
	text_add(&text, ": ");
	reason_add_words(&text, refusal->reason, refusal->call);
	text_add(&text, "; ");
	reason_add_fix(&text, refusal->reason);
	printf("%s\n", line);
}

/* ---- JSON ---- */

static void add_string(struct json_gen *gen, const char *name, const char *value)
{
	json_gen_name(gen, name);
	json_gen_string(gen, value);
}

static void add_number(struct json_gen *gen, const char *name, uint64_t value)
{
	json_gen_name(gen, name);
	json_gen_unsigned(gen, value);
}

static void add_bytes(struct json_gen *gen, const char *name, const char *value, size_t cap)
{
	char copy[256];
	size_t len = strnlen(value, cap < sizeof(copy) ? cap : sizeof(copy) - 1);

	memcpy(copy, value, len);
	copy[len] = '\0';
	add_string(gen, name, copy);
}

static void add_word(struct json_gen *gen, const char *name, enum names_list list, uint32_t bit)
{
	char word[64];
	struct text text;

	if (bit == CALL_NONE)
		return;
	text_init(&text, word, sizeof(word));
	add_name(&text, list, bit);
	add_string(gen, name, word);
}

static void add_missing(struct json_gen *gen, const struct delegation *missing)
{
	json_gen_name(gen, "missing");
	json_gen_object(gen);
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		char words[1024];
		struct text text;

		text_init(&text, words, sizeof(words));
		delegation_add_words(&text, list, missing->masks[list], ",");
		if (missing->masks[list] != 0)
			add_string(gen, names_key(list), words);
	}
	json_gen_object_end(gen);
}

static void print_json(const struct refusal *refusal)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_LINE);
	const struct observe_event *event = refusal->event;
	const struct call *call = refusal->call;
	char words[2048];
	struct text text;

	json_gen_object(gen);
	add_number(gen, "time", (uint64_t)time(NULL));
	add_string(gen, "engine", refusal->container->engine);
	add_bytes(gen, "container", refusal->container->id, sizeof(refusal->container->id));
	add_number(gen, "pid", event->pid);
	add_number(gen, "hostUid", event->uid);
	add_bytes(gen, "process", event->comm, sizeof(event->comm));
	add_word(gen, "command", NAMES_CMDS, call->cmd);
	add_word(gen, "map", NAMES_MAPS, call->map_type);
	add_word(gen, "program", NAMES_PROGS, call->prog_type);
	add_word(gen, "attach", NAMES_ATTACHS, call->attach);
	add_string(gen, "reason", reason_word(refusal->reason->kind));
	add_missing(gen, &refusal->reason->missing);
	add_string(gen, "capability", refusal->reason->capability);
	text_init(&text, words, sizeof(words));
	reason_add_words(&text, refusal->reason, call);
	add_string(gen, "message", words);
	text_init(&text, words, sizeof(words));
	reason_add_fix(&text, refusal->reason);
	add_string(gen, "fix", words);
	json_gen_object_end(gen);
	output_json(gen);
}

/* ---- telling ---- */

void tell_refusal(struct tell *tell, const struct refusal *refusal)
{
	const struct tell_kept kept = describe(refusal);

	if (is_told(tell, &kept))
		return;
	(tell->json ? print_json : print_line)(refusal);
	fflush(stdout);
}

static void print_again(const struct tell *tell, const struct tell_kept *kept)
{
	const struct call call = { .cmd = kept->cmd,
				   .map_type = kept->map_type,
				   .prog_type = kept->prog_type,
				   .attach = kept->attach };
	char words[256];
	struct text text;

	text_init(&text, words, sizeof(words));
	add_call(&text, &call);
	fprintf(tell->json ? stderr : stdout, "%s %s: again, %zu times\n",
		kept->id[0] != '\0' ? quote_bytes(kept->id, strnlen(kept->id, 64)).text :
				      "container",
		words, kept->again);
}

void tell_again(struct tell *tell)
{
	for (size_t i = 0; i < TELL_KEPT; i++) {
		if (tell->kept[i].again == 0)
			continue;
		print_again(tell, &tell->kept[i]);
		tell->kept[i].again = 0;
	}
	fflush(stdout);
}

void tell_dropped(const struct tell *tell, uint64_t n)
{
	(void)tell;
	fprintf(stderr, "bpftoken: watch: %llu calls came too fast and were lost\n",
		(unsigned long long)n);
}
