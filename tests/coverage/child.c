/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands before _exit where a test forks children that run the code under test: they, too, add their
 * counters to the build's files.
 */
void __wrap___gcov_exit(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

_Noreturn void __wrap__exit(int status)
{
	__wrap___gcov_exit();
	__real__exit(status);
}
