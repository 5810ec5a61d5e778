/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of hook/warn: what will keep a granted delegation from being of use. */

#include "tests/unit/support.h"

#include <linux/bpf.h>
#include <linux/capability.h>

#include "hook/warn.h"

#define BIT(n)	  (UINT64_C(1) << (n))
#define CAP(name) BIT(CAP_##name)

/* A container of which there is nothing to say, and what is different about it. */
struct facts {
	struct delegation delegation;
	uint64_t effective;
	const char *path;
	bool has_mode; /* or it is 0700 */
	mode_t mode;
	enum request_owner owner;
	uid_t owner_uid, owner_gid, user_uid, user_gid;
	char token_path[16]; /* "": not set */
	bool empty_token_path, selinux, mount_label, seccomp;
};

static void collect(const struct facts *facts, struct warnings *warnings)
{
	char token_path[sizeof(facts->token_path)];
	const struct plan plan = { .path = facts->path != NULL ? facts->path : "/sys/fs/bpf",
				   .delegation = facts->delegation,
				   .mode = facts->has_mode ? facts->mode : 0700 };
	const struct request request = { .owner = facts->owner,
					 .uid = facts->owner_uid,
					 .gid = facts->owner_gid };
	const bool has_token_path = facts->token_path[0] != '\0' || facts->empty_token_path;
	const struct config config = { .uid = facts->user_uid,
				       .gid = facts->user_gid,
				       .effective = facts->effective,
				       .token_path = has_token_path ? token_path : NULL,
				       .mount_label = facts->mount_label,
				       .seccomp = { .default_blocks = facts->seccomp } };

	memcpy(token_path, facts->token_path, sizeof(token_path));
	memset(warnings, 0xa5, sizeof(*warnings));
	warn_collect(&plan, &request, &config, facts->selinux, warnings);
	assert_true(warnings->n <= WARN_MAX);
	for (size_t i = 0; i < warnings->n; i++) {
		assert_true(strlen(warnings->text[i]) < sizeof(warnings->text[i]));
		expect_shown("warning", warnings->text[i]);
	}
}

#define LIBBPF                                                                                     \
	"libbpf's own probe fails without progs socket_filter and attachs cgroup_inet_ingress; "   \
	"add both for programs that use libbpf"
#define NO_BPF "process.capabilities lack CAP_BPF, without which no token can be made; add it"
#define NO_NET                                                                                     \
	"process.capabilities lack CAP_NET_ADMIN, which some of the program types need; add it"
#define NO_PERFMON                                                                                 \
	"process.capabilities lack CAP_PERFMON, which some of the program types need; with it "    \
	"any program can read the host's kernel memory"
#define SECCOMP                                                                                    \
	"linux.seccomp blocks bpf(2) in the container; allow it, for example by a profile that "   \
	"allows bpf with CAP_BPF"
#define INERT "no kernel checks these commands against a token: "
#define LOOKS_AT(there, path)                                                                      \
	"libbpf looks at \"" there "\" in this container; set LIBBPF_BPF_TOKEN_PATH=" path         \
	" in its environment"
#define KEPT_OUT(uid, mode)                                                                        \
	"mode " mode " keeps process.user (" uid ") out of the bpffs; ask for owner user or "      \
	"mode 0755"
#define SELINUX                                                                                    \
	"SELinux is enforcing and the container has a mountLabel: its policy must let the "        \
	"container's domain use bpf and this file system; semodule -i oci-bpf-token.cil does so for container_t"

#define CMDS(bits)  .delegation = { { bits, 0, 0, 0 } }
#define PROGS(bits) .delegation = { { BIT(BPF_MAP_CREATE), 0, bits, 0 } }
#define CREATE	    CMDS(BIT(BPF_MAP_CREATE))
#define BPF	    .effective = CAP(BPF)
#define MODE(bits)  .has_mode = true, .mode = bits
#define OWNER(u, g) .owner = REQUEST_OWNER_IDS, .owner_uid = u, .owner_gid = g
#define USER(u, g)  .user_uid = u, .user_gid = g

