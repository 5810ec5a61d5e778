/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a test can ask of a container from within: raw bpf(2) calls with and without a token, and
 * what the container sees of its mounts. Static and without a library, so that it runs in any root.
 *
 * Each command prints "<command> ok" or "<command> <errno name>", and what it was asked for. It
 * exits 0 if that worked, 1 if the kernel refused, 64 for a usage error.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The kernel's interface as of 6.9; Debian 12's headers are older than tokens. */
#define CMD_TOKEN_CREATE ((enum bpf_cmd)36)
#define FLAG_TOKEN_FD (1U << 16)

struct token_create_attr {
	uint32_t flags;
	uint32_t bpffs_fd;
};

struct map_create_attr {
	uint32_t map_type, key_size, value_size, max_entries, map_flags;
	uint32_t inner_map_fd, numa_node;
	char map_name[16];
	uint32_t map_ifindex, btf_fd, btf_key_type_id, btf_value_type_id, btf_vmlinux_value_type_id;
	uint64_t map_extra;
	int32_t value_type_btf_obj_fd, map_token_fd;
};

struct prog_load_attr {
	uint32_t prog_type, insn_cnt;
	uint64_t insns, license;
	uint32_t log_level, log_size;
	uint64_t log_buf;
	uint32_t kern_version, prog_flags;
	char prog_name[16];
	uint32_t prog_ifindex, expected_attach_type, prog_btf_fd, func_info_rec_size;
	uint64_t func_info;
	uint32_t func_info_cnt, line_info_rec_size;
	uint64_t line_info;
	uint32_t line_info_cnt, attach_btf_id, attach_prog_fd, core_relo_cnt;
	uint64_t fd_array, core_relos;
	uint32_t core_relo_rec_size, log_true_size;
	int32_t prog_token_fd;
	uint32_t fd_array_cnt;
};

struct obj_attr {
	uint64_t pathname;
	uint32_t bpf_fd, file_flags;
};

_Static_assert(sizeof(struct map_create_attr) == 80, "as the kernel lays it out");
_Static_assert(sizeof(struct prog_load_attr) == 152, "as the kernel lays it out");

static long sys_bpf(enum bpf_cmd cmd, void *attr, size_t size)
{
	return syscall(SYS_bpf, cmd, attr, size);
}

/* Prints the outcome of a call from its result and, if negative, errno. Yields the exit code. */
static int report(const char *what, long result)
{
	printf("%s %s\n", what, result < 0 ? strerrorname_np(errno) : "ok");
	return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

struct name {
	const char *name;
	uint32_t value;
};

static const struct name map_types[] = {
	{ "array", BPF_MAP_TYPE_ARRAY },
	{ "hash", BPF_MAP_TYPE_HASH },
	{ "lpm_trie", BPF_MAP_TYPE_LPM_TRIE },
	{ "ringbuf", BPF_MAP_TYPE_RINGBUF },
};

static const struct name prog_types[] = {
	{ "cgroup_skb", BPF_PROG_TYPE_CGROUP_SKB },
	{ "raw_tracepoint", BPF_PROG_TYPE_RAW_TRACEPOINT },
	{ "sched_cls", BPF_PROG_TYPE_SCHED_CLS },
	{ "socket_filter", BPF_PROG_TYPE_SOCKET_FILTER },
	{ "tracepoint", BPF_PROG_TYPE_TRACEPOINT },
	{ "xdp", BPF_PROG_TYPE_XDP },
};

static const struct name attach_types[] = {
	{ "cgroup_inet_ingress", BPF_CGROUP_INET_INGRESS },
	{ "cgroup_inet_egress", BPF_CGROUP_INET_EGRESS },
	{ "xdp", BPF_XDP },
};

/* Finds a name or takes a number, so that a test can also ask for what this file does not name. */
static uint32_t value_of(const struct name *names, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i].name, word) == 0)
			return names[i].value;

	char *end;
	unsigned long value = strtoul(word, &end, 0);
	if (*word == '\0' || *end != '\0' || value > UINT32_MAX) {
		fprintf(stderr, "inside: %s: neither a known name nor a number\n", word);
		exit(EX_USAGE);
	}
	return (uint32_t)value;
}

