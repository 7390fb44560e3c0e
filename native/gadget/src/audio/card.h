/* The gadget's sound card: two PCM streams, who uses them, and the pitch controls that steer the client's clock. */
#ifndef CROSSPOINT_CARD_H
#define CROSSPOINT_CARD_H

#include "common/clock.h"

#include <alsa/asoundlib.h>
#include <stdbool.h>

#define CARD_NAME "UAC2Gadget"
#define CARD_PERIOD_MS 5
#define CARD_RETRY_NS (500 * NS_PER_MS)

struct card {
	const char *name;
	snd_ctl_t *control; /* NULL: not there */
	snd_pcm_t *capture, *playback;
	/* What the client's streams run at; 0: not open. */
	int speaker_rate, mic_rate;
};

enum card_change { CARD_SPEAKER = 1, CARD_MIC = 2 };

/* Open everything; playback starts by itself once `start_ms` are written. 0 or a negative error. */
int card_open(struct card *c, const char *name, int start_ms);
void card_close(struct card *c);
/* Read the rates after a control event. Bits of card_change, or a negative error: the card has gone. */
int card_poll_tally(struct card *c);
/* Run the client's speaker or microphone stream at so many ppm above nominal. */
void card_steer_speaker(const struct card *c, double ppm);
void card_steer_mic(const struct card *c, double ppm);

#endif
