#include "check.h"

#include "uvc/feeder.h"
#include "uvc/jpeg.h"
#include "uvc/keep.h"
#include "uvc/modes.h"
#include "uvc/pacing.h"
#include "uvc/request.h"
#include "uvc/show.h"
#include "uvc/slates.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define S NS_PER_S
#define MS NS_PER_MS

static const uint32_t I30 = 333333, I15 = 666666;

static const struct modes two_modes = {
	.mode = {{.width = 1280, .height = 720, .frame_index = 1, .max_bytes = 1843200, .default_interval = 333333,
		  .intervals = {333333, 666666}, .interval_count = 2},
		 {.width = 640, .height = 480, .frame_index = 2, .max_bytes = 614400, .default_interval = 333333,
		  .intervals = {333333, 666666}, .interval_count = 2}},
	.count = 2,
	.first = 0,
	.format_index = 1,
	.bcd_uvc = 0x0110,
	.clock_hz = 48000000,
	.max_packet = 1024,
	.service_interval = 2,
};

/* ---- JPEG */

static size_t make_jpeg(uint8_t *out, uint16_t width, uint16_t height, size_t padding)
{
	static const uint8_t sof[] = {0xff, 0xc0, 0x00, 0x11, 8};
	size_t n = 0, i;

	out[n++] = 0xff;
	out[n++] = 0xd8;
	out[n++] = 0xff; /* a comment first */
	out[n++] = 0xfe;
	out[n++] = (uint8_t)((padding + 2) >> 8);
	out[n++] = (uint8_t)(padding + 2);
	for (i = 0; i < padding; i++)
		out[n++] = (uint8_t)i;
	memcpy(out + n, sof, sizeof sof);
	n += sizeof sof;
	out[n++] = (uint8_t)(height >> 8);
	out[n++] = (uint8_t)height;
	out[n++] = (uint8_t)(width >> 8);
	out[n++] = (uint8_t)width;
	memset(out + n, 0, 10);
	n += 10;
	out[n++] = 0xff;
	out[n++] = 0xd9;
	return n;
}

static void a_jpeg_tells_its_size(void)
{
	uint8_t jpeg[4096];
	struct jpeg_size size = {0};
	size_t n = make_jpeg(jpeg, 1280, 720, 1000);

	CHECK(jpeg_read_size(jpeg, n, &size));
	CHECK_EQUAL(size.width, 1280);
	CHECK_EQUAL(size.height, 720);
}

static void a_cut_jpeg_is_refused(void)
{
	uint8_t jpeg[4096];
	struct jpeg_size size;
	size_t n = make_jpeg(jpeg, 640, 480, 200), cut;

	for (cut = 0; cut < n; cut++)
		CHECK(!jpeg_read_size(jpeg, cut, &size));
	jpeg[n - 1] = 0;
	CHECK(!jpeg_read_size(jpeg, n, &size));
}

static void every_slate_fits_its_size(void)
{
	const struct slate *s;
	struct jpeg_size size;
	int n = 0;

	for (s = slates; s->jpeg; s++, n++) {
		CHECK(jpeg_read_size(s->jpeg, s->length, &size));
		CHECK_EQUAL(size.width, s->width);
		CHECK_EQUAL(size.height, s->height);
		CHECK(s->length < 34000); /* the slowest budget at 30 frames a second */
	}
	CHECK_EQUAL(n, 9);
	CHECK(slate_find(1280, 720, FEEDER_UNREACHABLE) && slate_find(640, 480, FEEDER_NO_SIGNAL));
	CHECK(slate_find(640, 360, FEEDER_LIVE) == slate_find(640, 360, FEEDER_WAITING));
	CHECK(!slate_find(1920, 1080, FEEDER_WAITING));
}

/* ---- modes */

