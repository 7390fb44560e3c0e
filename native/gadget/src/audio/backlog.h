/*
 * Finds latency that will not go away by itself: after a stall everything that was held up arrives at once, and stays.
 * What was there at the emptiest moment of a window was never needed, and can be dropped.
 */
#ifndef CROSSPOINT_BACKLOG_H
#define CROSSPOINT_BACKLOG_H

#include "common/clock.h"

#define BACKLOG_WINDOW_NS (400 * NS_PER_MS)

struct backlog {
	double target_ms, slack_ms;
	double lowest_ms;
	ns_t since; /* 0: no measurement in this window */
};

void backlog_init(struct backlog *b, double target_ms, double slack_ms);
void backlog_reset(struct backlog *b);
/* A measurement. Returns how many milliseconds to drop now; mostly 0. */
double backlog_update(struct backlog *b, double latency_ms, ns_t now);

#endif
