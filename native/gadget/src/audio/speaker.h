/*
 * What the client plays: from the gadget's card into the box's `return` bus. The credit of the playback stream bounds
 * what is on its way; more than that is dropped here, so that a stall leaves no delay behind.
 */
#ifndef CROSSPOINT_SPEAKER_H
#define CROSSPOINT_SPEAKER_H

#include "backlog.h"
#include "card.h"
#include "gaps.h"
#include "regulator.h"
#include "splice.h"

#include "common/audio-link.h"

#include <pulse/pulseaudio.h>

struct speaker {
	pa_stream *stream; /* NULL: no box */
	struct regulator regulator;
	struct backlog backlog;
	double to_drop_ms;
	struct splice splice;
	bool stalled, open; /* `open`: the client plays */
	ns_t measured_at;
	struct audio_path_report report;
	struct gaps gaps;
	double dropped_frames;
};

void speaker_init(struct speaker *s, int target_ms);
/* Connect to a sink. NULL or the stream, whose state the caller watches. */
pa_stream *speaker_connect(struct speaker *s, pa_context *context, const char *sink);
void speaker_disconnect(struct speaker *s);
/* The client has opened or closed its speaker. */
void speaker_tally(struct speaker *s, const struct card *card);
/* Move what was captured. 0 or a negative error: the card has gone. */
int speaker_pump(struct speaker *s, struct card *card);
/* Ask the server for the latency; the answer steers the client's clock. */
void speaker_measure(struct speaker *s, const struct card *card);

#endif