static void put_mode(const char *name, const char *w, const char *h, const char *index, const char *intervals)
{
	static const char *const base = "crosspoint/functions/uvc.usb0/streaming/mjpeg/m";
	char path[256];

#define PUT(attribute, value) \
	do { \
		snprintf(path, sizeof path, "%s/%s/%s", base, name, attribute); \
		check_file(path, value); \
	} while (0)
	PUT("wWidth", w);
	PUT("wHeight", h);
	PUT("bFrameIndex", index);
	PUT("dwMaxVideoFrameBufferSize", "1843200\n");
	PUT("dwDefaultFrameInterval", "333333\n");
	PUT("dwFrameInterval", intervals);
#undef PUT
}

static void put_gadget(void)
{
	static const char *const base = "crosspoint/functions/uvc.usb0";
	char path[256];

	snprintf(path, sizeof path, "%s/streaming_maxpacket", base);
	check_file(path, "1024\n");
	snprintf(path, sizeof path, "%s/streaming_interval", base);
	check_file(path, "2\n");
	snprintf(path, sizeof path, "%s/control/header/h/bcdUVC", base);
	check_file(path, "0x0110\n");
	snprintf(path, sizeof path, "%s/control/header/h/dwClockFrequency", base);
	check_file(path, "48000000\n");
	snprintf(path, sizeof path, "%s/streaming/mjpeg/m/bFormatIndex", base);
	check_file(path, "1\n");
	snprintf(path, sizeof path, "%s/streaming/mjpeg/m/bDefaultFrameIndex", base);
	check_file(path, "2\n");
	put_mode("a", "640\n", "480\n", "2\n", "666666\n333333\n");
	put_mode("b", "1280\n", "720\n", "1\n", "333333\n666666\n");
}

static void modes_come_from_configfs(void)
{
	struct modes m;

	put_gadget();
	CHECK(modes_load(&m, check_directory(), "uvc.usb0"));
	CHECK_EQUAL(m.count, 2);
	CHECK_EQUAL(m.mode[0].width, 1280);
	CHECK_EQUAL(m.mode[1].width, 640);
	CHECK_EQUAL(m.mode[1].intervals[0], 333333);
	CHECK_EQUAL(m.first, 1);
	CHECK_EQUAL(m.bcd_uvc, 0x0110);
	CHECK_EQUAL(modes_find(&m, 2), 1);
	CHECK_EQUAL(modes_find(&m, 3), -1);
	CHECK(!modes_load(&m, check_directory(), "uvc.other"));
	CHECK(!modes_load(&m, "/nonexistent", "uvc.usb0"));
}

static void broken_configfs_is_no_mode(void)
{
	struct modes m;

	put_gadget();
	check_file("crosspoint/functions/uvc.usb0/streaming/mjpeg/m/a/dwFrameInterval", "\n");
	check_file("crosspoint/functions/uvc.usb0/streaming/mjpeg/m/b/bFrameIndex", "0\n");
	CHECK(!modes_load(&m, check_directory(), "uvc.usb0"));
	put_gadget();
	check_file("crosspoint/functions/uvc.usb0/streaming_interval", "77\n");
	CHECK(!modes_load(&m, check_directory(), "uvc.usb0"));
}

static void the_budget_is_what_usb_carries(void)
{
	struct modes m = two_modes;

	CHECK_EQUAL(modes_budget(&m, I30), 134933);
	CHECK_EQUAL(modes_budget(&m, I15), 269866);
	m.service_interval = 1;
	CHECK_EQUAL(modes_budget(&m, I30), 269866);
}

static void the_next_longer_interval_is_given(void)
{
	const struct mode *m = &two_modes.mode[0];

	CHECK_EQUAL(mode_interval(m, 0), 333333);
	CHECK_EQUAL(mode_interval(m, 1), 333333);
	CHECK_EQUAL(mode_interval(m, 333333), 333333);
	CHECK_EQUAL(mode_interval(m, 400000), 666666);
	CHECK_EQUAL(mode_interval(m, UINT32_MAX), 666666);
}

/* ---- requests */

#define IN_CLASS 0xa1
#define OUT_CLASS 0x21
#define STREAMING 1

