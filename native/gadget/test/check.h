/* The smallest test frame that does: named tests, checks that say where they failed. */
#ifndef CROSSPOINT_CHECK_H
#define CROSSPOINT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct test {
	const char *promise; /* NULL ends a table */
	void (*run)(void);
};

extern const struct test common_tests[], uvc_tests[], video_tests[], audio_tests[], box_tests[];

/* Where files may be made; empty at the beginning of each test. */
const char *check_directory(void);
void check_file(const char *path, const char *content);

void check_failed(const char *file, int line, const char *what);
void check_equal(const char *file, int line, const char *what, long long is, long long should);
void check_text(const char *file, int line, const char *what, const char *is, const char *should);

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
#define CHECK_EQUAL(is, should) check_equal(__FILE__, __LINE__, #is, (long long)(is), (long long)(should))
#define CHECK_TEXT(is, should) check_text(__FILE__, __LINE__, #is, is, should)

/* A small deterministic generator (xorshift64*). */
static inline uint64_t check_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

#endif
