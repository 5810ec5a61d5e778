/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/container: what config.json says of a container that does not run. */

#include "tests/unit/support.h"

#include "cmd/bpftoken/explain/container.h"

static struct container container_of(const char *json)
{
	struct container container = { 0 };
	struct err err = { 0 };

	expect_success(json, container_parse(json, strlen(json), &container, &err), &err);
	return container;
}

static const struct {
	const char *namespaces;
	enum container_share share[CONTAINER_NAMESPACES]; /* user, mount, network, cgroup */
} rows[] = {
	{ "", { CONTAINER_HOST, CONTAINER_HOST, CONTAINER_HOST, CONTAINER_HOST } },
	{ "{\"type\":\"user\"}",
	  { CONTAINER_OWN, CONTAINER_HOST, CONTAINER_HOST, CONTAINER_HOST } },
	{ "{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"network\"}",
	  { CONTAINER_HOST, CONTAINER_OWN, CONTAINER_OWN, CONTAINER_HOST } },
	{ "{\"type\":\"cgroup\",\"path\":\"/proc/7/ns/cgroup\"},{\"path\":\"/"
	  "x\",\"type\":\"network\"}",
	  { CONTAINER_HOST, CONTAINER_HOST, CONTAINER_JOINED, CONTAINER_JOINED } },
	{ "{\"type\":\"user\",\"path\":\"\"}",
	  { CONTAINER_OWN, CONTAINER_HOST, CONTAINER_HOST, CONTAINER_HOST } },
	{ "{\"path\":\"/x\"},{\"type\":\"time\",\"path\":\"/x\"},{\"type\":\"mount\"}",
	  { CONTAINER_HOST, CONTAINER_OWN, CONTAINER_HOST, CONTAINER_HOST } },
};

static void test_namespaces(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char json[400];
		struct container container;

		snprintf(json, sizeof(json), "{\"linux\":{\"namespaces\":[%s]}}",
			 rows[i].namespaces);
		container = container_of(json);
		for (size_t j = 0; j < CONTAINER_NAMESPACES; j++) {
			assert_int_equal(container.share[j], rows[i].share[j]);
			assert_int_equal(container.path[j] != NULL,
					 rows[i].share[j] == CONTAINER_JOINED);
		}
		container_done(&container);
	}
}

static void test_maps(void **state)
{
	struct container container = container_of(
		"{\"linux\":{\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1},"
		"{\"size\":10,\"hostID\":5000,\"containerID\":1}],"
		"\"gidMappings\":[{\"containerID\":0,\"hostID\":4294967294,\"size\":1}]}}");
	uint32_t id;

	(void)state;
	assert_int_equal(idmap_outside(&container.uids, 0, &id), 0);
	assert_int_equal(id, 1000);
	assert_int_equal(idmap_outside(&container.uids, 10, &id), 0);
	assert_int_equal(id, 5009);
	assert_int_equal(idmap_outside(&container.uids, 11, &id), -ENOENT);
	assert_int_equal(idmap_outside(&container.gids, 0, &id), 0);
	assert_int_equal(id, 4294967294u);
	container_done(&container);
}

/* ---- the hook among the hooks ---- */

#define HOOK "/usr/libexec/oci/hooks.d/oci-bpf-token-hook"

