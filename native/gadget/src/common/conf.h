/*
 * /etc/crosspoint/gadget.conf: lines `key=value`, the value raw up to the end of the line (no quotes, no escapes),
 * blank lines and lines that begin with # ignored. The last of several equal keys counts.
 */
#ifndef CROSSPOINT_CONF_H
#define CROSSPOINT_CONF_H

#include <stdbool.h>
#include <stddef.h>

#define CONF_PATH "/etc/crosspoint/gadget.conf"
#define CONF_MAX 16384

struct conf {
	size_t length;
	char text[CONF_MAX];
};

/* Parse bytes; unknown keys are kept, lines without `=` skipped. False: longer than CONF_MAX or with NUL bytes. */
bool conf_parse(struct conf *conf, const char *text, size_t length);
/* 0 or -errno (-EFBIG, -EINVAL for what conf_parse refuses). */
int conf_load(struct conf *conf, const char *path);
/* Copy the value into `out`. False, and `out` empty: absent, empty or too long. */
bool conf_get(const struct conf *conf, const char *key, char *out, size_t size);
/* A decimal number within bounds, else `otherwise`. */
long conf_number(const struct conf *conf, const char *key, long min, long max, long otherwise);

#endif
