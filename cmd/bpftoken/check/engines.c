/* SPDX-License-Identifier: Apache-2.0 */
#include <fnmatch.h>
#include <string.h>

#include "cmd/bpftoken/check/check.h"
#include "cmd/bpftoken/check/program.h"
#include "cmd/bpftoken/check/toml_scan.h"
#include "cmd/bpftoken/check/version.h"
#include "hook/request.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

/* ---- runtimes ---- */

static const char *const directories[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					   "/usr/bin",	      "/sbin",		"/bin" };

static const char *const runtimes[] = { "runc",	      "crun",	 "youki",  "podman", "crio",
					"containerd", "dockerd", "docker", "nerdctl" };

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/*
 * What versions before this one lack. The first row that fits counts, so the gravest comes first.
 * Sources: the projects' change logs and documents; crun's sharing of /sys was measured.
 */
static const struct lack {
	const char *name;
	struct version before;
	enum check_result result;
	const char *detail, *fix;
} lacks[] = {
	{ "runc",
	  { 1, 0, 0 },
	  CHECK_WARNING,
	  "its hooks' order was never tried",
	  "use runc 1.1 or later" },
	{ "runc",
	  { 1, 2, 0 },
	  CHECK_WARNING,
	  "it cannot join a user namespace by path alone, as Kubernetes hostUsers: false needs",
	  "use runc 1.2 or later there; Podman and Docker are not concerned" },
	{ "crun",
	  { 0, 20, 0 },
	  CHECK_WARNING,
	  "it runs hooks before the container's mounts are there",
	  "use crun 1.8 or later" },
	{ "crun",
	  { 1, 9, 0 },
	  CHECK_WARNING,
	  "it is too old for Kubernetes hostUsers: false, and while hooks run it shares a "
	  "bind-mounted /sys with the host (the hook sees to that)",
	  "use crun 1.9 or later there; Podman is not concerned" },
	{ "crun",
	  { 1, 22, 0 },
	  CHECK_OK,
	  "while hooks run it shares a bind-mounted /sys with the host; the hook sees to that",
	  "" },
	{ "youki",
	  { 0, 6, 0 },
	  CHECK_WARNING,
	  "it runs createRuntime hooks after the container's root was entered, which was never "
	  "tried",
	  "use youki 0.6 or later" },
	{ "crio",
	  { 1, 25, 0 },
	  CHECK_WARNING,
	  "it has no user namespaces for pods",
	  "use CRI-O 1.25 or later" },
	{ "containerd",
	  { 2, 0, 0 },
	  CHECK_WARNING,
	  "it ignores Kubernetes hostUsers: false in silence, and the hook then refuses",
	  "use containerd 2.0 or later; nerdctl --userns-remap is not concerned" },
	{ "dockerd",
	  { 25, 0, 0 },
	  CHECK_WARNING,
	  "it knows no CDI devices; annotations work",
	  "use Docker 28.2 or later for CDI" },
	{ "dockerd",
	  { 28, 2, 0 },
	  CHECK_WARNING,
	  "its CDI devices are off by default",
	  "set \"features\": {\"cdi\": true} in daemon.json, or use Docker 28.2 or later" },
	{ "nerdctl",
	  { 2, 1, 0 },
	  CHECK_WARNING,
	  "it has no CDI directories of its own to set",
	  "use nerdctl 2.1 or later for CDI" },
};

static void judge_version(struct check *check, const char *name, const char *said)
{
	struct version version;

	if (!version_parse(said, &version)) {
		check_add(check, CHECK_WARNING, name, "its version is unclear: %s",
			  quote_bytes(said, strcspn(said, "\n")).text);
		check_fix(check, "compare it with the list in bpftoken(1)");
		return;
	}
	for (size_t i = 0; i < LENGTH(lacks); i++) {
		if (strcmp(lacks[i].name, name) != 0 ||
		    version_compare(version, lacks[i].before) >= 0)
			continue;
		check_add(check, lacks[i].result, name, "%u.%u.%u: %s", version.major,
			  version.minor, version.patch, lacks[i].detail);
		if (lacks[i].fix[0] != '\0')
			check_fix(check, "%s", lacks[i].fix);
		return;
	}
	check_add(check, CHECK_OK, name, "%u.%u.%u", version.major, version.minor, version.patch);
}

