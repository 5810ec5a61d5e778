/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "hook/confine.h"
#include "hook/filter.h"
#include "hook/input.h"
#include "hook/mount.h"
#include "hook/ns.h"
#include "hook/policy_file.h"
#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

/* One run: who asks for what, and what is told of it. */
struct run {
	const struct hook_options *options;
	struct state state;
	struct request request;
	struct report report;
	struct report_record record;
	struct err err;
	bool abandoned; /* a helper lives on, where no signal reaches it */
};

/* What a request brings with it, each value made once and not changed any more. */
struct job {
	int config_fd;
	struct policy_layers layers;
	struct ns_target target;
	struct config config;
	struct policy policy;
	struct subject subject;
	struct decision decision;
	struct plan plan;
	struct warnings warnings;
};

static void run_done(struct run *run)
{
	state_done(&run->state);
	request_done(&run->request);
	report_done(&run->report);
}

static void job_done(struct job *job)
{
	defer_close_fd(&job->config_fd);
	policy_layers_close(&job->layers);
	ns_target_done(&job->target);
	config_done(&job->config);
	policy_done(&job->policy);
}

/* ---- what is asked ---- */

static int read_state(struct run *run)
{
	struct input input = input_stream(STDIN_FILENO, INPUT_STATE_SECONDS);
	int r = state_parse(&input.source, &run->state, &run->err);

	if (r == 0)
		run->record.state = &run->state;
	return r;
}

/* Returns 1 with a request, 0 when nothing is asked. */
static int read_request(struct run *run)
{
	struct request_words words = run->options->words;
	enum request_origin origin = REQUEST_FROM_COMMAND_LINE;
	int r;

	if (state_is_sandbox(&run->state))
		return 0;
	if (!request_words_ask(&words)) {
		origin = REQUEST_FROM_ANNOTATIONS;
		r = request_find_words(&run->state, &words, &run->err);
		if (r < 0)
			return r;
		if (!request_words_ask(&words))
			return 0;
	}
	r = request_make(&words, origin, &run->request, &run->err);
	if (r < 0)
		return r;
	run->record.request = &run->request;
	return 1;
}

/* ---- what is opened, with capabilities ---- */

/* The bundle's file, or the one in the working directory where crun before 1.27 has its bundle. */
static int open_config(const struct run *run, int *ret_fd, struct err *err)
{
	char path[PATH_MAX + 16];
	const char *name = path;
	struct text text;
	int r;

	text_init(&text, path, sizeof(path));
	text_add(&text, "%s/config.json", run->state.bundle);
	r = input_open(AT_FDCWD, path, CONFIG_MAX_BYTES, EX_DATAERR, ret_fd, err);
	if (r == -ENOENT) {
		name = "config.json";
		r = input_open(AT_FDCWD, name, CONFIG_MAX_BYTES, EX_DATAERR, ret_fd, err);
	}
	if (r == -ENOENT)
		return err_set(err, EX_DATAERR, 0,
			       "bundle %s: there is no config.json in it, nor in the working "
			       "directory; the state must name the container's bundle",
			       quote(run->state.bundle).text);
	if (r < 0)
		err_prefix(err, "config.json %s", quote(name).text);
	return r;
}

static int open_target(struct run *run, struct job *job)
{
	struct subject *subject = &job->subject;
	int r = ns_open(run->state.pid, &job->target, &run->err);

	if (r == 0)
		r = ns_root_uid(&job->target.uids, &subject->host_uid, &run->err);
	if (r < 0)
		return r;
	run->record.has_host_uid = true;
	run->record.host_uid = subject->host_uid;
	subject->state = &run->state;
	subject->host_network = job->target.host_network;
	subject->host_cgroup = job->target.host_cgroup;
	return 0;
}

/* Root's own words are not held against rules; only their profiles come from the policy. */
static struct policy_files policy_files(const struct run *run)
{
	return (struct policy_files){
		.administrator = run->options->policy,
		.vendor = run->options->vendor_policy,
		.need_rules = run->request.origin == REQUEST_FROM_ANNOTATIONS,
	};
}

static int open_all(struct run *run, struct job *job)
{
	const struct policy_files files = policy_files(run);
	int r = open_config(run, &job->config_fd, &run->err);

	if (r == 0)
		r = open_target(run, job);
	if (r == 0 && (files.need_rules || run->request.n_profiles != 0))
		r = policy_layers_open(&files, &job->layers, &run->err);
	return r;
}

/* ---- what is read and decided, without ---- */

static int read_config(struct run *run, struct job *job)
{
	struct input input = input_file(job->config_fd);
	int r = config_parse(&input.source, &job->config, &run->err);

	if (r < 0)
		err_prefix(&run->err, "config.json");
	job->subject.bounding = job->config.bounding;
	return r;
}

static int decide(struct run *run, struct job *job)
{
	const struct policy_files files = policy_files(run);
	int r = policy_layers_read(&files, &job->layers, &job->policy, &run->err);

	if (r < 0)
		return r;
	policy_decide(&job->policy, files.administrator, &run->request, &job->subject,
		      &job->decision);
	run->record.decision = &job->decision;
	if (!job->decision.granted) {
		run->err = job->decision.refusal;
		return -EPERM;
	}
	return 0;
}

