/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sysexits.h>
#include <unistd.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/inject/config_file.h"
#include "cmd/bpftoken/inject/edit.h"
#include "cmd/bpftoken/inject/judge.h"
#include "cmd/oci-bpf-token-hook/words.h"
#include "hook/request.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/config.h"
#include "spec/json_memory.h"

#include "spec/base/poison.h"

#define DEFAULT_HOST_ID 100000
#define DEFAULT_SIZE	65536

static const char help[] =
	"Usage: bpftoken inject [OPTION]... CONFIG\n"
	"Put the hook into an OCI config.json, and what it needs there. All else stays as\n"
	"it was, byte for byte; a second time changes nothing. CONFIG is replaced in one\n"
	"step, with its owner and mode; - is standard input, written to standard output.\n"
	"\n"
	"What to put in:\n"
	"  --hook=PATH            the hook (default\n"
	"                         " HOOK_PATH ")\n"
	"  --stage=STAGE          createRuntime (the default) or prestart\n"
	"  --hook-args=WORDS      parameters of the hook, split at blanks; repeatable. A\n"
	"                         request there is the whole request: annotations are\n"
	"                         not read and the rules of the policy not asked\n"
	"  --userns[=ID:SIZE]     a user namespace that maps SIZE ids from the host's ID\n"
	"                         on (where it has no mapping yet: 100000:65536)\n"
	"  --cap=NAME,...         capabilities, into all five sets; none is added\n"
	"                         unasked. Making a token takes CAP_BPF, network\n"
	"                         programs CAP_NET_ADMIN, too\n"
	"  --annotation=KEY=TEXT  an annotation; repeatable\n"
	"\n"
	"What the container asks for, as the annotations io.bpftoken.profile and so on:\n"
	"  --profile=NAME,...     profiles of the policy\n"
	"  --cmds=LIST            bpf(2) commands\n"
	"  --maps=LIST            map types\n"
	"  --progs=LIST           program types\n"
	"  --attachs=LIST         attach types\n"
	"  --path=PATH            where in the container\n"
	"  --mode=OCTAL           mode of its root\n"
	"  --owner=WHO            root, user or UID:GID\n"
	"  --on-unsupported=WHAT  fail, or ignore: start without delegation\n"
	"\n"
	"How this works:\n"
	"  --remove               take out the hook and all annotations io.bpftoken.*;\n"
	"                         with --userns, --cap and --annotation what these name\n"
	"  --output=FILE          write FILE instead, or - for standard output\n"
	"  --help                 print this\n"
	"\n"
	"Exit codes: 0, 64 usage, 65 bad input (CONFIG, an annotation), 71 a system call\n"
	"failed. What would keep the container from its delegation is a warning on\n"
	"standard error.\n"
	"\n"
	"Example:\n"
	"  bpftoken inject --userns --cap=CAP_BPF,CAP_NET_ADMIN --profile=xdp config.json\n";

/* Values above every character. */
enum {
	OPTION_HOOK = 256,
	OPTION_STAGE,
	OPTION_HOOK_ARGS,
	OPTION_USERNS,
	OPTION_CAP,
	OPTION_ANNOTATION,
	OPTION_REMOVE,
	OPTION_OUTPUT,
	OPTION_HELP,
};

