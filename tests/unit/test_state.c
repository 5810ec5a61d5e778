/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of spec/state: states as runtimes write them, and everything that is none. */

#include "tests/unit/support.h"

#include <limits.h>

/* ---- as runtimes write them ---- */

/* runc 1.1.5: compact, members in an order of its own. */
static const char runc_1_1[] =
	"{\"ociVersion\":\"1.0.2-dev\",\"id\":\"web\",\"status\":\"creating\",\"pid\":3362,"
	"\"bundle\":\"/tmp/b\",\"annotations\":{\"io.bpftoken.path\":\"/run/bpf/a\","
	"\"io.bpftoken.profile\":\"xdp\"}}";

/* runc 1.3.6: a newer version's word, and no annotations at all. */
static const char runc_1_3[] = "{\"ociVersion\":\"1.2.1\",\"id\":\"web\",\"status\":\"creating\","
			       "\"pid\":3362,\"bundle\":\"/tmp/b\"}\n";

/* crun 1.8.1: its own member "root". */
static const char crun_1_8[] =
	"{\"ociVersion\":\"1.0\",\"id\":\"web\",\"pid\":3375,\"root\":\"rootfs\","
	"\"bundle\":\"/tmp/b\",\"status\":\"created\",\"annotations\":"
	"{\"io.bpftoken.profile\":\"xdp\",\"io.bpftoken.path\":\"/run/bpf/a\"}}";

/* crun 1.28: over several lines, with every slash escaped. */
static const char crun_1_28[] =
	"{\n  \"ociVersion\":\"1.0\",\n  \"id\":\"web\",\n  \"pid\":3375,\n"
	"  \"root\":\"\\/tmp\\/b\\/rootfs\",\n  \"bundle\":\"\\/tmp\\/b\",\n"
	"  \"status\":\"created\",\n  \"annotations\":{\n"
	"    \"io.bpftoken.profile\":\"xdp\",\n    \"io.bpftoken.path\":\"\\/run\\/bpf\\/a\"\n  "
	"}\n}\n";

/* crun in createContainer, and runc in poststop: no process to speak of. */
static const char crun_no_pid[] = "{\"ociVersion\":\"1.0\",\"id\":\"web\",\"pid\":0,"
				  "\"root\":\"/r\",\"bundle\":\"/tmp/b\",\"status\":\"created\"}";
static const char runc_stopped[] =
	"{\"ociVersion\":\"1.0.2\",\"id\":\"web\",\"status\":\"stopped\","
	"\"bundle\":\"/tmp/b\",\"annotations\":{}}";

static const struct {
	const char *name, *json;
	pid_t pid;
	size_t n_annotations;
} states[] = {
	{ "runc 1.1", runc_1_1, 3362, 2 },     { "runc 1.3", runc_1_3, 3362, 0 },
	{ "crun 1.8", crun_1_8, 3375, 2 },     { "crun 1.28", crun_1_28, 3375, 2 },
	{ "crun, no pid", crun_no_pid, 0, 0 }, { "runc, stopped", runc_stopped, 0, 0 },
};

static void expect_web(const char *name, const struct state *state, pid_t pid, size_t n_annotations)
{
	expect_text(name, state->id, "web");
	expect_text(name, state->bundle, "/tmp/b");
	assert_int_equal(state->pid, pid);
	assert_int_equal(state->n_annotations, n_annotations);
	if (n_annotations == 0) {
		assert_null(state_annotation(state, "io.bpftoken.path"));
		return;
	}
	expect_text(name, state_annotation(state, "io.bpftoken.path"), "/run/bpf/a");
	expect_text(name, state_annotation(state, "io.bpftoken.profile"), "xdp");
	assert_null(state_annotation(state, "io.bpftoken.cmds"));
	assert_null(state_annotation(state, "io.bpftoken"));
}

static void test_states_of_runtimes(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < LENGTH(states); i++) {
		size_t len = strlen(states[i].json);

		for (size_t chunk = 0; chunk <= len + 1; chunk++) {
			struct state state = { 0 };
			struct err err = { 0 };

			expect_success(states[i].name,
				       parse_state(states[i].json, len, chunk, &state, &err), &err);
			expect_web(states[i].name, &state, states[i].pid, states[i].n_annotations);
			state_done(&state);
			assert_null(state.id);
			state_done(&state); /* an empty state */
		}
	}
}

