#include "device.h"

#include "common/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int control(const struct device *d, unsigned long request, void *argument, const char *name)
{
	int result;

	do
		result = ioctl(d->fd, request, argument);
	while (result < 0 && errno == EINTR);
	if (result < 0 && errno != EAGAIN && errno != ENOENT && errno != ENODEV)
		log_warning("%s: %s", name, strerror(errno));
	return result;
}

static struct v4l2_buffer buffer_of(int index)
{
	return (struct v4l2_buffer){
		.index = (uint32_t)index, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
}

const struct mode *device_mode(const struct device *d)
{
	int place = modes_find(&d->modes, d->keep->negotiation.commit.bFrameIndex);

	return &d->modes.mode[place < 0 ? d->modes.first : place];
}

uint32_t device_interval(const struct device *d)
{
	uint32_t interval = d->keep->negotiation.commit.dwFrameInterval;

	return interval ? interval : device_mode(d)->default_interval;
}

static bool has_function_name(const struct device_names *names, const char *node)
{
	char path[PATH_MAX], text[64];
	ssize_t n;
	int fd;

	if (snprintf(path, sizeof path, "%s/%s/function_name", names->video_class, node) >= (int)sizeof path)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, names->function);
}

static bool find_node(const struct device_names *names, char *out, size_t size)
{
	DIR *dir = opendir(names->video_class);
	struct dirent *e;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (e = readdir(dir)))
		found = e->d_name[0] != '.' && has_function_name(names, e->d_name) &&
			snprintf(out, size, "/dev/%s", e->d_name) < (int)size;
	closedir(dir);
	return found;
}

static bool is_video_output(const struct device *d)
{
	struct v4l2_capability c;

	return ioctl(d->fd, VIDIOC_QUERYCAP, &c) == 0 && (c.device_caps & V4L2_CAP_VIDEO_OUTPUT);
}

bool device_alive(const struct device *d)
{
	return is_video_output(d);
}

static bool subscribe(struct device *d)
{
	/* SETUP last: subscribing to it is what makes the gadget visible to the client. */
	static const uint32_t types[] = {UVC_EVENT_CONNECT,   UVC_EVENT_DISCONNECT, UVC_EVENT_STREAMON,
					 UVC_EVENT_STREAMOFF, UVC_EVENT_DATA,       UVC_EVENT_SETUP};
	size_t i;

	for (i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct v4l2_event_subscription s = {.type = types[i]};

		if (control(d, VIDIOC_SUBSCRIBE_EVENT, &s, "SUBSCRIBE_EVENT") < 0)
			return false;
	}
	return true;
}

bool device_open(struct device *d, const struct device_names *names)
{
	char node[NAME_MAX + 8];

	if (!find_node(names, node, sizeof node) || !modes_load(&d->modes, names->configfs, names->function))
		return false;
	d->fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (d->fd < 0)
		return false;
	d->connected = false;
	d->keep->streaming = d->keep->owed = 0;
	negotiation_reset(&d->keep->negotiation, &d->modes);
	if (!is_video_output(d) || !subscribe(d)) {
		close(d->fd);
		d->fd = -1;
		return false;
	}
	log_info("holding %s", node);
	return true;
}

static bool map_buffer(struct device *d, int i, uint32_t *flags)
{
	struct v4l2_buffer b = buffer_of(i);
	void *memory;

	if (ioctl(d->fd, VIDIOC_QUERYBUF, &b) < 0)
		return false;
	memory = mmap(NULL, b.length, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, b.m.offset);
	if (memory == MAP_FAILED)
		return false;
	d->buffer[i].memory = memory;
	d->buffer[i].size = b.length;
	*flags = b.flags;
	return true;
}

static void unmap_buffers(struct device *d)
{
	int i;

	for (i = 0; i < d->buffer_count; i++)
		munmap(d->buffer[i].memory, d->buffer[i].size);
	memset(d->buffer, 0, sizeof d->buffer);
	d->buffer_count = d->in_flight = 0;
}

bool device_adopt(struct device *d, const struct device_names *names, int fd)
{
	uint32_t flags;

	d->fd = fd;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || !is_video_output(d) ||
	    !modes_load(&d->modes, names->configfs, names->function)) {
		close(fd);
		d->fd = -1;
		return false;
	}
	d->connected = true;
	while (d->buffer_count < BUFFERS_MAX && map_buffer(d, d->buffer_count, &flags)) {
		bool queued = flags & (V4L2_BUF_FLAG_QUEUED | V4L2_BUF_FLAG_DONE);

		d->buffer[d->buffer_count++].queued = queued;
		d->in_flight += queued;
	}
	if (!negotiation_valid(&d->keep->negotiation, &d->modes)) {
		negotiation_reset(&d->keep->negotiation, &d->modes);
		d->keep->streaming = 0;
	}
	/* Only then: a STREAMOFF that nobody waits for makes the kernel warn. */
	if (d->keep->owed || (d->keep->streaming && !d->buffer_count))
		device_stop(d);
	log_info("adopted the node: %s, %d of %d buffers in flight", d->keep->streaming ? "streaming" : "idle",
		 d->in_flight, d->buffer_count);
	return true;
}

