#include "check.h"

#include "resample.h"

#include <math.h>
#include <stdio.h>

static unsigned failures;

void check_failed(const char *file, int line, const char *what)
{
	printf("  %s:%d: %s\n", file, line, what);
	failures++;
}

void check_near(const char *file, int line, const char *what, double is, double should, double within)
{
	if (fabs(is - should) <= within)
		return;
	printf("  %s:%d: %s is %g, should be %g within %g\n", file, line, what, is, should, within);
	failures++;
}

int main(void)
{
	const struct test *tables[] = {sound_tests, path_tests, protocol_tests, streams_tests};
	unsigned passed = 0, failed = 0;

	resample_init();
	for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct test *t = tables[i]; t->promise; t++) {
			failures = 0;
			t->run();
			printf("%s %s\n", failures ? "FAIL" : "ok  ", t->promise);
			if (failures)
				failed++;
			else
				passed++;
		}
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
