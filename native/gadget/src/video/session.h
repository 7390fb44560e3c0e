/*
 * The client's side of one RTMP session: handshake, connect, createStream, play; then pictures in, reports out. No
 * sockets: bytes go in with session_feed, and come out of `out`.
 */
#ifndef CROSSPOINT_SESSION_H
#define CROSSPOINT_SESSION_H

#include "chunks.h"
#include "url.h"

#define SESSION_OUT_MAX 16384
#define HANDSHAKE_SIZE 1536
#define ACK_EVERY (128u * 1024)

enum session_phase { SESSION_HANDSHAKE, SESSION_CONNECTING, SESSION_CREATING, SESSION_STARTING, SESSION_PLAYING };

enum session_end { SESSION_FINE, SESSION_PROTOCOL_ERROR, SESSION_REFUSED, SESSION_ENDED, SESSION_OVERFLOW };

struct session {
	enum session_phase phase;
	enum session_end end;
	char reason[128]; /* the server's code, when it refused */
	const struct rtmp_url *url;
	uint32_t stream_id;
	uint32_t received, acknowledged; /* bytes after the handshake, modulo 2^32 */
	size_t handshake_got;
	uint8_t s1[HANDSHAKE_SIZE];
	uint8_t out[SESSION_OUT_MAX];
	size_t out_length;
	void (*on_picture)(void *user, const uint8_t *jpeg, uint32_t length);
	void *user;
	struct chunk_reader reader;
};

struct session_format {
	uint16_t width, height;
	double fps;
};

struct session_tally {
	bool webcam, mic, speaker;
};

struct session_number {
	const char *name;
	double value;
};

/* Begin; `url` stays the caller's and must outlive the session. */
void session_start(struct session *s, const struct rtmp_url *url,
		   void (*on_picture)(void *user, const uint8_t *jpeg, uint32_t length), void *user);
/* Take bytes from the server. False: it is over, `end` and `reason` say why. */
bool session_feed(struct session *s, const uint8_t *bytes, size_t length);
/* The first `n` bytes of `out` were sent. */
void session_sent(struct session *s, size_t n);

/* The Pi's reports (AMF0 commands). Only while playing; false: there is no room to say it now. */
bool session_send_format(struct session *s, const struct session_format *format);
bool session_send_tally(struct session *s, const struct session_tally *tally);
bool session_send_stats(struct session *s, const struct session_number *numbers, size_t count);
/* Say how much has arrived: also a sign of life to which the server's TCP answers. */
bool session_send_acknowledgement(struct session *s);

#endif
