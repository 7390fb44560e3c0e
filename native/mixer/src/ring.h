/*
 * The last seconds of one source: stereo, in two planes, mapped twice one behind the other, so that a reader never has
 * to mind the end. Positions count frames from the beginning of the source and never wrap.
 */
#ifndef CROSSPOINT_RING_H
#define CROSSPOINT_RING_H

#include "common/clock.h"

#include <stddef.h>
#include <stdint.h>

#define FRAME_RATE 48000
#define FRAMES_PER_MS (FRAME_RATE / 1000)
/* 2.7 s: the longest delay (500 ms), the longest latency (1000 ms), and a second of slack. */
#define RING_FRAMES 131072

/* How frames look outside: interleaved stereo. */
enum sample_format { SAMPLES_S16, SAMPLES_FLOAT };

struct ring {
	float *left, *right;
	int64_t written;   /* frames since the beginning */
	int64_t sounds_to; /* behind the last frame that is not silence */
	float peak[2];     /* highest since it was looked at */
	/* When the newest came, and how much usually comes at once. */
	ns_t arrived;
	int64_t arrival, piece;
};

/* 0 or -errno. `piece`: how many frames are likely to come at once. */
int ring_open(struct ring *r, int64_t piece);
void ring_close(struct ring *r);

/* Append what has come at `now`; NULL is silence. */
void ring_write(struct ring *r, const void *frames, size_t count, enum sample_format format, ns_t now);

/* Frames that the source has made by `now`, those included that are on their way in the next piece. */
double ring_made(const struct ring *r, ns_t now);

/* Where `position` lies in a plane; RING_FRAMES frames from there on can be read. */
static inline size_t ring_offset(int64_t position)
{
	return (size_t)position % RING_FRAMES;
}

#endif
