#include "resample.h"

#include <math.h>

#define PHASES 256
#define KAISER_BETA 7.5

/* One phase more, so that there is always a next one. */
static float table[PHASES + 1][RESAMPLE_TAPS] __attribute__((aligned(64)));

/* Modified Bessel function of the first kind, order 0 (series). */
static double bessel(double x)
{
	double sum = 1, term = 1;

	for (int k = 1; k < 40; k++) {
		term *= x / (2 * k) * (x / (2 * k));
		sum += term;
	}
	return sum;
}

void resample_init(void)
{
	for (int phase = 0; phase <= PHASES; phase++) {
		double weights[RESAMPLE_TAPS], sum = 0;

		for (int tap = 0; tap < RESAMPLE_TAPS; tap++) {
			const double x = tap - RESAMPLE_BEFORE - (double)phase / PHASES;
			const double edge = x / (RESAMPLE_TAPS / 2);
			const double window =
				fabs(edge) < 1 ? bessel(KAISER_BETA * sqrt(1 - edge * edge)) / bessel(KAISER_BETA) : 0;

			weights[tap] = fabs(x) < 1e-9 ? 1 : sin(M_PI * x) / (M_PI * x) * window;
			sum += weights[tap];
		}
		for (int tap = 0; tap < RESAMPLE_TAPS; tap++)
			table[phase][tap] = (float)(weights[tap] / sum);
	}
}

typedef float taps_t __attribute__((vector_size(16)));

static inline taps_t load(const float *at)
{
	taps_t v;

	__builtin_memcpy(&v, at, sizeof v);
	return v;
}

static inline float total(taps_t v)
{
	return (v[0] + v[1]) + (v[2] + v[3]);
}

double resample(const float *left, const float *right, double fraction, double ratio, float *out_left, float *out_right,
		size_t count)
{
	left -= RESAMPLE_BEFORE;
	right -= RESAMPLE_BEFORE;
	for (size_t i = 0; i < count; i++) {
		const size_t whole = (size_t)fraction;
		const double phase = (fraction - (double)whole) * PHASES;
		const size_t index = (size_t)phase;
		const float between = (float)(phase - (double)index);
		const float *here = table[index], *next = table[index + 1];
		taps_t sum_left = {0}, sum_right = {0};

		for (int tap = 0; tap < RESAMPLE_TAPS; tap += 4) {
			const taps_t a = load(here + tap);
			const taps_t weight = a + (load(next + tap) - a) * between;

			sum_left += weight * load(left + whole + tap);
			sum_right += weight * load(right + whole + tap);
		}
		out_left[i] = total(sum_left);
		out_right[i] = total(sum_right);
		fraction += ratio;
	}
	return fraction;
}
