/*
 * One crosspoint: reads a source's ring at its own place and its own pace, and adds what it finds to a mix. Pure: it
 * knows no streams, and no time but what it is told.
 */
#ifndef CROSSPOINT_PATH_H
#define CROSSPOINT_PATH_H

#include "ring.h"
#include "servo.h"

#include <stdbool.h>

/* The largest piece that is mixed at once. */
#define MIX_FRAMES 512

struct path {
	int64_t reserve; /* frames that shall be left at the emptiest moment, when the source's next piece is about to come */
	int64_t extra;   /* on top of it, while that is not enough */
	int64_t delay;   /* on top of it, wanted */
	/* Where it reads: frame and fraction of it. */
	int64_t at;
	double fraction;
	int64_t skip;        /* frames to leave out at the next opportunity */
	bool begun, playing; /* not playing: waits until there is enough */
	struct servo servo;
	double ratio;
	/* Level: from `gain` to `target` in `ramp` frames. */
	float gain, target;
	size_t ramp;
	/* Fades out and in where sound breaks off or is left out. */
	float edge;
	/* What waited since the last look: number of measurements, sum, least. */
	unsigned measurements;
	double sum, least;
	ns_t looked_at;
	int64_t missed; /* frames that were not there */
	ns_t starved_at;
	double waits; /* frames that waited in the mean of the look before */
	unsigned xruns, drops;
};

/* Silent, until its gain is set. */
void path_init(struct path *p, int64_t reserve, int64_t delay);
/* From now on in `frames` to `amplitude`; 0: at once. */
void path_set_gain(struct path *p, float amplitude, size_t frames);
/* Is there nothing to be heard of it, now and until its gain is set? */
static inline bool path_is_silent(const struct path *p)
{
	return p->gain == 0 && p->target == 0;
}
/* Add the next `count` (at most MIX_FRAMES) frames to the mix. */
void path_mix(struct path *p, const struct ring *source, float *left, float *right, size_t count);
/* After all that was asked for at `now` has been mixed: is it still where it should be? */
void path_look(struct path *p, const struct ring *source, ns_t now);

#endif
