/* The desk and its streams, with a libpulse of our own that answers when the test says so. */
#include "check.h"

#include "desk.h"

#include <stdarg.h>
#include <string.h>

struct pa_stream {
	pa_stream_state_t state;
	pa_stream_notify_cb_t on_state;
	void *state_user;
	bool unwanted; /* the server has been told to end it */
};

struct pa_operation {
	pa_operation_state_t state;
	pa_stream *stream;
	pa_stream_success_cb_t done;
	void *user;
};

struct pa_time_event {
	pa_time_event_cb_t callback;
	void *user;
};

static struct {
	struct pa_stream streams[8];
	struct pa_operation operations[8];
	struct pa_time_event sweep;
	size_t stream_count, operation_count;
} fake;

pa_stream *pa_stream_new_with_proplist(pa_context *c, const char *name, const pa_sample_spec *ss, const pa_channel_map *map,
				       pa_proplist *p)
{
	(void)c, (void)name, (void)ss, (void)map, (void)p;
	return fake.stream_count < 8 ? &fake.streams[fake.stream_count++] : NULL;
}

int pa_stream_connect_record(pa_stream *s, const char *dev, const pa_buffer_attr *attr, pa_stream_flags_t flags)
{
	(void)dev, (void)attr, (void)flags;
	s->state = PA_STREAM_CREATING;
	return 0;
}

int pa_stream_connect_playback(pa_stream *s, const char *dev, const pa_buffer_attr *attr, pa_stream_flags_t flags,
			       const pa_cvolume *volume, pa_stream *sync_stream)
{
	(void)volume, (void)sync_stream;
	return pa_stream_connect_record(s, dev, attr, flags);
}

/* As libpulse does: the server knows no stream yet that it could end. The end itself comes with its answer. */
int pa_stream_disconnect(pa_stream *s)
{
	if (s->state != PA_STREAM_READY)
		return -PA_ERR_BADSTATE;
	s->unwanted = true;
	return 0;
}

pa_stream_state_t pa_stream_get_state(const pa_stream *s)
{
	return s->state;
}

void pa_stream_set_state_callback(pa_stream *s, pa_stream_notify_cb_t callback, void *user)
{
	s->on_state = callback;
	s->state_user = user;
}

pa_operation *pa_stream_update_timing_info(pa_stream *s, pa_stream_success_cb_t callback, void *user)
{
	struct pa_operation *o = &fake.operations[fake.operation_count++ % 8];

	*o = (struct pa_operation){.state = PA_OPERATION_RUNNING, .stream = s, .done = callback, .user = user};
	return o;
}

const pa_timing_info *pa_stream_get_timing_info(pa_stream *s)
{
	static const pa_timing_info info;

	(void)s;
	return &info;
}

pa_operation_state_t pa_operation_get_state(const pa_operation *o)
{
	return o->state;
}

void pa_operation_cancel(pa_operation *o)
{
	o->state = PA_OPERATION_CANCELLED;
}

pa_time_event *pa_context_rttime_new(const pa_context *c, pa_usec_t usec, pa_time_event_cb_t callback, void *user)
{
	(void)c, (void)usec;
	fake.sweep = (struct pa_time_event){.callback = callback, .user = user};
	return &fake.sweep;
}

void pa_context_rttime_restart(const pa_context *c, pa_time_event *e, pa_usec_t usec)
{
	(void)c, (void)e, (void)usec;
}

pa_usec_t pa_rtclock_now(void)
{
	return 0;
}

pa_proplist *pa_proplist_new(void)
{
	static char some;

	return (pa_proplist *)&some;
}

/* What is only asked for, and answered with nothing. */
void pa_proplist_free(pa_proplist *p)
{
	(void)p;
}

int pa_proplist_sets(pa_proplist *p, const char *key, const char *value)
{
	(void)p, (void)key, (void)value;
	return 0;
}

void pa_operation_unref(pa_operation *o)
{
	(void)o;
}

void pa_stream_unref(pa_stream *s)
{
	(void)s;
}

void pa_stream_set_read_callback(pa_stream *s, pa_stream_request_cb_t callback, void *user)
{
	(void)s, (void)callback, (void)user;
}

void pa_stream_set_write_callback(pa_stream *s, pa_stream_request_cb_t callback, void *user)
{
	(void)s, (void)callback, (void)user;
}

pa_cvolume *pa_cvolume_set(pa_cvolume *a, unsigned channels, pa_volume_t v)
{
	(void)channels, (void)v;
	return a;
}

