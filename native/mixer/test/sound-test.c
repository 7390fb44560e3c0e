#include "check.h"

#include "resample.h"
#include "ring.h"
#include "servo.h"

#include <math.h>
#include <stdlib.h>

#define FRAMES 9600

static void ring_keeps_the_newest(void)
{
	struct ring r;
	float frames[2 * 1000];
	int64_t n = 0;

	CHECK(ring_open(&r, 120) == 0);
	for (int block = 0; block < 300; block++) {
		for (int i = 0; i < 1000; i++, n++) {
			frames[2 * i] = (float)n;
			frames[2 * i + 1] = -(float)n;
		}
		ring_write(&r, frames, 1000, SAMPLES_FLOAT, block * NS_PER_MS);
	}
	CHECK(r.written == 300000 && r.sounds_to == 300000);
	/* Over the end without a break, in both planes. */
	for (int64_t at = r.written - RING_FRAMES + 1; at < r.written; at += 997) {
		CHECK(r.left[ring_offset(at)] == (float)at);
		CHECK(r.right[ring_offset(at)] == -(float)at);
	}
	CHECK(r.left[RING_FRAMES + 5] == r.left[5]);
	ring_close(&r);
}

static void ring_knows_silence(void)
{
	static const int16_t loud[] = {0, 0, 16384, -32768, 0, 0};
	struct ring r;

	CHECK(ring_open(&r, 120) == 0);
	ring_write(&r, loud, 3, SAMPLES_S16, 1);
	CHECK(r.left[1] == 0.5f && r.right[1] == -1.0f && r.sounds_to == 3);
	CHECK(r.peak[0] == 0.5f && r.peak[1] == 1.0f);
	ring_write(&r, NULL, 3 * RING_FRAMES, SAMPLES_S16, 2);
	CHECK(r.written == 3 + 3 * RING_FRAMES && r.sounds_to == 3 && r.left[1] == 0);
	ring_close(&r);
}

static void ring_takes_numbers_only(void)
{
	static const float odd[] = {NAN, -0.25f, INFINITY, 0.5f, -INFINITY, -NAN, 1.5f, 1e-40f};
	struct ring r;

	CHECK(ring_open(&r, 120) == 0);
	ring_write(&r, odd, 4, SAMPLES_FLOAT, 1);
	for (int i = 0; i < 3; i++)
		CHECK(r.left[i] == 0);
	CHECK(r.right[0] == -0.25f && r.right[1] == 0.5f && r.right[2] == 0);
	CHECK(r.left[3] == 1.5f && r.right[3] == 1e-40f);
	CHECK(r.peak[0] == 1.5f && r.peak[1] == 0.5f);
	ring_close(&r);
}

static void ring_learns_its_pieces(void)
{
	struct ring r;
	ns_t now = NS_PER_S;

	CHECK(ring_open(&r, 120) == 0);
	/* 240 frames every 5 ms, in two packets each. */
	for (int i = 0; i < 200; i++, now += 5 * NS_PER_MS) {
		ring_write(&r, NULL, 120, SAMPLES_S16, now);
		ring_write(&r, NULL, 120, SAMPLES_S16, now + NS_PER_MS / 10);
	}
	CHECK(r.piece == 240);
	/* Half of the next piece has been made, and never more than one piece. */
	CHECK_NEAR(ring_made(&r, r.arrived + 5 * NS_PER_MS / 2), (double)r.written + 120, 0.01);
	CHECK_NEAR(ring_made(&r, r.arrived + NS_PER_S), (double)r.written + 240, 0.01);
	/* A burst is no new habit. */
	ring_write(&r, NULL, FRAME_RATE / 2, SAMPLES_S16, now);
	ring_write(&r, NULL, 240, SAMPLES_S16, now + 5 * NS_PER_MS);
	CHECK(r.piece <= 256);
	ring_close(&r);
}

