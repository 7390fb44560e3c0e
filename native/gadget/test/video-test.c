#include "check.h"

#include "common/bytes.h"
#include "video/amf0.h"
#include "video/audio-tally.h"
#include "video/backoff.h"
#include "video/board.h"
#include "video/chunks.h"
#include "video/link.h"
#include "video/session.h"
#include "video/statistics.h"
#include "video/url.h"
#include "video/uvc-link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- URL */

static void an_address_is_taken_apart(void)
{
	struct rtmp_url u;

	CHECK(rtmp_url_parse(&u, "rtmp://192.168.1.10:1936/gadget/desk?token=a/b"));
	CHECK_TEXT(u.host, "192.168.1.10");
	CHECK_TEXT(u.port, "1936");
	CHECK_TEXT(u.app, "gadget");
	CHECK_TEXT(u.stream, "desk?token=a/b");
	CHECK_TEXT(u.tc_url, "rtmp://192.168.1.10:1936/gadget");
	CHECK(rtmp_url_parse(&u, "rtmp://box.local/gadget/desk"));
	CHECK_TEXT(u.host, "box.local");
	CHECK_TEXT(u.port, "1935");
	CHECK(rtmp_url_parse(&u, "rtmp://[fe80::1]:99/a/b"));
	CHECK_TEXT(u.host, "fe80::1");
	CHECK_TEXT(u.port, "99");
}

static void a_bad_address_is_refused(void)
{
	static const char *const bad[] = {
		"",
		"http://a/b/c",
		"rtmp://",
		"rtmp:///a/b",
		"rtmp://host",
		"rtmp://host/app",
		"rtmp://host/app/",
		"rtmp://host//stream",
		"rtmp://host:/app/s",
		"rtmp://host:0/app/s",
		"rtmp://host:70000/app/s",
		"rtmp://host:123456/app/s",
		"rtmp://host:12x/app/s",
		"rtmp://[::1/app/s",
		"rtmp://[::1]x/app/s",
		"rtmp://ho st/app/s",
		"rtmp://host/app/s\ntoken",
		"rtmp://h\xc3\xb6st/app/s",
	};
	char large[URL_MAX + 10];
	struct rtmp_url u;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (rtmp_url_parse(&u, bad[i]))
			check_failed(__FILE__, __LINE__, bad[i]);
	}
	memset(large, 'a', sizeof large);
	memcpy(large, "rtmp://h/a/", 11);
	large[sizeof large - 1] = '\0';
	CHECK(!rtmp_url_parse(&u, large));
}

/* ---- AMF0 */

static void what_is_written_can_be_read(void)
{
	uint8_t buffer[256];
	struct amf0_writer w;
	struct amf0_reader r;
	struct amf0_string s;
	double n;

	amf0_write(&w, buffer, sizeof buffer);
	amf0_put_string(&w, "name");
	amf0_put_number(&w, -1.5);
	amf0_begin_object(&w);
	amf0_put_key(&w, "level");
	amf0_put_string(&w, "status");
	amf0_put_key(&w, "on");
	amf0_put_boolean(&w, true);
	amf0_put_key(&w, "list");
	amf0_begin_strict_array(&w, 2);
	amf0_put_null(&w);
	amf0_put_number(&w, 1);
	amf0_put_key(&w, "code");
	amf0_put_string(&w, "X.Y");
	amf0_end_object(&w);
	amf0_put_string(&w, "last");
	CHECK(!w.failed);
	amf0_read(&r, buffer, w.length);
	CHECK(amf0_read_string(&r, &s) && amf0_is(&s, "name"));
	CHECK(amf0_read_number(&r, &n) && n == -1.5);
	CHECK(amf0_find_string(&r, "code", &s) && amf0_is(&s, "X.Y"));
	CHECK(amf0_read_string(&r, &s) && amf0_is(&s, "last"));
	CHECK(!amf0_skip(&r) && r.failed);
	CHECK(!amf0_read_number(&r, &n));
}

