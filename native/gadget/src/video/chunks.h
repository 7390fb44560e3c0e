/* RTMP's chunk stream (RTMP 1.0 §5.3), read piece by piece within fixed memory, and the writing of small messages. */
#ifndef CROSSPOINT_CHUNKS_H
#define CROSSPOINT_CHUNKS_H

#include "common/frame-link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHUNK_STREAMS 16                 /* chunk stream ids that a peer may use */
#define CHUNK_BODIES 4                   /* messages that may be under way at the same time */
#define MESSAGE_MAX (FRAME_MAX + 1024)   /* one picture and its tag header */
#define CHUNK_SIZE_INITIAL 128u
#define CHUNK_SIZE_MAX 0xffffffu

enum message_type {
	MESSAGE_SET_CHUNK_SIZE = 1,
	MESSAGE_ABORT = 2,
	MESSAGE_ACKNOWLEDGEMENT = 3,
	MESSAGE_USER_CONTROL = 4,
	MESSAGE_WINDOW_SIZE = 5,
	MESSAGE_PEER_BANDWIDTH = 6,
	MESSAGE_AUDIO = 8,
	MESSAGE_VIDEO = 9,
	MESSAGE_DATA_AMF0 = 18,
	MESSAGE_COMMAND_AMF0 = 20,
};

struct message {
	uint8_t type;
	uint32_t stream_id;
	uint32_t timestamp_ms;
	const uint8_t *body;
	uint32_t length;
};

struct chunk_stream {
	uint32_t id; /* 0: unused */
	uint32_t timestamp, field; /* `field`: timestamp or delta as it was sent, for type 3 */
	uint32_t length, stream_id;
	uint8_t type;
	bool extended, known;
	int body; /* of the message under way, or -1 */
	uint32_t got;
};

struct chunk_reader {
	uint32_t chunk_size;
	struct chunk_stream streams[CHUNK_STREAMS];
	struct chunk_stream *current; /* whose chunk is being read, or NULL: a header */
	uint32_t chunk_left;
	uint8_t header[18];
	size_t header_got;
	bool body_used[CHUNK_BODIES];
	uint8_t body[CHUNK_BODIES][MESSAGE_MAX];
};

/* Called for each whole message; its body is gone afterwards. False ends the reading. */
typedef bool (*chunk_message_fn)(void *user, const struct message *message);

void chunks_reset(struct chunk_reader *r);
/* Take bytes as they come. False: the peer breaks the protocol or a limit, or `on_message` said no. */
bool chunks_feed(struct chunk_reader *r, const uint8_t *bytes, size_t length, chunk_message_fn on_message, void *user);

/*
 * Write one message as a type 0 chunk and as many of type 3 as chunk_size asks for. Returns the bytes written, 0 when it
 * does not fit.
 */
size_t chunks_write(uint8_t *out, size_t size, uint32_t chunk_size, uint8_t chunk_stream, const struct message *message);

#endif
