/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_BPFTOKEN_HOST_PROC_FILE_H
#define CMD_BPFTOKEN_HOST_PROC_FILE_H

/*
 * Files of /proc/PID that the kernel answers by itself. cmdline, environ and what lies below root/
 * are not for here: they lead through memory and file systems that a tenant can make wait.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Reads a small file into buf, terminated; what does not fit is cut. Returns its length or a
 * negative errno.
 */
ssize_t proc_file_read(int dir_fd, const char *name, char *buf, size_t cap);

/* Reads a file of any length. On success the caller frees *ret_text, which is terminated. */
int proc_file_read_all(int dir_fd, const char *name, char **ret_text, size_t *ret_len);

/* What of a process's status counts here. */
struct proc_status {
	char name[64]; /* the kernel's escapes undone: any bytes, a tenant chooses them */
	uid_t uid;
	uint64_t effective, bounding; /* capabilities, one bit each */
	unsigned seccomp;	      /* 2: a filter */
};

/* Reads a status file's text. False when it is not one. Pure. */
bool proc_status_parse(const char *text, struct proc_status *ret_status);

/*
 * The start time of a process in clock ticks, from the text of its stat file; 0 if it has none.
 * Pure.
 */
uint64_t proc_stat_start(const char *text);

#endif
