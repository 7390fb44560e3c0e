/*
 * What crosspoint-video and crosspoint-uvc say to each other, over a stream socket (FRAME_SOCKET). Numbers are in the
 * machine's own byte order: both ends are on the same Pi and in the same package.
 *
 * To crosspoint-uvc: a header, then `length` bytes. A header that breaks a limit ends the connection.
 *   FRAME_PICTURE  one whole JPEG
 *   FRAME_STATE    nothing; `state` says how the feeder fares. At least every FRAME_ALIVE_NS: a feeder which is silent
 *                  for FRAME_SILENT_NS counts as hung, and the slate shows until it speaks again.
 * From crosspoint-uvc: struct frame_report, at connect, at each change, and every second while the client streams.
 *
 * A new feeder replaces the old one.
 */
#ifndef CROSSPOINT_FRAME_LINK_H
#define CROSSPOINT_FRAME_LINK_H

#include "clock.h"

#include <stdint.h>

#define FRAME_SOCKET "/run/crosspoint/uvc.sock"
#define FRAME_MAGIC UINT32_C(0x31465043) /* "CPF1" */
#define FRAME_MAX (512u * 1024)          /* 273 KB is what high speed can carry at 30 fps */
#define FRAME_ALIVE_NS (200 * NS_PER_MS)
#define FRAME_SILENT_NS (700 * NS_PER_MS)

enum frame_kind { FRAME_PICTURE = 1, FRAME_STATE = 2 };

/* The order is the order of the slates. */
enum feeder_state {
	FEEDER_WAITING,     /* connecting, or nobody has said anything yet */
	FEEDER_UNREACHABLE, /* the box does not answer */
	FEEDER_NO_SIGNAL,   /* connected, but the box sends no pictures */
	FEEDER_LIVE,        /* pictures come: send the newest, repeat the last */
};

struct frame_header {
	uint32_t magic;
	uint16_t kind;  /* enum frame_kind */
	uint16_t state; /* enum feeder_state */
	uint32_t length;
	uint32_t reserved;
};

struct frame_report {
	uint32_t magic;
	uint16_t streaming; /* the client has the camera open */
	uint16_t connected; /* a client computer is there */
	uint16_t width, height;
	uint32_t interval_100ns;
	uint32_t budget_bytes; /* largest JPEG that USB carries at this rate */
	uint32_t reserved;
	uint64_t received, rejected, over_budget; /* pictures from feeders */
	uint64_t fresh, repeated, slates, errors; /* frames to the client */
};

#endif
