/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/base/output.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/needs/format.h"
#include "cmd/bpftoken/observe/session.h"
#include "cmd/bpftoken/observe/target.h"
#include "cmd/bpftoken/record/learn.h"
#include "cmd/bpftoken/record/run.h"
#include "cmd/bpftoken/record/wait.h"
#include "hook/sys.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken record [OPTION]... -- COMMAND [ARG]...\n"
	"       bpftoken record [OPTION]... --container=ID|--wait=NAME|--pid=PID|\n"
	"                       --cgroup=DIR\n"
	"Watch a workload's calls of bpf(2) and print the least delegation that covers\n"
	"those that a token serves, the refused ones, too. libbpf's own probes are kept\n"
	"apart, and what no token serves is named.\n"
	"\n"
	"  -- COMMAND        run it in a container of its own with everything delegated:\n"
	"                    new user, mount and network namespaces, the host's files\n"
	"  --container=ID    a running container, by (a part of) its id\n"
	"  --wait=NAME       one that is yet to start, by a part of its id, from its\n"
	"                    first call to its end\n"
	"  --pid=PID         a process and its descendants, to its end\n"
	"  --cgroup=DIR      a cgroup of version 2 and those below it\n"
	"  --duration=TIME   end after so long: 90, 90s, 5m, 2h (default: with what is\n"
	"                    watched, or by Ctrl-C)\n"
	"  --format=FORMAT   text (default), annotations, podman, kubernetes, cdi,\n"
	"                    policy, systemd, lxd, incus, mount or json\n"
	"  --json            the same as --format=json\n"
	"  --name=NAME       what to call a profile, pod or device\n"
	"  --own             leave out what libbpf's own probes need\n"
	"  --help            print this\n"
	"\n"
	"Needs root. Where the kernel is locked down (lockdown=integrity) every system\n"
	"call of the host takes some 50 ns longer meanwhile, else none but bpf(2).\n"
	"\n"
	"Example: bpftoken record --format=podman -- bpftool prog load x.o /sys/fs/bpf/x\n";

enum whom { WHOM_NONE, WHOM_COMMAND, WHOM_CONTAINER, WHOM_WAIT, WHOM_PID, WHOM_CGROUP };

struct options {
	const struct format *format;
	const char *name;
	bool own;
	enum whom whom;
	const char *word; /* of --container and the like */
	char **command;
	int64_t duration;
};

/* What a run has, each ended by run_end. */
struct recording {
	const struct options *options;
	struct learn learn;
	struct wait_for wait;
	struct run run;
	struct observer *observer;
	uint64_t mount_ns; /* whose last process ends it; 0: none */
	int own_fd;	   /* what process_fd is where nobody else has it */
	int process_fd;	   /* of the process whose end ends it; -1: none */
	int signal_fd;
	int failed; /* a negative errno: what was seen could not be kept */
};

/* ---- watching ---- */

static void take(void *ctx, const struct observe_event *event)
{
	struct recording *recording = ctx;
	int r = recording->options->whom == WHOM_WAIT ?
			wait_take(&recording->wait, event, &recording->learn) :
			learn_add(&recording->learn, event);

	if (r < 0)
		recording->failed = r;
}

/* True when the container has ended. */
static bool has_ended(void *ctx)
{
	struct recording *recording = ctx;

	if (recording->failed < 0)
		return true;
	if (recording->options->whom == WHOM_WAIT)
		recording->mount_ns = wait_look(&recording->wait, &recording->learn);
	return recording->mount_ns != 0 && !target_lives(recording->mount_ns);
}

static int find_target(struct recording *recording, struct observe_filter *ret_filter,
		       struct err *err)
{
	const struct options *options = recording->options;
	int r = 0;

