/* Stereo frames of 16 bits on their way; fixed memory, the oldest are dropped when it is full. */
#ifndef CROSSPOINT_FIFO_H
#define CROSSPOINT_FIFO_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_RATE 48000
#define FRAME_CHANNELS 2
#define FRAME_BYTES 4u
#define FRAMES_PER_MS (FRAME_RATE / 1000)
#define FIFO_FRAMES (FRAME_RATE / 2) /* half a second */

struct fifo {
	size_t start, count;
	int16_t sample[FIFO_FRAMES * FRAME_CHANNELS];
};

/* Append; NULL is silence. Returns how many frames (old ones first) were dropped for it. */
size_t fifo_put(struct fifo *f, const void *frames, size_t count);
/* The oldest frames that lie together in memory; `*count` says how many. */
int16_t *fifo_peek(struct fifo *f, size_t *count);
/* Remove the oldest; returns how many there were. */
size_t fifo_drop(struct fifo *f, size_t count);

#endif
