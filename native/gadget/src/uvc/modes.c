#include "modes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_USED 64

/* Join path parts; false when they do not fit. */
static bool path_join(char out[PATH_MAX], const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(out, PATH_MAX, format, args);
	va_end(args);
	return n > 0 && n < PATH_MAX;
}

static bool read_text(const char *dir, const char *name, char *out, size_t size)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	if (!path_join(path, "%s/%s", dir, name))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, out, size - 1);
	close(fd);
	if (n < 0)
		return false;
	out[n] = '\0';
	return true;
}

static uint32_t read_number(const char *dir, const char *name, uint32_t otherwise)
{
	char text[32], *end;
	unsigned long n;

	if (!read_text(dir, name, text, sizeof text))
		return otherwise;
	errno = 0;
	n = strtoul(text, &end, 0);
	return errno || end == text || n > UINT32_MAX ? otherwise : (uint32_t)n;
}

/* The first entry of `dir` for which `dir/entry/probe` exists, as a path. */
static bool find_entry(const char *dir, const char *probe, char out[PATH_MAX])
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool found = false;

	if (!d)
		return false;
	while (!found && (e = readdir(d))) {
		char path[PATH_MAX];

		if (e->d_name[0] == '.' || strlen(e->d_name) > NAME_MAX_USED)
			continue;
		found = path_join(out, "%s/%s", dir, e->d_name) && path_join(path, "%s/%s", out, probe) &&
			!access(path, F_OK);
	}
	closedir(d);
	return found;
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int compare_modes(const void *a, const void *b)
{
	return ((const struct mode *)a)->frame_index - ((const struct mode *)b)->frame_index;
}

static bool load_mode(struct mode *mode, const char *dir)
{
	char list[256], *at = list;

	*mode = (struct mode){
		.width = (uint16_t)read_number(dir, "wWidth", 0),
		.height = (uint16_t)read_number(dir, "wHeight", 0),
		.frame_index = (uint8_t)read_number(dir, "bFrameIndex", 0),
		.max_bytes = read_number(dir, "dwMaxVideoFrameBufferSize", 0),
		.default_interval = read_number(dir, "dwDefaultFrameInterval", 333333),
	};
	if (!mode->frame_index || !mode->width || !mode->height || !mode->max_bytes || !mode->default_interval)
		return false;
	if (!read_text(dir, "dwFrameInterval", list, sizeof list))
		return false;
	while (mode->interval_count < INTERVALS_MAX) {
		char *end;
		unsigned long n = strtoul(at, &end, 0);

		if (end == at)
			break;
		if (n > 0 && n <= UINT32_MAX)
			mode->intervals[mode->interval_count++] = (uint32_t)n;
		at = end;
	}
	qsort(mode->intervals, (size_t)mode->interval_count, sizeof mode->intervals[0], compare_numbers);
	return mode->interval_count > 0;
}

bool modes_load(struct modes *modes, const char *root, const char *function)
{
	char base[PATH_MAX], gadget[PATH_MAX], dir[PATH_MAX], probe[128];
	unsigned default_index;
	struct dirent *e;
	DIR *d;

	memset(modes, 0, sizeof *modes);
	if (snprintf(probe, sizeof probe, "functions/%s", function) >= (int)sizeof probe)
		return false;
	if (!find_entry(root, probe, gadget) || !path_join(base, "%s/%s", gadget, probe))
		return false;
	modes->max_packet = read_number(base, "streaming_maxpacket", 1024);
	modes->service_interval = read_number(base, "streaming_interval", 1);
	if (modes->service_interval < 1 || modes->service_interval > 16 || modes->max_packet <= 12)
		return false;
	if (!path_join(dir, "%s/control/header/h", base))
		return false;
	modes->bcd_uvc = (uint16_t)read_number(dir, "bcdUVC", 0x0100);
	modes->clock_hz = read_number(dir, "dwClockFrequency", 48000000);

	if (!path_join(gadget, "%s/streaming/mjpeg", base) || !find_entry(gadget, "bFormatIndex", dir))
		return false;
	modes->format_index = (uint8_t)read_number(dir, "bFormatIndex", 1);
	default_index = read_number(dir, "bDefaultFrameIndex", 1);
	d = opendir(dir);
	if (!d)
		return false;
	while (modes->count < MODES_MAX && (e = readdir(d))) {
		char path[PATH_MAX];

		if (e->d_name[0] != '.' && path_join(path, "%s/%s", dir, e->d_name) &&
		    load_mode(&modes->mode[modes->count], path))
			modes->count++;
	}
	closedir(d);
	qsort(modes->mode, (size_t)modes->count, sizeof modes->mode[0], compare_modes);
	modes->first = modes_find(modes, default_index);
	if (modes->first < 0)
		modes->first = 0;
	return modes->count > 0;
}

int modes_find(const struct modes *modes, unsigned frame_index)
{
	int i;

	for (i = 0; i < modes->count; i++)
		if (modes->mode[i].frame_index == frame_index)
			return i;
	return -1;
}

uint32_t mode_interval(const struct mode *mode, uint32_t wanted)
{
	int i;

	if (!wanted)
		return mode->default_interval;
	for (i = 0; i < mode->interval_count; i++)
		if (wanted <= mode->intervals[i])
			return mode->intervals[i];
	return mode->intervals[mode->interval_count - 1];
}

uint32_t modes_budget(const struct modes *modes, uint32_t interval_100ns)
{
	uint64_t per_second = (uint64_t)(modes->max_packet - 12) * 8000 >> (modes->service_interval - 1);
	uint64_t bytes = per_second * interval_100ns / 10000000;

	return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}
