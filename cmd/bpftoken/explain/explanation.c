/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/explain/explanation.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/bpftoken/explain/warn.h"
#include "cmd/bpftoken/base/file.h"
#include "hook/ns.h"
#include "hook/policy_file.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

/* The first failure is the one that the hook would have ended with. */
static void keep(struct explanation *e, const struct err *err)
{
	if (e->verdict.code == 0)
		e->verdict = *err;
}

/* ---- what is read ---- */

static int read_state(struct explanation *e, struct err *err)
{
	defer_free char *text = NULL;
	struct source_memory source;
	size_t len;
	int r;

	if (e->options->state == NULL)
		return 0;
	r = file_read(e->options->state, STATE_MAX_BYTES, &text, &len, err);
	if (r < 0) {
		err_prefix(err, "state");
		return r;
	}
	source = source_memory(text, len, 0);
	r = state_parse(&source.source, &e->state, err);
	e->has_state = e->owns_state = r == 0;
	return r;
}

/* The file that the words on the command line mean: a bundle has it under this name. */
static int find_config(struct explanation *e, struct err *err)
{
	const char *target = e->options->target != NULL ? e->options->target : e->state.bundle;
	char path[PATH_MAX + 16];
	struct text text;
	struct stat st;

	text_init(&text, path, sizeof(path));
	text_add(&text, "%s", target);
	if (stat(target, &st) == 0 && S_ISDIR(st.st_mode))
		text_add(&text, "/config.json");
	if (text.cut)
		return err_set(err, EX_DATAERR, ENAMETOOLONG, "%s", quote(target).text);
	e->config_path = realpath(path, NULL);
	if (e->config_path == NULL)
		return err_set(err, EX_DATAERR, errno,
			       "config.json %s: it cannot be found; name a bundle's folder or its "
			       "config.json",
			       quote(path).text);
	return 0;
}

static int read_config(struct explanation *e, struct err *err)
{
	struct source_memory source;
	int r = find_config(e, err);

	if (r < 0)
		return r;
	r = file_read(e->config_path, CONFIG_MAX_BYTES, &e->text, &e->len, err);
	if (r == 0) {
		source = source_memory(e->text, e->len, 0);
		r = config_parse(&source.source, &e->config, err);
	}
	if (r == 0)
		r = container_parse(e->text, e->len, &e->container, err);
	if (r < 0)
		err_prefix(err, "config.json");
	e->has_config = r == 0;
	return r;
}

/* What an engine hands on: the annotations of config.json, and as id the bundle's name. */
static int make_state(struct explanation *e, struct err *err)
{
	char *slash = strrchr(e->config_path, '/');
	char *bundle = strndup(e->config_path, (size_t)(slash - e->config_path));
	const char *name = bundle != NULL ? strrchr(bundle, '/') : NULL;

	e->state = (struct state){
		.id = strdup(name != NULL && name[1] != '\0' ? name + 1 : "container"),
		.bundle = bundle,
		.annotations = e->container.annotations,
		.n_annotations = e->container.n_annotations,
	};
	e->has_state = true;
	return e->state.id != NULL && bundle != NULL ? 0 : err_memory(err);
}

/* ---- what is asked ---- */

static int find_words(struct explanation *e, struct err *err)
{
	e->origin = REQUEST_FROM_COMMAND_LINE;
	e->source = "options of this command, as on the hook's command line";
	e->words = e->options->words;
	if (!request_words_ask(&e->words)) {
		e->words = container_words(&e->container);
		e->source = "the command line of the hook in config.json";
	}
	if (request_words_ask(&e->words))
		return 0;
	e->origin = REQUEST_FROM_ANNOTATIONS;
	e->source = e->owns_state ? "annotations of the state" : "annotations of config.json";
	return request_find_words(&e->state, &e->words, err);
}