static struct uvc_request_data ask(struct negotiation *n, uint8_t type, uint8_t request, uint8_t selector, uint8_t entity,
				   uint8_t interface, uint16_t length)
{
	const struct usb_ctrlrequest r = {.bRequestType = type,
					  .bRequest = request,
					  .wValue = (uint16_t)(selector << 8),
					  .wIndex = (uint16_t)(entity << 8 | interface),
					  .wLength = length};
	struct uvc_request_data response;

	negotiation_setup(n, &two_modes, &r, &response);
	return response;
}

static struct uvc_streaming_control control_of(const struct uvc_request_data *response)
{
	struct uvc_streaming_control c;

	memcpy(&c, response->data, sizeof c);
	return c;
}

static struct uvc_request_data wish(uint8_t frame, uint32_t interval)
{
	const struct uvc_streaming_control c = {.bmHint = 1, .bFormatIndex = 1, .bFrameIndex = frame, .dwFrameInterval = interval};
	struct uvc_request_data d = {.length = 34};

	memcpy(d.data, &c, sizeof c);
	return d;
}

static void the_client_negotiates_a_mode(void)
{
	struct negotiation n;
	struct uvc_request_data r, d;
	struct uvc_streaming_control c;

	negotiation_reset(&n, &two_modes);
	CHECK(negotiation_valid(&n, &two_modes));
	r = ask(&n, OUT_CLASS, UVC_SET_CUR, UVC_VS_PROBE_CONTROL, 0, STREAMING, 34);
	CHECK_EQUAL(r.length, 34);
	d = wish(2, 666666);
	CHECK(!negotiation_data(&n, &two_modes, &d));
	r = ask(&n, IN_CLASS, UVC_GET_CUR, UVC_VS_PROBE_CONTROL, 0, STREAMING, 34);
	CHECK_EQUAL(r.length, 34);
	c = control_of(&r);
	CHECK_EQUAL(c.bFrameIndex, 2);
	CHECK_EQUAL(c.dwFrameInterval, 666666);
	CHECK_EQUAL(c.dwMaxVideoFrameSize, 614400);
	CHECK_EQUAL(c.dwMaxPayloadTransferSize, 1024);
	CHECK_EQUAL(n.commit.bFrameIndex, 1); /* a probe commits nothing */
	ask(&n, OUT_CLASS, UVC_SET_CUR, UVC_VS_COMMIT_CONTROL, 0, STREAMING, 34);
	CHECK(negotiation_data(&n, &two_modes, &d));
	CHECK_EQUAL(n.commit.bFrameIndex, 2);
	CHECK_EQUAL(n.commit.dwFrameInterval, 666666);
}

static void an_impossible_wish_gets_the_nearest(void)
{
	struct negotiation n;
	struct uvc_request_data d = wish(9, 123);

	negotiation_reset(&n, &two_modes);
	ask(&n, OUT_CLASS, UVC_SET_CUR, UVC_VS_COMMIT_CONTROL, 0, STREAMING, 26);
	d.length = 26;
	CHECK(negotiation_data(&n, &two_modes, &d));
	CHECK_EQUAL(n.commit.bFrameIndex, 1);
	CHECK_EQUAL(n.commit.dwFrameInterval, 333333);
}

