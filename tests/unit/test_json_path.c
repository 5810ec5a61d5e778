/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/json_path: which rules a value can still belong to. */

#include "tests/unit/support.h"

#include "spec/json_path.h"

static const struct json_rule rules[] = {
	{ "id", JSON_STRING, NULL, 0 },			      /* bit 0 */
	{ "annotations.*", JSON_STRING, NULL, 0 },	      /* 1 */
	{ "mounts[]", JSON_OBJECT, NULL, 0 },		      /* 2 */
	{ "mounts[].options[]", JSON_STRING, NULL, 0 },	      /* 3 */
	{ "profiles.*.cmds", JSON_STRING, NULL, 0 },	      /* 4 */
	{ "profiles.xdp", JSON_NUMBER | JSON_BOOL, NULL, 0 }, /* 5 */
	{ "grid[][]", JSON_NUMBER, NULL, 0 },		      /* 6 */
	{ "profiles", JSON_NULL, NULL, 0 },		      /* 7 */
	{ "a.b.c.d.e.f.g[]", JSON_STRING, NULL, 0 },	      /* 8: as many steps as there may be */
	{ "mixed", JSON_STRING, NULL, 0 },		      /* 9 */
	{ "mixed[]", JSON_NUMBER, NULL, 0 },		      /* 10 */
	{ "mixed.x", JSON_NUMBER, NULL, 0 },		      /* 11 */
};

static const struct json_format format = { .rules = rules, .n_rules = LENGTH(rules) };

#define BIT(n) (UINT64_C(1) << (n))
#define ALL    (BIT(LENGTH(rules)) - 1)

/* A way down from the top: member names, and "[]" for an element. */
static const struct {
	const char *way[8];
	uint64_t set;
	bool any;
	const char *end; /* the path of the rule that ends here */
	unsigned types;
} ways[] = {
	{ { NULL }, ALL, false, NULL, JSON_OBJECT },
	{ { "id" }, BIT(0), false, "id", JSON_STRING },
	{ { "ID" }, 0, false, NULL, 0 },
	{ { "i" }, 0, false, NULL, 0 },
	{ { "idx" }, 0, false, NULL, 0 },
	{ { "" }, 0, false, NULL, 0 },
	{ { "[]" }, 0, false, NULL, 0 },
	{ { "id", "id" }, 0, false, NULL, 0 },
	{ { "annotations" }, BIT(1), false, NULL, JSON_OBJECT },
	{ { "annotations", "x" }, BIT(1), true, "annotations.*", JSON_STRING },
	{ { "annotations", "" }, BIT(1), true, "annotations.*", JSON_STRING },
	{ { "annotations", "*" }, BIT(1), true, "annotations.*", JSON_STRING },
	{ { "annotations", "a.b" }, BIT(1), true, "annotations.*", JSON_STRING },
	{ { "annotations.x" }, 0, false, NULL, 0 },
	{ { "mounts" }, BIT(2) | BIT(3), false, NULL, JSON_ARRAY },
	{ { "mounts", "[]" }, BIT(2) | BIT(3), false, "mounts[]", JSON_OBJECT },
	{ { "mounts", "[]", "options" }, BIT(3), false, NULL, JSON_ARRAY },
	{ { "mounts", "[]", "options", "[]" }, BIT(3), false, "mounts[].options[]", JSON_STRING },
	{ { "mounts", "[]", "other" }, 0, false, NULL, 0 },
	{ { "mounts", "options" }, 0, false, NULL, 0 },
	{ { "profiles" }, BIT(4) | BIT(5) | BIT(7), false, "profiles", JSON_OBJECT | JSON_NULL },
	{ { "profiles", "xdp" },
	  BIT(4) | BIT(5),
	  true,
	  "profiles.xdp",
	  JSON_OBJECT | JSON_NUMBER | JSON_BOOL },
	{ { "profiles", "tc" }, BIT(4), true, NULL, JSON_OBJECT },
	{ { "profiles", "tc", "cmds" }, BIT(4), false, "profiles.*.cmds", JSON_STRING },
	{ { "profiles", "tc", "progs" }, 0, false, NULL, 0 },
	{ { "mixed" },
	  BIT(9) | BIT(10) | BIT(11),
	  false,
	  "mixed",
	  JSON_STRING | JSON_ARRAY | JSON_OBJECT },
	{ { "grid", "[]" }, BIT(6), false, NULL, JSON_ARRAY },
	{ { "grid", "[]", "[]" }, BIT(6), false, "grid[][]", JSON_NUMBER },
	{ { "grid", "[]", "[]", "[]" }, 0, false, NULL, 0 },
	{ { "a", "b", "c", "d", "e", "f", "g", "[]" },
	  BIT(8),
	  false,
	  "a.b.c.d.e.f.g[]",
	  JSON_STRING },
};

