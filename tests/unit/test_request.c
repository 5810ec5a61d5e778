/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of hook/request: whose words they are, and what the nine of them say. */

#include "tests/unit/support.h"

#include <limits.h>
#include <linux/bpf.h>

#include "hook/request.h"

#define BIT(n) (UINT64_C(1) << (n))
#define P      "io.bpftoken."

/* ---- which annotations are this container's ---- */

/* The names that a pod's engine gives its containers. */
#define CRI(name)     "\"io.kubernetes.cri.container-name\":\"" name "\","
#define CRIO(name)    "\"io.kubernetes.container.name\":\"" name "\","
#define A(key, value) "\"" P key "\":\"" value "\""

static struct state annotated(const char *annotations)
{
	char json[4096];

	snprintf(json, sizeof(json), "{\"id\":\"i\",\"bundle\":\"/b\",\"annotations\":{%s}}",
		 annotations);
	return state_of(json);
}

static const struct {
	const char *annotations;
	const char *want[REQUEST_KEYS];
} found[] = {
	{ "", { NULL } },
	{ "\"other\":\"1\",\"io.bpftokens.cmds\":\"1\",\"io.bpftoken\":\"1\",\"xio.bpftoken.cmds\":"
	  "\"1\",\"IO.BPFTOKEN.CMDS\":\"1\"",
	  { NULL } },
	{ A("profile", "a") "," A("cmds", "b") "," A("maps", "c") "," A("progs", "d") "," A(
		  "attachs", "e") "," A("path", "f") "," A("mode",
							   "g") "," A("owner",
								      "h") "," A("on-unsupported",
										 "i"),
	  { "a", "b", "c", "d", "e", "f", "g", "h", "i" } },
	{ A("cmds", ""), { [REQUEST_CMDS] = "" } },
	/* a container's own key wins, in either order, whatever its engine calls it */
	{ CRI("app") A("cmds/app", "own") "," A("cmds", "bare"), { [REQUEST_CMDS] = "own" } },
	{ CRI("app") A("cmds", "bare") "," A("cmds/app", "own"), { [REQUEST_CMDS] = "own" } },
	{ CRIO("app") A("cmds", "bare") "," A("cmds/app", "own"), { [REQUEST_CMDS] = "own" } },
	{ CRI("app") A("cmds", "bare") "," A("maps/app", "own"),
	  { [REQUEST_CMDS] = "bare", [REQUEST_MAPS] = "own" } },
	{ CRI("app") A("cmds", "bare") "," A("mode", "m") "," A("mode/app", "own"),
	  { [REQUEST_CMDS] = "bare", [REQUEST_MODE] = "own" } },
	/* another container's is not read, also where this one has no name */
	{ CRI("app") A("cmds/other", "x"), { NULL } },
	{ CRI("app") A("cmds/ap", "x") "," A("cmds/appx", "x") "," A("cmds/App", "x"), { NULL } },
	{ CRI("app") A("cmds/app/x", "x"), { NULL } },
	{ A("cmds/app", "x"), { NULL } },
	{ CRI("a/b") A("cmds/a/b", "own"), { [REQUEST_CMDS] = "own" } },
	/* settings for the whole pod, of which another container asks */
	{ CRI("app") A("cmds/other", "x") "," A("path", "/p") "," A("mode", "0755"),
	  { [REQUEST_PATH] = "/p", [REQUEST_MODE] = "0755" } },
	{ CRI("app") A("path/other", "/p") "," A("owner/other", "user"), { NULL } },
};

static void test_found(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < LENGTH(found); i++) {
		struct state state = annotated(found[i].annotations);
		struct request_words words = { { 0 } };
		struct err err = { 0 };

		expect_success(found[i].annotations, request_find_words(&state, &words, &err),
			       &err);
		for (enum request_key key = 0; key < REQUEST_KEYS; key++)
			expect_text(found[i].annotations,
				    words.word[key] ? words.word[key] : "none",
				    found[i].want[key] ? found[i].want[key] : "none");
		state_done(&state);
	}
}

#define KEYS                                                                                       \
	"no such key; the keys are " P "profile, cmds, maps, progs, attachs, path, mode, owner "   \
	"and on-unsupported, each alone or with /CONTAINER behind it"
