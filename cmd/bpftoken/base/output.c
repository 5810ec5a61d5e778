/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/base/output.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "spec/base/poison.h"

#define COLUMNS 80

/* The value of a variable, or NULL. This tool runs for whoever calls it; the hook reads none. */
static const char *variable(const char *name)
{
	size_t len = strlen(name);

	for (char **entry = environ; entry != NULL && *entry != NULL; entry++)
		if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=')
			return *entry + len + 1;
	return NULL;
}

static bool has_colours(FILE *to)
{
	const char *no = variable("NO_COLOR"), *term = variable("TERM");

	return isatty(fileno(to)) && (no == NULL || *no == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

const char *output_colour(FILE *to, enum output_colour colour)
{
	static const char *const sequences[] = {
		[OUTPUT_PLAIN] = "\033[0m",    [OUTPUT_GOOD] = "\033[32m",
		[OUTPUT_WARNING] = "\033[33m", [OUTPUT_BAD] = "\033[31m",
		[OUTPUT_STRONG] = "\033[1m",
	};

	return has_colours(to) ? sequences[colour] : "";
}

const char *output_plain(FILE *to)
{
	return output_colour(to, OUTPUT_PLAIN);
}

/* Words from column on; what follows a line's end begins at indent. */
static void wrap(FILE *to, int column, unsigned indent, const char *words)
{
	bool begun = false;

	while (*(words += strspn(words, " ")) != '\0') {
		int len = (int)strcspn(words, " ");

		if (begun && column + 1 + len > COLUMNS) {
			fprintf(to, "\n%*s", (int)indent, "");
			column = (int)indent;
			begun = false;
		}
		column += fprintf(to, "%s%.*s", begun ? " " : "", len, words);
		begun = true;
		words += len;
	}
	fputc('\n', to);
}

void output_wrapped(FILE *to, const char *label, unsigned indent, const char *words)
{
	wrap(to, fprintf(to, "%-*s", (int)indent, label), indent, words);
}

void output_result(FILE *to, enum output_colour colour, const char *result, const char *subject,
		   const char *words)
{
	enum { RESULT = 8, SUBJECT = 12 };
	int column = RESULT;

	fprintf(to, "%s%-*s%s", output_colour(to, colour), RESULT, result, output_plain(to));
	column += fprintf(to, "%-*s", SUBJECT - 1, subject);
	column += fprintf(to, " ");
	wrap(to, column, RESULT + SUBJECT, words);
}

void output_json(struct json_gen *gen)
{
	size_t len;
	const char *text = json_gen_text(gen, &len);

	fwrite(text, 1, len, stdout);
	if (len == 0 || text[len - 1] != '\n')
		putchar('\n');
}
