/* Runs every unit test; prints the failed ones and `N passed, N failed`. */
#include "check.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	char directory[64];
	bool failed;
	int passed, failures;
} state;

const char *check_directory(void)
{
	return state.directory;
}

static void make_parents(const char *path)
{
	char parent[PATH_MAX];
	char *slash;

	snprintf(parent, sizeof parent, "%s", path);
	for (slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(parent, 0700);
		*slash = '/';
	}
}

void check_file(const char *path, const char *content)
{
	char whole[PATH_MAX];
	FILE *f;

	snprintf(whole, sizeof whole, "%s/%s", state.directory, path);
	make_parents(whole);
	f = fopen(whole, "w");
	if (!f || fputs(content, f) < 0 || fclose(f) != 0) {
		perror(whole);
		exit(1);
	}
}

void check_failed(const char *file, int line, const char *what)
{
	printf("    %s:%d: %s\n", file, line, what);
	state.failed = true;
}

void check_equal(const char *file, int line, const char *what, long long is, long long should)
{
	if (is == should)
		return;
	printf("    %s:%d: %s is %lld, not %lld\n", file, line, what, is, should);
	state.failed = true;
}

void check_text(const char *file, int line, const char *what, const char *is, const char *should)
{
	if (!strcmp(is, should))
		return;
	printf("    %s:%d: %s is '%s', not '%s'\n", file, line, what, is, should);
	state.failed = true;
}

static int remove_entry(const char *path, const struct stat *s, int type, struct FTW *ftw)
{
	(void)s, (void)type;
	return ftw->level ? remove(path) : 0;
}

static void run(const struct test *table)
{
	for (; table->promise; table++) {
		state.failed = false;
		nftw(state.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
		table->run();
		if (state.failed) {
			printf("  FAILED: %s\n", table->promise);
			state.failures++;
		} else {
			state.passed++;
		}
	}
}

int main(void)
{
	snprintf(state.directory, sizeof state.directory, "/tmp/crosspoint-unit-XXXXXX");
	if (!mkdtemp(state.directory)) {
		perror(state.directory);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	run(common_tests);
	run(uvc_tests);
	run(video_tests);
	run(audio_tests);
	run(box_tests);
	nftw(state.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	rmdir(state.directory);
	printf("%d passed, %d failed\n", state.passed, state.failures);
	return state.failures > 0;
}