static const struct {
	struct facts facts;
	const char *want[5];
} cases[] = {
	{ { CREATE, BPF }, { NULL } },
	/* capabilities; CAP_SYS_ADMIN stands for two of them, but a token takes CAP_BPF */
	{ { CREATE, .effective = 0 }, { NO_BPF } },
	{ { CREATE, .effective = CAP(SYS_ADMIN) }, { NO_BPF } },
	{ { PROGS(BIT(BPF_PROG_TYPE_XDP)), BPF }, { NO_NET } },
	{ { PROGS(BIT(BPF_PROG_TYPE_XDP)), .effective = CAP(BPF) | CAP(NET_ADMIN) }, { NULL } },
	{ { PROGS(BIT(BPF_PROG_TYPE_XDP)), .effective = CAP(BPF) | CAP(SYS_ADMIN) }, { NULL } },
	{ { PROGS(BIT(BPF_PROG_TYPE_SOCKET_FILTER)), BPF }, { NULL } },
	{ { PROGS(BIT(BPF_PROG_TYPE_CGROUP_SKB)), BPF }, { NULL } },
	{ { PROGS(BIT(BPF_PROG_TYPE_KPROBE)), BPF }, { NO_PERFMON } },
	{ { PROGS(BIT(BPF_PROG_TYPE_KPROBE)), .effective = CAP(BPF) | CAP(PERFMON) }, { NULL } },
	{ { PROGS(BIT(BPF_PROG_TYPE_KPROBE)), .effective = CAP(BPF) | CAP(SYS_ADMIN) }, { NULL } },
	{ { PROGS(BIT(BPF_PROG_TYPE_EXT)), BPF }, { NO_NET, NO_PERFMON } },
	{ { PROGS(DELEGATION_ANY), .effective = 0 }, { NO_BPF, NO_NET, NO_PERFMON } },
	/* libbpf's probe */
	{ { CMDS(BIT(BPF_PROG_LOAD)), BPF }, { LIBBPF } },
	{ { .delegation = { { BIT(BPF_PROG_LOAD), 0, BIT(BPF_PROG_TYPE_SOCKET_FILTER), 0 } }, BPF },
	  { LIBBPF } },
	{ { .delegation = { { BIT(BPF_PROG_LOAD), 0, 0, BIT(BPF_CGROUP_INET_INGRESS) } }, BPF },
	  { LIBBPF } },
	{ { .delegation = { { BIT(BPF_PROG_LOAD), 0, BIT(BPF_PROG_TYPE_SOCKET_FILTER),
			      BIT(BPF_CGROUP_INET_INGRESS) } },
	    BPF },
	  { NULL } },
	{ { .delegation = { { BIT(BPF_PROG_LOAD), 0, DELEGATION_ANY, DELEGATION_ANY } },
	    .effective = UINT64_MAX },
	  { NULL } },
	/* commands that no token gates */
	{ { CMDS(BIT(BPF_MAP_CREATE) | BIT(BPF_BTF_LOAD) | BIT(BPF_BTF_GET_FD_BY_ID)), BPF },
	  { NULL } },
	{ { CMDS(BIT(BPF_MAP_CREATE) | BIT(BPF_MAP_LOOKUP_ELEM) | BIT(BPF_LINK_CREATE)), BPF },
	  { INERT "map_lookup_elem,link_create" } },
	{ { CMDS(BIT(36)), BPF }, { INERT "token_create" } },
	{ { CMDS(BIT(BPF_MAP_CREATE) | BIT(63)), BPF },
	  { NULL } }, /* who knows what a newer one does */
	{ { .delegation = { { DELEGATION_ANY, 0, BIT(BPF_PROG_TYPE_SOCKET_FILTER),
			      BIT(BPF_CGROUP_INET_INGRESS) } },
	    BPF },
	  { NULL } },
	/* who can open it: by the bits of its owner, else of its group, else of all others */
	{ { CREATE, BPF, USER(1000, 0) }, { KEPT_OUT("1000", "0700") } },
	{ { CREATE, BPF, USER(1000, 7), MODE(0750) }, { KEPT_OUT("1000", "0750") } },
	{ { CREATE, BPF, USER(1000, 0), MODE(0750) }, { NULL } },
	{ { CREATE, BPF, USER(1000, 7), MODE(0705) }, { NULL } },
	{ { CREATE, BPF, USER(1000, 7), MODE(0701) }, { KEPT_OUT("1000", "0701") } },
	{ { CREATE, BPF, USER(1000, 7), MODE(0704) }, { KEPT_OUT("1000", "0704") } },
	{ { CREATE, BPF, USER(1000, 0), MODE(0705) }, { KEPT_OUT("1000", "0705") } },
	{ { CREATE, BPF, MODE(0077) }, { KEPT_OUT("0", "0077") } },
	{ { CREATE, BPF, MODE(0500) }, { NULL } },
	{ { CREATE, BPF, .owner = REQUEST_OWNER_USER, USER(1000, 7) }, { NULL } },
	{ { CREATE, BPF, .owner = REQUEST_OWNER_USER, USER(1000, 7), MODE(0) },
	  { KEPT_OUT("1000", "0000") } },
	{ { CREATE, BPF, OWNER(5, 6), USER(5, 7) }, { NULL } },
	{ { CREATE, BPF, OWNER(5, 6), USER(7, 6), MODE(0750) }, { NULL } },
	{ { CREATE, BPF, OWNER(5, 6), USER(7, 6) }, { KEPT_OUT("7", "0700") } },
	{ { CREATE, BPF, OWNER(5, 6) }, { KEPT_OUT("0", "0700") } },
	/* the container's root with CAP_DAC_OVERRIDE passes any mode, nobody else does */
	{ { CREATE, .effective = CAP(BPF) | CAP(DAC_OVERRIDE), OWNER(5, 6), MODE(0) }, { NULL } },
	{ { CREATE, .effective = CAP(BPF) | CAP(DAC_OVERRIDE), USER(1000, 7) },
	  { KEPT_OUT("1000", "0700") } },
	/* where libbpf looks */
	{ { CREATE, BPF, .path = "/run/bpf" }, { LOOKS_AT("/sys/fs/bpf", "\"/run/bpf\"") } },
	{ { CREATE, BPF, .path = "/run/bpf", .token_path = "/run/bpf" }, { NULL } },
	{ { CREATE, BPF, .path = "/run/bpf", .token_path = "/run/b" },
	  { LOOKS_AT("/run/b", "\"/run/bpf\"") } },
	{ { CREATE, BPF, .token_path = "/run/bpf" }, { LOOKS_AT("/run/bpf", "\"/sys/fs/bpf\"") } },
	{ { CREATE, BPF, .empty_token_path = true }, { LOOKS_AT("", "\"/sys/fs/bpf\"") } },
	{ { CREATE, BPF, .path = "/r/\x1b\"\xc3\xa9" },
	  { LOOKS_AT("/sys/fs/bpf", "\"/r/\\x1b\\\"\\xc3\\xa9\"") } },
	/* what else stands in the way */
	{ { CREATE, BPF, .seccomp = true }, { SECCOMP } },
	{ { CREATE, BPF, .selinux = true, .mount_label = true }, { SELINUX } },
	{ { CREATE, BPF, .selinux = true }, { NULL } },
	{ { CREATE, BPF, .mount_label = true }, { NULL } },
};

