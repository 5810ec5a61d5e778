/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/host/granted.h"
#include "cmd/bpftoken/host/mount_entry.h"
#include "cmd/bpftoken/host/process.h"
#include "cmd/bpftoken/observe/session.h"
#include "cmd/bpftoken/observe/target.h"
#include "cmd/bpftoken/watch/tell.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken watch [--json] [--duration=TIME]\n"
	"                      [--container=ID|--pid=PID|--cgroup=DIR]\n"
	"Print each call of bpf(2) that is refused in a container, as it happens: which\n"
	"container and process, which command and types, why, and what would allow it.\n"
	"What comes again is counted, and told every five seconds.\n"
	"\n"
	"  --json           one JSON object for each: time, engine, container, pid,\n"
	"                   hostUid, process, command, map, program, attach, reason,\n"
	"                   missing, capability, message, fix\n"
	"  --container=ID   one running container, by a part of its id\n"
	"  --pid=PID        a process and its descendants\n"
	"  --cgroup=DIR     a cgroup of version 2 and those below it\n"
	"  --duration=TIME  end after so long: 90, 90s, 5m, 2h (default: by Ctrl-C)\n"
	"  --help           print this\n"
	"\n"
	"Needs root. Where the kernel is locked down (lockdown=integrity) every system\n"
	"call of the host takes some 50 ns longer meanwhile, else none but bpf(2). What\n"
	"a seccomp filter refuses is seen in the first case only.\n"
	"\n"
	"Example: bpftoken watch --container=4f0d\n";

#define AGAIN_TICKS (5000 / SESSION_TICK)

struct options {
	bool json;
	int64_t duration;
	int whom; /* the option that said it; 0: every container */
	const char *word;
};

/* What a container has, for processes that are gone when it is looked for. */
struct known {
	uint32_t mount_ns; /* 0: none */
	struct cgroup_name container;
	struct reason_facts facts;
};

#define KNOWN_MAX 64

struct watching {
	struct known known[KNOWN_MAX];
	size_t n_known; /* ever */
	struct tell tell;
	struct observer *observer;
	uint64_t dropped;
	unsigned ticks;
};

/* ---- what a container has ---- */

static bool add_entry(const char *line, size_t len, struct reason_facts *facts)
{
	struct mount_entry entry;
	struct granted granted;
	bool found;

	if (mount_entry_parse(line, len, &entry) != 1)
		return false;
	found = entry.options != NULL && granted_parse(entry.options, &granted);
	if (found) {
		facts->has_delegation = true;
		delegation_unite(&facts->delegation, &granted.delegation);
	}
	mount_entry_done(&entry);
	return found;
}

/* Of every delegated bpffs that the process sees. False when it is gone. */
static bool look_at(pid_t pid, struct known *known)
{
	defer_close int proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	defer_close int dir_fd = proc_fd < 0 ? -1 : process_open(proc_fd, pid);
	defer_free char *text = NULL;
	size_t len = 0;

	if (dir_fd < 0)
		return false;
	process_container(dir_fd, &known->container);
	known->facts = (struct reason_facts){ 0 };
	if (proc_file_read_all(dir_fd, "mountinfo", &text, &len) < 0 || len == 0)
		return false;
	for (const char *line = text; *line != '\0';) {
		size_t line_len = strcspn(line, "\n");

		add_entry(line, line_len, &known->facts);
		line += line_len + (line[line_len] == '\n');
	}
	return true;
}

/* The place for what is known of the container of a mount namespace; the oldest gives way. */
static struct known *find_known(struct watching *watching, uint32_t mount_ns)
{
	struct known *known = watching->known;

	for (size_t i = 0; i < KNOWN_MAX; i++)
		if (known[i].mount_ns == mount_ns)
			return &known[i];
	known += watching->n_known++ % KNOWN_MAX;
	*known = (struct known){ .mount_ns = mount_ns, .container.engine = "" };
	return known;
}

static const struct known *look_up(struct watching *watching, const struct observe_event *event)
{
	struct known *known = find_known(watching, event->mount_ns), now = *known;

	if (look_at((pid_t)event->pid, &now))
		*known = now;
	return known;
}

/* ---- watching ---- */

