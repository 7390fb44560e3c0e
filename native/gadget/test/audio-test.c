#include "check.h"

#include "audio/backlog.h"
#include "audio/fifo.h"
#include "audio/regulator.h"
#include "audio/splice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct fifo fifo;

static void frames_come_out_in_order(void)
{
	int16_t in[700 * 2];
	int16_t next_in = 0, next_out = 0;
	uint64_t seed = 7;
	int round;

	memset(&fifo, 0, sizeof fifo);
	for (round = 0; round < 5000; round++) {
		size_t put = check_random(&seed) % 700, take = check_random(&seed) % 700, i, n;

		for (i = 0; i < put && fifo.count + put <= FIFO_FRAMES; i++) {
			in[2 * i] = next_in;
			in[2 * i + 1] = (int16_t)-next_in;
			next_in = (int16_t)((next_in + 1) & 0x7fff);
		}
		if (i == put)
			CHECK_EQUAL(fifo_put(&fifo, in, put), 0);
		while (take && fifo.count) {
			const int16_t *out = fifo_peek(&fifo, &n);

			if (n > take)
				n = take;
			for (i = 0; i < n; i++) {
				CHECK(out[2 * i] == next_out && out[2 * i + 1] == (int16_t)-next_out);
				next_out = (int16_t)((next_out + 1) & 0x7fff);
			}
			CHECK_EQUAL(fifo_drop(&fifo, n), n);
			take -= n;
		}
	}
}

static void a_full_fifo_drops_the_oldest(void)
{
	static int16_t in[(FIFO_FRAMES + 100) * 2];
	size_t n, i;

	for (i = 0; i < FIFO_FRAMES + 100; i++)
		in[2 * i] = (int16_t)i;
	memset(&fifo, 0, sizeof fifo);
	CHECK_EQUAL(fifo_put(&fifo, in, FIFO_FRAMES + 100), 100);
	CHECK_EQUAL(fifo.count, FIFO_FRAMES);
	CHECK_EQUAL(fifo_peek(&fifo, &n)[0], 100);
	CHECK_EQUAL(fifo_put(&fifo, NULL, 50), 50);
	CHECK_EQUAL(fifo_peek(&fifo, &n)[0], 150);
	CHECK_EQUAL(fifo_drop(&fifo, FIFO_FRAMES * 2), FIFO_FRAMES);
}

/* A sine of 200 Hz from some frame on. */
static void sine(int16_t *out, int from, size_t frames)
{
	size_t i;

	for (i = 0; i < frames; i++)
		out[2 * i] = out[2 * i + 1] = (int16_t)(20000 * sin(2 * 3.14159265 * 200 * (double)(from + (int)i) / FRAME_RATE));
}

static int largest_step(const int16_t *samples, size_t frames)
{
	int most = 0;
	size_t i;

	for (i = 2; i < 2 * frames; i++)
		if (abs(samples[i] - samples[i - 2]) > most)
			most = abs(samples[i] - samples[i - 2]);
	return most;
}

static void what_is_left_out_does_not_click(void)
{
	/* 5 ms are heard, 2.5 ms of 7.5 are left out: half a turn of the sine, at its top. */
	int16_t heard[720 * 2], left_out[120 * 2], next[240 * 2];
	struct splice s = {0};

	sine(heard, 60, 240);
	sine(left_out, 300, 120);
	sine(next, 420, 240);
	memcpy(heard + 480, next, sizeof next);
	CHECK(largest_step(heard, 480) > 30000);
	splice_begin(&s, left_out, 40); /* in any pieces */
	splice_begin(&s, left_out + 80, 80);
	splice_end(&s, next, 0);
	splice_end(&s, next, 240);
	memcpy(heard + 480, next, sizeof next);
	CHECK(largest_step(heard, 480) < 2500);
	/* Once. */
	memcpy(left_out, next, sizeof left_out);
	splice_end(&s, next, 240);
	CHECK(!memcmp(left_out, next, sizeof left_out));
	/* As far as both reach, at any level. */
	left_out[0] = left_out[1] = INT16_MAX;
	next[0] = next[1] = INT16_MIN;
	splice_begin(&s, left_out, 1);
	splice_end(&s, next, 240);
	CHECK(abs(next[0]) < 2);
}

/* ---- a path whose two clocks differ by `drift_ppm`, with jitter, measured every `step` */

struct path {
	double latency, mean, worst;
	int samples;
};

