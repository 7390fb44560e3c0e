/*
 * crosspoint-mixer: the crosspoints of one sound server in one process. It serves the owner who connects to its socket,
 * goes on alone for a while when the owner is gone, and ends with the server.
 */
#include "common/log.h"
#include "desk.h"
#include "owner.h"
#include "resample.h"

#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define REPORT_US PA_USEC_PER_SEC
/* Rounds of what comes in, then there is mixed in any case. */
#define BUSY_MAX 64
#define METERS_US (40 * PA_USEC_PER_MSEC)
/* What was given to the destinations is still being played. */
#define FAREWELL_US (60 * PA_USEC_PER_MSEC)

enum { EXIT_USAGE = 2, EXIT_SERVER_LOST = 3 };

static struct {
	pa_mainloop *loop;
	pa_mainloop_api *api;
	pa_context *context;
	const char *server;
	struct owner owner;
	struct desk desk;
	pa_usec_t linger_us;
	pa_time_event *orphaned, *report, *meters, *farewell;
	bool ready, welcomed, asked;
} mixer;

static void tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	owner_tell(&mixer.owner, format, args);
	va_end(args);
}

static void quit(int status)
{
	mixer.api->quit(mixer.api, status);
}

static void on_farewell(pa_mainloop_api *api, pa_time_event *e, const struct timeval *when, void *user)
{
	(void)api;
	(void)e;
	(void)when;
	(void)user;
	quit(EXIT_SUCCESS);
}

static void say_farewell(void)
{
	desk_silence(&mixer.desk);
	if (!mixer.farewell)
		mixer.farewell = pa_context_rttime_new(mixer.context, pa_rtclock_now() + FAREWELL_US, on_farewell, NULL);
}

static void on_orphaned(pa_mainloop_api *api, pa_time_event *e, const struct timeval *when, void *user)
{
	(void)api;
	(void)e;
	(void)when;
	(void)user;
	log_info("nobody has come back");
	say_farewell();
}

static void on_report(pa_mainloop_api *api, pa_time_event *e, const struct timeval *when, void *user)
{
	(void)api;
	(void)when;
	(void)user;
	if (mixer.welcomed)
		desk_report(&mixer.desk);
	pa_context_rttime_restart(mixer.context, e, pa_rtclock_now() + REPORT_US);
}

static void on_meters(pa_mainloop_api *api, pa_time_event *e, const struct timeval *when, void *user)
{
	(void)api;
	(void)when;
	(void)user;
	desk_levels(&mixer.desk);
	pa_context_rttime_restart(mixer.context, e, pa_rtclock_now() + METERS_US);
}

static void set_meters(bool on)
{
	if (mixer.meters)
		mixer.api->time_free(mixer.meters);
	mixer.meters = on ? pa_context_rttime_new(mixer.context, pa_rtclock_now() + METERS_US, on_meters, NULL) : NULL;
}

/* Both are needed: an owner who has asked, and the server. */
static void welcome(void)
{
	char server[3 * NAME_MAX_BYTES];

	if (!mixer.asked || !mixer.ready || mixer.welcomed)
		return;
	mixer.welcomed = true;
	protocol_word(server, sizeof server, mixer.server);
	tell("mixer %d %d %s", PROTOCOL_VERSION, (int)getpid(), server);
	desk_describe(&mixer.desk);
	tell("ready");
}

static void on_line(char *line)
{
	struct command c;
	const char *wrong = protocol_parse(line, &c);

	if (!wrong && c.kind == COMMAND_HELLO) {
		mixer.asked = true;
		mixer.welcomed = false;
		welcome();
		return;
	}
	if (!wrong && c.kind == COMMAND_QUIT) {
		say_farewell();
		return;
	}
	if (!wrong && !mixer.welcomed)
		wrong = "hello comes first";
	if (wrong) {
		char reason[256];

		protocol_word(reason, sizeof reason, wrong);
		tell("refused %s", reason);
		return;
	}
	switch (c.kind) {
	case COMMAND_PATH:
		desk_add(&mixer.desk, &c);
		break;
	case COMMAND_LEVEL:
		desk_level(&mixer.desk, &c);
		break;
	case COMMAND_RETIRE:
		desk_retire(&mixer.desk, c.id);
		break;
	case COMMAND_METERS:
		set_meters(c.meters);
		break;
	case COMMAND_HELLO:
	case COMMAND_QUIT:
		break;
	}
}

static void on_owner(bool there)
{
	mixer.asked = mixer.welcomed = false;
	set_meters(false);
	if (mixer.orphaned)
		mixer.api->time_free(mixer.orphaned);
	mixer.orphaned =
		there ? NULL : pa_context_rttime_new(mixer.context, pa_rtclock_now() + mixer.linger_us, on_orphaned, NULL);
}