#define NOTHING_ASKED                                                                              \
	"nothing is asked for; add " P "profile, cmds, maps, progs or attachs, or remove it"

static const struct {
	const char *annotations, *want;
} not_found[] = {
	/* unknown keys, also another container's: a typo must not delegate nothing in silence */
	{ A("cmd", "x"), "annotation \"" P "cmd\": " KEYS },
	{ A("cmdss", "x"), "annotation \"" P "cmdss\": " KEYS },
	{ A("CMDS", "x"), "annotation \"" P "CMDS\": " KEYS },
	{ A("", "x"), "annotation \"" P "\": " KEYS },
	{ A("/app", "x"), "annotation \"" P "/app\": " KEYS },
	{ A("cmds ", "x"), "annotation \"" P "cmds \": " KEYS },
	{ A("cmds.app", "x"), "annotation \"" P "cmds.app\": " KEYS },
	{ A("on_unsupported", "x"), "annotation \"" P "on_unsupported\": " KEYS },
	{ A("\\u001b[2J\\n", "x"), "annotation \"" P "\\x1b[2J\\n\": " KEYS },
	{ A("cmds", "x") "," A("typo", "y"), "annotation \"" P "typo\": " KEYS },
	{ CRI("app") A("typo/other", "y"), "annotation \"" P "typo/other\": " KEYS },
	{ A("cmds/", "x"),
	  "annotation \"" P "cmds/\": no container is named after the slash; name one "
	  "or remove the slash" },
	{ CRI("") A("cmds/", "x"), "annotation \"" P "cmds/\": no container is named after@@" },
	/* settings without a delegation */
	{ A("path", "/p"), "annotation \"" P "path\": " NOTHING_ASKED },
	{ A("mode", "0700"), "annotation \"" P "mode\": " NOTHING_ASKED },
	{ A("owner", "root"), "annotation \"" P "owner\": " NOTHING_ASKED },
	{ A("on-unsupported", "fail"), "annotation \"" P "on-unsupported\": " NOTHING_ASKED },
	{ CRI("app") A("path", "/p"), "annotation \"" P "path\": " NOTHING_ASKED },
	{ CRI("app") A("path/app", "/p"), "annotation \"" P "path\": " NOTHING_ASKED },
	/* one of its own is a mistake even where another container asks */
	{ CRI("app") A("path/app", "/p") "," A("cmds/other", "x"),
	  "annotation \"" P "path\": " NOTHING_ASKED },
	{ CRI("app") A("path", "/p") "," A("path/other", "/q"),
	  "annotation \"" P "path\": " NOTHING_ASKED },
};

static void test_not_found(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < LENGTH(not_found); i++) {
		struct state state = annotated(not_found[i].annotations);
		struct request_words words = { { 0 } };
		struct err err = { 0 };

		expect_refusal(not_found[i].annotations, request_find_words(&state, &words, &err),
			       &err, EX_DATAERR, not_found[i].want);
		state_done(&state);
	}
}

static void test_which_words_ask(void **unused)
{
	(void)unused;
	for (enum request_key key = 0; key < REQUEST_KEYS; key++) {
		struct request_words words = { { 0 } };

		assert_false(request_words_ask(&words));
		words.word[key] = "";
		assert_int_equal(request_words_ask(&words), key <= REQUEST_ATTACHS);
	}
}

static void test_key_names(void **unused)
{
	static const char *const names[REQUEST_KEYS] = { "profile", "cmds",    "maps",
							 "progs",   "attachs", "path",
							 "mode",    "owner",   "on-unsupported" };

	(void)unused;
	for (enum request_key key = 0; key < REQUEST_KEYS; key++)
		expect_text("key", request_key_name(key), names[key]);
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		expect_text("list", request_key_name((enum request_key)(REQUEST_CMDS + (int)list)),
			    names_key(list));
}

/* ---- what the words say ---- */

static int make(enum request_key key, const char *word, enum request_origin origin,
		struct request *ret_request, struct err *err)
{
	struct request_words words = { { 0 } };
	char *copy = exact_bytes(word, strlen(word) + 1);
	int r;

