/*
 * fuzz [SECONDS [SEED]]: throws bytes at everything that reads what others wrote: the RTMP session (handshake, chunks,
 * commands), AMF0, UVC requests, the feeder's socket, JPEG headers, the configuration, addresses. Seeded, so that a
 * failure can be had again; a sanitizer or the checks end the process. Prints `N passed, N failed`.
 */
#include "check.h"

#include "common/bytes.h"
#include "common/conf.h"
#include "uvc/feeder.h"
#include "uvc/jpeg.h"
#include "uvc/request.h"
#include "video/amf0.h"
#include "video/session.h"
#include "video/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint64_t seed;

static uint32_t below(uint32_t n)
{
	return n ? (uint32_t)(check_random(&seed) >> 32) % n : 0;
}

static void must(bool condition, const char *what)
{
	if (!condition) {
		printf("fuzz: %s\n", what);
		abort();
	}
}

/* ---- an RTMP peer that nearly speaks the protocol */

static uint8_t wire[1 << 18];
static size_t wire_length;

static void put_byte(uint8_t b)
{
	if (wire_length < sizeof wire)
		wire[wire_length++] = b;
}

static void put_bytes(const void *p, size_t n)
{
	const uint8_t *b = p;

	while (n--)
		put_byte(*b++);
}

static void put_command(void)
{
	static const char *const names[] = {"_result", "_error", "onStatus", "onBWDone", "close", ""};
	static const char *const codes[] = {"NetStream.Play.Start", "NetStream.Play.Stop", "NetStream.Play.Failed", "x"};
	uint8_t body[600];
	const struct message m = {.type = MESSAGE_COMMAND_AMF0, .stream_id = below(2), .body = body};
	struct message with_length = m;
	struct amf0_writer w;
	uint8_t out[800];
	size_t n;

	amf0_write(&w, body, sizeof body);
	amf0_put_string(&w, names[below(6)]);
	amf0_put_number(&w, below(4));
	if (below(2))
		amf0_put_null(&w);
	if (below(3)) {
		amf0_begin_object(&w);
		amf0_put_key(&w, below(4) ? "level" : "l");
		amf0_put_string(&w, below(4) ? "status" : "error");
		amf0_put_key(&w, below(4) ? "code" : "c");
		amf0_put_string(&w, codes[below(4)]);
		amf0_end_object(&w);
	} else {
		amf0_put_number(&w, below(3));
	}
	while (below(3) == 0 && w.length) /* damage */
		body[below((uint32_t)w.length)] = (uint8_t)below(256);
	with_length.length = (uint32_t)(below(8) ? w.length : below((uint32_t)w.length + 1));
	n = chunks_write(out, sizeof out, CHUNK_SIZE_INITIAL, (uint8_t)(2 + below(4)), &with_length);
	put_bytes(out, n);
}

static void put_chunk(void)
{
	static const uint8_t types[] = {1, 2, 3, 4, 5, 6, 8, 9, 9, 9, 18, 20, 22};
	const uint32_t format = below(4), id = below(8) ? 2 + below(6) : below(64);
	uint32_t length = below(20) ? below(400) : below(0x1000000), i;
	uint8_t number[4];

	put_byte((uint8_t)(format << 6 | id));
	if (id < 2)
		put_byte((uint8_t)below(256));
	if (id == 1)
		put_byte((uint8_t)below(256));
	if (format < 3) {
		put_be24(number, below(10) ? below(1000) : 0xffffff);
		put_bytes(number, 3);
	}
	if (format < 2) {
		put_be24(number, length);
		put_bytes(number, 3);
		put_byte(types[below(sizeof types)]);
	}
	if (format < 1) {
		put_le32(number, below(3));
		put_bytes(number, 4);
	}
	if (length > 128)
		length = 128;
	if (below(3) == 0)
		put_bytes("\x93mjpg", 5);
	for (i = 0; i < length; i++)
		put_byte((uint8_t)below(256));
}

static struct session session;
static struct rtmp_url url;

static void on_picture(void *user, const uint8_t *jpeg, uint32_t length)
{
	uint32_t i, sum = 0;

	(void)user;
	for (i = 0; i < length; i++) /* a sanitizer watches */
		sum += jpeg[i];
	must(sum < UINT32_MAX, "a sum");
}

static void fuzz_session(void)
{
	static const struct session_tally tally = {.webcam = true};
	size_t at = 0;
	uint32_t parts = below(60);

	must(rtmp_url_parse(&url, "rtmp://h/gadget/g?token=t"), "the address");
	session_start(&session, &url, on_picture, NULL);
	session_sent(&session, session.out_length);
	wire_length = 0;
	put_byte(below(50) ? 3 : (uint8_t)below(256));
	while (wire_length < 1 + 2 * HANDSHAKE_SIZE)
		put_byte((uint8_t)wire_length);
	while (parts--) {
		if (below(3))
			put_command();
		else
			put_chunk();
	}
	while (at < wire_length) {
		size_t n = 1 + below(below(4) ? 2000 : 10);

		if (n > wire_length - at)
			n = wire_length - at;
		if (!session_feed(&session, wire + at, n)) {
			must(session.end != SESSION_FINE, "an end has a reason");
			return;
		}
		at += n;
		must(session.out_length <= sizeof session.out, "the output is bounded");
		session_send_tally(&session, &tally);
		if (below(4))
			session_sent(&session, below((uint32_t)session.out_length + 1));
	}
}

