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

/* The values of one run, each made once and not changed any more. */
struct run {
	const struct hook_options *options;
	struct state state;
	struct request request;
	struct config config;
	struct policy policy;
	struct ns_target target;
	struct subject subject;
	struct decision decision;
	struct plan plan;
	struct warnings warnings;
	enum mount_outcome outcome;
	bool selinux;

	struct report report;
	struct report_record record;
	struct err err;
};

static void run_done(struct run *run)
{
	state_done(&run->state);
	request_done(&run->request);
	config_done(&run->config);
	policy_done(&run->policy);
	ns_target_done(&run->target);
	report_done(&run->report);
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

/* ---- what is known ---- */

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
			       "directory; "
			       "the state must name the container's bundle",
			       quote(run->state.bundle).text);
	if (r < 0)
		err_prefix(err, "config.json %s", quote(name).text);
	return r;
}

static int read_config(struct run *run)
{
	defer_close int fd = -1;
	struct input input;
	int r = confine_raise(&run->err);

	if (r == 0)
		r = open_config(run, &fd, &run->err);
	if (r == 0)
		r = confine_lower(&run->err);
	if (r < 0)
		return r;
	input = input_file(fd);
	r = config_parse(&input.source, &run->config, &run->err);
	if (r < 0)
		err_prefix(&run->err, "config.json");
	return r;
}

/* Only a container with an SELinux label of its own can be held up by an enforcing host. */
static bool selinux_enforces(void)
{
	char value = '0';
	defer_close int fd = sys_open(AT_FDCWD, "/sys/fs/selinux/enforce", O_RDONLY, 0);

	return fd >= 0 && sys_read(fd, &value, 1) == 1 && value == '1';
}

static int read_target(struct run *run)
{
	int r = confine_raise(&run->err);

	if (r == 0)
		r = ns_open(run->state.pid, &run->target, &run->err);
	if (r == 0)
		run->selinux = run->config.mount_label && selinux_enforces();
	if (r == 0)
		r = confine_lower(&run->err);
	if (r < 0)
		return r;
	if (idmap_outside(&run->target.uids, 0, &run->subject.host_uid) < 0)
		return err_set(&run->err, EX_UNAVAILABLE, 0,
			       "container: its root (user 0) has no id on the host; map user 0 in "
			       "the "
			       "container's user namespace");
	run->record.has_host_uid = true;
	run->record.host_uid = run->subject.host_uid;
	run->subject.state = &run->state;
	run->subject.host_network = run->target.host_network;
	run->subject.host_cgroup = run->target.host_cgroup;
	run->subject.bounding = run->config.bounding;
	return 0;
}

/* ---- what is decided ---- */

/* Root's own words are not held against rules; only their profiles come from the policy. */
static int read_policy(struct run *run)
{
	const struct policy_files files = {
		.administrator = run->options->policy,
		.vendor = run->options->vendor_policy,
		.need_rules = run->request.origin == REQUEST_FROM_ANNOTATIONS,
	};

	if (!files.need_rules && run->request.n_profiles == 0)
		return 0;
	return policy_file_load(&files, &run->policy, &run->err);
}

static int decide(struct run *run)
{
	const struct plan_facts facts = { &run->state, &run->config, &run->request,
					  &run->target.uids, &run->target.gids };
	int r = read_policy(run);

	if (r < 0)
		return r;
	policy_decide(&run->policy, run->options->policy, &run->request, &run->subject,
		      &run->decision);
	run->record.decision = &run->decision;
	if (!run->decision.granted) {
		run->err = run->decision.refusal;
		return -EPERM;
	}
	r = plan_make(&facts, &run->decision.delegation, &run->plan, &run->err);
	if (r < 0)
		return r;
	warn_collect(&run->plan, &run->request, &run->config, run->selinux, &run->warnings);
	run->record.warnings = &run->warnings;
	return 0;
}

/* ---- what is done ---- */

static int show_plan(struct run *run)
{
	char buf[8192];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	plan_add_text(&run->plan, &text);
	for (size_t i = 0; i < run->warnings.n; i++)
		text_add(&text, "warning: %s\n", run->warnings.text[i]);
	run->record.outcome = "dry run";
	if (write(STDOUT_FILENO, text.buf, text.len) != (ssize_t)text.len)
		return err_set(&run->err, EX_OSERR, errno, "standard output");
	return 0;
}

static int carry_out(struct run *run)
{
	int r;

	if (run->options->dry_run)
		return show_plan(run);
	r = confine_raise(&run->err);
	if (r == 0)
		r = mount_make(&run->plan, &run->target, &run->outcome, &run->err);
	if (r == 0)
		run->record.outcome =
			run->outcome == MOUNT_ALREADY ? "already delegated" : "delegated";
	return r;
}

/* From here on a request exists: everything that happens goes to the logs. */
static int serve(struct run *run)
{
	int r = confine_job(&run->err);

	if (r == 0)
		r = filter_install(&run->err);
	if (r == 0)
		r = ns_check_pid(run->state.pid, &run->err);
	if (r == 0)
		r = ns_check_caller(&run->err);
	if (r == 0)
		r = read_config(run);
	if (r == 0)
		r = read_target(run);
	if (r == 0)
		r = decide(run);
	if (r == 0)
		r = carry_out(run);
	return r;
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

int hook_run(const struct hook_options *options)
{
	defer_with(run_done) struct run run = {
		.options = options,
		.target = { .pidfd = -1, .process_fd = -1, .proc_fd = -1 },
	};
	struct err ignored;
	int r = read_state(&run);

	if (r == 0)
		r = read_request(&run);
	if (r == 0)
		return 0; /* nothing is asked */
	report_open(&options->report, &run.report);
	if (r > 0)
		r = serve(&run);
	else
		confine_job(&ignored); /* signals: the failure is still to be told */
	tell(&run, r);
	if (run.outcome == MOUNT_ABANDONED || run.report.abandoned)
		close_standard();
	return run.record.code;
}
