/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_CALC_CONFINE_H
#define CMD_BPFTOKEN_CALC_CONFINE_H

#include <stddef.h>

/*
 * Takes from the calling process all that opening objects of len bytes in memory does not need:
 * every descriptor but one to write to, every capability, memory and time without end, and every
 * system call but those that libc's allocator makes, write to that descriptor, and exit. Files
 * cannot be opened and say so; any other call kills. It dies with its parent. Returns 0 or a
 * negative errno, on which it must end.
 *
 * Built with sanitizers there is no filter and no limit on memory: they make calls of their own and
 * map terabytes.
 */
int calc_confine(int write_fd, size_t len);

#endif
