/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hook costs a container's start: whole runs, from before the fork until the end has been
 * reaped, side by side with the least that could do the same. See usage() for what comes of it.
 *
 * Everything is measured in one interleaved run, because a machine is not as fast in one second as
 * in the next; a round holds one run of each program, in random order.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "spec/config.h"
#include "tests/bench/fixture.h"
#include "tests/bench/measure.h"
#include "tests/bench/results.h"
#include "tests/bench/target.h"

#define RUNS_DEFAULT	1000
#define RUNS_MAX	1000000
#define WARM_UP		5 /* rounds that do not count */
#define GROWTH_RUNS	9
#define GROWTH_PATIENCE 1e6 /* us */

/* linux/bpf.h has it since 6.9. */
#define TOKEN_CREATE 36

struct options {
	size_t runs;
	enum measure_cpus cpus;
	const char *hook, *other; /* the builds; other may be NULL */
	bool no_sizes, json;
};

struct bench {
	struct measure measure;
	struct target target;
	char *programs[SUBJECTS]; /* two may be the same */
	struct results results;
	uint64_t random;
};

static void usage(FILE *to)
{
	fputs("usage: hook_bench [OPTION]...\n"
	      "\n"
	      "Measures the hook's whole runs against a yardstick, a program that makes the same\n"
	      "mount with every value hard-coded and nothing checked, and against an empty one:\n"
	      "wall times, their ratios, peak memory, and time against the size of config.json.\n"
	      "The exit code says whether it could be measured, not whether it is fast enough: 0;\n"
	      "69: not on this host; 70: a program did not do what it should.\n"
	      "Needs root and a kernel with BPF tokens (6.9). Everything it makes lies in\n"
	      "namespaces of its own, but for copies of the programs in the build directory.\n"
	      "\n"
	      "  --runs=N         rounds (1000, about 20 seconds)\n"
	      "  --cpus=WHERE     same: all on one CPU, the default and the steadiest; other: the\n"
	      "                   programs on another than the benchmark; any: as the scheduler\n"
	      "                   likes, which is what a runtime sees\n"
	      "  --hook=FILE      the build to measure\n"
	      "  --against=FILE   another build of the hook, measured in the same rounds\n"
	      "  --no-sizes       leave out the part about the size of config.json\n"
	      "  --json           print one JSON object\n"
	      "  --help           this text\n",
	      to);
}

static size_t parse_runs(const char *text)
{
	char *end;
	unsigned long runs = strtoul(text, &end, 10);

	if (*text < '1' || *text > '9' || *end != '\0' || runs > RUNS_MAX)
		errx(EX_USAGE, "--runs=%s: it must be a number from 1 to %d", text, RUNS_MAX);
	return runs;
}

static enum measure_cpus parse_cpus(const char *text)
{
	static const char *const words[] = {
		[MEASURE_SAME] = "same", [MEASURE_OTHER] = "other", [MEASURE_ANY] = "any"
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0)
			return (enum measure_cpus)i;
	errx(EX_USAGE, "--cpus=%s: it must be same, other or any", text);
}

static void parse_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "runs", required_argument, NULL, 'r' },
		{ "cpus", required_argument, NULL, 'c' },
		{ "hook", required_argument, NULL, 'k' },
		{ "against", required_argument, NULL, 'a' },
		{ "no-sizes", no_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'r':
			o->runs = parse_runs(optarg);
			break;
		case 'c':
			o->cpus = parse_cpus(optarg);
			break;
		case 'k':
			o->hook = optarg;
			break;
		case 'a':
			o->other = optarg;
			break;
		case 'n':
			o->no_sizes = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 'h':
			usage(stdout);
			exit(EXIT_SUCCESS);
		default:
			usage(stderr);
			exit(EX_USAGE);
		}
	}
	if (optind < argc)
		errx(EX_USAGE, "%s: there are no arguments; see --help", argv[optind]);
}

static void check_host(void)
{
	const struct { /* the token_create part of union bpf_attr */
		uint32_t flags;
		int32_t bpffs_fd;
	} attr = { 0, -1 };
	struct stat st;

	if (geteuid() != 0)
		errx(EX_UNAVAILABLE, "not measured: this is not root");
	if (stat("/proc/self/ns/user", &st) < 0 || st.st_ino != 0xEFFFFFFDu)
		errx(EX_UNAVAILABLE,
		     "not measured: this is not the initial user namespace, and only its root may "
		     "delegate BPF");
	if (syscall(SYS_bpf, TOKEN_CREATE, &attr, sizeof(attr)) >= 0 || errno != EBADF)
		errx(EX_UNAVAILABLE,
		     "not measured: the kernel has no BPF tokens; Linux 6.9 or later has");
}