/* Only a container with an SELinux label of its own can be held up by an enforcing host. */
static bool selinux_enforces(void)
{
	char value = '0';
	defer_close int fd = sys_open(AT_FDCWD, "/sys/fs/selinux/enforce", O_RDONLY, 0);

	return fd >= 0 && sys_read(fd, &value, 1) == 1 && value == '1';
}

static int make_plan(struct run *run, struct job *job)
{
	const struct plan_facts facts = { &run->state, &job->config, &run->request,
					  &job->target.uids, &job->target.gids };
	int r = plan_make(&facts, &job->decision.delegation, &job->plan, &run->err);

	if (r < 0)
		return r;
	warn_collect(&job->plan, &run->request, &job->config,
		     job->config.mount_label && selinux_enforces(), &job->warnings);
	run->record.warnings = &job->warnings;
	return 0;
}

/* ---- what is done ---- */

static int show_plan(struct run *run, const struct job *job)
{
	char buf[8192];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	plan_add_text(&job->plan, &text);
	for (size_t i = 0; i < job->warnings.n; i++)
		text_add(&text, "warning: %s\n", job->warnings.text[i]);
	run->record.outcome = "dry run";
	if (write(STDOUT_FILENO, text.buf, text.len) != (ssize_t)text.len)
		return err_set(&run->err, EX_OSERR, errno, "standard output");
	return 0;
}

static int carry_out(struct run *run, struct job *job)
{
	enum mount_outcome outcome = MOUNT_DONE;
	int r;

	if (run->options->dry_run)
		return show_plan(run, job);
	r = confine_raise(&run->err);
	if (r == 0)
		r = mount_make(&job->plan, &job->target, &outcome, &run->err);
	run->abandoned = outcome == MOUNT_ABANDONED;
	if (r == 0)
		run->record.outcome = outcome == MOUNT_ALREADY ? "already delegated" : "delegated";
	return r;
}

static int do_job(struct run *run, struct job *job)
{
	int r = confine_job(&run->err);

	if (r == 0)
		r = filter_install(&run->err);
	if (r == 0)
		r = ns_check_pid(run->state.pid, &run->err);
	if (r == 0)
		r = ns_check_caller(&run->err);
	if (r == 0)
		r = open_all(run, job);
	if (r == 0)
		r = confine_lower(&run->err);
	if (r == 0)
		r = read_config(run, job);
	if (r == 0)
		r = decide(run, job);
	if (r == 0)
		r = make_plan(run, job);
	return r < 0 ? r : carry_out(run, job);
}

/* A failure's place in the record, and what the container's start comes to by it. */
static void record_failure(struct run *run)
{
	bool ignored = run->err.code == EX_UNAVAILABLE && run->request.ignore_unsupported;

	if (ignored)
		err_prefix(&run->err, "warning: no delegation, as on-unsupported=ignore asks");
	run->record.outcome = ignored ? "ignored" : "failed";
	/* a failure without a reason is a failure all the same */
	run->record.code = ignored ? 0 : run->err.code != 0 ? run->err.code : EX_OSERR;
	run->record.message = run->err.msg;
}

/* The record comes first: who has closed standard error shall not keep it from the logs. */
static void tell(struct run *run, int result)
{
	struct timespec now;
	struct err ignored;

	confine_lower(&ignored);
	if (result < 0)
		record_failure(run);
	clock_gettime(CLOCK_REALTIME, &now);
	run->record.time = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	report_write(&run->report, &run->record);
	run->abandoned |= run->report.abandoned;
	if (result < 0)
		report_failure(run->err.msg);
}

/*
 * The helper that was given up shares this table of descriptors, and the runtime waits until nobody
 * holds the pipes that it reads messages from.
 */
static void close_standard(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		(void)close(fd);
}

/*
 * A request exists: it is served, and everything that happens goes to the logs. Not inlined, because
 * the job's ten kilobytes of stack are page faults that a run which asks for nothing need not pay.
 */
__attribute__((noinline)) static void serve(struct run *run)
{
	defer_with(job_done) struct job job = {
		.config_fd = -1,
		.layers = { -1, -1 },
		.target = { .pidfd = -1, .process_fd = -1, .proc_fd = -1 },
	};

	tell(run, do_job(run, &job));
	run->record.decision = NULL; /* they are the job's */
	run->record.warnings = NULL;
}

int hook_run(const struct hook_options *options)
{
	defer_with(run_done) struct run run = { .options = options };
	struct err ignored;
	int r = read_state(&run);

	if (r == 0)
		r = read_request(&run);
	if (r == 0)
		return 0; /* nothing is asked */
	report_open(&options->report, &run.report);
	if (r > 0) {
		serve(&run);
	} else {
		confine_job(&ignored); /* signals: the failure is still to be told */
		tell(&run, r);
		input_drain(STDIN_FILENO);
	}
	if (run.abandoned)
		close_standard();
	return run.record.code;
}