const char *pa_strerror(int error)
{
	(void)error;
	return "an error";
}

int pa_context_errno(const pa_context *c)
{
	(void)c;
	return 0;
}

size_t pa_stream_readable_size(const pa_stream *s)
{
	(void)s;
	return 0;
}

int pa_stream_peek(pa_stream *s, const void **data, size_t *size)
{
	(void)s, (void)data, (void)size;
	return -1;
}

int pa_stream_drop(pa_stream *s)
{
	(void)s;
	return 0;
}

size_t pa_stream_writable_size(const pa_stream *s)
{
	(void)s;
	return 0;
}

int pa_stream_begin_write(pa_stream *s, void **data, size_t *size)
{
	(void)s, (void)data, (void)size;
	return -1;
}

int pa_stream_write(pa_stream *s, const void *data, size_t size, pa_free_cb_t release, int64_t offset, pa_seek_mode_t seek)
{
	(void)s, (void)data, (void)size, (void)release, (void)offset, (void)seek;
	return -1;
}

const pa_buffer_attr *pa_stream_get_buffer_attr(pa_stream *s)
{
	(void)s;
	return NULL;
}

pa_operation *pa_stream_set_buffer_attr(pa_stream *s, const pa_buffer_attr *attr, pa_stream_success_cb_t callback, void *user)
{
	(void)s, (void)attr, (void)callback, (void)user;
	return NULL;
}

/* The server has made what it was asked for. */
static void streams_are_made(void)
{
	for (size_t i = 0; i < fake.stream_count; i++)
		if (fake.streams[i].state == PA_STREAM_CREATING) {
			fake.streams[i].state = PA_STREAM_READY;
			if (fake.streams[i].on_state)
				fake.streams[i].on_state(&fake.streams[i], fake.streams[i].state_user);
		}
}

/* It answers all that was asked before. */
static void timing_is_told(void)
{
	for (size_t i = 0; i < fake.operation_count && i < 8; i++) {
		struct pa_operation *o = &fake.operations[i];

		if (o->state != PA_OPERATION_RUNNING)
			continue;
		o->done(o->stream, 1, o->user);
		o->state = PA_OPERATION_DONE;
	}
}

/* A second later. */
static void sweep(struct desk *d)
{
	for (struct port *p = d->sources; p; p = p->next)
		p->unused_since -= p->unused_since ? NS_PER_S : 0;
	for (struct port *p = d->sinks; p; p = p->next)
		p->unused_since -= p->unused_since ? NS_PER_S : 0;
	fake.sweep.callback(NULL, &fake.sweep, NULL, fake.sweep.user);
}

static void say_nothing(const char *format, ...)
{
	(void)format;
}

static void begin(struct desk *d)
{
	const struct command path = {.kind = COMMAND_PATH,
				     .id = 1,
				     .source = {.device = "mic", .format = SAMPLES_FLOAT},
				     .sink = {.device = "bus", .format = SAMPLES_FLOAT},
				     .aim_ms = 10};

	memset(&fake, 0, sizeof fake);
	desk_init(d, NULL, NULL, say_nothing);
	desk_add(d, &path);
}

static size_t left_at_server(void)
{
	size_t left = 0;

	for (size_t i = 0; i < fake.stream_count; i++)
		left += fake.streams[i].state == PA_STREAM_READY && !fake.streams[i].unwanted;
	return left;
}

static void late_answers_do_no_harm(void)
{
	struct desk d;

	begin(&d);
	streams_are_made(); /* each asks for its timing */
	CHECK(fake.operation_count == 2);
	desk_report(&d); /* not once more before it has been answered */
	CHECK(fake.operation_count == 2);
	timing_is_told();
	desk_report(&d);
	CHECK(fake.operation_count == 4);
	desk_retire(&d, 1);
	sweep(&d);
	sweep(&d);
	CHECK(!d.sources && !d.sinks && left_at_server() == 0);
	timing_is_told();
}

static void no_stream_is_left_behind(void)
{
	struct desk d;

	begin(&d);
	desk_retire(&d, 1);
	sweep(&d);
	sweep(&d);
	streams_are_made();
	CHECK(fake.stream_count == 2);
	sweep(&d);
	CHECK(!d.crosspoints && !d.sources && !d.sinks);
	CHECK(left_at_server() == 0);
}

const struct test streams_tests[] = {
	{"an answer about a stream that is no longer there does no harm", late_answers_do_no_harm},
	{"a stream that is given up while it is being made is not left behind", no_stream_is_left_behind},
	{0},
};
