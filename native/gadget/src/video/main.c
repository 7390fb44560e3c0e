/*
 * crosspoint-video: plays the gadget's stream from the box, hands the pictures to crosspoint-uvc, and reports upstream.
 * It may die or hang at any time: crosspoint-uvc then shows a slate.
 */
#include "audio-tally.h"
#include "backoff.h"
#include "board.h"
#include "link.h"
#include "session.h"
#include "statistics.h"
#include "uvc-link.h"

#include "common/conf.h"
#include "common/log.h"
#include "common/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TICK_NS (50 * NS_PER_MS)
#define STATS_NS NS_PER_S
#define QUIET_NS (100 * NS_PER_MS)       /* then ask for a sign of life */
#define DOUBTFUL_NS (180 * NS_PER_MS)    /* then no longer call the picture live: in 0.7 s the slate comes */
#define DEAD_NS (2 * NS_PER_S)           /* then connect anew */
#define NO_PICTURE_NS (5 * NS_PER_S)     /* the box sends one every 2 s at least, whatever the source */
#define UNREACHABLE_NS (5 * NS_PER_S)
#define RESOLVING_WATCHDOG "WATCHDOG_USEC=60000000"

static struct context {
	struct conf conf;
	struct rtmp_url url;
	bool has_url;

	int fd; /* to the box, or -1 */
	bool connected;
	struct session session;
	struct link_quality quality;
	struct backoff backoff;
	unsigned turn; /* of the box's addresses */
	ns_t next_attempt, attempt_at, up_at, down_at, picture_at;

	struct uvc_link uvc;
	struct audio_tally audio;
	struct board board;
	struct statistics statistics;
	struct session_format format_told;
	struct session_tally tally, tally_told;
	bool tally_known;

	int signals;
	ns_t now, next_tick, next_stats, next_watchdog, watchdog_interval;
} context;

static void before_resolving(void)
{
	service_notify(RESOLVING_WATCHDOG, -1);
}

static void after_resolving(const struct context *c)
{
	char text[64];

	if (c->watchdog_interval && snprintf(text, sizeof text, "WATCHDOG_USEC=%lld\nWATCHDOG=1",
					     (long long)(c->watchdog_interval * 2 / 1000)) > 0)
		service_notify(text, -1);
}

static void on_picture(void *user, const uint8_t *jpeg, uint32_t length)
{
	struct context *c = user;

	c->picture_at = c->now;
	uvc_link_picture(&c->uvc, jpeg, length);
}

static void disconnect(struct context *c, const char *why, ns_t longest_pause)
{
	bool was_up = c->connected && c->session.phase == SESSION_PLAYING;

	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->turn += !c->connected;
	c->connected = false;
	if (was_up) {
		c->down_at = c->now;
		backoff_reset(&c->backoff);
	}
	/* Once, and not for every attempt: the log is not written to a card in vain. */
	if (was_up || longest_pause == BACKOFF_REFUSED_NS)
		log_warning("box: %s", why);
	c->next_attempt = c->now + backoff_next(&c->backoff, longest_pause);
}

static void session_over(struct context *c)
{
	const struct session *s = &c->session;

	switch (s->end) {
	case SESSION_REFUSED:
		disconnect(c, s->reason, BACKOFF_REFUSED_NS);
		return;
	case SESSION_PROTOCOL_ERROR:
		disconnect(c, s->reason, BACKOFF_REFUSED_NS);
		return;
	case SESSION_ENDED:
	case SESSION_OVERFLOW:
	case SESSION_FINE:
		disconnect(c, s->end == SESSION_FINE ? "connection lost" : s->reason, BACKOFF_LOST_NS);
		return;
	}
}

static void attempt(struct context *c)
{
	c->fd = link_connect(&c->url, c->turn, before_resolving);
	after_resolving(c);
	/* Not before: a name server that took its time leaves the box as much as ever. */
	c->now = c->attempt_at = clock_ns();
	if (c->fd < 0)
		disconnect(c, strerror(-c->fd), BACKOFF_LOST_NS);
}

