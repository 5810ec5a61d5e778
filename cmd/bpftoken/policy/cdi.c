/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <sysexits.h>

#include "cmd/bpftoken/base/cdi.h"
#include "cmd/bpftoken/base/output.h"
#include "cmd/bpftoken/policy/commands.h"
#include "cmd/bpftoken/policy/read.h"
#include "hook/policy_file.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken policy cdi [--draft] [FILE]\n"
	"Print a CDI file with a device for each profile of a policy. The device puts the\n"
	"hook into a container with the profile on its command line: neither annotation\n"
	"nor rule is needed then, whoever may use the engine may use the device.\n"
	"\n"
	"A profile that the hook could not use, or whose name CDI does not take, is told\n"
	"on standard error and left out.\n"
	"\n"
	"  --draft   look at FILE alone, whoever owns it, and not at the vendor's: it is\n"
	"            not in its place yet\n"
	"  --help    print this\n"
	"\n"
	"FILE is " POLICY_PATH " where it is left out. Exit codes: 65\n"
	"where no device is left, 78 for a policy that the hook would refuse.\n"
	"\n"
	"Example: bpftoken policy cdi >/etc/cdi/bpftoken.json\n"
	"         podman run --device bpftoken.io/profile=xdp --userns=auto ...\n";

static int load(const struct policy_arguments *arguments, struct policy *policy, struct err *err)
{
	const struct policy_files files = { .administrator = arguments->path,
					    .vendor = VENDOR_POLICY_PATH };
	bool unread;
	int r;

	if (!arguments->draft)
		return policy_files_load(&files, policy, err);
	r = policy_read(arguments->path, policy, &unread, err);
	return r < 0 ? r : policy_link(policy, err);
}

static void leave_out(const struct policy_profile *profile, const char *why)
{
	fprintf(stderr, "bpftoken: policy cdi: profile \"%s\" is left out: %s\n", profile->name,
		why);
}

static bool is_device(const struct policy_profile *profile)
{
	if (profile->void_because != NULL)
		leave_out(profile, profile->void_because);
	else if (!cdi_is_device_name(profile->name))
		leave_out(profile, "CDI wants a name that begins with a letter and ends with a "
				   "letter or digit; rename it");
	else
		return true;
	return false;
}

static int print(const struct policy *policy, const char *path)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);
	size_t devices = 0;

	cdi_begin(gen, "bpftoken.io/profile");
	for (size_t i = 0; i < policy->n_profiles; i++) {
		const struct policy_profile *profile = &policy->profiles[i];

		if (!is_device(profile))
			continue;
		cdi_device(gen, profile->name);
		cdi_option(gen, "profile", profile->name);
		cdi_device_end(gen);
		devices++;
	}
	cdi_end(gen);
	if (devices == 0) {
		fprintf(stderr,
			"bpftoken: policy cdi: %s: it has no profile to make a device of; write one "
			"under \"profiles\", bpftoken calc --format=policy prints some\n",
			path);
		return EX_DATAERR;
	}
	output_json(gen);
	return 0;
}

int policy_cdi(int argc, char **argv)
{
	defer_free char *path = NULL;
	defer_with(policy_done) struct policy policy = { 0 };
	struct policy_arguments arguments;
	struct err err = { 0 };
	int code = policy_arguments_take("policy cdi", argc, argv, POLICY_TAKES_DRAFT, &arguments,
					 &path);

	if (code != 0)
		return code;
	if (arguments.help)
		return fputs(help, stdout) < 0 ? EX_OSERR : 0;
	if (load(&arguments, &policy, &err) < 0) {
		fprintf(stderr, "bpftoken: policy cdi: %s\n", err.msg);
		return err.code;
	}
	return print(&policy, path);
}
