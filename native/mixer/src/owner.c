#include "owner.h"

#include "common/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void let_go(struct owner *o)
{
	if (o->fd < 0)
		return;
	o->api->io_free(o->io);
	close(o->fd);
	o->fd = -1;
	o->io = NULL;
	o->have = o->waiting = 0;
	o->skipping = false;
	o->on_change(false);
}

/* False: the owner has gone. */
static bool flush(struct owner *o)
{
	while (o->waiting) {
		const ssize_t n = send(o->fd, o->out, o->waiting, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0)
			return false;
		memmove(o->out, o->out + n, o->waiting - (size_t)n);
		o->waiting -= (size_t)n;
	}
	o->api->io_enable(o->io, PA_IO_EVENT_INPUT | (o->waiting ? PA_IO_EVENT_OUTPUT : 0));
	return true;
}

/* Whole lines that have come in. */
static void take_lines(struct owner *o)
{
	char *line = o->in, *end;

	while (o->fd >= 0 && (end = memchr(line, '\n', (size_t)(o->in + o->have - line)))) {
		*end = '\0';
		/* A zero byte would hide what is behind it. */
		if (!o->skipping && strlen(line) == (size_t)(end - line))
			o->on_line(line);
		o->skipping = false;
		line = end + 1;
	}
	if (o->fd < 0)
		return;
	o->have -= (size_t)(line - o->in);
	memmove(o->in, line, o->have);
	if (o->have == sizeof o->in) {
		o->skipping = true;
		o->have = 0;
	}
}

static void on_io(pa_mainloop_api *api, pa_io_event *e, int fd, pa_io_event_flags_t events, void *user)
{
	struct owner *o = user;

	(void)api;
	(void)e;
	if (events & PA_IO_EVENT_OUTPUT && !flush(o)) {
		let_go(o);
		return;
	}
	if (events & (PA_IO_EVENT_INPUT | PA_IO_EVENT_HANGUP | PA_IO_EVENT_ERROR)) {
		const ssize_t n = recv(fd, o->in + o->have, sizeof o->in - o->have, MSG_DONTWAIT);

		if (n > 0) {
			o->have += (size_t)n;
			take_lines(o);
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			let_go(o);
		}
	}
}

static void on_connect(pa_mainloop_api *api, pa_io_event *e, int listener, pa_io_event_flags_t events, void *user)
{
	struct owner *o = user;
	const int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)e;
	(void)events;
	if (fd < 0)
		return;
	let_go(o);
	o->io = api->io_new(api, fd, PA_IO_EVENT_INPUT, on_io, o);
	if (!o->io) {
		close(fd);
		return;
	}
	o->fd = fd;
	o->on_change(true);
}

int owner_listen(struct owner *o, pa_mainloop_api *api, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const mode_t mask = umask(0177);
	int error = 0;

	o->api = api;
	o->fd = -1;
	if (strlen(path) >= sizeof at.sun_path)
		return -ENAMETOOLONG;
	memcpy(at.sun_path, path, strlen(path));
	o->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Whoever starts us has made sure that nobody is behind it any more. */
	if (o->listener < 0 || (unlink(path) < 0 && errno != ENOENT) ||
	    bind(o->listener, (const struct sockaddr *)&at, sizeof at) < 0 || listen(o->listener, 4) < 0)
		error = -errno;
	umask(mask);
	if (error)
		return error;
	o->listening = api->io_new(api, o->listener, PA_IO_EVENT_INPUT, on_connect, o);
	return o->listening ? 0 : -ENOMEM;
}

void owner_tell(struct owner *o, const char *format, va_list args)
{
	va_list again;
	int n;

	if (o->fd < 0)
		return;
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		return;
	if (o->waiting + (size_t)n + 2 > o->room) {
		const size_t room = (o->waiting + (size_t)n + 2) * 2;
		char *out = room > OWNER_WAITING_MAX ? NULL : realloc(o->out, room);

		if (!out) {
			log_warning("the owner does not read");
			shutdown(o->fd, SHUT_RDWR); /* its end comes as an event */
			return;
		}
		o->out = out;
		o->room = room;
	}
	vsnprintf(o->out + o->waiting, (size_t)n + 1, format, args);
	o->waiting += (size_t)n;
	o->out[o->waiting++] = '\n';
	/* Sent when we get to it, together with what else there is. */
	o->api->io_enable(o->io, PA_IO_EVENT_INPUT | PA_IO_EVENT_OUTPUT);
}
