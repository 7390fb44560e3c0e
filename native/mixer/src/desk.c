#include "desk.h"

#include "port.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A mute is silence within 10 ms, what waits at the server included. */
#define MUTE_FRAMES (3 * FRAMES_PER_MS)
/* A path whose destination does not ask for sound any more cannot fade out. */
#define RETIRE_NS (60 * NS_PER_MS)
/* What a destination has been given is still played; and whoever routes again soon finds the stream there. */
#define UNUSED_NS (150 * NS_PER_MS)
#define SWEEP_US (20 * PA_USEC_PER_MSEC)

void desk_init(struct desk *d, pa_mainloop_api *api, pa_context *context, void (*tell)(const char *format, ...))
{
	*d = (struct desk){.api = api, .context = context, .tell = tell};
}

/* Good for one line. */
static const char *word(const char *text)
{
	static char words[4][3 * NAME_MAX_BYTES + 2];
	static unsigned turn;
	char *to = words[turn++ % 4];

	protocol_word(to, sizeof words[0], text);
	return to;
}

static int64_t within(int64_t frames, int64_t least, int64_t most)
{
	return frames < least ? least : frames > most ? most : frames;
}

/*
 * What of a path's latency is spent where: the larger the pieces in which sound comes and goes, the less often everybody is
 * woken; the more waits at the destination and in the ring, the longer may a busy server be held up.
 */
static int64_t piece_of(unsigned aim_ms)
{
	return within((int64_t)aim_ms * FRAMES_PER_MS * 2 / 5, 2 * FRAMES_PER_MS, 20 * FRAMES_PER_MS);
}

static int64_t waiting_of(unsigned aim_ms)
{
	return within((int64_t)aim_ms * FRAMES_PER_MS / 5, FRAMES_PER_MS, 5 * FRAMES_PER_MS);
}

static int64_t reserve_of(unsigned aim_ms)
{
	return within((int64_t)aim_ms * FRAMES_PER_MS - 2 * piece_of(aim_ms) - waiting_of(aim_ms), 3 * FRAMES_PER_MS,
		      INT64_MAX);
}

static void sweep(pa_mainloop_api *api, pa_time_event *e, const struct timeval *when, void *user);

static void sweep_soon(struct desk *d, pa_usec_t us)
{
	const pa_usec_t at = pa_rtclock_now() + us;

	if (!d->sweep)
		d->sweep = pa_context_rttime_new(d->context, at, sweep, d);
	else if (!d->swept_soon)
		pa_context_rttime_restart(d->context, d->sweep, at);
	d->swept_soon = d->sweep != NULL;
}

static float amplitude_of(uint32_t raw)
{
	const double part = raw / 65536.0;

	return (float)(part * part * part);
}

static struct crosspoint *find(const struct desk *d, uint32_t id)
{
	struct crosspoint *x = d->crosspoints;

	while (x && x->id != id)
		x = x->next;
	return x;
}

/* `waited`: whether it flows or not, it has had its time. */
static void tell_if_live(struct crosspoint *x, bool waited)
{
	if (x->live || x->retiring || !x->source->ready || !x->sink->ready || !(x->path.playing || waited))
		return;
	x->live = true;
	x->sink->desk->tell("live %u", (unsigned)x->id);
}

void desk_add(struct desk *d, const struct command *c)
{
	struct crosspoint *x;

	if (find(d, c->id)) {
		d->tell("failed %u %s", (unsigned)c->id, word("this id is in use"));
		return;
	}
	x = calloc(1, sizeof *x);
	if (!x)
		goto fail;
	x->source = port_get(d, &c->source, true, piece_of(c->aim_ms), 0);
	x->sink = port_get(d, &c->sink, false, piece_of(c->aim_ms), waiting_of(c->aim_ms));
	if (!x->source || !x->sink)
		goto fail;
	x->id = c->id;
	memcpy(x->mark, c->mark, sizeof x->mark);
	x->aim_ms = c->aim_ms;
	x->delay_ms = c->delay_ms;
	x->muted = true;
	path_init(&x->path, reserve_of(c->aim_ms), (int64_t)c->delay_ms * FRAMES_PER_MS);
	x->source->users++;
	x->sink->users++;
	x->next = d->crosspoints;
	d->crosspoints = x;
	if (x->source->trouble[0] || x->sink->trouble[0])
		sweep_soon(d, 0);
	return;
fail:
	free(x);
	sweep_soon(d, 0);
	d->tell("failed %u %s", (unsigned)c->id, word("out of memory"));
}

void desk_level(struct desk *d, const struct command *c)
{
	struct crosspoint *x = find(d, c->id);
	const bool silent = c->muted || c->raw == 0;

	if (!x || x->retiring)
		return;
	x->raw = c->raw;
	x->muted = c->muted;
	path_set_gain(&x->path, silent ? 0 : amplitude_of(c->raw),
		      silent ? MUTE_FRAMES : (size_t)c->ramp_ms * FRAMES_PER_MS);
}

static void retire(struct crosspoint *x)
{
	if (x->retiring)
		return;
	x->retiring = true;
	x->retire_at = clock_ns() + RETIRE_NS;
	path_set_gain(&x->path, 0, MUTE_FRAMES);
	sweep_soon(x->sink->desk, SWEEP_US);
}

