/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/config_json.h"

#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "tests/bench/target.h"

#define VOLUMES "/var/lib/containers/storage/volumes"

/* One config.json while it is written. */
struct writer {
	FILE *to;
	const char *root;
	size_t filler[CONFIG_SHAPES]; /* how many bytes more each part gets */
};

/* ---- one more of each ---- */

static void add_env(FILE *to, size_t i)
{
	fprintf(to, ",\"SERVICE_%zu_PORT_8080_TCP_ADDR=10.43.%zu.%zu\"", i, i / 256 % 256, i % 256);
}

static void add_mount(FILE *to, size_t i)
{
	fprintf(to,
		",{\"destination\":\"/srv/data/volume-%zu\",\"type\":\"bind\","
		"\"source\":\"" VOLUMES "/volume-%zu/_data\","
		"\"options\":[\"nosuid\",\"nodev\",\"rbind\",\"rprivate\",\"rw\"]}",
		i, i);
}

static void add_annotation(FILE *to, size_t i)
{
	fprintf(to,
		",\"org.example.part-%zu/description\":\"Part %zu, built from the stable branch\"",
		i, i);
}

static void add_syscall(FILE *to, size_t i)
{
	fprintf(to,
		",{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ALLOW\","
		"\"args\":[{\"index\":0,\"value\":%zu,\"op\":\"SCMP_CMP_EQ\"}]}",
		i);
}

static void fill(struct writer *writer, enum config_shape part, void (*add)(FILE *to, size_t i))
{
	long end = ftell(writer->to) + (long)writer->filler[part];

	for (size_t i = 0; ftell(writer->to) < end; i++)
		add(writer->to, i);
}

static void add_words(FILE *to, size_t bytes, const char *words)
{
	for (size_t done = 0; done < bytes; done += strlen(words))
		fputs(words, to);
}

static void add_notes(struct writer *writer)
{
	fputs("\"", writer->to);
	add_words(writer->to, writer->filler[CONFIG_STRING], "plain words of a long note, ");
	add_words(writer->to, writer->filler[CONFIG_ESCAPES],
		  "\\\"\\u00e9\\\"\\n\xc3\xa9\\ud83d\\ude00\xf0\x9f\x98\x80\\t\\\\ ");
	fputs("\"", writer->to);
}

/* ---- the template ---- */

/* What stands for a word of the template that begins with '@'. */
static void replace(struct writer *writer, const char *word, size_t len)
{
	static const struct {
		const char *word;
		enum config_shape part;
		void (*add)(FILE *to, size_t i);
	} fillers[] = {
		{ "env", CONFIG_ENV, add_env },
		{ "mounts", CONFIG_MOUNTS, add_mount },
		{ "annotations", CONFIG_ANNOTATIONS, add_annotation },
		{ "syscalls", CONFIG_SYSCALLS, add_syscall },
	};

	for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++)
		if (strlen(fillers[i].word) == len && strncmp(fillers[i].word, word, len) == 0)
			fill(writer, fillers[i].part, fillers[i].add);
	if (strncmp(word, "root", len) == 0)
		fprintf(writer->to, "\"%s\"", writer->root);
	else if (strncmp(word, "id", len) == 0)
		fprintf(writer->to, "%d", TARGET_ID);
	else if (strncmp(word, "notes", len) == 0)
		add_notes(writer);
}

/* Copies the template without its blanks, as engines write, and with its words replaced. */
static void write_template(struct writer *writer, const char *template)
{
	bool string = false;

	for (const char *p = template; *p != '\0'; p++) {
		if (*p == '"')
			string = !string;
		if (!string && *p == '@') {
			size_t len = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz");

			replace(writer, p + 1, len);
			p += len;
		} else if (string || !isspace((unsigned char)*p)) {
			fputc(*p, writer->to);
		}
	}
}

static size_t write_all(const char *path, struct writer *writer, const char *template)
{
	long size;

	writer->to = fopen(path, "we");
	if (writer->to == NULL)
		err(EX_OSERR, "%s", path);
	write_template(writer, template);
	size = ftell(writer->to);
	if (ferror(writer->to) || fclose(writer->to) != 0 || size < 0)
		err(EX_OSERR, "%s", path);
	return (size_t)size;
}

const char *config_shape_name(enum config_shape shape)
{
	static const char *const names[CONFIG_SHAPES] = {
		"mixed", "env", "mounts", "annotations", "seccomp", "one string", "escapes",
	};

	return names[shape];
}

size_t config_json_write(const char *path, const char *template, const char *root,
			 enum config_shape shape, size_t size)
{
	struct writer writer = { .root = root };
	size_t least = write_all(path, &writer, template);

	if (size <= least)
		return least;
	writer.filler[shape] = size - least;
	if (shape == CONFIG_MIXED)
		for (enum config_shape part = CONFIG_ENV; part <= CONFIG_SYSCALLS; part++)
			writer.filler[part] = (size - least) / 4;
	return write_all(path, &writer, template);
}