	*ret_filter = target_all();
	switch (options->whom) {
	case WHOM_COMMAND:
		r = run_prepare(options->command, &recording->run, err);
		recording->process_fd = recording->run.pidfd;
		ret_filter->scope = OBSERVE_MOUNT_NS;
		ret_filter->value = recording->run.mount_ns;
		return r;
	case WHOM_CONTAINER:
		r = target_container(options->word, ret_filter, err);
		recording->mount_ns = ret_filter->value;
		return r;
	case WHOM_PID:
		r = target_process(options->word, ret_filter, err);
		recording->own_fd = r < 0 ? -1 : sys_pidfd_open((pid_t)ret_filter->value);
		recording->process_fd = recording->own_fd;
		return r;
	case WHOM_CGROUP:
		return target_cgroup(options->word, ret_filter, err);
	default:
		recording->wait.word = options->word;
		return 0;
	}
}

static int watch(struct recording *recording, struct err *err)
{
	struct session session = {
		.process_fd = recording->process_fd,
		.signal_fd = recording->signal_fd,
		.duration = recording->options->duration,
		.observer = recording->observer,
		.handler = take,
		.tick = has_ended,
		.ctx = recording,
	};
	int r = session_run(&session, err);

	if (r == 0 && recording->failed < 0)
		return err_memory(err);
	return r;
}

static int record(struct recording *recording, struct err *err)
{
	struct observe_filter filter;
	int r = session_take_signals(&recording->signal_fd, err);

	if (r == 0)
		r = find_target(recording, &filter, err);
	if (r == 0)
		r = observe_open(&filter, &recording->observer, err);
	if (r < 0)
		return r;
	fprintf(stderr, "bpftoken: record: watching %s; Ctrl-C ends it\n",
		observe_cost(recording->observer));
	if (recording->options->whom == WHOM_COMMAND)
		r = run_start(&recording->run, err);
	return r < 0 ? r : watch(recording, err);
}

/* ---- what came of it ---- */