static void every_cut_fails_cleanly(void)
{
	static const uint8_t object[] = {3, 0, 1, 'a', 2, 0, 1, 'x', 0, 1, 'b', 8, 0, 0, 0, 1, 0, 1, 'c', 5, 0, 0, 9, 0, 0, 9};
	struct amf0_reader r;
	size_t n;

	for (n = 0; n < sizeof object; n++) {
		uint8_t *copy = malloc(n ? n : 1); /* so that a sanitizer sees a read beyond it */

		memcpy(copy, object, n);
		amf0_read(&r, copy, n);
		CHECK(!amf0_skip(&r));
		free(copy);
	}
	amf0_read(&r, object, sizeof object);
	CHECK(amf0_skip(&r));
}

static void depth_and_counts_are_bounded(void)
{
	uint8_t deep[64];
	static const uint8_t endless[] = {10, 0xff, 0xff, 0xff, 0xff, 5, 5};
	struct amf0_reader r;
	size_t i;

	for (i = 0; i + 4 <= sizeof deep; i += 4)
		memcpy(deep + i, "\x03\x00\x01" "a", 4);
	amf0_read(&r, deep, sizeof deep);
	CHECK(!amf0_skip(&r));
	amf0_read(&r, endless, sizeof endless);
	CHECK(!amf0_skip(&r));
}

static void a_full_buffer_is_noticed(void)
{
	uint8_t buffer[10];
	struct amf0_writer w;

	amf0_write(&w, buffer, sizeof buffer);
	amf0_put_string(&w, "1234567");
	CHECK(!w.failed && w.length == 10);
	amf0_put_null(&w);
	CHECK(w.failed && w.length == 10);
}

/* ---- chunks */

static struct {
	struct chunk_reader reader;
	struct message last;
	uint8_t body[70000];
	int count;
	bool refuse;
} in;

static bool take(void *user, const struct message *m)
{
	(void)user;
	in.last = *m;
	memcpy(in.body, m->body, m->length < sizeof in.body ? m->length : sizeof in.body);
	in.count++;
	return !in.refuse;
}

static void begin(void)
{
	chunks_reset(&in.reader);
	in.count = 0;
	in.refuse = false;
}

static bool feed(const void *bytes, size_t n)
{
	return chunks_feed(&in.reader, bytes, n, take, NULL);
}

#define FEED(literal) feed(literal, sizeof(literal) - 1)

static void messages_arrive_in_any_pieces(void)
{
	static uint8_t body[1000], wire[1200];
	const struct message m = {.type = MESSAGE_VIDEO, .stream_id = 1, .body = body, .length = sizeof body};
	size_t n, step, at, i;

	for (i = 0; i < sizeof body; i++)
		body[i] = (uint8_t)(i * 7);
	n = chunks_write(wire, sizeof wire, 128, 6, &m);
	CHECK_EQUAL(n, 12 + 1000 + 7);
	CHECK_EQUAL(chunks_write(wire, n - 1, 128, 6, &m), 0);
	for (step = 1; step <= n; step += 13) {
		begin();
		for (at = 0; at < n; at += step)
			CHECK(feed(wire + at, n - at < step ? n - at : step));
		CHECK_EQUAL(in.count, 1);
		CHECK_EQUAL(in.last.type, MESSAGE_VIDEO);
		CHECK_EQUAL(in.last.stream_id, 1);
		CHECK_EQUAL(in.last.length, 1000);
		CHECK(!memcmp(in.body, body, sizeof body));
	}
}

static void all_chunk_formats_are_understood(void)
{
	begin();
	CHECK(FEED("\x04\x00\x00\x64\x00\x00\x02\x09\x01\x00\x00\x00" "ab")); /* type 0: time 100, stream 1 */
	CHECK_EQUAL(in.last.timestamp_ms, 100);
	CHECK(FEED("\x44\x00\x00\x0a\x00\x00\x03\x08" "cde")); /* type 1: 10 later, another length and type */
	CHECK_EQUAL(in.last.timestamp_ms, 110);
	CHECK_EQUAL(in.last.type, MESSAGE_AUDIO);
	CHECK_EQUAL(in.last.stream_id, 1);
	CHECK(FEED("\x84\x00\x00\x05" "fgh")); /* type 2: 5 later */
	CHECK_EQUAL(in.last.timestamp_ms, 115);
	CHECK(FEED("\xc4" "ijk")); /* type 3: the same again */
	CHECK_EQUAL(in.last.timestamp_ms, 120);
	CHECK_EQUAL(in.count, 4);
	CHECK(!memcmp(in.body, "ijk", 3));
}

