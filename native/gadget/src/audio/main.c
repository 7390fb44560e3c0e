/*
 * crosspoint-audio: connects the gadget's sound card with the box's PulseAudio and holds the latency of both directions
 * at its target. One thread, everything non-blocking.
 */
#include "box.h"
#include "card.h"
#include "microphone.h"
#include "speaker.h"

#include "common/audio-link.h"
#include "common/conf.h"
#include "common/log.h"
#include "common/service.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#define TICK_MS 100
#define REPORT_NS NS_PER_S
#define PRIORITY 10 /* above everything ordinary, below the kernel's own threads */
#define SLEPT_NS (500 * NS_PER_MS)
#define TARGET_MIN_MS 10
#define TARGET_MAX_MS 200
#define TARGET_DEFAULT_MS 20
#define DESCRIPTORS_MAX 4

static struct context {
	struct conf conf;
	char server[256], cookie[256], sink[128], source[128], card_name[32];
	int target_ms;

	pa_mainloop *loop;
	pa_mainloop_api *api;
	pa_io_event *watched[2 * DESCRIPTORS_MAX];
	int watched_count;

	struct card card;
	struct speaker speaker;
	struct microphone microphone;
	struct box box;
	const char *report_path;
	int report_fd, signals, timer;
	ns_t now, ticked_at, next_card, next_report, next_watchdog, watchdog_interval;
} context;

static void report(struct context *c)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const struct audio_report r = {.magic = AUDIO_MAGIC,
				       .mic_open = c->card.mic_rate > 0,
				       .speaker_open = c->card.speaker_rate > 0,
				       .card = c->card.control != NULL,
				       .box = c->box.ready,
				       .reconnects = c->box.reconnects,
				       .mic = c->microphone.report,
				       .speaker = c->speaker.report};

	c->next_report = c->now + REPORT_NS;
	gaps_tell(&c->speaker.gaps, c->speaker.stream, &c->speaker.report);
	gaps_tell(&c->microphone.gaps, c->microphone.stream, &c->microphone.report);
	if (strlen(c->report_path) >= sizeof to.sun_path)
		return;
	memcpy(to.sun_path, c->report_path, strlen(c->report_path));
	/* Nobody may listen just now: the next one comes in a second. */
	if (sendto(c->report_fd, &r, sizeof r, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to) < 0)
		return;
}

static void card_gone(struct context *c, int error)
{
	int i;

	log_warning("card: %s", snd_strerror(error));
	for (i = 0; i < c->watched_count; i++)
		c->api->io_free(c->watched[i]);
	c->watched_count = 0;
	card_close(&c->card);
	c->next_card = clock_ns() + CARD_RETRY_NS;
	speaker_tally(&c->speaker, &c->card);
	microphone_tally(&c->microphone);
	report(c);
}

static void tally(struct context *c)
{
	int change = card_poll_tally(&c->card);

	if (change < 0) {
		card_gone(c, change);
		return;
	}
	if (change & CARD_SPEAKER)
		speaker_tally(&c->speaker, &c->card);
	if (change & CARD_MIC)
		microphone_tally(&c->microphone);
	if (change)
		report(c);
}

static void on_control(pa_mainloop_api *api, pa_io_event *event, int fd, pa_io_event_flags_t flags, void *user)
{
	struct context *c = user;

	(void)api, (void)event, (void)fd;
	if (flags & (PA_IO_EVENT_ERROR | PA_IO_EVENT_HANGUP))
		card_gone(c, -ENODEV);
	else
		tally(c);
}

static void on_capture(pa_mainloop_api *api, pa_io_event *event, int fd, pa_io_event_flags_t flags, void *user)
{
	struct context *c = user;
	int e;

	(void)api, (void)event, (void)fd, (void)flags;
	e = speaker_pump(&c->speaker, &c->card);
	if (e < 0)
		card_gone(c, e);
}

static void watch(struct context *c, const struct pollfd *fds, int count, pa_io_event_cb_t callback)
{
	int i;

	for (i = 0; i < count; i++)
		c->watched[c->watched_count++] = c->api->io_new(
			c->api, fds[i].fd, PA_IO_EVENT_INPUT | PA_IO_EVENT_ERROR | PA_IO_EVENT_HANGUP, callback, c);
}

static void open_card(struct context *c)
{
	struct pollfd fds[DESCRIPTORS_MAX];
	int n, e;

	c->next_card = c->now + CARD_RETRY_NS;
	if (card_open(&c->card, c->card_name, c->target_ms) < 0)
		return;
	log_info("card: open");
	n = snd_ctl_poll_descriptors(c->card.control, fds, DESCRIPTORS_MAX);
	watch(c, fds, n, on_control);
	n = snd_pcm_poll_descriptors(c->card.capture, fds, DESCRIPTORS_MAX);
	watch(c, fds, n, on_capture);
	tally(c);
	if (c->card.capture && (e = snd_pcm_start(c->card.capture)) < 0)
		card_gone(c, e);
}

