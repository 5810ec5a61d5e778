/* SPDX-License-Identifier: Apache-2.0 */
/* What is learned from calls of bpf(2): which count, which are libbpf's probes, and the words for it. */
#include "cmd/bpftoken/record/learn.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <string.h>

#include "tests/unit/support.h"

#define TOKEN_FLAG (1u << 16)

/* ---- calls ---- */

static struct observe_event event(uint32_t cmd, int ret)
{
	return (struct observe_event){ .cmd = cmd, .ret = ret, .attr_len = OBSERVE_ATTR_MAX };
}

static void set(struct observe_event *event, size_t offset, uint32_t value)
{
	memcpy(event->attr + offset, &value, sizeof(value));
}

static struct observe_event load(uint32_t type, uint32_t attach, uint32_t instructions,
				 const char *name, int ret)
{
	struct observe_event made = event(BPF_PROG_LOAD, ret);

	set(&made, 0, type);
	set(&made, 4, instructions);
	set(&made, 68, attach);
	strncpy((char *)made.attr + 48, name, OBSERVE_NAME_MAX);
	return made;
}

static struct observe_event map(uint32_t type, const char *name, int ret)
{
	struct observe_event made = event(BPF_MAP_CREATE, ret);

	set(&made, 0, type);
	strncpy((char *)made.attr + 28, name, OBSERVE_NAME_MAX);
	return made;
}

static void expect_lists(const char *what, const struct delegation *delegation, const char *want)
{
	char words[1024];
	struct text text;

	text_init(&text, words, sizeof(words));
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		text_add(&text, "%s", list == 0 ? "" : ";");
		delegation_add_words(&text, list, delegation->masks[list], ",");
	}
	expect_text(what, words, want);
}

static void learn_all(struct learn *learn, const struct observe_event *events, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(learn_add(learn, &events[i]), 0);
}

/* ---- tests ---- */

/* Done and refused calls count, each type once; what failed otherwise does not. */
static void test_what_counts(void **state)
{
	const struct observe_event events[] = {
		map(BPF_MAP_TYPE_HASH, "seen", 3),
		map(BPF_MAP_TYPE_HASH, "again", 4),
		map(BPF_MAP_TYPE_ARRAY, "refused", -EPERM),
		map(BPF_MAP_TYPE_RINGBUF, "wrong", -EINVAL),
		load(BPF_PROG_TYPE_XDP, BPF_XDP, 2, "p", 5),
		load(BPF_PROG_TYPE_XDP, BPF_XDP, 9, "q", 6),
		load(BPF_PROG_TYPE_SCHED_CLS, 0, 2, "verifier", -EACCES),
		load(200, 0, 2, "no type", 7),
	};
	struct learn learn = { 0 };
	struct needs needs;

	(void)state;
	learn_all(&learn, events, LENGTH(events));
	learn_needs(&learn, &needs);
	expect_lists("own", &needs.own, "map_create,prog_load;hash,array;xdp;xdp");
	expect_lists("libbpf", &needs.libbpf, ";;;");
	assert_int_equal(learn.n_calls, LENGTH(events));
	assert_int_equal(learn.n_refused, 1);
	assert_int_equal(learn.n_failed, 2);
	assert_int_equal(needs.n_programs, 1);
	assert_true(needs.capabilities == (1ull << CAP_BPF | 1ull << CAP_NET_ADMIN));
	learn_done(&learn);
}

/* The kernel changes some attach types before it looks at the token. */
static void test_attach_types_are_the_kernels(void **state)
{
	const struct observe_event events[] = {
		load(BPF_PROG_TYPE_CGROUP_SOCK, 0, 9, "p", 3),
		load(BPF_PROG_TYPE_SK_REUSEPORT, 0, 9, "p", 3),
	};
	struct learn learn = { 0 };
	struct needs needs;

	(void)state;
	learn_all(&learn, events, LENGTH(events));
	learn_needs(&learn, &needs);
	expect_lists(
		"own", &needs.own,
		"prog_load;;cgroup_sock,sk_reuseport;cgroup_inet_sock_create,sk_reuseport_select");
	learn_done(&learn);
}

