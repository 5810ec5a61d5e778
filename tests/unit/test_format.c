/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cmd/bpftoken/format: each format whole, and that its readers read it. */

#include "tests/unit/support.h"

#include <linux/capability.h>

#include "cmd/bpftoken/needs/format.h"
#include "hook/request.h"
#include "spec/base/defer.h"
#include "spec/json_gen.h"

#define BIT(n) (UINT64_C(1) << (n))

static struct needs sample(void)
{
	struct needs needs = {
		.own = { { BIT(0) | BIT(5), BIT(2) | BIT(27), BIT(6) | BIT(19), BIT(37) } },
		.libbpf = { { BIT(18), 0, BIT(1), BIT(0) } },
		.capabilities = BIT(CAP_BPF) | BIT(CAP_NET_ADMIN),
		.kernel = NEEDS_KERNEL(6, 9),
		.n_programs = 1,
		.n_maps = 2,
	};

	needs_warn(&needs, "a warning");
	return needs;
}

static const struct format_source source = { .name = "XDP_filter", .origin = "a test" };

/* What a format prints; the caller frees it. */
static char *print(const char *format, const struct needs *needs, const struct format_source *from)
{
	static char buf[65536];
	FILE *to = fmemopen(buf, sizeof(buf), "w");
	char *text;

	assert_non_null(to);
	assert_non_null(format_find(format));
	format_find(format)->print(to, needs, from);
	fclose(to);
	text = strdup(buf);
	assert_non_null(text);
	return text;
}

static void expect_format(const char *format, const char *want)
{
	struct needs needs = sample();
	char *text = print(format, &needs, &source);

	expect_text(format, text, want);
	free(text);
}

