/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "hook/errand.h"
#include "hook/input.h"
#include "hook/sys.h"
#include "spec/base/defer.h"
#include "spec/base/err.h"

#include "spec/base/poison.h"

#define PROGRAM "oci-bpf-token-hook"

/* Everything fits: values are cut at VALUE_MAX (record.c), and there are not many. */
#define RECORD_MAX 40960

/* In ms, for a pipe and for a file. */
#define WRITE_PATIENCE 100
#define FILE_PATIENCE  500

/* RFC 5424 facility 10 (authpriv), severities 6 (informational) and 4 (warning). */
#define PRIORITY_GRANTED (10 * 8 + 6)
#define PRIORITY_REFUSED (10 * 8 + 4)

/*
 * Writes a line as far as it is taken within WRITE_PATIENCE. A pipe that poll calls writable takes
 * PIPE_BUF bytes without waiting, so a reader that has stopped reading holds up nobody's container.
 * A file takes all at once, and so that two records do not mix it is given all at once.
 */
static void write_line(int fd, enum report_sink sink, const struct text *line)
{
	size_t most = sink == REPORT_FILE ? line->len : PIPE_BUF;
	int64_t deadline = input_clock() + WRITE_PATIENCE;
	size_t done = 0;

	while (done < line->len) {
		struct pollfd wait = { .fd = fd, .events = POLLOUT };
		size_t piece = line->len - done < most ? line->len - done : most;
		int64_t left = deadline - input_clock();
		ssize_t n;

		if (left <= 0 || sys_poll(&wait, 1, (int)left) != 1)
			return;
		n = write(fd, line->buf + done, piece);
		if (n <= 0)
			return; /* nobody is left to tell */
		done += (size_t)n;
	}
}

void report_failure(const char *message)
{
	char line[ERR_MSG_MAX + 64];
	struct text text;

	text_init(&text, line, sizeof(line));
	text_add(&text, PROGRAM ": %s\n", message);
	write_line(STDERR_FILENO, REPORT_STDERR, &text);
}

/* Our own datagram: syslog(3) reads TZ and /etc/localtime, and may wait. */
static int open_syslog(void)
{
	const struct sockaddr_un address = { AF_UNIX, "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void report_open(const struct report_options *options, struct report *ret_report)
{
	struct report report = { .options = *options, .open = true };

	for (size_t i = 0; i < options->n_sinks; i++) {
		report.fds[i] = options->sinks[i] == REPORT_STDERR ? STDERR_FILENO : -1;
		if (options->sinks[i] == REPORT_SYSLOG)
			report.fds[i] = open_syslog();
	}
	*ret_report = report;
}

/* ---- files ---- */

struct file_log {
	const char *path;
	const struct text *line;
};

static int write_file(void *ctx)
{
	const struct file_log *log = ctx;
	struct statx stx;
	defer_close int fd =
		sys_open(AT_FDCWD, log->path,
			 O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	int r = fd < 0 ? fd : sys_stat(fd, "", AT_EMPTY_PATH, &stx);

	if (r == 0 && !S_ISREG(stx.stx_mode))
		r = -EINVAL;
	if (r == 0)
		write_line(fd, REPORT_FILE, log->line);
	return r < 0 ? r : 0;
}

/* By a helper, for a file may lie where nobody answers. */
static void log_to_file(struct report *report, const char *path, const struct text *line)
{
	struct file_log log = { path, line };
	const struct errand errand = {
		.pidfd = -1, .patience = FILE_PATIENCE, .work = write_file, .ctx = &log
	};
	enum errand_step ignored;
	struct err err;
	void *stack = errand_prepare(&err);
	int r = stack == NULL ? -ENOMEM : errand_run(&errand, stack, &ignored);

	if (r >= 0)
		return;
	report->abandoned |= r == -ETIME;
	if (r == -ETIME || r == -ETIMEDOUT || r == -ECHILD)
		err_set(&err, EX_OSERR, 0,
			"log %s: it was not written within %d ms; the run goes on without it",
			quote(path).text, FILE_PATIENCE);
	else
		err_set(&err, EX_OSERR, -r,
			"log %s: it must be a regular file and no symlink, in a directory that "
			"exists; the run goes on without it",
			quote(path).text);
	report_failure(err.msg);
}

/* ---- records ---- */

/* A daemon that does not keep up loses a record; the container does not wait for it. */
static void write_syslog(int fd, int code, const struct text *record)
{
	char header[64];
	struct text text;
	struct iovec parts[2];
	const struct msghdr datagram = { .msg_iov = parts, .msg_iovlen = 2 };

	text_init(&text, header, sizeof(header));
	text_add(&text, "<%d>" PROGRAM "[%d]: ", code == 0 ? PRIORITY_GRANTED : PRIORITY_REFUSED,
		 (int)getpid());
	parts[0] = (struct iovec){ header, text.len };
	parts[1] = (struct iovec){ record->buf, record->len };
	(void)sendmsg(fd, &datagram, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Apart, because its buffer is filled with zeros, ten pages of them, when it is entered. */
__attribute__((noinline)) static void write_record(struct report *report,
						   const struct report_record *record)
{
	char line[RECORD_MAX];
	struct text text;

	text_init(&text, line, sizeof(line) - 1);
	if (report->options.format == REPORT_JSON)
		report_add_json(&text, record);
	else
		report_add_text(&text, record);
	for (size_t i = 0; i < report->options.n_sinks; i++)
		if (report->options.sinks[i] == REPORT_SYSLOG && report->fds[i] >= 0)
			write_syslog(report->fds[i], record->code, &text);
	text.cap++; /* the line's end always has its place */
	text.cut = false;
	text_add(&text, "\n");
	for (size_t i = 0; i < report->options.n_sinks; i++)
		if (report->options.sinks[i] == REPORT_FILE)
			log_to_file(report, report->options.paths[i], &text);
		else if (report->options.sinks[i] == REPORT_STDERR)
			write_line(report->fds[i], REPORT_STDERR, &text);
}

void report_write(struct report *report, const struct report_record *record)
{
	bool anyone = false;

	for (size_t i = 0; i < report->options.n_sinks; i++)
		anyone |= report->fds[i] >= 0 || report->options.sinks[i] == REPORT_FILE;
	if (anyone)
		write_record(report, record);
}

void report_done(struct report *report)
{
	for (size_t i = 0; report->open && i < report->options.n_sinks; i++)
		if (report->fds[i] > STDERR_FILENO)
			close(report->fds[i]);
	report->open = false;
}
