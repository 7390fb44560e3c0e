/*
 * crosspoint-uvc: holds the gadget's video node and never stops sending. As long as this node is open the client
 * computer sees the gadget, sound card included; so the node and the picture are also kept by systemd, and a successor
 * goes on where this process stopped.
 */
#include "device.h"
#include "feeder.h"
#include "pacing.h"

#include "common/log.h"
#include "common/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define IN_FLIGHT_MAX 2 /* more only adds latency */
#define LOOK_FOR_NODE_NS (300 * NS_PER_MS) /* also the pause that the kernel needs between unbinding and opening */
#define REPORT_NS NS_PER_S
#define STORED_NODE "node"
#define STORED_KEEP "keep"

static struct context {
	struct device_names names;
	struct device device;
	struct feeder feeder;
	struct show show;
	struct pacing pacing;
	int keep_fd, signals;
	ns_t now, next_look, next_report, next_watchdog, watchdog_interval;
	uint64_t fresh, repeated, slates;
} context;

static bool streaming(const struct context *c)
{
	return c->device.fd >= 0 && c->device.keep->streaming;
}

static uint32_t budget(const struct context *c)
{
	return modes_budget(&c->device.modes, device_interval(&c->device));
}

static void report(struct context *c)
{
	const struct device *d = &c->device;
	struct frame_report r = {.magic = FRAME_MAGIC,
				 .streaming = streaming(c),
				 .connected = d->connected,
				 .received = c->feeder.received,
				 .rejected = c->feeder.rejected,
				 .over_budget = c->feeder.over_budget,
				 .fresh = c->fresh,
				 .repeated = c->repeated,
				 .slates = c->slates,
				 .errors = d->errors};

	if (d->fd >= 0) {
		r.width = device_mode(d)->width;
		r.height = device_mode(d)->height;
		r.interval_100ns = device_interval(d);
		r.budget_bytes = budget(c);
	}
	feeder_report(&c->feeder, &r);
	c->next_report = c->now + REPORT_NS;
}

static void count(struct context *c, const struct shown *shown)
{
	if (shown->slate)
		c->slates++;
	else if (shown->fresh)
		c->fresh++;
	else
		c->repeated++;
}

static void node_gone(struct context *c, const char *why)
{
	log_info("closing the node: %s", why);
	service_notify("FDSTOREREMOVE=1\nFDNAME=" STORED_NODE, -1);
	device_close(&c->device);
	c->next_look = c->now + LOOK_FOR_NODE_NS;
	report(c);
}

static void show_committed_mode(struct context *c)
{
	show_start(&c->show, c->device.keep, device_mode(&c->device), c->now);
}

static void look_for_node(struct context *c)
{
	c->next_look = c->now + LOOK_FOR_NODE_NS;
	if (!device_open(&c->device, &c->names))
		return;
	if (service_notify("FDSTORE=1\nFDNAME=" STORED_NODE, c->device.fd) < 0)
		log_warning("systemd does not keep the node");
	show_committed_mode(c);
	report(c);
}

static void stream_on(struct context *c)
{
	const struct mode *mode = device_mode(&c->device);
	struct shown first;

	show_committed_mode(c);
	first = show_next(&c->show, c->device.keep, c->now);
	if (!first.jpeg)
		log_error("no slate for %ux%u", mode->width, mode->height);
	if (!device_start(&c->device, first.jpeg, first.length))
		return;
	count(c, &first);
	pacing_start(&c->pacing, c->now, (ns_t)device_interval(&c->device) * 100);
	log_info("streaming %ux%u every %u us", mode->width, mode->height, device_interval(&c->device) / 10);
}

static void handle_events(struct context *c)
{
	enum device_event event;

	while ((event = device_events(&c->device)) != DEVICE_NOTHING) {
		switch (event) {
		case DEVICE_STREAM_ON:
			stream_on(c);
			break;
		case DEVICE_STREAM_OFF:
			device_stop(&c->device);
			log_info("the client has stopped");
			break;
		case DEVICE_GONE:
			node_gone(c, "the client has gone");
			return;
		case DEVICE_CHANGED:
		case DEVICE_NOTHING:
			break;
		}
		report(c);
	}
}

/* Send what is due. The time to be called again. */
static ns_t send_due(struct context *c)
{
	const bool fresh = show_is_fresh(&c->show);
	const ns_t interval = c->pacing.interval;
	ns_t next = pacing_next(&c->pacing, fresh);
	struct shown shown;

	if (c->now < next)
		return next;
	if (c->device.in_flight >= IN_FLIGHT_MAX)
		return c->now + interval; /* POLLOUT wakes us before */
	shown = show_next(&c->show, c->device.keep, c->now);
	if (!shown.jpeg || !device_send(&c->device, shown.jpeg, shown.length))
		return c->now + interval;
	count(c, &shown);
	pacing_sent(&c->pacing, c->now, shown.fresh);
	return pacing_next(&c->pacing, show_is_fresh(&c->show));
}

