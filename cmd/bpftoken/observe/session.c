/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/observe/session.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "hook/input.h"
#include "hook/sys.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define WEEK (UINT64_C(7) * 24 * 3600)

static sigset_t ending_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

int session_take_signals(int *ret_fd, struct err *err)
{
	sigset_t set = ending_signals();

	*ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (*ret_fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_set(err, EX_OSERR, errno, "signals");
	return 0;
}

void session_forget_signals(void)
{
	sigset_t set = ending_signals();

	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int64_t session_duration(const char *word)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 } };
	size_t len = strlen(word);
	uint64_t factor = 1, value;

	for (size_t i = 0; len > 0 && i < sizeof(units) / sizeof(units[0]); i++)
		if (word[len - 1] == units[i].unit) {
			factor = units[i].seconds;
			len--;
			break;
		}
	if (text_parse_u64(word, len, WEEK, &value) < 0 || value == 0 || value * factor > WEEK)
		return -EINVAL;
	return (int64_t)(value * factor * 1000);
}

static int read_events(struct session *session, struct err *err)
{
	int r = observe_read(session->observer, session->handler, session->ctx);

	return r < 0 ? err_set(err, EX_OSERR, -r, "reading what was watched") : 0;
}

int session_run(struct session *session, struct err *err)
{
	struct pollfd fds[] = { { .fd = session->signal_fd, .events = POLLIN },
				{ .fd = session->process_fd, .events = POLLIN },
				{ .fd = observe_fd(session->observer), .events = POLLIN } };
	int64_t start = input_clock(), next = start;

	for (;;) {
		int64_t now = input_clock();
		bool over = fds[0].revents != 0 || fds[1].revents != 0 ||
			    (session->duration != 0 && now - start >= session->duration);
		int r = read_events(session, err);

		if (r == 0 && session->tick != NULL && now >= next) {
			next = now + SESSION_TICK;
			over |= session->tick(session->ctx);
		}
		if (r < 0 || over)
			return r;
		r = sys_poll(fds, 3, SESSION_TICK);
		if (r < 0 && r != -EINTR)
			return err_set(err, EX_OSERR, -r, "poll");
	}
}
