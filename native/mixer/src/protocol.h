/*
 * The line protocol (see README.md): words between single spaces, a newline at the end. A word may hold anything: what
 * is not a plain character is written as %XX, the empty word as a lone %.
 */
#ifndef CROSSPOINT_MIXER_PROTOCOL_H
#define CROSSPOINT_MIXER_PROTOCOL_H

#include "ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_VERSION 1
#define LINE_MAX_BYTES 2048
#define NAME_MAX_BYTES 512
#define MARK_MAX_BYTES 256

enum command_kind { COMMAND_HELLO, COMMAND_PATH, COMMAND_LEVEL, COMMAND_RETIRE, COMMAND_METERS, COMMAND_QUIT };

/* One end of a path. */
struct end {
	char device[NAME_MAX_BYTES];
	enum sample_format format;
};

struct command {
	enum command_kind kind;
	unsigned version;
	uint32_t id;
	char mark[MARK_MAX_BYTES];
	struct end source, sink;
	unsigned aim_ms, delay_ms;
	uint32_t raw; /* PulseAudio's volume, cubic: 65536 is 0 dB */
	bool muted, meters;
	unsigned ramp_ms;
};

/* A line without its newline; it is changed. NULL: understood. Otherwise what is wrong with it. */
const char *protocol_parse(char *line, struct command *command);

/* Write `text` as one word. Returns its length; what does not fit is left out. */
size_t protocol_word(char *to, size_t size, const char *text);

#endif
