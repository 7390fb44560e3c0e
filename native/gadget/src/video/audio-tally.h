/* Receives crosspoint-audio's reports (common/audio-link.h). */
#ifndef CROSSPOINT_AUDIO_TALLY_H
#define CROSSPOINT_AUDIO_TALLY_H

#include "common/audio-link.h"
#include "common/clock.h"

#include <stdbool.h>

#define AUDIO_SILENT_NS (3 * NS_PER_S)

struct audio_tally {
	int fd;
	ns_t heard_at;
	struct audio_report last;
};

/* 0 or -errno. */
int audio_tally_listen(struct audio_tally *t, const char *path);
/* Take what has come. True: the tally has changed. */
bool audio_tally_receive(struct audio_tally *t, ns_t now);
/* Without reports for AUDIO_SILENT_NS nothing is open. True: that has just become so. */
bool audio_tally_expire(struct audio_tally *t, ns_t now);

#endif
