#include "path.h"

#include "resample.h"

#include <math.h>
#include <string.h>

/* 2 ms: what breaks off does not click. */
#define EDGE_FRAMES (2 * FRAMES_PER_MS)
/* So often what waits is judged. */
#define LOOK_NS (100 * NS_PER_MS)
/* More than this too much, all the time, will not go away soon: it is left out. The servo takes care of what is less. */
#define SLACK_FRAMES (3 * FRAMES_PER_MS)
/* It may wait longer by so many pieces, and for so long after it has run empty. */
#define EXTRA_PIECES 6
#define PATIENCE_NS (20 * NS_PER_S)
/* So much too much needs no second look. */
#define EXCESS_FRAMES (25 * FRAMES_PER_MS)

void path_init(struct path *p, int64_t reserve, int64_t delay)
{
	*p = (struct path){.reserve = reserve, .delay = delay, .ratio = 1};
}

void path_set_gain(struct path *p, float amplitude, size_t frames)
{
	p->target = amplitude;
	p->ramp = frames;
	if (!frames)
		p->gain = amplitude;
}

/* Frames of the source that can be read and have not been, without those that are wanted as delay. */
static int64_t left_in(const struct path *p, const struct ring *source)
{
	return source->written - p->delay - RESAMPLE_BEHIND - p->at;
}

/* What shall wait: the next piece must come before it is gone. */
static int64_t should_wait(const struct path *p, const struct ring *source)
{
	return source->piece + p->reserve + p->extra;
}

static void forget_measurements(struct path *p)
{
	p->measurements = 0;
	p->looked_at = 0;
}

static void interrupted(struct path *p)
{
	servo_interrupted(&p->servo);
	p->ratio = 1 + p->servo.output_ppm * 1e-6;
	forget_measurements(p);
}

/* Without a servo that has anything to do, reading is copying. */
static bool is_copy(const struct path *p)
{
	return p->ratio == 1 && p->fraction == 0;
}

/* What lies at `at`, as `count` frames of the mix's clock. */
static void read_frames(const struct path *p, const struct ring *source, int64_t at, float *left, float *right, size_t count)
{
	const size_t offset = ring_offset(at - RESAMPLE_BEFORE) + RESAMPLE_BEFORE;
	const float *from_left = source->left + offset, *from_right = source->right + offset;

	if (is_copy(p)) {
		memcpy(left, from_left, count * sizeof *left);
		memcpy(right, from_right, count * sizeof *right);
	} else {
		resample(from_left, from_right, p->fraction, p->ratio, left, right, count);
	}
}

/* The gain of each of the next frames; moves on. */
static void shape_level(struct path *p, float *gains, size_t count)
{
	const size_t moving = p->ramp < count ? p->ramp : count;
	const float step = p->ramp ? (p->target - p->gain) / (float)p->ramp : 0;
	size_t i;

	for (i = 0; i < moving; i++)
		gains[i] = p->gain + step * (float)(i + 1);
	if (moving)
		p->gain = gains[moving - 1];
	p->ramp -= moving;
	if (!p->ramp)
		p->gain = p->target;
	for (; i < count; i++)
		gains[i] = p->gain;
}

/* On top of it the edge, towards `to`: reached by the end when it breaks off, else within EDGE_FRAMES. */
static void shape_edge(struct path *p, float *gains, size_t count, float to)
{
	const float step = 1.0f / (float)(to < p->edge && count < EDGE_FRAMES ? count : EDGE_FRAMES);
	const size_t begin = to < p->edge && count > EDGE_FRAMES ? count - EDGE_FRAMES : 0;

	for (size_t i = 0; i < begin; i++)
		gains[i] *= p->edge;
	for (size_t i = begin; i < count; i++) {
		p->edge = to > p->edge ? fminf(to, p->edge + step) : fmaxf(to, p->edge - step);
		gains[i] *= p->edge;
	}
}

static void add(float *mix, const float *samples, const float *gains, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mix[i] += samples[i] * gains[i];
}

static void add_even(float *mix, const float *samples, float gain, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mix[i] += samples[i] * gain;
}

/* The sound around a place that is left: it fades out over what is played from the next place on. */
static void fade_out_old(struct path *p, const struct ring *source, float *left, float *right, size_t count)
{
	float samples_left[EDGE_FRAMES], samples_right[EDGE_FRAMES];
	const size_t frames = count < EDGE_FRAMES ? count : EDGE_FRAMES;

	read_frames(p, source, p->at, samples_left, samples_right, frames);
	for (size_t i = 0; i < frames; i++) {
		const float gain = p->gain * p->edge * (1 - (float)(i + 1) / (float)frames);

		left[i] += samples_left[i] * gain;
		right[i] += samples_right[i] * gain;
	}
}

