#include "slates.h"

const struct slate *slate_find(uint16_t width, uint16_t height, enum feeder_state state)
{
	const struct slate *s;

	if (state == FEEDER_LIVE)
		state = FEEDER_WAITING;
	for (s = slates; s->jpeg; s++)
		if (s->width == width && s->height == height && s->state == state)
			return s;
	return NULL;
}
