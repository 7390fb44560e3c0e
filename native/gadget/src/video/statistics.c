#include "statistics.h"

static void put(struct statistics *s, const char *name, double value)
{
	if (s->count < STATISTICS_MAX)
		s->number[s->count++] = (struct session_number){.name = name, .value = value};
}

static double per_second(uint64_t now, uint64_t before, ns_t elapsed)
{
	/* Counters begin anew with a new crosspoint-uvc. */
	return elapsed > 0 && now >= before ? (double)(now - before) * NS_PER_S / (double)elapsed : 0;
}

static void put_audio(struct statistics *s, const struct audio_report *r)
{
	put(s, "audioCard", r->card);
	put(s, "audioConnected", r->box);
	put(s, "audioReconnects", r->reconnects);
	put(s, "micLatencyMs", r->mic.latency_ms);
	put(s, "micTargetMs", r->mic.target_ms);
	put(s, "micCorrectionPpm", r->mic.correction_ppm);
	put(s, "micXruns", r->mic.xruns);
	put(s, "micDroppedMs", r->mic.dropped_ms);
	put(s, "speakerLatencyMs", r->speaker.latency_ms);
	put(s, "speakerTargetMs", r->speaker.target_ms);
	put(s, "speakerCorrectionPpm", r->speaker.correction_ppm);
	put(s, "speakerXruns", r->speaker.xruns);
	put(s, "speakerDroppedMs", r->speaker.dropped_ms);
	put(s, "speakerUnderruns", r->speaker.underruns);
}

void statistics_gather(struct statistics *s, const struct uvc_link *uvc, const struct audio_tally *audio,
		       const struct link_quality *link, double temperature, ns_t now)
{
	const struct frame_report *r = &uvc->report;
	const uint64_t frames = r->fresh + r->repeated + r->slates;

	s->count = 0;
	put(s, "hostConnected", r->connected);
	put(s, "fps", s->at ? per_second(frames, s->frames, now - s->at) : 0);
	put(s, "freshFps", s->at ? per_second(r->fresh, s->fresh, now - s->at) : 0);
	put(s, "framesReceived", (double)r->received);
	put(s, "framesRejected", (double)r->rejected);
	put(s, "framesOverBudget", (double)r->over_budget);
	put(s, "framesReplaced", (double)uvc->replaced);
	put(s, "framesFresh", (double)r->fresh);
	put(s, "framesRepeated", (double)r->repeated);
	put(s, "framesSlate", (double)r->slates);
	put(s, "usbErrors", (double)r->errors);
	put(s, "budgetBytes", r->budget_bytes);
	put(s, "rttMs", link->rtt_ms);
	put(s, "retransmits", link->retransmits);
	if (temperature >= 0)
		put(s, "temperatureC", temperature);
	if (audio->heard_at && now - audio->heard_at < AUDIO_SILENT_NS)
		put_audio(s, &audio->last);
	s->at = now;
	s->frames = frames;
	s->fresh = r->fresh;
}
