/* The connection to crosspoint-uvc: newest picture wins, never more than one under way and one waiting. */
#ifndef CROSSPOINT_UVC_LINK_H
#define CROSSPOINT_UVC_LINK_H

#include "common/frame-link.h"

#include <stdbool.h>
#include <stddef.h>

struct uvc_link {
	const char *path;
	int fd; /* -1: not connected */
	ns_t next_try;
	enum feeder_state state;
	ns_t next_alive;
	struct frame_report report;
	size_t report_got;
	uint8_t report_bytes[sizeof(struct frame_report)];
	uint64_t replaced; /* pictures that a newer one overtook */
	/* Sending: slot `sending` is under way, the other one may wait. */
	size_t sent, length[2];
	int sending;
	bool waiting;
	uint8_t slot[2][sizeof(struct frame_header) + FRAME_MAX];
};

void uvc_link_init(struct uvc_link *u, const char *path);
/* Connect when it is time. */
void uvc_link_connect(struct uvc_link *u, ns_t now);
void uvc_link_picture(struct uvc_link *u, const uint8_t *jpeg, uint32_t length);
/* Say how we fare, when that has changed or it is time again. */
void uvc_link_state(struct uvc_link *u, enum feeder_state state, ns_t now);
/* Is something waiting for POLLOUT? */
bool uvc_link_busy(const struct uvc_link *u);
void uvc_link_flush(struct uvc_link *u, ns_t now);
/* Take reports; true: `report` is new (on the end of the connection too, then it says that nothing streams). */
bool uvc_link_receive(struct uvc_link *u, ns_t now);

#endif