static void test_formats(void **state)
{
	static const struct {
		const char *format, *want;
	} cases[] = {
		{ "text", "1 program, 2 maps (a test)\n"
			  "Needed\n"
			  "  cmds        map_create, prog_load\n"
			  "  maps        array, ringbuf\n"
			  "  progs       xdp, lwt_seg6local\n"
			  "  attachs     xdp\n"
			  "On top, for libbpf's own probes\n"
			  "  cmds        btf_load\n"
			  "  progs       socket_filter\n"
			  "  attachs     cgroup_inet_ingress\n"
			  "Capabilities  BPF, NET_ADMIN\n"
			  "Kernel        6.9 or later\n"
			  "Warning       a warning\n" },
		{ "annotations", "io.bpftoken.cmds=map_create,prog_load,btf_load\n"
				 "io.bpftoken.maps=array,ringbuf\n"
				 "io.bpftoken.progs=socket_filter,xdp,lwt_seg6local\n"
				 "io.bpftoken.attachs=cgroup_inet_ingress,xdp\n" },
		{ "podman", "# found by a test; put your image in the place of IMAGE\n"
			    "podman run --rm --userns=auto \\\n"
			    "  --cap-add=BPF,NET_ADMIN \\\n"
			    "  --annotation=io.bpftoken.cmds=map_create,prog_load,btf_load \\\n"
			    "  --annotation=io.bpftoken.maps=array,ringbuf \\\n"
			    "  --annotation=io.bpftoken.progs=socket_filter,xdp,lwt_seg6local \\\n"
			    "  --annotation=io.bpftoken.attachs=cgroup_inet_ingress,xdp \\\n"
			    "  IMAGE\n" },
		{ "systemd", "# found by a test; for systemd 258 or later\n"
			     "[Service]\n"
			     "PrivateUsers=yes\n"
			     "PrivateMounts=yes\n"
			     "DelegateNamespaces=mnt\n"
			     "PrivateBPF=yes\n"
			     "BPFDelegateCommands=BPFMapCreate,BPFProgLoad,BPFBtfLoad\n"
			     "BPFDelegateMaps=BPFMapTypeArray,BPFMapTypeRingbuf\n"
			     "BPFDelegatePrograms=BPFProgTypeSocketFilter,BPFProgTypeXdp,"
			     "BPFProgTypeLwtSeg6local\n"
			     "BPFDelegateAttachments=BPFCgroupInetIngress,BPFXdp\n" },
		{ "lxd", "# found by a test; put your container in the place of CONTAINER\n"
			 "lxc config set CONTAINER security.delegate_bpf=true \\\n"
			 "  security.delegate_bpf.cmd_types=map_create:prog_load:btf_load \\\n"
			 "  security.delegate_bpf.map_types=array:ringbuf \\\n"
			 "  security.delegate_bpf.prog_types=socket_filter:xdp:lwt_seg6local \\\n"
			 "  security.delegate_bpf.attach_types=cgroup_inet_ingress:xdp\n" },
		{ "incus", "# found by a test; put your instance in the place of INSTANCE\n"
			   "incus config set INSTANCE \\\n"
			   "  security.bpffs.delegate_cmds=map_create,prog_load,btf_load \\\n"
			   "  security.bpffs.delegate_maps=array,ringbuf \\\n"
			   "  security.bpffs.delegate_progs=socket_filter,xdp,lwt_seg6local \\\n"
			   "  security.bpffs.delegate_attachs=cgroup_inet_ingress,xdp\n" },
		{ "mount", "delegate_cmds=map_create:prog_load:btf_load,"
			   "delegate_maps=array:ringbuf,"
			   "delegate_progs=socket_filter:xdp:lwt_seg6local,"
			   "delegate_attachs=cgroup_inet_ingress:xdp\n" },
		{ "policy", "{\n  \"version\": 1,\n  \"profiles\": {\n    \"XDP_filter\": {\n"
			    "      \"description\": \"XDP_filter, as a test finds\",\n"
			    "      \"cmds\": \"map_create,prog_load,btf_load\",\n"
			    "      \"maps\": \"array,ringbuf\",\n"
			    "      \"progs\": \"socket_filter,xdp,lwt_seg6local\",\n"
			    "      \"attachs\": \"cgroup_inet_ingress,xdp\"\n"
			    "    }\n  }\n}\n" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		expect_format(cases[i].format, cases[i].want);
}

static void test_every_format_has_a_name(void **state)
{
	const char *names = format_names();
	size_t n = 0;

	(void)state;
	while (*names != '\0') {
		char name[32];
		size_t len = strcspn(names, ",");

		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		if (format_find(name) == NULL)
			fail_msg("there is no format %s", name);
		n++;
		names += len + strspn(names + len, ", ");
	}
	assert_int_equal(n, 11);
	assert_null(format_find(""));
	assert_null(format_find("yaml"));
}

static void test_json(void **state)
{
	defer_with(json_gen_free) struct json_gen *gen = json_gen_new(JSON_GEN_LINE);
	struct needs needs = sample();
	const char *bytes;
	size_t len;
	char *text;

	(void)state;
	needs.own.masks[NAMES_MAPS] |= BIT(63);
	format_json_object(gen, "a \"file\"", "1.1", &needs);
	bytes = json_gen_text(gen, &len);
	text = strndup(bytes, len);
	assert_non_null(text);
	expect_text("json", text,
		    "{\"file\":\"a \\\"file\\\"\",\"cmds\":[\"map_create\",\"prog_load\"],"
		    "\"maps\":[\"array\",\"ringbuf\",\"0x8000000000000000\"],"
		    "\"progs\":[\"xdp\",\"lwt_seg6local\"],\"attachs\":[\"xdp\"],"
		    "\"libbpfProbes\":{\"cmds\":[\"btf_load\"],\"maps\":[],"
		    "\"progs\":[\"socket_filter\"],\"attachs\":[\"cgroup_inet_ingress\"]},"
		    "\"capabilities\":[\"CAP_BPF\",\"CAP_NET_ADMIN\"],\"kernel\":\"6.9\","
		    "\"warnings\":[\"a warning\"],\"libbpf\":\"1.1\"}");
	free(text);
}

/* The profile is read by what reads policies, and grants what was found. */
static void test_the_policy_is_one(void **state)
{
	struct needs needs = sample();
	char *text = print("policy", &needs, &source);
	struct policy policy = policy_of(text, NULL);

	(void)state;
	assert_int_equal(policy.n_profiles, 1);
	assert_string_equal(policy.profiles[0].name, "XDP_filter");
	for (enum names_list list = 0; list < NAMES_LISTS; list++)
		assert_true(policy.profiles[0].delegation.masks[list] ==
			    needs_delegation(&needs, false).masks[list]);
	policy_done(&policy);
	free(text);
}

/* Every word of every format's is read as the same bit by what reads requests. */
static void test_systemd_words(void **state)
{
	(void)state;
	for (enum names_list list = 0; list < NAMES_LISTS; list++) {
		struct needs needs = { 0 };
		static const char *const keys[] = { "Commands=", "Maps=", "Programs=",
						    "Attachments=" };
		struct err err = { 0 };
		uint64_t mask;
		char *text, *value;

		needs.own.masks[list] = names_known(list);
		text = print("systemd", &needs, &source);
		value = strstr(text, keys[list]);
		assert_non_null(value);
		value += strlen(keys[list]);
		value[strcspn(value, "\n")] = '\0';
		expect_success(keys[list],
			       delegation_parse(list, value, DELEGATION_KNOWN_BITS, EX_DATAERR,
						&mask, &err),
			       &err);
		assert_true(mask == names_known(list));
		free(text);
	}
}

static void test_own_needs_only(void **state)
{
	static const struct format_source own = { .name = "x",
						  .origin = "a test",
						  .only_own = true };
	struct needs needs = sample();
	char *text = print("annotations", &needs, &own);

	(void)state;
	expect_text("own", text,
		    "io.bpftoken.cmds=map_create,prog_load\n"
		    "io.bpftoken.maps=array,ringbuf\n"
		    "io.bpftoken.progs=xdp,lwt_seg6local\n"
		    "io.bpftoken.attachs=xdp\n");
	free(text);
	text = print("text", &needs, &own);
	assert_null(strstr(text, "On top"));
	free(text);
}

/* A bit without a name cannot stand beside names. */
static void test_unnamed_bits(void **state)
{
	struct needs needs = { .own = { { BIT(0), BIT(2) | BIT(63), 0, 0 } } };
	char *text = print("annotations", &needs, &source);

	(void)state;
	expect_text("unnamed", text,
		    "io.bpftoken.cmds=map_create\n"
		    "io.bpftoken.maps=0x8000000000000004\n");
	free(text);
}

static void test_names_that_are_none(void **state)
{
	static const struct format_source odd = { .name = "an odd\x1bname", .origin = "a test" };
	struct needs needs = sample();
	char *text = print("policy", &needs, &odd);

	(void)state;
	assert_non_null(strstr(text, "\"an-odd-name\": {"));
	free(text);
}

static void test_labels(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "xdp", "xdp" },
		{ "XDP filter.v2", "xdp-filter-v2" },
		{ "--__x__--", "x" },
		{ "", "bpf" },
		{ "\x1b[31m\n\"", "31m" },
		{ "\xc3\xa9", "bpf" },
		{ "1234567890123456789012345678901234567890123456789012345678901234567890",
		  "123456789012345678901234567890123456789012345678901234567890123" },
		{ "12345678901234567890123456789012345678901234567890123456789012 4",
		  "12345678901234567890123456789012345678901234567890123456789012" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct format_label label = format_label(cases[i].name);

		expect_text(cases[i].name, label.text, cases[i].want);
		assert_true(request_is_profile_name(label.text, strlen(label.text)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_every_format_has_a_name),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_the_policy_is_one),
		cmocka_unit_test(test_systemd_words),
		cmocka_unit_test(test_own_needs_only),
		cmocka_unit_test(test_unnamed_bits),
		cmocka_unit_test(test_names_that_are_none),
		cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
