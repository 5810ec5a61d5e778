/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/bpftoken/check/check.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

/* ---- sysctls ---- */

/* One sysctl and what a value of it means; value NULL: any other. The first row that fits counts. */
static const struct sysctl {
	const char *name, *path, *value;
	enum check_result result;
	const char *detail, *fix;
} sysctls[] = {
	{ "user.max_user_namespaces", "proc/sys/user/max_user_namespaces", "0", CHECK_FAILURE,
	  "no user namespace can be made, so no container has one",
	  "sysctl -w user.max_user_namespaces=15000, and in /etc/sysctl.d" },
	{ "user.max_mnt_namespaces", "proc/sys/user/max_mnt_namespaces", "0", CHECK_FAILURE,
	  "no mount namespace can be made", "sysctl -w user.max_mnt_namespaces=15000" },
	{ "kernel.unprivileged_bpf_disabled", "proc/sys/kernel/unprivileged_bpf_disabled", "0",
	  CHECK_WARNING, "every user may load socket filters without any token",
	  "sysctl -w kernel.unprivileged_bpf_disabled=2; tokens work all the same" },
	{ "kernel.unprivileged_bpf_disabled", "proc/sys/kernel/unprivileged_bpf_disabled", NULL,
	  CHECK_OK, "holds back all but CAP_BPF; a token passes it", "" },
	{ "kernel.unprivileged_userns_clone", "proc/sys/kernel/unprivileged_userns_clone", "0",
	  CHECK_OK, "only rootless engines miss it", "" },
	{ "kernel.apparmor_restrict_unprivileged_userns",
	  "proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", CHECK_OK,
	  "only rootless engines and programs without privilege are held back", "" },
};

#define N_SYSCTLS (sizeof(sysctls) / sizeof(sysctls[0]))

void check_sysctls(struct check *check)
{
	const struct sysctl *seen = NULL;
	size_t before = check->n_lines;

	for (size_t i = 0; i < N_SYSCTLS; i++) {
		const struct sysctl *sysctl = &sysctls[i];
		char value[64];
		uint64_t number;

		if ((seen != NULL && strcmp(sysctl->path, seen->path) == 0) ||
		    !check_read_line(check, sysctl->path, value, sizeof(value)) ||
		    (sysctl->value != NULL && strcmp(value, sysctl->value) != 0))
			continue;
		seen = sysctl;
		check_add(check, sysctl->result, "sysctl", "%s=%s: %s", sysctl->name,
			  text_parse_u64(value, strlen(value), UINT32_MAX, &number) == 0 ?
				  value :
				  quote(value).text,
			  sysctl->detail);
		if (sysctl->fix[0] != '\0')
			check_fix(check, "%s", sysctl->fix);
	}
	if (check->n_lines == before && !check->image)
		check_add(check, CHECK_OK, "sysctl", "none stands in the way");
}

/* ---- security modules ---- */

static void check_lockdown(struct check *check)
{
	char modes[128];

	if (!check_read_line(check, "sys/kernel/security/lockdown", modes, sizeof(modes)))
		return;
	if (strstr(modes, "[none]") != NULL) {
		check_add(check, CHECK_OK, "lockdown", "none");
	} else if (strstr(modes, "[confidentiality]") != NULL) {
		check_add(check, CHECK_WARNING, "lockdown",
			  "confidentiality: no program may read kernel memory, so tracing programs "
			  "do not load, token or not; maps and network programs do");
		check_fix(check, "boot with lockdown=integrity where tracing is needed");
	} else {
		check_add(check, CHECK_OK, "lockdown",
			  "integrity: no program may write to user memory "
			  "(bpf_probe_write_user), token or not");
	}
}

static void check_selinux(struct check *check)
{
	char enforce[8];

	if (!check_read_line(check, "sys/fs/selinux/enforce", enforce, sizeof(enforce)))
		return;
	if (strcmp(enforce, "1") != 0) {
		check_add(check, CHECK_OK, "selinux", "permissive");
		return;
	}
	check_add(check, CHECK_WARNING, "selinux",
		  "enforcing: a container with a label (mountLabel in config.json) is refused its "
		  "bpffs (EACCES) and bpf(2) unless its domain may use both; what this check tried "
		  "ran in its own domain");
	check_fix(check,
		  "for container_t: semodule -i " SELINUX_MODULE "; for another domain change "
		  "the name in it. Policies may refuse without a record: semodule -DB shows it");
}

/* True for a word in a list split by commas. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list != '\0'; list += strcspn(list, ",") + (list[strcspn(list, ",")] == ','))
		if (strcspn(list, ",") == len && strncmp(list, word, len) == 0)
			return true;
	return false;
}

void check_security(struct check *check)
{
	char modules[256];

	if (check_read_line(check, "sys/kernel/security/lsm", modules, sizeof(modules))) {
		check_add(check, CHECK_OK, "security", "modules: %s%s%s", quote(modules).text,
			  has_word(modules, "apparmor") ?
				  "; AppArmor looks at capability bpf, not at bpf(2)" :
				  "",
			  has_word(modules, "bpf") ? "; a BPF LSM program may refuse tokens" : "");
		check_lockdown(check);
	} else if (!check->image) {
		check_add(check, CHECK_WARNING, "security",
			  "/sys/kernel/security is not there, so lockdown and security modules "
			  "cannot be seen");
		check_fix(check, "mount -t securityfs securityfs /sys/kernel/security");
	} else {
		check_lockdown(check);
	}
	check_selinux(check);
}

/* ---- type information ---- */

void check_btf(struct check *check)
{
	int fd = -1, r;

	if (check->image)
		return;
	r = check_open(check, "sys/kernel/btf/vmlinux", &fd);
	if (fd >= 0)
		close(fd);
	/* It has more bytes than check_open takes, which is an answer as well. */
	if (r == -ENOENT) {
		check_add(check, CHECK_WARNING, "btf",
			  "the kernel has no type information: CO-RE objects do not load, and "
			  "mount tables show delegations as numbers");
		check_fix(check, "use a kernel with CONFIG_DEBUG_INFO_BTF");
	} else {
		check_add(check, CHECK_OK, "btf", "the kernel has its type information");
	}
}
