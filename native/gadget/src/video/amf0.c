#include "amf0.h"

#include "common/bytes.h"

#include <string.h>

void amf0_read(struct amf0_reader *r, const uint8_t *bytes, size_t length)
{
	*r = (struct amf0_reader){.at = bytes, .end = bytes + length};
}

static bool fail(struct amf0_reader *r)
{
	r->failed = true;
	return false;
}

/* The next `n` bytes, or NULL. */
static const uint8_t *take(struct amf0_reader *r, size_t n)
{
	const uint8_t *p = r->at;

	if (r->failed || (size_t)(r->end - r->at) < n) {
		fail(r);
		return NULL;
	}
	r->at += n;
	return p;
}

static int peek_type(const struct amf0_reader *r)
{
	return r->failed || r->at == r->end ? -1 : *r->at;
}

static bool take_short_string(struct amf0_reader *r, struct amf0_string *s)
{
	const uint8_t *p = take(r, 2);

	if (!p)
		return false;
	s->length = get_be16(p);
	s->text = (const char *)take(r, s->length);
	return s->text != NULL;
}

bool amf0_read_number(struct amf0_reader *r, double *number)
{
	const uint8_t *p = take(r, 9);
	uint64_t bits;

	if (!p || p[0] != AMF0_NUMBER)
		return fail(r);
	bits = (uint64_t)get_be32(p + 1) << 32 | get_be32(p + 5);
	memcpy(number, &bits, sizeof bits);
	return true;
}

bool amf0_read_string(struct amf0_reader *r, struct amf0_string *s)
{
	const uint8_t *p = take(r, 1);

	if (!p || p[0] != AMF0_STRING)
		return fail(r);
	return take_short_string(r, s);
}

static bool skip_value(struct amf0_reader *r, int depth);

static bool skip_members(struct amf0_reader *r, int depth)
{
	struct amf0_string key;

	while (take_short_string(r, &key)) {
		if (key.length == 0 && peek_type(r) == AMF0_OBJECT_END)
			return take(r, 1) != NULL;
		if (!skip_value(r, depth))
			return false;
	}
	return false;
}

static bool skip_value(struct amf0_reader *r, int depth)
{
	const uint8_t *p = take(r, 1);
	uint32_t n;

	if (!p || depth >= AMF0_DEPTH_MAX)
		return fail(r);
	switch (p[0]) {
	case AMF0_NUMBER:
		return take(r, 8) != NULL;
	case AMF0_BOOLEAN:
		return take(r, 1) != NULL;
	case AMF0_STRING:
		p = take(r, 2);
		return p && take(r, get_be16(p));
	case AMF0_LONG_STRING:
		p = take(r, 4);
		return p && take(r, get_be32(p));
	case AMF0_NULL:
	case AMF0_UNDEFINED:
		return true;
	case AMF0_DATE:
		return take(r, 10) != NULL;
	case AMF0_OBJECT:
		return skip_members(r, depth + 1);
	case AMF0_ECMA_ARRAY:
		return take(r, 4) && skip_members(r, depth + 1);
	case AMF0_STRICT_ARRAY:
		p = take(r, 4);
		if (!p)
			return false;
		for (n = get_be32(p); n > 0; n--) /* every element takes a byte at least, so the input bounds it */
			if (!skip_value(r, depth + 1))
				return false;
		return true;
	default:
		return fail(r);
	}
}

bool amf0_skip(struct amf0_reader *r)
{
	return skip_value(r, 0);
}

bool amf0_is(const struct amf0_string *s, const char *text)
{
	return s->length == strlen(text) && !memcmp(s->text, text, s->length);
}

bool amf0_find_string(struct amf0_reader *r, const char *wanted, struct amf0_string *value)
{
	struct amf0_string key;
	int type = peek_type(r);

	*value = (struct amf0_string){.text = "", .length = 0};
	if (type != AMF0_OBJECT && type != AMF0_ECMA_ARRAY)
		return amf0_skip(r);
	if (!take(r, type == AMF0_ECMA_ARRAY ? 5 : 1))
		return false;
	while (take_short_string(r, &key)) {
		if (key.length == 0 && peek_type(r) == AMF0_OBJECT_END)
			return take(r, 1) != NULL;
		if (amf0_is(&key, wanted) && peek_type(r) == AMF0_STRING) {
			if (!amf0_read_string(r, value))
				return false;
		} else if (!skip_value(r, 1)) {
			return false;
		}
	}
	return false;
}

void amf0_write(struct amf0_writer *w, uint8_t *bytes, size_t size)
{
	*w = (struct amf0_writer){.bytes = bytes, .size = size};
}

static uint8_t *room(struct amf0_writer *w, size_t n)
{
	uint8_t *p = w->bytes + w->length;

	if (w->failed || w->size - w->length < n) {
		w->failed = true;
		return NULL;
	}
	w->length += n;
	return p;
}

static void put_type(struct amf0_writer *w, enum amf0_type type)
{
	uint8_t *p = room(w, 1);

	if (p)
		p[0] = (uint8_t)type;
}

void amf0_put_number(struct amf0_writer *w, double number)
{
	uint8_t *p = room(w, 9);
	uint64_t bits;

	if (!p)
		return;
	memcpy(&bits, &number, sizeof bits);
	p[0] = AMF0_NUMBER;
	put_be32(p + 1, (uint32_t)(bits >> 32));
	put_be32(p + 5, (uint32_t)bits);
}

void amf0_put_boolean(struct amf0_writer *w, bool value)
{
	uint8_t *p = room(w, 2);

	if (!p)
		return;
	p[0] = AMF0_BOOLEAN;
	p[1] = value;
}

void amf0_put_key(struct amf0_writer *w, const char *key)
{
	size_t n = strlen(key);
	uint8_t *p = n > UINT16_MAX ? NULL : room(w, 2 + n);

	if (!p) {
		w->failed = true;
		return;
	}
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
	memcpy(p + 2, key, n);
}

void amf0_put_string(struct amf0_writer *w, const char *text)
{
	put_type(w, AMF0_STRING);
	amf0_put_key(w, text);
}

void amf0_put_null(struct amf0_writer *w)
{
	put_type(w, AMF0_NULL);
}

void amf0_begin_object(struct amf0_writer *w)
{
	put_type(w, AMF0_OBJECT);
}

void amf0_end_object(struct amf0_writer *w)
{
	amf0_put_key(w, "");
	put_type(w, AMF0_OBJECT_END);
}

void amf0_begin_strict_array(struct amf0_writer *w, uint32_t count)
{
	uint8_t *p = room(w, 5);

	if (!p)
		return;
	p[0] = AMF0_STRICT_ARRAY;
	put_be32(p + 1, count);
}