static void limits_and_lengths_are_answered(void)
{
	struct negotiation n;
	struct uvc_request_data r;

	negotiation_reset(&n, &two_modes);
	r = ask(&n, IN_CLASS, UVC_GET_LEN, UVC_VS_PROBE_CONTROL, 0, STREAMING, 2);
	CHECK(r.length == 2 && r.data[0] == 34 && r.data[1] == 0);
	r = ask(&n, IN_CLASS, UVC_GET_INFO, UVC_VS_PROBE_CONTROL, 0, STREAMING, 1);
	CHECK(r.length == 1 && r.data[0] == 3);
	r = ask(&n, IN_CLASS, UVC_GET_MIN, UVC_VS_PROBE_CONTROL, 0, STREAMING, 34);
	CHECK_EQUAL(control_of(&r).bFrameIndex, 1);
	r = ask(&n, IN_CLASS, UVC_GET_MAX, UVC_VS_PROBE_CONTROL, 0, STREAMING, 34);
	CHECK_EQUAL(control_of(&r).bFrameIndex, 2);
	CHECK_EQUAL(control_of(&r).dwFrameInterval, 666666);
	r = ask(&n, IN_CLASS, UVC_GET_DEF, UVC_VS_COMMIT_CONTROL, 0, STREAMING, 34);
	CHECK_EQUAL(control_of(&r).bFrameIndex, 1);
	r = ask(&n, IN_CLASS, UVC_GET_RES, UVC_VS_PROBE_CONTROL, 0, STREAMING, 34);
	CHECK_EQUAL(control_of(&r).bFrameIndex, 0);
}

static void what_is_not_offered_stalls_with_a_reason(void)
{
	struct negotiation n;
	struct uvc_request_data r;

	negotiation_reset(&n, &two_modes);
	r = ask(&n, IN_CLASS, UVC_GET_CUR, 2, 1, 0, 4); /* exposure of the camera terminal */
	CHECK(r.length < 0);
	r = ask(&n, IN_CLASS, UVC_GET_CUR, UVC_VC_REQUEST_ERROR_CODE_CONTROL, 0, 0, 1);
	CHECK(r.length == 1 && r.data[0] == 5);
	r = ask(&n, IN_CLASS, UVC_GET_CUR, UVC_VC_REQUEST_ERROR_CODE_CONTROL, 0, 0, 1);
	CHECK(r.length == 1 && r.data[0] == 0);
	r = ask(&n, IN_CLASS, UVC_GET_CUR, 9, 0, STREAMING, 4);
	CHECK(r.length < 0 && n.error_code == 6);
	r = ask(&n, IN_CLASS, 0x99, UVC_VS_PROBE_CONTROL, 0, STREAMING, 4);
	CHECK(r.length < 0 && n.error_code == 7);
	r = ask(&n, IN_CLASS, UVC_SET_CUR, UVC_VS_PROBE_CONTROL, 0, STREAMING, 34);
	CHECK(r.length < 0 && n.error_code == 7);
	r = ask(&n, 0x80, UVC_GET_CUR, UVC_VS_PROBE_CONTROL, 0, STREAMING, 34); /* no class request */
	CHECK(r.length < 0);
}

static void data_without_a_question_changes_nothing(void)
{
	struct negotiation n, before;
	struct uvc_request_data d = wish(2, 666666);

	negotiation_reset(&n, &two_modes);
	before = n;
	CHECK(!negotiation_data(&n, &two_modes, &d));
	CHECK(!memcmp(&n, &before, sizeof n));
	ask(&n, OUT_CLASS, UVC_SET_CUR, UVC_VS_COMMIT_CONTROL, 0, STREAMING, 34);
	d.length = 7;
	CHECK(!negotiation_data(&n, &two_modes, &d));
	ask(&n, OUT_CLASS, UVC_SET_CUR, UVC_VS_COMMIT_CONTROL, 0, STREAMING, 34);
	d.length = 61;
	CHECK(!negotiation_data(&n, &two_modes, &d));
	CHECK_EQUAL(n.commit.bFrameIndex, 1);
}

static void a_stored_state_of_another_gadget_is_not_valid(void)
{
	struct negotiation n;
	struct modes other = two_modes;

	negotiation_reset(&n, &two_modes);
	n.commit.bFrameIndex = 2;
	other.count = 1;
	CHECK(!negotiation_valid(&n, &other));
	n.commit.bFrameIndex = 1;
	n.commit.dwFrameInterval = 12345;
	CHECK(!negotiation_valid(&n, &two_modes));
}

/* ---- pacing */