	words.word[key] = copy;
	r = request_make(&words, origin, ret_request, err);
	free(copy);
	return r;
}

static void test_defaults(void **unused)
{
	(void)unused;
	for (int origin = REQUEST_FROM_ANNOTATIONS; origin <= REQUEST_FROM_COMMAND_LINE; origin++) {
		struct request request = { 0 };
		struct err err = { 0 };

		expect_success("cmds alone",
			       make(REQUEST_CMDS, "prog_load", (enum request_origin)origin,
				    &request, &err),
			       &err);
		assert_int_equal(request.origin, origin);
		assert_int_equal(request.n_profiles, 0);
		assert_true(request.lists.masks[NAMES_CMDS] == BIT(BPF_PROG_LOAD));
		assert_true(request.lists.masks[NAMES_MAPS] == 0);
		expect_text("path", request.path, "/sys/fs/bpf");
		assert_int_equal(request.mode, 0700);
		assert_int_equal(request.owner, REQUEST_OWNER_ROOT);
		assert_false(request.ignore_unsupported);
		request_done(&request);
		assert_null(request.path);
		request_done(&request); /* an empty request */
	}
}

static void test_all_nine_words(void **unused)
{
	const struct request_words words = { { "xdp, tc:web", "prog_load", "hash", "xdp", "any",
					       "/run/bpf", "0755", "1000:100", "ignore" } };

	(void)unused;
	for (int origin = REQUEST_FROM_ANNOTATIONS; origin <= REQUEST_FROM_COMMAND_LINE; origin++) {
		struct request request = { 0 };
		struct err err = { 0 };

		expect_success("all",
			       request_make(&words, (enum request_origin)origin, &request, &err),
			       &err);
		assert_int_equal(request.n_profiles, 3);
		expect_text("profile", request.profiles[0], "xdp");
		expect_text("profile", request.profiles[1], "tc");
		expect_text("profile", request.profiles[2], "web");
		assert_true(request.lists.masks[NAMES_CMDS] == BIT(BPF_PROG_LOAD));
		assert_true(request.lists.masks[NAMES_MAPS] == BIT(BPF_MAP_TYPE_HASH));
		assert_true(request.lists.masks[NAMES_PROGS] == BIT(BPF_PROG_TYPE_XDP));
		assert_true(request.lists.masks[NAMES_ATTACHS] == DELEGATION_ANY);
		expect_text("path", request.path, "/run/bpf");
		assert_int_equal(request.mode, 0755);
		assert_int_equal(request.owner, REQUEST_OWNER_IDS);
		assert_true(request.uid == 1000 && request.gid == 100);
		assert_true(request.ignore_unsupported);
		request_done(&request);
	}
}

static const struct {
	enum request_key key;
	const char *word;
	const char *path;
	mode_t mode;
	enum request_owner owner;
	uid_t uid;
	gid_t gid;
	bool ignore;
} good[] = {
	{ REQUEST_PATH, "/a", "/a", 0700, 0, 0, 0, false },
	{ REQUEST_PATH, "/run/a b,c:d*?[\"]", "/run/a b,c:d*?[\"]", 0700, 0, 0, 0, false },
	{ REQUEST_PATH, "/...", "/...", 0700, 0, 0, 0, false },
	{ REQUEST_PATH, "/.a/..b/c..", "/.a/..b/c..", 0700, 0, 0, 0, false },
	{ REQUEST_PATH, "/\xc3\xa9\xff", "/\xc3\xa9\xff", 0700, 0, 0, 0, false },
	{ REQUEST_PATH, "/ ", "/ ", 0700, 0, 0, 0, false },
	{ REQUEST_MODE, "0", "/sys/fs/bpf", 0, 0, 0, 0, false },
	{ REQUEST_MODE, "0000", "/sys/fs/bpf", 0, 0, 0, 0, false },
	{ REQUEST_MODE, "777", "/sys/fs/bpf", 0777, 0, 0, 0, false },
	{ REQUEST_MODE, "0777", "/sys/fs/bpf", 0777, 0, 0, 0, false },
	{ REQUEST_MODE, "0750", "/sys/fs/bpf", 0750, 0, 0, 0, false },
	{ REQUEST_OWNER, "root", "/sys/fs/bpf", 0700, REQUEST_OWNER_ROOT, 0, 0, false },
	{ REQUEST_OWNER, "user", "/sys/fs/bpf", 0700, REQUEST_OWNER_USER, 0, 0, false },
	{ REQUEST_OWNER, "0:0", "/sys/fs/bpf", 0700, REQUEST_OWNER_IDS, 0, 0, false },
	{ REQUEST_OWNER, "4294967294:1", "/sys/fs/bpf", 0700, REQUEST_OWNER_IDS, 4294967294, 1,
	  false },
	{ REQUEST_ON_UNSUPPORTED, "fail", "/sys/fs/bpf", 0700, 0, 0, 0, false },
	{ REQUEST_ON_UNSUPPORTED, "ignore", "/sys/fs/bpf", 0700, 0, 0, 0, true },
};

