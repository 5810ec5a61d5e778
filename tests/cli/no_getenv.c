/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands for libc's getenv, and in front of main: from main on a look at the environment is an
 * error. Linked with --wrap, which reaches libc's own calls where libc is linked statically. With the
 * one argument --getenv it makes such a call, so that a test can tell that it would be noticed.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool started;

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);
char *__real_getenv(const char *name);
char *__wrap_getenv(const char *name);
char *__wrap_secure_getenv(const char *name);
char *__wrap___libc_secure_getenv(const char *name);

char *__wrap_getenv(const char *name)
{
	if (started) {
		/* one of the few calls that the seccomp filter lets through */
		_exit(write(STDERR_FILENO, name, strlen(name)) > 0 ? 99 : 98);
	}
	return __real_getenv(name);
}

char *__wrap_secure_getenv(const char *name)
{
	return __wrap_getenv(name);
}

char *__wrap___libc_secure_getenv(const char *name)
{
	return __wrap_getenv(name);
}

int __wrap_main(int argc, char **argv)
{
	started = true;
	if (argc == 2 && strcmp(argv[1], "--getenv") == 0)
		return getenv("ANYTHING") != NULL;
	return __real_main(argc, argv);
}
