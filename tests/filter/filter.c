/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the seccomp filter is proven with. See usage below.
 */
#include <err.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/filter/prove.h"
#include "tests/filter/table.h"
#include "tests/filter/trace.h"

static struct table table;

static int usage(void)
{
	fputs("usage: filter walk ARCHITECTURE FILE    proves the program in FILE, the lines of a "
	      "C\n"
	      "                                        array, to be what the table says\n"
	      "       filter mutate ARCHITECTURE FILE  that each change of it is found out\n"
	      "       filter dump COMMAND...           the program that COMMAND installs\n"
	      "       filter use [--without-vdso|--stop-helper|--disturb|--lose-path] FILE COMMAND...\n"
	      "                                        runs COMMAND and adds the rules whose "
	      "calls\n"
	      "                                        it made to FILE, a line each\n"
	      "       filter violate CALL OTHER COMMAND...\n"
	      "                                        COMMAND makes the call OTHER, or x32's "
	      "CALL,\n"
	      "                                        in the place of its first CALL\n"
	      "       filter rules                     all rules, a line each\n",
	      stderr);
	return EX_USAGE;
}

static size_t read_program(const char *path, struct sock_filter *program)
{
	FILE *file = fopen(path, "r");
	unsigned code, jt, jf, k;
	size_t len = 0;
	int n = 0;

	if (file == NULL)
		err(EX_NOINPUT, "%s", path);
	while (len < TRACE_PROGRAM_MAX &&
	       (n = fscanf(file, " { %x , %u , %u , %x } ,", &code, &jt, &jf, &k)) == 4)
		program[len++] =
			(struct sock_filter){ (uint16_t)code, (uint8_t)jt, (uint8_t)jf, k };
	if (n != EOF || len == 0)
		errx(EX_DATAERR, "%s: not the lines of a program", path);
	fclose(file);
	return len;
}

static int walk_file(const char *arch, const char *path)
{
	static struct sock_filter program[TRACE_PROGRAM_MAX];
	size_t len = read_program(path, program), paths;

	table_init(&table, arch);
	paths = prove(program, len, &table, stderr);
	if (paths == 0)
		return EXIT_FAILURE;
	printf("%s: %zu paths of %zu instructions allow just what %zu rules say\n", arch, paths,
	       len, table.n_rules);
	return EXIT_SUCCESS;
}

/*
 * Whether a change of it changes what some call meets. Not so TAX, of which nothing is read; nor a
 * range's limit, which can lie anywhere between two rules; nor libseccomp's test for -1, the number by
 * which a tracer skips a call, and which has no rule.
 */
static bool matters(const struct sock_filter *instruction)
{
	return instruction->code != (BPF_MISC | BPF_TAX) &&
	       instruction->code != (BPF_JMP | BPF_JGE | BPF_K) &&
	       instruction->code != (BPF_JMP | BPF_JGT | BPF_K) && instruction->k != UINT32_MAX;
}

/* The proof itself is worth something only when it does not hold for any other program. */
static int mutate_file(const char *arch, const char *path)
{
	static struct sock_filter program[TRACE_PROGRAM_MAX];
	size_t len = read_program(path, program), mutants = 0, missed = 0;

	table_init(&table, arch);
	for (size_t i = 0; i < len; i++) {
		const struct sock_filter was = program[i];
		const struct sock_filter other[] = {
			{ was.code, was.jt, was.jf, was.k ^ 1 },
			{ was.code, was.jf, was.jt, was.k },
			{ was.code, was.jt, was.jf, was.k ^ 0x40000000 },
		};

		for (size_t m = 0; matters(&was) && m < sizeof(other) / sizeof(other[0]); m++) {
			program[i] = other[m];
			if (memcmp(&was, &other[m], sizeof(was)) == 0)
				continue;
			mutants++;
			if (prove(program, len, &table, NULL) == 0)
				continue;
			missed++;
			fprintf(stderr, "instruction %zu: { %x, %u, %u, %x } is no worse\n", i,
				program[i].code, program[i].jt, program[i].jf, program[i].k);
		}
		program[i] = was;
	}
	printf("%s: %zu changed programs, %zu not found out\n", arch, mutants, missed);
	return missed == 0 && mutants > len ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int dump(char **argv)
{
	static struct trace trace;

	trace_run(argv, (struct trace_options){ .replaced = -1 }, &trace);
	for (size_t i = 0; i < trace.len; i++)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", trace.program[i].code,
		       trace.program[i].jt, trace.program[i].jf, trace.program[i].k);
	return trace.len != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* As a shell tells it. */
static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void note_rules(void *used, const struct seccomp_data *data)
{
	for (size_t i = 0; i < table.n_rules; i++)
		if (table_rule_allows(&table.rules[i], data))
			((bool *)used)[i] = true;
}

static int use(char **argv)
{
	struct trace_options options = { .replaced = -1 };
	bool used[sizeof(table.rules) / sizeof(table.rules[0])] = { false };
	static struct trace trace;
	FILE *file;

	for (; argv[0] != NULL && strncmp(argv[0], "--", 2) == 0; argv++) {
		options.without_vdso |= strcmp(argv[0], "--without-vdso") == 0;
		options.stop_helper |= strcmp(argv[0], "--stop-helper") == 0;
		options.disturb |= strcmp(argv[0], "--disturb") == 0;
		options.lose_path |= strcmp(argv[0], "--lose-path") == 0;
	}
	if (argv[0] == NULL || argv[1] == NULL)
		return usage();
	file = fopen(argv[0], "a");
	if (file == NULL)
		err(EX_CANTCREAT, "%s", argv[0]);
	table_init(&table, ARCHITECTURE);
	trace.on_call = note_rules;
	trace.ctx = used;
	trace_run(argv + 1, options, &trace);
	for (size_t i = 0; i < table.n_rules; i++)
		if (used[i])
			table_print_rule(file, &table.rules[i]);
	fclose(file);
	return exit_code(trace.status);
}

static int number_of(const char *call)
{
	int number = seccomp_syscall_resolve_name(call);

	if (number < 0)
		errx(EX_USAGE, "%s: there is no such call", call);
	return number;
}

static int violate(char **argv)
{
	int call = number_of(argv[0]);
	const struct trace_options options = {
		.replaced = call,
		.replacement = strcmp(argv[1], "x32") == 0 ? call | 0x40000000 : number_of(argv[1]),
	};
	static struct trace trace;

	trace_run(argv + 2, options, &trace);
	return exit_code(trace.status);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "walk") == 0)
		return walk_file(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "mutate") == 0)
		return mutate_file(argv[2], argv[3]);
	if (argc > 2 && strcmp(argv[1], "dump") == 0)
		return dump(argv + 2);
	if (argc > 3 && strcmp(argv[1], "use") == 0)
		return use(argv + 2);
	if (argc > 4 && strcmp(argv[1], "violate") == 0)
		return violate(argv + 2);
	if (argc != 2 || strcmp(argv[1], "rules") != 0)
		return usage();
	table_init(&table, ARCHITECTURE);
	for (size_t i = 0; i < table.n_rules; i++)
		table_print_rule(stdout, &table.rules[i]);
	return EXIT_SUCCESS;
}
