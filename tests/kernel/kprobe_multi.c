/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaches a pinned program to a kernel function and runs a command meanwhile:
 * kprobe_multi PIN FUNCTION COMMAND [ARG]...
 */
#include <err.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

static int sys_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

int main(int argc, char **argv)
{
	union bpf_attr attr;
	uint64_t symbols[1];

	if (argc < 4)
		errx(EX_USAGE, "usage: kprobe_multi PIN FUNCTION COMMAND [ARG]...");
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uintptr_t)argv[1];
	int prog_fd = sys_bpf(BPF_OBJ_GET, &attr);
	if (prog_fd < 0)
		err(EX_OSERR, "%s", argv[1]);

	symbols[0] = (uintptr_t)argv[2];
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)prog_fd;
	attr.link_create.attach_type = BPF_TRACE_KPROBE_MULTI;
	attr.link_create.kprobe_multi.cnt = 1;
	attr.link_create.kprobe_multi.syms = (uintptr_t)symbols;
	int link_fd = sys_bpf(BPF_LINK_CREATE, &attr);
	if (link_fd < 0)
		err(EX_OSERR, "attaching to %s", argv[2]);
	/* The link is gone with its descriptor, so the command is to inherit it. */
	if (dup2(link_fd, STDERR_FILENO + 1) < 0)
		err(EX_OSERR, "dup2");
	execvp(argv[3], argv + 3);
	err(EX_OSERR, "%s", argv[3]);
}
