/* SPDX-License-Identifier: Apache-2.0 */
/* Why a call of bpf(2) was refused: one row for each step at which the kernel may refuse it. */
#include "cmd/bpftoken/watch/reason.h"

#include <linux/bpf.h>
#include <linux/capability.h>

#include "tests/unit/support.h"

#define BIT(n)	     (UINT64_C(1) << (n))
#define TOKEN_CREATE 36
#define TOKEN_FLAG   (1u << 16)
#define ALL_CAPS     (BIT(CAP_BPF) | BIT(CAP_NET_ADMIN) | BIT(CAP_PERFMON))

/* What the token or the bpffs of the rows has. */
static const struct delegation some = { { BIT(BPF_PROG_LOAD) | BIT(BPF_MAP_CREATE),
					  BIT(BPF_MAP_TYPE_ARRAY) | BIT(BPF_MAP_TYPE_DEVMAP),
					  BIT(BPF_PROG_TYPE_XDP) | BIT(BPF_PROG_TYPE_KPROBE),
					  BIT(BPF_XDP) | BIT(0) } };

enum { NO_TOKEN, TOKEN, NAMED_ONLY };

static const struct {
	uint32_t cmd, type, attach;
	int token; /* one of the three above */
	bool bpffs;
	uint64_t effective;
	uint32_t flags;
	const char *word, *text, *fix;
} rows[] = {
	{ BPF_PROG_LOAD, BPF_PROG_TYPE_XDP, BPF_XDP, TOKEN, true, ALL_CAPS, OBSERVE_EARLY,
	  "seccomp", "a seccomp filter or tracer refused it before it began",
	  "let the profile pass it: bpftoken seccomp PROFILE" },
	{ BPF_PROG_GET_NEXT_ID, 0, 0, NO_TOKEN, true, ALL_CAPS, 0, "host-command",
	  "no token serves this command: it takes the host's own capabilities",
	  "nothing that is delegated changes it" },
	{ TOKEN_CREATE, 0, 0, NO_TOKEN, true, BIT(CAP_SYS_ADMIN), 0, "no-cap-bpf",
	  "the process lacks CAP_BPF in its user namespace", "add CAP_BPF to the container" },
	{ TOKEN_CREATE, 0, 0, NO_TOKEN, true, ALL_CAPS, 0, "open-command",
	  "the bpffs belongs to another user namespace than the process",
	  "nothing that is delegated changes it" },
	{ BPF_PROG_ATTACH, 0, 0, NO_TOKEN, true, ALL_CAPS, 0, "open-command",
	  "tokens have no part in this command: the process lacks a right over what it names",
	  "nothing that is delegated changes it" },
	{ BPF_PROG_LOAD, BPF_PROG_TYPE_XDP, BPF_XDP, TOKEN, true, BIT(CAP_NET_ADMIN), 0,
	  "no-cap-bpf", "the process lacks CAP_BPF in its user namespace",
	  "add CAP_BPF to the container" },
	{ BPF_PROG_LOAD, BPF_PROG_TYPE_SCHED_CLS, 0, TOKEN, true, ALL_CAPS, 0, "lacks",
	  "the delegation lacks progs=sched_cls",
	  "add to the annotations io.bpftoken.progs=sched_cls, and to \"allow\" in the policy where "
	  "that has less" },
	{ BPF_PROG_LOAD, BPF_PROG_TYPE_XDP, 46, TOKEN, true, ALL_CAPS, 0, "lacks",
	  "the delegation lacks attachs=tcx_ingress",
	  "add to the annotations io.bpftoken.attachs=tcx_ingress, and to \"allow\" in the policy "
	  "where that has less" },
	{ BPF_BTF_LOAD, 0, 0, TOKEN, true, ALL_CAPS, 0, "lacks",
	  "the delegation lacks cmds=btf_load",
	  "add to the annotations io.bpftoken.cmds=btf_load, and to \"allow\" in the policy where that "
	  "has less" },
	{ BPF_MAP_CREATE, BPF_MAP_TYPE_HASH, 0, NO_TOKEN, true, ALL_CAPS, 0, "lacks",
	  "the delegation lacks maps=hash",
	  "add to the annotations io.bpftoken.maps=hash, and to \"allow\" in the policy where that has "
	  "less" },
	{ BPF_MAP_CREATE, BPF_MAP_TYPE_ARRAY, 0, NO_TOKEN, true, ALL_CAPS, 0, "no-token",
	  "no token was passed, though the container's bpffs covers it",
	  "use libbpf 1.4 or cilium/ebpf 0.22 and later; where the bpffs is not at /sys/fs/bpf set "
	  "LIBBPF_BPF_TOKEN_PATH" },
	{ BPF_MAP_CREATE, BPF_MAP_TYPE_ARRAY, 0, NAMED_ONLY, true, ALL_CAPS, 0, "bad-token",
	  "what was passed for a token is none", "nothing that is delegated changes it" },
	{ BPF_PROG_LOAD, BPF_PROG_TYPE_XDP, BPF_XDP, NO_TOKEN, false, ALL_CAPS, 0, "no-delegation",
	  "the container has no delegated bpffs",
	  "annotate it with io.bpftoken.cmds=prog_load io.bpftoken.progs=xdp io.bpftoken.attachs=xdp" },
	{ BPF_PROG_LOAD, BPF_PROG_TYPE_XDP, BPF_XDP, TOKEN, true, BIT(CAP_BPF), 0, "capability",
	  "the process lacks CAP_NET_ADMIN in its user namespace",
	  "add CAP_NET_ADMIN to the container" },
	{ BPF_MAP_CREATE, BPF_MAP_TYPE_DEVMAP, 0, TOKEN, true, BIT(CAP_BPF), 0, "capability",
	  "the process lacks CAP_NET_ADMIN in its user namespace",
	  "add CAP_NET_ADMIN to the container" },
	{ BPF_PROG_LOAD, BPF_PROG_TYPE_KPROBE, 0, TOKEN, true, BIT(CAP_BPF), 0, "capability",
	  "the process lacks CAP_PERFMON in its user namespace",
	  "add CAP_PERFMON to the container" },
	{ BPF_PROG_LOAD, BPF_PROG_TYPE_XDP, BPF_XDP, TOKEN, true, ALL_CAPS, 0, "elsewhere",
	  "the token covers it: a security module or lockdown refused it",
	  "bpftoken check tells of lockdown and security modules" },
	{ BPF_PROG_LOAD, BPF_PROG_TYPE_XDP, BPF_XDP, TOKEN, true, BIT(CAP_SYS_ADMIN), 0,
	  "elsewhere", "the token covers it: a security module or lockdown refused it",
	  "bpftoken check tells of lockdown and security modules" },
};

