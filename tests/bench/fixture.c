/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/fixture.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "tests/bench/target.h"

/* All of the vendor's profile "xdp", by names; yardstick.c holds the same as masks. */
static const char request[] =
	"\"io.bpftoken.cmds\":\"map_create,prog_load,btf_load\","
	"\"io.bpftoken.maps\":\"array,hash,percpu_array,percpu_hash,lru_hash,lpm_trie,ringbuf,"
	"devmap,"
	"cpumap,prog_array\","
	"\"io.bpftoken.progs\":\"socket_filter,xdp\","
	"\"io.bpftoken.attachs\":\"cgroup_inet_ingress,xdp,xdp_devmap,xdp_cpumap\",";

/* Makes all directories of a path that do not exist. */
static void make_directories(const char *path)
{
	char part[PATH_MAX];
	char *slash = part;

	snprintf(part, sizeof(part), "%s", path);
	do {
		slash = strchr(slash + 1, '/');
		if (slash != NULL)
			*slash = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			err(EX_OSERR, "mkdir %s", part);
		if (slash != NULL)
			*slash = '/';
	} while (slash != NULL);
}

/* Puts an empty file system over a directory, or over the nearest one above it that exists. */
static void cover(const char *directory)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", directory);
	while (access(path, F_OK) < 0 && strrchr(path, '/') != path)
		*strrchr(path, '/') = '\0';
	if (mount("bench", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		err(EX_OSERR, "covering %s", path);
	make_directories(directory);
}

/* All of a file, in memory that the caller frees. */
static char *read_program(const char *path, size_t *ret_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *bytes;

	if (fd < 0 || fstat(fd, &st) < 0)
		err(EX_NOINPUT, "%s", path);
	*ret_size = (size_t)st.st_size;
	bytes = malloc(*ret_size + 1);
	if (bytes == NULL || read(fd, bytes, *ret_size) != st.st_size)
		err(EX_OSERR, "reading %s", path);
	close(fd);
	return bytes;
}

char *fixture_program(const char *path, const char *name)
{
	size_t size;
	char *bytes = read_program(path, &size), *copy;
	int fd;

	make_directories(PROGRAMS_DIR);
	if (asprintf(&copy, PROGRAMS_DIR "/%s", name) < 0)
		err(EX_OSERR, "asprintf");
	if (unlink(copy) < 0 && errno != ENOENT)
		err(EX_OSERR, "%s", copy);
	fd = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		err(EX_OSERR, "writing %s", copy);
	close(fd);
	free(bytes);
	return copy;
}

static void write_file(const char *path, const char *text)
{
	FILE *to = fopen(path, "we");

	if (to == NULL || fputs(text, to) < 0 || fclose(to) != 0)
		err(EX_OSERR, "%s", path);
}

static char *read_file(const char *path)
{
	FILE *from = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (from == NULL || getdelim(&text, &room, '\0', from) < 0)
		err(EX_OSERR, "%s", path);
	fclose(from);
	return text;
}

/* Covers the directory where a policy belongs and puts one there. */
static void place_policy(const char *path, const char *text)
{
	char directory[PATH_MAX];

	snprintf(directory, sizeof(directory), "%.*s", (int)(strrchr(path, '/') - path), path);
	cover(directory);
	write_file(path, text);
}

/* The record of a run is to go nowhere: not into this host's journal, a thousand times. */
static void silence_syslog(void)
{
	if (access("/dev/log", F_OK) == 0 &&
	    mount("/dev/null", "/dev/log", NULL, MS_BIND, NULL) < 0)
		err(EX_OSERR, "covering /dev/log");
}

static void make_root(void)
{
	make_directories(FIXTURE_ROOT "/sys");
	if (chown(FIXTURE_ROOT, TARGET_ID, TARGET_ID) < 0 ||
	    chown(FIXTURE_ROOT "/sys", TARGET_ID, TARGET_ID) < 0)
		err(EX_OSERR, "chown " FIXTURE_ROOT);
}

void fixture_make(void)
{
	char *policy = read_file(SOURCE_DIR "/tests/bench/policy.json");
	char *vendor = read_file(SOURCE_DIR "/configs/policy.json");

	umask(022);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		err(EX_OSERR, "making a mount namespace");
	cover("/run");
	place_policy(POLICY_PATH, policy);
	place_policy(VENDOR_POLICY_PATH, vendor);
	free(vendor);
	free(policy);
	silence_syslog();
	make_directories(FIXTURE_BUNDLE);
	make_root();
}

size_t fixture_config(enum config_shape shape, size_t size)
{
	char *template = read_file(SOURCE_DIR "/tests/bench/config.json.in");
	size_t written = config_json_write(FIXTURE_CONFIG, template, FIXTURE_ROOT, shape, size);

	free(template);
	return written;
}

void fixture_state(char *buf, size_t cap, pid_t pid, bool asks)
{
	int len = snprintf(buf, cap,
			   "{\"ociVersion\":\"1.2.0\",\"id\":\"" FIXTURE_ID
			   "\",\"status\":\"creating\",\"pid\":%d,\"bundle\":\"" FIXTURE_BUNDLE
			   "\",\"annotations\":{\"io.container.manager\":\"libpod\",%s"
			   "\"io.podman.annotations.autoremove\":\"FALSE\","
			   "\"io.podman.annotations.init\":\"FALSE\","
			   "\"org.opencontainers.image.stopSignal\":\"15\","
			   "\"org.systemd.property.KillSignal\":\"15\"}}",
			   (int)pid, asks ? request : "");

	if (len < 0 || (size_t)len >= cap)
		errx(EX_SOFTWARE, "the state is longer than %zu bytes", cap);
}
