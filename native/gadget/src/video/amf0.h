/* The part of AMF0 that RTMP commands need: reading by walking, writing into a fixed buffer. */
#ifndef CROSSPOINT_AMF0_H
#define CROSSPOINT_AMF0_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AMF0_DEPTH_MAX 8

enum amf0_type {
	AMF0_NUMBER = 0,
	AMF0_BOOLEAN = 1,
	AMF0_STRING = 2,
	AMF0_OBJECT = 3,
	AMF0_NULL = 5,
	AMF0_UNDEFINED = 6,
	AMF0_ECMA_ARRAY = 8,
	AMF0_OBJECT_END = 9,
	AMF0_STRICT_ARRAY = 10,
	AMF0_DATE = 11,
	AMF0_LONG_STRING = 12,
};

/* What is still to be read. After an error every read fails. */
struct amf0_reader {
	const uint8_t *at, *end;
	bool failed;
};

struct amf0_string {
	const char *text; /* not terminated */
	size_t length;
};

void amf0_read(struct amf0_reader *r, const uint8_t *bytes, size_t length);
bool amf0_read_number(struct amf0_reader *r, double *number);
bool amf0_read_string(struct amf0_reader *r, struct amf0_string *string);
/* Skip one value of any type. */
bool amf0_skip(struct amf0_reader *r);
/*
 * If the next value is an object (or an ECMA array), find the string member `key` in it; `value` is empty when there is
 * none. The object is consumed. A value of another type is skipped.
 */
bool amf0_find_string(struct amf0_reader *r, const char *key, struct amf0_string *value);
bool amf0_is(const struct amf0_string *string, const char *text);

/* Fails, and stays failed, when the buffer is too small. */
struct amf0_writer {
	uint8_t *bytes;
	size_t length, size;
	bool failed;
};

void amf0_write(struct amf0_writer *w, uint8_t *bytes, size_t size);
void amf0_put_number(struct amf0_writer *w, double number);
void amf0_put_boolean(struct amf0_writer *w, bool value);
void amf0_put_string(struct amf0_writer *w, const char *text);
void amf0_put_null(struct amf0_writer *w);
void amf0_begin_object(struct amf0_writer *w);
void amf0_put_key(struct amf0_writer *w, const char *key);
void amf0_end_object(struct amf0_writer *w);
void amf0_begin_strict_array(struct amf0_writer *w, uint32_t count);

#endif
