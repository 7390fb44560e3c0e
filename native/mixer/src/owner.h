/* The socket on which the owner gives commands, one owner at a time: the newest. */
#ifndef CROSSPOINT_OWNER_H
#define CROSSPOINT_OWNER_H

#include "protocol.h"

#include <pulse/mainloop-api.h>
#include <stdarg.h>

/* More that waits for an owner who does not read: he is let go. */
#define OWNER_WAITING_MAX (1024 * 1024)

struct owner {
	pa_mainloop_api *api;
	int listener, fd; /* -1: none */
	pa_io_event *listening, *io;
	char in[LINE_MAX_BYTES];
	size_t have;
	bool skipping; /* the rest of a line that was too long */
	char *out;
	size_t waiting, room;
	/* A line without its newline. */
	void (*on_line)(char *line);
	/* Somebody came, or went. */
	void (*on_change)(bool there);
};

/* 0 or -errno. */
int owner_listen(struct owner *o, pa_mainloop_api *api, const char *path);
void owner_tell(struct owner *o, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

#endif