static void begin_session(struct context *c)
{
	int error = link_connected(c->fd);

	if (error < 0) {
		disconnect(c, strerror(-error), BACKOFF_LOST_NS);
		return;
	}
	c->connected = true;
	c->quality = (struct link_quality){0};
	session_start(&c->session, &c->url, on_picture, c);
}

static bool playing(const struct context *c)
{
	return c->connected && c->session.phase == SESSION_PLAYING;
}

static void session_began(struct context *c)
{
	log_info("box: playing from %s", c->url.host);
	backoff_reset(&c->backoff);
	c->up_at = c->picture_at = c->now;
	c->format_told = (struct session_format){0};
	c->tally_known = false;
}

static void box_ready(struct context *c, short what)
{
	bool was_playing = playing(c);

	if (!c->connected) {
		begin_session(c);
		return;
	}
	if (what & (POLLIN | POLLERR | POLLHUP) && !link_receive(c->fd, &c->session)) {
		session_over(c);
		return;
	}
	if (!was_playing && playing(c))
		session_began(c);
}

static enum feeder_state state_now(const struct context *c)
{
	if (playing(c)) {
		if (c->now - c->picture_at > NO_PICTURE_NS)
			return FEEDER_NO_SIGNAL;
		return c->quality.silent > DOUBTFUL_NS ? FEEDER_WAITING : FEEDER_LIVE;
	}
	return c->now - c->down_at > UNREACHABLE_NS ? FEEDER_UNREACHABLE : FEEDER_WAITING;
}

/* Tell the box what has changed; what finds no room is told at the next tick. */
static void tell(struct context *c)
{
	const struct frame_report *r = &c->uvc.report;
	struct session_format format = {.width = r->width, .height = r->height};
	const struct session_tally tally = {.webcam = r->streaming,
					    .mic = c->audio.last.mic_open,
					    .speaker = c->audio.last.speaker_open};

	if (r->interval_100ns)
		format.fps = 10000000.0 / r->interval_100ns;
	if (format.width && (format.width != c->format_told.width || format.height != c->format_told.height ||
			     (int)format.fps != (int)c->format_told.fps) &&
	    session_send_format(&c->session, &format))
		c->format_told = format;
	if (memcmp(&tally, &c->tally, sizeof tally) != 0) {
		c->tally = tally;
		board_show_tally(&c->board, tally.webcam || tally.mic || tally.speaker);
	}
	if ((!c->tally_known || memcmp(&tally, &c->tally_told, sizeof tally) != 0) &&
	    session_send_tally(&c->session, &tally)) {
		c->tally_told = tally;
		c->tally_known = true;
	}
}

static void watch_link(struct context *c)
{
	if (!c->connected) {
		if (c->fd >= 0 && c->now - c->attempt_at > LINK_CONNECT_NS)
			disconnect(c, "does not answer", BACKOFF_LOST_NS);
		return;
	}
	if (!link_measure(c->fd, &c->quality))
		return;
	if (c->quality.silent > DEAD_NS)
		disconnect(c, "silent", BACKOFF_LOST_NS);
	else if (!playing(c) && c->now - c->attempt_at > LINK_HANDSHAKE_NS)
		disconnect(c, "does not play", BACKOFF_LOST_NS);
	else if (c->quality.silent > QUIET_NS)
		session_send_acknowledgement(&c->session);
}

static void tick(struct context *c)
{
	watch_link(c);
	if (audio_tally_expire(&c->audio, c->now))
		log_warning("crosspoint-audio is silent");
	uvc_link_connect(&c->uvc, c->now);
	if (playing(c))
		tell(c);
	if (playing(c) && c->now >= c->next_stats) {
		statistics_gather(&c->statistics, &c->uvc, &c->audio, &c->quality,
				  board_temperature("/sys/class/thermal/thermal_zone0/temp"), c->now);
		session_send_stats(&c->session, c->statistics.number, c->statistics.count);
		c->next_stats = c->now + STATS_NS;
	}
	if (c->watchdog_interval && c->now >= c->next_watchdog) {
		service_notify("WATCHDOG=1", -1);
		c->next_watchdog = c->now + c->watchdog_interval / 2;
	}
	c->next_tick = c->now + TICK_NS;
}

