/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of cmd/bpftoken/calc_child and calc_confine: what becomes of a process that opens objects
 * when these take it over. Instead of libbpf's, code runs there that the first byte of an object
 * chooses.
 */

#include "tests/unit/support.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cmd/bpftoken/calc/child.h"
#include "cmd/bpftoken/calc/object.h"

int __wrap_calc_object_describe(const uint8_t *object, size_t len, struct facts_writer *writer);

static void say(struct facts_writer *writer, bool yes)
{
	const uint64_t helpers[FACTS_HELPER_MASKS] = { 0 };
	struct fact_map map = { .type = yes ? 1 : 0 };

	facts_add_map(writer, &map);
	facts_add_object(writer, helpers, 0);
}

/* Calls that the filter kills for; sanitized builds have none. */
static void call(char what)
{
	switch (what) {
	case 's':
		(void)socket(AF_UNIX, SOCK_STREAM, 0);
		break;
	case 'f':
		(void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
		break;
	case 'x':
		(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		break;
	case 'k':
		(void)kill(getppid(), 0);
		break;
	case 'w':
		(void)!write(STDERR_FILENO, "", 1);
		break;
	case 'b':
		(void)syscall(SYS_bpf, 0, NULL, 0);
		break;
	default:
		break;
	}
}

int __wrap_calc_object_describe(const uint8_t *object, size_t len, struct facts_writer *writer)
{
	void *volatile memory;
	int fd;

	switch (object[0]) {
	case 'c':
		__builtin_trap();
	case 'e':
		_exit(EXIT_FAILURE);
	case 'q':
		_exit(0); /* without a word */
	case 'g':
		writer->bytes[0] = 'X';
		return 0;
	case 'o':
		writer->full = true;
		return 0;
	case 'r':
		facts_add_refusal(writer, EINVAL, "words");
		return -EBADMSG;
	case 'm':
		memory = mmap(NULL, (size_t)64 << 30, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		say(writer, memory == MAP_FAILED);
		return 0;
	case 'p':
		say(writer, open("/etc/passwd", O_RDONLY) < 0);
		return 0;
	case 'h': /* libbpf's way to hold a place for a descriptor */
		fd = memfd_create("place", MFD_CLOEXEC);
		say(writer, fd >= 0 && fcntl(fd, F_DUPFD_CLOEXEC, 3) >= 3 && close(fd) == 0);
		return 0;
	case '=':
		say(writer,
		    len == 5 && memcmp(object, "=abcd", 5) == 0 && (uintptr_t)object % 16 == 0);
		return 0;
	default:
		call((char)object[0]);
		say(writer, true);
		return 0;
	}
}

static int describe(const char *bytes, size_t len, struct facts *facts, struct err *err)
{
	const struct embed_image image = { .offset = 0, .len = len };

	return calc_child_describe((const uint8_t *)bytes, &image, 1, facts, err);
}

static void expect_yes(const char *bytes)
{
	struct facts facts = { 0 };
	struct err err = { 0 };
	int r = describe(bytes, strlen(bytes), &facts, &err);

	expect_success(bytes, r, &err);
	assert_int_equal(facts.n_maps, 1);
	if (facts.maps[0].type != 1)
		fail_msg("%s: it was not so", bytes);
	facts_done(&facts);
}

static void expect_malformed(const char *bytes, const char *want)
{
	struct facts facts = { 0 };
	struct err err = { 0 };
	int r = describe(bytes, strlen(bytes), &facts, &err);

	expect_refusal(bytes, r, &err, EX_DATAERR, want);
}

static void test_an_object_in_memory_of_its_own(void **state)
{
	const struct embed_image images[] = { { 3, 5 }, { 3, 5 } };
	struct facts facts = { 0 };
	struct err err = { 0 };

	(void)state;
	expect_success("two",
		       calc_child_describe((const uint8_t *)"xyz=abcdx", images, 2, &facts, &err),
		       &err);
	assert_int_equal(facts.n_objects, 2);
	assert_int_equal(facts.n_maps, 2);
	assert_int_equal(facts.maps[1].type, 1);
	facts_done(&facts);
}

static void test_deaths(void **state)
{
	(void)state;
	/* cmocka would go on with its tests in the child */
	signal(SIGILL, SIG_DFL);
	expect_malformed("c", "malformed object (libbpf died of it, signal 4); build it again");
	expect_malformed("e", "malformed object; build it again");
	expect_malformed("q", "malformed object; build it again");
	expect_malformed("g", "malformed object; build it again");
	expect_malformed("o", "malformed object; build it again");
}

static void test_a_refusal(void **state)
{
	struct facts facts = { 0 };
	struct err err = { 0 };

	(void)state;
	expect_success("refusal", describe("r", 1, &facts, &err), &err);
	assert_int_equal(facts.refusal, EINVAL);
	assert_string_equal(facts.refusal_text, "words");
	facts_done(&facts);
}

static void test_no_file_opens(void **state)
{
	(void)state;
	if (SANITIZE[0] != '\0')
		skip(); /* no filter */
	expect_yes("p");
}

static void test_places_are_held(void **state)
{
	(void)state;
	expect_yes("h");
}

static void test_memory_ends(void **state)
{
	(void)state;
	if (SANITIZE[0] != '\0')
		skip(); /* a sanitizer maps terabytes */
	expect_yes("m");
}

static void test_calls_that_kill(void **state)
{
	static const char calls[] = "sfxkwb";

	(void)state;
	if (SANITIZE[0] != '\0')
		skip(); /* no filter: a sanitizer makes calls of its own */
	for (const char *what = calls; *what != '\0'; what++) {
		char bytes[2] = { *what, '\0' };

		expect_malformed(bytes, "malformed object (libbpf made a system call that opening "
					"an object does not take); build it again, or use a libbpf "
					"that this program was tested with");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_object_in_memory_of_its_own),
		cmocka_unit_test(test_deaths),
		cmocka_unit_test(test_a_refusal),
		cmocka_unit_test(test_no_file_opens),
		cmocka_unit_test(test_places_are_held),
		cmocka_unit_test(test_memory_ends),
		cmocka_unit_test(test_calls_that_kill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