static void set(struct observe_event *event, size_t offset, uint32_t value)
{
	memcpy(event->attr + offset, &value, sizeof(value));
}

static struct observe_event make(size_t i)
{
	struct observe_event event = { .cmd = rows[i].cmd,
				       .ret = -EPERM,
				       .effective = rows[i].effective,
				       .flags = rows[i].flags };
	static const size_t flags_at[] = {
		[BPF_MAP_CREATE] = 16, [BPF_PROG_LOAD] = 44, [BPF_BTF_LOAD] = 32
	};

	set(&event, 0, rows[i].type);
	if (rows[i].cmd == BPF_PROG_LOAD)
		set(&event, 68, rows[i].attach);
	if (rows[i].token != NO_TOKEN)
		set(&event, flags_at[rows[i].cmd], TOKEN_FLAG);
	if (rows[i].token == TOKEN) {
		event.flags |= OBSERVE_HAS_TOKEN;
		memcpy(event.token_masks, some.masks, sizeof(some.masks));
	}
	return event;
}

static void test_reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct observe_event event = make(i);
		const struct reason_facts facts = { rows[i].bpffs, some };
		char words[1024], fix[1024];
		struct reason reason;
		struct text text;
		struct call call;

		assert_true(reason_is_refused(&event));
		call_read(&event, &call);
		reason_find(&event, &call, &facts, &reason);
		text_init(&text, words, sizeof(words));
		reason_add_words(&text, &reason, &call);
		text_init(&text, fix, sizeof(fix));
		reason_add_fix(&text, &reason);
		expect_text(rows[i].text, reason_word(reason.kind), rows[i].word);
		expect_text(rows[i].word, words, rows[i].text);
		expect_text(rows[i].text, fix, rows[i].fix);
	}
}

/* What failed for what it is was not refused. */
static void test_what_is_refused(void **state)
{
	static const struct {
		int ret;
		uint32_t flags;
		bool refused;
	} cases[] = { { -EPERM, 0, true },
		      { -EINVAL, 0, false },
		      { -EACCES, 0, false },
		      { 3, 0, false },
		      { 0, 0, false },
		      { -ENOSYS, OBSERVE_EARLY, true },
		      { -EPERM, OBSERVE_EARLY, true } };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct observe_event event = { .ret = cases[i].ret, .flags = cases[i].flags };

		assert_true(reason_is_refused(&event) == cases[i].refused);
	}
}

/* A tenant's bytes: commands and types that no delegation has a bit for. */
static void test_numbers_beyond_all_bits(void **state)
{
	static const uint32_t numbers[] = { 63, 64, 1000, UINT32_MAX };
	const struct reason_facts facts = { true, some };

	(void)state;
	for (size_t i = 0; i < LENGTH(numbers); i++)
		for (size_t k = 0; k < LENGTH(numbers); k++) {
			struct observe_event event = { .cmd = i % 2 == 0 ? numbers[i] :
									   BPF_PROG_LOAD,
						       .ret = -EPERM,
						       .effective = ALL_CAPS };
			char words[1024];
			struct reason reason;
			struct text text;
			struct call call;

			set(&event, 0, numbers[k]);
			set(&event, 68, numbers[k]);
			call_read(&event, &call);
			reason_find(&event, &call, &facts, &reason);
			text_init(&text, words, sizeof(words));
			reason_add_words(&text, &reason, &call);
			expect_shown("words", words);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_numbers_beyond_all_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