static void test_warnings(void **state)
{
	static struct warnings warnings;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		size_t n = 0;

		collect(&cases[i].facts, &warnings);
		for (; n < LENGTH(cases[i].want) && cases[i].want[n] != NULL; n++)
			expect_text("warning", n < warnings.n ? warnings.text[n] : "(none)",
				    cases[i].want[n]);
		if (warnings.n != n)
			fail_msg("row %zu: %zu warnings, the last %s", i, warnings.n,
				 warnings.text[warnings.n - 1]);
	}
}

/* All at once there is room for, and the longest values are cut where one sees it. */
static void test_all_warnings_at_once(void **state)
{
	char path[300];
	struct facts facts = {
		.delegation = { { names_known(NAMES_CMDS), 0, DELEGATION_ANY, 0 } },
		.path = path,
		MODE(0),
		USER(4294967294, 4294967294),
		.selinux = true,
		.mount_label = true,
		.seccomp = true,
	};
	static struct warnings warnings;
	static const char *const want[] = { NO_BPF,
					    NO_NET,
					    NO_PERFMON,
					    SECCOMP,
					    LIBBPF,
					    INERT "map_lookup_elem,@@...",
					    KEPT_OUT("4294967294", "0000"),
					    LOOKS_AT("/sys/fs/bpf", "\"/ppp@@"),
					    SELINUX };

	(void)state;
	memset(path, 'p', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	collect(&facts, &warnings);
	assert_int_equal(warnings.n, LENGTH(want));
	for (size_t i = 0; i < LENGTH(want); i++)
		expect_like("warning", warnings.text[i], want[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_all_warnings_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
