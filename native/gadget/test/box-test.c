/* The connection to the box, with a libpulse and a box of our own. */
#include "check.h"

#include "audio/box.h"

#include <string.h>

struct pa_context {
	pa_context_state_t state;
	pa_context_notify_cb_t on_state;
	void *user;
};

struct pa_stream {
	pa_stream_state_t state;
	pa_stream_notify_cb_t on_state;
	void *user;
	bool asked_for;
};

static struct {
	struct pa_context context;
	struct pa_stream speaker, microphone;
	int error;
	unsigned attempts;
	bool suspended;
} fake;

pa_context *pa_context_new_with_proplist(pa_mainloop_api *api, const char *name, const pa_proplist *p)
{
	(void)api, (void)name, (void)p;
	memset(&fake.context, 0, sizeof fake.context);
	return &fake.context;
}

int pa_context_connect(pa_context *c, const char *server, pa_context_flags_t flags, const pa_spawn_api *api)
{
	(void)server, (void)flags, (void)api;
	c->state = PA_CONTEXT_CONNECTING;
	fake.attempts++;
	return 0;
}

void pa_context_set_state_callback(pa_context *c, pa_context_notify_cb_t callback, void *user)
{
	c->on_state = callback;
	c->user = user;
}

pa_context_state_t pa_context_get_state(const pa_context *c)
{
	return c->state;
}

int pa_context_errno(const pa_context *c)
{
	(void)c;
	return fake.error;
}

int pa_stream_is_suspended(const pa_stream *s)
{
	(void)s;
	return fake.suspended;
}

void pa_stream_set_state_callback(pa_stream *s, pa_stream_notify_cb_t callback, void *user)
{
	s->on_state = callback;
	s->user = user;
}

pa_stream_state_t pa_stream_get_state(const pa_stream *s)
{
	return s->state;
}

/* What is only asked for, and answered with nothing. */
void pa_context_disconnect(pa_context *c)
{
	(void)c;
}

void pa_context_unref(pa_context *c)
{
	(void)c;
}

int pa_context_load_cookie_from_file(pa_context *c, const char *file)
{
	(void)c, (void)file;
	return 0;
}

pa_operation *pa_context_get_server_info(pa_context *c, pa_server_info_cb_t callback, void *user)
{
	(void)c, (void)callback, (void)user;
	return NULL;
}

void pa_operation_unref(pa_operation *o)
{
	(void)o;
}

pa_proplist *pa_proplist_new(void)
{
	static char some;

	return (pa_proplist *)&some;
}

int pa_proplist_sets(pa_proplist *p, const char *key, const char *value)
{
	(void)p, (void)key, (void)value;
	return 0;
}

void pa_proplist_free(pa_proplist *p)
{
	(void)p;
}

const char *pa_strerror(int error)
{
	(void)error;
	return "an error";
}

static pa_stream *make(struct pa_stream *s)
{
	*s = (struct pa_stream){.state = PA_STREAM_CREATING, .asked_for = true};
	return s;
}

pa_stream *speaker_connect(struct speaker *s, pa_context *context, const char *sink)
{
	(void)context, (void)sink;
	return s->stream = make(&fake.speaker);
}

pa_stream *microphone_connect(struct microphone *m, pa_context *context, const char *source)
{
	(void)context, (void)source;
	return m->stream = make(&fake.microphone);
}

void speaker_disconnect(struct speaker *s)
{
	s->stream = NULL;
	fake.speaker.asked_for = false;
}

void microphone_disconnect(struct microphone *m)
{
	m->stream = NULL;
	m->data_at = 0;
	fake.microphone.asked_for = false;
}

void microphone_tally(struct microphone *m)
{
	(void)m;
}

static void set_context(pa_context_state_t state, int error)
{
	fake.context.state = state;
	fake.error = error;
	fake.context.on_state(&fake.context, fake.context.user);
}

static void set_stream(struct pa_stream *s, pa_stream_state_t state, int error)
{
	if (!s->asked_for || s->state != PA_STREAM_CREATING)
		return;
	s->state = state;
	fake.error = error;
	s->on_state(s, s->user);
}

static struct box *new_box(void)
{
	static struct box b;
	static struct speaker speaker;
	static struct microphone microphone;

	memset(&fake, 0, sizeof fake);
	memset(&microphone, 0, sizeof microphone);
	memset(&speaker, 0, sizeof speaker);
	b = (struct box){.server = "tcp:box", .sink = "return", .source = "mic.monitor", .speaker = &speaker,
			 .microphone = &microphone};
	return &b;
}

/* The box answers each attempt at once: its server, then its sink, then its source. */
static void live(struct box *b, ns_t *now, double seconds, int context_error, int source_error)
{
	const ns_t end = *now + (ns_t)(seconds * NS_PER_S);

	for (; *now < end; *now += 100 * NS_PER_MS) {
		box_tick(b, *now, false);
		if (b->context && fake.context.state == PA_CONTEXT_CONNECTING)
			set_context(context_error ? PA_CONTEXT_FAILED : PA_CONTEXT_READY, context_error);
		set_stream(&fake.speaker, PA_STREAM_READY, 0);
		set_stream(&fake.microphone, source_error ? PA_STREAM_FAILED : PA_STREAM_READY, source_error);
	}
}

static void missing_buses_are_not_asked_for_all_the_time(void)
{
	struct box *b = new_box();
	ns_t now = NS_PER_S;

	live(b, &now, 20, 0, PA_ERR_NOENTITY);
	CHECK(fake.attempts > 10 && fake.attempts < 30);
	/* A second after they are there it works. */
	live(b, &now, 1.5, 0, 0);
	CHECK(b->context && b->works);
	/* Then the box may be back at any moment. */
	set_context(PA_CONTEXT_FAILED, PA_ERR_CONNECTIONTERMINATED);
	box_tick(b, now, false);
	CHECK(!b->context);
	CHECK_EQUAL(b->retry_at - now, BOX_RETRY_FIRST_NS);
}

static void a_refusal_is_believed_for_a_while(void)
{
	struct box *b = new_box();
	ns_t now = NS_PER_S;

	live(b, &now, 60, PA_ERR_ACCESS, 0);
	CHECK(fake.attempts > 10 && fake.attempts < 20);
	live(b, &now, 6, 0, 0);
	CHECK(b->works);
}

static void a_sleeping_source_is_no_lost_box(void)
{
	struct box *b = new_box();
	ns_t now = NS_PER_S;

	live(b, &now, 1, 0, 0);
	CHECK_EQUAL(fake.attempts, 1);
	b->microphone->data_at = now; /* the client listens */
	fake.suspended = true;
	live(b, &now, 10, 0, 0);
	CHECK_EQUAL(fake.attempts, 1);
	/* When it has woken up it is expected to send. */
	fake.suspended = false;
	live(b, &now, 0.9, 0, 0);
	CHECK_EQUAL(fake.attempts, 1);
	live(b, &now, 1, 0, 0);
	CHECK_EQUAL(fake.attempts, 2);
}

const struct test box_tests[] = {
	{"a box without this gadget's buses is asked once a second", missing_buses_are_not_asked_for_all_the_time},
	{"a refusal is believed for five seconds", a_refusal_is_believed_for_a_while},
	{"a source that sleeps is no box that is lost", a_sleeping_source_is_no_lost_box},
	{NULL, NULL},
};
