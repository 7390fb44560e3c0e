/* The smallest test frame that does: named tests, checks that say where they failed. */
#ifndef CROSSPOINT_MIXER_CHECK_H
#define CROSSPOINT_MIXER_CHECK_H

#include <stdint.h>

struct test {
	const char *promise; /* NULL ends a table */
	void (*run)(void);
};

extern const struct test sound_tests[], path_tests[], protocol_tests[], streams_tests[];

void check_failed(const char *file, int line, const char *what);
void check_near(const char *file, int line, const char *what, double is, double should, double within);

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
#define CHECK_NEAR(is, should, within) check_near(__FILE__, __LINE__, #is, (double)(is), (double)(should), (double)(within))

/* A small deterministic generator (xorshift64*). */
static inline uint64_t check_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

#endif
