/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/seccomp.h"

#include "spec/base/poison.h"

/* SCMP_ACT_TRACE and _NOTIFY ask somebody else, who may allow it. */
static bool blocks(const struct json_value *action)
{
	return !json_is(action, "SCMP_ACT_ALLOW") && !json_is(action, "SCMP_ACT_LOG") &&
	       !json_is(action, "SCMP_ACT_TRACE") && !json_is(action, "SCMP_ACT_NOTIFY");
}

int seccomp_on_default_action(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	((struct seccomp *)ctx)->default_blocks = blocks(value);
	return 0;
}

int seccomp_on_syscall(void *ctx, const struct json_value *value, struct err *err)
{
	struct seccomp *seccomp = ctx;

	(void)err;
	if (value->type == JSON_END && seccomp->names_bpf) {
		seccomp->bpf_passes |= !seccomp->blocks;
		seccomp->bpf_blocked |= seccomp->blocks && !seccomp->conditional;
	}
	seccomp->names_bpf = seccomp->blocks = seccomp->conditional = false;
	return 0;
}

int seccomp_on_name(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	((struct seccomp *)ctx)->names_bpf |= json_is(value, "bpf");
	return 0;
}

int seccomp_on_action(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	((struct seccomp *)ctx)->blocks = blocks(value);
	return 0;
}

int seccomp_on_arg(void *ctx, const struct json_value *value, struct err *err)
{
	(void)err;
	(void)value;
	((struct seccomp *)ctx)->conditional = true;
	return 0;
}

bool seccomp_blocks_bpf(const struct seccomp *seccomp)
{
	return seccomp->default_blocks ? !seccomp->bpf_passes : seccomp->bpf_blocked;
}