static void test_values_are_taken_as_they_are(void **unused)
{
	struct state state = state_of(
		"{\"id\":\"a\\nb "
		"\\u00e9\",\"bundle\":\"/\",\"pid\":2147483647,\"annotations\":{\"\":\"empty "
		"key\",\"k\\u00e9\":\"\",\"tab\":\"\\t\xf0\x9f\x98\x80\"},\"x\":[{}]}");

	(void)unused;
	expect_text("id", state.id, "a\nb \xc3\xa9");
	expect_text("bundle", state.bundle, "/");
	assert_int_equal(state.pid, INT_MAX);
	expect_text("empty key", state_annotation(&state, ""), "empty key");
	expect_text("empty value", state_annotation(&state, "k\xc3\xa9"), "");
	expect_text("odd value", state_annotation(&state, "tab"), "\t\xf0\x9f\x98\x80");
	state_done(&state);
}

static void test_null_is_absence(void **unused)
{
	struct state state = state_of("{\"id\":\"i\",\"bundle\":\"/b\",\"pid\":null,"
				      "\"annotations\":{\"a\":null,\"b\":\"1\"}}");

	(void)unused;
	assert_int_equal(state.pid, 0);
	assert_int_equal(state.n_annotations, 1);
	assert_null(state_annotation(&state, "a"));
	state_done(&state);
	state = state_of("{\"id\":\"i\",\"bundle\":\"/b\",\"annotations\":null}");
	assert_int_equal(state.n_annotations, 0);
	state_done(&state);
}

/* ---- refused ---- */

#define STDIN "state on standard input: "

static const struct {
	const char *json, *want;
} refused[] = {
	{ "",
	  STDIN "it is empty; start this program as a hook, or pipe in what \"runc state ID\" or "
		"\"crun state ID\" prints" },
	{ "[]", STDIN "line 1, column 1: the text is not a JSON object" },
	{ "{}", STDIN "id is missing" },
	{ "{\"bundle\":\"/b\"}", STDIN "id is missing" },
	{ "{\"id\":null,\"bundle\":\"/b\"}", STDIN "id is missing" },
	{ "{\"id\":\"\",\"bundle\":\"/b\"}",
	  STDIN "line 1, column 8: id: is empty; a container has a name" },
	{ "{\"id\":7,\"bundle\":\"/b\"}",
	  STDIN "line 1, column 7: id: is a number; it must be a string" },
	{ "{\"id\":\"i\"}", STDIN "bundle is missing" },
	{ "{\"id\":\"i\",\"bundle\":null}", STDIN "bundle is missing" },
	{ "{\"id\":\"i\",\"bundle\":\"\"}",
	  STDIN "line 1, column 21: bundle: \"\" is not an absolute path" },
	{ "{\"id\":\"i\",\"bundle\":\"b\\u001b\"}",
	  STDIN "line 1, column 28: bundle: \"b\\x1b\" is not an absolute path" },
	{ "{\"id\":\"i\",\"bundle\":[\"/b\"]}",
	  STDIN "line 1, column 20: bundle: is an array; it must be a string" },
	{ "{\n\"pid\":-1}", STDIN "line 2, column 8: pid: \"-1\" is not a process id" },
	{ "{\"pid\":1.5}", STDIN "line 1, column 10: pid: \"1.5\" is not a process id" },
	{ "{\"pid\":1e3}", STDIN "line 1, column 10: pid: \"1e3\" is not a process id" },
	{ "{\"pid\":2147483648}",
	  STDIN "line 1, column 17: pid: \"2147483648\" is not a process id" },
	{ "{\"pid\":99999999999999999999}",
	  STDIN "line 1, column 27: pid: \"99999999999999999999\" is not a process id" },
	{ "{\"pid\":\"1\"}", STDIN "line 1, column 10: pid: is a string; it must be a number" },
	{ "{\"pid\":true}", STDIN "line 1, column 11: pid: is true or false; it must be a number" },
	{ "{\"annotations\":[]}",
	  STDIN "line 1, column 16: annotations.*: is an array; it must be an object" },
	{ "{\"annotations\":{\"io.bpftoken.cmds\":1}}",
	  STDIN "line 1, column 36: annotations.*: is a number; it must be a string" },
	{ "{\"annotations\":{\"a\":[\"x\"]}}",
	  STDIN "line 1, column 21: annotations.*: is an array; it must be a string" },
	{ "{\"annotations\":{\"a\":\"1\",\"a\":\"2\"}}",
	  STDIN "line 1, column 27: member \"a\" stands twice in one object" },
	{ "{\"annotations\":{},\"annotations\":{}}",
	  STDIN "line 1, column 31: member \"annotations\" stands twice in one object" },
	{ "{\"annotations\":{\"a\":\"\\u0000\"}}", STDIN "line 1, column 27: a NUL" },
	{ "{\"id\":\"i\",\"bundle\":\"/b\"} {}",
	  STDIN "line 1, column 26: not JSON: parse error: trailing garbage" },
	{ "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}",
	  STDIN "line 1, column 21: objects and arrays are nested too deep" },
};

