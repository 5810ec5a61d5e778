/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/names_gate: which commands a token gates, held against the kernel that runs them. */

#include "tests/unit/support.h"

#include <linux/bpf.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spec/names.h"
#include "spec/names_gate.h"

#define BIT(n) (UINT64_C(1) << (n))

static void test_every_command_has_one(void **state)
{
	uint64_t seen = 0;

	(void)state;
	for (enum names_gate gate = NAMES_GATE_TOKEN; gate <= NAMES_GATE_HOST; gate++) {
		assert_int_equal(seen & names_cmds_of_gate(gate), 0);
		seen |= names_cmds_of_gate(gate);
	}
	assert_int_equal(seen, names_known(NAMES_CMDS));
	assert_int_equal(names_cmds_of_gate(NAMES_GATE_UNKNOWN), ~seen);
}

static void test_only_a_token_has_a_version(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 70; bit++) {
		struct names_gating gating = names_cmd_gate(bit);

		assert_int_equal(gating.gate == NAMES_GATE_TOKEN, gating.major == 6);
		assert_int_equal(gating.gate == NAMES_GATE_TOKEN, gating.minor != 0);
	}
	assert_int_equal(names_cmds_of_gate(NAMES_GATE_TOKEN),
			 BIT(BPF_MAP_CREATE) | BIT(BPF_PROG_LOAD) | BIT(BPF_BTF_LOAD) |
				 BIT(BPF_BTF_GET_FD_BY_ID));
	assert_int_equal(names_cmd_gate(BPF_BTF_GET_FD_BY_ID).minor, 15);
	assert_int_equal(names_cmd_gate(BPF_PROG_LOAD).minor, 9);
}

/* ---- the kernel's own word ---- */

static int call(unsigned cmd)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K }, /* r0 = 0 */
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = { 0 };

	/* of the types that nobody may make without a capability, whatever the sysctl says */
	if (cmd == BPF_MAP_CREATE) {
		attr.map_type = BPF_MAP_TYPE_LPM_TRIE;
		attr.key_size = 8;
		attr.value_size = 8;
		attr.max_entries = 1;
		attr.map_flags = BPF_F_NO_PREALLOC;
	} else if (cmd == BPF_PROG_LOAD) {
		attr.prog_type = BPF_PROG_TYPE_XDP;
		attr.insns = (uintptr_t)insns;
		attr.insn_cnt = LENGTH(insns);
		attr.license = (uintptr_t) "GPL";
	}
	return syscall(SYS_bpf, cmd, &attr, sizeof(attr)) < 0 ? errno : 0;
}

/* A bit for each command that says EPERM, asked from a user namespace. ~0: there is none. */
static uint64_t denied_in_user_namespace(void)
{
	uint64_t denied = 0;
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) < 0)
			denied = UINT64_MAX;
		for (unsigned cmd = 0; denied != UINT64_MAX && cmd < 63; cmd++)
			denied |= call(cmd) == EPERM ? BIT(cmd) : 0;
		_exit(write(ends[1], &denied, sizeof(denied)) != sizeof(denied));
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &denied, sizeof(denied)), sizeof(denied));
	close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return denied;
}

static void test_kernel_agrees(void **state)
{
	const uint64_t inside = denied_in_user_namespace();

	(void)state;
	if (inside == UINT64_MAX) {
		print_message("no user namespace may be made here\n");
		skip();
	}
	for (unsigned bit = 0; bit < 63; bit++) {
		const enum names_gate gate = names_cmd_gate(bit).gate;
		const bool denied = (inside & BIT(bit)) != 0;

		if (gate == NAMES_GATE_UNKNOWN)
			continue;
		/* all but the open ones are in each kernel that has tokens */
		if (denied != (gate != NAMES_GATE_OPEN))
			print_error("%s\n", names_of_bit(NAMES_CMDS, bit));
		assert_int_equal(denied, gate != NAMES_GATE_OPEN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_command_has_one),
		cmocka_unit_test(test_only_a_token_has_a_version),
		cmocka_unit_test(test_kernel_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
