/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/lookalike: keys that look like ours and are not. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/explain/lookalike.h"

static const struct {
	const char *key;
	const char *meant; /* NULL: it looks like nothing of ours */
} rows[] = {
	/* ours: the hook itself judges what stands behind the prefix */
	{ "io.bpftoken.cmds", NULL },
	{ "io.bpftoken.cmds/web", NULL },
	{ "io.bpftoken.cmd", NULL },
	{ "io.bpftoken.", NULL },
	/* the prefix */
	{ "io.bpftokens.cmds", "io.bpftoken.cmds" },
	{ "io.bpf-token.profile", "io.bpftoken.profile" },
	{ "io.bpf_token.profile", "io.bpftoken.profile" },
	{ "io.bpf.token.maps", "io.bpftoken.maps" },
	{ "io.bpftoken-cmds", "io.bpftoken.cmds" },
	{ "io.bpftoken/cmds", "io.bpftoken.cmds" },
	{ "io.bpftoken", "io.bpftoken.KEY" },
	{ "bpftoken.io/progs", "io.bpftoken.progs" },
	{ "bpftoken.cmds", "io.bpftoken.cmds" },
	{ "org.bpftoken.attachs", "io.bpftoken.attachs" },
	{ "io.bfptoken.cmds", "io.bpftoken.cmds" },
	{ "io.bptoken.cmds", "io.bpftoken.cmds" },
	{ "i.bpftoken.cmds", "io.bpftoken.cmds" },
	{ "io.bpftkoen.cmds", "io.bpftoken.cmds" },
	{ "oi.bpftoken.cmds", "io.bpftoken.cmds" },
	{ " io.bpftoken.cmds", "io.bpftoken.cmds" },
	/* case */
	{ "io.BPFtoken.cmds", "io.bpftoken.cmds" },
	{ "IO.BPFTOKEN.CMDS", "io.bpftoken.cmds" },
	{ "Io.bpftoken.onUnsupported", "io.bpftoken.on-unsupported" },
	/* the name as well */
	{ "io.bpftokens.cmd", "io.bpftoken.cmds" },
	{ "io.bpftokens.profiles", "io.bpftoken.profile" },
	{ "io.bpf-token.attach", "io.bpftoken.attachs" },
	{ "io.bpf-token.frobnicate", "io.bpftoken.KEY" },
	/* with a container's name */
	{ "io.bpftokens.cmds/web", "io.bpftoken.cmds" },
	{ "io.bpf-token.profile/sidecar", "io.bpftoken.profile" },
	/* of others */
	{ "", NULL },
	{ "io", NULL },
	{ "io.podman.annotations.userns", NULL },
	{ "io.kubernetes.cri.sandbox-namespace", NULL },
	{ "io.bpftrace.cmds", NULL },
	{ "io.bpfman.token", NULL },
	{ "io.cilium.bpf.progs", NULL },
	{ "org.opencontainers.image.base.name", NULL },
	{ "run.oci.seccomp_bpf_file", NULL },
	{ "cmds", NULL },
	{ "\xff\xfe.bpf\x01", NULL },
};

static void test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct lookalike lookalike = { "untouched" };
		const bool found = lookalike_find(rows[i].key, &lookalike);

		if (found != (rows[i].meant != NULL))
			print_error("key %s\n", rows[i].key);
		assert_int_equal(found, rows[i].meant != NULL);
		expect_text(rows[i].key, lookalike.meant, found ? rows[i].meant : "untouched");
	}
}

/* A key of any length is looked at in bounded space. */
static void test_long_keys(void **state)
{
	char key[5000];
	struct lookalike lookalike;

	(void)state;
	memset(key, 'a', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	assert_false(lookalike_find(key, &lookalike));
	memcpy(key, "io.bpftokens.", 13);
	assert_true(lookalike_find(key, &lookalike));
	expect_text("long", lookalike.meant, "io.bpftoken.KEY");
	for (size_t i = 0; i + 1 < sizeof(key); i++)
		key[i] = '.';
	assert_false(lookalike_find(key, &lookalike));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_long_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
