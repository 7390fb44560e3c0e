#include "port.h"

#include "common/log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNELS 2
/* A stream that has just begun may be late. */
#define SETTLE_NS NS_PER_S
/* After so long without running empty a destination gets the latency again that it was meant to have. */
#define PATIENCE_NS (20 * NS_PER_S)
#define PATIENCE_MAX_NS (600 * NS_PER_S)
/* More than its aim by so many pieces at most. */
#define EXTRA_PIECES 6
/* What a server may hold for us when we are late. */
#define HELD_FRAMES (200 * FRAMES_PER_MS)

static size_t frame_bytes(const struct port *p)
{
	return CHANNELS * (p->end.format == SAMPLES_S16 ? sizeof(int16_t) : sizeof(float));
}

static uint32_t bytes_of(const struct port *p, int64_t frames)
{
	return (uint32_t)((size_t)frames * frame_bytes(p));
}

static void on_state(pa_stream *stream, void *user)
{
	struct port *p = user;

	switch (pa_stream_get_state(stream)) {
	case PA_STREAM_READY:
		p->ready = true;
		p->ready_at = clock_ns();
		port_measure(p);
		break;
	case PA_STREAM_FAILED:
	case PA_STREAM_TERMINATED:
		snprintf(p->trouble, sizeof p->trouble, "%s", pa_strerror(pa_context_errno(p->desk->context)));
		break;
	default:
		return;
	}
	desk_port_changed(p);
}

static void on_read(pa_stream *stream, size_t bytes, void *user)
{
	struct port *p = user;

	(void)bytes;
	while (pa_stream_readable_size(stream) > 0) {
		const void *frames;
		size_t n;

		if (pa_stream_peek(stream, &frames, &n) < 0 || n == 0)
			break;
		ring_write(&p->ring, frames, n / frame_bytes(p), p->end.format, clock_ns()); /* a hole is silence */
		pa_stream_drop(stream);
	}
}

static int16_t to_s16(float sample)
{
	const float scaled = sample * 32768;

	return (int16_t)lrintf(scaled > 32767 ? 32767 : scaled < -32768 ? -32768 : scaled);
}

static void interleave(const struct port *p, void *to, const float *left, const float *right, size_t count)
{
	if (p->end.format == SAMPLES_S16) {
		int16_t *out = to;

		for (size_t i = 0; i < count; i++) {
			out[2 * i] = to_s16(left[i]);
			out[2 * i + 1] = to_s16(right[i]);
		}
	} else {
		float *out = to;

		for (size_t i = 0; i < count; i++) {
			out[2 * i] = left[i];
			out[2 * i + 1] = right[i];
		}
	}
}

static void note_peaks(struct port *p, const float *left, const float *right, size_t count)
{
	float most_left = p->peak[0], most_right = p->peak[1];

	for (size_t i = 0; i < count; i++) {
		most_left = fabsf(left[i]) > most_left ? fabsf(left[i]) : most_left;
		most_right = fabsf(right[i]) > most_right ? fabsf(right[i]) : most_right;
	}
	p->peak[0] = most_left;
	p->peak[1] = most_right;
}

static void mix_into(struct port *p, char *to, size_t frames)
{
	float left[MIX_FRAMES], right[MIX_FRAMES];

	while (frames) {
		const size_t n = frames < MIX_FRAMES ? frames : MIX_FRAMES;

		memset(left, 0, n * sizeof *left);
		memset(right, 0, n * sizeof *right);
		desk_mix(p, left, right, n);
		note_peaks(p, left, right, n);
		interleave(p, to, left, right, n);
		to += n * frame_bytes(p);
		frames -= n;
	}
}

static pa_buffer_attr attr_of(const struct port *p)
{
	/*
	 * Without prebuffering a destination's stream follows its device's clock whatever happens, and what is written too
	 * late is thrown away: it never falls behind.
	 */
	if (p->records)
		return (pa_buffer_attr){.fragsize = bytes_of(p, p->piece),
					.maxlength = bytes_of(p, HELD_FRAMES),
					.tlength = UINT32_MAX,
					.prebuf = UINT32_MAX,
					.minreq = UINT32_MAX};
	/*
	 * Of what it is asked for a server keeps half in its device, less the smallest request: what it renders at once. The
	 * other half, and as much more, waits before it.
	 */
	return (pa_buffer_attr){.tlength = bytes_of(p, 2 * (p->piece + p->extra) + p->waiting),
				.minreq = bytes_of(p, p->waiting / 2),
				.prebuf = 0,
				.maxlength = bytes_of(p, 2 * (p->piece + p->extra) + p->waiting + HELD_FRAMES),
				.fragsize = UINT32_MAX};
}

