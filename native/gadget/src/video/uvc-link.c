#include "uvc-link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define RETRY_NS (50 * NS_PER_MS)

void uvc_link_init(struct uvc_link *u, const char *path)
{
	u->path = path;
	u->fd = -1;
	u->state = FEEDER_WAITING;
}

void uvc_link_connect(struct uvc_link *u, ns_t now)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (u->fd >= 0 || now < u->next_try)
		return;
	u->next_try = now + RETRY_NS;
	if (strlen(u->path) >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, u->path, strlen(u->path));
	u->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (u->fd < 0)
		return;
	if (connect(u->fd, (struct sockaddr *)&address, sizeof address) < 0) {
		close(u->fd);
		u->fd = -1;
		return;
	}
	u->report_got = 0;
	u->length[0] = u->length[1] = u->sent = 0;
	u->waiting = false;
	u->next_alive = 0;
}

static void lost(struct uvc_link *u, ns_t now)
{
	close(u->fd);
	u->fd = -1;
	u->next_try = now + RETRY_NS;
	u->report.streaming = 0;
	u->report.connected = 0;
}

bool uvc_link_busy(const struct uvc_link *u)
{
	return u->length[u->sending] > 0;
}

static size_t put_message(uint8_t *slot, enum frame_kind kind, enum feeder_state state, const uint8_t *jpeg,
			  uint32_t length)
{
	const struct frame_header h = {
		.magic = FRAME_MAGIC, .kind = (uint16_t)kind, .state = (uint16_t)state, .length = length};

	memcpy(slot, &h, sizeof h);
	if (length)
		memcpy(slot + sizeof h, jpeg, length);
	return sizeof h + length;
}

void uvc_link_picture(struct uvc_link *u, const uint8_t *jpeg, uint32_t length)
{
	int slot;

	if (u->fd < 0 || length == 0 || length > FRAME_MAX)
		return;
	slot = uvc_link_busy(u) ? !u->sending : u->sending;
	if (slot != u->sending) {
		u->replaced += u->waiting;
		u->waiting = true;
	}
	u->length[slot] = put_message(u->slot[slot], FRAME_PICTURE, FEEDER_LIVE, jpeg, length);
}

void uvc_link_state(struct uvc_link *u, enum feeder_state state, ns_t now)
{
	bool due = state != u->state || now >= u->next_alive;

	u->state = state;
	/* While a picture is under way it speaks for us, and a state must not cut it in two. */
	if (u->fd < 0 || !due || uvc_link_busy(u))
		return;
	u->length[u->sending] = put_message(u->slot[u->sending], FRAME_STATE, state, NULL, 0);
	u->next_alive = now + FRAME_ALIVE_NS;
}

void uvc_link_flush(struct uvc_link *u, ns_t now)
{
	while (u->fd >= 0 && uvc_link_busy(u)) {
		const uint8_t *slot = u->slot[u->sending];
		ssize_t n = send(u->fd, slot + u->sent, u->length[u->sending] - u->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				lost(u, now);
			return;
		}
		u->sent += (size_t)n;
		if (u->sent < u->length[u->sending])
			continue;
		u->length[u->sending] = u->sent = 0;
		if (u->waiting) {
			u->sending = !u->sending;
			u->waiting = false;
		}
	}
}

bool uvc_link_receive(struct uvc_link *u, ns_t now)
{
	bool fresh = false;

	for (;;) {
		ssize_t n = recv(u->fd, u->report_bytes + u->report_got, sizeof u->report_bytes - u->report_got,
				 MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return fresh;
		if (n <= 0)
			break;
		u->report_got += (size_t)n;
		if (u->report_got < sizeof u->report_bytes)
			continue;
		memcpy(&u->report, u->report_bytes, sizeof u->report);
		u->report_got = 0;
		fresh = true;
		if (u->report.magic != FRAME_MAGIC)
			break;
	}
	lost(u, now);
	return true;
}