void desk_retire(struct desk *d, uint32_t id)
{
	struct crosspoint *x = find(d, id);

	if (x)
		retire(x);
	else
		d->tell("gone %u", (unsigned)id);
}

void desk_silence(struct desk *d)
{
	for (struct crosspoint *x = d->crosspoints; x; x = x->next)
		path_set_gain(&x->path, 0, MUTE_FRAMES);
}

void desk_feed(struct desk *d)
{
	d->asked = false;
	for (struct port *p = d->sinks; p; p = p->next)
		if (p->asks && p->ready && !p->trouble[0])
			port_feed(p);
}

void desk_mix(struct port *sink, float *left, float *right, size_t count)
{
	for (struct crosspoint *x = sink->desk->crosspoints; x; x = x->next)
		if (x->sink == sink)
			path_mix(&x->path, &x->source->ring, left, right, count);
}

void desk_look(struct port *sink)
{
	const ns_t now = clock_ns();

	for (struct crosspoint *x = sink->desk->crosspoints; x; x = x->next)
		if (x->sink == sink) {
			path_look(&x->path, &x->source->ring, now);
			tell_if_live(x, false);
		}
}

void desk_port_changed(struct port *p)
{
	/* libpulse must not lose its objects inside of its callbacks. */
	if (p->trouble[0])
		sweep_soon(p->desk, 0);
}

/* Is it over with a path? */
static bool has_ended(const struct crosspoint *x, ns_t now)
{
	if (x->source->trouble[0] || x->sink->trouble[0])
		return true;
	return x->retiring && (path_is_silent(&x->path) || now >= x->retire_at);
}

static void remove_ended(struct desk *d, ns_t now)
{
	for (struct crosspoint **at = &d->crosspoints; *at;) {
		struct crosspoint *x = *at;
		const char *trouble = x->source->trouble[0] ? x->source->trouble : x->sink->trouble;

		if (!has_ended(x, now)) {
			at = &x->next;
			continue;
		}
		*at = x->next;
		if (x->retiring || x->live)
			d->tell("gone %u", (unsigned)x->id);
		else
			d->tell("failed %u %s", (unsigned)x->id, word(trouble));
		x->source->users--;
		x->sink->users--;
		free(x);
	}
}

/* A stream that is still being made cannot be disconnected: it would stay at the server, unknown to anybody. */
static bool may_go(const struct port *p, ns_t now)
{
	return !p->users && (p->trouble[0] || (p->ready && now - p->unused_since >= UNUSED_NS));
}

static void remove_unused(struct port **list, ns_t now)
{
	for (struct port **at = list; *at;) {
		struct port *p = *at;

		if (p->users)
			p->unused_since = 0;
		else if (!p->unused_since)
			p->unused_since = now;
		if (!may_go(p, now)) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		port_free(p);
	}
}

static bool is_any_unused(const struct port *p)
{
	while (p && p->users)
		p = p->next;
	return p != NULL;
}

static bool is_any_retiring(const struct crosspoint *x)
{
	while (x && !x->retiring)
		x = x->next;
	return x != NULL;
}

static void sweep(pa_mainloop_api *api, pa_time_event *e, const struct timeval *when, void *user)
{
	struct desk *d = user;
	const ns_t now = clock_ns();

	(void)api;
	(void)e;
	(void)when;
	d->swept_soon = false;
	remove_ended(d, now);
	remove_unused(&d->sources, now);
	remove_unused(&d->sinks, now);
	if (is_any_unused(d->sources) || is_any_unused(d->sinks) || is_any_retiring(d->crosspoints))
		sweep_soon(d, SWEEP_US);
}

void desk_describe(struct desk *d)
{
	for (const struct crosspoint *x = d->crosspoints; x; x = x->next) {
		if (x->retiring)
			continue;
		d->tell("path %u %s %s %s %u %u %u %d %d", (unsigned)x->id, word(x->mark), word(x->source->end.device),
			word(x->sink->end.device), x->aim_ms, x->delay_ms, (unsigned)x->raw, x->muted, x->live);
	}
}

void desk_report(struct desk *d)
{
	for (struct crosspoint *x = d->crosspoints; x; x = x->next) {
		const struct path *p = &x->path;
		double ms;

		/* A device that sleeps gives and takes nothing; its path is there all the same. */
		tell_if_live(x, true);
		if (!x->live || x->retiring || !p->playing)
			continue;
		ms = (p->waits + (double)p->delay) / FRAMES_PER_MS + x->source->latency_ms + x->sink->latency_ms;
		d->tell("late %u %.1f %u %u %.0f", (unsigned)x->id, ms, p->xruns, p->drops, p->servo.output_ppm);
	}
	for (struct port *p = d->sources; p; p = p->next)
		port_measure(p);
	for (struct port *p = d->sinks; p; p = p->next)
		port_measure(p);
}

static void tell_peaks(struct desk *d, const struct port *p, float peak[2])
{
	d->tell("peak %s %s %.5f %.5f", p->records ? "source" : "sink", word(p->end.device), (double)peak[0], (double)peak[1]);
	peak[0] = peak[1] = 0;
}

void desk_levels(struct desk *d)
{
	for (struct port *p = d->sources; p; p = p->next)
		if (p->ready)
			tell_peaks(d, p, p->ring.peak);
	for (struct port *p = d->sinks; p; p = p->next)
		if (p->ready)
			tell_peaks(d, p, p->peak);
}