static void flush(struct context *c)
{
	uvc_link_state(&c->uvc, state_now(c), c->now);
	uvc_link_flush(&c->uvc, c->now);
	if (c->connected && !link_send(c->fd, &c->session))
		disconnect(c, "connection lost", BACKOFF_LOST_NS);
}

static int run(struct context *c)
{
	for (;;) {
		struct pollfd p[4];
		struct timespec wait;

		c->now = clock_ns();
		if (c->now >= c->next_tick)
			tick(c);
		if (c->fd < 0 && c->has_url && c->now >= c->next_attempt)
			attempt(c);
		flush(c);
		wait = clock_timespec(c->next_tick - clock_ns());
		p[0] = (struct pollfd){.fd = c->fd, .events = c->connected ? POLLIN : POLLOUT};
		if (c->connected && c->session.out_length)
			p[0].events |= POLLOUT;
		p[1] = (struct pollfd){.fd = c->uvc.fd, .events = POLLIN};
		if (uvc_link_busy(&c->uvc))
			p[1].events |= POLLOUT;
		p[2] = (struct pollfd){.fd = c->audio.fd, .events = POLLIN};
		p[3] = (struct pollfd){.fd = c->signals, .events = POLLIN};
		if (ppoll(p, 4, &wait, NULL) < 0 && errno != EINTR) {
			log_error("poll: %s", strerror(errno));
			return 1;
		}
		c->now = clock_ns();
		if (p[3].revents)
			return 0;
		if (p[0].revents)
			box_ready(c, p[0].revents);
		if (p[1].revents & (POLLIN | POLLERR | POLLHUP) && uvc_link_receive(&c->uvc, c->now))
			tell(c);
		if (p[2].revents && audio_tally_receive(&c->audio, c->now))
			tell(c);
	}
}

static bool start(struct context *c, const char *conf_path, const char *uvc_socket, const char *audio_socket)
{
	char url[URL_MAX];
	int error = conf_load(&c->conf, conf_path);
	sigset_t stop;

	if (error < 0)
		log_warning("%s: %s", conf_path, strerror(-error));
	c->has_url = conf_get(&c->conf, "rtmp_url", url, sizeof url);
	if (c->has_url && !rtmp_url_parse(&c->url, url)) {
		log_error("%s: rtmp_url is not usable", conf_path);
		c->has_url = false;
	}
	if (!c->has_url)
		log_warning("no box is configured");
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	if (sigprocmask(SIG_BLOCK, &stop, NULL) < 0 || (c->signals = signalfd(-1, &stop, SFD_CLOEXEC)) < 0) {
		log_error("signals: %s", strerror(errno));
		return false;
	}
	error = audio_tally_listen(&c->audio, audio_socket);
	if (error < 0) {
		log_error("%s: %s", audio_socket, strerror(-error));
		return false;
	}
	c->fd = -1;
	uvc_link_init(&c->uvc, uvc_socket);
	board_open(&c->board, "/sys/class/leds");
	c->now = c->down_at = clock_ns();
	c->watchdog_interval = service_watchdog_interval();
	service_notify("READY=1", -1);
	return true;
}

int main(int argc, char **argv)
{
	const char *conf = CONF_PATH, *uvc = FRAME_SOCKET, *audio = AUDIO_SOCKET;
	int option;

	while ((option = getopt(argc, argv, "c:u:a:")) != -1) {
		switch (option) {
		case 'c':
			conf = optarg;
			break;
		case 'u':
			uvc = optarg;
			break;
		case 'a':
			audio = optarg;
			break;
		default:
			fprintf(stderr, "usage: crosspoint-video [-c CONF] [-u UVC_SOCKET] [-a AUDIO_SOCKET]\n");
			return 2;
		}
	}
	return start(&context, conf, uvc, audio) ? run(&context) : 1;
}