/* Looks for a program as a service's PATH would. False when it is nowhere. */
static bool check_runtime(struct check *check, const char *name)
{
	char path[64], said[1024];
	struct text text;

	for (size_t i = 0; i < LENGTH(directories); i++) {
		text_init(&text, path, sizeof(path));
		text_add(&text, "%s/%s", directories[i], name);
		switch (program_look(check, path, said, sizeof(said))) {
		case PROGRAM_MISSING:
		case PROGRAM_NO_PROGRAM:
			continue;
		case PROGRAM_UNSAFE:
			check_add(check, CHECK_WARNING, name,
				  "%s is not root's alone to write, so it was not run", path);
			check_fix(check, "chown it to root and chmod go-w it");
			return true;
		case PROGRAM_SILENT:
			check_add(check, CHECK_WARNING, name, "%s does not print its version",
				  path);
			check_fix(check, "run %s --version", path);
			return true;
		case PROGRAM_NOT_RUN:
			check_add(check, CHECK_OK, name, "%s is there, and was not asked", path);
			return true;
		case PROGRAM_SPOKE:
			judge_version(check, name, said);
			return true;
		}
	}
	return false;
}

void check_runtimes(struct check *check)
{
	bool any = false;

	for (size_t i = 0; i < LENGTH(runtimes); i++)
		any |= check_runtime(check, runtimes[i]);
	if (any)
		return;
	check_add(check, CHECK_WARNING, "runtimes", "there is no container runtime in %s to %s",
		  directories[0], directories[LENGTH(directories) - 1]);
	check_fix(check, "install runc or crun, and an engine");
}

/* ---- containerd's annotations ---- */

/* containerd's patterns are those of Go's path.Match, where '*' stops at '/'. */
static bool lets_through(const struct toml_list *list, const char *key)
{
	for (size_t i = 0; i < list->n; i++)
		if (fnmatch(list->items[i], key, FNM_PATHNAME) == 0)
			return true;
	return false;
}

/* Adds the keys that do not come through; false when all do. */
static bool add_held_back(const struct toml_list *list, const char *end, struct text *text)
{
	bool any = false;

	for (enum request_key key = 0; key < REQUEST_KEYS; key++) {
		char name[64];
		struct text word;

		text_init(&word, name, sizeof(name));
		text_add(&word, REQUEST_PREFIX "%s%s", request_key_name(key), end);
		if (lets_through(list, name))
			continue;
		text_add(text, "%s%s", any ? ", " : "", name);
		any = true;
	}
	return any;
}

static void judge_annotations(struct check *check, const struct toml_list *list)
{
	char bare[600], named[600];
	struct text text;
	bool no_bare, no_named;

	text_init(&text, bare, sizeof(bare));
	no_bare = add_held_back(list, "", &text);
	text_init(&text, named, sizeof(named));
	no_named = add_held_back(list, "/CONTAINER", &text);
	if (!no_bare && !no_named) {
		check_add(check, CHECK_OK, "containerd", "%s lets our keys through",
			  quote(list->section).text);
		return;
	}
	check_add(check, CHECK_WARNING, "containerd", "%s: pod_annotations hold back %s",
		  quote(list->section).text, no_bare ? bare : named);
	check_fix(check, "pod_annotations = [\"" REQUEST_PREFIX "*\", \"" REQUEST_PREFIX
			 "*/*\"] (in its patterns * stops at /)");
}

void check_containerd(struct check *check)
{
	static const char path[] = "/etc/containerd/config.toml";
	defer_free char *content = NULL;
	struct toml_scan scan;
	struct toml_list list;
	bool any = false;

	if (check_read(check, path, &content) < 0)
		return;
	scan = toml_scan(content);
	while (toml_next(&scan, "pod_annotations", &list)) {
		judge_annotations(check, &list);
		any = true;
	}
	if (any)
		return;
	check_add(check, CHECK_WARNING, "containerd",
		  "%s: no pod_annotations in it (as a scan of its lines sees it, imports left "
		  "out), so no annotation of a pod reaches the hook",
		  path);
	check_fix(check, "add pod_annotations = [\"" REQUEST_PREFIX "*\", \"" REQUEST_PREFIX
			 "*/*\"] to the runtime handler, or use CDI devices");
}
