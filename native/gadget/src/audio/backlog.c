#include "backlog.h"

void backlog_init(struct backlog *b, double target_ms, double slack_ms)
{
	*b = (struct backlog){.target_ms = target_ms, .slack_ms = slack_ms};
}

void backlog_reset(struct backlog *b)
{
	b->since = 0;
}

double backlog_update(struct backlog *b, double latency_ms, ns_t now)
{
	double excess;

	if (!b->since || latency_ms < b->lowest_ms)
		b->lowest_ms = latency_ms;
	if (!b->since)
		b->since = now;
	if (now - b->since < BACKLOG_WINDOW_NS)
		return 0;
	excess = b->lowest_ms - b->target_ms;
	b->since = 0;
	return excess > b->slack_ms ? excess : 0;
}
