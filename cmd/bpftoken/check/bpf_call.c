/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/check/bpf_call.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "hook/sys.h"

#include "spec/base/poison.h"

/* union bpf_attr as of 6.9; Debian 12's header is older. Source: include/uapi/linux/bpf.h. */
#define FLAG_TOKEN_FD (1u << 16)

struct map_create {
	uint32_t type, key_size, value_size, max_entries, flags, inner_fd, numa_node;
	char name[16];
	uint32_t ifindex, btf_fd, btf_key, btf_value, btf_vmlinux_value;
	uint64_t extra;
	int32_t btf_obj_fd, token_fd;
};

struct prog_load {
	uint32_t type, n_insns;
	uint64_t insns, license;
	uint32_t log_level, log_size;
	uint64_t log;
	uint32_t kernel_version, flags;
	char name[16];
	uint32_t ifindex, attach_type, btf_fd, func_info_size;
	uint64_t func_info;
	uint32_t n_func_info, line_info_size;
	uint64_t line_info;
	uint32_t n_line_info, attach_btf_id, attach_fd, n_relocations;
	uint64_t fds, relocations;
	uint32_t relocation_size, log_true_size;
	int32_t token_fd;
	uint32_t n_fds;
};

_Static_assert(sizeof(struct map_create) == 80, "as the kernel lays it out");
_Static_assert(sizeof(struct prog_load) == 152, "as the kernel lays it out");

int bpf_call_probe(void)
{
	int r = sys_bpf_token_create(-1);

	return r == -EBADF ? 0 : r < 0 ? r : -EIO;
}

int bpf_call_token(int bpffs_fd)
{
	return sys_bpf_token_create(bpffs_fd);
}

int bpf_call_map(int token_fd)
{
	struct map_create attr = {
		.type = BPF_MAP_TYPE_LPM_TRIE,
		.key_size = 8,
		.value_size = 4,
		.max_entries = 1,
		.flags = BPF_F_NO_PREALLOC | (token_fd < 0 ? 0 : FLAG_TOKEN_FD),
		.token_fd = token_fd < 0 ? 0 : token_fd,
	};

	return (int)sys_call(SYS_bpf, BPF_MAP_CREATE, (long)&attr, sizeof(attr), 0, 0);
}

int bpf_call_program(int token_fd)
{
	static const char license[] = "GPL";
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct prog_load attr = {
		.type = BPF_PROG_TYPE_XDP,
		.attach_type = BPF_XDP,
		.insns = (uintptr_t)insns,
		.n_insns = 2,
		.license = (uintptr_t)license,
		.flags = token_fd < 0 ? 0 : FLAG_TOKEN_FD,
		.token_fd = token_fd < 0 ? 0 : token_fd,
	};

	return (int)sys_call(SYS_bpf, BPF_PROG_LOAD, (long)&attr, sizeof(attr), 0, 0);
}