/* ---- one run ---- */

static bool mounts(enum subject subject)
{
	return subject == SUBJECT_YARDSTICK || subject == SUBJECT_HOOK || subject == SUBJECT_OTHER;
}

typedef double measurement(const struct measure *measure, const struct job *job);

/*
 * Runs a program for a container process of its own by what measures it, and yields what that says.
 * Unless ret_mount is NULL, *ret_mount is then what was mounted, and the caller's to free.
 */
static double run_job(struct bench *bench, enum subject subject, int want, measurement *measure,
		      char **ret_mount)
{
	bool asks = mounts(subject);
	char state[4096], pid[16];
	const char *const yardstick[] = { "yardstick", pid, FIXTURE_DESTINATION, NULL };
	const char *const hook[] = { "oci-bpf-token-hook", "createRuntime", NULL };
	const struct job job = { bench->programs[subject],
				 subject == SUBJECT_YARDSTICK ? yardstick : hook, state, want };
	double result;

	target_start(&bench->target);
	snprintf(pid, sizeof(pid), "%d", (int)bench->target.pid);
	fixture_state(state, sizeof(state), bench->target.pid, asks);
	result = measure(&bench->measure, &job);
	if (ret_mount != NULL)
		*ret_mount = target_describe(&bench->target);
	target_stop(&bench->target, asks && want == 0);
	return result;
}

static double run_time(const struct measure *measure, const struct job *job)
{
	return (double)measure_time(measure, job) / 1000;
}

static double run_peak(const struct measure *measure, const struct job *job)
{
	return (double)measure_peak(measure, job);
}

/* ---- the rounds ---- */

/* Xorshift, the same order in every benchmark. */
static size_t random_below(struct bench *bench, size_t n)
{
	bench->random ^= bench->random << 13;
	bench->random ^= bench->random >> 7;
	bench->random ^= bench->random << 17;
	return bench->random % n;
}

static void run_round(struct bench *bench, double *ret_times)
{
	enum subject order[SUBJECTS] = { 0 };

	for (size_t i = 0; i < bench->results.n_subjects; i++) { /* a shuffle, as it is filled */
		size_t j = random_below(bench, i + 1);

		order[i] = order[j];
		order[j] = (enum subject)i;
	}
	for (size_t i = 0; i < bench->results.n_subjects; i++)
		ret_times[order[i]] = run_job(bench, order[i], 0, run_time, NULL);
}

static void measure_rounds(struct bench *bench)
{
	struct results *results = &bench->results;
	double times[SUBJECTS], *sorted = calloc(results->runs, sizeof(*sorted));

	for (size_t i = 0; i < results->n_subjects; i++) {
		results->times[i] = calloc(results->runs, sizeof(**results->times));
		if (results->times[i] == NULL || sorted == NULL)
			err(EX_OSERR, "memory for the times");
	}
	for (size_t i = 0; i < WARM_UP; i++)
		run_round(bench, times);
	for (size_t run = 0; run < results->runs; run++) {
		run_round(bench, times);
		for (size_t i = 0; i < results->n_subjects; i++)
			results->times[i][run] = times[i];
	}
	for (size_t i = 0; i < results->n_subjects; i++) {
		memcpy(sorted, results->times[i], results->runs * sizeof(*sorted));
		results->stats[i] = stats_make(sorted, results->runs);
		results->peaks[i] = (long)run_job(bench, (enum subject)i, 0, run_peak, NULL);
	}
	free(sorted);
}

/* A ratio means something only if both sides come to the same. */
static void check_same_mount(struct bench *bench, enum subject subject)
{
	char *want, *have;

	run_job(bench, SUBJECT_YARDSTICK, 0, run_time, &want);
	run_job(bench, subject, 0, run_time, &have);
	if (strcmp(want, have) != 0)
		errx(EX_SOFTWARE, "%s mounts\n  %s\nand the yardstick\n  %s",
		     bench->programs[subject], have, want);
	free(want);
	free(have);
}

/* ---- the size of config.json ---- */