static void test_good_words(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct request request = { 0 };
		struct err err = { 0 };
		int r = make(good[i].key, good[i].word, REQUEST_FROM_ANNOTATIONS, &request, &err);

		expect_success(good[i].word, r, &err);
		expect_text(good[i].word, request.path, good[i].path);
		assert_int_equal(request.mode, good[i].mode);
		assert_int_equal(request.owner, good[i].owner);
		assert_true(request.uid == good[i].uid && request.gid == good[i].gid);
		assert_int_equal(request.ignore_unsupported, good[i].ignore);
		request_done(&request);
	}
}

#define PLAIN	       "; write the plain absolute path inside the container"
#define NO_MODE(value) "\"" value "\" is not an octal mode from 0000 to 0777"
#define NO_OWNER(value)                                                                            \
	"\"" value "\" is no owner; write root, user or UID:GID as seen in the container"
#define NO_PROFILE(value)                                                                          \
	"\"" value "\" is no profile name; use up to 63 letters, digits, '.', '_' and '-'"
#define TEN		"0123456789"
#define SIXTY		TEN TEN TEN TEN TEN TEN
#define ELEVEN_PROFILES "a b c d e f g h i j k "

static const struct {
	enum request_key key;
	const char *word, *want;
} bad[] = {
	{ REQUEST_PROFILE, "", "no profile is named; name one or remove the key" },
	{ REQUEST_PROFILE, " \n", "no profile is named; name one or remove the key" },
	{ REQUEST_PROFILE, "xdp,,tc", "an item of the list is empty; remove the extra \",\"" },
	{ REQUEST_PROFILE, "xdp,", "the list ends in \",\"; remove it" },
	{ REQUEST_PROFILE, "xdp\x01", "a control byte (0x01) stands in the list; remove it" },
	{ REQUEST_PROFILE, "a/b", NO_PROFILE("a/b") },
	{ REQUEST_PROFILE, "x\"y", NO_PROFILE("x\\\"y") },
	{ REQUEST_PROFILE, "x*", NO_PROFILE("x*") },
	{ REQUEST_PROFILE, "\xc3\xa9", NO_PROFILE("\\xc3\\xa9") },
	{ REQUEST_PROFILE, SIXTY "1234", NO_PROFILE(SIXTY "1234") },
	{ REQUEST_PROFILE, ELEVEN_PROFILES ELEVEN_PROFILES ELEVEN_PROFILES,
	  "more than 32 profiles are named; name fewer" },
	{ REQUEST_CMDS, "", "the list is empty; leave cmds out instead" },
	{ REQUEST_MAPS, "xdp",
	  "\"xdp\" belongs to progs; \"bpftoken names maps\" lists all there are" },
	{ REQUEST_PROGS, "any,xdp",
	  "\"any\" or a number stands alone in a list; \"any,xdp\" has more in it" },
	{ REQUEST_ATTACHS, "0", "0 delegates nothing; leave attachs out instead" },
	{ REQUEST_PATH, "", "\"\" is not absolute" PLAIN },
	{ REQUEST_PATH, "run/bpf", "\"run/bpf\" is not absolute" PLAIN },
	{ REQUEST_PATH, " /run", "\" /run\" is not absolute" PLAIN },
	{ REQUEST_PATH, "/", "\"/\" is the root itself" PLAIN },
	{ REQUEST_PATH, "//", "\"//\" holds \"//\"@@" },
	{ REQUEST_PATH, "/run//bpf", "\"/run//bpf\" holds \"//\"" PLAIN },
	{ REQUEST_PATH, "//run", "\"//run\" holds \"//\"" PLAIN },
	{ REQUEST_PATH, "/run/", "\"/run/\" ends in a slash" PLAIN },
	{ REQUEST_PATH, "/.", "\"/.\" holds \".\" or \"..\"" PLAIN },
	{ REQUEST_PATH, "/..", "\"/..\" holds \".\" or \"..\"" PLAIN },
	{ REQUEST_PATH, "/run/./bpf", "\"/run/./bpf\" holds \".\" or \"..\"" PLAIN },
	{ REQUEST_PATH, "/run/../etc", "\"/run/../etc\" holds \".\" or \"..\"" PLAIN },
	{ REQUEST_PATH, "/run/..", "\"/run/..\" holds \".\" or \"..\"" PLAIN },
	{ REQUEST_PATH, "/run/bpf\n", "\"/run/bpf\\n\" holds a control byte" PLAIN },
	{ REQUEST_PATH, "/\x7f", "\"/\\x7f\" holds a control byte" PLAIN },
	{ REQUEST_PATH, "/a\tb", "\"/a\\x09b\" holds a control byte" PLAIN },
	{ REQUEST_MODE, "", NO_MODE("") },
	{ REQUEST_MODE, "8", NO_MODE("8") },
	{ REQUEST_MODE, "0780", NO_MODE("0780") },
	{ REQUEST_MODE, "1777", NO_MODE("1777") },
	{ REQUEST_MODE, "1000", NO_MODE("1000") },
	{ REQUEST_MODE, "00700", NO_MODE("00700") },
	{ REQUEST_MODE, "0o700", NO_MODE("0o700") },
	{ REQUEST_MODE, "0x1c0", NO_MODE("0x1c0") },
	{ REQUEST_MODE, "-1", NO_MODE("-1") },
	{ REQUEST_MODE, "+700", NO_MODE("+700") },
	{ REQUEST_MODE, " 700", NO_MODE(" 700") },
	{ REQUEST_MODE, "700\n", NO_MODE("700\\n") },
	{ REQUEST_MODE, "u=rwx", NO_MODE("u=rwx") },
	{ REQUEST_MODE, "37777777700", NO_MODE("37777777700") },
	{ REQUEST_OWNER, "", NO_OWNER("") },
	{ REQUEST_OWNER, ":", NO_OWNER(":") },
	{ REQUEST_OWNER, "0", NO_OWNER("0") },
	{ REQUEST_OWNER, "0:", NO_OWNER("0:") },
	{ REQUEST_OWNER, ":0", NO_OWNER(":0") },
	{ REQUEST_OWNER, "0:0:0", NO_OWNER("0:0:0") },
	{ REQUEST_OWNER, "Root", NO_OWNER("Root") },
	{ REQUEST_OWNER, "root:root", NO_OWNER("root:root") },
	{ REQUEST_OWNER, "users", NO_OWNER("users") },
	{ REQUEST_OWNER, "-1:0", NO_OWNER("-1:0") },
	{ REQUEST_OWNER, "01:0", NO_OWNER("01:0") },
	{ REQUEST_OWNER, "0 :0", NO_OWNER("0 :0") },
	{ REQUEST_OWNER, "4294967295:0", NO_OWNER("4294967295:0") },
	{ REQUEST_OWNER, "0:4294967295", NO_OWNER("0:4294967295") },
	{ REQUEST_OWNER, "4294967296:0", NO_OWNER("4294967296:0") },
	{ REQUEST_ON_UNSUPPORTED, "", "\"\" is neither fail nor ignore" },
	{ REQUEST_ON_UNSUPPORTED, "Ignore", "\"Ignore\" is neither fail nor ignore" },
	{ REQUEST_ON_UNSUPPORTED, "ignored", "\"ignored\" is neither fail nor ignore" },
	{ REQUEST_ON_UNSUPPORTED, "\x1b", "\"\\x1b\" is neither fail nor ignore" },
};

