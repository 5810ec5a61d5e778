/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/support.h"

int parse_state(const char *json, size_t len, size_t chunk, struct state *ret, struct err *err)
{
	char *bytes = exact_bytes(json, len);
	struct source_memory source = source_memory(bytes, len, chunk);
	int r = state_parse(&source.source, ret, err);

	free(bytes);
	return r;
}

int parse_config(const char *json, size_t len, size_t chunk, struct config *ret, struct err *err)
{
	char *bytes = exact_bytes(json, len);
	struct source_memory source = source_memory(bytes, len, chunk);
	int r = config_parse(&source.source, ret, err);

	free(bytes);
	return r;
}

struct state state_of(const char *json)
{
	struct state state = { 0 };
	struct err err = { 0 };

	expect_success(json, parse_state(json, strlen(json), 0, &state, &err), &err);
	return state;
}

struct config config_of(const char *json)
{
	struct config config = { 0 };
	struct err err = { 0 };

	expect_success(json, parse_config(json, strlen(json), 0, &config, &err), &err);
	return config;
}