static void on_context(pa_context *context, void *user)
{
	(void)user;
	switch (pa_context_get_state(context)) {
	case PA_CONTEXT_READY:
		mixer.ready = true;
		welcome();
		break;
	case PA_CONTEXT_FAILED:
	case PA_CONTEXT_TERMINATED:
		log_warning("the sound server is lost: %s", pa_strerror(pa_context_errno(context)));
		quit(EXIT_SERVER_LOST);
		break;
	default:
		break;
	}
}

static void on_signal(pa_mainloop_api *api, pa_signal_event *e, int signal, void *user)
{
	(void)api;
	(void)e;
	(void)signal;
	(void)user;
	say_farewell();
}

/* As far as we may: 5 ms are a short time on a busy machine. */
static void hurry(void)
{
	const struct sched_param priority = {.sched_priority = 5};

	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &priority) < 0 && setpriority(PRIO_PROCESS, 0, -11) < 0)
		log_info("no real-time priority: nobody allows it");
}

static pa_context *new_context(const char *cookie)
{
	pa_proplist *properties = pa_proplist_new();
	pa_context *context;

	if (!properties)
		return NULL;
	pa_proplist_sets(properties, PA_PROP_APPLICATION_ID, "dev.crosspoint");
	context = pa_context_new_with_proplist(mixer.api, "Crosspoint mixer", properties);
	pa_proplist_free(properties);
	if (!context)
		return NULL;
	if (cookie && pa_context_load_cookie_from_file(context, cookie) < 0)
		log_warning("%s: not readable", cookie);
	pa_context_set_state_callback(context, on_context, NULL);
	if (pa_context_connect(context, mixer.server, PA_CONTEXT_NOAUTOSPAWN, NULL) < 0) {
		log_error("%s: %s", mixer.server, pa_strerror(pa_context_errno(context)));
		pa_context_unref(context);
		return NULL;
	}
	return context;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"socket", required_argument, NULL, 's'},
						{"server", required_argument, NULL, 'a'},
						{"cookie", required_argument, NULL, 'c'},
						{"linger", required_argument, NULL, 'l'},
						{0}};
	const char *socket = NULL, *cookie = NULL;
	int option, status, error, busy = 0;

	mixer.linger_us = 15 * PA_USEC_PER_SEC;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 's':
			socket = optarg;
			break;
		case 'a':
			mixer.server = optarg;
			break;
		case 'c':
			cookie = optarg;
			break;
		case 'l':
			mixer.linger_us = strtoul(optarg, NULL, 10) * PA_USEC_PER_SEC;
			break;
		default:
			return EXIT_USAGE;
		}
	if (!socket || !mixer.server || optind != argc) {
		fprintf(stderr, "usage: crosspoint-mixer --socket PATH --server ADDRESS [--cookie FILE] [--linger SECONDS]\n");
		return EXIT_USAGE;
	}
	resample_init();
	mixer.loop = pa_mainloop_new();
	if (!mixer.loop)
		return EXIT_FAILURE;
	mixer.api = pa_mainloop_get_api(mixer.loop);
	if (pa_signal_init(mixer.api) < 0)
		return EXIT_FAILURE;
	pa_signal_new(SIGTERM, on_signal, NULL);
	pa_signal_new(SIGINT, on_signal, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	mixer.context = new_context(cookie);
	if (!mixer.context)
		return EXIT_SERVER_LOST;
	mixer.owner.on_line = on_line;
	mixer.owner.on_change = on_owner;
	desk_init(&mixer.desk, mixer.api, mixer.context, tell);
	error = owner_listen(&mixer.owner, mixer.api, socket);
	if (error < 0) {
		log_error("%s: %s", socket, strerror(-error));
		return EXIT_FAILURE;
	}
	on_owner(false);
	mixer.report = pa_context_rttime_new(mixer.context, pa_rtclock_now() + REPORT_US, on_report, NULL);
	hurry();
	/* Whoever started us may connect now. */
	puts("listening");
	fclose(stdout);
	/* Mixed is what is asked for once nothing more comes in; only then there is time to wait. */
	for (bool idle = false; pa_mainloop_prepare(mixer.loop, idle ? -1 : 0) >= 0;) {
		int dispatched = pa_mainloop_poll(mixer.loop) < 0 ? -1 : pa_mainloop_dispatch(mixer.loop);

		if (dispatched < 0)
			break;
		idle = dispatched == 0;
		if (mixer.desk.asked && (idle || ++busy == BUSY_MAX)) {
			busy = 0;
			idle = false;
			desk_feed(&mixer.desk);
		}
	}
	status = pa_mainloop_get_retval(mixer.loop);
	/* The socket stays: another mixer may have taken its place by now. */
	return status;
}
