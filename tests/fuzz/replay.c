/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: fuzz_TARGET DIRECTORY...
 *
 * Runs a fuzz target over the files of directories, where there is no libFuzzer, and tells how many
 * there were. A directory without files is a failure: it would test nothing.
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { FILE_MAX = 1024 * 1024 };

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The bytes stand in memory of just their size, so that a sanitizer sees a read behind them. */
static int run_file(const char *directory, const char *name)
{
	static uint8_t buf[FILE_MAX];
	char path[4096];
	uint8_t *data;
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "rb");
	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	size = fread(buf, 1, sizeof(buf), file);
	fclose(file);
	data = malloc(size > 0 ? size : 1);
	if (data == NULL)
		return -1;
	memcpy(data, buf, size);
	fprintf(stderr, "%s\n", path); /* the last line before a broken promise names the file */
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

static int run_directory(const char *directory)
{
	struct dirent **entries;
	int n = scandir(directory, &entries, is_visible, alphasort), failed = 0;

	if (n < 0) {
		fprintf(stderr, "%s: %s\n", directory, strerror(errno));
		return -1;
	}
	for (int i = 0; i < n; i++) {
		failed |= run_file(directory, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	printf("%s: %d files\n", directory, n);
	return n > 0 && failed == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++)
		failed |= run_directory(argv[i]) < 0;
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