static const struct {
	const char *what;
	uint32_t type, attach, instructions, kernel, btf;
	const char *name, *own, *libbpf;
} probes[] = {
	{ "trivial", BPF_PROG_TYPE_SOCKET_FILTER, 0, 2, 0, 0, "", ";;;",
	  "prog_load;;socket_filter;cgroup_inet_ingress" },
	{ "by its name", BPF_PROG_TYPE_SOCKET_FILTER, 0, 2, 0, 0, "libbpf_nametest", ";;;",
	  "prog_load;;socket_filter;cgroup_inet_ingress" },
	{ "probe_read_kernel", BPF_PROG_TYPE_TRACEPOINT, 0, 6, 0, 0, "", ";;;",
	  "prog_load;;tracepoint;cgroup_inet_ingress" },
	{ "cookie, done without", BPF_PROG_TYPE_TRACEPOINT, 0, 2, 0, 0, "", ";;;", ";;;" },
	{ "expected attach type", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, 2, 0, 0,
	  "", ";;;", ";;;" },
	{ "argument tags", BPF_PROG_TYPE_KPROBE, 0, 4, 0, 7, "", ";;;", ";;;" },
	{ "an object's kprobe", BPF_PROG_TYPE_KPROBE, 0, 2, 0x61200, 7, "",
	  "prog_load;;kprobe;cgroup_inet_ingress", ";;;" },
	{ "an object's cgroup_sock", BPF_PROG_TYPE_CGROUP_SOCK, 0, 2, 0, 7, "",
	  "prog_load;;cgroup_sock;cgroup_inet_sock_create", ";;;" },
	{ "an object's long filter", BPF_PROG_TYPE_SOCKET_FILTER, 0, 40, 0, 0, "",
	  "prog_load;;socket_filter;cgroup_inet_ingress", ";;;" },
	{ "an object's named filter", BPF_PROG_TYPE_SOCKET_FILTER, 0, 2, 0, 0, "filter",
	  "prog_load;;socket_filter;cgroup_inet_ingress", ";;;" },
};

static void test_probes(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(probes); i++) {
		struct observe_event one = load(probes[i].type, probes[i].attach,
						probes[i].instructions, probes[i].name, 3);
		struct learn learn = { 0 };
		struct needs needs;

		set(&one, 40, probes[i].kernel);
		set(&one, 72, probes[i].btf);
		learn_all(&learn, &one, 1);
		learn_needs(&learn, &needs);
		expect_lists(probes[i].what, &needs.own, probes[i].own);
		expect_lists(probes[i].what, &needs.libbpf, probes[i].libbpf);
		learn_done(&learn);
	}
}

/* Type information is libbpf's wish where libbpf was seen, and else the program's own. */
static void test_btf(void **state)
{
	const struct observe_event events[] = {
		event(BPF_BTF_LOAD, 3),
		map(BPF_MAP_TYPE_HASH, "m", 3),
		map(BPF_MAP_TYPE_ARRAY, "libbpf_mmap", 3),
	};
	struct learn learn = { 0 };
	struct needs needs;

	(void)state;
	learn_all(&learn, events, 2);
	learn_needs(&learn, &needs);
	expect_lists("another library", &needs.own, "map_create,btf_load;hash;;");
	learn_all(&learn, events + 2, 1);
	learn_needs(&learn, &needs);
	expect_lists("own", &needs.own, "map_create;hash;;");
	expect_lists("libbpf", &needs.libbpf, "btf_load;array;;");
	learn_done(&learn);
}

static bool warns(const struct needs *needs, const char *part)
{
	for (size_t i = 0; i < needs->n_warnings; i++)
		if (strstr(needs->warnings[i].text, part) != NULL)
			return true;
	return false;
}

static void test_warnings(void **state)
{
	struct observe_event events[] = {
		event(BPF_PROG_GET_NEXT_ID, -EPERM), event(BPF_MAP_LOOKUP_ELEM, 0),
		event(BPF_BTF_GET_FD_BY_ID, -EPERM), map(BPF_MAP_TYPE_HASH, "m", -EPERM),
		map(BPF_MAP_TYPE_HASH, "m", -EPERM),
	};
	struct learn learn = { 0 };
	struct needs needs;

	(void)state;
	learn_all(&learn, events, 4);
	learn_needs(&learn, &needs);
	expect_lists("own", &needs.own, "map_create,btf_get_fd_by_id;hash;;");
	assert_true(warns(&needs, "no token serves these commands, which take the host's own "
				  "capabilities: prog_get_next_id"));
	assert_true(warns(&needs, "2 calls were refused and none passed a token"));
	set(&events[4], 16, TOKEN_FLAG);
	learn_all(&learn, events + 4, 1);
	learn_needs(&learn, &needs);
	assert_false(warns(&needs, "none passed a token"));
	learn_done(&learn);
}

/* A struct_ops program says by its attach type which member it is; beyond 63 there is no bit. */
static void test_struct_ops(void **state)
{
	const struct observe_event events[] = {
		load(BPF_PROG_TYPE_STRUCT_OPS, 8, 9, "init", 3),
		load(BPF_PROG_TYPE_STRUCT_OPS, 64, 9, "far", 3),
	};
	struct learn learn = { 0 };
	struct needs needs;

	(void)state;
	learn_all(&learn, events, LENGTH(events));
	learn_needs(&learn, &needs);
	expect_lists("own", &needs.own, "prog_load;;struct_ops;cgroup_inet4_bind");
	learn_done(&learn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_counts),
		cmocka_unit_test(test_attach_types_are_the_kernels),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_btf),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_struct_ops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