static int read_request(struct explanation *e, struct err *err)
{
	int r = 0;

	e->is_sandbox = state_is_sandbox(&e->state);
	if (e->is_sandbox)
		return 0;
	r = find_words(e, err);
	e->is_asked = r == 0 && request_words_ask(&e->words);
	if (e->is_asked)
		r = request_make(&e->words, e->origin, &e->request, err);
	e->has_request = e->is_asked && r == 0;
	return r;
}

/* ---- what is known of the container ---- */

__attribute__((format(printf, 2, 3))) static void assume(struct explanation *e, const char *format,
							 ...)
{
	struct text text;
	va_list args;

	e->is_assumed = true;
	text_init(&text, e->assumed_because, sizeof(e->assumed_because));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
}

/* Whether the kernel can be asked; if not, why it cannot. */
static bool can_ask_kernel(struct explanation *e)
{
	const pid_t pid = e->state.pid;

	if (!e->owns_state)
		assume(e, "no --state names a running container");
	else if (pid <= 1)
		assume(e, "the state names no process");
	else if (kill(pid, 0) < 0 && errno == ESRCH)
		assume(e, "process %d of the state is gone", (int)pid);
	else if (geteuid() != 0)
		assume(e, "only root can look at process %d", (int)pid);
	else
		return true;
	return false;
}

static int ask_kernel(struct explanation *e, struct err *err)
{
	defer_with(ns_target_done) struct ns_target target = { .pidfd = -1,
							       .process_fd = -1,
							       .proc_fd = -1 };
	int r = ns_check_caller(err);

	if (r == 0)
		r = ns_open(e->state.pid, &target, err);
	if (r < 0)
		return r;
	e->uids = target.uids;
	e->gids = target.gids;
	target.uids = target.gids = (struct idmap){ 0 };
	e->subject.host_network = target.host_network;
	e->subject.host_cgroup = target.host_cgroup;
	return 0;
}

