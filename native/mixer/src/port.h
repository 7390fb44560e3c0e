/* Streams of the sound server: how they are made, filled and emptied. */
#ifndef CROSSPOINT_PORT_H
#define CROSSPOINT_PORT_H

#include "desk.h"

/*
 * The source or destination of that name; made if need be. `piece`: the frames that shall come or go at once; `waiting`: what
 * shall wait at a destination beyond the next piece. NULL: no memory. Its `trouble` says when there is
 * no stream.
 */
struct port *port_get(struct desk *d, const struct end *end, bool records, int64_t piece, int64_t waiting);
void port_free(struct port *p);
/* Give a destination what it asks for. */
void port_feed(struct port *p);
/* Ask the server how late it is. */
void port_measure(struct port *p);

/* desk.c: a destination asks for sound: add all its paths to the mix, which is silent. */
void desk_mix(struct port *sink, float *left, float *right, size_t count);
/* desk.c: all that it asked for has been mixed. */
void desk_look(struct port *sink);
/* desk.c: a stream has become ready, or has ended. */
void desk_port_changed(struct port *p);

#endif