static long token_create(const char *path)
{
	int bpffs_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bpffs_fd < 0)
		return -1;
	struct token_create_attr attr = { .bpffs_fd = (uint32_t)bpffs_fd };
	long fd = sys_bpf(CMD_TOKEN_CREATE, &attr, sizeof(attr));
	int saved = errno;
	close(bpffs_fd);
	errno = saved;
	return fd;
}

/*
 * Makes the token that the trailing "token PATH" of a command asks for; -1 without one. A refused
 * token ends the program: the command would otherwise report the want of it under its own name.
 */
static int token_option(char **args)
{
	if (args[0] == NULL)
		return -1;
	if (strcmp(args[0], "token") != 0 || args[1] == NULL || args[2] != NULL) {
		fprintf(stderr, "inside: %s: expected \"token PATH\"\n", args[0]);
		exit(EX_USAGE);
	}
	long fd = token_create(args[1]);
	if (fd < 0)
		exit(report("token", fd));
	return (int)fd;
}

static long map_create(uint32_t type, int token_fd)
{
	struct map_create_attr attr = {
		.map_type = type, .key_size = 4, .value_size = 4, .max_entries = 1,
		.map_flags = token_fd < 0 ? 0 : FLAG_TOKEN_FD,
		.map_token_fd = token_fd < 0 ? 0 : token_fd,
	};
	if (type == BPF_MAP_TYPE_RINGBUF) {
		attr.key_size = attr.value_size = 0;
		attr.max_entries = (uint32_t)sysconf(_SC_PAGESIZE);
	} else if (type == BPF_MAP_TYPE_LPM_TRIE) {
		attr.key_size = 8;
		attr.map_flags |= BPF_F_NO_PREALLOC;
	}
	return sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

static long load(uint32_t type, uint32_t attach, int token_fd, const struct bpf_insn *insns,
		 size_t n)
{
	static const char license[] = "GPL";
	struct prog_load_attr attr = {
		.prog_type = type, .expected_attach_type = attach,
		.insns = (uintptr_t)insns, .insn_cnt = (uint32_t)n,
		.license = (uintptr_t)license,
		.prog_flags = token_fd < 0 ? 0 : FLAG_TOKEN_FD,
		.prog_token_fd = token_fd < 0 ? 0 : token_fd,
	};
	return sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

static long prog_load(uint32_t type, uint32_t attach, int token_fd)
{
	static const struct bpf_insn return_0[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	return load(type, attach, token_fd, return_0, ARRAY_SIZE(return_0));
}

/* So much of the kernel's memory is read that a name in its task structure is in there. */
#define KERNEL_BYTES 12288

/*
 * A socket filter that copies the kernel's own structure of the sending task into a map. Both helpers
 * are for those with CAP_PERFMON.
 */
static long kernel_reader(int map_fd, int token_fd)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_task },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_6, .src_reg = BPF_REG_0 },
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10, .off = -4 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD, .imm = map_fd },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0, .off = 4 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = KERNEL_BYTES },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_3, .src_reg = BPF_REG_6 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_kernel },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	return load(BPF_PROG_TYPE_SOCKET_FILTER, 0, token_fd, insns, ARRAY_SIZE(insns));
}

/* Runs a socket filter, once, in this task. */
static int run_filter(int prog_fd)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) < 0 ||
	    setsockopt(ends[1], SOL_SOCKET, SO_ATTACH_BPF, &prog_fd, sizeof(prog_fd)) < 0)
		return -1;
	(void)!send(ends[0], "", 1, MSG_DONTWAIT); /* the filter drops it */
	return 0;
}

