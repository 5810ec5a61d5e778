/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/report.h"

#include <string.h>

#include "spec/base/poison.h"

/*
 * One field list for both forms. Values are escaped so that none can end a record or add a field:
 * in text every free value stands in double quotes, in JSON it is a string.
 */
struct writer {
	struct text *text;
	bool json;
	bool any;
};

static void add_key(struct writer *writer, const char *key)
{
	if (writer->json)
		text_add(writer->text, "%s\"%s\":", writer->any ? "," : "", key);
	else
		text_add(writer->text, "%s%s=", writer->any ? " " : "", key);
	writer->any = true;
}

/* Longer values are cut. The longest of a container's own are ids and paths. */
#define VALUE_MAX 4096

static void add_value(struct writer *writer, const char *key, const char *value)
{
	size_t len = value != NULL ? strlen(value) : 0;

	if (value == NULL)
		return;
	add_key(writer, key);
	text_add_json(writer->text, value, len < VALUE_MAX ? len : VALUE_MAX);
}

static void add_number(struct writer *writer, const char *key, unsigned long long value)
{
	add_key(writer, key);
	text_add(writer->text, "%llu", value);
}

static void add_lists(struct writer *writer, const struct delegation *delegation)
{
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		char words[2048];
		struct text text;

		text_init(&text, words, sizeof(words));
		delegation_add_words(&text, list, delegation->masks[list], ",");
		add_value(writer, names_key(list), words);
	}
}

static void add_source(struct writer *writer, const struct report_record *record)
{
	if (record->request != NULL && record->request->origin == REQUEST_FROM_COMMAND_LINE)
		add_value(writer, "source", "command line");
	else if (record->decision != NULL && record->decision->rule != NULL)
		add_value(writer, "source", decision_rule_name(record->decision->rule).text);
	else if (record->decision != NULL)
		add_value(writer, "source", "no rule");
}

static void add_warnings(struct writer *writer, const struct warnings *warnings)
{
	if (warnings->n == 0)
		return;
	add_key(writer, "warnings");
	text_add(writer->text, "[");
	for (size_t i = 0; i < warnings->n; i++) {
		text_add(writer->text, i == 0 ? "" : ",");
		text_add_json(writer->text, warnings->text[i], strlen(warnings->text[i]));
	}
	text_add(writer->text, "]");
}

static const char *verdict(const struct report_record *record)
{
	if (record->decision == NULL)
		return "none";
	return record->decision->granted ? "granted" : "refused";
}

static void add_fields(struct writer *writer, const struct report_record *record)
{
	add_key(writer, "time");
	text_add(writer->text, "%lld.%03lld", (long long)(record->time / 1000),
		 (long long)(record->time % 1000));
	add_value(writer, "decision", verdict(record));
	add_value(writer, "outcome", record->outcome);
	add_number(writer, "code", (unsigned long long)record->code);
	if (record->state != NULL) {
		add_value(writer, "id", record->state->id);
		add_number(writer, "pid", (unsigned long long)record->state->pid);
	}
	if (record->has_host_uid)
		add_number(writer, "hostUid", record->host_uid);
	add_source(writer, record);
	if (record->request != NULL)
		add_value(writer, "path", record->request->path);
	if (record->decision != NULL)
		add_lists(writer, &record->decision->delegation);
	else if (record->request != NULL)
		add_lists(writer, &record->request->lists);
	add_value(writer, "message", record->message);
	if (record->warnings != NULL)
		add_warnings(writer, record->warnings);
}

void report_add_text(struct text *text, const struct report_record *record)
{
	struct writer writer = { .text = text };

	add_fields(&writer, record);
}

void report_add_json(struct text *text, const struct report_record *record)
{
	struct writer writer = { .text = text, .json = true };

	text_add(text, "{");
	add_fields(&writer, record);
	text_add(text, "}");
}
