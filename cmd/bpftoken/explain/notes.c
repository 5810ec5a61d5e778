/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/explain/notes.h"

#include <stdarg.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

void notes_add(struct notes *notes, const char *format, ...)
{
	struct text text;
	va_list args;

	if (notes->n == NOTES_MAX) {
		notes->dropped++;
		return;
	}
	text_init(&text, notes->text[notes->n++], sizeof(notes->text[0]));
	va_start(args, format);
	text_vadd(&text, format, args);
	va_end(args);
}
