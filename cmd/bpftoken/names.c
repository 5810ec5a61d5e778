/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/base/args.h"
#include "cmd/bpftoken/base/btf_names.h"
#include "cmd/bpftoken/commands.h"
#include "cmd/bpftoken/base/output.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"
#include "spec/json_gen.h"
#include "spec/names.h"
#include "spec/names_gate.h"

#include "spec/base/poison.h"

static const char help[] =
	"Usage: bpftoken names [--json] [--btf=FILE] [cmds|maps|progs|attachs]\n"
	"Print every name that a list may hold, one a line:\n"
	"\n"
	"  LIST    the list, as options and annotations have it\n"
	"  BIT     its place in the list's mask\n"
	"  NAME    the kernel's name, without its prefix\n"
	"  BUILD   whether this build knows the name; it takes others for class host\n"
	"  KERNEL  whether the running kernel has it: yes, no, or unknown\n"
	"  CLASS   of a program type, what it reaches: host, cgroup or net\n"
	"  TOKEN   of a command, whether the kernel asks a token for it, and since when;\n"
	"          an inert one changes nothing in a list: a descriptor is enough for it\n"
	"          (open), or no user namespace ever may (host)\n"
	"\n"
	"  --json      print an array of objects instead\n"
	"  --btf=FILE  the types of another kernel\n"
	"              (default " BTF_NAMES_KERNEL ")\n"
	"  --help      print this\n"
	"\n"
	"Exit codes: 0, 64 usage, 65 FILE holds no kernel's types.\n"
	"\n"
	"Example:\n"
	"  bpftoken names progs\n";

/* All that is known of one bit. */
struct name {
	enum names_list list;
	unsigned bit;
	const char *name;
	const char *class; /* NULL but for program types */
	bool build;
	const char *kernel; /* "yes", "no" or "unknown" */
	struct names_gating gating;
};

static const char *class_name(unsigned bit)
{
	switch (names_prog_class(bit)) {
	case NAMES_CLASS_CGROUP:
		return "cgroup";
	case NAMES_CLASS_NET:
		return "net";
	default:
		return "host";
	}
}

/* kernel is NULL where nobody knows. False: neither build nor kernel has a name for the bit. */
static bool find_name(enum names_list list, unsigned bit, const struct btf_names *kernel,
		      struct name *ret_name)
{
	const char *known = names_of_bit(list, bit);
	bool in_kernel = kernel != NULL && (kernel->known.masks[list] >> bit & 1) != 0;

	if (known == NULL && !in_kernel)
		return false;
	*ret_name = (struct name){
		.list = list,
		.bit = bit,
		.name = known != NULL ? known : kernel->name[list][bit],
		.class = list == NAMES_PROGS ? class_name(bit) : NULL,
		.build = known != NULL,
		.kernel = kernel == NULL ? "unknown" :
			  in_kernel	 ? "yes" :
					   "no",
	};
	if (list == NAMES_CMDS)
		ret_name->gating = names_cmd_gate(bit);
	return true;
}

/* Of a program type its class, of a command what a token is to it. */
static void add_remark(struct text *text, const struct name *name)
{
	if (name->class != NULL)
		text_add(text, "%s", name->class);
	if (name->list != NAMES_CMDS)
		return;
	switch (name->gating.gate) {
	case NAMES_GATE_TOKEN:
		text_add(text, "asked since %u.%u", name->gating.major, name->gating.minor);
		return;
	case NAMES_GATE_OPEN:
		text_add(text, "inert (open)");
		return;
	case NAMES_GATE_HOST:
		text_add(text, "inert (host)");
		return;
	default:
		text_add(text, "unknown");
	}
}

/* A word in its column, and in colour where it is to be noticed. */
static void print_word(const char *word, int width, bool stands_out)
{
	printf("  %s%-*s%s", stands_out ? output_colour(stdout, OUTPUT_WARNING) : "", width, word,
	       stands_out ? output_plain(stdout) : "");
}

static void print_text(const struct name *name)
{
	char remark[24];
	struct text text;

	text_init(&text, remark, sizeof(remark));
	add_remark(&text, name);
	printf("%-7s  %3u  %-32s", names_key(name->list), name->bit, name->name);
	print_word(name->build ? "yes" : "no", 5, !name->build);
	/* the last word of a line has no blanks behind it */
	print_word(name->kernel, text.len != 0 ? 7 : 0, strcmp(name->kernel, "no") == 0);
	printf("%s%s\n", text.len != 0 ? "  " : "", remark);
}

static void print_heading(void)
{
	printf("%s%-7s  %3s  %-32s  %-5s  %-7s  %s%s\n", output_colour(stdout, OUTPUT_STRONG),
	       "LIST", "BIT", "NAME", "BUILD", "KERNEL", "CLASS OR TOKEN", output_plain(stdout));
}