static const struct {
	const char *hooks;
	const char *cmds, *path, *policy;
} hooks[] = {
	{ "", NULL, NULL, NULL },
	{ "\"createRuntime\":[{\"path\":\"" HOOK "\"}]", NULL, NULL, NULL },
	{ "\"createRuntime\":[{\"path\":\"" HOOK "\",\"args\":[\"hook\",\"--cmds=map_create\","
	  "\"--path\",\"/run/bpf\",\"--policy=/p\",\"createRuntime\"]}]",
	  "map_create", "/run/bpf", "/p" },
	{ "\"prestart\":[{\"args\":[\"hook\",\"--cmds=any\"],\"path\":\"" HOOK "\"}]", "any", NULL,
	  NULL },
	/* of other programs, before and behind it */
	{ "\"createRuntime\":[{\"path\":\"/x\",\"args\":[\"--cmds=no\"]},"
	  "{\"path\":\"" HOOK "\",\"args\":[\"--cmds=yes\"]},"
	  "{\"args\":[\"--path=/no\"],\"path\":\"/usr/bin/not-oci-bpf-token-hook\"}]",
	  "yes", NULL, NULL },
	/* twice: the first */
	{ "\"createRuntime\":[{\"path\":\"" HOOK "\",\"args\":[\"hook\",\"--cmds=one\"]},"
	  "{\"path\":\"" HOOK "\",\"args\":[\"hook\",\"--cmds=two\",\"--path=/two\"]}]",
	  "one", NULL, NULL },
	/* where it would not run, or get no container */
	{ "\"poststop\":[{\"path\":\"" HOOK "\",\"args\":[\"--cmds=any\"]}]", NULL, NULL, NULL },
	/* no value, and names that only begin so */
	{ "\"createRuntime\":[{\"path\":\"" HOOK "\",\"args\":[\"--cmdsx=1\",\"--cmds\"]}]", NULL,
	  NULL, NULL },
};

static void expect_word(const char *label, const char *got, const char *want)
{
	assert_int_equal(got == NULL, want == NULL);
	if (want != NULL)
		expect_text(label, got, want);
}

static void test_hooks(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(hooks); i++) {
		char json[800];
		struct container container;
		struct request_words words;

		snprintf(json, sizeof(json), "{\"hooks\":{%s}}", hooks[i].hooks);
		container = container_of(json);
		words = container_words(&container);
		expect_word(json, words.word[REQUEST_CMDS], hooks[i].cmds);
		expect_word(json, words.word[REQUEST_PATH], hooks[i].path);
		expect_word(json, container_policy(&container), hooks[i].policy);
		container_done(&container);
	}
}

static void test_annotations(void **state)
{
	struct container container =
		container_of("{\"annotations\":{\"io.bpftoken.cmds\":\"any\",\"a\":\"\"}}");

	(void)state;
	assert_int_equal(container.n_annotations, 2);
	expect_text("key", container.annotations[0].key, "io.bpftoken.cmds");
	expect_text("value", container.annotations[0].value, "any");
	container_done(&container);
}

static const struct {
	const char *json, *message;
} broken[] = {
	{ "{", "line 1, column 1: not JSON: @@" },
	{ "{\"annotations\":{\"a\":1}}", "@@ annotations.*: is a number; it must be a string" },
	{ "{\"linux\":{\"uidMappings\":[{\"hostID\":4294967296}]}}",
	  "@@ linux.uidMappings[].hostID: \"4294967296\" is not a user or group id" },
};

static void test_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(broken); i++) {
		struct container container = { 0 };
		struct err err = { 0 };
		int r = container_parse(broken[i].json, strlen(broken[i].json), &container, &err);

		expect_refusal(broken[i].json, r, &err, EX_DATAERR, broken[i].message);
		container_done(&container);
	}
}

/* As many lines as a kernel takes, and one more. */
static void test_many_maps(void **state)
{
	static char json[100000];
	struct text text;
	struct container container = { 0 };
	struct err err = { 0 };

	(void)state;
	text_init(&text, json, sizeof(json));
	text_add(&text, "{\"linux\":{\"gidMappings\":[{}");
	for (int i = 0; i < IDMAP_EXTENTS_MAX; i++)
		text_add(&text, ",{\"size\":1}");
	text_add(&text, "]}}");
	expect_refusal("maps", container_parse(json, strlen(json), &container, &err), &err,
		       EX_DATAERR,
		       "@@ linux.gidMappings[]: has more than 340 lines, the kernel's limit");
	container_done(&container);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_namespaces), cmocka_unit_test(test_maps),
		cmocka_unit_test(test_hooks),	   cmocka_unit_test(test_annotations),
		cmocka_unit_test(test_broken),	   cmocka_unit_test(test_many_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
