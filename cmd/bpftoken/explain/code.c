/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/explain/code.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/bpftoken/base/output.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define LOG                                                                                        \
	"\"journalctl -t oci-bpf-token-hook\" has the whole message, unless --log says elsewhere"

static const struct {
	int code;
	const char *meaning;
	const char *look[4];
} codes[] = {
	{ 0,
	  "the bpffs is mounted, it already was, or nothing was asked for",
	  { LOG ": no record means that nothing was asked",
	    "\"bpftoken explain BUNDLE\" shows annotations that only look like ours" } },
	{ EX_USAGE,
	  "the hook's own command line is wrong",
	  { "the args of the hook in hooks.d, in the CDI file or in config.json", LOG,
	    "the phase: createRuntime or prestart, nothing else" } },
	{ EX_DATAERR,
	  "bad input: the state, config.json or an annotation",
	  { LOG ": it names the place and the word", "\"bpftoken explain BUNDLE\" says it again",
	    "\"bpftoken names\" lists every word there is" } },
	{ EX_UNAVAILABLE,
	  "this host, kernel or container cannot have it",
	  { "the container needs a user namespace of its own (podman --userns=auto, Kubernetes "
	    "hostUsers: false), made by a rootful engine",
	    "\"bpftoken check\" says whether the kernel has tokens (Linux 6.9)", LOG,
	    "annotation io.bpftoken.on-unsupported=ignore starts the container all the same" } },
	{ EX_SOFTWARE,
	  "not one of the hook's: 70 is another program's internal error",
	  { "which hook failed: the runtime's message names it" } },
	{ EX_OSERR, "a system call failed", { LOG ": it names the call and the reason" } },
	{ EX_NOPERM,
	  "the policy refuses it",
	  { LOG ": it prints the rule that would allow it, or the one that is in the way",
	    "\"bpftoken explain BUNDLE\" shows each rule and why it does not match",
	    "\"bpftoken policy test\" tries other requests" } },
	{ EX_CONFIG,
	  "the policy is missing, unsafe or broken",
	  { "\"bpftoken policy check\" names the line, or the owner or mode that is wrong", LOG } },
	{ 1,
	  "not one of the hook's: the runtime itself failed, or another hook did",
	  { "the runtime's own message; runc and podman exit with 1 or 126 whatever a hook's code "
	    "was" } },
	{ 126,
	  "the hook could not be executed",
	  { "the mode of the file that \"path\" names, and noexec on its file system" } },
	{ 127,
	  "the hook was not found",
	  { "the \"path\" in hooks.d, in the CDI file or in config.json" } },
	{ 128 + 6, "the hook aborted (SIGABRT), which is a defect of it", { "please report it" } },
	{ 128 + 9,
	  "the hook was killed (SIGKILL)",
	  { "the \"timeout\" of the hook, which the runtime ends it after",
	    "the kernel log, for a kill for want of memory" } },
	{ 128 + 11, "the hook crashed (SIGSEGV), which is a defect of it", { "please report it" } },
	{ 128 + 14,
	  "the hook's own watchdog ended it after 8 seconds (SIGALRM)",
	  { "what it waited for: a stuck file system below the bundle or the policy" } },
	{ 128 + 31,
	  "the hook's seccomp filter ended it (SIGSYS): it made a call that it never makes",
	  { "the kernel log and the audit log name the call", "please report it" } },
};

#define N_CODES (sizeof(codes) / sizeof(codes[0]))

/* A code that no line has: by a signal, or unknown. */
static void describe_other(int code, struct text *meaning)
{
	if (code > 128 && code <= 128 + 64)
		text_add(meaning, "the program was ended by signal %d%s%s", code - 128,
			 sigabbrev_np(code - 128) != NULL ? ", SIG" : "",
			 sigabbrev_np(code - 128) != NULL ? sigabbrev_np(code - 128) : "");
	else
		text_add(meaning, "not one of the hook's, which are 0, 64, 65, 69, 71, 77 and 78");
}

static void print_json(int code, const char *meaning, const char *const *look, size_t n)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_INDENTED);

	json_gen_object(gen);
	json_gen_name(gen, "code");
	json_gen_number(gen, code);
	json_gen_name(gen, "meaning");
	json_gen_string(gen, meaning);
	json_gen_name(gen, "lookAt");
	json_gen_array(gen);
	for (size_t i = 0; i < n && look[i] != NULL; i++)
		json_gen_string(gen, look[i]);
	json_gen_array_end(gen);
	json_gen_object_end(gen);
	output_json(gen);
}

static void print_text(int code, const char *meaning, const char *const *look, size_t n)
{
	printf("%sexit code %d%s\n", output_colour(stdout, OUTPUT_STRONG), code,
	       output_plain(stdout));
	output_wrapped(stdout, "", 2, meaning);
	for (size_t i = 0; i < n && look[i] != NULL; i++)
		output_wrapped(stdout, i == 0 ? "look at:" : "", 10, look[i]);
}

int explain_code(int code, bool json)
{
	static const char *const look_other[] = {
		"which program failed: the runtime's message names it"
	};
	const char *const *look = look_other;
	size_t n = 1;
	char meaning[200];
	struct text text;

	text_init(&text, meaning, sizeof(meaning));
	for (size_t i = 0; i < N_CODES; i++)
		if (codes[i].code == code) {
			text_add(&text, "%s", codes[i].meaning);
			look = codes[i].look;
			n = sizeof(codes[i].look) / sizeof(codes[i].look[0]);
		}
	if (text.len == 0)
		describe_other(code, &text);
	(json ? print_json : print_text)(code, meaning, look, n);
	return 0;
}
