/*
 * How often a path ran empty or over, as a property of its stream: there the box's mixer sees it, whoever else is
 * connected.
 */
#ifndef CROSSPOINT_GAPS_H
#define CROSSPOINT_GAPS_H

#include "common/audio-link.h"

#include <pulse/pulseaudio.h>

#define GAPS_PROPERTY "crosspoint.xruns"

struct gaps {
	uint32_t told; /* what the stream's property says */
};

/* A new stream which bears the count from its beginning. NULL: it cannot be made. */
pa_stream *gaps_stream_new(struct gaps *g, pa_context *context, const char *name, const pa_sample_spec *format,
			   const struct audio_path_report *report);
/* Bring the property of a ready stream up to date, if there is anything new to tell. */
void gaps_tell(struct gaps *g, pa_stream *stream, const struct audio_path_report *report);

#endif