/* Walks down; once nobody asks for a value, nobody asks for what lies below it. */
static uint64_t walk(const struct json_paths *paths, const char *const way[8], unsigned *ret_depth,
		     bool *ret_any)
{
	uint64_t set = ALL;
	unsigned depth = 0;

	*ret_any = false;
	for (; depth < 8 && way[depth] != NULL; depth++) {
		if (strcmp(way[depth], "[]") == 0) {
			*ret_any = false;
			set = json_paths_element(paths, set, depth);
		} else {
			size_t len = strlen(way[depth]);
			char *name = exact_bytes(way[depth], len);

			set = json_paths_member(paths, set, depth, name, len, ret_any);
			free(name);
		}
		if (set == 0)
			break;
	}
	*ret_depth = depth;
	return set;
}

static void test_ways(void **state)
{
	static struct json_paths paths;

	(void)state;
	assert_int_equal(json_paths_init(&paths, &format), 0);
	for (size_t i = 0; i < LENGTH(ways); i++) {
		unsigned depth;
		bool any;
		uint64_t set = walk(&paths, ways[i].way, &depth, &any);
		const struct json_rule *end = json_paths_end(&paths, set, depth);
		unsigned types = json_paths_types(&paths, set, depth);

		if (set != ways[i].set || any != ways[i].any || types != ways[i].types)
			fail_msg("way %zu: set %llx, any %d, types %x", i, (unsigned long long)set,
				 any, types);
		if (ways[i].end == NULL)
			assert_null(end);
		else
			expect_text("end", end != NULL ? end->path : "none", ways[i].end);
	}
	json_paths_done(&paths);
}

/* Names that Go's reader of JSON takes for a member that some rule asks for. */
static const struct {
	const char *way[8]; /* the objects that the name stands in */
	const char *name, *want;
} lookalikes[] = {
	{ { NULL }, "ID", "id" },
	{ { NULL }, "Id", "id" },
	{ { NULL }, "id", "id" },
	{ { NULL }, "idx", NULL },
	{ { NULL }, "i", NULL },
	{ { NULL }, "", NULL },
	{ { NULL }, "MOUNTS", "mounts" },
	{ { NULL }, "mount\xc5\xbf", "mounts" },
	{ { NULL }, "mount\xc5\xbfx", NULL },
	{ { NULL }, "mount\xc5\xbe", NULL },
	{ { NULL }, "mount\xc5", NULL },
	{ { NULL }, "\xe2\x84\xaa", NULL },
	{ { NULL }, "profi\xe2\x84\xaa", NULL },
	{ { NULL }, "XDP", NULL }, /* asked for elsewhere */
	{ { "profiles" }, "XDP", "xdp" },
	{ { "profiles", "x" }, "CMDS", "cmds" },
	{ { "profiles", "x" }, "cmd\xc5\xbf", "cmds" },
	{ { "mounts", "[]" }, "Options", "options" },
	{ { "annotations" }, "ID", NULL },
	{ { "other" }, "ID", NULL },
};

static void test_lookalikes(void **state)
{
	static struct json_paths paths;

	(void)state;
	assert_int_equal(json_paths_init(&paths, &format), 0);
	for (size_t i = 0; i < LENGTH(lookalikes); i++) {
		size_t len = strlen(lookalikes[i].name);
		char *name = exact_bytes(lookalikes[i].name, len);
		const struct json_step *step;
		unsigned depth;
		bool any;
		uint64_t set = walk(&paths, lookalikes[i].way, &depth, &any);

		step = json_paths_lookalike(&paths, set, depth, name, len);
		if ((step != NULL) != (lookalikes[i].want != NULL) ||
		    (step != NULL && (step->len != strlen(lookalikes[i].want) ||
				      memcmp(step->name, lookalikes[i].want, step->len) != 0)))
			fail_msg("%s: %s", lookalikes[i].name, step ? step->name : "none");
		free(name);
	}
	json_paths_done(&paths);
}

/* The last rule there can be is found like the first. */
static void test_as_many_rules_as_there_may_be(void **state)
{
	static char names[JSON_RULES_MAX][8];
	static struct json_rule many[JSON_RULES_MAX];
	static struct json_paths paths;
	const struct json_format full = { .rules = many, .n_rules = JSON_RULES_MAX };
	const uint64_t all = (UINT64_C(1) << JSON_RULES_MAX) - 1;
	bool any;

	(void)state;
	for (int i = 0; i < JSON_RULES_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "m%d", i);
		many[i] = (struct json_rule){ names[i], JSON_STRING, NULL, i };
	}
	assert_int_equal(json_paths_init(&paths, &full), 0);
	for (unsigned i = 0; i < JSON_RULES_MAX; i++) {
		uint64_t set = json_paths_member(&paths, all, 0, names[i], strlen(names[i]), &any);

		assert_true(set == BIT(i));
		assert_int_equal(json_paths_end(&paths, set, 1)->arg, i);
	}
	json_paths_done(&paths);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_lookalikes),
		cmocka_unit_test(test_as_many_rules_as_there_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