/* A namespace that is joined by its path may be this process's own, the host's. */
static bool shares_host(const struct container *container, enum container_namespace which,
			const char *own)
{
	struct stat theirs, ours;

	if (container->share[which] != CONTAINER_JOINED)
		return container->share[which] == CONTAINER_HOST;
	return stat(container->path[which], &theirs) == 0 && stat(own, &ours) == 0 &&
	       theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

static int ask_config(struct explanation *e, struct err *err)
{
	static const char any_map[] = "0 100000 65536\n";
	struct container *container = &e->container;

	e->uids = container->uids;
	e->gids = container->gids;
	container->uids = container->gids = (struct idmap){ 0 };
	if (container->share[CONTAINER_USER] == CONTAINER_JOINED && e->uids.n_extents == 0) {
		/* its maps are in the kernel alone; any but the host's root stands for them */
		idmap_done(&e->gids);
		if (idmap_parse(any_map, strlen(any_map), &e->uids) < 0 ||
		    idmap_parse(any_map, strlen(any_map), &e->gids) < 0)
			return err_memory(err);
		notes_add(&e->warnings,
			  "the user namespace is joined by path, so its id maps are not in "
			  "config.json; 0 on host uid 100000 is taken for them");
	}
	e->subject.host_network = shares_host(container, CONTAINER_NETWORK, "/proc/self/ns/net");
	e->subject.host_cgroup = shares_host(container, CONTAINER_CGROUP, "/proc/self/ns/cgroup");
	if (shares_host(container, CONTAINER_MOUNT, "/proc/self/ns/mnt"))
		return ns_refuse_mount(err);
	if (shares_host(container, CONTAINER_USER, "/proc/self/ns/user"))
		return ns_refuse_user(err);
	return 0;
}

static bool selinux_enforces(void)
{
	defer_close int fd = open("/sys/fs/selinux/enforce", O_RDONLY | O_CLOEXEC);
	char value = '0';

	return fd >= 0 && read(fd, &value, 1) == 1 && value == '1';
}

static void know_container(struct explanation *e)
{
	struct err err = { 0 };
	int r = can_ask_kernel(e) ? ask_kernel(e, &err) : ask_config(e, &err);

	if (r < 0)
		keep(e, &err);
	e->selinux = e->config.mount_label && selinux_enforces();
	e->subject.state = &e->state;
	e->subject.bounding = e->config.bounding;
	if (ns_root_uid(&e->uids, &e->subject.host_uid, &err) == 0)
		e->has_subject = true;
	else
		keep(e, &err);
}

/* ---- what is decided ---- */

static int read_policy(struct explanation *e, struct err *err)
{
	const struct policy_files files = {
		.administrator = e->policy_path,
		.vendor = VENDOR_POLICY_PATH,
		.need_rules = e->origin == REQUEST_FROM_ANNOTATIONS,
	};
	int r = 0;

	if (files.need_rules || e->request.n_profiles != 0)
		r = policy_files_load(&files, &e->policy, err);
	e->has_policy = r == 0;
	return r;
}

static void choose_policy(struct explanation *e)
{
	e->policy_path = e->options->policy;
	if (e->policy_path == NULL)
		e->policy_path = container_policy(&e->container);
	if (e->policy_path == NULL)
		e->policy_path = POLICY_PATH;
}

static void decide(struct explanation *e)
{
	const struct plan_facts facts = { &e->state, &e->config, &e->request, &e->uids, &e->gids };
	struct err err = { 0 };

	if (read_policy(e, &err) < 0) {
		keep(e, &err);
		return;
	}
	policy_decide(&e->policy, e->policy_path, &e->request, &e->subject, &e->decision);
	e->has_decision = true;
	if (!e->decision.granted)
		keep(e, &e->decision.refusal);
	if (e->decision.refusal.code != 0 && e->decision.refusal.code != EX_NOPERM)
		return; /* the request itself cannot be */
	if (plan_make(&facts, &e->decision.delegation, &e->plan, &err) < 0)
		keep(e, &err);
	else
		e->has_plan = true;
}

/* ---- all of it ---- */

/* What is asked, and of whom; false when that is all there is to say. */
static bool find_request(struct explanation *e)
{
	struct err err = { 0 };
	int r = read_request(e, &err);

	explain_warn_keys(e);
	if (r < 0)
		keep(e, &err);
	if (!e->has_request)
		return false;
	if (e->owns_state && ns_check_pid(e->state.pid, &err) < 0)
		keep(e, &err);
	return true;
}

/*
 * In the hook's order, so that of several things the same one is named. Where there is a state, it
 * looks at config.json only once something is asked.
 */
static void explain(struct explanation *e)
{
	struct err err = { 0 }, config_err = { 0 };
	int r = read_state(e, &err);
	const int config_r = r == 0 ? read_config(e, &config_err) : 0;

	if (r == 0 && !e->has_state && config_r < 0) {
		r = config_r;
		err = config_err;
	}
	if (r == 0 && !e->has_state)
		r = make_state(e, &err);
	if (r < 0)
		keep(e, &err);
	if (r < 0 || !find_request(e))
		return;
	if (config_r < 0) {
		keep(e, &config_err);
		return;
	}
	choose_policy(e);
	know_container(e);
	if (e->has_subject)
		decide(e);
	explain_warn(e);
}

int explanation_make(const struct explain_options *options, struct explanation *ret)
{
	*ret = (struct explanation){ .options = options };
	explain(ret);
	ret->is_ignored = ret->verdict.code == EX_UNAVAILABLE && ret->has_request &&
			  ret->request.ignore_unsupported;
	return ret->is_ignored ? 0 : ret->verdict.code;
}

void explanation_done(struct explanation *e)
{
	if (!e->owns_state) { /* the annotations are the container's */
		e->state.annotations = NULL;
		e->state.n_annotations = 0;
	}
	state_done(&e->state);
	container_done(&e->container);
	idmap_done(&e->uids);
	idmap_done(&e->gids);
	config_done(&e->config);
	request_done(&e->request);
	policy_done(&e->policy);
	seccomp_profile_done(&e->seccomp.profile);
	seccomp_filter_done(&e->seccomp.filter);
	free(e->config_path);
	free(e->text);
}
