#include "show.h"

static void set_mode(struct show *s, const struct mode *mode)
{
	s->width = mode->width;
	s->height = mode->height;
	s->max_bytes = mode->max_bytes;
}

void show_adopted(struct show *s, const struct mode *mode, ns_t now)
{
	set_mode(s, mode);
	s->live_until = now + FRAME_SILENT_NS;
}

void show_start(struct show *s, struct keep *keep, const struct mode *mode, ns_t now)
{
	const struct picture *p = keep_newest(keep);

	if (s->width != mode->width || s->height != mode->height || now - p->at > SHOW_STALE_NS)
		keep_erase_pictures(keep);
	set_mode(s, mode);
	s->shown_seq = s->seq;
}

void show_heard(struct show *s, enum feeder_state state, ns_t now)
{
	s->state = state;
	s->heard_at = now;
	if (state == FEEDER_LIVE)
		s->live_until = now + FRAME_SILENT_NS;
}

void show_picture(struct show *s, ns_t now)
{
	s->seq++;
	show_heard(s, FEEDER_LIVE, now);
}

ns_t show_expire(const struct show *s, struct keep *keep, ns_t now)
{
	if (!keep_newest(keep)->length)
		return 0;
	if (now < s->live_until + SHOW_ERASE_NS)
		return s->live_until + SHOW_ERASE_NS;
	keep_erase_pictures(keep);
	return 0;
}

bool show_is_fresh(const struct show *s)
{
	return s->seq != s->shown_seq;
}

struct shown show_next(struct show *s, struct keep *keep, ns_t now)
{
	const struct picture *p = keep_newest(keep);
	const bool speaks = now - s->heard_at <= FRAME_SILENT_NS;
	const struct slate *slate;
	struct shown shown = {0};

	if (p->length && now <= s->live_until) {
		shown = (struct shown){.jpeg = p->jpeg, .length = p->length, .fresh = show_is_fresh(s)};
	} else {
		slate = slate_find(s->width, s->height, speaks ? s->state : FEEDER_WAITING);
		if (slate)
			shown = (struct shown){.jpeg = slate->jpeg, .length = slate->length, .slate = true};
	}
	s->shown_seq = s->seq;
	return shown;
}
