/* How long to wait before the next attempt. */
#ifndef CROSSPOINT_BACKOFF_H
#define CROSSPOINT_BACKOFF_H

#include "common/clock.h"

#define BACKOFF_FIRST_NS (200 * NS_PER_MS)
#define BACKOFF_LOST_NS NS_PER_S           /* the box may be back at any moment */
#define BACKOFF_REFUSED_NS (10 * NS_PER_S) /* a wrong token does not become right soon */

struct backoff {
	ns_t pause;
};

/* The pause now, which doubles up to `most`. */
static inline ns_t backoff_next(struct backoff *b, ns_t most)
{
	ns_t pause = b->pause ? b->pause : BACKOFF_FIRST_NS;

	if (pause > most)
		pause = most;
	b->pause = pause * 2;
	return pause;
}

static inline void backoff_reset(struct backoff *b)
{
	b->pause = 0;
}

#endif