/* Send everything that pacing allows for 10 s, with a source of the given rate (0: none). Returns frames sent. */
static int paced(ns_t interval, double source_fps, int *fresh_sent)
{
	struct pacing p;
	ns_t now = 0, next_source = source_fps > 0 ? 0 : INT64_MAX;
	int sent = 0;
	bool fresh = false;

	*fresh_sent = 0;
	pacing_start(&p, 0, interval);
	for (now = 0; now < 10 * S; now += MS) {
		if (now >= next_source) {
			fresh = true;
			next_source += (ns_t)((double)S / source_fps);
		}
		if (now >= pacing_next(&p, fresh)) {
			pacing_sent(&p, now, fresh);
			sent++;
			*fresh_sent += fresh;
			fresh = false;
		}
	}
	return sent;
}

static void the_rate_is_nominal_whatever_the_source_does(void)
{
	const ns_t i30 = I30 * 100LL, i15 = I15 * 100LL;
	int fresh, n;

	n = paced(i30, 0, &fresh);
	CHECK(n >= 298 && n <= 301 && fresh == 0);
	n = paced(i30, 30, &fresh);
	CHECK(n >= 298 && n <= 302 && fresh >= 298);
	n = paced(i30, 25, &fresh);
	CHECK(n >= 245 && n <= 303 && fresh >= 245); /* nearly as fast: no picture is shown twice for it */
	n = paced(i30, 10, &fresh);
	CHECK(n >= 290 && n <= 303 && fresh >= 98);
	n = paced(i30, 60, &fresh);
	CHECK(n >= 298 && n <= 306);
	n = paced(i15, 30, &fresh);
	CHECK(n >= 148 && n <= 154);
	n = paced(i15, 30.3, &fresh);
	CHECK(n >= 148 && n <= 154);
}

static void after_a_sleep_nothing_is_caught_up(void)
{
	struct pacing p;

	pacing_start(&p, 0, 33 * MS);
	pacing_sent(&p, 5 * S, false);
	CHECK(pacing_next(&p, true) > 5 * S);
}

/* ---- what is shown */

static struct keep *new_keep(int *fd)
{
	*fd = -1;
	return keep_open(fd);
}

static void put_picture(struct keep *k, struct show *s, uint16_t width, uint16_t height, ns_t now)
{
	size_t n = make_jpeg(keep_incoming(k)->jpeg, width, height, 100);

	keep_publish(k, (uint32_t)n, now);
	show_picture(s, now);
}

static void free_keep(struct keep *k, int fd)
{
	munmap(k, sizeof *k);
	close(fd);
}

static const struct slate *shown_slate(const struct shown *s)
{
	const struct slate *l;

	for (l = slates; l->jpeg; l++)
		if (l->jpeg == s->jpeg)
			return l;
	return NULL;
}

static void the_newest_picture_is_shown_then_repeated(void)
{
	int fd;
	struct keep *k = new_keep(&fd);
	struct show s = {0};
	struct shown x;

	show_start(&s, k, &two_modes.mode[0], 10 * S);
	put_picture(k, &s, 1280, 720, 10 * S);
	CHECK(show_is_fresh(&s));
	x = show_next(&s, k, 10 * S);
	CHECK(x.fresh && !x.slate && x.jpeg == keep_newest(k)->jpeg);
	CHECK(!show_is_fresh(&s));
	x = show_next(&s, k, 10 * S + 33 * MS);
	CHECK(!x.fresh && !x.slate && x.jpeg == keep_newest(k)->jpeg);
	free_keep(k, fd);
}

static void a_still_picture_stays_as_long_as_the_feeder_speaks(void)
{
	int fd;
	struct keep *k = new_keep(&fd);
	struct show s = {0};
	struct shown x;
	ns_t t;

	show_start(&s, k, &two_modes.mode[0], 0);
	put_picture(k, &s, 1280, 720, 0);
	for (t = 0; t < 60 * S; t += 100 * MS) {
		show_heard(&s, FEEDER_LIVE, t);
		show_expire(&s, k, t);
		x = show_next(&s, k, t);
		CHECK(!x.slate);
	}
	free_keep(k, fd);
}

