#include "check.h"

#include "path.h"

#include <math.h>
#include <string.h>

#define FRAGMENT 120
#define BLOCK 120
#define RESERVE 72

/* A source with a clock of its own, a path, and what comes out of it. */
struct rig {
	struct ring ring;
	struct path path;
	double source_at; /* frames that the source has made by now */
	int64_t source_frames;
	ns_t now;
	float out[96000];
	size_t heard;
	float (*sound)(int64_t frame);
};

static float tone(int64_t frame)
{
	return (float)(0.5 * sin(2 * M_PI * 1000 * (double)frame / FRAME_RATE));
}

/* No two places of it are alike. */
static float noise(int64_t frame)
{
	uint64_t random = (uint64_t)frame * 2654435761u + 1;

	return (float)((double)(check_random(&random) >> 40) / (1 << 24) - 0.5);
}

/* 0.1 from a second on: a mark. */
static float mark(int64_t frame)
{
	return frame < FRAME_RATE ? 0 : 0.1f;
}

static struct rig *rig_open(int64_t delay, float (*sound)(int64_t))
{
	static struct rig r;

	memset(&r, 0, sizeof r);
	CHECK(ring_open(&r.ring, FRAGMENT) == 0);
	path_init(&r.path, RESERVE, delay);
	r.now = NS_PER_S;
	r.sound = sound;
	return &r;
}

static void feed(struct rig *r, size_t frames, ns_t now)
{
	float pcm[2 * 480];

	while (frames) {
		const size_t n = frames < 480 ? frames : 480;

		for (size_t i = 0; i < n; i++)
			pcm[2 * i] = pcm[2 * i + 1] = r->sound(r->source_frames++);
		ring_write(&r->ring, pcm, n, SAMPLES_FLOAT, now);
		frames -= n;
	}
}

/* The destination asks for one block; the source has gone on by as much of its own time, in whole fragments. */
static void turn(struct rig *r, double speed)
{
	float right[BLOCK] = {0};

	r->source_at += BLOCK * speed;
	r->now += BLOCK * NS_PER_S / FRAME_RATE;
	while ((double)r->source_frames + FRAGMENT <= r->source_at) {
		const double ago = (r->source_at - (double)r->source_frames - FRAGMENT) / speed;

		feed(r, FRAGMENT, r->now - (ns_t)(ago * NS_PER_S / FRAME_RATE));
	}
	if (r->heard + BLOCK > sizeof r->out / sizeof *r->out)
		r->heard = 0;
	memset(r->out + r->heard, 0, BLOCK * sizeof *r->out);
	path_mix(&r->path, &r->ring, r->out + r->heard, right, BLOCK);
	path_look(&r->path, &r->ring, r->now);
	r->heard += BLOCK;
}

static void turns(struct rig *r, double seconds, double speed)
{
	for (int i = 0; i < (int)(seconds * FRAME_RATE / BLOCK); i++)
		turn(r, speed);
}

/* The largest jump in a sine of 1 kHz, relative to `amplitude`. */
static double jump(const float *samples, size_t count, double amplitude)
{
	const double turn_by = 2 * cos(2 * M_PI * 1000 / FRAME_RATE);
	double worst = 0;

	for (size_t i = 2; i < count; i++)
		worst = fmax(worst, fabs(samples[i] - turn_by * samples[i - 1] + samples[i - 2]));
	return worst / amplitude;
}

static double peak(const float *samples, size_t count)
{
	double most = 0;

	for (size_t i = 0; i < count; i++)
		most = fmax(most, fabs(samples[i]));
	return most;
}

static void begins_silent(void)
{
	struct rig *r = rig_open(0, tone);

	turns(r, 0.5, 1);
	CHECK(peak(r->out, r->heard) == 0);
	path_set_gain(&r->path, 1, 960);
	r->heard = 0;
	turns(r, 0.5, 1);
	CHECK_NEAR(peak(r->out + 2000, 4000), 0.5, 0.001);
	ring_close(&r->ring);
}