static void on_tick(pa_mainloop_api *api, pa_io_event *event, int fd, pa_io_event_flags_t flags, void *user)
{
	struct context *c = user;
	uint64_t times;
	bool slept;

	(void)api, (void)event, (void)flags;
	if (read(fd, &times, sizeof times) != (ssize_t)sizeof times)
		return;
	c->now = clock_ns();
	slept = c->now - c->ticked_at > SLEPT_NS;
	c->ticked_at = c->now;
	if (!c->card.control && c->now >= c->next_card)
		open_card(c);
	box_tick(&c->box, c->now, slept);
	if (c->card.control) {
		speaker_measure(&c->speaker, &c->card);
		microphone_steer(&c->microphone);
	}
	if (c->now >= c->next_report)
		report(c);
	if (c->watchdog_interval && c->now >= c->next_watchdog) {
		service_notify("WATCHDOG=1", -1);
		c->next_watchdog = c->now + c->watchdog_interval / 2;
	}
}

static void on_signal(pa_mainloop_api *api, pa_io_event *event, int fd, pa_io_event_flags_t flags, void *user)
{
	(void)event, (void)fd, (void)flags, (void)user;
	api->quit(api, 0);
}

/* libasound prints what is normal here: the card comes and goes with the gadget. */
static void say_nothing(const char *file, int line, const char *function, int error, const char *format, ...)
{
	(void)file, (void)line, (void)function, (void)error, (void)format;
}

/* NULL: the key is absent or empty. */
static const char *text(const struct context *c, const char *key, char *out, size_t size)
{
	return conf_get(&c->conf, key, out, size) ? out : NULL;
}

static void configure(struct context *c, const char *conf_path)
{
	int error = conf_load(&c->conf, conf_path);

	if (error < 0)
		log_warning("%s: %s", conf_path, strerror(-error));
	c->box.server = text(c, "pulse_server", c->server, sizeof c->server);
	c->box.cookie = text(c, "pulse_cookie", c->cookie, sizeof c->cookie);
	c->box.sink = text(c, "pulse_sink", c->sink, sizeof c->sink);
	c->box.source = text(c, "pulse_source", c->source, sizeof c->source);
	c->target_ms = (int)conf_number(&c->conf, "audio_target_ms", TARGET_MIN_MS, TARGET_MAX_MS, TARGET_DEFAULT_MS);
	if (!text(c, "card", c->card_name, sizeof c->card_name))
		snprintf(c->card_name, sizeof c->card_name, CARD_NAME);
	if (!c->box.server)
		log_warning("no box is configured");
}

static bool start(struct context *c, const char *conf_path)
{
	/* Not the main loop's own timer, which is of the wall clock: a Pi sets that while we run. */
	const struct itimerspec ticks = {.it_value.tv_nsec = TICK_MS * NS_PER_MS, .it_interval.tv_nsec = TICK_MS * NS_PER_MS};
	const struct sched_param real_time = {.sched_priority = PRIORITY};
	sigset_t stop;

	configure(c, conf_path);
	snd_lib_error_set_handler(say_nothing);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &stop, NULL) < 0 || (c->signals = signalfd(-1, &stop, SFD_CLOEXEC)) < 0 ||
	    (c->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) < 0 ||
	    timerfd_settime(c->timer, 0, &ticks, NULL) < 0 ||
	    (c->report_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0) {
		log_error("start: %s", strerror(errno));
		return false;
	}
	c->loop = pa_mainloop_new();
	if (!c->loop)
		return false;
	c->api = pa_mainloop_get_api(c->loop);
	c->api->io_new(c->api, c->signals, PA_IO_EVENT_INPUT, on_signal, c);
	c->api->io_new(c->api, c->timer, PA_IO_EVENT_INPUT, on_tick, c);
	speaker_init(&c->speaker, c->target_ms);
	microphone_init(&c->microphone, &c->card, c->target_ms);
	c->box.api = c->api;
	c->box.speaker = &c->speaker;
	c->box.microphone = &c->microphone;
	c->now = c->ticked_at = clock_ns();
	c->watchdog_interval = service_watchdog_interval();
	/* Once touched: libpulse reserves 64 MB per connection, of which little is ever used. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		log_warning("memory is not locked: %s", strerror(errno));
	service_notify("READY=1", -1);
	/* Last: what came before takes its time, which a real-time process may not. */
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &real_time) < 0)
		log_warning("no real time: %s", strerror(errno));
	return true;
}

int main(int argc, char **argv)
{
	struct context *c = &context;
	const char *conf = CONF_PATH;
	int option, result = 0;

	c->report_path = AUDIO_SOCKET;
	while ((option = getopt(argc, argv, "c:a:")) != -1) {
		switch (option) {
		case 'c':
			conf = optarg;
			break;
		case 'a':
			c->report_path = optarg;
			break;
		default:
			fprintf(stderr, "usage: crosspoint-audio [-c CONF] [-a AUDIO_SOCKET]\n");
			return 2;
		}
	}
	if (!start(c, conf))
		return 1;
	if (pa_mainloop_run(c->loop, &result) < 0)
		return 1;
	box_disconnect(&c->box);
	pa_mainloop_free(c->loop);
	card_close(&c->card);
	return result;
}