static void random_bytes(uint8_t *p, size_t n)
{
	while (n--)
		*p++ = (uint8_t)(below(3) ? below(16) : below(256));
}

/* In memory of exactly that size, so that a sanitizer sees each byte too far. */
static void fuzz_amf0(void)
{
	size_t n = below(120);
	uint8_t *p = malloc(n + 1);
	struct amf0_reader r;
	struct amf0_string s;
	double d;

	random_bytes(p, n);
	amf0_read(&r, p, n);
	while (!r.failed && r.at < r.end) {
		const uint8_t *before = r.at;

		switch (below(4)) {
		case 0: amf0_skip(&r); break;
		case 1: amf0_find_string(&r, "a", &s); break;
		case 2: amf0_read_string(&r, &s); break;
		default: amf0_read_number(&r, &d); break;
		}
		must(r.failed || r.at > before, "AMF0 moves on");
	}
	must(r.at <= r.end, "AMF0 stays inside");
	free(p);
}

static void fuzz_requests(void)
{
	static const struct modes modes = {
		.mode = {{.width = 1280, .height = 720, .frame_index = 1, .max_bytes = 1, .default_interval = 333333,
			  .intervals = {333333, 666666}, .interval_count = 2}},
		.count = 1, .format_index = 1, .bcd_uvc = 0x0110, .max_packet = 1024, .service_interval = 2};
	struct negotiation n;
	int i;

	negotiation_reset(&n, &modes);
	for (i = 0; i < 50; i++) {
		struct usb_ctrlrequest r = {.bRequestType = (uint8_t)(below(3) ? (below(2) ? 0xa1 : 0x21) : below(256)),
					    .bRequest = (uint8_t)(below(3) ? (below(2) ? 0x81 + below(7) : 1) : below(256)),
					    .wValue = (uint16_t)(below(4) ? (1 + below(2)) << 8 : below(65536)),
					    .wIndex = (uint16_t)(below(4) ? below(2) : below(65536)),
					    .wLength = (uint16_t)below(below(2) ? 64 : 65536)};
		struct uvc_request_data d;

		negotiation_setup(&n, &modes, &r, &d);
		must(d.length <= (int)sizeof d.data, "an answer fits");
		random_bytes(d.data, sizeof d.data);
		d.length = (int)below(70) - 4;
		negotiation_data(&n, &modes, &d);
		must(negotiation_valid(&n, &modes), "what is committed is offered");
	}
}

static void fuzz_feeder(void)
{
	static struct keep *keep;
	static int keep_fd = -1;
	struct feeder f = {.listening = -1};
	struct show show = {.width = 640, .height = 360, .max_bytes = 640 * 360 * 2};
	uint8_t bytes[4000];
	int pair[2], i;

	if (!keep)
		keep = keep_open(&keep_fd);
	must(keep && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "sockets");
	f.fd = pair[0];
	for (i = 0; i < 20 && f.fd >= 0; i++) {
		struct frame_header h = {.magic = FRAME_MAGIC,
					 .kind = (uint16_t)(1 + below(2)),
					 .state = (uint16_t)below(5),
					 .length = below(20) ? below(sizeof bytes) : below(UINT32_MAX)};

		if (h.kind == FRAME_STATE && below(4))
			h.length = 0;
		if (below(20) == 0)
			((uint8_t *)&h)[below(sizeof h)] ^= (uint8_t)(1 << below(8));
		must(send(pair[1], &h, sizeof h, 0) == (ssize_t)sizeof h, "send");
		random_bytes(bytes, h.length < sizeof bytes ? h.length : sizeof bytes);
		must(send(pair[1], bytes, h.length < sizeof bytes ? h.length : sizeof bytes, 0) >= 0, "send");
		while (f.fd >= 0 && feeder_read(&f, keep, &show, 1000, NS_PER_S) && below(2))
			;
	}
	feeder_drop(&f);
	close(pair[1]);
}

static void fuzz_texts(void)
{
	size_t n = below(300), i;
	char *p = malloc(n + 1), out[40];
	static struct conf conf;
	struct rtmp_url u;
	struct jpeg_size size;

	for (i = 0; i < n; i++)
		p[i] = "rtmp://[]:?=#\n\r\0ab1.\xff\xd8\xc0\xda\xd9"[below(26)];
	p[n] = '\0';
	if (conf_parse(&conf, p, n))
		conf_get(&conf, "a", out, sizeof out);
	rtmp_url_parse(&u, p);
	if (n > 16) {
		memcpy(p, "\xff\xd8", 2);
		memcpy(p + n - 2, "\xff\xd9", 2);
	}
	jpeg_read_size((uint8_t *)p, n, &size);
	free(p);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
		int share;
	} targets[] = {
		{"RTMP session", fuzz_session, 4}, {"AMF0", fuzz_amf0, 1}, {"UVC requests", fuzz_requests, 1},
		{"feeder socket", fuzz_feeder, 1}, {"texts and JPEG headers", fuzz_texts, 1},
	};
	const double seconds = argc > 1 ? atof(argv[1]) : 8;
	size_t i;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : UINT64_C(0x5eed);
	for (i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		const ns_t until = clock_ns() + (ns_t)(seconds * targets[i].share / 8 * NS_PER_S);
		long rounds = 0;

		while (clock_ns() < until) {
			targets[i].run();
			rounds++;
		}
		printf("  %s: %ld rounds\n", targets[i].name, rounds);
		must(rounds > 10, "too slow to mean anything");
	}
	printf("%zu passed, 0 failed\n", sizeof targets / sizeof targets[0]);
	return 0;
}
