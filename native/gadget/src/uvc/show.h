/*
 * What the client sees next: the newest picture, while it can be called live, else a slate. Old pictures are never shown
 * again and do not stay in memory (privacy).
 */
#ifndef CROSSPOINT_SHOW_H
#define CROSSPOINT_SHOW_H

#include "keep.h"
#include "slates.h"

#define SHOW_ERASE_NS (3 * NS_PER_S)
#define SHOW_STALE_NS NS_PER_S

struct show {
	uint16_t width, height;
	uint32_t max_bytes; /* more does not fit the kernel's buffers */
	enum feeder_state state;
	ns_t heard_at;   /* when the feeder last said anything */
	ns_t live_until; /* the newest picture may be shown until then */
	uint64_t seq, shown_seq;
};

struct shown {
	const uint8_t *jpeg;
	size_t length;
	bool fresh, slate;
};

/* A successor has taken over a client that sees this mode: the last picture stays until a feeder may be back. */
void show_adopted(struct show *s, const struct mode *mode, ns_t now);
/* The client begins to stream in this size. */
void show_start(struct show *s, struct keep *keep, const struct mode *mode, ns_t now);
void show_heard(struct show *s, enum feeder_state state, ns_t now);
/* A picture was published. */
void show_picture(struct show *s, ns_t now);
/* Erase what may no longer be shown. The time when to call again, or 0: nothing to erase. */
ns_t show_expire(const struct show *s, struct keep *keep, ns_t now);
/* Is a picture there that the client has not seen? */
bool show_is_fresh(const struct show *s);
/* Choose; jpeg is NULL when not even a slate has that size. */
struct shown show_next(struct show *s, struct keep *keep, ns_t now);

#endif