static ns_t earlier(ns_t a, ns_t b)
{
	return a < b ? a : b;
}

static void keep_watchdog_fed(struct context *c)
{
	if (!c->watchdog_interval || c->now < c->next_watchdog)
		return;
	service_notify("WATCHDOG=1", -1);
	c->next_watchdog = c->now + c->watchdog_interval / 2;
}

/* Everything that time alone brings about. Until when there is nothing to do. */
static ns_t timers(struct context *c)
{
	ns_t wake = c->now + 10 * NS_PER_S, erase;

	if (c->watchdog_interval) {
		keep_watchdog_fed(c);
		wake = earlier(wake, c->next_watchdog);
	}
	if (c->device.fd < 0) {
		if (c->now >= c->next_look)
			look_for_node(c);
		wake = earlier(wake, c->next_look);
	}
	if (streaming(c)) {
		wake = earlier(wake, send_due(c));
		if (c->now >= c->next_report)
			report(c);
		wake = earlier(wake, c->next_report);
	}
	erase = show_expire(&c->show, c->device.keep, c->now);
	return erase ? earlier(wake, erase) : wake;
}

static void node_ready(struct context *c, short what)
{
	if (what & POLLPRI)
		handle_events(c);
	if (c->device.fd >= 0 && what & POLLOUT)
		device_reap(&c->device);
	if (c->device.fd >= 0 && what & (POLLERR | POLLHUP | POLLNVAL) && !device_alive(&c->device))
		node_gone(c, "the gadget was taken down");
}

static int run(struct context *c)
{
	for (;;) {
		struct pollfd p[4];
		struct timespec wait;
		ns_t wake;

		c->now = clock_ns();
		wake = timers(c);
		wait = clock_timespec(wake - clock_ns());
		p[0] = (struct pollfd){.fd = c->device.fd, .events = POLLPRI};
		if (streaming(c) && c->device.in_flight)
			p[0].events |= POLLOUT;
		p[1] = (struct pollfd){.fd = c->feeder.listening, .events = POLLIN};
		p[2] = (struct pollfd){.fd = c->feeder.fd, .events = POLLIN};
		p[3] = (struct pollfd){.fd = c->signals, .events = POLLIN};
		if (ppoll(p, 4, &wait, NULL) < 0 && errno != EINTR) {
			log_error("poll: %s", strerror(errno));
			return 1;
		}
		c->now = clock_ns();
		if (p[3].revents)
			return 0;
		if (p[0].revents)
			node_ready(c, p[0].revents);
		if (p[2].revents && !feeder_read(&c->feeder, c->device.keep, &c->show, budget(c), c->now))
			log_info("the feeder has gone");
		if (p[1].revents && feeder_accept(&c->feeder))
			report(c);
	}
}

static bool start(struct context *c, const char *socket_path)
{
	int node, error;
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	if (sigprocmask(SIG_BLOCK, &stop, NULL) < 0 || (c->signals = signalfd(-1, &stop, SFD_CLOEXEC)) < 0) {
		log_error("signals: %s", strerror(errno));
		return false;
	}
	c->keep_fd = service_stored_fd(STORED_KEEP);
	c->device.keep = keep_open(&c->keep_fd);
	if (!c->device.keep) {
		log_error("no memory for pictures: %s", strerror(errno));
		return false;
	}
	error = feeder_listen(&c->feeder, socket_path);
	if (error < 0) {
		log_error("%s: %s", socket_path, strerror(-error));
		return false;
	}
	c->now = clock_ns();
	c->watchdog_interval = service_watchdog_interval();
	c->device.fd = -1;
	node = service_stored_fd(STORED_NODE);
	if (node >= 0 && device_adopt(&c->device, &c->names, node)) {
		show_adopted(&c->show, device_mode(&c->device), c->now);
		pacing_start(&c->pacing, c->now, (ns_t)device_interval(&c->device) * 100);
	} else {
		service_notify("FDSTOREREMOVE=1\nFDNAME=" STORED_NODE, -1);
		keep_erase_pictures(c->device.keep);
	}
	service_notify("FDSTOREREMOVE=1\nFDNAME=" STORED_KEEP, -1);
	service_notify("FDSTORE=1\nFDPOLL=0\nFDNAME=" STORED_KEEP, c->keep_fd);
	service_notify("READY=1", -1);
	return true;
}

int main(int argc, char **argv)
{
	struct context *c = &context;
	const char *socket_path = FRAME_SOCKET;
	int option;

	c->names = (struct device_names){
		.function = "uvc.usb0", .configfs = CONFIGFS_GADGETS, .video_class = "/sys/class/video4linux"};
	while ((option = getopt(argc, argv, "s:")) != -1) {
		if (option != 's') {
			fprintf(stderr, "usage: crosspoint-uvc [-s SOCKET]\n");
			return 2;
		}
		socket_path = optarg;
	}
	/* Stopping does not close the stream: systemd keeps the node, or drops it and the client sees an unplugging. */
	return start(c, socket_path) ? run(c) : 1;
}
