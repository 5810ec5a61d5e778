/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/sys.h"

#include <errno.h>
#include <unistd.h>

#include "spec/base/poison.h"

/*
 * In the child of errand_run errno is the parent's, too (they share memory and thread-local
 * storage). The parent then sits in poll(2) and does not look at errno until the child has ended.
 */
long sys_call(long number, long a, long b, long c, long d, long e)
{
	long r = syscall(number, a, b, c, d, e);

	return r < 0 ? -errno : r;
}
