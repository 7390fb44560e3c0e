/* The Pi itself: its LED shows the tally, and a few of its readings go into the statistics. Absent things are skipped. */
#ifndef CROSSPOINT_BOARD_H
#define CROSSPOINT_BOARD_H

#include <stdbool.h>

struct board {
	int led; /* brightness, or -1 */
};

/* `leds`: /sys/class/leds. Takes the activity LED, if there is one that we may write. */
void board_open(struct board *b, const char *leds);
void board_show_tally(const struct board *b, bool on_air);
/* Degrees Celsius, or a negative number: unknown. `thermal`: /sys/class/thermal/thermal_zone0/temp. */
double board_temperature(const char *thermal);

#endif
