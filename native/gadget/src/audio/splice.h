/*
 * Hides where frames were left out: what follows them comes in over the first of them, which would have been next, within
 * 2 ms.
 */
#ifndef CROSSPOINT_SPLICE_H
#define CROSSPOINT_SPLICE_H

#include "fifo.h"

#define SPLICE_FRAMES ((size_t)(2 * FRAMES_PER_MS))

struct splice {
	size_t count; /* 0: nothing was left out */
	int16_t sample[SPLICE_FRAMES * FRAME_CHANNELS];
};

static inline void splice_reset(struct splice *s)
{
	s->count = 0;
}

/* These are left out. */
void splice_begin(struct splice *s, const int16_t *frames, size_t count);
/* And these come next: changed, if something was left out before them. */
void splice_end(struct splice *s, int16_t *frames, size_t count);

#endif
