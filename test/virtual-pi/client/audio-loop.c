/*
 * audio-loop CARD SECONDS: the client computer's side of a round trip. Plays to the gadget's card and records from it at
 * the same time: a sine on the left, in which every break shows, and a short coded pulse every 200 ms on the right, whose
 * code tells when it was sent. Round trips are from bus to bus, in the card's own clock: this program's buffers do not
 * count. Prints a line of JSON per pulse and per break, and a summary at the end.
 */
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RATE 48000
#define PERIOD 480
#define PLAY_BUFFER 9600
#define AHEAD 2880 /* frames kept in the playback buffer */
#define STEP 9600  /* from pulse to pulse */
#define PULSE 32
#define CODES 8
#define TONE_HZ 997.0
#define TONE_PEAK 8192.0
#define PULSE_PEAK 30000.0
#define BREAK_RESIDUE 200.0
#define BREAK_PAUSE (RATE / 20) /* what breaks again within 50 ms is the same break */
#define SETTLE (2 * RATE)
#define SAMPLES 100000

static const double code[CODES] = {.30, .45, .65, .90, -.30, -.45, -.65, -.90};

static struct {
	snd_pcm_t *play, *capture;
	long written, read; /* frames */
	double offset;      /* captured minus played frames, at the same moment */
	double recent[64];
	int recent_count;
	double x1, x2;
	long first, last_break, silent, silent_run;
	int breaks, play_xruns, capture_xruns;
	long peak_at;
	double peak;
	double energy, rtt[SAMPLES];
	long energy_count;
	int rtt_count;
	struct timespec begin;
} s = {.first = -1, .last_break = -1000000, .peak_at = -1};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)(t.tv_sec - s.begin.tv_sec) + (double)(t.tv_nsec - s.begin.tv_nsec) / 1e9;
}

static void check(int e, const char *what)
{
	if (e >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, snd_strerror(e));
	exit(1);
}

static snd_pcm_t *open_pcm(const char *card, snd_pcm_stream_t direction, snd_pcm_uframes_t buffer)
{
	snd_pcm_uframes_t period = PERIOD;
	snd_pcm_hw_params_t *hw;
	snd_pcm_sw_params_t *sw;
	char device[64];
	snd_pcm_t *p;

	snprintf(device, sizeof device, "hw:%s", card);
	check(snd_pcm_open(&p, device, direction, 0), device);
	snd_pcm_hw_params_alloca(&hw);
	snd_pcm_sw_params_alloca(&sw);
	check(snd_pcm_hw_params_any(p, hw), "any");
	check(snd_pcm_hw_params_set_access(p, hw, SND_PCM_ACCESS_RW_INTERLEAVED), "access");
	check(snd_pcm_hw_params_set_format(p, hw, SND_PCM_FORMAT_S16_LE), "format");
	check(snd_pcm_hw_params_set_channels(p, hw, 2), "channels");
	check(snd_pcm_hw_params_set_rate(p, hw, RATE, 0), "rate");
	check(snd_pcm_hw_params_set_period_size_near(p, hw, &period, NULL), "period");
	check(snd_pcm_hw_params_set_buffer_size_near(p, hw, &buffer), "buffer");
	check(snd_pcm_hw_params(p, hw), "parameters");
	check(snd_pcm_sw_params_current(p, sw), "software parameters");
	if (direction == SND_PCM_STREAM_PLAYBACK)
		check(snd_pcm_sw_params_set_start_threshold(p, sw, 4 * PERIOD), "threshold");
	check(snd_pcm_sw_params(p, sw), "software parameters");
	return p;
}

static void make(int16_t *out, long from)
{
	const double w = 2 * M_PI * TONE_HZ / RATE;
	long i;

	for (i = 0; i < PERIOD; i++) {
		long n = from + i, phase = n % STEP;
		double a = 0;

		if (phase < PULSE)
			a = code[n / STEP % CODES] * 0.5 * (1 - cos(2 * M_PI * (double)phase / PULSE));
		out[2 * i] = (int16_t)lrint(TONE_PEAK * sin(fmod(w * (double)n, 2 * M_PI)));
		out[2 * i + 1] = (int16_t)lrint(PULSE_PEAK * a);
	}
}

