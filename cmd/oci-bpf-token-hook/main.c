/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci-bpf-token-hook: an OCI createRuntime (or prestart) hook that mounts a bpffs with the kernel's
 * BPF delegation in a container that has a user namespace of its own.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd/oci-bpf-token-hook/options.h"
#include "hook/confine.h"
#include "hook/filter.h"
#include "hook/hook.h"
#include "hook/input.h"
#include "hook/report.h"

#include "spec/base/poison.h"

#define VERSION "oci-bpf-token-hook " PROJECT_VERSION "\nseccomp filter: "

static const char help[] =
	"Usage: oci-bpf-token-hook [OPTION]... [createRuntime|prestart] < STATE\n"
	"Mount a bpffs with delegated BPF in the container whose OCI state is on standard input.\n"
	"\n"
	"The container asks by annotations io.bpftoken.KEY, the policy decides. Where an option\n"
	"of the first group asks for a delegation, it is the whole request (for CDI devices and\n"
	"base specs), and of the policy only the profiles count.\n"
	"\n"
	"What is asked for:\n"
	"  --profile=NAME,...      profiles of the policy\n"
	"  --cmds=LIST             bpf(2) commands: names, any, or one number (a mask)\n"
	"  --maps=LIST             map types\n"
	"  --progs=LIST            program types\n"
	"  --attachs=LIST          attach types\n"
	"  --path=PATH             where in the container (default /sys/fs/bpf)\n"
	"  --mode=OCTAL            mode of its root (default 0700)\n"
	"  --owner=WHO             root, user or UID:GID in the container (default root)\n"
	"  --on-unsupported=WHAT   fail, or ignore: start without delegation (default fail)\n"
	"\n"
	"How this program works:\n"
	"  --policy=FILE           the policy (default " POLICY_PATH ")\n"
	"  --log=WHERE             stderr, syslog, file:/PATH or none; may be repeated\n"
	"                          (default syslog)\n"
	"  --log-format=FORMAT     text or json (default text)\n"
	"  --dry-run               print the plan and change nothing\n"
	"  --help, --version       print this, or the version\n"
	"\n"
	"Exit codes: 0 delegated or nothing asked, 64 usage, 65 bad input, 69 this host, kernel\n"
	"or container cannot have it, 71 a system call failed, 77 refused by the policy, 78 the\n"
	"policy is missing, unsafe or broken.\n"
	"\n"
	"Example, for a running container's state:\n"
	"  runc state web | oci-bpf-token-hook --profile=xdp --dry-run\n"
	"See oci-bpf-token-hook(8).\n";

static int print(const char *text)
{
	struct err err;

	if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
		return 0;
	err_set(&err, EX_OSERR, errno, "standard output");
	report_failure(err.msg);
	return err.code;
}

int main(int argc, char **argv)
{
	struct hook_options options;
	enum options_action action;
	struct err err = { 0 };

	if (confine_start(&err) < 0 || options_parse(argc, argv, &options, &action, &err) < 0) {
		(void)signal(SIGPIPE, SIG_IGN); /* the exit code counts, also where nobody reads */
		report_failure(err.msg);
		input_drain(STDIN_FILENO);
		return err.code;
	}
	if (action == OPTIONS_HELP)
		return print(help);
	if (action == OPTIONS_VERSION)
		return print(filter_is_built_in() ? VERSION "built in\n" :
						    VERSION "not built in\n");
	return hook_run(&options);
}
