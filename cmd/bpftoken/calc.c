/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/calc/file.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/needs/format.h"
#include "cmd/bpftoken/base/output.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/json_gen.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken calc [--format=FORMAT] [--name=NAME] [--own] FILE...\n"
	"Print the least delegation that BPF objects need, and programs and libraries\n"
	"that embed some: commands, map types, program types, attach types, what libbpf\n"
	"needs on top, capabilities of the process, and what no delegation can give.\n"
	"Nothing is loaded.\n"
	"\n"
	"  --format=FORMAT  text (default), annotations, podman, kubernetes, cdi, policy,\n"
	"                   systemd, lxd, incus, mount, or json: one object for each\n"
	"                   FILE; all other formats unite the files\n"
	"  --json           the same as --format=json\n"
	"  --name=NAME      what to call a profile, pod or device (default: after FILE)\n"
	"  --own            leave out what libbpf's own probes need; json keeps it apart\n"
	"  --help           print this\n"
	"\n"
	"Example: bpftoken calc --format=podman /usr/sbin/xdp-filter\n";

struct options {
	const struct format *format;
	const char *name;
	bool own;
};

/* ---- names ---- */

/* A file as messages name it: as it is where nothing in it could mislead. */
struct shown {
	char text[4096];
};

static struct shown show(const char *path)
{
	size_t len = strlen(path);
	struct shown shown;
	bool plain = len > 0 && len < 1024;

	for (size_t i = 0; i < len && plain; i++)
		plain = text_is_printable(path[i]) && path[i] != ' ' && path[i] != '"';
	snprintf(shown.text, sizeof(shown.text), "%s", plain ? path : quote(path).text);
	return shown;
}

/* What a file is about: "xdp" of "/usr/lib/bpf/xdp.bpf.o". */
static struct shown topic(const char *path)
{
	static const char *const tails[] = { ".o", ".bpf" };
	const char *slash = strrchr(path, '/');
	struct shown topic;
	size_t len;

	snprintf(topic.text, sizeof(topic.text), "%s", slash != NULL ? slash + 1 : path);
	len = strlen(topic.text);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		size_t tail = strlen(tails[i]);

		if (len > tail && strcmp(topic.text + len - tail, tails[i]) == 0)
			topic.text[len -= tail] = '\0';
	}
	return topic;
}

/* ---- output ---- */

static void print_json(const char *path, const struct needs *needs)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	format_json_object(gen, path, calc_version().text, needs);
	output_json(gen);
}

static void print_united(const struct options *options, const struct needs *needs,
			 const char *first_file)
{
	char origin[64];
	struct shown name = topic(options->name != NULL ? options->name : first_file);
	struct format_source source = {
		.name = options->name != NULL ? options->name : name.text,
		.origin = origin,
		.only_own = options->own,
	};

	snprintf(origin, sizeof(origin), "bpftoken calc, libbpf %s", calc_version().text);
	options->format->print(stdout, needs, &source);
	if (!options->format->tells_origin)
		fprintf(stderr, "bpftoken: calc: found by libbpf %s\n", calc_version().text);
	if (options->format->tells_warnings)
		return;
	for (size_t i = 0; i < needs->n_warnings; i++)
		fprintf(stderr, "bpftoken: calc: warning: %s\n", needs->warnings[i].text);
}

/* ---- the files ---- */

static int run(const struct options *options, char **files, int n)
{
	bool json = strcmp(options->format->name, "json") == 0;
	struct needs all = { 0 };
	int code = 0;

	for (int i = 0; i < n; i++) {
		struct needs needs;
		struct err err = { 0 };

		if (calc_file(files[i], &needs, &err) < 0) {
			fprintf(stderr, "bpftoken: calc: %s: %s\n", show(files[i]).text, err.msg);
			/* a failed call outranks a bad file: it says nothing of the file */
			code = code == EX_OSERR ? code : err.code;
			continue;
		}
		if (json)
			print_json(files[i], &needs);
		needs_unite(&all, &needs);
	}
	/* what only some of the files need would not do */
	if (!json && code == 0)
		print_united(options, &all, files[0]);
	return code;
}

static int parse_options(int argc, char **argv, struct options *options)
{
	enum { FORMAT = 256, JSON, NAME, OWN, HELP };
	static const struct option table[] = {
		{ "format", required_argument, NULL, FORMAT }, { "json", no_argument, NULL, JSON },
		{ "name", required_argument, NULL, NAME },     { "own", no_argument, NULL, OWN },
		{ "help", no_argument, NULL, HELP },	       { 0 },
	};
	const char *format = "text";

	for (int option; (option = args_next(argc, argv, table)) != ARGS_END;) {
		if (option == ARGS_WRONG)
			return EX_USAGE;
		if (option == HELP)
			return fputs(help, stdout) < 0 ? EX_OSERR : -1;
		if (option == FORMAT)
			format = optarg;
		else if (option == JSON)
			format = "json";
		else if (option == NAME)
			options->name = optarg;
		else
			options->own = true;
	}
	options->format = format_find(format);
	if (options->format == NULL)
		return args_wrong("calc",
				  "option --format=%s: there is no such format; use one of %s",
				  quote(format).text, format_names());
	if (options->name != NULL && *options->name == '\0')
		return args_wrong("calc", "option --name: it is empty; name something");
	if (optind == argc)
		return args_wrong("calc", "argument FILE: it is missing; name a BPF object, or a "
					  "program or library that embeds one");
	return 0;
}

int command_calc(int argc, char **argv)
{
	struct options options = { 0 };
	int code = parse_options(argc, argv, &options);

	if (code != 0)
		return code < 0 ? 0 : code;
	return run(&options, argv + optind, argc - optind);
}
