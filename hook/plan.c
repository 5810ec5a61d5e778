/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/plan.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "spec/base/poison.h"

const char *const plan_runtime_dirs[PLAN_RUNTIME_DIRS] = { "/proc", "/dev" };

static int check_destination(const struct plan_facts *facts, struct err *err)
{
	const char *path = facts->request->path, *volume;

	for (size_t i = 0; i < PLAN_RUNTIME_DIRS; i++)
		if (text_path_below(path, plan_runtime_dirs[i]))
			return err_set(err, EX_DATAERR, 0,
				       "path %s: runtimes use %s after the hooks; choose another "
				       "path, for example %s",
				       quote(path).text, plan_runtime_dirs[i],
				       REQUEST_DEFAULT_PATH);
	if (config_masks(facts->config, path))
		return err_set(err, EX_DATAERR, 0,
			       "path %s: linux.maskedPaths of config.json covers it, so the bpffs "
			       "would be hidden; choose another path or remove that mask",
			       quote(path).text);
	volume = config_shared_volume(facts->config, path);
	if (volume != NULL)
		return err_set(
			err, EX_DATAERR, 0,
			"path %s: it lies on volume %s, which config.json mounts shared, so the "
			"bpffs would reach the host; choose another path or mount it private",
			quote(path).text, quote(volume).text);
	return 0;
}

static int join_root(const struct plan_facts *facts, struct plan *plan, struct err *err)
{
	const char *root = facts->config->root_path;
	struct text text;

	text_init(&text, plan->root, sizeof(plan->root));
	if (root[0] != '/')
		text_add(&text, "%s/", facts->state->bundle);
	text_add(&text, "%s", root);
	if (text.cut)
		return err_set(err, EX_DATAERR, ENAMETOOLONG, "config.json: root.path");
	return 0;
}

static int map_ids(const struct plan_facts *facts, uid_t uid, gid_t gid, const char *whose,
		   uid_t *ret_uid, gid_t *ret_gid, struct err *err)
{
	if (idmap_outside(facts->uids, uid, ret_uid) < 0)
		return err_set(err, EX_UNAVAILABLE, 0,
			       "container: %s (user %u) has no id on the host; map that user in "
			       "the container's user namespace",
			       whose, uid);
	if (idmap_outside(facts->gids, gid, ret_gid) < 0)
		return err_set(err, EX_UNAVAILABLE, 0,
			       "container: %s (group %u) has no id on the host; map that group in "
			       "the container's user namespace",
			       whose, gid);
	return 0;
}

static int map_owner(const struct plan_facts *facts, struct plan *plan, struct err *err)
{
	const struct request *request = facts->request;

	switch (request->owner) {
	case REQUEST_OWNER_USER:
		return map_ids(facts, facts->config->uid, facts->config->gid, "process.user",
			       &plan->uid, &plan->gid, err);
	case REQUEST_OWNER_IDS:
		return map_ids(facts, request->uid, request->gid, "the owner asked for", &plan->uid,
			       &plan->gid, err);
	default:
		plan->uid = plan->root_uid;
		plan->gid = plan->root_gid;
		return 0;
	}
}

int plan_make(const struct plan_facts *facts, const struct delegation *granted,
	      struct plan *ret_plan, struct err *err)
{
	struct plan plan = {
		.pid = facts->state->pid,
		.path = facts->request->path,
		.read_only = config_read_only_volume(facts->config, facts->request->path),
		.mounts = facts->config->mounts,
		.n_mounts = facts->config->n_mounts,
		.delegation = *granted,
		.mode = facts->request->mode,
	};
	int r = check_destination(facts, err);

	if (r == 0)
		r = join_root(facts, &plan, err);
	if (r == 0)
		r = map_ids(facts, 0, 0, "its root", &plan.root_uid, &plan.root_gid, err);
	if (r == 0)
		r = map_owner(facts, &plan, err);
	if (r == 0)
		*ret_plan = plan;
	return r;
}

void plan_add_text(const struct plan *plan, struct text *text)
{
	text_add(text, "pid: %d\nroot: %s\npath: %s\nowner: %u:%u on the host\nmode: %04o\n",
		 (int)plan->pid, quote(plan->root).text, quote(plan->path).text, plan->uid,
		 plan->gid, (unsigned)plan->mode | 01000u);
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		uint64_t mask = plan->delegation.masks[list];

		if (mask == 0)
			continue;
		text_add(text, "delegate_%s: ", names_key(list));
		delegation_add_words(text, list, mask, ":");
		if (mask != DELEGATION_ANY)
			text_add(text, " (0x%llx)", (unsigned long long)mask);
		text_add(text, "\n");
	}
}