static void long_chunk_stream_ids_and_extended_times(void)
{
	begin();
	CHECK(FEED("\x00\x10\xff\xff\xff\x00\x00\x01\x09\x01\x00\x00\x00\x01\x02\x03\x04" "x")); /* two bytes, extended */
	CHECK_EQUAL(in.last.timestamp_ms, 0x01020304);
	CHECK(FEED("\x01\x10\x01\x00\x00\x01\x00\x00\x01\x09\x01\x00\x00\x00" "y")); /* three bytes */
	CHECK_EQUAL(in.count, 2);
	CHECK(FEED("\xc0\x10\x01\x02\x03\x04" "z")); /* type 3 repeats the extended time */
	CHECK_EQUAL(in.count, 3);
	CHECK(!memcmp(in.body, "z", 1));
}

static void messages_may_be_interleaved(void)
{
	static uint8_t wire[512];
	uint8_t *p = wire;

	begin();
	p = (uint8_t *)memcpy(p, "\x04\0\0\0\0\0\xc8\x09\1\0\0\0", 12) + 12; /* 200 bytes of video, first part */
	p = (uint8_t *)memset(p, 'v', 128) + 128;
	p = (uint8_t *)memcpy(p, "\x05\0\0\0\0\0\x02\x08\1\0\0\0aa", 14) + 14; /* audio in between */
	p = (uint8_t *)memcpy(p, "\xc4", 1) + 1;
	p = (uint8_t *)memset(p, 'w', 72) + 72;
	CHECK(feed(wire, (size_t)(p - wire)));
	CHECK_EQUAL(in.count, 2);
	CHECK_EQUAL(in.last.length, 200);
	CHECK(in.body[127] == 'v' && in.body[128] == 'w');
}

static void chunk_size_and_abort_are_obeyed(void)
{
	static uint8_t wire[300];

	begin();
	CHECK(FEED("\x02\0\0\0\0\0\x04\x01\0\0\0\0" "\0\0\0\xc8")); /* chunks of 200 */
	memcpy(wire, "\x04\0\0\0\0\0\xc8\x09\1\0\0\0", 12);
	CHECK(feed(wire, 212));
	CHECK_EQUAL(in.last.length, 200);
	memcpy(wire, "\x04\0\0\0\0\1\x2c\x09\1\0\0\0", 12);
	CHECK(feed(wire, 212)); /* the first 200 of 300 */
	CHECK(FEED("\x02\0\0\0\0\0\x04\x02\0\0\0\0" "\0\0\0\x04")); /* never mind */
	in.count = 0;
	CHECK(FEED("\x04\0\0\0\0\0\x01\x09\1\0\0\0" "n"));
	CHECK_EQUAL(in.count, 1);
	CHECK_EQUAL(in.last.length, 1);
	CHECK(FEED("\x04\0\0\0\0\0\x00\x09\1\0\0\0")); /* an empty message */
	CHECK_EQUAL(in.count, 2);
	CHECK_EQUAL(in.last.length, 0);
}

static void breaches_end_the_reading(void)
{
	char many[CHUNK_STREAMS + 2][13];
	int i;

	begin();
	CHECK(!FEED("\xc4")); /* type 3 on an unknown stream */
	begin();
	CHECK(!FEED("\x44\0\0\0\0\0\1\x09")); /* type 1 likewise */
	begin();
	CHECK(!FEED("\x04\0\0\0\x7f\xff\xff\x09\1\0\0\0")); /* larger than a picture may be */
	begin();
	CHECK(!FEED("\x02\0\0\0\0\0\x04\x01\0\0\0\0" "\0\0\0\0")); /* chunks of 0 */
	begin();
	CHECK(!FEED("\x02\0\0\0\0\0\x04\x01\0\0\0\0" "\x80\0\0\1"));
	begin();
	CHECK(!FEED("\x02\0\0\0\0\0\x03\x01\0\0\0\0" "\0\0\1"));
	begin();
	CHECK(FEED("\x04\0\0\0\0\0\xc8\x09\1\0\0\0"));
	{
		static uint8_t part[128];

		CHECK(feed(part, sizeof part));
	}
	CHECK(!FEED("\x04\0\0\0\0\0\xc8\x09\1\0\0\0")); /* a new header amid a message */
	begin();
	for (i = 0; i < CHUNK_STREAMS; i++) {
		memcpy(many[i], "\x00\0\0\0\0\0\0\1\x09\1\0\0\0", 13);
		many[i][0] = 3;
		many[i][0] = (char)(3 + i);
		memcpy(many[i] + 1, "\0\0\0\0\0\1\x09\1\0\0\0x", 12);
		CHECK(feed(many[i], 13));
	}
	CHECK(!FEED("\x30\0\0\0\0\0\1\x09\1\0\0\0")); /* one stream too many */
	begin();
	in.refuse = true;
	CHECK(!FEED("\x04\0\0\0\0\0\1\x09\1\0\0\0x"));
}