static void a_silent_feeder_gets_the_slate_and_loses_its_picture(void)
{
	int fd;
	struct keep *k = new_keep(&fd);
	struct show s = {0};
	struct shown x;
	ns_t erase;

	show_start(&s, k, &two_modes.mode[0], 10 * S);
	put_picture(k, &s, 1280, 720, 10 * S);
	x = show_next(&s, k, 10 * S + FRAME_SILENT_NS);
	CHECK(!x.slate);
	x = show_next(&s, k, 10 * S + FRAME_SILENT_NS + MS);
	CHECK(x.slate && shown_slate(&x)->state == FEEDER_WAITING);
	erase = show_expire(&s, k, 11 * S);
	CHECK(erase > 11 * S && keep_newest(k)->length > 0);
	CHECK_EQUAL(show_expire(&s, k, erase), 0);
	CHECK_EQUAL(keep_newest(k)->length, 0);
	CHECK_EQUAL(keep_newest(k)->jpeg[0], 0); /* really gone */
	free_keep(k, fd);
}

static void a_lost_box_gets_its_slate_after_a_short_hold(void)
{
	int fd;
	struct keep *k = new_keep(&fd);
	struct show s = {0};
	struct shown x;

	show_start(&s, k, &two_modes.mode[1], 10 * S);
	put_picture(k, &s, 640, 480, 10 * S);
	show_heard(&s, FEEDER_WAITING, 10 * S + 100 * MS);
	x = show_next(&s, k, 10 * S + 110 * MS);
	CHECK(!x.slate);
	show_heard(&s, FEEDER_UNREACHABLE, 11 * S);
	x = show_next(&s, k, 11 * S);
	CHECK(x.slate && shown_slate(&x)->state == FEEDER_UNREACHABLE && shown_slate(&x)->width == 640);
	show_heard(&s, FEEDER_NO_SIGNAL, 12 * S);
	x = show_next(&s, k, 12 * S);
	CHECK(shown_slate(&x)->state == FEEDER_NO_SIGNAL);
	free_keep(k, fd);
}

static void a_client_that_opens_never_sees_the_past(void)
{
	int fd;
	struct keep *k = new_keep(&fd);
	struct show s = {0};
	struct shown x;

	show_start(&s, k, &two_modes.mode[0], 0);
	put_picture(k, &s, 1280, 720, 10 * S);
	show_heard(&s, FEEDER_LIVE, 20 * S);
	show_start(&s, k, &two_modes.mode[0], 20 * S);
	x = show_next(&s, k, 20 * S);
	CHECK(x.slate);
	put_picture(k, &s, 1280, 720, 21 * S);
	show_start(&s, k, &two_modes.mode[1], 21 * S); /* another size */
	x = show_next(&s, k, 21 * S);
	CHECK(x.slate && shown_slate(&x)->width == 640);
	free_keep(k, fd);
}

/* ---- what survives */

static void a_successor_finds_the_picture(void)
{
	int fd, again;
	struct keep *k = new_keep(&fd), *next;
	struct show s = {0};

	put_picture(k, &s, 1280, 720, 10 * S);
	k->streaming = 1;
	k->negotiation.commit.bFrameIndex = 2;
	again = dup(fd);
	free_keep(k, fd);
	next = keep_open(&again);
	CHECK(next->streaming == 1 && next->negotiation.commit.bFrameIndex == 2 && keep_newest(next)->length > 0);
	free_keep(next, again);
}

static void a_torn_or_foreign_memory_is_not_believed(void)
{
	int fd, again;
	struct keep *k = new_keep(&fd);

	keep_publish(k, 77, S); /* no JPEG is there */
	again = dup(fd);
	free_keep(k, fd);
	k = keep_open(&again);
	CHECK_EQUAL(keep_newest(k)->length, 0);
	k->magic = 1;
	k->streaming = 1;
	fd = dup(again);
	free_keep(k, again);
	k = keep_open(&fd);
	CHECK_EQUAL(k->streaming, 0);
	free_keep(k, fd);
	fd = memfd_create("short", 0);
	k = keep_open(&fd);
	CHECK(k != NULL);
	free_keep(k, fd);
}