static void tell_command(int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		fprintf(stderr, "bpftoken: record: the command ended with exit code %d\n",
			WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		fprintf(stderr, "bpftoken: record: the command was ended by signal %d\n",
			WTERMSIG(status));
}

static const char *topic(const struct options *options)
{
	const char *word = options->whom == WHOM_COMMAND ? options->command[0] : options->word;
	const char *slash = strrchr(word, '/');

	return options->name != NULL ? options->name : slash != NULL ? slash + 1 : word;
}

static int print(const struct recording *recording)
{
	const struct options *options = recording->options;
	const struct learn *learn = &recording->learn;
	uint64_t dropped = observe_dropped(recording->observer);
	struct format_source source = { .name = topic(options),
					.origin = "bpftoken record",
					.only_own = options->own };
	struct needs needs = { 0 };

	fprintf(stderr, "bpftoken: record: %zu calls of bpf(2), %zu refused\n", learn->n_calls,
		learn->n_refused);
	learn_needs(learn, &needs);
	if (dropped != 0)
		needs_warn(&needs, "%llu calls came too fast and were lost; record again",
			   (unsigned long long)dropped);
	if (delegation_is_empty(&needs.own) && delegation_is_empty(&needs.libbpf)) {
		fputs("bpftoken: record: nothing that a token serves was called; is it the right "
		      "workload, and did it run?\n",
		      stderr);
		return EX_DATAERR;
	}
	options->format->print(stdout, &needs, &source);
	for (size_t i = 0; !options->format->tells_warnings && i < needs.n_warnings; i++)
		fprintf(stderr, "bpftoken: record: warning: %s\n", needs.warnings[i].text);
	return 0;
}

static int run(const struct options *options)
{
	struct recording recording = { .options = options,
				       .run = { .pidfd = -1, .turn_fd = -1 },
				       .own_fd = -1,
				       .process_fd = -1,
				       .signal_fd = -1 };
	struct err err = { 0 };
	int r = record(&recording, &err), status = run_done(&recording.run), code;

	if (r < 0) {
		fprintf(stderr, "bpftoken: record: %s\n", err.msg);
		code = err.code;
	} else {
		tell_command(status);
		code = print(&recording);
	}
	observe_close(recording.observer);
	wait_done(&recording.wait);
	learn_done(&recording.learn);
	defer_close_fd(&recording.signal_fd);
	defer_close_fd(&recording.own_fd);
	return code;
}

/* ---- the command line ---- */

enum { FORMAT = 256, JSON, NAME, OWN, HELP, DURATION, CONTAINER, WAIT, PID, CGROUP };

static int take_target(enum whom whom, struct options *options)
{
	if (options->whom != WHOM_NONE)
		return args_wrong("record", "options: name one of --container, --wait, --pid, "
					    "--cgroup and a COMMAND");
	options->whom = whom;
	options->word = optarg;
	return 0;
}

static int take_option(int option, const char **format, struct options *options)
{
	switch (option) {
	case FORMAT:
		*format = optarg;
		return 0;
	case JSON:
		*format = "json";
		return 0;
	case NAME:
		options->name = optarg;
		return 0;
	case OWN:
		options->own = true;
		return 0;
	case DURATION:
		options->duration = session_duration(optarg);
		if (options->duration < 0)
			return args_wrong("record",
					  "option --duration: %s is no time; write 90s, 5m or 2h",
					  quote(optarg).text);
		return 0;
	case CONTAINER:
		return take_target(WHOM_CONTAINER, options);
	case WAIT:
		return take_target(WHOM_WAIT, options);
	case PID:
		return take_target(WHOM_PID, options);
	default:
		return take_target(WHOM_CGROUP, options);
	}
}

static int check_options(int argc, char **argv, const char *format, struct options *options)
{
	options->format = format_find(format);
	if (options->format == NULL)
		return args_wrong("record",
				  "option --format=%s: there is no such format; use one of %s",
				  quote(format).text, format_names());
	if (options->name != NULL && *options->name == '\0')
		return args_wrong("record", "option --name: it is empty; name something");
	if (options->word != NULL && *options->word == '\0')
		return args_wrong("record", "options: whom to watch is empty; name something");
	if (optind == argc && options->whom == WHOM_NONE)
		return args_wrong("record", "arguments: whom to watch is missing; write a COMMAND "
					    "behind --, or --container, --wait, --pid or --cgroup");
	if (optind < argc && options->whom != WHOM_NONE)
		return args_wrong("record",
				  "argument %s: a COMMAND goes with none of --container, "
				  "--wait, --pid and --cgroup",
				  quote(argv[optind]).text);
	if (optind < argc) {
		options->whom = WHOM_COMMAND;
		options->command = argv + optind;
	}
	return 0;
}

static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "format", required_argument, NULL, FORMAT },
		{ "json", no_argument, NULL, JSON },
		{ "name", required_argument, NULL, NAME },
		{ "own", no_argument, NULL, OWN },
		{ "help", no_argument, NULL, HELP },
		{ "duration", required_argument, NULL, DURATION },
		{ "container", required_argument, NULL, CONTAINER },
		{ "wait", required_argument, NULL, WAIT },
		{ "pid", required_argument, NULL, PID },
		{ "cgroup", required_argument, NULL, CGROUP },
		{ 0 },
	};
	const char *format = "text";
	int code;

	for (int option; (option = args_next(argc, argv, table)) != ARGS_END;) {
		if (option == ARGS_WRONG)
			return EX_USAGE;
		if (option == HELP)
			return fputs(help, stdout) < 0 ? EX_OSERR : -1;
		code = take_option(option, &format, options);
		if (code != 0)
			return code;
	}
	return check_options(argc, argv, format, options);
}

int command_record(int argc, char **argv)
{
	struct options options = { 0 };
	int code = parse_options(argc, argv, &options);

	if (code != 0)
		return code < 0 ? 0 : code;
	return run(&options);
}
