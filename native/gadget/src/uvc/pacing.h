/*
 * When the next frame is due. A fresh picture may go a quarter of an interval early; without one the last is repeated a
 * quarter late, which leaves a picture that is on its way the time to arrive. Frames are credited to a clock that ticks
 * once per interval (due += interval, not now + interval), so jitter does not add up and the mean rate stays nominal.
 */
#ifndef CROSSPOINT_PACING_H
#define CROSSPOINT_PACING_H

#include "common/clock.h"

#include <stdbool.h>

struct pacing {
	ns_t interval;
	ns_t due;
};

void pacing_start(struct pacing *p, ns_t now, ns_t interval);
/* The time from which a frame may be sent. */
ns_t pacing_next(const struct pacing *p, bool fresh);
/* A frame was sent at `now`. */
void pacing_sent(struct pacing *p, ns_t now, bool fresh);

#endif