static const struct option own_options[] = {
	{ "hook", required_argument, NULL, OPTION_HOOK },
	{ "stage", required_argument, NULL, OPTION_STAGE },
	{ "hook-args", required_argument, NULL, OPTION_HOOK_ARGS },
	{ "userns", optional_argument, NULL, OPTION_USERNS },
	{ "cap", required_argument, NULL, OPTION_CAP },
	{ "annotation", required_argument, NULL, OPTION_ANNOTATION },
	{ "remove", no_argument, NULL, OPTION_REMOVE },
	{ "output", required_argument, NULL, OPTION_OUTPUT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

/* A string that was made of the command line. */
struct kept {
	struct kept *next;
	char text[];
};

struct job {
	struct inject_wish wish;
	bool remove;
	bool help;
	const char *config;
	const char *output; /* NULL: CONFIG itself */
	struct kept *kept;
};

static void job_done(struct job *job)
{
	while (job->kept != NULL) {
		struct kept *next = job->kept->next;

		free(job->kept);
		job->kept = next;
	}
}

/* The strings before and behind each other, in memory that lasts as long as the job. */
static char *keep(struct job *job, const char *first, const char *second)
{
	size_t n_first = strlen(first), n_second = strlen(second);
	struct kept *kept = json_memory_new(NULL, sizeof(*kept) + n_first + n_second + 1);

	memcpy(kept->text, first, n_first);
	memcpy(kept->text + n_first, second, n_second + 1);
	kept->next = job->kept;
	job->kept = kept;
	return kept->text;
}

/* ---- options ---- */

static int too_many(const char *option)
{
	return args_wrong("inject", "option --%s: there are too many; give fewer", option);
}

static int take_annotation(struct job *job, const char *option, const char *key, const char *value)
{
	struct inject_wish *wish = &job->wish;

	for (size_t i = 0; i < wish->n_annotations; i++)
		if (strcmp(wish->annotations[i].key, key) == 0)
			return args_wrong("inject", "option --%s: %s is given twice; give it once",
					  option, quote(key).text);
	if (wish->n_annotations == INJECT_ANNOTATIONS_MAX)
		return too_many(option);
	wish->annotations[wish->n_annotations++] = (struct inject_annotation){ key, value };
	return 0;
}

static int take_pair(struct job *job, const char *pair)
{
	char *key = keep(job, pair, ""), *value = strchr(key, '=');

	if (value == NULL || value == key)
		return args_wrong("inject", "option --annotation: %s is no KEY=TEXT",
				  quote(pair).text);
	*value = '\0';
	return take_annotation(job, "annotation", key, value + 1);
}

static int take_hook(struct job *job, const char *path)
{
	const char *defect = request_path_defect(path);

	if (defect != NULL)
		return args_wrong("inject", "option --hook: %s %s; write the plain absolute path",
				  quote(path).text, defect);
	job->wish.hook = path;
	return 0;
}

static int take_stage(struct job *job, const char *stage)
{
	for (enum inject_place place = INJECT_CREATE_RUNTIME; place <= INJECT_PRESTART; place++)
		if (strcmp(stage, inject_place_info(place)->name) == 0) {
			job->wish.stage = place;
			return 0;
		}
	return args_wrong("inject",
			  "option --stage: %s is neither createRuntime nor prestart; at no other "
			  "stage can the hook work",
			  quote(stage).text);
}

static int take_hook_args(struct job *job, const char *words)
{
	char *rest = keep(job, words, ""), *word;

	while ((word = strsep(&rest, " \t\n")) != NULL) {
		if (*word == '\0')
			continue;
		if (job->wish.n_args == INJECT_ARGS_MAX)
			return too_many("hook-args");
		job->wish.args[job->wish.n_args++] = word;
	}
	return 0;
}

/* ID:SIZE, whose last id is below 2^32 - 1, the kernel's word for none. */
static int take_userns(struct job *job, const char *range)
{
	const char *colon = range != NULL ? strchr(range, ':') : NULL;
	uint64_t id, size;

	job->wish.userns = true;
	if (range == NULL)
		return 0;
	if (colon == NULL ||
	    text_parse_u64(range, (size_t)(colon - range), UINT32_MAX - 1, &id) < 0 ||
	    text_parse_u64(colon + 1, strlen(colon + 1), UINT32_MAX, &size) < 0 || size == 0 ||
	    id + size > UINT32_MAX)
		return args_wrong("inject",
				  "option --userns: %s is no ID:SIZE of ids on the host; write it "
				  "as 100000:65536",
				  quote(range).text);
	job->wish.ids_given = true;
	job->wish.host_id = (uint32_t)id;
	job->wish.size = (uint32_t)size;
	return 0;
}

/* A name in any case, with or without CAP_; config.json has it in capitals and with it. */
static int take_cap(struct job *job, const char *name)
{
	bool prefixed = strlen(name) > 4 && text_same_word(name, "cap_", 4);
	char *text = keep(job, "cap_", prefixed ? name + 4 : name);
	bool known;
	cap_value_t cap;

	for (char *c = text; *c != '\0'; c++)
		*c = text_lower(*c);
	/* libcap takes numbers, too, which say nothing to a reader */
	known = text[4] >= 'a' && text[4] <= 'z' && cap_from_name(text, &cap) == 0;
	for (char *c = text; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	if (!known)
		return args_wrong("inject",
				  "option --cap: %s is no capability; capabilities(7) names them, "
				  "for example CAP_BPF",
				  quote(name).text);
	if (job->wish.n_caps == INJECT_CAPS_MAX)
		return too_many("cap");
	job->wish.caps[job->wish.n_caps++] = text;
	return 0;
}

static int take_caps(struct job *job, const char *names)
{
	char *rest = keep(job, names, ""), *name;
	int code = 0;

	while (code == 0 && (name = strsep(&rest, ",")) != NULL)
		code = take_cap(job, name);
	return code;
}

static int take_option(struct job *job, int option, const char *value)
{
	const char *name;

	switch (option) {
	case OPTION_HOOK:
		return take_hook(job, value);
	case OPTION_STAGE:
		return take_stage(job, value);
	case OPTION_HOOK_ARGS:
		return take_hook_args(job, value);
	case OPTION_USERNS:
		return take_userns(job, value);
	case OPTION_CAP:
		return take_caps(job, value);
	case OPTION_ANNOTATION:
		return take_pair(job, value);
	case OPTION_REMOVE:
		job->remove = true;
		return 0;
	case OPTION_OUTPUT:
		job->output = value;
		return 0;
	case OPTION_HELP:
		job->help = true;
		return 0;
	default:
		name = request_key_name(words_key(option));
		return take_annotation(job, name, keep(job, REQUEST_PREFIX, name), value);
	}
}

/* Returns 0 or the exit code. */
static int read_arguments(int argc, char **argv, struct job *job)
{
	struct option options[WORDS_OPTIONS_MAX];

	words_options(own_options, options);
	for (int option; (option = args_next(argc, argv, options)) != ARGS_END;) {
		int code = option == ARGS_WRONG ? EX_USAGE : take_option(job, option, optarg);

		if (code != 0)
			return code;
	}
	if (job->help)
		return 0;
	if (optind == argc)
		return args_wrong("inject",
				  "arguments: no file is named; name a config.json, or - for "
				  "standard input");
	if (optind + 1 < argc)
		return args_wrong("inject", "argument %s: one file at a time can be edited",
				  quote(argv[optind + 1]).text);
	job->config = argv[optind];
	if (strcmp(job->config, "-") == 0 && job->output == NULL)
		job->output = "-";
	return 0;
}

/* ---- the work ---- */

static void print_notes(const char *name, const struct inject_notes *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		fprintf(stderr, "bpftoken: inject: %s: warning: %s\n", name, notes->text[i]);
}

static int edit(const struct job *job, const char *name, struct json_doc *doc, struct err *err)
{
	struct inject_notes notes;
	int r;

	if (job->remove)
		return inject_remove(doc, &job->wish, err);
	r = inject_add(doc, &job->wish, err);
	if (r == 0)
		r = inject_judge(doc, &job->wish, &notes, err);
	if (r != 0)
		return r;
	print_notes(name, &notes);
	if (access(job->wish.hook, X_OK) < 0)
		fprintf(stderr,
			"bpftoken: inject: %s: warning: the hook %s is not on this host, and "
			"without it the container does not start; install it, or name it with "
			"--hook\n",
			name, quote(job->wish.hook).text);
	return 0;
}

static int write_result(const struct job *job, const struct config_file *file,
			const struct json_doc *doc, struct err *err)
{
	bool changed = file->len != doc->len || memcmp(file->bytes, doc->text, doc->len) != 0;

	if (job->output == NULL)
		return changed ? config_file_replace(job->config, doc->text, doc->len, &file->stat,
						     err) :
				 0;
	if (strcmp(job->output, "-") != 0)
		return config_file_replace(job->output, doc->text, doc->len, NULL, err);
	fwrite(doc->text, 1, doc->len, stdout); /* main looks whether it took */
	return 0;
}

static int run(const struct job *job, struct err *err)
{
	bool stream = strcmp(job->config, "-") == 0;
	struct quoted quoted = quote(job->config);
	const char *name = stream ? "standard input" : quoted.text;
	defer_with(config_file_done) struct config_file file = { 0 };
	defer_with(json_doc_done) struct json_doc doc = { 0 };
	int r = config_file_read(job->config, CONFIG_MAX_BYTES, &file, err);

	if (r < 0)
		return r;
	doc = json_doc_of(file.bytes, file.len);
	r = edit(job, name, &doc, err);
	if (r < 0) {
		err_prefix(err, "%s", name);
		return r;
	}
	return write_result(job, &file, &doc, err);
}

int command_inject(int argc, char **argv)
{
	defer_with(job_done) struct job job = {
		.config = "",
		.wish = { .hook = HOOK_PATH,
			  .stage = INJECT_CREATE_RUNTIME,
			  .host_id = DEFAULT_HOST_ID,
			  .size = DEFAULT_SIZE },
	};
	struct err err = { 0 };
	int code = read_arguments(argc, argv, &job);

	if (code != 0)
		return code;
	if (job.help)
		return fputs(help, stdout) < 0 ? EX_OSERR : 0;
	if (run(&job, &err) == 0)
		return 0;
	fprintf(stderr, "bpftoken: inject: %s\n", err.msg);
	return err.code;
}
