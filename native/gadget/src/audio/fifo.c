#include "fifo.h"

#include <string.h>

size_t fifo_drop(struct fifo *f, size_t count)
{
	if (count > f->count)
		count = f->count;
	f->start = (f->start + count) % FIFO_FRAMES;
	f->count -= count;
	return count;
}

int16_t *fifo_peek(struct fifo *f, size_t *count)
{
	size_t together = FIFO_FRAMES - f->start;

	*count = f->count < together ? f->count : together;
	return f->sample + f->start * FRAME_CHANNELS;
}

size_t fifo_put(struct fifo *f, const void *frames, size_t count)
{
	const uint8_t *from = frames;
	size_t dropped = 0;

	if (count > FIFO_FRAMES) {
		dropped = count - FIFO_FRAMES;
		if (from)
			from += dropped * FRAME_BYTES;
		count = FIFO_FRAMES;
	}
	if (f->count + count > FIFO_FRAMES)
		dropped += fifo_drop(f, f->count + count - FIFO_FRAMES);
	while (count) {
		size_t end = (f->start + f->count) % FIFO_FRAMES;
		size_t n = FIFO_FRAMES - end < count ? FIFO_FRAMES - end : count;
		int16_t *to = f->sample + end * FRAME_CHANNELS;

		if (from) {
			memcpy(to, from, n * FRAME_BYTES);
			from += n * FRAME_BYTES;
		} else {
			memset(to, 0, n * FRAME_BYTES);
		}
		f->count += n;
		count -= n;
	}
	return dropped;
}