/* ---- session */

static struct session session;
static struct rtmp_url url;
static struct {
	int count;
	uint32_t length;
	uint8_t first;
} picture;

static void on_picture(void *user, const uint8_t *jpeg, uint32_t length)
{
	(void)user;
	picture.count++;
	picture.length = length;
	picture.first = jpeg[0];
}

static bool from_server(uint8_t type, const void *body, size_t n)
{
	static uint8_t wire[70000];
	const struct message m = {.type = type, .stream_id = 1, .body = body, .length = (uint32_t)n};
	size_t length = chunks_write(wire, sizeof wire, 128, 5, &m);

	CHECK(length > 0);
	return session_feed(&session, wire, length);
}

static bool reply(const char *name, double transaction, const char *level, const char *code)
{
	uint8_t buffer[512];
	struct amf0_writer w;

	amf0_write(&w, buffer, sizeof buffer);
	amf0_put_string(&w, name);
	amf0_put_number(&w, transaction);
	amf0_put_null(&w);
	if (level) {
		amf0_begin_object(&w);
		amf0_put_key(&w, "level");
		amf0_put_string(&w, level);
		amf0_put_key(&w, "code");
		amf0_put_string(&w, code);
		amf0_end_object(&w);
	} else {
		amf0_put_number(&w, 1);
	}
	return from_server(MESSAGE_COMMAND_AMF0, buffer, w.length);
}

/* What the session has sent since the last call, as messages for `take`. */
static void sent_by_session(void)
{
	in.count = 0;
	CHECK(feed(session.out, session.out_length));
	session_sent(&session, session.out_length);
}

static void shake_hands(void)
{
	static uint8_t hello[1 + 2 * HANDSHAKE_SIZE];
	size_t i;

	CHECK(rtmp_url_parse(&url, "rtmp://box/gadget/desk?token=t"));
	memset(&picture, 0, sizeof picture);
	session_start(&session, &url, on_picture, NULL);
	CHECK_EQUAL(session.out_length, 1 + HANDSHAKE_SIZE);
	CHECK_EQUAL(session.out[0], 3);
	session_sent(&session, session.out_length);
	hello[0] = 3;
	for (i = 1; i < sizeof hello; i++)
		hello[i] = (uint8_t)(i * 31);
	CHECK(session_feed(&session, hello, 1000));
	CHECK(session_feed(&session, hello + 1000, sizeof hello - 1000));
	CHECK(!memcmp(session.out, hello + 1, HANDSHAKE_SIZE)); /* C2 echoes S1 */
	session_sent(&session, HANDSHAKE_SIZE);
	begin();
}

static void play(void)
{
	shake_hands();
	sent_by_session();
	CHECK_EQUAL(in.count, 1);
	CHECK(memmem(in.body, in.last.length, "connect", 7) && memmem(in.body, in.last.length, "mjpg", 4));
	CHECK(memmem(in.body, in.last.length, "rtmp://box/gadget", 17));
	CHECK(!memmem(in.body, in.last.length, "token", 5)); /* only where it belongs */
	CHECK(reply("_result", 1, "status", "NetConnection.Connect.Success"));
	sent_by_session();
	CHECK(memmem(in.body, in.last.length, "createStream", 12));
	CHECK(reply("_result", 2, NULL, NULL));
	sent_by_session();
	CHECK(memmem(in.body, in.last.length, "desk?token=t", 12));
	CHECK_EQUAL(in.last.stream_id, 1);
	CHECK(reply("onStatus", 0, "status", "NetStream.Play.Reset"));
	CHECK_EQUAL(session.phase, SESSION_STARTING);
	CHECK(reply("onStatus", 0, "status", "NetStream.Play.Start"));
	CHECK_EQUAL(session.phase, SESSION_PLAYING);
}

