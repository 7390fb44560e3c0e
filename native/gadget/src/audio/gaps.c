#include "gaps.h"

static pa_proplist *count(struct gaps *g, const struct audio_path_report *report)
{
	pa_proplist *properties = pa_proplist_new();

	g->told = report->xruns + report->underruns;
	if (properties && pa_proplist_setf(properties, GAPS_PROPERTY, "%u", (unsigned)g->told) < 0) {
		pa_proplist_free(properties);
		return NULL;
	}
	return properties;
}

pa_stream *gaps_stream_new(struct gaps *g, pa_context *context, const char *name, const pa_sample_spec *format,
			   const struct audio_path_report *report)
{
	pa_proplist *properties = count(g, report);
	pa_stream *stream;

	if (!properties)
		return NULL;
	stream = pa_stream_new_with_proplist(context, name, format, NULL, properties);
	pa_proplist_free(properties);
	return stream;
}

void gaps_tell(struct gaps *g, pa_stream *stream, const struct audio_path_report *report)
{
	pa_proplist *properties;
	pa_operation *o;

	if (!stream || pa_stream_get_state(stream) != PA_STREAM_READY || g->told == report->xruns + report->underruns)
		return;
	properties = count(g, report);
	if (!properties)
		return;
	o = pa_stream_proplist_update(stream, PA_UPDATE_REPLACE, properties, NULL, NULL);
	pa_proplist_free(properties);
	if (o)
		pa_operation_unref(o);
}
