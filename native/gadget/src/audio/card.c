#include "card.h"

#include "common/log.h"
#include "fifo.h"

#include <math.h>
#include <stdio.h>

/* From the card's view: it captures what the client plays. */
#define RATE_OF_SPEAKER "Capture Rate"
#define RATE_OF_MIC "Playback Rate"
#define PITCH_OF_SPEAKER "Capture Pitch 1000000"
#define PITCH_OF_MIC "Playback Pitch 1000000"

#define CAPTURE_BUFFER_MS 80 /* 16 periods are the card's maximum */
#define PLAYBACK_EXTRA_MS 20
#define PITCH_NOMINAL 1000000
#define PITCH_RANGE 1000 /* ppm; the card allows 5000 up and far more down */

static int get_control(const struct card *c, const char *name)
{
	snd_ctl_elem_value_t *value;

	snd_ctl_elem_value_alloca(&value);
	snd_ctl_elem_value_set_interface(value, SND_CTL_ELEM_IFACE_PCM);
	snd_ctl_elem_value_set_name(value, name);
	if (snd_ctl_elem_read(c->control, value) < 0)
		return -1;
	return (int)snd_ctl_elem_value_get_integer(value, 0);
}

static void set_control(const struct card *c, const char *name, long number)
{
	snd_ctl_elem_value_t *value;

	snd_ctl_elem_value_alloca(&value);
	snd_ctl_elem_value_set_interface(value, SND_CTL_ELEM_IFACE_PCM);
	snd_ctl_elem_value_set_name(value, name);
	snd_ctl_elem_value_set_integer(value, 0, number);
	if (snd_ctl_elem_write(c->control, value) < 0)
		return; /* an older kernel has no such control: the latency is then held by dropping alone */
}

static void steer(const struct card *c, const char *name, double ppm)
{
	long offset = lround(ppm);

	if (!c->control)
		return;
	if (offset > PITCH_RANGE)
		offset = PITCH_RANGE;
	if (offset < -PITCH_RANGE)
		offset = -PITCH_RANGE;
	set_control(c, name, PITCH_NOMINAL + offset);
}

void card_steer_speaker(const struct card *c, double ppm)
{
	steer(c, PITCH_OF_SPEAKER, ppm);
}

void card_steer_mic(const struct card *c, double ppm)
{
	steer(c, PITCH_OF_MIC, ppm);
}

static int set_parameters(snd_pcm_t *pcm, int buffer_ms, int start_ms)
{
	snd_pcm_uframes_t period = CARD_PERIOD_MS * FRAMES_PER_MS, buffer = (snd_pcm_uframes_t)buffer_ms * FRAMES_PER_MS;
	snd_pcm_hw_params_t *hw;
	snd_pcm_sw_params_t *sw;
	int e;

	snd_pcm_hw_params_alloca(&hw);
	snd_pcm_sw_params_alloca(&sw);
	if ((e = snd_pcm_hw_params_any(pcm, hw)) < 0 ||
	    (e = snd_pcm_hw_params_set_access(pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED)) < 0 ||
	    (e = snd_pcm_hw_params_set_format(pcm, hw, SND_PCM_FORMAT_S16_LE)) < 0 ||
	    (e = snd_pcm_hw_params_set_channels(pcm, hw, FRAME_CHANNELS)) < 0 ||
	    (e = snd_pcm_hw_params_set_rate(pcm, hw, FRAME_RATE, 0)) < 0 ||
	    (e = snd_pcm_hw_params_set_period_size_near(pcm, hw, &period, NULL)) < 0 ||
	    (e = snd_pcm_hw_params_set_buffer_size_near(pcm, hw, &buffer)) < 0 ||
	    (e = snd_pcm_hw_params(pcm, hw)) < 0)
		return e;
	if ((e = snd_pcm_sw_params_current(pcm, sw)) < 0 ||
	    (e = snd_pcm_sw_params_set_avail_min(pcm, sw, period)) < 0 ||
	    (e = snd_pcm_sw_params_set_start_threshold(pcm, sw, (snd_pcm_uframes_t)start_ms * FRAMES_PER_MS)) < 0)
		return e;
	return snd_pcm_sw_params(pcm, sw);
}

/* Non-blocking: a blocking read ends in EIO while the client is idle. */
static int open_pcm(snd_pcm_t **pcm, const char *device, snd_pcm_stream_t direction, int buffer_ms, int start_ms)
{
	int e = snd_pcm_open(pcm, device, direction, SND_PCM_NONBLOCK);

	if (e < 0) {
		*pcm = NULL;
		return e;
	}
	return set_parameters(*pcm, buffer_ms, start_ms);
}

int card_open(struct card *c, const char *name, int start_ms)
{
	char device[64];
	int e;

	*c = (struct card){.name = name, .speaker_rate = -1, .mic_rate = -1};
	if (snprintf(device, sizeof device, "hw:%s", name) >= (int)sizeof device)
		return -ENAMETOOLONG;
	e = snd_ctl_open(&c->control, device, SND_CTL_NONBLOCK);
	if (e < 0) {
		c->control = NULL;
		return e;
	}
	if ((e = open_pcm(&c->capture, device, SND_PCM_STREAM_CAPTURE, CAPTURE_BUFFER_MS, 0)) < 0 ||
	    (e = open_pcm(&c->playback, device, SND_PCM_STREAM_PLAYBACK, 2 * start_ms + PLAYBACK_EXTRA_MS, start_ms)) < 0 ||
	    (e = snd_ctl_subscribe_events(c->control, 1)) < 0) {
		card_close(c);
		return e;
	}
	return 0;
}

void card_close(struct card *c)
{
	if (c->capture)
		snd_pcm_close(c->capture);
	if (c->playback)
		snd_pcm_close(c->playback);
	if (c->control)
		snd_ctl_close(c->control);
	c->capture = c->playback = NULL;
	c->control = NULL;
	c->speaker_rate = c->mic_rate = 0;
}

int card_poll_tally(struct card *c)
{
	snd_ctl_event_t *event;
	int speaker, mic, change = 0, e;

	snd_ctl_event_alloca(&event);
	while ((e = snd_ctl_read(c->control, event)) > 0)
		;
	if (e < 0 && e != -EAGAIN)
		return e;
	speaker = get_control(c, RATE_OF_SPEAKER);
	mic = get_control(c, RATE_OF_MIC);
	if (speaker < 0 || mic < 0)
		return -ENODEV;
	if (speaker != c->speaker_rate)
		change |= CARD_SPEAKER;
	if (mic != c->mic_rate)
		change |= CARD_MIC;
	c->speaker_rate = speaker;
	c->mic_rate = mic;
	return change;
}