static void copies_bit_by_bit(void)
{
	struct rig *r = rig_open(0, noise);
	size_t offset = 0;

	path_set_gain(&r->path, 1, 0);
	turns(r, 1, 1);
	while (offset < 2000 && r->out[12000] != noise((int64_t)(12000 - offset)))
		offset++;
	for (size_t i = 12000; i < 40000; i++)
		CHECK(r->out[i] == noise((int64_t)(i - offset)));
	CHECK(r->path.xruns == 0 && r->path.drops == 0);
	ring_close(&r->ring);
}

static void glides_exactly(void)
{
	struct rig *r = rig_open(0, mark);
	float before;

	path_set_gain(&r->path, 1, 0);
	turns(r, 1.5, 1);
	r->heard = 0;
	path_set_gain(&r->path, 0.5f, 960);
	turns(r, 0.1, 1);
	/* A straight line over 960 frames, then even. */
	for (size_t i = 0; i < 959; i++)
		CHECK_NEAR(r->out[i + 1] - r->out[i], -0.05 / 960, 1e-6);
	CHECK_NEAR(r->out[959], 0.05, 1e-6);
	CHECK_NEAR(r->out[2000], 0.05, 1e-7);
	/* Anew from where it is, when it changes its mind. */
	path_set_gain(&r->path, 1, 960);
	turn(r, 1);
	before = r->out[r->heard - 1];
	path_set_gain(&r->path, 0, 192);
	turn(r, 1);
	CHECK(r->out[r->heard - BLOCK] < before && before - r->out[r->heard - BLOCK] < 0.001f);
	r->heard = 0;
	turns(r, 0.1, 1);
	CHECK(peak(r->out + 200, 1000) == 0);
	ring_close(&r->ring);
}

static void mute_is_silent_in_time(void)
{
	struct rig *r = rig_open(0, tone);

	path_set_gain(&r->path, 1, 0);
	turns(r, 0.5, 1);
	r->heard = 0;
	path_set_gain(&r->path, 0, 4 * FRAMES_PER_MS);
	turns(r, 0.1, 1);
	CHECK(peak(r->out + 4 * FRAMES_PER_MS, 1000) == 0);
	CHECK(jump(r->out, 1000, 0.5) < 0.02);
	ring_close(&r->ring);
}

/* When the mark comes out, in frames behind the beginning. */
static int64_t mark_at(int64_t delay)
{
	struct rig *r = rig_open(delay, mark);
	int64_t at = 0;

	path_set_gain(&r->path, 1, 0);
	for (size_t heard = 0; at == 0 && heard < 3 * FRAME_RATE; heard += BLOCK) {
		turn(r, 1);
		for (size_t i = 0; i < BLOCK && at == 0; i++)
			if (r->out[r->heard - BLOCK + i] > 0.05f)
				at = (int64_t)(heard + i);
	}
	ring_close(&r->ring);
	return at;
}

static void delay_is_exact(void)
{
	const int64_t plain = mark_at(0);

	CHECK(plain > FRAME_RATE && plain < FRAME_RATE + 10 * FRAMES_PER_MS);
	CHECK(mark_at(300 * FRAMES_PER_MS) - plain == 300 * FRAMES_PER_MS);
	CHECK(mark_at(1) - plain == 1);
	CHECK(mark_at(500 * FRAMES_PER_MS) - plain == 500 * FRAMES_PER_MS);
}

static void follows_drift(void)
{
	static const double ppms[] = {300, -300};

	for (unsigned i = 0; i < 2; i++) {
		struct rig *r = rig_open(0, tone);
		const double speed = 1 + ppms[i] * 1e-6;

		path_set_gain(&r->path, 1, 0);
		turns(r, 120, speed);
		CHECK_NEAR(r->path.servo.drift_ppm, ppms[i], 80);
		r->heard = 0;
		r->path.xruns = r->path.drops = 0;
		turns(r, 1.9, speed);
		CHECK(r->path.xruns == 0 && r->path.drops == 0);
		CHECK(jump(r->out, r->heard, 0.5) < 0.001);
		CHECK_NEAR(peak(r->out, r->heard), 0.5, 0.002);
		CHECK(r->path.waits < 5 * FRAMES_PER_MS);
		ring_close(&r->ring);
	}
}