static void test_refused(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		size_t len = strlen(refused[i].json);

		for (size_t chunk = 0; chunk <= len + 1; chunk++) {
			struct state state = { 0 };
			struct err err = { 0 };
			int r = parse_state(refused[i].json, len, chunk, &state, &err);

			expect_refusal(refused[i].json, r, &err, EX_DATAERR, refused[i].want);
			assert_null(state.id); /* nothing is written on failure */
		}
	}
}

static int parse_padded(size_t len, struct err *err)
{
	static const char start[] = "{\"id\":\"i\",\"bundle\":\"/b\"}";
	char *json = malloc(len);
	struct state state = { 0 };
	int r;

	assert_non_null(json);
	memset(json, ' ', len);
	memcpy(json, start, sizeof(start) - 1);
	r = parse_state(json, len, 0, &state, err);
	state_done(&state);
	free(json);
	return r;
}

static void test_limits(void **unused)
{
	struct err err = { 0 };
	char *json = malloc(STATE_MAX_BYTES);
	struct state state = { 0 };
	size_t len;

	(void)unused;
	assert_non_null(json);
	expect_success("the most bytes", parse_padded(STATE_MAX_BYTES, &err), &err);
	expect_refusal("one more", parse_padded(STATE_MAX_BYTES + 1, &err), &err, EX_DATAERR,
		       STDIN "it is longer than 1048576 bytes: File too large");

	len = (size_t)sprintf(json, "{\"annotations\":{\"0\":\"\"");
	for (int i = 1; i < 32768; i++)
		len += (size_t)sprintf(json + len, ",\"%d\":\"\"", i);
	len += (size_t)sprintf(json + len, "}}");
	expect_refusal("32769 members", parse_state(json, len, 0, &state, &err), &err, EX_DATAERR,
		       STDIN "line 1, column @@: there are too many members, or their names are "
			     "made to collide");
	free(json);
}

static void test_a_long_bundle(void **unused)
{
	char json[PATH_MAX + 64];
	struct err err = { 0 };
	struct state state = { 0 };
	size_t len = (size_t)snprintf(json, sizeof(json), "{\"id\":\"i\",\"bundle\":\"/%0*d\"}",
				      PATH_MAX - 2, 0);

	(void)unused;
	expect_success("4095 bytes", parse_state(json, len, 0, &state, &err), &err);
	assert_int_equal(strlen(state.bundle), PATH_MAX - 1);
	state_done(&state);
	len = (size_t)snprintf(json, sizeof(json), "{\"id\":\"i\",\"bundle\":\"/%0*d\"}",
			       PATH_MAX - 1, 0);
	expect_refusal("4096", parse_state(json, len, 0, &state, &err), &err, EX_DATAERR,
		       STDIN "line 1, column 4117: bundle: \"/000@@0\"... is not an absolute path");
}

/* ---- pods ---- */

static const struct {
	const char *annotations, *container;
	bool sandbox;
} pods[] = {
	{ "", NULL, false },
	{ "\"io.kubernetes.cri.container-name\":\"app\"", "app", false },
	{ "\"io.kubernetes.container.name\":\"app\"", "app", false },
	{ "\"io.kubernetes.container.name\":\"b\",\"io.kubernetes.cri.container-name\":\"a\"", "a",
	  false },
	{ "\"io.kubernetes.cri.container-type\":\"container\"", NULL, false },
	{ "\"io.kubernetes.cri.container-type\":\"sandbox\"", NULL, true },
	{ "\"io.kubernetes.cri-o.ContainerType\":\"sandbox\"", NULL, true },
	{ "\"io.kubernetes.cri-o.ContainerType\":\"container\"", NULL, false },
	{ "\"io.kubernetes.cri-o.ContainerType\":\"Sandbox\"", NULL, false },
	{ "\"io.kubernetes.cri.container-type\":\"sandboxes\"", NULL, false },
	{ "\"container-type\":\"sandbox\"", NULL, false },
};

static void test_pods(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < LENGTH(pods); i++) {
		char json[512];
		struct state state;
		const char *name;

		snprintf(json, sizeof(json),
			 "{\"id\":\"i\",\"bundle\":\"/b\",\"annotations\":{%s}}",
			 pods[i].annotations);
		state = state_of(json);
		name = state_container_name(&state);
		expect_text(json, name ? name : "none",
			    pods[i].container ? pods[i].container : "none");
		assert_int_equal(state_is_sandbox(&state), pods[i].sandbox);
		state_done(&state);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states_of_runtimes),
		cmocka_unit_test(test_values_are_taken_as_they_are),
		cmocka_unit_test(test_null_is_absence),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_a_long_bundle),
		cmocka_unit_test(test_pods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
