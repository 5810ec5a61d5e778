/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bpftoken/calc/file.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/bpftoken/calc/btf.h"
#include "cmd/bpftoken/calc/child.h"
#include "cmd/bpftoken/calc/embed.h"
#include "spec/base/defer.h"
#include "spec/base/text.h"

#include "spec/base/poison.h"

#define FILE_MAX ((off_t)512 * 1024 * 1024)

struct calc_version calc_version(void)
{
	struct calc_version version;

	snprintf(version.text, sizeof(version.text), "%u.%u", libbpf_major_version(),
		 libbpf_minor_version());
	return version;
}

/* ---- the file ---- */

static int read_whole(int fd, uint8_t *bytes, size_t size, struct err *err)
{
	for (size_t len = 0; len < size;) {
		ssize_t n = read(fd, bytes + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, EX_OSERR, errno, "it cannot be read");
		if (n == 0)
			return err_set(err, EX_OSERR, 0,
				       "it became shorter while it was read; try again");
		len += (size_t)n;
	}
	return 0;
}

/* The bytes of a file, which the caller frees. */
static int read_file(const char *path, uint8_t **ret_bytes, size_t *ret_len, struct err *err)
{
	/* not to wait for the other end of a FIFO */
	defer_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	defer_free uint8_t *bytes = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, EX_OSERR, errno, "it cannot be opened");
	if (!S_ISREG(st.st_mode))
		return err_set(err, EX_DATAERR, 0, "no regular file; name an object or a program");
	if (st.st_size > FILE_MAX)
		return err_set(err, EX_DATAERR, 0,
			       "it is larger than 512 MiB; name a smaller file");
	bytes = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
	if (bytes == NULL)
		return err_memory(err);
	if (read_whole(fd, bytes, (size_t)st.st_size, err) < 0)
		return -EIO;
	*ret_bytes = bytes;
	*ret_len = (size_t)st.st_size;
	bytes = NULL;
	return 0;
}

/* ---- its objects ---- */

static int find_objects(const uint8_t *bytes, size_t len, struct embed_image *images, size_t *ret_n,
			struct err *err)
{
	struct embed_search search = { 0 };
	size_t n = 0;
	int r = 0;

	while (n < EMBED_MAX && (r = embed_next(bytes, len, &search, &images[n])) == 1)
		n++;
	if (r < 0)
		return err_set(err, EX_DATAERR, 0,
			       "malformed object: headers without end that lead nowhere; name "
			       "another file");
	/* what is found within a broken object is none of its own */
	if (embed_claims(bytes, len) && (n == 0 || images[0].offset != 0))
		return err_set(err, EX_DATAERR, 0,
			       "malformed object: its headers are broken or in the other byte "
			       "order; build it again for this machine");
	if (n == 0)
		return err_set(err, EX_DATAERR, 0,
			       "no BPF object in it; name an ELF file made by clang -target bpf, "
			       "or a program or library that embeds some");
	if (n == EMBED_MAX)
		return err_set(err, EX_DATAERR, 0,
			       "it holds over %d BPF objects; name fewer at once", EMBED_MAX - 1);
	*ret_n = n;
	return 0;
}

static int refuse(const struct facts *facts, const struct embed_image *images, size_t n,
		  struct err *err)
{
	size_t at = facts->n_objects < n ? images[facts->n_objects].offset : 0;
	const char *reason = strerrordesc_np((int)facts->refusal);
	char place[48] = "";

	if (at > 0)
		snprintf(place, sizeof(place), " at byte %zu", at);
	return err_set(err, EX_DATAERR, 0,
		       "malformed object%s: libbpf %s refuses it (%s); build it again, or use a "
		       "newer libbpf",
		       place, calc_version().text,
		       facts->refusal_text[0] != '\0' ? quote(facts->refusal_text).text :
		       reason != NULL		      ? reason :
							"unknown error");
}

/* ---- struct_ops ---- */

static void free_btf(struct btf **btf)
{
	btf__free(*btf);
}

/* The object numbers the members of its own idea of a struct, the kernel those of its own. */
static void renumber_members(struct facts *facts, bool *ret_guessed)
{
	defer_with(free_btf) struct btf *vmlinux = NULL;

	*ret_guessed = false;
	if (facts->n_members == 0)
		return;
	(void)libbpf_set_print(NULL);
	vmlinux = btf__load_vmlinux_btf();
	if (libbpf_get_error(vmlinux) != 0)
		vmlinux = NULL;
	for (size_t i = 0; i < facts->n_members; i++) {
		int index = vmlinux != NULL ? calc_btf_kernel_index(vmlinux, &facts->members[i]) :
					      -ENOENT;

		if (index >= 0)
			facts->members[i].index = (uint32_t)index;
		else
			*ret_guessed = true;
	}
}

int calc_file(const char *path, struct needs *ret_needs, struct err *err)
{
	struct embed_image images[EMBED_MAX];
	defer_with(facts_done) struct facts facts = { 0 };
	defer_free uint8_t *bytes = NULL;
	size_t len = 0, n = 0;
	bool guessed;
	int r = read_file(path, &bytes, &len, err);

	if (r == 0)
		r = find_objects(bytes, len, images, &n, err);
	if (r == 0)
		r = calc_child_describe(bytes, images, n, &facts, err);
	if (r < 0)
		return r;
	if (facts.refusal != 0)
		return refuse(&facts, images, n, err);
	renumber_members(&facts, &guessed);
	needs_derive(&facts, calc_version().text, ret_needs);
	if (guessed)
		needs_warn(ret_needs, "this kernel does not tell the places of all struct_ops "
				      "members; those in the object are taken");
	return 0;
}
