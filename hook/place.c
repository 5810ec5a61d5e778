/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>

#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

/* True for the errors of openat2 that some component of the path is to blame for. */
static bool is_resolution(int r)
{
	return r == -ELOOP || r == -ENOTDIR || r == -EAGAIN || r == -EXDEV;
}

/* ---- in the helper ---- */

/*
 * Tells whether the destination is a delegated bpffs of this user namespace, by making a token of it:
 * the kernel refuses that for any other bpffs, and the new one then goes on top.
 */
static int look_for_existing(struct place *place)
{
	int64_t type;
	int fd, token_fd, r = sys_fs_type(place->dest.fd, &type);

	if (r < 0 || type != BPF_FS_MAGIC)
		return r;
	fd = sys_open(place->dest.fd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fd == -EACCES ? 0 : fd; /* the host's */
	place->bpffs_fd = fd;
	token_fd = sys_bpf_token_create(fd);
	if (token_fd >= 0) {
		place->token_fd = token_fd;
		return 1;
	}
	return token_fd == -EPERM || token_fd == -ENOENT || token_fd == -EINVAL ? 0 : token_fd;
}

/* The mount is attached, but the path no longer leads there: takes it away again. */
static int detach(int mount_fd, int why)
{
	int r = sys_fchdir(mount_fd);

	if (r == 0)
		r = sys_umount_here();
	return r < 0 ? r : why;
}

static int attach(struct place *place)
{
	struct dest *dest = &place->dest;
	int r;

	place->step = PLACE_SLAVE;
	r = dest_stop_propagation(dest);
	if (r < 0)
		return r;
	place->step = PLACE_ATTACH;
	r = sys_move_mount(place->mount_fd, dest->fd);
	if (r < 0)
		return r;
	place->step = PLACE_VERIFY;
	r = dest_verify(dest, place->plan->path, place->mount_fd);
	return r < 0 ? detach(place->mount_fd, r) : 0;
}

static int place_in_child(void *ctx)
{
	struct place *place = ctx;
	struct dest *dest = &place->dest;
	const char *path = place->plan->path;
	int r = dest_find(dest, path);

	if (is_resolution(r))
		place->fault = dest_blame(dest, path, &place->blamed);
	if (r < 0)
		return r;
	place->step = PLACE_SURVEY;
	r = ground_survey(dest, place->plan, &place->ground);
	if (r == 0 && place->ground.runtime_dir != NULL)
		r = -EBUSY;
	if (r < 0)
		return r;
	if (dest->fd >= 0) {
		place->step = PLACE_EXISTING;
		r = look_for_existing(place);
	} else {
		place->step = PLACE_MAKE;
		r = place->ground.read_only != NULL ? -EROFS : dest_make(dest, path);
	}
	if (r == 0) {
		r = attach(place);
		if (r < 0)
			dest_unmake(dest);
	}
	return r;
}

static int unmake_in_child(void *ctx)
{
	struct place *place = ctx;

	dest_unmake(&place->dest);
	return 0;
}

/* ---- what is said of it ---- */

static int explain_change(const char *path, struct err *err)
{
	return err_set(err, EX_DATAERR, 0,
		       "path %s: it changes while it is being resolved; choose a path that "
		       "nothing replaces",
		       quote(path).text);
}

static int explain_find(const struct place *place, int r, struct err *err)
{
	const char *path = place->plan->path;
	char part[PATH_MAX];

	if (r == -ENAMETOOLONG)
		return err_set(err, EX_DATAERR, ENAMETOOLONG, "path %s", quote(path).text);
	if (!is_resolution(r))
		return err_set(err, EX_OSERR, -r, "path %s", quote(path).text);
	memcpy(part, path, place->blamed);
	part[place->blamed] = '\0';
	switch (place->fault) {
	case DEST_SYMLINK:
		return err_set(err, EX_DATAERR, 0,
			       "path %s: %s is a symlink in the container, and none is "
			       "followed; ask for the path it leads to",
			       quote(path).text, quote(part).text);
	case DEST_NO_DIRECTORY:
		return err_set(err, EX_DATAERR, 0,
			       "path %s: %s is not a directory in the container; choose another "
			       "path",
			       quote(path).text, quote(part).text);
	default:
		return explain_change(path, err);
	}
}

static int explain_survey(const struct place *place, int r, struct err *err)
{
	const char *path = place->plan->path;

	if (place->ground.runtime_dir == NULL)
		return err_set(err, EX_OSERR, -r, "path %s: looking at what it lies on",
			       quote(path).text);
	return err_set(err, EX_DATAERR, 0,
		       "path %s: %s of the container leads there, which runtimes use after the "
		       "hooks; choose another path, for example %s",
		       quote(path).text, place->ground.runtime_dir, REQUEST_DEFAULT_PATH);
}

static int explain_make(const struct place *place, int r, struct err *err)
{
	const struct plan *plan = place->plan;

	if (place->ground.read_only != NULL)
		return err_set(err, EX_DATAERR, 0,
			       "path %s: it does not exist on volume %s, which config.json mounts "
			       "read-only; create that directory on the volume or choose another "
			       "path",
			       quote(plan->path).text, quote(place->ground.read_only).text);
	if (is_resolution(r)) /* it ended in nothing when it was looked up */
		return explain_change(plan->path, err);
	return err_set(err, EX_OSERR, -r,
		       "path %s: it does not exist in the container, and the container's root "
		       "could not make it; create that directory in the image",
		       quote(plan->path).text);
}

static int explain_work(const struct place *place, int r, struct err *err)
{
	const char *path = place->plan->path;

	switch (place->step) {
	case PLACE_FIND:
		return explain_find(place, r, err);
	case PLACE_SURVEY:
		return explain_survey(place, r, err);
	case PLACE_EXISTING:
		return err_set(err, EX_OSERR, -r, "path %s: reading what is there",
			       quote(path).text);
	case PLACE_MAKE:
		return explain_make(place, r, err);
	case PLACE_SLAVE:
		return err_set(err, EX_OSERR, -r,
			       "path %s: making the mount that it lies on a slave",
			       quote(path).text);
	case PLACE_ATTACH:
		return err_set(err, EX_OSERR, -r, "path %s: attaching the bpffs", quote(path).text);
	default:
		if (r != -EXDEV)
			return err_set(err, EX_OSERR, -r,
				       "path %s: looking for the bpffs after it was attached",
				       quote(path).text);
		return err_set(err, EX_DATAERR, 0,
			       "path %s: it was moved while the bpffs was attached there; choose a "
			       "path that nothing moves",
			       quote(path).text);
	}
}

static int explain(const struct place *place, int r, enum errand_step step, struct err *err)
{
	const char *path = place->plan->path;

	if (r == -ETIME)
		return err_set(err, EX_OSERR, 0,
			       "path %s: its file system does not answer; choose a path that is on "
			       "no FUSE or network file system",
			       quote(path).text);
	if (r == -ETIMEDOUT || r == -ECHILD)
		return err_set(err, EX_OSERR, 0,
			       "path %s: the helper that resolves it was %s; do not let the "
			       "container's root see the host's processes, and choose a path whose "
			       "file system answers at once",
			       quote(path).text, r == -ETIMEDOUT ? "held up" : "killed");
	if (step != ERRAND_AT_WORK)
		return err_set(err, EX_OSERR, -r, "container: %s", errand_step_name(step));
	return explain_work(place, r, err);
}

/* ---- the hook's part ---- */

int place_mount(const struct plan *plan, const struct ns_target *target, int root_fd, int mount_fd,
		void *stack, int patience, struct place *place, enum place_outcome *ret_outcome,
		struct err *err)
{
	struct errand errand = {
		.pidfd = target->pidfd,
		.as_root = true,
		.uid = plan->root_uid,
		.gid = plan->root_gid,
		.patience = patience,
		.work = place_in_child,
		.ctx = place,
	};
	enum errand_step step, ignored;
	int r;

	place->plan = plan;
	place->mount_fd = mount_fd;
	place->step = PLACE_FIND;
	place->bpffs_fd = place->token_fd = -1;
	place->dest.root_fd = root_fd;
	place->dest.fd = -1;
	place->dest.n_made = 0;
	r = errand_run(&errand, stack, &step);
	*ret_outcome = r == -ETIME ? PLACE_ABANDONED : r > 0 ? PLACE_EXISTS : PLACE_DONE;
	if (r >= 0)
		return 0;
	explain(place, r, step, err);
	if ((r == -ETIMEDOUT || r == -ECHILD) && place->dest.n_made > 0) {
		errand.work = unmake_in_child; /* what it could not any more */
		errand.patience = ERRAND_PATIENCE_UNDO;
		if (errand_run(&errand, stack, &ignored) == -ETIME)
			*ret_outcome = PLACE_ABANDONED;
	}
	return r;
}

void place_done(struct place *place)
{
	dest_done(&place->dest);
	defer_close_fd(&place->token_fd);
	defer_close_fd(&place->bpffs_fd);
}