static void keep_playing(void)
{
	static int16_t out[PERIOD * 2];
	snd_pcm_sframes_t held = 0;

	if (snd_pcm_state(s.play) == SND_PCM_STATE_RUNNING) {
		if (snd_pcm_delay(s.play, &held) < 0)
			held = 0;
	} else if (s.written && snd_pcm_state(s.play) == SND_PCM_STATE_PREPARED) {
		held = PLAY_BUFFER - snd_pcm_avail_update(s.play);
	}
	while (held < AHEAD) {
		snd_pcm_sframes_t n;

		make(out, s.written);
		n = snd_pcm_writei(s.play, out, PERIOD);
		if (n < 0) {
			s.play_xruns++;
			check(snd_pcm_prepare(s.play), "prepare playback");
			continue;
		}
		s.written += n;
		held += n;
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* How far the two positions are apart: the median of recent readings, for each is off by what the scheduler did. */
static void compare_positions(long just_read)
{
	snd_pcm_sframes_t held, waiting;
	double sorted[64];
	int n;

	if (snd_pcm_state(s.play) != SND_PCM_STATE_RUNNING || snd_pcm_delay(s.play, &held) < 0)
		return;
	waiting = snd_pcm_avail(s.capture);
	if (waiting < 0)
		return;
	s.recent[s.recent_count++ % 64] = (double)(s.read + just_read + waiting) - (double)(s.written - held);
	n = s.recent_count < 64 ? s.recent_count : 64;
	for (int i = 0; i < n; i++)
		sorted[i] = s.recent[i];
	qsort(sorted, (size_t)n, sizeof sorted[0], compare);
	s.offset = sorted[n / 2];
}

static void look_for_breaks(double x, double k)
{
	double residue = fabs(x - k * s.x1 + s.x2);

	s.x2 = s.x1;
	s.x1 = x;
	if (s.first < 0) {
		if (fabs(x) > TONE_PEAK / 2)
			s.first = s.last_break = s.read;
		return;
	}
	if (s.read - s.first > SETTLE) {
		s.energy += x * x;
		s.energy_count++;
	}
	if (fabs(x) < 20) {
		s.silent_run++;
	} else {
		if (s.silent_run > RATE / 1000 && s.read - s.first > SETTLE)
			s.silent += s.silent_run;
		s.silent_run = 0;
	}
	if (residue <= BREAK_RESIDUE)
		return;
	if (s.read - s.last_break > BREAK_PAUSE && s.read - s.first > SETTLE) {
		s.breaks++;
		printf("{\"event\":\"break\",\"at\":%.3f}\n", seconds());
	}
	s.last_break = s.read;
}

static void look_for_pulse(double y)
{
	double amplitude, sent, base, trip;
	int best = 0, i;

	if (fabs(y) > 0.15 * PULSE_PEAK && (s.peak_at < 0 || fabs(y) > fabs(s.peak))) {
		s.peak = y;
		s.peak_at = s.read;
	}
	if (s.peak_at < 0 || s.read - s.peak_at < PULSE + 8)
		return;
	amplitude = s.peak / PULSE_PEAK;
	for (i = 1; i < CODES; i++)
		if (fabs(amplitude - code[i]) < fabs(amplitude - code[best]))
			best = i;
	/* The youngest pulse of that code which was played before. */
	sent = (double)s.peak_at - s.offset;
	base = STEP * best + PULSE / 2.0;
	trip = (sent - base - floor((sent - base) / (CODES * STEP)) * CODES * STEP) * 1000 / RATE;
	printf("{\"event\":\"trip\",\"at\":%.3f,\"value\":%.2f}\n", seconds(), trip);
	if (s.rtt_count < SAMPLES && s.read - s.first > SETTLE)
		s.rtt[s.rtt_count++] = trip;
	s.peak_at = -1;
	s.peak = 0;
}

int main(int argc, char **argv)
{
	const double k = 2 * cos(2 * M_PI * TONE_HZ / RATE);
	static int16_t in[PERIOD * 2];
	double duration;
	int n;

	if (argc != 3)
		return 2;
	duration = atof(argv[2]);
	clock_gettime(CLOCK_MONOTONIC, &s.begin);
	setlinebuf(stdout);
	sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 20});
	s.play = open_pcm(argv[1], SND_PCM_STREAM_PLAYBACK, PLAY_BUFFER);
	s.capture = open_pcm(argv[1], SND_PCM_STREAM_CAPTURE, 2 * PLAY_BUFFER);
	check(snd_pcm_start(s.capture), "start");
	while (seconds() < duration) {
		snd_pcm_sframes_t got, i;

		keep_playing();
		got = snd_pcm_readi(s.capture, in, PERIOD);
		if (got < 0) {
			s.capture_xruns++;
			check(snd_pcm_prepare(s.capture), "prepare capture");
			check(snd_pcm_start(s.capture), "start");
			continue;
		}
		compare_positions(got);
		for (i = 0; i < got; i++, s.read++) {
			look_for_breaks(in[2 * i], k);
			look_for_pulse(in[2 * i + 1]);
		}
	}
	qsort(s.rtt, (size_t)s.rtt_count, sizeof s.rtt[0], compare);
	n = s.rtt_count;
	printf("{\"pulses\":%d,\"breaks\":%d,\"silentMs\":%.0f,\"playXruns\":%d,\"captureXruns\":%d,\"levelDb\":%.2f", n,
	       s.breaks, (double)s.silent * 1000 / RATE, s.play_xruns, s.capture_xruns,
	       s.energy_count ? 20 * log10(sqrt(s.energy / (double)s.energy_count * 2) / TONE_PEAK) : -99);
	if (n)
		printf(",\"tripMs\":{\"n\":%d,\"min\":%.1f,\"p50\":%.1f,\"p95\":%.1f,\"p99\":%.1f,\"max\":%.1f}", n, s.rtt[0],
		       s.rtt[n / 2], s.rtt[(int)(n * 0.95)], s.rtt[(int)(n * 0.99)], s.rtt[n - 1]);
	printf("}\n");
	return 0;
}
