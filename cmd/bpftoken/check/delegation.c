/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "cmd/bpftoken/check/bpf_call.h"
#include "cmd/bpftoken/check/check.h"
#include "cmd/bpftoken/check/trial.h"
#include "hook/ns.h"

#include "spec/base/poison.h"

static const char *reason(int negative)
{
	return strerrordesc_np(-negative);
}

void check_kernel(struct check *check)
{
	int r = bpf_call_probe();

	if (r == 0) {
		check_add(check, CHECK_OK, "kernel", "it knows BPF tokens");
		return;
	}
	check_add(check, CHECK_FAILURE, "kernel",
		  r == -EINVAL || r == -ENOSYS ? "it knows no BPF tokens (%s)" :
						 "bpf(2) cannot be called (%s)",
		  reason(r));
	check->lines[check->n_lines - 1].code = EX_UNAVAILABLE;
	check_fix(check, r == -EINVAL || r == -ENOSYS ?
				 "use Linux 6.9 or later with CONFIG_BPF_SYSCALL" :
				 "call this program outside of containers");
}

/* One use of the bpffs: it must work with the token, and not without. */
static void judge_use(struct check *check, const char *subject, const char *what, int without,
		      int with)
{
	if (with < 0) {
		check_add(check, CHECK_FAILURE, subject, "%s is refused in spite of the token (%s)",
			  what, reason(with));
		check_fix(check, "look in the kernel's and the audit log for a security module "
				 "that refuses bpf");
	} else if (without >= 0) {
		check_add(check, CHECK_FAILURE, subject,
			  "%s works without a token, too: this host does not hold back BPF", what);
		check_fix(check, "find out which module or patch allows it");
	} else {
		check_add(check, CHECK_OK, subject, "%s: done with the token, refused without (%s)",
			  what, reason(without));
		return;
	}
	check->lines[check->n_lines - 1].code = EX_UNAVAILABLE;
}

static void judge_token(struct check *check, const struct trial *trial)
{
	if (trial->token < 0) {
		check_add(check, CHECK_FAILURE, "token", "the container could make none (%s)",
			  reason(trial->token));
		check->lines[check->n_lines - 1].code = EX_UNAVAILABLE;
		check_fix(check, "look in the kernel's and the audit log for a security module "
				 "that refuses it");
		return;
	}
	check_add(check, CHECK_OK, "token", "the container's root made one of its bpffs");
	judge_use(check, "map", "creating an LPM trie", trial->map_without, trial->map_with);
	judge_use(check, "program", "loading an XDP program", trial->program_without,
		  trial->program_with);
}

/* Who may not try it is told so, which is no verdict on the host. */
static bool may_try(struct check *check)
{
	struct err err = { 0 };

	if (ns_check_caller(&err) == 0)
		return true;
	check_add(check, CHECK_WARNING, "delegation",
		  err.code != EX_UNAVAILABLE ? "not tried: %s" :
					       "not tried, nor token, map and program: it takes "
					       "root in the host's user namespace",
		  err.msg);
	check->lines[check->n_lines - 1].code = EX_UNAVAILABLE;
	check_fix(check, "run bpftoken check as the host's root; a rootless engine cannot "
			 "delegate BPF at all");
	return false;
}

void check_delegation(struct check *check)
{
	struct trial trial;

	if (!may_try(check))
		return;
	trial_run(&trial);
	if (trial.step != TRIAL_END) {
		check_add_err(check, CHECK_FAILURE, "delegation", &trial.err,
			      "look in the kernel's log and try again");
		return;
	}
	check_add(check, CHECK_OK, "delegation",
		  "a container of this program's own got a delegated bpffs by the hook's code");
	judge_token(check, &trial);
}