/* Of up to GROWTH_RUNS runs; of fewer where they take long. */
static double median_time(struct bench *bench, int want)
{
	double times[GROWTH_RUNS], sum = 0;
	size_t n = 0;

	while (n < GROWTH_RUNS && n < bench->results.runs && sum < GROWTH_PATIENCE) {
		times[n] = run_job(bench, SUBJECT_HOOK, want, run_time, NULL);
		sum += times[n++];
	}
	return stats_make(times, n).median;
}

static void measure_growth(struct bench *bench, enum config_shape shape, size_t size)
{
	struct results *results = &bench->results;
	struct growth *growth = &results->growths[results->n_growths++];

	growth->shape = config_shape_name(shape);
	growth->bytes = fixture_config(shape, size);
	growth->time = median_time(bench, 0);
	growth->ns_per_byte = 1000 * (growth->time - results->stats[SUBJECT_HOOK].median) /
			      (double)(growth->bytes - results->ordinary);
	growth->peak = (long)run_job(bench, SUBJECT_HOOK, 0, run_peak, NULL);
}

static void measure_growths(struct bench *bench)
{
	static const size_t sizes[] = { 300000, 1000000, 3000000, 10000000 };
	const size_t last = sizeof(sizes) / sizeof(sizes[0]) - 1;

	for (size_t i = 0; i <= last; i++)
		measure_growth(bench, CONFIG_MIXED, sizes[i]);
	for (enum config_shape shape = CONFIG_MIXED + 1; shape < CONFIG_SHAPES; shape++)
		measure_growth(bench, shape, sizes[last]);
	bench->results.refused_bytes = fixture_config(CONFIG_MIXED, CONFIG_MAX_BYTES + 10000);
	bench->results.refused_time = median_time(bench, EX_DATAERR);
}

static const char *describe_cpus(const struct measure *measure)
{
	static const char *const texts[] = {
		[MEASURE_SAME] = "benchmark and programs on one CPU",
		[MEASURE_OTHER] = "the programs on one CPU, the benchmark on another",
		[MEASURE_ANY] = "the programs on any CPU, the benchmark on one",
	};

	return texts[measure->where];
}

static void prepare(struct bench *bench, const struct options *o)
{
	struct results *results = &bench->results;

	bench->programs[SUBJECT_YARDSTICK] = fixture_program(YARDSTICK, "yardstick");
	bench->programs[SUBJECT_EMPTY] = fixture_program(EMPTY, "empty");
	bench->programs[SUBJECT_HOOK] = fixture_program(o->hook, "hook");
	bench->programs[SUBJECT_NOTHING] = bench->programs[SUBJECT_HOOK];
	if (o->other != NULL) {
		bench->programs[SUBJECT_OTHER] = fixture_program(o->other, "other");
		bench->programs[SUBJECT_OTHER_NOTHING] = bench->programs[SUBJECT_OTHER];
	}
	measure_init(&bench->measure, o->cpus);
	fixture_make();
	target_open(FIXTURE_ROOT, FIXTURE_DESTINATION, &bench->target);
	results->runs = o->runs;
	results->cpus = describe_cpus(&bench->measure);
	results->n_subjects = o->other != NULL ? SUBJECTS : SUBJECT_OTHER;
	results->ordinary = fixture_config(CONFIG_MIXED, CONFIG_ORDINARY);
}

static void done(struct bench *bench)
{
	target_close(&bench->target);
	for (size_t i = 0; i < bench->results.n_subjects; i++)
		free(bench->results.times[i]);
	free(bench->programs[SUBJECT_YARDSTICK]);
	free(bench->programs[SUBJECT_EMPTY]);
	free(bench->programs[SUBJECT_HOOK]);
	free(bench->programs[SUBJECT_OTHER]);
}

int main(int argc, char **argv)
{
	struct options o = { .runs = RUNS_DEFAULT, .hook = HOOK };
	struct bench bench = { .random = 0x9e3779b97f4a7c15 };

	parse_options(argc, argv, &o);
	check_host();
	prepare(&bench, &o);
	check_same_mount(&bench, SUBJECT_HOOK);
	if (o.other != NULL)
		check_same_mount(&bench, SUBJECT_OTHER);
	measure_rounds(&bench);
	if (!o.no_sizes)
		measure_growths(&bench);
	if (o.json)
		results_print_json(&bench.results);
	else
		results_print(&bench.results);
	done(&bench);
	return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EX_IOERR;
}