static void forgets_a_stall(void)
{
	struct rig *r = rig_open(0, tone);

	path_set_gain(&r->path, 1, 0);
	turns(r, 1, 1);
	/* Half a second comes at once, as after a stall of the destination. */
	feed(r, FRAME_RATE / 2, r->now);
	r->source_at += FRAME_RATE / 2;
	r->heard = 0;
	turns(r, 0.05, 1);
	CHECK(r->path.drops == 1);
	CHECK(r->ring.written - r->path.at < 10 * FRAMES_PER_MS);
	CHECK(jump(r->out, r->heard, 0.5) < 0.05);
	/* 8 ms: seen within the next looks. */
	feed(r, 8 * FRAMES_PER_MS, r->now);
	r->source_at += 8 * FRAMES_PER_MS;
	turns(r, 0.3, 1);
	CHECK(r->ring.written - r->path.at < 10 * FRAMES_PER_MS);
	ring_close(&r->ring);
}

/* Tells its own place. */
static float place(int64_t frame)
{
	return (float)frame * 1e-7f;
}

static void begins_anew_after_a_sleep(void)
{
	struct rig *r = rig_open(0, place);
	double at;

	path_set_gain(&r->path, 1, 0);
	turns(r, 1, 1);
	/* The destination sleeps for four seconds, the source does not. */
	feed(r, 4 * FRAME_RATE, r->now);
	r->source_at += 4 * FRAME_RATE;
	r->heard = 0;
	turn(r, 1);
	at = (double)r->out[BLOCK - 1] / 1e-7;
	CHECK((double)r->ring.written - at > 0 && (double)r->ring.written - at < 10 * FRAMES_PER_MS);
	/* Not at full level at once. */
	CHECK(r->out[0] < r->out[BLOCK - 1] / 48);
	CHECK(r->path.drops == 1 && r->path.xruns == 0);
	ring_close(&r->ring);
}

static void fades_when_it_runs_empty(void)
{
	struct rig *r = rig_open(0, tone);

	path_set_gain(&r->path, 1, 0);
	turns(r, 1, 1);
	r->heard = 0;
	/* The source is late by 20 ms, then goes on where it was. */
	r->source_at -= 20 * FRAMES_PER_MS;
	turns(r, 0.3, 1);
	CHECK(r->path.xruns == 1);
	/* It cannot fade before it knows; what it has left is the fade. */
	CHECK(jump(r->out, r->heard, 0.5) < 0.5);
	CHECK_NEAR(peak(r->out + r->heard - 2000, 2000), 0.5, 0.001);
	CHECK(r->ring.written - r->path.at < 10 * FRAMES_PER_MS);
	ring_close(&r->ring);
}

static void finds_its_place_unheard(void)
{
	struct rig *r = rig_open(0, tone);

	turns(r, 0.5, 1);
	/* 2 ms more than it should be, which the servo would take seconds for. */
	r->path.at -= 2 * FRAMES_PER_MS;
	turns(r, 0.4, 1);
	CHECK_NEAR(r->path.waits, FRAGMENT + RESERVE, FRAMES_PER_MS / 2.0);
	CHECK(r->path.drops == 0 && r->path.xruns == 0);
	ring_close(&r->ring);
}

const struct test path_tests[] = {
	{"a path is silent until its gain is set", begins_silent},
	{"equal clocks are copied bit by bit", copies_bit_by_bit},
	{"a glide is a straight line to the frame", glides_exactly},
	{"a mute is silence after 4 ms, without a click", mute_is_silent_in_time},
	{"a delay is exact to the frame", delay_is_exact},
	{"a source that is 300 ppm off is followed without a click", follows_drift},
	{"what piled up in a stall is left out at once", forgets_a_stall},
	{"after a sleep of its destination a path goes on with the newest sound", begins_anew_after_a_sleep},
	{"a source that is late is faded, and taken up again at the usual latency", fades_when_it_runs_empty},
	{"a path finds its place while it is silent", finds_its_place_unheard},
	{0},
};
