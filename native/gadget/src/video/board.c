#include "board.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int open_led(const char *leds, const char *name)
{
	char path[256];
	int fd;

	if (snprintf(path, sizeof path, "%s/%s/trigger", leds, name) >= (int)sizeof path)
		return -1;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (write(fd, "none\n", 5) != 5) {
		close(fd);
		return -1;
	}
	close(fd);
	if (snprintf(path, sizeof path, "%s/%s/brightness", leds, name) >= (int)sizeof path)
		return -1;
	return open(path, O_WRONLY | O_CLOEXEC);
}

void board_open(struct board *b, const char *leds)
{
	static const char *const names[] = {"crosspoint:tally", "ACT", "led0"};
	size_t i;

	b->led = -1;
	for (i = 0; i < sizeof names / sizeof names[0] && b->led < 0; i++)
		b->led = open_led(leds, names[i]);
}

void board_show_tally(const struct board *b, bool on_air)
{
	if (b->led >= 0 && pwrite(b->led, on_air ? "255\n" : "0\n", on_air ? 4 : 2, 0) < 0)
		return; /* a dark LED is no reason to stop */
}

double board_temperature(const char *thermal)
{
	char text[16];
	ssize_t n;
	int fd = open(thermal, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	return strtol(text, NULL, 10) / 1000.0;
}