static void pictures_come_out_of_a_session(void)
{
	static uint8_t body[40005] = {0x93, 'm', 'j', 'p', 'g', 0xff};

	play();
	CHECK(from_server(MESSAGE_VIDEO, body, sizeof body));
	CHECK_EQUAL(picture.count, 1);
	CHECK_EQUAL(picture.length, 40000);
	CHECK_EQUAL(picture.first, 0xff);
	sent_by_session(); /* each is acknowledged */
	CHECK_EQUAL(in.last.type, MESSAGE_ACKNOWLEDGEMENT);
	CHECK_EQUAL(get_be32(in.body), session.received);
	body[0] = 0x17; /* H.264 */
	CHECK(from_server(MESSAGE_VIDEO, body, 100));
	CHECK(from_server(MESSAGE_VIDEO, "\x93hvc1x", 6));
	CHECK(from_server(MESSAGE_VIDEO, "", 0));
	CHECK(from_server(MESSAGE_AUDIO, "aaa", 3));
	CHECK_EQUAL(picture.count, 1);
}

static void reports_go_upstream(void)
{
	const struct session_number numbers[] = {{"fps", 29.97}, {"usbErrors", 0}};
	const struct session_format format = {640, 480, 15};
	const struct session_tally tally = {.webcam = true, .speaker = true};

	shake_hands();
	CHECK(!session_send_format(&session, &format)); /* too early */
	play();
	CHECK(session_send_format(&session, &format));
	sent_by_session();
	CHECK(memmem(in.body, in.last.length, "crosspoint.format", 17) && memmem(in.body, in.last.length, "height", 6));
	CHECK(session_send_tally(&session, &tally));
	sent_by_session();
	CHECK(memmem(in.body, in.last.length, "crosspoint.tally", 16));
	CHECK(memmem(in.body, in.last.length, "webcam\x01\x01", 8) && memmem(in.body, in.last.length, "mic\x01\x00", 5));
	CHECK(session_send_stats(&session, numbers, 2));
	sent_by_session();
	CHECK(memmem(in.body, in.last.length, "usbErrors", 9));
	while (session_send_tally(&session, &tally))
		; /* nobody takes it: refused, never overrun */
	CHECK(session.out_length <= sizeof session.out);
}

static void a_refusal_tells_its_reason(void)
{
	shake_hands();
	CHECK(reply("_result", 1, "status", "NetConnection.Connect.Success"));
	CHECK(reply("_result", 2, NULL, NULL));
	CHECK(!reply("onStatus", 0, "error", "NetStream.Play.StreamNotFound\n"));
	CHECK_EQUAL(session.end, SESSION_REFUSED);
	CHECK_TEXT(session.reason, "NetStream.Play.StreamNotFound?");
	CHECK(!session_feed(&session, (const uint8_t *)"", 0));
	shake_hands();
	CHECK(!reply("_error", 1, "error", "NetConnection.Connect.Rejected"));
	CHECK_EQUAL(session.end, SESSION_REFUSED);
}

static void an_end_and_an_old_box_are_understood(void)
{
	play();
	CHECK(reply("_error", 0, "error", "NetConnection.Call.Failed")); /* does not know our reports */
	CHECK_EQUAL(session.end, SESSION_FINE);
	CHECK(!reply("onStatus", 0, "status", "NetStream.Play.UnpublishNotify"));
	CHECK_EQUAL(session.end, SESSION_ENDED);
}

static void pings_are_answered(void)
{
	play();
	sent_by_session();
	CHECK(from_server(MESSAGE_USER_CONTROL, "\0\6\1\2\3\4", 6));
	sent_by_session();
	CHECK_EQUAL(in.last.type, MESSAGE_USER_CONTROL);
	CHECK(!memcmp(in.body, "\0\7\1\2\3\4", 6));
	CHECK(from_server(MESSAGE_USER_CONTROL, "\0\6", 2));
	CHECK(from_server(MESSAGE_USER_CONTROL, "\0\0\0\0\0\1", 6));
	sent_by_session();
	CHECK_EQUAL(in.count, 0);
}

