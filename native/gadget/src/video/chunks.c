#include "chunks.h"

#include "common/bytes.h"

#include <string.h>

#define EXTENDED 0xffffffu

static const uint8_t message_header_size[4] = {11, 7, 3, 0};

void chunks_reset(struct chunk_reader *r)
{
	/* Not the bodies: they are large, and hold nothing that is read again. */
	memset(r->streams, 0, sizeof r->streams);
	memset(r->body_used, 0, sizeof r->body_used);
	r->chunk_size = CHUNK_SIZE_INITIAL;
	r->current = NULL;
	r->chunk_left = 0;
	r->header_got = 0;
}

static struct chunk_stream *stream_of(struct chunk_reader *r, uint32_t id, bool make)
{
	struct chunk_stream *unused = NULL;
	int i;

	for (i = 0; i < CHUNK_STREAMS; i++) {
		if (r->streams[i].id == id)
			return &r->streams[i];
		if (!r->streams[i].id && !unused)
			unused = &r->streams[i];
	}
	if (!make || !unused)
		return NULL;
	*unused = (struct chunk_stream){.id = id, .body = -1};
	return unused;
}

static void drop_message(struct chunk_reader *r, struct chunk_stream *s)
{
	if (s->body >= 0)
		r->body_used[s->body] = false;
	s->body = -1;
	s->got = 0;
}

/* Ids below 64 take one byte, and bytes 0 and 1 announce a longer form. */
static size_t basic_header_size(uint8_t first)
{
	return (first & 0x3f) == 0 ? 2 : (first & 0x3f) == 1 ? 3 : 1;
}

static uint32_t chunk_stream_id(const uint8_t *h)
{
	switch (h[0] & 0x3f) {
	case 0:
		return 64u + h[1];
	case 1:
		return 64u + h[1] + 256u * h[2];
	default:
		return h[0] & 0x3f;
	}
}

/* How many header bytes there must be, as far as can be told from those that are there. 0: broken. */
static size_t header_size(struct chunk_reader *r)
{
	const uint8_t *h = r->header;
	size_t basic, fixed;
	const struct chunk_stream *s;
	int format;

	if (r->header_got < 1)
		return 1;
	basic = basic_header_size(h[0]);
	if (r->header_got < basic)
		return basic;
	format = h[0] >> 6;
	fixed = basic + message_header_size[format];
	if (format == 3) {
		s = stream_of(r, chunk_stream_id(h), false);
		if (!s || !s->known)
			return 0;
		return s->extended ? fixed + 4 : fixed;
	}
	if (r->header_got < fixed)
		return fixed;
	return get_be24(h + basic) == EXTENDED ? fixed + 4 : fixed;
}

/* Put a whole header into effect. */
static bool begin_chunk(struct chunk_reader *r)
{
	const uint8_t *h = r->header;
	const size_t basic = basic_header_size(h[0]);
	const int format = h[0] >> 6;
	struct chunk_stream *s = stream_of(r, chunk_stream_id(h), true);
	const bool begins = s && s->got == 0 && s->body < 0;

	if (!s)
		return false;
	h += basic;
	if (format < 3) {
		uint32_t field = get_be24(h);

		if (!begins || (format > 0 && !s->known)) /* a new header in the middle of a message */
			return false;
		s->extended = field == EXTENDED;
		s->field = s->extended ? get_be32(h + message_header_size[format]) : field;
		if (format < 2) {
			s->length = get_be24(h + 3);
			s->type = h[6];
		}
		if (format == 0)
			s->stream_id = get_le32(h + 7);
		s->known = true;
	}
	if (begins) {
		if (s->length > MESSAGE_MAX)
			return false;
		s->timestamp = format == 0 ? s->field : s->timestamp + s->field;
		for (s->body = 0; s->body < CHUNK_BODIES && r->body_used[s->body]; s->body++)
			;
		if (s->body == CHUNK_BODIES) {
			s->body = -1;
			return false;
		}
		r->body_used[s->body] = true;
	}
	r->current = s;
	r->chunk_left = s->length - s->got < r->chunk_size ? s->length - s->got : r->chunk_size;
	return true;
}

/* The messages that change how chunks are read. */
static bool control(struct chunk_reader *r, const struct message *m)
{
	if (m->type == MESSAGE_SET_CHUNK_SIZE) {
		uint32_t size = m->length == 4 ? get_be32(m->body) : 0;

		if (size < 1 || size > 0x7fffffff)
			return false;
		r->chunk_size = size > CHUNK_SIZE_MAX ? CHUNK_SIZE_MAX : size;
	} else if (m->type == MESSAGE_ABORT) {
		struct chunk_stream *s = m->length == 4 ? stream_of(r, get_be32(m->body), false) : NULL;

		if (s && s->id)
			drop_message(r, s);
	}
	return true;
}

static bool end_chunk(struct chunk_reader *r, chunk_message_fn on_message, void *user)
{
	struct chunk_stream *s = r->current;
	struct message m;
	bool ok;

	r->current = NULL;
	r->header_got = 0;
	if (s->got < s->length)
		return true;
	m = (struct message){.type = s->type,
			     .stream_id = s->stream_id,
			     .timestamp_ms = s->timestamp,
			     .body = r->body[s->body],
			     .length = s->length};
	ok = control(r, &m) && on_message(user, &m);
	drop_message(r, s);
	return ok;
}

bool chunks_feed(struct chunk_reader *r, const uint8_t *bytes, size_t length, chunk_message_fn on_message, void *user)
{
	const uint8_t *end = bytes + length;

	while (bytes < end) {
		if (!r->current) {
			size_t need;

			r->header[r->header_got++] = *bytes++;
			need = header_size(r);
			if (!need)
				return false;
			if (r->header_got < need)
				continue;
			if (!begin_chunk(r))
				return false;
		} else {
			size_t n = (size_t)(end - bytes);

			if (n > r->chunk_left)
				n = r->chunk_left;
			memcpy(r->body[r->current->body] + r->current->got, bytes, n);
			bytes += n;
			r->current->got += (uint32_t)n;
			r->chunk_left -= (uint32_t)n;
		}
		if (r->current && !r->chunk_left && !end_chunk(r, on_message, user))
			return false;
	}
	return true;
}

size_t chunks_write(uint8_t *out, size_t size, uint32_t chunk_size, uint8_t chunk_stream, const struct message *m)
{
	const uint32_t pieces = m->length ? (m->length - 1) / chunk_size + 1 : 1;
	const size_t total = 12 + m->length + (pieces - 1);
	uint32_t at = 0;
	uint8_t *p = out;

	if (total > size || chunk_stream < 2 || chunk_stream > 63)
		return 0;
	*p++ = chunk_stream;
	put_be24(p, 0); /* nothing that we send depends on time */
	put_be24(p + 3, m->length);
	p[6] = m->type;
	put_le32(p + 7, m->stream_id);
	p += 11;
	while (at < m->length) {
		uint32_t n = m->length - at < chunk_size ? m->length - at : chunk_size;

		if (at)
			*p++ = (uint8_t)(0xc0 | chunk_stream);
		memcpy(p, m->body + at, n);
		p += n;
		at += n;
	}
	return (size_t)(p - out);
}
