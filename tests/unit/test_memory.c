/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests that an allocation which fails is an ordinary error, whichever it is: everything left of
 * the mount is run with its first, second, ... allocation failing. The linker puts the functions
 * below in the place of libc's (--wrap). What is lost on the way is for the leak sanitizer to see.
 *
 * yajl does not look whether its own failed: there the program ends at once, as such an error does.
 */

#include "tests/unit/support.h"

#include "spec/idmap.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hook/request.h"

/* The first piece of json.c, told by its size: a realloc of NULL, which clang makes a malloc. */
enum { PIECE_SIZE = 65536 };

void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_reallocarray(void *array, size_t n, size_t size);
char *__real_strdup(const char *value);
char *__real_strndup(const char *value, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_reallocarray(void *array, size_t n, size_t size);
char *__wrap_strdup(const char *value);
char *__wrap_strndup(const char *value, size_t len);

static long countdown; /* 1: the next allocation fails; 0: none does */
static bool yajls;     /* the allocations that json.c makes for yajl count, and no others */

static bool fails(bool yajl)
{
	return yajl == yajls && countdown > 0 && --countdown == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails(size != PIECE_SIZE) ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return fails(size != PIECE_SIZE) ? NULL : __real_realloc(memory, size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails(false) ? NULL : __real_calloc(n, size);
}

void *__wrap_reallocarray(void *array, size_t n, size_t size)
{
	return fails(false) ? NULL : __real_reallocarray(array, n, size);
}

char *__wrap_strdup(const char *value)
{
	return fails(false) ? NULL : __real_strdup(value);
}

char *__wrap_strndup(const char *value, size_t len)
{
	return fails(false) ? NULL : __real_strndup(value, len);
}

/* ---- what is run ---- */

static int run_state(struct err *err)
{
	static const char json[] =
		"{\"id\":\"i\",\"bundle\":\"/b\",\"annotations\":{\"a\":\"1\",\"b\":\"2\","
		"\"c\":\"3\",\"d\":\"4\",\"e\":\"5\",\"f\":\"6\",\"g\":\"7\",\"h\":\"8\",\"i\":"
		"\"9\"}}";
	struct source_memory source = source_memory(json, strlen(json), 0);
	struct state state = { 0 };
	int r = state_parse(&source.source, &state, err);

	if (r < 0)
		assert_true(state.id == NULL && state.annotations == NULL);
	state_done(&state);
	return r;
}

static int run_config(struct err *err)
{
	static const char json[] = "{\"root\":{\"path\":\"r\"},\"process\":{\"capabilities\":{"
				   "\"bounding\":[\"CAP_BPF\"]}},"
				   "\"mounts\":[{\"destination\":\"/a\"},{\"destination\":\"/"
				   "b\",\"options\":[\"shared\"]}],"
				   "\"linux\":{\"maskedPaths\":[\"/a\",\"/b\"]}}";
	struct source_memory source = source_memory(json, strlen(json), 0);
	struct config config = { 0 };
	int r = config_parse(&source.source, &config, err);

	if (r < 0)
		assert_true(config.root_path == NULL && config.mounts == NULL);
	config_done(&config);
	return r;
}

/* Two layers with everything in them: void and hidden profiles, void rules, lists of all kinds. */
static int run_policy(struct err *err)
{
	static const char administrator[] =
		"{\"version\":1,\"trustedAnnotations\":[\"a\",\"b\"],"
		"\"profiles\":{\"p\":{\"cmds\":\"any\"},"
		"\"v\":{\"cmds\":\"frobnicate\",\"maps\":\"frobnicate\"}},"
		"\"rules\":[{\"name\":\"n\","
		"\"match\":{\"annotations\":{\"a\":\"1\"},\"hostUids\":\"1,2-3\"},"
		"\"allow\":{\"profiles\":\"p,q\",\"paths\":\"/a,/b\",\"maps\":\"frobnicate\"}},"
		"{\"match\":{},\"allow\":{\"profiles\":\"v\"}},"
		"{\"match\":{},\"allow\":{\"profiles\":\"none\"}},{\"match\":{},\"deny\":true}]}";
	static const char vendor[] = "{\"version\":1,\"profiles\":{\"p\":{\"cmds\":\"frobnicate\"},"
				     "\"q\":{\"cmds\":\"prog_load\"}}}";
	struct source_memory first = source_memory(administrator, strlen(administrator), 0);
	struct source_memory second = source_memory(vendor, strlen(vendor), 0);
	struct policy policy = { 0 };
	int r = policy_parse(&first.source, POLICY_ADMINISTRATOR, &policy, err);

	if (r == 0)
		r = policy_parse(&second.source, POLICY_VENDOR, &policy, err);
	if (r == 0)
		r = policy_link(&policy, err);
	policy_done(&policy);
	return r;
}

static int run_request(struct err *err)
{
	const struct request_words words = { { "a,b,c", "any", "any", "any", "any", NULL, NULL,
					       NULL, NULL } };
	const struct request_words with_path = {
		{ [REQUEST_CMDS] = "any", [REQUEST_PATH] = "/a" }
	};
	struct request request = { 0 };
	int r = request_make(&words, REQUEST_FROM_ANNOTATIONS, &request, err);

	request_done(&request);
	if (r < 0)
		return r;
	r = request_make(&with_path, REQUEST_FROM_COMMAND_LINE, &request, err);
	request_done(&request);
	return r;
}

static int run_idmap(struct err *err)
{
	static const char lines[] =
		"0 1 1\n1 2 1\n2 3 1\n3 4 1\n4 5 1\n5 6 1\n6 7 1\n7 8 1\n8 9 1\n";
	struct idmap map = { 0 };
	int r = idmap_parse(lines, strlen(lines), &map);

	if (r == -ENOMEM)
		err_memory(err); /* as the hook says it */
	idmap_done(&map);
	return r;
}

/* ---- every allocation of it failing ---- */

static void expect_memory_errors(const char *label, int (*run)(struct err *err), long least)
{
	for (long n = 1; n < 10000; n++) {
		struct err err = { 0 };
		int r;

		countdown = n;
		r = run(&err);
		if (countdown > 0) { /* there is no nth allocation */
			countdown = 0;
			expect_success(label, r, &err);
			if (n <= least)
				fail_msg("%s: only %ld allocations were seen", label, n - 1);
			return;
		}
		expect_refusal(label, r, &err, EX_OSERR,
			       "@@memory: an allocation failed; free some memory: Cannot allocate "
			       "memory");
	}
	fail_msg("%s: no end", label);
}

static void test_every_allocation(void **unused)
{
	(void)unused;
	expect_memory_errors("state", run_state, 25);
	expect_memory_errors("config", run_config, 10);
	expect_memory_errors("policy", run_policy, 40);
	expect_memory_errors("request", run_request, 5);
	expect_memory_errors("id map", run_idmap, 2);
}

/* ---- yajl's ---- */

/* Runs run_policy in a child whose nth allocation for yajl fails. Returns its exit code. */
static int run_child(long n, char message[256])
{
	int fds[2], status;
	ssize_t len;
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err = { 0 };

		dup2(fds[1], STDERR_FILENO);
		yajls = true;
		countdown = n;
		_exit(run_policy(&err) == 0 && countdown > 0 ? 0 : 1);
	}
	close(fds[1]);
	len = read(fds[0], message, 255);
	message[len > 0 ? len : 0] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_every_allocation_of_yajl(void **unused)
{
	char message[256];
	long n = 1;

	(void)unused;
	while (run_child(n, message) == EX_OSERR) {
		expect_text("message", message,
			    "test_memory: memory: an allocation failed; free some memory\n");
		n++;
	}
	assert_int_equal(run_child(n, message), 0); /* there is no nth */
	assert_true(n > 5);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_allocation),
		cmocka_unit_test(test_every_allocation_of_yajl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
