/*
 * The gadget's video node (V4L2 output, UVC events). The sequences here are what the kernel's uvc function accepts
 * without a warning; device.c says where an order matters.
 */
#ifndef CROSSPOINT_DEVICE_H
#define CROSSPOINT_DEVICE_H

#include "keep.h"
#include "modes.h"

#include <stddef.h>

#define BUFFERS 4
#define BUFFERS_MAX 8

struct device {
	int fd; /* -1: no node */
	bool connected;
	struct modes modes;
	struct keep *keep;
	int buffer_count, in_flight;
	struct {
		void *memory;
		size_t size;
		bool queued;
	} buffer[BUFFERS_MAX];
	uint64_t errors; /* frames that the kernel gave back undone */
};

enum device_event { DEVICE_NOTHING, DEVICE_STREAM_ON, DEVICE_STREAM_OFF, DEVICE_CHANGED, DEVICE_GONE };

struct device_names {
	const char *function;     /* `uvc.usb0` */
	const char *configfs;     /* CONFIGFS_GADGETS */
	const char *video_class;  /* `/sys/class/video4linux` */
};

/* Find, open and subscribe: from then on the client computer sees the gadget, sound card included. False: not yet. */
bool device_open(struct device *d, const struct device_names *names);
/* Go on with the node that a predecessor left open. False: it is of no use (and is closed). */
bool device_adopt(struct device *d, const struct device_names *names, int fd);
/* The client sees an unplugged gadget. */
void device_close(struct device *d);

/* Take all waiting events and answer requests. Call it again until it says DEVICE_NOTHING. */
enum device_event device_events(struct device *d);
/* The mode that the client has committed. */
const struct mode *device_mode(const struct device *d);
uint32_t device_interval(const struct device *d);

/* Begin to stream; the first frame is queued first. False: refused, the client was told. */
bool device_start(struct device *d, const uint8_t *jpeg, size_t length);
void device_stop(struct device *d);
/* Queue a frame. False: no buffer is free, it does not fit, or the kernel refuses. */
bool device_send(struct device *d, const uint8_t *jpeg, size_t length);
/* Take back what was sent. */
void device_reap(struct device *d);
/* After POLLERR or POLLHUP: is the node still there? */
bool device_alive(const struct device *d);

#endif
