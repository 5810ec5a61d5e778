/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOOK_GROUND_H
#define HOOK_GROUND_H

/*
 * What the destination lies on, told by mount and inode: a name in config.json may lead elsewhere,
 * because runtimes follow the image's symlinks when they mount (an image whose /dev is a symlink to
 * /run has its devices in /run).
 */

#include "hook/dest.h"

struct ground {
	const char *runtime_dir; /* one of plan_runtime_dirs that the way leads over, or NULL */
	const char *read_only;	 /* the destination of the read-only volume that the last directory
				    of the way lies on, or NULL; the config's */
};

/*
 * Looks at every directory that exists on the plan's path. In the helper: 0 or a negative errno,
 * without a message.
 */
int ground_survey(const struct dest *dest, const struct plan *plan, struct ground *ret_ground);

#endif
