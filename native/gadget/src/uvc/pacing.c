#include "pacing.h"

void pacing_start(struct pacing *p, ns_t now, ns_t interval)
{
	*p = (struct pacing){.interval = interval, .due = now + interval};
}

ns_t pacing_next(const struct pacing *p, bool fresh)
{
	return fresh ? p->due - p->interval / 4 : p->due + p->interval / 4;
}

void pacing_sent(struct pacing *p, ns_t now, bool fresh)
{
	if (fresh) {
		/* Pictures of a source that is 1 % fast are still all taken; a faster one is thinned out. */
		ns_t from = now > p->due ? now : p->due;

		p->due = from + p->interval - p->interval / 100;
	} else {
		p->due += p->interval;
	}
	if (p->due < now) /* we slept: go on from here, do not catch up */
		p->due = now + p->interval;
}