/* Tells whether this kernel has tokens: it then looks at the descriptor, which is none. */
static int cmd_probe(char **args)
{
	(void)args;
	struct token_create_attr attr = { .bpffs_fd = UINT32_MAX };
	long r = sys_bpf(CMD_TOKEN_CREATE, &attr, sizeof(attr));
	return report("probe", r < 0 && errno == EBADF ? 0 : r);
}

/* Creates a token and prints what the kernel says it allows. */
static int cmd_token(char **args)
{
	long fd = token_create(args[0]);
	int code = report("token", fd);
	if (fd < 0)
		return code;

	char path[64], line[256];
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%ld", fd);
	FILE *fdinfo = fopen(path, "re");
	if (fdinfo == NULL)
		return report("fdinfo", -1);
	while (fgets(line, sizeof(line), fdinfo) != NULL) {
		char list[32], mask[32];
		if (sscanf(line, "allowed_%31[^:]: %31s", list, mask) == 2)
			printf("allowed_%s %s\n", list, mask);
	}
	fclose(fdinfo);
	return code;
}

static int cmd_map(char **args)
{
	uint32_t type = value_of(map_types, ARRAY_SIZE(map_types), args[0]);
	return report("map", map_create(type, token_option(args + 1)));
}

static int cmd_prog(char **args)
{
	uint32_t type = value_of(prog_types, ARRAY_SIZE(prog_types), args[0]);
	uint32_t attach = value_of(attach_types, ARRAY_SIZE(attach_types), args[1]);
	return report("prog", prog_load(type, attach, token_option(args + 2)));
}

/* Pins an array map at a path, opens it from there and removes the pin again. */
static int cmd_pin(char **args)
{
	long map_fd = map_create(BPF_MAP_TYPE_ARRAY, token_option(args + 1));
	if (map_fd < 0)
		return report("map", map_fd);
	struct obj_attr pin = { .pathname = (uintptr_t)args[0], .bpf_fd = (uint32_t)map_fd };
	if (sys_bpf(BPF_OBJ_PIN, &pin, sizeof(pin)) < 0)
		return report("pin", -1);
	struct obj_attr get = { .pathname = (uintptr_t)args[0] };
	if (sys_bpf(BPF_OBJ_GET, &get, sizeof(get)) < 0)
		return report("get", -1);
	return report("pin", unlink(args[0]));
}

/* Reads kernel memory by a program loaded with a token, and looks for this task's name in there. */
static int cmd_kernel(char **args)
{
	static const char name[] = "in-the-kernel";
	static char bytes[KERNEL_BYTES];
	uint32_t key = 0;
	int token_fd = token_option(args);
	struct map_create_attr map = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = KERNEL_BYTES,
		.max_entries = 1, .map_flags = token_fd < 0 ? 0 : FLAG_TOKEN_FD,
		.map_token_fd = token_fd < 0 ? 0 : token_fd,
	};
	long map_fd = sys_bpf(BPF_MAP_CREATE, &map, sizeof(map));
	if (map_fd < 0)
		return report("map", map_fd);
	long prog_fd = kernel_reader((int)map_fd, token_fd);
	if (prog_fd < 0)
		return report("prog", prog_fd);
	if (prctl(PR_SET_NAME, name) < 0 || run_filter((int)prog_fd) < 0)
		return report("run", -1);
	union bpf_attr elem = { .map_fd = (uint32_t)map_fd, .key = (uintptr_t)&key,
				.value = (uintptr_t)bytes };
	if (sys_bpf(BPF_MAP_LOOKUP_ELEM, &elem, sizeof(elem)) < 0)
		return report("lookup", -1);
	errno = ENODATA;
	return report("kernel", memmem(bytes, sizeof(bytes), name, sizeof(name)) != NULL ? 0 : -1);
}

