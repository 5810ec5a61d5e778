/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/explain/verdict.h"

#include <linux/seccomp.h>
#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

static const struct {
	uint32_t action;
	const char *words;
} actions[] = {
	{ SECCOMP_RET_ALLOW, "allowed" },
	{ SECCOMP_RET_LOG, "allowed and logged" },
	{ SECCOMP_RET_TRACE, "as a tracer says, else ENOSYS" },
	{ SECCOMP_RET_USER_NOTIF, "as the listener says" },
	{ SECCOMP_RET_TRAP, "SIGSYS" },
	{ SECCOMP_RET_KILL_THREAD, "the thread is killed" },
	{ SECCOMP_RET_KILL_PROCESS, "the process is killed" },
};

void verdict_action(const struct seccomp_verdict *verdict, char *buf, size_t cap)
{
	const uint32_t action = verdict->action & SECCOMP_RET_ACTION_FULL;
	const int number = (int)(verdict->action & SECCOMP_RET_DATA);
	struct text text;

	text_init(&text, buf, cap);
	if (verdict->depends) {
		text_add(&text, "depends on the other arguments");
		return;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (action == actions[i].action)
			text_add(&text, "%s", actions[i].words);
	if (action == SECCOMP_RET_ERRNO && strerrorname_np(number) != NULL)
		text_add(&text, "%s", strerrorname_np(number));
	else if (action == SECCOMP_RET_ERRNO)
		text_add(&text, "errno %d", number);
}

void verdict_source(const struct seccomp_profile *profile, const struct seccomp_verdict *verdict,
		    char *buf, size_t cap)
{
	struct text text;

	text_init(&text, buf, cap);
	if (verdict->entry != NULL)
		text_add(&text, "syscalls[%zu]", (size_t)(verdict->entry - profile->entries));
	else
		text_add(&text, "defaultAction");
}