/* ---- feeder */

static struct feeder feeder;

static int connect_feeder(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s/uvc.sock", check_directory());
	if (feeder.listening <= 0)
		CHECK_EQUAL(feeder_listen(&feeder, address.sun_path), 0);
	CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
	CHECK(feeder_accept(&feeder));
	return s;
}

static void end_feeder(void)
{
	feeder_drop(&feeder);
	close(feeder.listening);
	feeder.listening = -1;
}

static void send_frame(int s, uint16_t width, uint16_t height, size_t step, struct keep *keep, struct show *show,
		       uint32_t budget)
{
	static uint8_t message[8192];
	struct frame_header h = {.magic = FRAME_MAGIC, .kind = FRAME_PICTURE, .state = FEEDER_LIVE};
	size_t n = make_jpeg(message + sizeof h, width, height, 3000), at, k;

	h.length = (uint32_t)n;
	memcpy(message, &h, sizeof h);
	n += sizeof h;
	for (at = 0; at < n; at += k) {
		k = n - at < step ? n - at : step;
		CHECK_EQUAL(send(s, message + at, k, 0), k);
		CHECK(feeder_read(&feeder, keep, show, budget, S));
	}
}

static void pictures_arrive_in_any_pieces(void)
{
	int fd, s = connect_feeder();
	struct keep *k = new_keep(&fd);
	struct show show = {0};
	size_t step;

	show_start(&show, k, &two_modes.mode[0], 0);
	for (step = 1; step < 4000; step = step * 3 + 1) {
		send_frame(s, 1280, 720, step, k, &show, 100000);
		CHECK(keep_newest(k)->length > 3000);
		CHECK(show_is_fresh(&show));
		show_next(&show, k, S);
	}
	CHECK_EQUAL(feeder.rejected, 0);
	send_frame(s, 640, 480, 10000, k, &show, 100000);
	CHECK_EQUAL(feeder.rejected, 1);
	CHECK(!show_is_fresh(&show));
	send_frame(s, 1280, 720, 10000, k, &show, 1000);
	CHECK_EQUAL(feeder.over_budget, 1);
	close(s);
	CHECK(!feeder_read(&feeder, k, &show, 1000, S));
	CHECK_EQUAL(feeder.fd, -1);
	free_keep(k, fd);
	end_feeder();
}

static void what_no_buffer_holds_is_not_shown(void)
{
	struct mode small = two_modes.mode[0];
	int fd, s = connect_feeder();
	struct keep *k = new_keep(&fd);
	struct show show = {0};
	const uint64_t rejected = feeder.rejected;

	small.max_bytes = 3000;
	show_start(&show, k, &small, 0);
	send_frame(s, 1280, 720, 10000, k, &show, 100000);
	CHECK_EQUAL(feeder.rejected, rejected + 1);
	CHECK(!show_is_fresh(&show));
	CHECK(show_next(&show, k, S).slate); /* the camera goes on */
	close(s);
	free_keep(k, fd);
	end_feeder();
}

static void a_bad_header_ends_the_feeder_alone(void)
{
	static const struct frame_header bad[] = {
		{.magic = 1, .kind = FRAME_PICTURE, .length = 100},
		{.magic = FRAME_MAGIC, .kind = FRAME_PICTURE, .length = FRAME_MAX + 1},
		{.magic = FRAME_MAGIC, .kind = FRAME_PICTURE, .length = 0},
		{.magic = FRAME_MAGIC, .kind = FRAME_STATE, .length = 1},
		{.magic = FRAME_MAGIC, .kind = 9, .length = 1},
		{.magic = FRAME_MAGIC, .kind = FRAME_STATE, .state = 99},
	};
	struct show show = {0};
	int fd;
	struct keep *k = new_keep(&fd);
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		int s = connect_feeder();

		CHECK_EQUAL(send(s, &bad[i], sizeof bad[i], 0), sizeof bad[i]);
		CHECK(!feeder_read(&feeder, k, &show, 1000, S));
		close(s);
	}
	free_keep(k, fd);
	end_feeder();
}

