/*
 * All that is mixed: one record stream for each source that is used, one playback stream for each destination, and the
 * paths between them. Destinations drive it: whatever they ask for is mixed at once.
 */
#ifndef CROSSPOINT_DESK_H
#define CROSSPOINT_DESK_H

#include "path.h"
#include "protocol.h"

#include "common/clock.h"

#include <pulse/pulseaudio.h>

/* Marks of our streams, for whoever looks at the sound server. */
#define SOURCE_PROPERTY "crosspoint.mixer.source"
#define SINK_PROPERTY "crosspoint.mixer.sink"

struct desk;

/* One device's stream. */
struct port {
	struct port *next;
	struct desk *desk;
	struct end end;
	bool records;
	pa_stream *stream;
	pa_operation *measuring; /* its answer is still to come, or NULL */
	bool ready, asks;
	unsigned users;
	int64_t piece, waiting, extra; /* frames: that come or go at once; that wait at a destination; while it is too busy */
	ns_t ready_at, starved_at, patience_ns;
	ns_t unused_since;
	double latency_ms; /* what sound is late by at the server, as it last told */
	struct ring ring;  /* of a source */
	float peak[2];     /* of a destination, since it was looked at */
	unsigned starved;  /* a destination ran empty so often */
	char trouble[160]; /* it has ended: why; empty: it has not */
};

struct crosspoint {
	struct crosspoint *next;
	uint32_t id;
	char mark[MARK_MAX_BYTES];
	struct port *source, *sink;
	unsigned aim_ms, delay_ms;
	uint32_t raw;
	bool muted;
	struct path path;
	bool live, retiring;
	ns_t retire_at; /* at the latest */
};

struct desk {
	pa_mainloop_api *api;
	pa_context *context;
	struct port *sources, *sinks;
	struct crosspoint *crosspoints;
	pa_time_event *sweep;
	bool swept_soon;
	bool asked; /* a destination asks for sound */
	/* Tells the owner; lines without their newline. */
	void (*tell)(const char *format, ...) __attribute__((format(printf, 1, 2)));
};

void desk_init(struct desk *d, pa_mainloop_api *api, pa_context *context,
	       void (*tell)(const char *format, ...) __attribute__((format(printf, 1, 2))));
/* Give all destinations what they ask for. */
void desk_feed(struct desk *d);
/* A path between two devices, silent until its level is set. */
void desk_add(struct desk *d, const struct command *c);
void desk_level(struct desk *d, const struct command *c);
/* It fades out and goes. */
void desk_retire(struct desk *d, uint32_t id);
/* Fade everything out. */
void desk_silence(struct desk *d);
/* Tell all there is, for a new owner. */
void desk_describe(struct desk *d);
/* Tell how late paths are, and ask the server about it for the next time. */
void desk_report(struct desk *d);
/* Tell the peaks since the last time. */
void desk_levels(struct desk *d);

#endif
