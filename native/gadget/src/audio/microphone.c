#include "microphone.h"

#include "common/log.h"

#define SLACK_MS 12
#define FRAGMENT_MS 5
#define MAXLENGTH_MS 100

void microphone_init(struct microphone *m, struct card *card, int target_ms)
{
	m->card = card;
	m->report = (struct audio_path_report){.target_ms = (float)target_ms};
	regulator_init(&m->regulator, target_ms);
	backlog_init(&m->backlog, target_ms, SLACK_MS);
}

static void interrupted(struct microphone *m)
{
	regulator_interrupted(&m->regulator);
	backlog_reset(&m->backlog);
	m->to_drop_ms = 0;
}

static void count_dropped(struct microphone *m, size_t frames)
{
	m->dropped_frames += (double)frames;
	m->report.dropped_ms = (uint32_t)(m->dropped_frames / FRAMES_PER_MS);
}

/* Frames that the card still has to play; restarts it after an xrun. Negative: it has gone. */
static snd_pcm_sframes_t card_holds(struct microphone *m)
{
	snd_pcm_t *pcm = m->card->playback;
	snd_pcm_state_t state = snd_pcm_state(pcm);
	snd_pcm_sframes_t frames = 0;

	if (state == SND_PCM_STATE_RUNNING && snd_pcm_avail_update(pcm) < 0)
		state = snd_pcm_state(pcm);
	if (state == SND_PCM_STATE_DISCONNECTED)
		return -ENODEV;
	if (state == SND_PCM_STATE_XRUN) {
		int e = snd_pcm_prepare(pcm);

		m->report.xruns++;
		interrupted(m);
		return e < 0 ? e : 0;
	}
	if (state == SND_PCM_STATE_RUNNING)
		return snd_pcm_delay(pcm, &frames) < 0 || frames < 0 ? 0 : frames;
	if (state == SND_PCM_STATE_PREPARED) { /* filled up to the threshold, not started */
		snd_pcm_uframes_t buffer, period;
		snd_pcm_sframes_t room = snd_pcm_avail_update(pcm);

		if (room >= 0 && snd_pcm_get_params(pcm, &buffer, &period) == 0)
			return (snd_pcm_sframes_t)buffer - room;
	}
	return 0;
}

static void measure(struct microphone *m, double latency)
{
	const ns_t now = clock_ns();

	regulator_update(&m->regulator, latency, (double)(now - m->measured_at) / NS_PER_S);
	m->to_drop_ms += backlog_update(&m->backlog, latency, now);
	m->measured_at = now;
	m->report.latency_ms = (float)latency;
	m->report.correction_ppm = (float)m->regulator.output_ppm;
}

static void drop_excess(struct microphone *m)
{
	size_t frames = (size_t)(m->to_drop_ms * FRAMES_PER_MS), together;
	const int16_t *first = fifo_peek(&m->fifo, &together);

	if (!frames || !m->fifo.count)
		return;
	splice_begin(&m->splice, first, together < frames ? together : frames);
	frames = fifo_drop(&m->fifo, frames);
	count_dropped(m, frames);
	m->to_drop_ms -= (double)frames / FRAMES_PER_MS;
	if (m->to_drop_ms < 1)
		interrupted(m);
}

static void pump(struct microphone *m)
{
	const size_t target = (size_t)m->report.target_ms * FRAMES_PER_MS;
	snd_pcm_sframes_t held;
	double latency;

	if (!m->card->playback || m->card->mic_rate <= 0) {
		fifo_drop(&m->fifo, m->fifo.count);
		return;
	}
	held = card_holds(m);
	if (held < 0)
		return; /* the control's events tell, too */
	latency = ((double)held + (double)m->fifo.count) / FRAMES_PER_MS;
	if (snd_pcm_state(m->card->playback) == SND_PCM_STATE_RUNNING)
		measure(m, latency);
	if ((size_t)held + m->fifo.count > 2 * target) /* it came all at once: no need to watch it for long */
		m->to_drop_ms = latency - m->report.target_ms;
	drop_excess(m);
	while (m->fifo.count) {
		size_t count;
		int16_t *frames = fifo_peek(&m->fifo, &count);
		snd_pcm_sframes_t n;

		splice_end(&m->splice, frames, count);
		n = snd_pcm_writei(m->card->playback, frames, count);
		if (n <= 0)
			break;
		fifo_drop(&m->fifo, (size_t)n);
	}
}

