/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/check/program.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>

#include "cmd/bpftoken/base/child.h"
#include "hook/sys.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define HOOK_NAME "oci-bpf-token-hook"

enum program_state program_look(const struct check *check, const char *path, char *text, size_t cap)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				      .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	defer_close int fd = sys_openat2(check->root_fd, path, &how);
	struct statx stx;

	if (fd < 0 || sys_stat(fd, "", AT_EMPTY_PATH, &stx) < 0)
		return PROGRAM_MISSING;
	if (!S_ISREG(stx.stx_mode) || (stx.stx_mode & 0111) == 0)
		return PROGRAM_NO_PROGRAM;
	if (stx.stx_uid != 0 || (stx.stx_mode & 0022) != 0)
		return PROGRAM_UNSAFE;
	if (check->image)
		return PROGRAM_NOT_RUN;
	/* A script is opened once more, by its interpreter: it needs a descriptor that stays open. */
	if (fcntl(fd, F_SETFD, 0) < 0 || child_version(fd, path, text, cap) < 0)
		return PROGRAM_SILENT;
	return PROGRAM_SPOKE;
}

bool program_is_hook(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash != NULL ? slash + 1 : path, HOOK_NAME) == 0;
}

static void check_hook_version(struct check *check, const char *subject, const char *file,
			       const char *path, const char *said)
{
	size_t len = strlen(HOOK_NAME);

	if (strncmp(said, HOOK_NAME " ", len + 1) != 0) {
		check_add(check, CHECK_FAILURE, subject, "%s: %s is another program", file,
			  quote(path).text);
		check_fix(check, "name the hook of this package in hook.path");
	} else if (strncmp(said + len + 1, PROJECT_VERSION, strlen(PROJECT_VERSION)) != 0) {
		check_add(check, CHECK_WARNING, subject,
			  "%s: %s is %s, this tool is " PROJECT_VERSION, file, quote(path).text,
			  quote_bytes(said, strcspn(said, "\n")).text);
		check_fix(check, "install hook and tool of one version");
	}
}

void program_check_hook(struct check *check, const char *subject, const char *file,
			const char *path)
{
	static const char *const wrong[] = {
		[PROGRAM_MISSING] = "is not there",
		[PROGRAM_NO_PROGRAM] = "is no executable file",
		[PROGRAM_UNSAFE] = "is not root's alone to write, so it was not run",
		[PROGRAM_SILENT] = "does not print its version",
	};
	char said[256];
	enum program_state state;

	if (path[0] != '/') {
		check_add(check, CHECK_FAILURE, subject, "%s: its path %s is not absolute", file,
			  quote(path).text);
		check_fix(check, "name the hook by its full path");
		return;
	}
	state = program_look(check, path, said, sizeof(said));
	if (state == PROGRAM_SPOKE) {
		check_hook_version(check, subject, file, path, said);
	} else if (state != PROGRAM_NOT_RUN) {
		check_add(check, CHECK_FAILURE, subject, "%s: %s %s", file, quote(path).text,
			  wrong[state]);
		check_fix(check, state == PROGRAM_UNSAFE ?
					 "chown it to root and chmod go-w it" :
					 "install the hook there, or name it where it is");
	}
}