static void gen_gating(struct json_gen *gen, const struct names_gating *gating)
{
	static const char *const gates[] = {
		[NAMES_GATE_UNKNOWN] = NULL,
		[NAMES_GATE_TOKEN] = "asked",
		[NAMES_GATE_OPEN] = "open",
		[NAMES_GATE_HOST] = "host",
	};
	char since[16];
	struct text text;

	json_gen_name(gen, "token");
	json_gen_string(gen, gates[gating->gate]);
	if (gating->gate != NAMES_GATE_TOKEN)
		return;
	text_init(&text, since, sizeof(since));
	text_add(&text, "%u.%u", gating->major, gating->minor);
	json_gen_name(gen, "since");
	json_gen_string(gen, since);
}

static void gen_name(struct json_gen *gen, const struct name *name)
{
	json_gen_object(gen);
	json_gen_name(gen, "list");
	json_gen_string(gen, names_key(name->list));
	json_gen_name(gen, "bit");
	json_gen_unsigned(gen, name->bit);
	json_gen_name(gen, "name");
	json_gen_string(gen, name->name);
	if (name->class != NULL) {
		json_gen_name(gen, "class");
		json_gen_string(gen, name->class);
	}
	json_gen_name(gen, "build");
	json_gen_bool(gen, name->build);
	json_gen_name(gen, "kernel");
	if (strcmp(name->kernel, "unknown") == 0)
		json_gen_string(gen, NULL);
	else
		json_gen_bool(gen, strcmp(name->kernel, "yes") == 0);
	if (name->list == NAMES_CMDS)
		gen_gating(gen, &name->gating);
	json_gen_object_end(gen);
}

/* Prints one list, or all with only == NAMES_LISTS. */
static void print_names(enum names_list only, const struct btf_names *kernel, bool json)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);
	struct name name;

	json_gen_array(gen);
	if (!json)
		print_heading();
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		for (unsigned bit = 0; bit < 64; bit++) {
			if ((only != NAMES_LISTS && only != list) ||
			    !find_name(list, bit, kernel, &name))
				continue;
			if (json)
				gen_name(gen, &name);
			else
				print_text(&name);
		}
	json_gen_array_end(gen);
	if (json)
		output_json(gen);
}

/* The list that the argument names, NAMES_LISTS without one. Returns 0 or 64. */
static int read_list_argument(int argc, char **argv, enum names_list *ret_only)
{
	enum names_list only = NAMES_LISTS;

	if (optind < argc)
		for (only = 0; only < NAMES_LISTS && strcmp(argv[optind], names_key(only)) != 0;)
			only++;
	if (optind < argc && only == NAMES_LISTS)
		return args_wrong("names",
				  "argument %s: it is no list; write one of cmds, maps, progs and "
				  "attachs, or nothing",
				  quote(argv[optind]).text);
	if (optind + 1 < argc)
		return args_wrong("names", "argument %s: there is one too many; name one list",
				  quote(argv[optind + 1]).text);
	*ret_only = only;
	return 0;
}

/* Another kernel's types must be there; where the running one hides its own, that is said. */
static int read_kernel(const char *path, struct btf_names *names, bool *ret_known)
{
	struct err err = { 0 };
	int r = btf_names_read(path != NULL ? path : BTF_NAMES_KERNEL, names, &err);

	*ret_known = r == 0;
	if (r < 0)
		fprintf(stderr, "bpftoken: names: %s%s\n", path == NULL ? "warning: " : "",
			err.msg);
	return r < 0 && path != NULL ? err.code : 0;
}

int command_names(int argc, char **argv)
{
	enum { OPTION_JSON = 256, OPTION_BTF, OPTION_HELP };
	static const struct option options[] = { { "json", no_argument, NULL, OPTION_JSON },
						 { "btf", required_argument, NULL, OPTION_BTF },
						 { "help", no_argument, NULL, OPTION_HELP },
						 { 0 } };
	struct btf_names kernel;
	enum names_list only = NAMES_LISTS;
	const char *btf = NULL;
	bool json = false, known;
	int code;

	for (int option; (option = args_next(argc, argv, options)) != ARGS_END;) {
		if (option == ARGS_WRONG)
			return EX_USAGE;
		if (option == OPTION_HELP)
			return fputs(help, stdout) < 0 ? EX_OSERR : 0;
		if (option == OPTION_BTF)
			btf = optarg;
		else
			json = true;
	}
	code = read_list_argument(argc, argv, &only);
	if (code == 0)
		code = read_kernel(btf, &kernel, &known);
	if (code == 0)
		print_names(only, known ? &kernel : NULL, json);
	return code;
}