static void nonsense_ends_the_session(void)
{
	static uint8_t wrong[2000];

	CHECK(rtmp_url_parse(&url, "rtmp://box/gadget/desk"));
	session_start(&session, &url, on_picture, NULL);
	wrong[0] = 'H';
	CHECK(!session_feed(&session, wrong, sizeof wrong));
	CHECK_EQUAL(session.end, SESSION_PROTOCOL_ERROR);
	shake_hands();
	CHECK(!from_server(MESSAGE_COMMAND_AMF0, "\x02\0\x05" "ab", 5));
	CHECK_EQUAL(session.end, SESSION_PROTOCOL_ERROR);
	shake_hands();
	CHECK(!session_feed(&session, (const uint8_t *)"\xc9", 1));
	CHECK_EQUAL(session.end, SESSION_PROTOCOL_ERROR);
}

/* ---- to crosspoint-uvc */

static struct uvc_link uvc;

static int serve_uvc(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	static char path[108];

	snprintf(path, sizeof path, "%s/uvc.sock", check_directory());
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	CHECK(bind(s, (struct sockaddr *)&address, sizeof address) == 0 && listen(s, 4) == 0);
	memset(&uvc, 0, sizeof uvc);
	uvc_link_init(&uvc, path);
	uvc_link_connect(&uvc, NS_PER_S);
	CHECK(uvc.fd >= 0);
	return s;
}

static void read_all(int fd, void *to, size_t n)
{
	CHECK_EQUAL(recv(fd, to, n, MSG_WAITALL), n);
}

static void the_newest_picture_overtakes_the_waiting_one(void)
{
	static uint8_t jpeg[FRAME_MAX], got[FRAME_MAX];
	struct frame_header h;
	int listening = serve_uvc(), fd = accept(listening, NULL, NULL), i;

	for (i = 1; i <= 5; i++) { /* the first is under way, and does not fit the socket */
		memset(jpeg, i, sizeof jpeg);
		uvc_link_picture(&uvc, jpeg, sizeof jpeg);
		uvc_link_flush(&uvc, NS_PER_S);
	}
	CHECK(uvc_link_busy(&uvc));
	CHECK_EQUAL(uvc.replaced, 3);
	for (i = 0; i < 2; i++) {
		size_t at;

		for (at = 0; at < sizeof h;) {
			uvc_link_flush(&uvc, NS_PER_S);
			at += (size_t)recv(fd, (uint8_t *)&h + at, sizeof h - at, 0);
		}
		CHECK(h.magic == FRAME_MAGIC && h.kind == FRAME_PICTURE && h.length == FRAME_MAX);
		for (at = 0; at < h.length;) {
			uvc_link_flush(&uvc, NS_PER_S);
			at += (size_t)recv(fd, got + at, h.length - at, 0);
		}
		CHECK_EQUAL(got[100], i == 0 ? 1 : 5);
	}
	CHECK(!uvc_link_busy(&uvc));
	uvc_link_picture(&uvc, jpeg, 0);
	uvc_link_picture(&uvc, jpeg, FRAME_MAX + 1);
	CHECK(!uvc_link_busy(&uvc));
	close(fd);
	close(listening);
	close(uvc.fd);
}

static void the_state_is_told_when_it_changes_and_regularly(void)
{
	struct frame_header h;
	int listening = serve_uvc(), fd = accept(listening, NULL, NULL);

	uvc_link_state(&uvc, FEEDER_LIVE, NS_PER_S);
	uvc_link_flush(&uvc, NS_PER_S);
	read_all(fd, &h, sizeof h);
	CHECK(h.kind == FRAME_STATE && h.state == FEEDER_LIVE && h.length == 0);
	uvc_link_state(&uvc, FEEDER_LIVE, NS_PER_S + 1);
	CHECK(!uvc_link_busy(&uvc));
	uvc_link_state(&uvc, FEEDER_UNREACHABLE, NS_PER_S + 2);
	uvc_link_flush(&uvc, NS_PER_S);
	read_all(fd, &h, sizeof h);
	CHECK_EQUAL(h.state, FEEDER_UNREACHABLE);
	uvc_link_state(&uvc, FEEDER_UNREACHABLE, NS_PER_S + 2 + FRAME_ALIVE_NS);
	CHECK(uvc_link_busy(&uvc));
	close(fd);
	close(listening);
	close(uvc.fd);
}