static void apply_attr(struct port *p)
{
	const pa_buffer_attr attr = attr_of(p);
	pa_operation *o = p->ready ? pa_stream_set_buffer_attr(p->stream, &attr, NULL, NULL) : NULL;

	if (o)
		pa_operation_unref(o);
}

/* A server or a machine that is too busy for what is asked of it is given more time, for as long as it needs that. */
static void starved(struct port *p, int64_t late, ns_t now)
{
	const int64_t most = EXTRA_PIECES * p->piece, before = p->extra;


	p->starved++;
	if (now - p->ready_at < SETTLE_NS || now - p->starved_at < SETTLE_NS / 10)
		return;
	/* It came back too soon. */
	if (p->extra == 0 && p->starved_at)
		p->patience_ns = p->patience_ns < PATIENCE_MAX_NS / 2 ? 2 * p->patience_ns : PATIENCE_MAX_NS;
	p->starved_at = now;
	p->extra += late + p->piece / 2;
	if (p->extra > most)
		p->extra = most;
	if (p->extra > before)
		apply_attr(p);
}

static void relax(struct port *p, ns_t now)
{
	if (!p->extra || now - p->starved_at < p->patience_ns)
		return;
	p->extra = 0;
	apply_attr(p);
}

/* Mixed when all has come in that is on its way: several devices' messages come in any order. */
static void on_write(pa_stream *stream, size_t bytes, void *user)
{
	struct port *p = user;

	(void)stream;
	(void)bytes;
	p->asks = true;
	p->desk->asked = true;
}

void port_feed(struct port *p)
{
	const size_t writable = pa_stream_writable_size(p->stream);
	const pa_buffer_attr *attr = pa_stream_get_buffer_attr(p->stream);
	size_t frames = writable == (size_t)-1 ? 0 : writable / frame_bytes(p);
	const size_t most = attr ? attr->tlength / frame_bytes(p) : frames;
	/* More than it ever holds: for the beginning we come too late, and the server will throw it away. */
	size_t late = frames > most ? frames - most : 0;
	const ns_t now = clock_ns();

	p->asks = false;
	if (late)
		starved(p, (int64_t)late, now);
	else
		relax(p, now);
	while (frames) {
		void *data;
		size_t n = frames * frame_bytes(p), count;

		if (pa_stream_begin_write(p->stream, &data, &n) < 0 || !data)
			return;
		count = n / frame_bytes(p);
		if (late && count > late)
			count = late;
		if (late)
			memset(data, 0, count * frame_bytes(p));
		else
			mix_into(p, data, count);
		late = late > count ? late - count : 0;
		frames -= count;
		if (!count || pa_stream_write(p->stream, data, count * frame_bytes(p), NULL, 0, PA_SEEK_RELATIVE) < 0)
			return;
	}
	desk_look(p);
}

static int connect_stream(struct port *p)
{
	const pa_buffer_attr attr = attr_of(p);
	const pa_stream_flags_t flags = PA_STREAM_DONT_MOVE | PA_STREAM_ADJUST_LATENCY | PA_STREAM_START_UNMUTED;
	pa_cvolume volume;

	pa_stream_set_state_callback(p->stream, on_state, p);
	if (p->records) {
		pa_stream_set_read_callback(p->stream, on_read, p);
		return pa_stream_connect_record(p->stream, p->end.device, &attr, flags);
	}
	pa_stream_set_write_callback(p->stream, on_write, p);
	/* Our own faders set levels; whatever a memory of volumes says. */
	pa_cvolume_set(&volume, CHANNELS, PA_VOLUME_NORM);
	return pa_stream_connect_playback(p->stream, p->end.device, &attr, flags | PA_STREAM_RELATIVE_VOLUME, &volume, NULL);
}

