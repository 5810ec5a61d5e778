/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/host/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "hook/sys.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

static ssize_t read_into(int fd, char *buf, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = sys_read(fd, buf + len, cap - len);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return n;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

ssize_t proc_file_read(int dir_fd, const char *name, char *buf, size_t cap)
{
	defer_close int fd = sys_open(dir_fd, name, O_RDONLY, 0);
	ssize_t n = fd < 0 ? fd : read_into(fd, buf, cap - 1);

	if (n >= 0)
		buf[n] = '\0';
	return n;
}

int proc_file_read_all(int dir_fd, const char *name, char **ret_text, size_t *ret_len)
{
	defer_close int fd = sys_open(dir_fd, name, O_RDONLY, 0);
	defer_free char *text = NULL;
	size_t len = 0, cap = 16384;
	ssize_t n = fd;

	while (n >= 0) {
		char *more = realloc(text, cap);

		if (more == NULL)
			return -ENOMEM;
		text = more;
		n = read_into(fd, text + len, cap - len - 1);
		if (n < 0)
			break;
		len += (size_t)n;
		text[len] = '\0';
		if (len < cap - 1) {
			*ret_text = text;
			*ret_len = len;
			text = NULL;
			return 0;
		}
		cap *= 2;
	}
	return (int)n;
}

/* ---- status ---- */

/* The value of a line "Key:\tvalue", or NULL. A process's name has its line ends escaped. */
static const char *value_of(const char *text, const char *key)
{
	size_t len = strlen(key);

	while (text != NULL) {
		if (strncmp(text, key, len) == 0 && text[len] == ':')
			return text + len + 1 + strspn(text + len + 1, "\t ");
		text = strchr(text, '\n');
		if (text != NULL)
			text++;
	}
	return NULL;
}

static uint64_t number_of(const char *text, const char *key, unsigned base)
{
	const char *value = value_of(text, key);
	uint64_t number = 0;

	for (; value != NULL && *value != '\0'; value++) {
		unsigned digit = 99;

		if (*value >= '0' && *value <= '9')
			digit = (unsigned)(*value - '0');
		else if (*value >= 'a' && *value <= 'f')
			digit = (unsigned)(*value - 'a') + 10;
		if (digit >= base)
			break;
		number = number * base + digit;
	}
	return number;
}

/* The kernel escapes a backslash and a line end in a name, and nothing else of it. */
static void copy_name(const char *value, char *to, size_t cap)
{
	size_t n = 0;

	for (; n + 1 < cap && *value != '\n' && *value != '\0'; value++) {
		if (value[0] == '\\' && (value[1] == 'n' || value[1] == '\\'))
			to[n++] = *++value == 'n' ? '\n' : '\\';
		else
			to[n++] = *value;
	}
	to[n] = '\0';
}

bool proc_status_parse(const char *text, struct proc_status *ret_status)
{
	const char *name = value_of(text, "Name");
	struct proc_status status = { 0 };

	if (name == NULL || value_of(text, "CapBnd") == NULL)
		return false;
	copy_name(name, status.name, sizeof(status.name));
	status.uid = (uid_t)number_of(text, "Uid", 10);
	status.effective = number_of(text, "CapEff", 16);
	status.bounding = number_of(text, "CapBnd", 16);
	status.seccomp = (unsigned)number_of(text, "Seccomp", 10);
	*ret_status = status;
	return true;
}

/* "PID (name) state ppid ...": the name may hold anything, so the last ')' ends it. */
uint64_t proc_stat_start(const char *text)
{
	const char *p = strrchr(text, ')');
	uint64_t start = 0;

	/* the state is field 3, the start time field 22 */
	for (unsigned field = 2; p != NULL && field < 22; field++) {
		p = strchr(p, ' ');
		p = p != NULL ? p + 1 : NULL;
	}
	for (; p != NULL && *p >= '0' && *p <= '9'; p++)
		start = start * 10 + (uint64_t)(*p - '0');
	return start;
}
