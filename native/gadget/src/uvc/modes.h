/* What the gadget offers to the client, as the kernel says it in configfs: the truth that requests are answered from. */
#ifndef CROSSPOINT_MODES_H
#define CROSSPOINT_MODES_H

#include <stdbool.h>
#include <stdint.h>

#define MODES_MAX 8
#define INTERVALS_MAX 8
#define CONFIGFS_GADGETS "/sys/kernel/config/usb_gadget"

struct mode {
	uint16_t width, height;
	uint8_t frame_index;
	uint32_t max_bytes; /* size of the kernel's buffers, too */
	uint32_t default_interval;
	uint32_t intervals[INTERVALS_MAX]; /* 100 ns, ascending */
	int interval_count;
};

struct modes {
	struct mode mode[MODES_MAX]; /* by frame_index */
	int count, first;            /* `first`: the default mode's place in `mode` */
	uint8_t format_index;
	uint16_t bcd_uvc;
	uint32_t clock_hz;
	uint32_t max_packet; /* bytes per service interval of the isochronous endpoint */
	uint32_t service_interval; /* bInterval: every 2^(n-1) microframes */
};

/* Read the MJPEG modes of `function` (`uvc.usb0`) under `root` (CONFIGFS_GADGETS). False: not there, or not usable. */
bool modes_load(struct modes *modes, const char *root, const char *function);
/* Place in `mode` of a bFrameIndex, or -1. */
int modes_find(const struct modes *modes, unsigned frame_index);
/* The offered interval for `wanted` (0: the default): the next longer one, else the longest. */
uint32_t mode_interval(const struct mode *mode, uint32_t wanted);
/* Largest JPEG that the endpoint carries in one interval; UVC takes a header of up to 12 bytes in each packet. */
uint32_t modes_budget(const struct modes *modes, uint32_t interval_100ns);

#endif