static void a_new_feeder_replaces_the_old_one(void)
{
	struct frame_header alive = {.magic = FRAME_MAGIC, .kind = FRAME_STATE, .state = FEEDER_NO_SIGNAL};
	struct frame_report report = {.magic = FRAME_MAGIC, .width = 1280}, got;
	int fd, first = connect_feeder(), second = connect_feeder();
	struct keep *k = new_keep(&fd);
	struct show show = {0};
	char byte;

	CHECK_EQUAL(recv(first, &byte, 1, 0), 0);
	CHECK_EQUAL(send(second, &alive, sizeof alive, 0), sizeof alive);
	CHECK(feeder_read(&feeder, k, &show, 1000, S));
	CHECK_EQUAL(show.state, FEEDER_NO_SIGNAL);
	feeder_report(&feeder, &report);
	CHECK_EQUAL(recv(second, &got, sizeof got, 0), sizeof got);
	CHECK_EQUAL(got.width, 1280);
	while (feeder.fd >= 0) /* it does not read: in the end it is dropped */
		feeder_report(&feeder, &report);
	close(first);
	close(second);
	free_keep(k, fd);
	end_feeder();
}

const struct test uvc_tests[] = {
	{"a JPEG tells its size", a_jpeg_tells_its_size},
	{"a JPEG that is cut anywhere is refused", a_cut_jpeg_is_refused},
	{"every slate is a JPEG of its size, small enough for every budget", every_slate_fits_its_size},
	{"modes are read from configfs", modes_come_from_configfs},
	{"broken configfs values make no mode", broken_configfs_is_no_mode},
	{"the budget is what USB carries", the_budget_is_what_usb_carries},
	{"an interval that is not offered becomes the next longer one", the_next_longer_interval_is_given},
	{"the client negotiates a mode", the_client_negotiates_a_mode},
	{"an impossible wish gets the nearest mode", an_impossible_wish_gets_the_nearest},
	{"limits, defaults and lengths are answered", limits_and_lengths_are_answered},
	{"what is not offered stalls, and the reason can be asked for", what_is_not_offered_stalls_with_a_reason},
	{"data that nobody asked for changes nothing", data_without_a_question_changes_nothing},
	{"a stored negotiation of another gadget is not valid", a_stored_state_of_another_gadget_is_not_valid},
	{"the frame rate is nominal whatever the source does", the_rate_is_nominal_whatever_the_source_does},
	{"after a sleep nothing is caught up", after_a_sleep_nothing_is_caught_up},
	{"the newest picture is shown, then repeated", the_newest_picture_is_shown_then_repeated},
	{"a still picture stays while the feeder speaks", a_still_picture_stays_as_long_as_the_feeder_speaks},
	{"a silent feeder gets the slate and loses its picture", a_silent_feeder_gets_the_slate_and_loses_its_picture},
	{"a lost box gets its slate after a short hold", a_lost_box_gets_its_slate_after_a_short_hold},
	{"a client that opens the camera never sees the past", a_client_that_opens_never_sees_the_past},
	{"a successor finds the picture and the mode", a_successor_finds_the_picture},
	{"a torn or foreign memory is not believed", a_torn_or_foreign_memory_is_not_believed},
	{"pictures arrive in any pieces", pictures_arrive_in_any_pieces},
	{"a picture that no buffer holds is not shown, and stops nothing", what_no_buffer_holds_is_not_shown},
	{"a bad header ends its feeder alone", a_bad_header_ends_the_feeder_alone},
	{"a new feeder replaces the old one, and one that does not read is dropped", a_new_feeder_replaces_the_old_one},
	{NULL, NULL},
};