/* The same refusal from both origins, each with its own place and exit code. */
static void test_bad_words(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct request request = { 0 };
		struct err err = { 0 };
		char want[400];
		const char *key = request_key_name(bad[i].key);

		snprintf(want, sizeof(want), "annotation \"" P "%s\": %s", key, bad[i].want);
		expect_refusal(want,
			       make(bad[i].key, bad[i].word, REQUEST_FROM_ANNOTATIONS, &request,
				    &err),
			       &err, EX_DATAERR, want);
		snprintf(want, sizeof(want), "option --%s: %s", key, bad[i].want);
		expect_refusal(want,
			       make(bad[i].key, bad[i].word, REQUEST_FROM_COMMAND_LINE, &request,
				    &err),
			       &err, EX_USAGE, want);
		assert_null(request.path); /* nothing is written on failure */
	}
}

/* Bits newer than the build: a tenant may not name them, root's own command line may. */
static void test_newer_bits(void **unused)
{
	struct request request = { 0 };
	struct err err = { 0 };

	(void)unused;
	expect_refusal("a tenant's",
		       make(REQUEST_PROGS, "0x8000000000000000", REQUEST_FROM_ANNOTATIONS, &request,
			    &err),
		       &err, EX_DATAERR,
		       "annotation \"" P
		       "progs\": bit 63 is newer than this build; an administrator "
		       "can put the number in a profile of the policy");
	expect_success("root's",
		       make(REQUEST_PROGS, "0x8000000000000000", REQUEST_FROM_COMMAND_LINE,
			    &request, &err),
		       &err);
	assert_true(request.lists.masks[NAMES_PROGS] == BIT(63));
	request_done(&request);
}

