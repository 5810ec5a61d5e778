/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Included last by each .c file: calls that this program never makes become compile errors.
 * Unbounded copies, parsers that hide overflow, anything that reads the environment or the locale,
 * starts a shell, or takes memory that input sizes from the stack.
 */
#undef alloca /* glibc's is a macro */
/* Where the compiler is clang, libc's checked forms are macros, and a macro cannot be poisoned. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol strtol strtoul
#pragma GCC poison gets system popen basename dirname alloca getenv secure_getenv setenv strerror
#pragma GCC poison syslog openlog setlocale tmpnam mktemp
