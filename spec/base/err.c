/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "spec/base/text.h"

#include "spec/base/poison.h"

int(err_set)(struct err *err, int code, int errnum, const char *fmt, ...)
{
	struct text text;
	va_list args;

	text_init(&text, err->msg, sizeof(err->msg));
	va_start(args, fmt);
	text_vadd(&text, fmt, args);
	va_end(args);
	if (errnum != 0) {
		/* not strerror(3): it consults the locale */
		const char *reason = strerrordesc_np(errnum);

		text_add(&text, ": %s", reason != NULL ? reason : "unknown error");
	}
	err->code = code;
	return errnum != 0 ? -errnum : -EINVAL;
}

void err_prefix(struct err *err, const char *fmt, ...)
{
	char rest[ERR_MSG_MAX];
	struct text text;
	va_list args;

	memcpy(rest, err->msg, sizeof(rest));
	text_init(&text, err->msg, sizeof(err->msg));
	va_start(args, fmt);
	text_vadd(&text, fmt, args);
	va_end(args);
	text_add(&text, ": %s", rest);
}

int(err_memory)(struct err *err)
{
	return err_set(err, EX_OSERR, ENOMEM, "memory: an allocation failed; free some memory");
}