/* How much quieter than the tone is what a resampled tone has too much, in dB. */
static double snr_db(double hz, double ratio, double fraction)
{
	static float in[2 * FRAMES + 64], left[FRAMES], right[FRAMES];
	double signal = 0, noise = 0;

	for (int i = 0; i < 2 * FRAMES + 64; i++)
		in[i] = (float)sin(2 * M_PI * hz * i / FRAME_RATE);
	resample(in + 16, in + 16, fraction, ratio, left, right, FRAMES);
	for (int i = 0; i < FRAMES; i++) {
		const double should = sin(2 * M_PI * hz * (16 + fraction + i * ratio) / FRAME_RATE);

		signal += should * should;
		noise += (left[i] - should) * (left[i] - should);
		if (left[i] != right[i])
			noise += 1;
	}
	return 10 * log10(signal / noise);
}

static void resampling_is_clean(void)
{
	static const struct {
		double hz, least_db;
	} cases[] = {{50, 85}, {1000, 85}, {5000, 80}, {10000, 70}, {15000, 55}};

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int step = 0; step < 3; step++) {
			const double db = snr_db(cases[i].hz, 1 + (step - 1) * 300e-6, 0.37);

			if (db < cases[i].least_db)
				CHECK_NEAR(db, cases[i].least_db, 0);
		}
}

static void resampling_on_the_sample_is_copying(void)
{
	float in[64], left[8], right[8];

	for (int i = 0; i < 64; i++)
		in[i] = (float)(i * i % 17) / 17;
	CHECK(resample(in + 8, in + 20, 0, 1, left, right, 8) == 8);
	for (int i = 0; i < 8; i++)
		CHECK(left[i] == in[8 + i] && right[i] == in[20 + i]);
}

/* Clocks that differ by `ppm`, measured with `jitter_ms`; the largest error, and that of the last minute. */
static void run_servo(double ppm, double jitter_ms, double *most_ms, double *last_ms)
{
	struct servo s = {0};
	uint64_t random = 7;
	double error_ms = 0, output = 0;

	*most_ms = *last_ms = 0;
	for (int i = 0; i < 3000; i++) {
		const double noise = ((double)(check_random(&random) >> 40) / (1 << 23) - 1) * jitter_ms;

		error_ms += (ppm - output) * 1e-6 * 100;
		output = servo_update(&s, error_ms + noise, 0.1);
		*most_ms = fmax(*most_ms, fabs(error_ms));
		if (i > 2400)
			*last_ms = fmax(*last_ms, fabs(error_ms));
	}
	CHECK_NEAR(s.drift_ppm, ppm, 60);
}

static void servo_follows_clocks(void)
{
	static const double ppms[] = {300, -300, 50, -50};

	for (unsigned i = 0; i < sizeof ppms / sizeof *ppms; i++) {
		double most, last;

		run_servo(ppms[i], 0.5, &most, &last);
		CHECK(most < 1.6);
		CHECK(last < 0.6);
	}
}

static void servo_leaves_equal_clocks_alone(void)
{
	struct servo s = {0};

	for (int i = 0; i < 1000; i++)
		CHECK(servo_update(&s, i % 2 ? 0.3 : -0.3, 0.1) == 0);
}

const struct test sound_tests[] = {
	{"a ring keeps the newest seconds, and wraps without a break", ring_keeps_the_newest},
	{"a ring knows how far it sounds, and how loud", ring_knows_silence},
	{"what is no finite number is silence", ring_takes_numbers_only},
	{"a ring learns in which pieces its source comes", ring_learns_its_pieces},
	{"resampling is clean up to 15 kHz", resampling_is_clean},
	{"resampling on the sample is copying", resampling_on_the_sample_is_copying},
	{"the servo follows clocks of +-300 ppm within 1.6 ms, and settles", servo_follows_clocks},
	{"the servo leaves equal clocks alone", servo_leaves_equal_clocks_alone},
	{0},
};
