#include "speaker.h"

#include "fifo.h"

#include <string.h>

#define SLACK_MS 12
#define MINREQ_MS 5
#define MAXLENGTH_EXTRA_MS 100
#define STALE_MS 50 /* we slept: of what was captured meanwhile only the newest is of use */

static const uint32_t bytes_per_ms = FRAMES_PER_MS * FRAME_BYTES;

void speaker_init(struct speaker *s, int target_ms)
{
	*s = (struct speaker){.report = {.target_ms = (float)target_ms}};
	regulator_init(&s->regulator, target_ms + MINREQ_MS);
	backlog_init(&s->backlog, target_ms + MINREQ_MS, SLACK_MS);
}

static void interrupted(struct speaker *s)
{
	regulator_interrupted(&s->regulator);
	backlog_reset(&s->backlog);
	s->to_drop_ms = 0;
}

static void on_underflow(pa_stream *stream, void *user)
{
	struct speaker *s = user;

	(void)stream;
	if (s->open) /* it also runs empty when the client has stopped */
		s->report.underruns++;
	interrupted(s);
}

pa_stream *speaker_connect(struct speaker *s, pa_context *context, const char *sink)
{
	const pa_sample_spec format = {.format = PA_SAMPLE_S16LE, .rate = FRAME_RATE, .channels = FRAME_CHANNELS};
	const uint32_t target = (uint32_t)s->report.target_ms;
	const pa_buffer_attr buffer = {.tlength = 2 * target * bytes_per_ms,
				       .prebuf = target * bytes_per_ms,
				       .minreq = MINREQ_MS * bytes_per_ms,
				       .maxlength = (2 * target + MAXLENGTH_EXTRA_MS) * bytes_per_ms,
				       .fragsize = UINT32_MAX};

	s->stream = gaps_stream_new(&s->gaps, context, "Speaker of the client", &format, &s->report);
	if (!s->stream)
		return NULL;
	pa_stream_set_underflow_callback(s->stream, on_underflow, s);
	if (pa_stream_connect_playback(s->stream, sink, &buffer, PA_STREAM_EARLY_REQUESTS | PA_STREAM_DONT_MOVE, NULL,
				       NULL) < 0) {
		speaker_disconnect(s);
		return NULL;
	}
	interrupted(s);
	splice_reset(&s->splice);
	return s->stream;
}

void speaker_disconnect(struct speaker *s)
{
	if (!s->stream)
		return;
	pa_stream_set_state_callback(s->stream, NULL, NULL);
	pa_stream_set_underflow_callback(s->stream, NULL, NULL);
	pa_stream_disconnect(s->stream);
	pa_stream_unref(s->stream);
	s->stream = NULL;
	s->report.latency_ms = 0;
}

void speaker_tally(struct speaker *s, const struct card *card)
{
	s->open = card->speaker_rate > 0;
	interrupted(s);
	splice_reset(&s->splice);
	s->report.latency_ms = 0;
	if (s->open) /* the kernel has reset it */
		card_steer_speaker(card, -s->regulator.output_ppm);
}

static void count_dropped(struct speaker *s, size_t frames)
{
	s->dropped_frames += (double)frames;
	s->report.dropped_ms = (uint32_t)(s->dropped_frames / FRAMES_PER_MS);
}

static bool ready(const struct speaker *s)
{
	return s->stream && pa_stream_get_state(s->stream) == PA_STREAM_READY;
}

static void give_to_box(struct speaker *s, int16_t *frames, size_t count)
{
	size_t credit, drop = (size_t)(s->to_drop_ms * FRAMES_PER_MS);

	if (!ready(s))
		return;
	credit = pa_stream_writable_size(s->stream);
	if (credit == (size_t)-1)
		return;
	credit /= FRAME_BYTES;
	if (drop) {
		drop = drop < count ? drop : count;
		splice_begin(&s->splice, frames, drop);
		frames += drop * FRAME_CHANNELS;
		count -= drop;
		s->to_drop_ms -= (double)drop / FRAMES_PER_MS;
		count_dropped(s, drop);
	}
	splice_end(&s->splice, frames, count < credit ? count : credit);
	if (count > credit) { /* the box does not take it: nothing can be learnt from now */
		splice_begin(&s->splice, frames + credit * FRAME_CHANNELS, count - credit);
		count_dropped(s, count - credit);
		count = credit;
		s->stalled = true;
	} else if (s->stalled) {
		s->stalled = false;
		interrupted(s);
	}
	if (count)
		pa_stream_write(s->stream, frames, count * FRAME_BYTES, NULL, 0, PA_SEEK_RELATIVE);
}

int speaker_pump(struct speaker *s, struct card *card)
{
	static int16_t frames[STALE_MS * FRAMES_PER_MS * FRAME_CHANNELS];

	for (;;) {
		snd_pcm_sframes_t n = snd_pcm_avail_update(card->capture);

		if (n == -EPIPE || n == -ESTRPIPE) {
			int e;

			s->report.xruns++;
			interrupted(s);
			if ((e = snd_pcm_prepare(card->capture)) < 0 || (e = snd_pcm_start(card->capture)) < 0)
				return e;
			return 0;
		}
		if (n < 0)
			return (int)n;
		if (n > STALE_MS * FRAMES_PER_MS) {
			snd_pcm_sframes_t skipped =
				snd_pcm_forward(card->capture, (snd_pcm_uframes_t)n - CARD_PERIOD_MS * FRAMES_PER_MS);

			if (skipped < 0)
				return (int)skipped;
			count_dropped(s, (size_t)skipped);
			continue;
		}
		if (n < CARD_PERIOD_MS * FRAMES_PER_MS / 2)
			return 0;
		n = snd_pcm_readi(card->capture, frames, (snd_pcm_uframes_t)n);
		if (n <= 0)
			return n == -EAGAIN || n == -EPIPE ? 0 : (int)n;
		give_to_box(s, frames, (size_t)n);
	}
}

/* Exact at the moment of the server's answer: bytes that it holds, and its sink's own latency. */
static void on_timing(pa_stream *stream, int success, void *user)
{
	struct speaker *s = user;
	const pa_timing_info *t;
	const ns_t now = clock_ns();
	double latency;

	if (!success || stream != s->stream)
		return;
	t = pa_stream_get_timing_info(stream);
	if (!t || !t->playing || t->read_index_corrupt || t->write_index_corrupt)
		return;
	latency = (double)(t->write_index - t->read_index) / bytes_per_ms + (double)t->sink_usec / 1000;
	if (!s->stalled && s->to_drop_ms <= 0) {
		regulator_update(&s->regulator, latency, (double)(now - s->measured_at) / NS_PER_S);
		s->to_drop_ms = backlog_update(&s->backlog, latency, now);
		if (s->to_drop_ms > 0)
			regulator_interrupted(&s->regulator);
	}
	s->report.latency_ms = (float)latency;
	s->report.correction_ppm = (float)s->regulator.output_ppm;
	s->measured_at = now;
}

void speaker_measure(struct speaker *s, const struct card *card)
{
	pa_operation *o;

	if (!ready(s) || card->speaker_rate <= 0)
		return;
	card_steer_speaker(card, -s->regulator.output_ppm);
	o = pa_stream_update_timing_info(s->stream, on_timing, s);
	if (o)
		pa_operation_unref(o);
}