static void take(void *ctx, const struct observe_event *event)
{
	struct watching *watching = ctx;
	const struct known *known;
	struct reason reason;
	struct call call;

	if (!reason_is_refused(event))
		return;
	known = look_up(watching, event);
	call_read(event, &call);
	reason_find(event, &call, &known->facts, &reason);
	tell_refusal(&watching->tell,
		     &(struct refusal){ event, &call, &known->container, &reason });
}

static bool tick(void *ctx)
{
	struct watching *watching = ctx;
	uint64_t dropped = observe_dropped(watching->observer);

	if (++watching->ticks % AGAIN_TICKS == 0)
		tell_again(&watching->tell);
	if (dropped != watching->dropped)
		tell_dropped(&watching->tell, dropped - watching->dropped);
	watching->dropped = dropped;
	return ferror(stdout) != 0; /* nobody reads it any more */
}

enum { JSON = 256, HELP, DURATION, CONTAINER, PID, CGROUP };

static int find_filter(const struct options *options, struct observe_filter *ret_filter,
		       struct err *err)
{
	int r = 0;

	*ret_filter = target_all();
	if (options->whom == CONTAINER)
		r = target_container(options->word, ret_filter, err);
	else if (options->whom == PID)
		r = target_process(options->word, ret_filter, err);
	else if (options->whom == CGROUP)
		r = target_cgroup(options->word, ret_filter, err);
	ret_filter->only_containers = 1;
	return r;
}

static int watch(const struct options *options, struct watching *watching, int *signal_fd,
		 struct err *err)
{
	struct session session = { .process_fd = -1,
				   .duration = options->duration,
				   .handler = take,
				   .tick = tick,
				   .ctx = watching };
	struct observe_filter filter;
	int r = session_take_signals(signal_fd, err);

	if (r == 0)
		r = find_filter(options, &filter, err);
	if (r == 0)
		r = observe_open(&filter, &watching->observer, err);
	if (r < 0)
		return r;
	session.observer = watching->observer;
	session.signal_fd = *signal_fd;
	fprintf(stderr, "bpftoken: watch: watching %s; Ctrl-C ends it\n",
		observe_cost(watching->observer));
	r = session_run(&session, err);
	tell_again(&watching->tell);
	return r;
}

static int run(const struct options *options)
{
	struct watching *watching = calloc(1, sizeof(*watching));
	struct err err = { 0 };
	int signal_fd = -1, r;

	if (watching == NULL)
		return EX_OSERR;
	watching->tell.json = options->json;
	r = watch(options, watching, &signal_fd, &err);
	if (r < 0)
		fprintf(stderr, "bpftoken: watch: %s\n", err.msg);
	observe_close(watching->observer);
	defer_close_fd(&signal_fd);
	free(watching);
	return r < 0 ? err.code : 0;
}

/* ---- the command line ---- */

static int take_option(int option, struct options *options)
{
	if (option == JSON) {
		options->json = true;
		return 0;
	}
	if (option == DURATION) {
		options->duration = session_duration(optarg);
		return options->duration > 0 ?
			       0 :
			       args_wrong("watch",
					  "option --duration: %s is no time; write 90s, 5m or 2h",
					  quote(optarg).text);
	}
	if (options->whom != 0)
		return args_wrong("watch", "options: name one of --container, --pid and --cgroup");
	if (*optarg == '\0')
		return args_wrong("watch", "options: whom to watch is empty; name something");
	options->whom = option;
	options->word = optarg;
	return 0;
}

int command_watch(int argc, char **argv)
{
	static const struct option table[] = {
		{ "json", no_argument, NULL, JSON },
		{ "help", no_argument, NULL, HELP },
		{ "duration", required_argument, NULL, DURATION },
		{ "container", required_argument, NULL, CONTAINER },
		{ "pid", required_argument, NULL, PID },
		{ "cgroup", required_argument, NULL, CGROUP },
		{ 0 },
	};
	struct options options = { 0 };
	int code;

	for (int option; (option = args_next(argc, argv, table)) != ARGS_END;) {
		if (option == ARGS_WRONG)
			return EX_USAGE;
		if (option == HELP)
			return fputs(help, stdout) < 0 ? EX_OSERR : 0;
		code = take_option(option, &options);
		if (code != 0)
			return code;
	}
	if (optind < argc)
		return args_wrong("watch", "argument %s: it takes options only",
				  quote(argv[optind]).text);
	return run(&options);
}
