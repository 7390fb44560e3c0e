/*
 * Reads between the samples: a windowed sinc of 16 taps, in 256 phases with straight lines between them. For ratios
 * near 1, so it does not have to guard against aliases. Where the position is on a sample it is that sample, exactly.
 */
#ifndef CROSSPOINT_RESAMPLE_H
#define CROSSPOINT_RESAMPLE_H

#include <stddef.h>

#define RESAMPLE_TAPS 16
/* So many frames before and behind a position are needed. */
#define RESAMPLE_BEFORE (RESAMPLE_TAPS / 2 - 1)
#define RESAMPLE_BEHIND (RESAMPLE_TAPS / 2)

/* Once, before anything else here. */
void resample_init(void);

/*
 * `count` frames from `left` and `right`, the first at `fraction` (0 to 1) behind their beginning, each `ratio` behind
 * the one before. Returns the position behind the last.
 */
double resample(const float *left, const float *right, double fraction, double ratio, float *out_left, float *out_right,
		size_t count);

#endif