static void reports_come_whole_and_the_end_is_noticed(void)
{
	struct frame_report r = {.magic = FRAME_MAGIC, .streaming = 1, .width = 640, .fresh = 7};
	int listening = serve_uvc(), fd = accept(listening, NULL, NULL);

	CHECK_EQUAL(send(fd, &r, 10, 0), 10);
	CHECK(!uvc_link_receive(&uvc, NS_PER_S));
	CHECK_EQUAL(send(fd, (const uint8_t *)&r + 10, sizeof r - 10, 0), sizeof r - 10);
	CHECK(uvc_link_receive(&uvc, NS_PER_S));
	CHECK(uvc.report.streaming == 1 && uvc.report.width == 640 && uvc.report.fresh == 7);
	close(fd);
	CHECK(uvc_link_receive(&uvc, NS_PER_S));
	CHECK(uvc.fd == -1 && uvc.report.streaming == 0);
	uvc_link_connect(&uvc, NS_PER_S);
	CHECK_EQUAL(uvc.fd, -1); /* not at once */
	uvc_link_connect(&uvc, 2 * NS_PER_S);
	CHECK(uvc.fd >= 0);
	fd = accept(listening, NULL, NULL);
	r.magic = 5;
	CHECK_EQUAL(send(fd, &r, sizeof r, 0), sizeof r);
	CHECK(uvc_link_receive(&uvc, NS_PER_S));
	CHECK_EQUAL(uvc.fd, -1);
	close(fd);
	close(listening);
}

/* ---- the rest */

static void the_audio_tally_is_heard_and_forgotten(void)
{
	struct audio_report r = {.magic = AUDIO_MAGIC, .mic_open = 1};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct audio_tally t;

	snprintf(address.sun_path, sizeof address.sun_path, "%s/audio.sock", check_directory());
	CHECK_EQUAL(audio_tally_listen(&t, address.sun_path), 0);
	CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
	CHECK(!audio_tally_receive(&t, NS_PER_S));
	CHECK_EQUAL(send(s, &r, sizeof r, 0), sizeof r);
	CHECK(audio_tally_receive(&t, NS_PER_S));
	CHECK_EQUAL(send(s, &r, sizeof r, 0), sizeof r);
	CHECK(!audio_tally_receive(&t, 2 * NS_PER_S)); /* no change */
	CHECK(!audio_tally_expire(&t, 3 * NS_PER_S));
	CHECK(audio_tally_expire(&t, 2 * NS_PER_S + AUDIO_SILENT_NS));
	CHECK_EQUAL(t.last.mic_open, 0);
	CHECK(!audio_tally_expire(&t, 9 * NS_PER_S));
	r.magic = 1;
	CHECK_EQUAL(send(s, &r, sizeof r, 0), sizeof r);
	CHECK(!audio_tally_receive(&t, NS_PER_S));
	close(s);
	close(t.fd);
}

static void every_address_has_its_turn(void)
{
	struct addrinfo third = {0}, second = {.ai_next = &third}, first = {.ai_next = &second};

	CHECK(link_address(&first, 0) == &first);
	CHECK(link_address(&first, 1) == &second);
	CHECK(link_address(&first, 2) == &third);
	CHECK(link_address(&first, 3) == &first);
	CHECK(link_address(&third, 7) == &third);
	/* UINT_MAX + 1 turns are not a multiple of 3: that is no harm. */
	CHECK(link_address(&first, UINT_MAX) != NULL);
}

static void pauses_grow_up_to_their_bound(void)
{
	struct backoff b = {0};

	CHECK_EQUAL(backoff_next(&b, NS_PER_S), BACKOFF_FIRST_NS);
	CHECK_EQUAL(backoff_next(&b, NS_PER_S), 2 * BACKOFF_FIRST_NS);
	CHECK_EQUAL(backoff_next(&b, NS_PER_S), 4 * BACKOFF_FIRST_NS);
	CHECK_EQUAL(backoff_next(&b, NS_PER_S), NS_PER_S);
	CHECK_EQUAL(backoff_next(&b, 10 * NS_PER_S), 2 * NS_PER_S);
	backoff_reset(&b);
	CHECK_EQUAL(backoff_next(&b, NS_PER_S), BACKOFF_FIRST_NS);
}

