/*
 * The connection to the box's PulseAudio, and its two streams. A connection which carries nothing is given up early and
 * made anew: a fresh one is up sooner than TCP's own recovery.
 */
#ifndef CROSSPOINT_BOX_H
#define CROSSPOINT_BOX_H

#include "microphone.h"
#include "speaker.h"

#define BOX_RETRY_FIRST_NS (100 * NS_PER_MS)
#define BOX_RETRY_MAX_NS (500 * NS_PER_MS)   /* the box may be back at any moment */
#define BOX_RETRY_MISSING_NS NS_PER_S        /* it is there, but not this gadget's buses */
#define BOX_RETRY_REFUSED_NS (5 * NS_PER_S)
#define BOX_CONNECT_NS (1500 * NS_PER_MS)
#define BOX_SILENT_NS NS_PER_S               /* while sound should come */
#define BOX_PING_NS (500 * NS_PER_MS)
#define BOX_PONG_NS (2 * NS_PER_S)

struct box {
	pa_mainloop_api *api;
	const char *server, *cookie, *sink, *source; /* `cookie`: a file; NULL or empty: none of that kind */
	struct speaker *speaker;
	struct microphone *microphone;
	pa_context *context; /* NULL: not connected, and not trying */
	bool ready, works; /* the server answers; all streams are there, too */
	bool told;
	ns_t started_at, retry_at, pause, pause_most;
	ns_t ping_at, pinged_at; /* next, and when the one under way was sent (0: none) */
	uint32_t reconnects;
	char trouble[128];
};

/* The time has come to look after the connection (about every 100 ms). `slept`: this process itself was held up. */
void box_tick(struct box *b, ns_t now, bool slept);
void box_disconnect(struct box *b);

#endif
