#include "splice.h"

#include <string.h>

void splice_begin(struct splice *s, const int16_t *frames, size_t count)
{
	if (s->count) /* goes on: what was first is what would have been heard */
		return;
	s->count = count < SPLICE_FRAMES ? count : SPLICE_FRAMES;
	memcpy(s->sample, frames, s->count * FRAME_BYTES);
}

void splice_end(struct splice *s, int16_t *frames, size_t count)
{
	const int n = (int)(count < s->count ? count : s->count);
	int i, channel;

	if (!count)
		return;
	for (i = 0; i < n; i++)
		for (channel = 0; channel < FRAME_CHANNELS; channel++) {
			const int at = i * FRAME_CHANNELS + channel, old = s->sample[at], new = frames[at];

			frames[at] = (int16_t)(old + (new - old) * (i + 1) / (n + 1));
		}
	s->count = 0;
}