static void the_led_shows_the_tally(void)
{
	char path[256], text[8] = "";
	struct board b;
	int fd;

	board_open(&b, check_directory());
	CHECK_EQUAL(b.led, -1);
	board_show_tally(&b, true);
	check_file("ACT/trigger", "mmc0\n");
	check_file("ACT/brightness", "0\n");
	board_open(&b, check_directory());
	CHECK(b.led >= 0);
	board_show_tally(&b, true);
	snprintf(path, sizeof path, "%s/ACT/brightness", check_directory());
	fd = open(path, O_RDONLY);
	CHECK(read(fd, text, sizeof text - 1) > 0 && !strncmp(text, "255", 3));
	close(fd);
	close(b.led);
	check_file("temp", "48312\n");
	snprintf(path, sizeof path, "%s/temp", check_directory());
	CHECK(board_temperature(path) > 48.3 && board_temperature(path) < 48.4);
	CHECK(board_temperature("/nonexistent") < 0);
}

static double number_named(const struct statistics *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!strcmp(s->number[i].name, name))
			return s->number[i].value;
	return -1;
}

static void statistics_count_per_second(void)
{
	static struct statistics s;
	const struct link_quality q = {.rtt_ms = 1.5};
	struct audio_tally audio = {.fd = -1};

	memset(&uvc, 0, sizeof uvc);
	uvc.report = (struct frame_report){.fresh = 100, .repeated = 10, .slates = 5};
	statistics_gather(&s, &uvc, &audio, &q, -1, 10 * NS_PER_S);
	CHECK(number_named(&s, "fps") == 0 && number_named(&s, "temperatureC") == -1);
	uvc.report.fresh = 150;
	uvc.report.repeated = 20;
	audio.heard_at = 12 * NS_PER_S;
	audio.last.mic.latency_ms = 21.5;
	statistics_gather(&s, &uvc, &audio, &q, 48, 12 * NS_PER_S);
	CHECK(number_named(&s, "fps") == 30 && number_named(&s, "freshFps") == 25);
	CHECK(number_named(&s, "micLatencyMs") == 21.5 && number_named(&s, "temperatureC") == 48);
	uvc.report.fresh = 0; /* a new crosspoint-uvc */
	uvc.report.repeated = 0;
	statistics_gather(&s, &uvc, &audio, &q, 48, 13 * NS_PER_S);
	CHECK(number_named(&s, "fps") == 0);
	CHECK(s.count < STATISTICS_MAX);
}

const struct test video_tests[] = {
	{"an RTMP address is taken apart", an_address_is_taken_apart},
	{"a bad RTMP address is refused", a_bad_address_is_refused},
	{"AMF0 that is written can be read", what_is_written_can_be_read},
	{"AMF0 that is cut anywhere fails cleanly", every_cut_fails_cleanly},
	{"AMF0 depth and counts are bounded", depth_and_counts_are_bounded},
	{"a full AMF0 buffer is noticed", a_full_buffer_is_noticed},
	{"messages arrive in any pieces", messages_arrive_in_any_pieces},
	{"all chunk formats are understood", all_chunk_formats_are_understood},
	{"long chunk stream ids and extended times are understood", long_chunk_stream_ids_and_extended_times},
	{"messages may be interleaved", messages_may_be_interleaved},
	{"chunk size and abort are obeyed", chunk_size_and_abort_are_obeyed},
	{"breaches of the chunk stream end the reading", breaches_end_the_reading},
	{"pictures come out of a session, and are acknowledged", pictures_come_out_of_a_session},
	{"reports go upstream, and never overrun", reports_go_upstream},
	{"a refusal tells its reason", a_refusal_tells_its_reason},
	{"an end, and a box that knows no reports, are understood", an_end_and_an_old_box_are_understood},
	{"pings are answered", pings_are_answered},
	{"nonsense ends the session", nonsense_ends_the_session},
	{"the newest picture overtakes the one that waits", the_newest_picture_overtakes_the_waiting_one},
	{"the state is told when it changes and regularly", the_state_is_told_when_it_changes_and_regularly},
	{"reports come whole, and the end is noticed", reports_come_whole_and_the_end_is_noticed},
	{"the audio tally is heard, and forgotten after a silence", the_audio_tally_is_heard_and_forgotten},
	{"each address of a box has its turn", every_address_has_its_turn},
	{"pauses grow up to their bound", pauses_grow_up_to_their_bound},
	{"the LED shows the tally", the_led_shows_the_tally},
	{"statistics count per second", statistics_count_per_second},
	{NULL, NULL},
};
