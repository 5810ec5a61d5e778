/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/oci-bpf-token-hook/options.h"

#include <errno.h>
#include <string.h>

#include "cmd/oci-bpf-token-hook/words.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

/* Values above every character: getopt answers 1, ':' and '?' for cases of its own. */
enum {
	OPTION_POLICY = 256,
	OPTION_LOG,
	OPTION_LOG_FORMAT,
	OPTION_DRY_RUN,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option own_options[] = {
	{ "policy", required_argument, NULL, OPTION_POLICY },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "log-format", required_argument, NULL, OPTION_LOG_FORMAT },
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 },
};

#define SEE_HELP "see --help"

static int take_policy(const char *path, struct hook_options *out, struct err *err)
{
	const char *defect = request_path_defect(path);

	if (defect != NULL)
		return err_set(err, EX_USAGE, 0,
			       "option --policy: %s %s; write the plain absolute path",
			       quote(path).text, defect);
	out->policy = path;
	return 0;
}

static int take_log(const char *value, struct report_options *out, struct err *err)
{
	enum report_sink sink = REPORT_FILE;
	const char *path = value + strlen("file:");

	if (strcmp(value, "none") == 0)
		sink = REPORT_NONE;
	else if (strcmp(value, "stderr") == 0)
		sink = REPORT_STDERR;
	else if (strcmp(value, "syslog") == 0)
		sink = REPORT_SYSLOG;
	else if (strncmp(value, "file:/", 6) != 0)
		return err_set(err, EX_USAGE, 0,
			       "option --log: %s is none of stderr, syslog, file:/PATH and none",
			       quote(value).text);
	if (out->n_sinks == REPORT_LOGS_MAX)
		return err_set(err, EX_USAGE, 0, "option --log: it is given more than %d times",
			       REPORT_LOGS_MAX);
	out->sinks[out->n_sinks] = sink;
	out->paths[out->n_sinks++] = path;
	return 0;
}

static int take_log_format(const char *value, struct report_options *out, struct err *err)
{
	if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0)
		return err_set(err, EX_USAGE, 0, "option --log-format: %s is neither text nor json",
			       quote(value).text);
	out->format = value[0] == 'j' ? REPORT_JSON : REPORT_TEXT;
	return 0;
}

static int take_phase(const char *phase, bool *seen, struct err *err)
{
	if (strcmp(phase, "createContainer") == 0 || strcmp(phase, "startContainer") == 0)
		return err_set(err, EX_USAGE, 0,
			       "phase %s: such hooks run inside the container, where nobody may "
			       "delegate; make it a createRuntime or prestart hook",
			       quote(phase).text);
	if (*seen || (strcmp(phase, "createRuntime") != 0 && strcmp(phase, "prestart") != 0))
		return err_set(err, EX_USAGE, 0,
			       "argument %s: only one createRuntime or prestart can stand "
			       "there; " SEE_HELP,
			       quote(phase).text);
	*seen = true;
	return 0;
}

static int take_option(int option, const char *value, struct hook_options *out,
		       enum options_action *action, struct err *err)
{
	switch (option) {
	case OPTION_POLICY:
		return take_policy(value, out, err);
	case OPTION_LOG:
		return take_log(value, &out->report, err);
	case OPTION_LOG_FORMAT:
		return take_log_format(value, &out->report, err);
	case OPTION_DRY_RUN:
		out->dry_run = true;
		return 0;
	case OPTION_HELP:
		*action = OPTIONS_HELP;
		return 0;
	case OPTION_VERSION:
		*action = OPTIONS_VERSION;
		return 0;
	default:
		return words_take(option, value, &out->words, err);
	}
}

/* optopt is the letter of a short option, and there are none: several may stand in one word. */
static int refuse_option(const char *word, struct err *err)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	bool is_short = optopt > 0 && optopt < OPTION_POLICY;

	return err_set(err, EX_USAGE, 0,
		       "option %s: there is no such option, or it takes no value; " SEE_HELP,
		       quote(is_short ? letter : word).text);
}

int options_parse(int argc, char **argv, struct hook_options *ret_options,
		  enum options_action *ret_action, struct err *err)
{
	struct hook_options out = { .policy = POLICY_PATH, .vendor_policy = VENDOR_POLICY_PATH };
	struct option options[WORDS_OPTIONS_MAX];
	enum options_action action = OPTIONS_RUN;
	bool phase = false;
	int option, r = 0;

	words_options(own_options, options);
	/* '-': arguments in their order; without it getopt reads POSIXLY_CORRECT */
	opterr = 0;
	while (r == 0 && (option = getopt_long(argc, argv, "-:", options, NULL)) != -1) {
		if (option == 1)
			r = take_phase(optarg, &phase, err);
		else if (option == ':')
			r = err_set(err, EX_USAGE, 0, "option %s: its value is missing; " SEE_HELP,
				    quote(argv[optind - 1]).text);
		else if (option == '?')
			r = refuse_option(argv[optind - 1], err);
		else
			r = take_option(option, optarg, &out, &action, err);
	}
	while (r == 0 && optind < argc) /* behind "--" */
		r = take_phase(argv[optind++], &phase, err);
	if (r == 0)
		r = words_check(&out.words, err);
	if (r < 0)
		return r;
	if (out.report.n_sinks == 0)
		out.report.sinks[out.report.n_sinks++] = REPORT_SYSLOG;
	*ret_options = out;
	*ret_action = action;
	return 0;
}