static struct path run_path(struct regulator *r, double start_ms, double drift_ppm, double jitter_ms, double seconds,
			    double judge_after_s)
{
	struct path p = {.latency = start_ms};
	const double step = 0.1;
	uint64_t seed = 99;
	double t;

	for (t = 0; t < seconds; t += step) {
		double noise = ((double)(check_random(&seed) >> 11) / (double)(UINT64_C(1) << 53) - 0.5) * 2 * jitter_ms;
		double output = regulator_update(r, p.latency + noise, step);

		p.latency += (drift_ppm - output) * 0.001 * step;
		if (t >= judge_after_s) {
			double error = fabs(p.latency - r->target_ms);

			p.mean += p.latency;
			p.samples++;
			if (error > p.worst)
				p.worst = error;
		}
	}
	p.mean /= p.samples;
	return p;
}

static void drift_is_held_for_as_long_as_it_lasts(void)
{
	static const double drifts[] = {-300, -100, 0, 50, 300};
	size_t i;

	for (i = 0; i < sizeof drifts / sizeof drifts[0]; i++) {
		struct regulator r;
		struct path p;

		regulator_init(&r, 20);
		p = run_path(&r, 20, drifts[i], 3, 600, 180);
		CHECK(fabs(p.mean - 20) < 0.5);
		CHECK(p.worst < 2);
		CHECK(fabs(r.drift_ppm - drifts[i]) < 40);
	}
}

static void the_way_back_has_no_overshoot_to_speak_of(void)
{
	struct regulator r;
	struct path p;

	regulator_init(&r, 20);
	p = run_path(&r, 30, 0, 0, 120, 60);
	CHECK(p.worst < 3);
	p = run_path(&r, p.latency, 0, 0, 200, 150);
	CHECK(p.worst < 0.3);
}

static void steps_are_too_slow_to_be_heard(void)
{
	struct regulator r;
	double last = 0, largest = 0, t;

	regulator_init(&r, 20);
	for (t = 0; t < 60; t += 0.1) {
		double now = regulator_update(&r, 200, 0.1); /* far off, for ever */

		CHECK(fabs(now) <= REGULATOR_PPM_MAX);
		if (t > 5)
			largest = fmax(largest, fabs(now - last));
		last = now;
	}
	CHECK(largest < 20); /* ppm; a fiftieth of a cent is 12 */
	CHECK(r.drift_ppm <= REGULATOR_DRIFT_MAX);
}

static void an_interruption_keeps_what_was_learnt_of_the_clocks(void)
{
	struct regulator r;

	regulator_init(&r, 20);
	run_path(&r, 20, 200, 1, 400, 0);
	regulator_interrupted(&r);
	CHECK(fabs(r.output_ppm - 200) < 30);
	CHECK(fabs(regulator_update(&r, 90, 0.1) - 200) < 30); /* and does not jump at the first sight */
	CHECK(fabs(regulator_update(&r, 90, 0.1) - 200) < 30);
	CHECK(regulator_update(&r, 20, 0) == r.output_ppm);
}

static void only_what_was_never_needed_is_dropped(void)
{
	struct backlog b;
	ns_t t;
	double dropped = 0;

	backlog_init(&b, 20, 12);
	for (t = NS_PER_S; t < 4 * NS_PER_S; t += 10 * NS_PER_MS) /* high now and then, never for a whole window */
		dropped += backlog_update(&b, t % (200 * NS_PER_MS) == 0 ? 21 : 80, t);
	CHECK(dropped == 0);
	for (; t < 5 * NS_PER_S && dropped == 0; t += 10 * NS_PER_MS)
		dropped += backlog_update(&b, 95, t);
	CHECK(dropped >= 60 && dropped <= 75);
	CHECK(t < 4 * NS_PER_S + 2 * BACKLOG_WINDOW_NS + 20 * NS_PER_MS);
	backlog_reset(&b);
	CHECK(backlog_update(&b, 95, t) == 0);
}

const struct test audio_tests[] = {
	{"frames come out in the order in which they went in", frames_come_out_in_order},
	{"a full buffer drops the oldest", a_full_fifo_drops_the_oldest},
	{"where frames are left out there is no click", what_is_left_out_does_not_click},
	{"a drift of 300 ppm is held for ten minutes", drift_is_held_for_as_long_as_it_lasts},
	{"the way back to the target does not overshoot", the_way_back_has_no_overshoot_to_speak_of},
	{"corrections are bounded, and too slow to be heard", steps_are_too_slow_to_be_heard},
	{"an interruption keeps what was learnt of the clocks", an_interruption_keeps_what_was_learnt_of_the_clocks},
	{"only what was never needed is dropped", only_what_was_never_needed_is_dropped},
	{NULL, NULL},
};
