/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/check/check.h"
#include "cmd/bpftoken/check/seccomp_default.h"
#include "hook/input.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

#define SUBJECT "seccomp"

static bool check_profile(struct check *check, const char *path)
{
	defer_close int fd = -1;
	struct input input;
	struct err err = { 0 };
	bool good = false;

	if (check_open(check, path, &fd) < 0)
		return false;
	input = input_file(fd);
	if (seccomp_default_parse(&input.source, &good, &err) < 0) {
		err_prefix(&err, "%s", path);
		check_add_err(check, CHECK_FAILURE, SUBJECT, &err, "correct or remove it");
	} else if (good) {
		check_add(check, CHECK_OK, SUBJECT, "%s lets bpf(2) through with CAP_BPF", path);
	} else {
		check_add(check, CHECK_WARNING, SUBJECT,
			  "%s blocks bpf(2) for a container with CAP_BPF alone", path);
		check_fix(check, "use containers-common 0.60 or later, or --security-opt "
				 "seccomp=FILE with what bpftoken seccomp prints");
	}
	return true;
}

void check_seccomp(struct check *check)
{
	/* Podman and CRI-O take the first that is there. */
	if (!check_profile(check, "/etc/containers/seccomp.json"))
		check_profile(check, "/usr/share/containers/seccomp.json");
}
