#include "session.h"

#include "amf0.h"
#include "common/bytes.h"

#include <stdio.h>
#include <string.h>

#define VERSION 3
#define OUT_CHUNK_SIZE 128u /* what the server assumes; all that we send is small */
#define COMMAND_MAX 2048

#define CHUNK_CONTROL 2
#define CHUNK_COMMAND 3

#define TRANSACTION_CONNECT 1
#define TRANSACTION_CREATE_STREAM 2

#define USER_PING_REQUEST 6
#define USER_PING_RESPONSE 7

#define EX_VIDEO_HEADER 0x80
#define PACKET_CODED_FRAMES 1
#define PACKET_CODED_FRAMES_X 3

static bool finish(struct session *s, enum session_end end, const char *reason, size_t length)
{
	size_t i;

	s->end = end;
	if (length >= sizeof s->reason)
		length = sizeof s->reason - 1;
	/* It goes into the log: no control characters from a peer. */
	for (i = 0; i < length; i++)
		s->reason[i] = reason[i] < ' ' || reason[i] > '~' ? '?' : reason[i];
	s->reason[length] = '\0';
	return false;
}

static bool broken(struct session *s, const char *reason)
{
	return finish(s, SESSION_PROTOCOL_ERROR, reason, strlen(reason));
}

static bool put_out(struct session *s, const uint8_t *bytes, size_t length)
{
	if (sizeof s->out - s->out_length < length)
		return false;
	memcpy(s->out + s->out_length, bytes, length);
	s->out_length += length;
	return true;
}

static bool send_message(struct session *s, uint8_t chunk_stream, uint8_t type, const uint8_t *body, size_t length)
{
	const struct message m = {.type = type, .body = body, .length = (uint32_t)length};
	size_t n = chunks_write(s->out + s->out_length, sizeof s->out - s->out_length, OUT_CHUNK_SIZE, chunk_stream, &m);

	s->out_length += n;
	return n > 0;
}

static bool send_command(struct session *s, const struct amf0_writer *w)
{
	return !w->failed && send_message(s, CHUNK_COMMAND, MESSAGE_COMMAND_AMF0, w->bytes, w->length);
}

/* A command's beginning: name, transaction, and an object to be ended by the caller or null. */
static void begin_command(struct amf0_writer *w, uint8_t buffer[COMMAND_MAX], const char *name, double transaction)
{
	amf0_write(w, buffer, COMMAND_MAX);
	amf0_put_string(w, name);
	amf0_put_number(w, transaction);
}

static bool send_connect(struct session *s)
{
	uint8_t buffer[COMMAND_MAX];
	struct amf0_writer w;

	begin_command(&w, buffer, "connect", TRANSACTION_CONNECT);
	amf0_begin_object(&w);
	amf0_put_key(&w, "app");
	amf0_put_string(&w, s->url->app);
	amf0_put_key(&w, "type");
	amf0_put_string(&w, "nonprivate");
	amf0_put_key(&w, "flashVer");
	amf0_put_string(&w, "crosspoint-video");
	amf0_put_key(&w, "tcUrl");
	amf0_put_string(&w, s->url->tc_url);
	amf0_put_key(&w, "objectEncoding");
	amf0_put_number(&w, 0);
	amf0_put_key(&w, "fourCcList"); /* Enhanced RTMP: what we can show */
	amf0_begin_strict_array(&w, 1);
	amf0_put_string(&w, "mjpg");
	amf0_end_object(&w);
	return send_command(s, &w);
}

static bool send_create_stream(struct session *s)
{
	uint8_t buffer[COMMAND_MAX];
	struct amf0_writer w;

	begin_command(&w, buffer, "createStream", TRANSACTION_CREATE_STREAM);
	amf0_put_null(&w);
	return send_command(s, &w);
}

static bool send_play(struct session *s)
{
	uint8_t buffer[COMMAND_MAX];
	struct amf0_writer w;
	struct message m = {.type = MESSAGE_COMMAND_AMF0, .stream_id = s->stream_id, .body = buffer};
	size_t n;

	begin_command(&w, buffer, "play", 0);
	amf0_put_null(&w);
	amf0_put_string(&w, s->url->stream);
	m.length = (uint32_t)w.length;
	if (w.failed)
		return false;
	n = chunks_write(s->out + s->out_length, sizeof s->out - s->out_length, OUT_CHUNK_SIZE, CHUNK_COMMAND, &m);
	s->out_length += n;
	return n > 0;
}

