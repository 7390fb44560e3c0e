/*
 * What the client records: from the monitor of the box's `mic` bus to the gadget's card. Latency is what waits here plus
 * what the card holds; twice the target is a backlog, and the oldest of it goes.
 */
#ifndef CROSSPOINT_MICROPHONE_H
#define CROSSPOINT_MICROPHONE_H

#include "backlog.h"
#include "card.h"
#include "fifo.h"
#include "gaps.h"
#include "regulator.h"
#include "splice.h"

#include "common/audio-link.h"

#include <pulse/pulseaudio.h>

struct microphone {
	pa_stream *stream; /* NULL: no box */
	struct card *card;
	bool corked;
	struct regulator regulator;
	struct backlog backlog;
	double to_drop_ms;
	struct splice splice;
	ns_t measured_at;
	ns_t data_at; /* when the box last sent sound; 0: none is expected */
	struct audio_path_report report;
	struct gaps gaps;
	double dropped_frames;
	struct fifo fifo;
};

void microphone_init(struct microphone *m, struct card *card, int target_ms);
pa_stream *microphone_connect(struct microphone *m, pa_context *context, const char *source);
void microphone_disconnect(struct microphone *m);
/* The stream is ready, or the client has opened or closed its microphone: record only while it listens. */
void microphone_tally(struct microphone *m);
/* Steer the card by what was measured. */
void microphone_steer(const struct microphone *m);

#endif
