/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/policy/read.h"

#include <string.h>

#include "cmd/bpftoken/base/file.h"
#include "spec/base/defer.h"

#include "spec/base/poison.h"

enum policy_layer policy_layer_of(const char *path)
{
	return strcmp(path, VENDOR_POLICY_PATH) == 0 ? POLICY_VENDOR : POLICY_ADMINISTRATOR;
}

int policy_read(const char *path, struct policy *policy, bool *ret_unread, struct err *err)
{
	defer_free char *text = NULL;
	struct source_memory source;
	size_t len;
	int r = file_read(path, POLICY_MAX_BYTES, &text, &len, err);

	*ret_unread = r < 0;
	if (r < 0)
		return r;
	source = source_memory(text, len, 0);
	return policy_parse(&source.source, policy_layer_of(path), policy, err);
}