void session_start(struct session *s, const struct rtmp_url *url,
		   void (*on_picture)(void *user, const uint8_t *jpeg, uint32_t length), void *user)
{
	size_t i;

	s->phase = SESSION_HANDSHAKE;
	s->end = SESSION_FINE;
	s->reason[0] = '\0';
	s->url = url;
	s->stream_id = 0;
	s->received = s->acknowledged = 0;
	s->handshake_got = s->out_length = 0;
	s->on_picture = on_picture;
	s->user = user;
	chunks_reset(&s->reader);
	/* C0 and C1: version, time 0, zeros, and 1528 bytes that need not be random for the simple handshake. */
	s->out[0] = VERSION;
	memset(s->out + 1, 0, 8);
	for (i = 9; i < 1 + HANDSHAKE_SIZE; i++)
		s->out[i] = (uint8_t)(i * 167 + (i >> 8));
	s->out_length = 1 + HANDSHAKE_SIZE;
}

static bool acknowledge(struct session *s)
{
	uint8_t count[4];

	put_be32(count, s->received);
	s->acknowledged = s->received;
	return send_message(s, CHUNK_CONTROL, MESSAGE_ACKNOWLEDGEMENT, count, sizeof count);
}

bool session_send_acknowledgement(struct session *s)
{
	return s->phase != SESSION_HANDSHAKE && acknowledge(s);
}

static bool on_user_control(struct session *s, const struct message *m)
{
	uint8_t answer[6] = {0, USER_PING_RESPONSE};

	if (m->length < 6 || get_be16(m->body) != USER_PING_REQUEST)
		return true;
	memcpy(answer + 2, m->body + 2, 4);
	if (!send_message(s, CHUNK_CONTROL, MESSAGE_USER_CONTROL, answer, sizeof answer))
		return finish(s, SESSION_OVERFLOW, "pings", 5);
	return true;
}

static bool on_result(struct session *s, double transaction, struct amf0_reader *r)
{
	double id;

	if (transaction == TRANSACTION_CONNECT && s->phase == SESSION_CONNECTING) {
		s->phase = SESSION_CREATING;
		return send_create_stream(s) || finish(s, SESSION_OVERFLOW, "", 0);
	}
	if (transaction == TRANSACTION_CREATE_STREAM && s->phase == SESSION_CREATING) {
		if (!amf0_skip(r) || !amf0_read_number(r, &id) || !(id >= 0 && id <= UINT32_MAX))
			return broken(s, "createStream without a stream id");
		s->stream_id = (uint32_t)id;
		s->phase = SESSION_STARTING;
		return send_play(s) || finish(s, SESSION_OVERFLOW, "", 0);
	}
	return true;
}

static bool begins_with(const struct amf0_string *s, const char *text)
{
	size_t n = strlen(text);

	return s->length >= n && !memcmp(s->text, text, n);
}

/* An information object: { level, code, description }. */
static bool on_status(struct session *s, struct amf0_reader *r)
{
	struct amf0_reader again = *r;
	struct amf0_string code, level;

	if (!amf0_find_string(r, "code", &code) || !amf0_find_string(&again, "level", &level))
		return broken(s, "onStatus without information");
	if (amf0_is(&level, "error"))
		return finish(s, SESSION_REFUSED, code.text, code.length);
	if (amf0_is(&code, "NetStream.Play.Start") && s->phase == SESSION_STARTING)
		s->phase = SESSION_PLAYING;
	else if (begins_with(&code, "NetStream.Play.Stop") || begins_with(&code, "NetStream.Play.UnpublishNotify"))
		return finish(s, SESSION_ENDED, code.text, code.length);
	return true;
}

static bool on_command(struct session *s, const struct message *m)
{
	struct amf0_reader r;
	struct amf0_string name, code;
	double transaction;

	amf0_read(&r, m->body, m->length);
	if (!amf0_read_string(&r, &name) || !amf0_read_number(&r, &transaction))
		return broken(s, "malformed command");
	if (amf0_is(&name, "_result"))
		return on_result(s, transaction, &r);
	if (amf0_is(&name, "_error")) {
		if (!amf0_skip(&r) || !amf0_find_string(&r, "code", &code))
			return broken(s, "malformed error");
		if (transaction != TRANSACTION_CONNECT && transaction != TRANSACTION_CREATE_STREAM)
			return true; /* a report that an older box does not know */
		return finish(s, SESSION_REFUSED, code.text, code.length);
	}
	if (amf0_is(&name, "onStatus"))
		return amf0_skip(&r) ? on_status(s, &r) : broken(s, "malformed onStatus");
	return true;
}

