/* The pictures that are shown when there is no camera picture; made from slates/ at build time. */
#ifndef CROSSPOINT_SLATES_H
#define CROSSPOINT_SLATES_H

#include "common/frame-link.h"

#include <stddef.h>
#include <stdint.h>

struct slate {
	uint16_t width, height;
	enum feeder_state state;
	const uint8_t *jpeg;
	size_t length;
};

/* Ends with a NULL jpeg. */
extern const struct slate slates[];

/* The slate of that size for that state; of no known size, NULL. FEEDER_LIVE gets that of FEEDER_WAITING. */
const struct slate *slate_find(uint16_t width, uint16_t height, enum feeder_state state);

#endif
