/* The numbers of `crosspoint.stats`, gathered once a second. */
#ifndef CROSSPOINT_STATISTICS_H
#define CROSSPOINT_STATISTICS_H

#include "audio-tally.h"
#include "link.h"
#include "uvc-link.h"

#define STATISTICS_MAX 40

struct statistics {
	struct session_number number[STATISTICS_MAX];
	size_t count;
	ns_t at; /* of the last time, and what was counted then */
	uint64_t frames, fresh;
};

void statistics_gather(struct statistics *s, const struct uvc_link *uvc, const struct audio_tally *audio,
		       const struct link_quality *link, double temperature, ns_t now);

#endif