static bool on_video(struct session *s, const struct message *m)
{
	const uint8_t *p = m->body;
	uint8_t packet;

	if (m->length < 6 || !(p[0] & EX_VIDEO_HEADER) || memcmp(p + 1, "mjpg", 4) != 0)
		return true; /* another codec: not for us */
	packet = p[0] & 0x0f;
	if (packet == PACKET_CODED_FRAMES || packet == PACKET_CODED_FRAMES_X) {
		s->on_picture(s->user, p + 5, m->length - 5);
		return acknowledge(s) || finish(s, SESSION_OVERFLOW, "acknowledgements", 16);
	}
	return true;
}

static bool on_message(void *user, const struct message *m)
{
	struct session *s = user;

	switch (m->type) {
	case MESSAGE_USER_CONTROL:
		return on_user_control(s, m);
	case MESSAGE_COMMAND_AMF0:
		return on_command(s, m);
	case MESSAGE_VIDEO:
		return on_video(s, m);
	default:
		return true;
	}
}

/* Bytes of the handshake that were taken, or -1. */
static int feed_handshake(struct session *s, const uint8_t *bytes, size_t length)
{
	size_t taken = 0;

	while (taken < length && s->phase == SESSION_HANDSHAKE) {
		size_t at = s->handshake_got++;
		uint8_t byte = bytes[taken++];

		if (at == 0 && byte != VERSION)
			return -1;
		if (at >= 1 && at <= HANDSHAKE_SIZE)
			s->s1[at - 1] = byte;
		if (at == HANDSHAKE_SIZE && !put_out(s, s->s1, sizeof s->s1)) /* C2 is S1 */
			return -1;
		if (at == 2 * HANDSHAKE_SIZE) {
			s->phase = SESSION_CONNECTING;
			if (!send_connect(s))
				return -1;
		}
	}
	return (int)taken;
}

bool session_feed(struct session *s, const uint8_t *bytes, size_t length)
{
	if (s->end != SESSION_FINE)
		return false;
	if (s->phase == SESSION_HANDSHAKE) {
		int taken = feed_handshake(s, bytes, length);

		if (taken < 0)
			return broken(s, "bad handshake");
		bytes += taken;
		length -= (size_t)taken;
	}
	s->received += (uint32_t)length;
	if (!chunks_feed(&s->reader, bytes, length, on_message, s))
		return s->end == SESSION_FINE ? broken(s, "bad chunk stream") : false;
	if (s->received - s->acknowledged >= ACK_EVERY && !acknowledge(s))
		return finish(s, SESSION_OVERFLOW, "acknowledgements", 16);
	return true;
}

void session_sent(struct session *s, size_t n)
{
	memmove(s->out, s->out + n, s->out_length - n);
	s->out_length -= n;
}

bool session_send_format(struct session *s, const struct session_format *format)
{
	uint8_t buffer[COMMAND_MAX];
	struct amf0_writer w;

	if (s->phase != SESSION_PLAYING)
		return false;
	begin_command(&w, buffer, "crosspoint.format", 0);
	amf0_put_null(&w);
	amf0_begin_object(&w);
	amf0_put_key(&w, "width");
	amf0_put_number(&w, format->width);
	amf0_put_key(&w, "height");
	amf0_put_number(&w, format->height);
	amf0_put_key(&w, "fps");
	amf0_put_number(&w, format->fps);
	amf0_end_object(&w);
	return send_command(s, &w);
}

bool session_send_tally(struct session *s, const struct session_tally *tally)
{
	uint8_t buffer[COMMAND_MAX];
	struct amf0_writer w;

	if (s->phase != SESSION_PLAYING)
		return false;
	begin_command(&w, buffer, "crosspoint.tally", 0);
	amf0_put_null(&w);
	amf0_begin_object(&w);
	amf0_put_key(&w, "webcam");
	amf0_put_boolean(&w, tally->webcam);
	amf0_put_key(&w, "mic");
	amf0_put_boolean(&w, tally->mic);
	amf0_put_key(&w, "speaker");
	amf0_put_boolean(&w, tally->speaker);
	amf0_end_object(&w);
	return send_command(s, &w);
}

bool session_send_stats(struct session *s, const struct session_number *numbers, size_t count)
{
	uint8_t buffer[COMMAND_MAX];
	struct amf0_writer w;
	size_t i;

	if (s->phase != SESSION_PLAYING)
		return false;
	begin_command(&w, buffer, "crosspoint.stats", 0);
	amf0_put_null(&w);
	amf0_begin_object(&w);
	for (i = 0; i < count; i++) {
		amf0_put_key(&w, numbers[i].name);
		amf0_put_number(&w, numbers[i].value);
	}
	amf0_end_object(&w);
	return send_command(s, &w);
}
