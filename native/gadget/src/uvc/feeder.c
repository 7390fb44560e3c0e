#include "feeder.h"

#include "common/log.h"
#include "jpeg.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define READS_PER_TURN 64 /* a feeder that floods us must not keep us from the camera */

int feeder_listen(struct feeder *f, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int error;

	*f = (struct feeder){.listening = -1, .fd = -1};
	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	f->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (f->listening < 0)
		return -errno;
	if (bind(f->listening, (struct sockaddr *)&address, sizeof address) < 0 || chmod(path, 0660) < 0 ||
	    listen(f->listening, 4) < 0) {
		error = -errno;
		close(f->listening);
		f->listening = -1;
		return error;
	}
	return 0;
}

void feeder_drop(struct feeder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->header_got = 0;
}

bool feeder_accept(struct feeder *f)
{
	int fd = accept4(f->listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return false;
	feeder_drop(f);
	f->fd = fd;
	return true;
}

static bool header_ok(const struct frame_header *h)
{
	if (h->magic != FRAME_MAGIC || h->state > FEEDER_LIVE)
		return false;
	if (h->kind == FRAME_STATE)
		return h->length == 0;
	return h->kind == FRAME_PICTURE && h->length > 0 && h->length <= FRAME_MAX;
}

static void picture_complete(struct feeder *f, struct keep *keep, struct show *show, uint32_t budget_bytes, ns_t now)
{
	struct jpeg_size size;

	f->received++;
	if (!jpeg_read_size(keep_incoming(keep)->jpeg, f->header.length, &size) || size.width != show->width ||
	    size.height != show->height || f->header.length > show->max_bytes) {
		f->rejected++;
		show_heard(show, FEEDER_LIVE, now);
		return;
	}
	if (f->header.length > budget_bytes)
		f->over_budget++; /* it still arrives, only slower */
	keep_publish(keep, f->header.length, now);
	show_picture(show, now);
}

/* One read; false: nothing more now, or the end (errno tells: EAGAIN is no end). */
static bool read_some(struct feeder *f, void *to, size_t want, size_t *got)
{
	ssize_t n = recv(f->fd, to, want, MSG_DONTWAIT);

	if (n > 0) {
		*got += (size_t)n;
		return true;
	}
	if (n == 0)
		errno = EPIPE;
	else if (errno == EINTR)
		errno = EAGAIN;
	return false;
}

bool feeder_read(struct feeder *f, struct keep *keep, struct show *show, uint32_t budget_bytes, ns_t now)
{
	int turn;

	for (turn = 0; turn < READS_PER_TURN; turn++) {
		if (f->header_got < sizeof f->header) {
			if (!read_some(f, f->header_bytes + f->header_got, sizeof f->header - f->header_got,
				       &f->header_got))
				break;
			if (f->header_got < sizeof f->header)
				continue;
			f->body_got = 0;
			if (!header_ok(&f->header)) {
				log_warning("feeder: bad header, dropped");
				feeder_drop(f);
				return false;
			}
			if (f->header.kind == FRAME_STATE) {
				show_heard(show, (enum feeder_state)f->header.state, now);
				f->header_got = 0;
			}
		} else {
			size_t got = f->body_got;

			if (!read_some(f, keep_incoming(keep)->jpeg + got, f->header.length - got, &got))
				break;
			f->body_got = (uint32_t)got;
			if (got == f->header.length) {
				picture_complete(f, keep, show, budget_bytes, now);
				f->header_got = 0;
			}
		}
	}
	if (turn == READS_PER_TURN || errno == EAGAIN)
		return true;
	feeder_drop(f);
	return false;
}

void feeder_report(struct feeder *f, const struct frame_report *report)
{
	if (f->fd < 0)
		return;
	if (send(f->fd, report, sizeof *report, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)sizeof *report) {
		log_warning("feeder: does not read, dropped");
		feeder_drop(f);
	}
}