static void on_read(pa_stream *stream, size_t bytes, void *user)
{
	struct microphone *m = user;

	(void)bytes;
	m->data_at = clock_ns();
	while (pa_stream_readable_size(stream) > 0) {
		const void *frames;
		size_t n;

		if (pa_stream_peek(stream, &frames, &n) < 0 || n == 0)
			break;
		if (!frames) /* a hole: silence for us */
			m->report.underruns++;
		count_dropped(m, fifo_put(&m->fifo, frames, n / FRAME_BYTES));
		pa_stream_drop(stream);
	}
	pump(m);
}

pa_stream *microphone_connect(struct microphone *m, pa_context *context, const char *source)
{
	const pa_sample_spec format = {.format = PA_SAMPLE_S16LE, .rate = FRAME_RATE, .channels = FRAME_CHANNELS};
	const uint32_t bytes_per_ms = FRAMES_PER_MS * FRAME_BYTES;
	const pa_buffer_attr buffer = {.fragsize = FRAGMENT_MS * bytes_per_ms,
				       .maxlength = MAXLENGTH_MS * bytes_per_ms,
				       .tlength = UINT32_MAX,
				       .prebuf = UINT32_MAX,
				       .minreq = UINT32_MAX};

	m->stream = gaps_stream_new(&m->gaps, context, "Microphone of the client", &format, &m->report);
	if (!m->stream)
		return NULL;
	m->corked = true;
	m->data_at = 0;
	pa_stream_set_read_callback(m->stream, on_read, m);
	if (pa_stream_connect_record(m->stream, source, &buffer,
				     PA_STREAM_ADJUST_LATENCY | PA_STREAM_DONT_MOVE | PA_STREAM_START_CORKED) < 0) {
		microphone_disconnect(m);
		return NULL;
	}
	return m->stream;
}

void microphone_disconnect(struct microphone *m)
{
	if (!m->stream)
		return;
	pa_stream_set_state_callback(m->stream, NULL, NULL);
	pa_stream_set_read_callback(m->stream, NULL, NULL);
	pa_stream_disconnect(m->stream);
	pa_stream_unref(m->stream);
	m->stream = NULL;
	m->data_at = 0;
	m->report.latency_ms = 0;
	fifo_drop(&m->fifo, m->fifo.count);
}

static void cork(struct microphone *m, bool corked)
{
	pa_operation *o;

	if (!m->stream || pa_stream_get_state(m->stream) != PA_STREAM_READY || m->corked == corked)
		return;
	o = pa_stream_cork(m->stream, corked, NULL, NULL);
	if (!o)
		return;
	pa_operation_unref(o);
	m->corked = corked;
	m->data_at = corked ? 0 : clock_ns();
}

void microphone_tally(struct microphone *m)
{
	const bool open = m->card->mic_rate > 0;

	interrupted(m);
	m->report.latency_ms = 0;
	fifo_drop(&m->fifo, m->fifo.count);
	splice_reset(&m->splice);
	if (m->card->playback && (snd_pcm_drop(m->card->playback) < 0 || snd_pcm_prepare(m->card->playback) < 0))
		log_warning("the card does not restart");
	microphone_steer(m);
	cork(m, !open);
}

void microphone_steer(const struct microphone *m)
{
	/* Too much waits here: let the client take it a little faster. */
	if (m->card->mic_rate > 0)
		card_steer_mic(m->card, m->regulator.output_ppm);
}