/* Leave out what is too much: newest wins. Backwards, where nobody hears it. */
static void leave_out(struct path *p, const struct ring *source, float *left, float *right, size_t count)
{
	if (!path_is_silent(p)) {
		if (left_in(p, source) >= (int64_t)(2 * EDGE_FRAMES))
			fade_out_old(p, source, left, right, count);
		p->edge = 0;
		p->drops++;
	}
	p->at += p->skip;
	p->skip = 0;
	interrupted(p);
}

/* False: there is not enough to begin with, and nothing is played twice. */
static bool begin(struct path *p, const struct ring *source, size_t count)
{
	const int64_t at = source->written - p->delay - RESAMPLE_BEHIND - should_wait(p, source) - (int64_t)count;

	if (at + p->delay < 0 || (p->begun && at < p->at))
		return false;
	p->at = at;
	p->fraction = 0;
	p->skip = 0;
	p->edge = 0;
	p->begun = p->playing = true;
	interrupted(p);
	return true;
}

/* How many of `count` frames there are. */
static size_t available(const struct path *p, const struct ring *source, size_t count)
{
	const double frames = ((double)left_in(p, source) - p->fraction) / p->ratio;

	return frames >= (double)count ? count : frames > 1 ? (size_t)(frames - 1) : 0;
}

/* Before the beginning of the source, and where its ring is silent, there is nothing to add. */
static bool sounds(const struct path *p, const struct ring *source)
{
	return !path_is_silent(p) && p->at >= RESAMPLE_BEFORE && source->sounds_to > p->at - RESAMPLE_BEFORE;
}

static void move_on(struct path *p, size_t frames)
{
	const double end = p->fraction + (double)frames * p->ratio;

	p->at += (int64_t)end;
	p->fraction = is_copy(p) ? 0 : end - floor(end);
}

/* Nobody asked for so long that what comes next has been overwritten: the destination slept. */
static bool is_lost(const struct path *p, const struct ring *source)
{
	return source->written - (p->at - RESAMPLE_BEFORE) > RING_FRAMES;
}

void path_mix(struct path *p, const struct ring *source, float *left, float *right, size_t count)
{
	float samples_left[MIX_FRAMES], samples_right[MIX_FRAMES], gains[MIX_FRAMES];
	size_t have;
	bool even, heard;

	if (p->playing && is_lost(p, source)) {
		p->playing = false;
		p->drops += !path_is_silent(p);
	}
	if (!p->playing && !begin(p, source, count)) {
		shape_level(p, gains, count);
		return;
	}
	if (p->skip)
		leave_out(p, source, left, right, count);
	have = available(p, source, count);
	even = p->ramp == 0 && p->edge == 1 && have == count;
	heard = have && sounds(p, source);
	if (heard)
		read_frames(p, source, p->at, samples_left, samples_right, have);
	if (heard && even) {
		add_even(left, samples_left, p->gain, have);
		add_even(right, samples_right, p->gain, have);
	}
	if (!even) {
		shape_level(p, gains, count);
		shape_edge(p, gains, have, have == count ? 1 : 0);
		if (heard) {
			add(left, samples_left, gains, have);
			add(right, samples_right, gains, have);
		}
	}
	move_on(p, have);
	if (have == count)
		return;
	p->playing = false;
	if (!heard)
		return;
	p->xruns++;
	p->missed = (int64_t)(count - have);
}

/* What was not enough is more for a while. */
static void adapt(struct path *p, const struct ring *source, ns_t now)
{
	if (p->missed) {
		p->starved_at = now;
		p->extra += p->missed + source->piece / 2;
		p->missed = 0;
		if (p->extra > EXTRA_PIECES * source->piece)
			p->extra = EXTRA_PIECES * source->piece;
	} else if (p->extra && now - p->starved_at > PATIENCE_NS) {
		p->extra = 0;
	}
}

void path_look(struct path *p, const struct ring *source, ns_t now)
{
	const double waiting = ring_made(source, now) - (double)(p->delay + RESAMPLE_BEHIND + p->at) - p->fraction;
	const double excess = waiting - (double)should_wait(p, source);
	double elapsed_s, error;

	adapt(p, source, now);
	if (!p->playing)
		return;
	if (excess > EXCESS_FRAMES) {
		p->skip = (int64_t)excess;
		return;
	}
	if (!p->looked_at)
		p->looked_at = now;
	if (!p->measurements || excess < p->least)
		p->least = excess;
	p->sum = p->measurements++ ? p->sum + excess : excess;
	if (now - p->looked_at < LOOK_NS)
		return;
	elapsed_s = (double)(now - p->looked_at) / NS_PER_S;
	error = p->sum / p->measurements;
	p->waits = error + (double)should_wait(p, source);
	if (p->least > SLACK_FRAMES || (path_is_silent(p) && fabs(error) > FRAMES_PER_MS / 2.0)) {
		p->skip = (int64_t)error;
		return;
	}
	p->ratio = 1 + servo_update(&p->servo, error / FRAMES_PER_MS, elapsed_s) * 1e-6;
	forget_measurements(p);
}
