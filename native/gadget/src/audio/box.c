#include "box.h"

#include "common/log.h"

#include <stdio.h>
#include <string.h>

void box_disconnect(struct box *b)
{
	speaker_disconnect(b->speaker);
	microphone_disconnect(b->microphone);
	if (!b->context)
		return;
	pa_context_set_state_callback(b->context, NULL, NULL);
	pa_context_disconnect(b->context);
	pa_context_unref(b->context);
	b->context = NULL;
	b->ready = b->works = false;
}

static void lost(struct box *b, const char *why, ns_t now)
{
	const ns_t most = b->pause_most;

	if (b->works)
		b->pause = 0;
	if (b->works || !b->told) /* once, and not for every attempt */
		log_warning("box: %s", why);
	b->told = true;
	box_disconnect(b);
	b->reconnects++;
	b->pause = b->pause ? b->pause * 2 : BOX_RETRY_FIRST_NS;
	if (b->pause > most)
		b->pause = most;
	b->retry_at = now + b->pause;
	b->pause_most = BOX_RETRY_MAX_NS;
	b->trouble[0] = '\0';
}

/* libpulse must not lose its objects inside of its callbacks: remember, and act in the next tick. */
static void trouble(struct box *b, const char *what)
{
	int error = pa_context_errno(b->context);

	snprintf(b->trouble, sizeof b->trouble, "%s: %s", what, pa_strerror(error));
	b->pause_most = BOX_RETRY_MAX_NS;
	if (error == PA_ERR_NOENTITY)
		b->pause_most = BOX_RETRY_MISSING_NS;
	if (error == PA_ERR_ACCESS || error == PA_ERR_AUTHKEY)
		b->pause_most = BOX_RETRY_REFUSED_NS;
}

static bool is_ready(const pa_stream *stream)
{
	return stream && pa_stream_get_state(stream) == PA_STREAM_READY;
}

/* Not before all streams are there: a box without them is not tried again at once, and for ever. */
static void look_whether_it_works(struct box *b)
{
	if ((b->sink && !is_ready(b->speaker->stream)) || (b->source && !is_ready(b->microphone->stream)))
		return;
	log_info("box: connected");
	b->works = true;
	b->told = false;
}

static void on_stream(pa_stream *stream, void *user)
{
	struct box *b = user;

	switch (pa_stream_get_state(stream)) {
	case PA_STREAM_READY:
		if (stream == b->microphone->stream)
			microphone_tally(b->microphone);
		look_whether_it_works(b);
		break;
	case PA_STREAM_FAILED:
	case PA_STREAM_TERMINATED:
		trouble(b, stream == b->speaker->stream ? b->sink : b->source);
		break;
	default:
		break;
	}
}

static void watch(struct box *b, pa_stream *stream, const char *what)
{
	if (stream)
		pa_stream_set_state_callback(stream, on_stream, b);
	else
		trouble(b, what);
}

static void on_context(pa_context *context, void *user)
{
	struct box *b = user;

	switch (pa_context_get_state(context)) {
	case PA_CONTEXT_READY:
		b->ready = true;
		b->pinged_at = 0;
		if (b->sink)
			watch(b, speaker_connect(b->speaker, context, b->sink), b->sink);
		if (b->source)
			watch(b, microphone_connect(b->microphone, context, b->source), b->source);
		break;
	case PA_CONTEXT_FAILED:
	case PA_CONTEXT_TERMINATED:
		trouble(b, "connection");
		break;
	default:
		break;
	}
}

static void connect_now(struct box *b, ns_t now)
{
	pa_proplist *properties = pa_proplist_new();

	if (properties) {
		pa_proplist_sets(properties, PA_PROP_APPLICATION_ID, "dev.crosspoint.gadget");
		b->context = pa_context_new_with_proplist(b->api, "Crosspoint gadget", properties);
		pa_proplist_free(properties);
	}
	if (!b->context) {
		b->retry_at = now + BOX_RETRY_MAX_NS;
		return;
	}
	b->started_at = now;
	b->trouble[0] = '\0';
	b->pause_most = BOX_RETRY_MAX_NS;
	if (b->cookie && pa_context_load_cookie_from_file(b->context, b->cookie) < 0)
		log_warning("%s: not readable", b->cookie);
	pa_context_set_state_callback(b->context, on_context, b);
	if (pa_context_connect(b->context, b->server, PA_CONTEXT_NOAUTOSPAWN, NULL) < 0)
		trouble(b, "connection");
}

static void on_pong(pa_context *context, const pa_server_info *info, void *user)
{
	struct box *b = user;

	(void)context;
	if (info)
		b->pinged_at = 0;
}

static void ping(struct box *b, ns_t now)
{
	pa_operation *o;

	if (b->pinged_at || now < b->ping_at)
		return;
	o = pa_context_get_server_info(b->context, on_pong, b);
	if (!o)
		return;
	pa_operation_unref(o);
	b->pinged_at = now;
	b->ping_at = now + BOX_PING_NS;
}

/* A source that is suspended sends nothing, and no new connection changes that: pings tell whether the box is there. */
static bool is_without_sound(const struct box *b, ns_t now)
{
	struct microphone *m = b->microphone;

	if (m->data_at && pa_stream_is_suspended(m->stream) > 0)
		m->data_at = now;
	return m->data_at && now - m->data_at > BOX_SILENT_NS;
}

void box_tick(struct box *b, ns_t now, bool slept)
{
	if (!b->server)
		return;
	if (!b->context) {
		if (now >= b->retry_at)
			connect_now(b, now);
		return;
	}
	if (b->trouble[0]) {
		char why[sizeof b->trouble];

		memcpy(why, b->trouble, sizeof why);
		lost(b, why, now);
		return;
	}
	if (slept)
		return; /* what we have not read says nothing about the box */
	if (!b->ready) {
		if (now - b->started_at > BOX_CONNECT_NS)
			lost(b, "does not answer", now);
		return;
	}
	if (is_without_sound(b, now))
		lost(b, "sends no sound", now);
	else if (b->pinged_at && now - b->pinged_at > BOX_PONG_NS)
		lost(b, "silent", now);
	else
		ping(b, now);
}