void device_close(struct device *d)
{
	/* No STREAMOFF: after a disconnect the kernel warns about it, and close does all that is needed. */
	unmap_buffers(d);
	d->keep->streaming = d->keep->owed = 0;
	d->connected = false;
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

static void answer(struct device *d, const struct usb_ctrlrequest *request)
{
	struct uvc_request_data response;

	negotiation_setup(&d->keep->negotiation, &d->modes, request, &response);
	control(d, UVCIOC_SEND_RESPONSE, &response, "SEND_RESPONSE");
}

enum device_event device_events(struct device *d)
{
	struct usb_ctrlrequest request = {0};
	enum device_event what = DEVICE_NOTHING;
	bool asked = false;

	while (what == DEVICE_NOTHING) {
		struct v4l2_event event = {0};
		struct uvc_event uvc;

		if (ioctl(d->fd, VIDIOC_DQEVENT, &event) < 0) {
			if (errno == ENODEV)
				return DEVICE_GONE;
			break;
		}
		memcpy(&uvc, &event.u, sizeof uvc);
		switch (event.type) {
		case UVC_EVENT_CONNECT:
			d->connected = true;
			what = DEVICE_CHANGED;
			break;
		case UVC_EVENT_DISCONNECT:
			d->connected = false;
			/* While streaming, only closing the node leaves the kernel in a sound state. */
			what = d->keep->streaming ? DEVICE_GONE : DEVICE_CHANGED;
			break;
		case UVC_EVENT_STREAMON:
			d->connected = true;
			d->keep->owed = 1;
			what = DEVICE_STREAM_ON;
			break;
		case UVC_EVENT_STREAMOFF:
			d->keep->owed = 1;
			what = DEVICE_STREAM_OFF;
			break;
		case UVC_EVENT_SETUP:
			/* The kernel sends a late answer to the newest request: earlier ones have timed out. */
			request = uvc.req;
			asked = true;
			break;
		case UVC_EVENT_DATA:
			if (negotiation_data(&d->keep->negotiation, &d->modes, &uvc.data))
				what = DEVICE_CHANGED;
			break;
		default:
			break;
		}
	}
	if (asked && what != DEVICE_GONE)
		answer(d, &request);
	return what;
}

void device_stop(struct device *d)
{
	struct v4l2_requestbuffers none = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
	int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;

	/* Also when nothing streams: it completes the control transfer that the client is waiting in. */
	control(d, VIDIOC_STREAMOFF, &type, "STREAMOFF");
	unmap_buffers(d);
	control(d, VIDIOC_REQBUFS, &none, "REQBUFS 0");
	d->keep->streaming = d->keep->owed = 0;
}

static bool set_format(struct device *d)
{
	const struct mode *mode = device_mode(d);
	struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};

	format.fmt.pix = (struct v4l2_pix_format){.width = mode->width,
						  .height = mode->height,
						  .pixelformat = V4L2_PIX_FMT_MJPEG,
						  .field = V4L2_FIELD_NONE,
						  .sizeimage = mode->max_bytes};
	return control(d, VIDIOC_S_FMT, &format, "S_FMT") == 0;
}

static bool make_buffers(struct device *d)
{
	/* Only after STREAMON: before the first one, the kernel divides by a packet multiplier of 0 here. */
	struct v4l2_requestbuffers wanted = {
		.count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
	uint32_t flags;

	if (control(d, VIDIOC_REQBUFS, &wanted, "REQBUFS") < 0)
		return false;
	while (d->buffer_count < (int)wanted.count && d->buffer_count < BUFFERS_MAX) {
		if (!map_buffer(d, d->buffer_count, &flags))
			return false;
		d->buffer_count++;
	}
	return d->buffer_count > 0;
}

bool device_start(struct device *d, const uint8_t *jpeg, size_t length)
{
	int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;

	if (d->keep->streaming || d->buffer_count) /* a second VIDIOC_STREAMON is a BUG in the kernel */
		device_stop(d);
	if (!set_format(d) || !make_buffers(d) || !device_send(d, jpeg, length) ||
	    control(d, VIDIOC_STREAMON, &type, "STREAMON") < 0) {
		log_error("could not start the stream");
		device_stop(d);
		return false;
	}
	d->keep->streaming = 1;
	d->keep->owed = 0;
	return true;
}

bool device_send(struct device *d, const uint8_t *jpeg, size_t length)
{
	struct v4l2_buffer b;
	struct timespec now = clock_timespec(clock_ns());
	int i = 0;

	while (i < d->buffer_count && d->buffer[i].queued)
		i++;
	if (i == d->buffer_count || !length || length > d->buffer[i].size)
		return false;
	memcpy(d->buffer[i].memory, jpeg, length);
	b = buffer_of(i);
	b.bytesused = (uint32_t)length;
	b.field = V4L2_FIELD_NONE;
	b.timestamp.tv_sec = now.tv_sec;
	b.timestamp.tv_usec = now.tv_nsec / 1000;
	if (control(d, VIDIOC_QBUF, &b, "QBUF") < 0) {
		d->errors++;
		return false;
	}
	d->buffer[i].queued = true;
	d->in_flight++;
	return true;
}

void device_reap(struct device *d)
{
	while (d->in_flight > 0) {
		struct v4l2_buffer b = buffer_of(0);

		if (control(d, VIDIOC_DQBUF, &b, "DQBUF") < 0)
			return;
		if ((int)b.index >= d->buffer_count || !d->buffer[b.index].queued)
			continue;
		if (b.flags & V4L2_BUF_FLAG_ERROR)
			d->errors++;
		d->buffer[b.index].queued = false;
		d->in_flight--;
	}
}