/* Runs a command that inherits a token, as a program does that keeps one. */
static int cmd_hold(char **args)
{
	long fd = token_create(args[0]);
	if (fd < 0)
		return report("hold", fd);
	if (fcntl((int)fd, F_SETFD, 0) < 0)
		return report("hold", -1);
	execv(args[1], args + 1);
	return report(args[1], -1);
}

static const char *fstype_name(const struct statfs *fs)
{
	static const struct name names[] = {
		{ "bpf", 0xcafe4a11 },   { "overlay", 0x794c7630 }, { "proc", 0x9fa0 },
		{ "sysfs", 0x62656572 }, { "tmpfs", 0x01021994 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if ((uint32_t)fs->f_type == names[i].value)
			return names[i].name;
	return "other";
}

static int cmd_stat(char **args)
{
	struct stat st;
	struct statfs fs;
	if (lstat(args[0], &st) < 0 || statfs(args[0], &fs) < 0)
		return report("stat", -1);
	printf("stat ok uid=%u gid=%u mode=%04o fstype=%s\n", st.st_uid, st.st_gid,
	       st.st_mode & 07777, fstype_name(&fs));
	return EXIT_SUCCESS;
}

/* Lists the mounts of one type as "<mount point> <mount's options> <superblock's options>". */
static int cmd_mounts(char **args)
{
	char line[8192], point[4096], options[512], fstype[64], super[2048];
	FILE *mountinfo = fopen("/proc/self/mountinfo", "re");
	if (mountinfo == NULL)
		return report("mounts", -1);
	while (fgets(line, sizeof(line), mountinfo) != NULL) {
		const char *tail = strstr(line, " - ");
		if (tail == NULL ||
		    sscanf(line, "%*s %*s %*s %*s %4095s %511s", point, options) != 2 ||
		    sscanf(tail, " - %63s %*s %2047s", fstype, super) != 2)
			continue;
		if (strcmp(fstype, args[0]) == 0)
			printf("%s %s %s\n", point, options, super);
	}
	fclose(mountinfo);
	return EXIT_SUCCESS;
}

/* What the least system call costs: the fastest of some tries, in ns. */
static int cmd_syscalls(char **args)
{
	enum { TRIES = 20, CALLS = 100000 };
	long best = LONG_MAX;

	(void)args;
	for (int i = 0; i < TRIES; i++) {
		struct timespec start, end;

		clock_gettime(CLOCK_MONOTONIC, &start);
		for (int k = 0; k < CALLS; k++)
			syscall(SYS_getppid);
		clock_gettime(CLOCK_MONOTONIC, &end);
		long ns = (end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec;
		best = ns / CALLS < best ? ns / CALLS : best;
	}
	printf("syscalls %ld\n", best);
	return EXIT_SUCCESS;
}

static const struct command {
	const char *name, *synopsis;
	int min_args, max_args;
	int (*run)(char **args);
} commands[] = {
	{ "syscalls", "", 0, 0, cmd_syscalls },
	{ "probe", "", 0, 0, cmd_probe },
	{ "token", "PATH", 1, 1, cmd_token },
	{ "map", "TYPE [token PATH]", 1, 3, cmd_map },
	{ "prog", "TYPE ATTACH [token PATH]", 2, 4, cmd_prog },
	{ "pin", "FILE [token PATH]", 1, 3, cmd_pin },
	{ "kernel", "[token PATH]", 0, 2, cmd_kernel },
	{ "hold", "PATH COMMAND [ARG]...", 2, 16, cmd_hold },
	{ "stat", "PATH", 1, 1, cmd_stat },
	{ "mounts", "FSTYPE", 1, 1, cmd_mounts },
};

static void usage(FILE *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "%s inside %s %s\n", i == 0 ? "usage:" : "      ", commands[i].name,
			commands[i].synopsis);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];
		int n = argc - 2;
		if (strcmp(c->name, argv[1]) == 0 && n >= c->min_args && n <= c->max_args)
			return c->run(argv + 2);
	}
	usage(stderr);
	return EX_USAGE;
}