static pa_stream *new_stream(struct port *p)
{
	const pa_sample_spec format = {.format = p->end.format == SAMPLES_S16 ? PA_SAMPLE_S16LE : PA_SAMPLE_FLOAT32LE,
				       .rate = FRAME_RATE,
				       .channels = CHANNELS};
	const char *what = p->records ? "source" : "mix";
	pa_proplist *properties = pa_proplist_new();
	pa_stream *stream;
	char name[NAME_MAX_BYTES + 64];

	if (!properties)
		return NULL;
	/* Memories of volumes go by these: one name for each stream. */
	snprintf(name, sizeof name, "crosspoint-mixer-%s-%s", what, p->end.device);
	pa_proplist_sets(properties, "module-stream-restore.id", name);
	snprintf(name, sizeof name, "dev.crosspoint:mixer:%s:%s", what, p->end.device);
	pa_proplist_sets(properties, PA_PROP_APPLICATION_ID, name);
	pa_proplist_sets(properties, "state.restore-props", "false");
	pa_proplist_sets(properties, "state.restore-target", "false");
	pa_proplist_sets(properties, p->records ? SOURCE_PROPERTY : SINK_PROPERTY, p->end.device);
	pa_proplist_sets(properties, PA_PROP_MEDIA_ROLE, "production");
	snprintf(name, sizeof name, p->records ? "From %s" : "Mix for %s", p->end.device);
	stream = pa_stream_new_with_proplist(p->desk->context, name, &format, NULL, properties);
	pa_proplist_free(properties);
	return stream;
}

/* More than one path: the most impatient decides. */
static void hurry(struct port *p, int64_t piece, int64_t waiting)
{
	if (piece >= p->piece && waiting >= p->waiting)
		return;
	p->piece = piece < p->piece ? piece : p->piece;
	p->waiting = waiting < p->waiting ? waiting : p->waiting;
	apply_attr(p);
}

struct port *port_get(struct desk *d, const struct end *end, bool records, int64_t piece, int64_t waiting)
{
	struct port **list = records ? &d->sources : &d->sinks, *p;

	for (p = *list; p; p = p->next)
		if (!p->trouble[0] && !strcmp(p->end.device, end->device)) {
			hurry(p, piece, waiting);
			return p;
		}
	p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->desk = d;
	p->end = *end;
	p->records = records;
	p->piece = piece;
	p->waiting = waiting;
	p->patience_ns = PATIENCE_NS;
	if (records && ring_open(&p->ring, piece) < 0) {
		free(p);
		return NULL;
	}
	p->stream = new_stream(p);
	if (!p->stream || connect_stream(p) < 0)
		snprintf(p->trouble, sizeof p->trouble, "%s", pa_strerror(pa_context_errno(d->context)));
	p->next = *list;
	*list = p;
	return p;
}

void port_free(struct port *p)
{
	/* A stream that is disconnected answers until the server has said goodbye, too. */
	if (p->measuring) {
		pa_operation_cancel(p->measuring);
		pa_operation_unref(p->measuring);
	}
	if (p->stream) {
		pa_stream_set_state_callback(p->stream, NULL, NULL);
		pa_stream_set_read_callback(p->stream, NULL, NULL);
		pa_stream_set_write_callback(p->stream, NULL, NULL);
		pa_stream_disconnect(p->stream);
		pa_stream_unref(p->stream);
	}
	if (p->records)
		ring_close(&p->ring);
	free(p);
}

static void on_timing(pa_stream *stream, int success, void *user)
{
	struct port *p = user;
	const pa_timing_info *info = success ? pa_stream_get_timing_info(stream) : NULL;
	const double bytes_per_ms = FRAMES_PER_MS * (double)frame_bytes(p);
	double ms;

	/* Only now: what is written or read from here on moves one of the two indices, and not the other. */
	if (!info || info->write_index_corrupt || info->read_index_corrupt)
		return;
	ms = (double)(p->records ? info->source_usec : info->sink_usec) / 1000 +
	     (double)(info->write_index - info->read_index) / bytes_per_ms;
	p->latency_ms = ms > 0 && ms < 5000 ? ms : 0;
}

void port_measure(struct port *p)
{
	if (!p->ready || p->trouble[0])
		return;
	if (p->measuring && pa_operation_get_state(p->measuring) == PA_OPERATION_RUNNING)
		return;
	if (p->measuring)
		pa_operation_unref(p->measuring);
	p->measuring = pa_stream_update_timing_info(p->stream, on_timing, p);
}
