/*
 * What has to survive the process: the negotiation, and the pictures. It lives in a memory file that systemd keeps
 * together with the video node, so that a successor goes on with the same picture in the same mode and the client sees a
 * short freeze, not an unplugged camera.
 */
#ifndef CROSSPOINT_KEEP_H
#define CROSSPOINT_KEEP_H

#include "request.h"

#include "common/frame-link.h"

struct picture {
	uint32_t length; /* 0: none */
	uint32_t reserved;
	ns_t at; /* when it was complete */
	uint8_t jpeg[FRAME_MAX];
};

struct keep {
	uint32_t magic, size; /* of this very layout */
	uint32_t streaming;   /* VIDIOC_STREAMON was done, and the client has not stopped */
	uint32_t owed;        /* the client waits in a control transfer until STREAMON or STREAMOFF is done */
	uint32_t newest;      /* which picture is shown; the other one is being received */
	struct negotiation negotiation;
	struct picture picture[2];
};

/* Map what `fd` holds; -1, or a memory of another layout: a new one, `*fd` is set to it. NULL: no memory. */
struct keep *keep_open(int *fd);
/* Forget every picture: nobody may look at the past. */
void keep_erase_pictures(struct keep *keep);

static inline struct picture *keep_newest(struct keep *keep)
{
	return &keep->picture[keep->newest & 1];
}

static inline struct picture *keep_incoming(struct keep *keep)
{
	return &keep->picture[~keep->newest & 1];
}

/* The incoming picture is complete and becomes the newest. */
void keep_publish(struct keep *keep, uint32_t length, ns_t now);

#endif