static void test_long_paths(void **unused)
{
	static char path[PATH_MAX + 1];
	struct request request = { 0 };
	struct err err = { 0 };

	(void)unused;
	memset(path, 'p', sizeof(path) - 1);
	path[0] = '/';
	expect_refusal("4096 bytes",
		       make(REQUEST_PATH, path, REQUEST_FROM_ANNOTATIONS, &request, &err), &err,
		       EX_DATAERR,
		       "annotation \"" P "path\": \"/ppp@@ppp\"... is 4096 bytes or longer" PLAIN);
	path[PATH_MAX - 1] = '\0';
	expect_success("4095", make(REQUEST_PATH, path, REQUEST_FROM_ANNOTATIONS, &request, &err),
		       &err);
	request_done(&request);
}

static void test_as_many_profiles_as_there_may_be(void **unused)
{
	struct request request = { 0 };
	struct err err = { 0 };

	(void)unused;
	expect_success("32 profiles",
		       make(REQUEST_PROFILE, ELEVEN_PROFILES ELEVEN_PROFILES "a b c d e f g h i j",
			    REQUEST_FROM_ANNOTATIONS, &request, &err),
		       &err);
	assert_int_equal(request.n_profiles, REQUEST_PROFILES_MAX);
	expect_text("the last", request.profiles[31], "j");
	request_done(&request);
}

static void test_profile_names(void **unused)
{
	static const struct {
		const char *name;
		bool want;
	} cases[] = {
		{ "xdp", true },	 { "azAZ09", true }, { "A.b_c-9", true },
		{ ".", true },		 { "0", true },	     { "", false },
		{ "a b", false },	 { "a\n", false },   { "a@", false },
		{ "a[", false },	 { "`a", false },    { "{", false },
		{ "a:b", false },	 { "\xe1", false },  { SIXTY "123", true },
		{ SIXTY "1234", false },
	};

	(void)unused;
	for (size_t i = 0; i < LENGTH(cases); i++)
		if (request_is_profile_name(cases[i].name, strlen(cases[i].name)) != cases[i].want)
			fail_msg("%s", cases[i].name);
	assert_false(request_is_profile_name("a\0b", 3));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_which_words_ask),
		cmocka_unit_test(test_key_names),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all_nine_words),
		cmocka_unit_test(test_good_words),
		cmocka_unit_test(test_bad_words),
		cmocka_unit_test(test_newer_bits),
		cmocka_unit_test(test_long_paths),
		cmocka_unit_test(test_as_many_profiles_as_there_may_be),
		cmocka_unit_test(test_profile_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
