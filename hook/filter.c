/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>

#include "spec/base/poison.h"

#ifdef HAVE_FILTER

static const struct sock_filter program[] = {
#include "filter_program.inc"
};

bool filter_is_built_in(void)
{
	return true;
}

int filter_install(struct err *err)
{
	const struct sock_fprog filter = {
		.len = sizeof(program) / sizeof(program[0]),
		/* only read, the type lacks const; NOLINTNEXTLINE(performance-no-int-to-ptr) */
		.filter = (struct sock_filter *)(uintptr_t)program,
	};

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) < 0)
		return err_set(err, EX_OSERR, errno, "privilege: installing the seccomp filter");
	return 0;
}

#else

bool filter_is_built_in(void)
{
	return false;
}

int filter_install(struct err *err)
{
	(void)err;
	return 0;
}

#endif
