/*
 * What crosspoint-audio tells crosspoint-video, which reports it to the box: one datagram on AUDIO_SOCKET at each change
 * of the tally and every second.
 */
#ifndef CROSSPOINT_AUDIO_LINK_H
#define CROSSPOINT_AUDIO_LINK_H

#include <stdint.h>

#define AUDIO_SOCKET "/run/crosspoint/audio.sock"
#define AUDIO_MAGIC UINT32_C(0x31415043) /* "CPA1" */

struct audio_path_report {
	float latency_ms, target_ms;
	float correction_ppm;
	uint32_t xruns;         /* of the card */
	uint32_t dropped_ms;    /* thrown away to get back to the target, or without credit */
	uint32_t underruns;     /* of the box's stream, while the client uses it */
};

struct audio_report {
	uint32_t magic;
	uint16_t mic_open, speaker_open; /* the client has it open */
	uint16_t card, box;              /* the gadget's card is there; the box's server is connected */
	uint32_t reconnects;
	struct audio_path_report mic, speaker;
};

#endif
